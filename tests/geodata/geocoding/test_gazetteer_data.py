"""The places that come with the program, held to district outlines and to open data of Beijing.

The references are only compared with: no coordinate of theirs lies in the gazetteer.
"""

import csv
import importlib.util
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from math import cos, pi, radians, sin
from pathlib import Path
from statistics import median
from typing import Any

import pytest
import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from geodata.geocoding.distance import distance_m
from geodata.geocoding.place import FOLDER, Kind, Place, read_places
from layers.codelist import DISTRICT

FILES = {
    "districts": Kind.DISTRICT,
    "towns": Kind.TOWN,
    "roads": Kind.ROAD,
    "road_points": Kind.ROAD_POINT,
    "parks": Kind.PARK,
    "villages": Kind.VILLAGE,
    "landmarks": Kind.LANDMARK,
    "stations": Kind.LANDMARK,
    "buildings": Kind.BUILDING,
    "junctions": Kind.JUNCTION,
    "neighbours": Kind.NEIGHBOUR,
}
PLACES = {name: read_places(FOLDER / f"{name}.csv") for name in FILES}
EVERY = [place for places in PLACES.values() for place in places]
WITHIN = [place for place in EVERY if place.kind is not Kind.NEIGHBOUR]
CODES = {label.zh: code for code, label in DISTRICT.codes.items()}

METRES_PER_DEGREE = 111_320
LATITUDE = radians(39.95)

OUTLINE_ERROR_M = 300
"""Of the district outlines, which are schematic, and of roads that run along a boundary."""

OUTSIDE_THE_OUTLINE = {"北京大兴国际机场", "大兴机场站"}
"""The airport lies on the boundary with Hebei; the outline is older."""


def names(place: Place) -> tuple[str, ...]:
    return (place.name, *place.aliases)


def all_names(file: str) -> set[str]:
    return {name for place in PLACES[file] for name in names(place)}


def position(place: Place) -> tuple[float, float]:
    return place.lon, place.lat


def features(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["features"]
    return found


def metric(geometry: BaseGeometry) -> BaseGeometry:
    """In metres on a plane about Beijing; good to a few parts in a thousand."""
    scale = [METRES_PER_DEGREE * cos(LATITUDE), METRES_PER_DEGREE]
    return shapely.transform(geometry, lambda points: points * scale)


def geometries(path: Path, name: str = "name") -> dict[str, BaseGeometry]:
    """All of a reference that bears a name, as one geometry in metres."""
    grouped: dict[str, list[BaseGeometry]] = {}
    for feature in features(path):
        if label := feature["properties"].get(name):
            grouped.setdefault(label, []).append(metric(shape(feature["geometry"])))
    return {label: shapely.GeometryCollection(parts) for label, parts in grouped.items()}


def errors(places: list[Place], reference: Mapping[str, BaseGeometry]) -> dict[str, float]:
    """Names that the reference knows too: metres from it, as a share of the stated accuracy.

    Of namesakes the nearest is meant.
    """
    found: dict[str, float] = {}
    for place in places:
        point = metric(shapely.Point(position(place)))
        known = [reference[name].distance(point) for name in names(place) if name in reference]
        if known:
            share = min(known) / place.accuracy_m
            found[place.title] = min(share, found.get(place.title, share))
    return found


def test_each_file_holds_one_kind() -> None:
    assert {path.stem for path in FOLDER.glob("*.csv")} == set(FILES)
    for name, kind in FILES.items():
        assert {place.kind for place in PLACES[name]} == {kind}


def test_ids_are_given_once() -> None:
    assert [id_ for id_, count in Counter(place.id for place in EVERY).items() if count > 1] == []


@pytest.mark.parametrize("name", FILES)
def test_rows_say_where_they_come_from_and_when(name: str) -> None:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["source"] for row in rows} == {"公开常识汇编 compiled from public knowledge"}
    assert {row["as_of"] for row in rows} == {"2024-01-01"}


def test_districts_are_those_of_today() -> None:
    assert {place.district for place in WITHIN} == set(CODES)
    assert {place.district for place in PLACES["neighbours"]} == {""}


@pytest.mark.parametrize("name", FILES)
def test_no_place_is_given_twice(name: str) -> None:
    keys = Counter(
        (place.name, place.district, place.numbers, place.parity) for place in PLACES[name]
    )
    assert [key for key, count in keys.items() if count > 1] == []


def test_no_alias_repeats_another_name_of_its_row() -> None:
    assert [place.id for place in EVERY if len(set(names(place))) != len(names(place))] == []


def test_house_numbers_lie_along_their_road() -> None:
    roads: dict[str, list[Place]] = {}
    for road in PLACES["roads"]:
        for name in names(road):
            roads.setdefault(name, []).append(road)
    astray = [
        point.title
        for point in PLACES["road_points"]
        if point.name in roads
        and all(
            distance_m(position(point), position(road)) > road.accuracy_m + point.accuracy_m
            for road in roads[point.name]
        )
    ]
    assert astray == []


WITH_OUTLINES = pytest.mark.skipif(
    importlib.util.find_spec("GeoToolCN") is None,
    reason="district outlines come from the optional package geotool-cn",
)


@WITH_OUTLINES
def test_neighbours_lie_outside_beijing() -> None:
    import GeoToolCN

    inside = [
        place.name
        for place in PLACES["neighbours"]
        if any(GeoToolCN.is_in_region(place.lat, place.lon, code) for code in CODES.values())
    ]
    assert inside == []


