"""What lies at a position."""

import json
from dataclasses import replace
from pathlib import Path

import click
import numpy as np
import pytest
import shapely
import shapely.geometry

from geodata.geocoding.gazetteer import Gazetteer, open_gazetteer
from geodata.geocoding.level import Level
from geodata.geocoding.place import Kind, Parity, Place
from geodata.geocoding.reverse import ReverseGeocoder

REVERSE = ReverseGeocoder(open_gazetteer())

CITY = (116.2, 39.75, 116.6, 40.1)


def place(id: str, kind: Kind, lon: float, accuracy_m: float, district: str = "海淀区") -> Place:
    numbers = (1, 1) if kind is Kind.ROAD_POINT else None
    name = district if kind is Kind.DISTRICT else id
    return Place(
        *(
            id,
            kind,
            name,
            "",
            (),
            district,
            "",
            lon,
            39.98,
            accuracy_m,
            numbers,
            Parity.BOTH,
            "test",
        )
    )


PLACES = (
    place("区", Kind.DISTRICT, 116.20, 15000),
    place("街道甲", Kind.TOWN, 116.31, 1500),
    place("街道乙", Kind.TOWN, 116.35, 3500),
    place("近楼", Kind.BUILDING, 116.3101, 150),
    place("远楼", Kind.BUILDING, 116.312, 150),
    place("号", Kind.ROAD_POINT, 116.311, 100),
)


def test_the_nearest_of_each_level_comes_finest_first_with_its_distance() -> None:
    found = ReverseGeocoder(Gazetteer(PLACES)).nearby(116.31, 39.98)
    assert [near.level for near in found] == [
        Level.HOUSE,
        Level.BUILDING,
        Level.ROAD,
        Level.TOWN,
        Level.DISTRICT,
    ]
    assert [near.place.name for near in found[:2]] == ["号", "近楼"]
    assert found[1].distance_m == pytest.approx(8.5, abs=0.2)
    assert found[3].place.name == "街道甲"


def test_a_large_town_is_not_beaten_by_a_nearer_small_one() -> None:
    found = ReverseGeocoder(Gazetteer(PLACES)).nearby(116.329, 39.98)
    assert [near.place.name for near in found if near.level is Level.TOWN] == ["街道乙"]


def test_a_road_is_near_where_its_house_numbers_are() -> None:
    road = replace(PLACES[-1], id="路", kind=Kind.ROAD, lon=116.33, accuracy_m=2500, numbers=None)
    other = replace(road, id="另路", name="另路", lon=116.316, accuracy_m=3000)
    found = ReverseGeocoder(Gazetteer([*PLACES, road, other])).nearby(116.3111, 39.98)
    (near,) = [near for near in found if near.level is Level.ROAD]
    assert near.place.id == "路"
    assert near.distance_m < 10


@pytest.mark.parametrize("position", [(121.47, 31.23), (117.2, 39.1), (0.0, 0.0), (180.0, 90.0)])
def test_outside_beijing_nothing_is_near(position: tuple[float, float]) -> None:
    assert REVERSE.nearby(*position) == []


@pytest.mark.parametrize(
    "position",
    [
        (116.82, 39.95),  # 燕郊
        (116.70, 39.52),  # 廊坊
        (116.29, 39.44),  # 固安
        (115.97, 39.49),  # 涿州
        (116.98, 39.89),  # 大厂
        (117.00, 39.76),  # 香河
        (115.52, 40.40),  # 沙城
        (117.40, 40.04),  # 蓟州
    ],
)
def test_towns_just_beyond_the_border_are_outside(position: tuple[float, float]) -> None:
    assert REVERSE.nearby(*position) == []


def test_the_border_is_known_to_a_few_kilometres(
    shared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """OpenStreetMap's outline (ODbL) judges random positions on either side of it."""
    path = shared / "data" / "osm_beijing_outline_rel912940.geojson"
    (feature,) = json.loads(path.read_text(encoding="utf-8"))["features"]
    outline = shapely.make_valid(shapely.geometry.shape(feature["geometry"]))
    west, south, east, north = outline.buffer(FAR).bounds
    places = np.random.default_rng(1).uniform((west, south), (east, north), (6000, 2))
    points = shapely.points(places)
    away = shapely.distance(outline.boundary, points)
    inside = shapely.contains(outline, points)
    near = (away > NEAR) & (away < FAR)
    found = {
        name: [bool(REVERSE.nearby(lon, lat)) for lon, lat in places[near & side]]
        for name, side in (("inside", inside), ("outside", ~inside))
    }
    kept = sum(found["inside"]) / len(found["inside"])
    refused = found["outside"].count(False) / len(found["outside"])
    with capsys.disabled():
        click.echo(f"\n2 to 10 km from the border: {kept:.0%} kept inside, {refused:.0%} outside")
    assert kept > 0.95
    assert refused > 0.9


NEAR, FAR = 0.02, 0.1
"""Degrees: 2 and 10 km."""


def test_districts_agree_with_outlines_within_the_city(capsys: pytest.CaptureFixture[str]) -> None:
    """Independent outlines (GeoToolCN, an optional package) judge random positions."""
    pytest.importorskip("GeoToolCN", reason="the optional outlines are not installed")
    from geodata.ingest.outlines import PACKAGE, _from_package
    from layers.codelist import DISTRICT

    outlines = {DISTRICT.codes[row.code].zh: row.geometry for row in _from_package()}
    places = np.random.default_rng(1).uniform(CITY[:2], CITY[2:], (1500, 2))
    points = shapely.points(places)
    right = sure = sure_right = 0
    for name, outline in outlines.items():
        for lon, lat in places[shapely.contains(outline, points)]:
            district = REVERSE.nearby(lon, lat)[-1]
            is_right = district.place.name == name
            right += is_right
            sure += district.score > 0.9
            sure_right += is_right and district.score > 0.9
    with capsys.disabled():
        click.echo(
            f"\n{PACKAGE}: {right} of 1500 districts right; of {sure} sure ones {sure_right}"
        )
    assert right / 1500 > 0.85
    assert sure_right / sure > 0.95
