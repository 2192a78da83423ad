"""Polygons of request bodies: GeoJSON to the letter, or the fault with its place."""

from typing import Any

import pytest
import shapely

from geodata.errors import InvalidGeometryError
from service.statistics.polygon import read_polygon

MOST = 1_000
SQUARE = [[116, 39], [117, 39], [117, 40], [116, 40], [116, 39]]
HOLE = [[116.4, 39.4], [116.4, 39.6], [116.6, 39.6], [116.6, 39.4], [116.4, 39.4]]
FAR = [[x + 5, y] for x, y in SQUARE]
LIFTED = [[x, y, 45.5] for x, y in SQUARE]


def _polygon(*rings: object) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


def _multi(*polygons: object) -> dict[str, Any]:
    return {"type": "MultiPolygon", "coordinates": list(polygons)}


@pytest.mark.parametrize(
    ("document", "area", "parts"),
    [
        (_polygon(SQUARE), 1, 1),
        (_polygon(SQUARE[::-1]), 1, 1),
        (_polygon(SQUARE, HOLE), 0.96, 1),
        (_polygon(LIFTED), 1, 1),
        (_multi([SQUARE]), 1, 1),
        (_multi([SQUARE, HOLE], [FAR]), 1.96, 2),
        ({"type": "Feature", "properties": {}, "geometry": _polygon(SQUARE)}, 1, 1),
        ({"type": "Feature", "id": 7, "geometry": _multi([SQUARE]), "bbox": [0]}, 1, 1),
        (_polygon(SQUARE) | {"crs": "ignored", "properties": None}, 1, 1),
    ],
)
def test_a_polygon_is_read_flat(document: dict[str, Any], area: float, parts: int) -> None:
    polygon = read_polygon(document, MOST)
    assert polygon.area == pytest.approx(area)
    assert shapely.get_num_geometries(polygon) == parts
    assert not polygon.has_z


WANTED = r"must be a Polygon or MultiPolygon"
NUMBERS = r"must be \[longitude, latitude\], numbers in degrees"
ARRAY = "must be an array, and not an empty one"


def _with_first(position: object) -> dict[str, Any]:
    return _polygon([position, *SQUARE[1:-1], position])


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        ({}, WANTED),
        ({"coordinates": [SQUARE]}, WANTED),
        ({"type": "Feature"}, f"has no geometry; {WANTED}"),
        ({"type": "Feature", "geometry": None}, f"has no geometry; {WANTED}"),
        ({"type": "Feature", "geometry": "POLYGON"}, f"has no geometry; {WANTED}"),
        ({"type": "Feature", "geometry": {"type": "Feature"}}, f"'Feature'; {WANTED}"),
        ({"type": "FeatureCollection", "features": []}, f"'FeatureCollection'; {WANTED}"),
        ({"type": "Point", "coordinates": [116, 39]}, f"'Point'; {WANTED}"),
        ({"type": "LineString", "coordinates": SQUARE}, f"'LineString'; {WANTED}"),
        ({"type": "LinearRing", "coordinates": SQUARE}, f"'LinearRing'; {WANTED}"),
        ({"type": "GeometryCollection", "geometries": []}, f"'GeometryCollection'; {WANTED}"),
        ({"type": "polygon", "coordinates": [SQUARE]}, f"'polygon'; {WANTED}"),
        ({"type": 5, "coordinates": [SQUARE]}, WANTED),
        ({"type": ["Polygon"], "coordinates": [SQUARE]}, WANTED),
        ({"type": "Polygon"}, f"coordinates {ARRAY}"),
        ({"type": "Polygon", "coordinates": None}, f"coordinates {ARRAY}"),
        ({"type": "Polygon", "coordinates": {}}, f"coordinates {ARRAY}"),
        ({"type": "Polygon", "coordinates": "x"}, f"coordinates {ARRAY}"),
        (_polygon(), f"coordinates {ARRAY}"),
        (_polygon([]), rf"coordinates\[0\] {ARRAY}"),
        (_polygon([[]]), rf"coordinates\[0\]\[0\] {ARRAY}"),
        (_polygon(SQUARE, []), rf"coordinates\[1\] {ARRAY}"),
        (_multi(), f"coordinates {ARRAY}"),
        (_multi([]), rf"coordinates\[0\] {ARRAY}"),
        (_multi(SQUARE), rf"coordinates\[0\]\[0\]\[0\] {ARRAY}"),
        (_multi([SQUARE], [[]]), rf"coordinates\[1\]\[0\] {ARRAY}"),
        (_polygon(SQUARE[:4]), r"coordinates\[0\] is not closed: it starts at \(116.*ends at"),
        (_polygon(SQUARE[:3]), r"coordinates\[0\] has 3 positions; a ring has four or more"),
        (_polygon(SQUARE[:1]), r"coordinates\[0\] has 1 positions"),
        (_with_first(["116", "39"]), rf"\['116', '39'\]; {NUMBERS}"),
        (_with_first([None, 39]), rf"\[None, 39\]; {NUMBERS}"),
        (_with_first([{}, 39]), NUMBERS),
        (_with_first([True, 39]), NUMBERS),
        (_with_first([116]), NUMBERS),
        (_with_first([116, 39, 0, 0]), NUMBERS),
        (_with_first([[116, 39], [117, 40]]), NUMBERS),
        (_with_first(116), rf"coordinates\[0\]\[0\] {ARRAY}"),
        (_with_first({"lon": 116, "lat": 39}), rf"coordinates\[0\]\[0\] {ARRAY}"),
        (_with_first([116, 91]), "latitude -90..90"),
        (_with_first([181, 39]), "longitude -180..180 first"),
        (_with_first([1e300, 39]), "longitude -180..180 first"),
        (_polygon([[y, x] for x, y in SQUARE]), "longitude -180..180 first"),
        (_polygon([[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]), r"[Ss]elf-intersection.*0\.5 0\.5"),
        (_polygon(SQUARE, SQUARE), "is invalid"),
        (_multi([SQUARE], [SQUARE]), "is invalid"),
        (_polygon(HOLE, SQUARE), "is invalid"),
        (_polygon([[116, 39]] * 4), "is invalid"),
    ],
)
def test_a_fault_is_named_with_its_place(document: dict[str, Any], fault: str) -> None:
    with pytest.raises(InvalidGeometryError, match=fault):
        read_polygon(document, MOST)


def test_a_message_does_not_repeat_a_whole_body() -> None:
    for document in (
        {"type": "x" * 1_000_000},
        _polygon([["x" * 1_000_000, 1]]),
    ):
        with pytest.raises(InvalidGeometryError) as fault:
            read_polygon(document, MOST)
        assert len(str(fault.value)) < 250


@pytest.mark.parametrize(
    "document",
    [
        _polygon([*[[116 + at / MOST, 39] for at in range(MOST)], [117, 40], [116, 39]]),
        _multi(*[[SQUARE]] * (MOST // 5 + 1)),
        _polygon(SQUARE, *[HOLE] * (MOST // 5)),
    ],
    ids=["one ring", "many parts", "many holes"],
)
def test_more_positions_than_may_be_are_refused_before_any_work(document: dict[str, Any]) -> None:
    with pytest.raises(InvalidGeometryError, match=f"at most {MOST}: simplify it"):
        read_polygon(document, MOST)
