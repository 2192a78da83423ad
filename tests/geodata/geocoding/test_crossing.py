"""Crossings of two roads."""

import json
import statistics
from itertools import combinations
from pathlib import Path

import click
import pytest
import shapely
from shapely.geometry.base import BaseGeometry

from geodata.geocoding.distance import distance_m
from geodata.geocoding.gazetteer import open_gazetteer
from geodata.geocoding.geocode import GazetteerGeocoder
from geodata.geocoding.level import Level

GEOCODER = GazetteerGeocoder(open_gazetteer())


@pytest.mark.parametrize(
    ("address", "crosses"),
    [
        ("海淀区学院路与成府路交叉口东北角", True),
        ("海淀区学院路和成府路", True),
        ("海淀区学院路成府路路口", True),
        ("海淀区学院路成府路", False),
        ("海淀区学院路(与成府路)", False),
        ("海淀区学院路与成府路南侧5号", True),
    ],
)
def test_two_roads_cross_where_a_word_says_so(address: str, crosses: bool) -> None:
    best = GEOCODER.geocode([address])[0][0]
    assert (best.name == "学院路与成府路路口") is crosses
    assert best.level is Level.ROAD
    if crosses:
        assert {"学院路", "成府路"} <= {match.name for match in best.matched}


def test_a_road_of_another_district_does_not_cross() -> None:
    best = GEOCODER.geocode(["海淀区学院路与宏达北路交叉口"])[0][0]
    assert best.name == "学院路"


def roads(path: Path) -> dict[str, BaseGeometry]:
    """Lines by name, of the roads that the gazetteer knows once and in Haidian."""
    lines: dict[str, list[BaseGeometry]] = {}
    for feature in json.loads(path.read_text(encoding="utf-8"))["features"]:
        name = feature["properties"]["name"]
        found = GEOCODER.gazetteer.named(name) if name else ()
        if [named.place.district for named in found] == ["海淀区"]:
            lines.setdefault(name, []).append(shapely.geometry.shape(feature["geometry"]))
    return {name: shapely.union_all(parts) for name, parts in lines.items()}


def test_crossings_of_openstreetmap_lie_within_the_stated_radius(
    shared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    errors, within = [], []
    lines = roads(shared / "data" / "osm_haidian_roads.geojson")
    for some, other in combinations(lines, 2):
        crossing = shapely.intersection(lines[some], lines[other])
        if crossing.is_empty:
            continue
        best = GEOCODER.geocode([f"海淀区{some}与{other}交叉口"])[0][0]
        error = distance_m(best.position, (crossing.centroid.x, crossing.centroid.y))
        errors.append(error)
        within.append(error <= best.accuracy_m)
    share = statistics.mean(within)
    with capsys.disabled():
        click.echo(
            f"\n{len(errors)} crossings, median error {statistics.median(errors):.0f} m,"
            f" {share:.0%} within the stated accuracy",
            nl=False,
        )
    assert len(errors) > 100
    assert share >= 0.85
    assert statistics.median(errors) < 700