@WITH_OUTLINES
@pytest.mark.parametrize("name", [name for name in FILES if name != "neighbours"])
def test_places_lie_in_their_district(name: str) -> None:
    import GeoToolCN

    def inside(place: Place) -> bool:
        code = CODES[place.district]
        return any(
            GeoToolCN.is_in_region(place.lat + north, place.lon + east, code)
            for east, north in around(min(place.accuracy_m, OUTLINE_ERROR_M))
        )

    outside = [place.title for place in PLACES[name] if not inside(place)]
    assert set(outside) <= OUTSIDE_THE_OUTLINE


def around(radius_m: float) -> Iterator[tuple[float, float]]:
    """No step at all, then steps in degrees east and north to circles about a point."""
    yield 0.0, 0.0
    for radius in (radius_m / 2, radius_m):
        for step in range(12):
            metres = radius * cos(step * pi / 6), radius * sin(step * pi / 6)
            yield (
                metres[0] / METRES_PER_DEGREE / cos(LATITUDE),
                metres[1] / METRES_PER_DEGREE,
            )


def test_every_street_and_town_of_the_statistics_has_a_row(shared: Path) -> None:
    districts = {code: name for name, code in CODES.items()}
    with (shared / "data" / "beijing_streets_codes.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    towns = {(place.name, place.district) for place in PLACES["towns"]}
    parks = {name for kind in ("districts", "towns", "parks") for name in all_names(kind)}
    missing = [
        row["name"] for row in rows if (row["name"], districts[row["areaCode"]]) not in towns
    ]
    # The statistics count parks and an airport as towns too.
    assert len(missing) <= 6
    assert set(missing) <= parks


@pytest.mark.parametrize(
    ("file", "reference", "least", "within", "half"),
    [
        ("roads", "osm_haidian_roads", 170, 0.98, 0.15),
        ("road_points", "osm_haidian_roads", 200, 0.97, 0.4),
        ("stations", "osm_haidian_stations", 15, 0.95, 0.5),
        ("buildings", "osm_haidian_buildings", 10, 0.9, 0.5),
    ],
)
def test_places_lie_as_near_as_they_say(
    shared: Path, file: str, reference: str, least: int, within: float, half: float
) -> None:
    known = geometries(
        shared / "data" / f"{reference}.geojson",
        "name_zh" if "stations" in reference else "name",
    )
    if "stations" in reference:
        known = {f"{name.removesuffix('站')}站": value for name, value in known.items()}
    found = errors(PLACES[file], known)
    shares = list(found.values())
    far = sorted(name for name, share in found.items() if share > 1)
    assert len(shares) >= least
    assert sum(share <= 1 for share in shares) >= within * len(shares), far
    assert median(shares) <= half


def test_landmarks_lie_by_the_buildings_named_after_them(shared: Path) -> None:
    buildings = geometries(shared / "data" / "osm_haidian_buildings.geojson")
    after = {
        name: shapely.GeometryCollection(named)
        for place in PLACES["landmarks"]
        for name in names(place)
        if len(name) >= 4
        and (named := [known for label, known in buildings.items() if label.startswith(name)])
    }
    shares = errors(PLACES["landmarks"], after).values()
    assert len(shares) >= 15
    assert sum(share <= 1 for share in shares) >= 0.9 * len(shares)


def test_towns_lie_as_near_as_they_say(shared: Path) -> None:
    towns = {(name, place.district): place for place in PLACES["towns"] for name in names(place)}
    shares = []
    for feature in features(shared / "data" / "geonames_beijing_172.geojson"):
        known = feature["properties"]
        labels = [known["name_zh"], *known["all_zh"].split("|")]
        found = [towns[key] for label in labels if (key := (label, known["district"])) in towns]
        if found:
            lon, lat = feature["geometry"]["coordinates"]
            shares.append(distance_m((lon, lat), position(found[0])) / found[0].accuracy_m)
    assert len(shares) >= 140
    assert sum(share <= 1 for share in shares) >= 0.95 * len(shares)


def test_quarters_lie_by_the_town_whose_community_bears_their_name(shared: Path) -> None:
    towns = {(place.name, place.district): place for place in PLACES["towns"]}
    homes: dict[tuple[str, str], list[Place]] = {}
    for name, town, district in communities(shared / "data"):
        if (town, district) in towns:
            homes.setdefault((name, district), []).append(towns[town, district])
    shares = [
        min(distance_m(position(place), position(town)) / reach(place, town) for town in found)
        for place in (*PLACES["landmarks"], *PLACES["villages"], *PLACES["roads"])
        if (found := homes.get((place.name, place.district)))
    ]
    assert len(shares) >= 400
    assert sum(share <= 1 for share in shares) >= 0.97 * len(shares)


def reach(place: Place, town: Place) -> float:
    """Metres from the centre of a town within which what belongs to it lies."""
    return 1.5 * town.accuracy_m + place.accuracy_m


def communities(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Name of each community, its town and its district, from the statistical codes."""
    districts = {code: name for name, code in CODES.items()}
    with (folder / "beijing_streets_codes.csv").open(encoding="utf-8") as file:
        towns = {row["code"]: row["name"] for row in csv.DictReader(file)}
    with (folder / "beijing_villages_codes.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            name = row["name"].partition("社区")[0].removesuffix("村委会")
            yield name, towns.get(row["streetCode"], ""), districts[row["areaCode"]]
