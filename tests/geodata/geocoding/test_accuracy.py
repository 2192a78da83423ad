"""How right the offline geocoder is, judged by places that it was not made from.

OpenStreetMap (ODbL) knows Haidian's buildings, roads and stations; the plan's enterprises have
addresses and positions from public sources, each with its own accuracy. The figures are printed.
"""

import json
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
import pytest
import shapely
from shapely.geometry.base import BaseGeometry

from geodata.geocoding.candidate import Candidate, issues_of
from geodata.geocoding.distance import METRES_A_DEGREE
from geodata.geocoding.gazetteer import open_gazetteer
from geodata.geocoding.geocode import GazetteerGeocoder
from geodata.geocoding.level import Level

ROOT = Path(__file__).parents[3]
PLAN = ROOT / "geodata" / "plan" / "data" / "enterprises.geojson"

SHRINK = np.cos(np.radians(39.95))
"""Of a degree of longitude, that distances may be planar."""

GEOCODER = GazetteerGeocoder(open_gazetteer())


@dataclass(frozen=True)
class Case:
    """An address and where it is."""

    address: str
    truth: BaseGeometry
    truth_accuracy_m: float
    district: str


def features(path: Path) -> Iterator[tuple[dict[str, Any], BaseGeometry | None]]:
    for feature in json.loads(path.read_text(encoding="utf-8"))["features"]:
        geometry = feature["geometry"]
        yield feature["properties"], geometry and shapely.geometry.shape(geometry)


def plan_cases() -> list[Case]:
    return [
        Case(row["address"], place, row["accuracy_m"], row["address"][:3])
        for row, place in features(PLAN)
        if row.get("address") and place and row["address"][2] == "区"
    ]


def haidian(file: Path, name: str, pattern: str, accuracy_m: float) -> list[Case]:
    return [
        Case(pattern.format(row[name]), place, accuracy_m, "海淀区")
        for row, place in features(file)
        if row[name] and place
    ]


def along_roads(cases: Sequence[Case]) -> list[Case]:
    """Three places along each road, which stretches over several features."""
    by_name: dict[str, list[BaseGeometry]] = {}
    for case in cases:
        by_name.setdefault(case.address, []).append(case.truth)
    return [
        Case(address, shapely.Point(vertices[int(share * (len(vertices) - 1))]), 0, "海淀区")
        for address, lines in by_name.items()
        for vertices in [np.concatenate([shapely.get_coordinates(line) for line in lines])]
        for share in (0.1, 0.5, 0.9)
    ]


def distance_m(candidate: Candidate, truth: BaseGeometry) -> float:
    flat = shapely.transform(truth, lambda at: at * (SHRINK, 1))
    return flat.distance(shapely.Point(candidate.lon * SHRINK, candidate.lat)) * METRES_A_DEGREE


@dataclass(frozen=True)
class Figures:
    """Shares of the cases and the median error in metres of those placed."""

    cases: int
    placed: float
    district: float
    within: float
    median_m: float
    coarse_without_word: int


def judge(cases: Sequence[Case]) -> Figures:
    found = [each[:1] for each in GEOCODER.geocode([case.address for case in cases])]
    pairs = [(case, each[0]) for case, each in zip(cases, found, strict=True) if each]
    placed = [(case, best) for case, best in pairs if not best.level.is_coarse]
    errors = [distance_m(best, case.truth) for case, best in placed]
    within = [
        error <= best.accuracy_m + case.truth_accuracy_m
        for error, (case, best) in zip(errors, placed, strict=True)
    ]
    return Figures(
        cases=len(cases),
        placed=len(placed) / len(cases),
        district=statistics.mean(best.district == case.district for case, best in pairs),
        within=statistics.mean(within),
        median_m=statistics.median(errors),
        coarse_without_word=sum(
            not issues_of(each) for each in found if each and each[0].level.is_coarse
        ),
    )


def report(capsys: pytest.CaptureFixture[str], what: str, figures: Figures) -> None:
    with capsys.disabled():
        click.echo(
            f"\n{what}: {figures.cases} addresses, {figures.placed:.0%} placed,"
            f" median error {figures.median_m:.0f} m,"
            f" within the stated accuracy {figures.within:.0%}",
            nl=False,
        )


def test_addresses_of_the_plans_enterprises(capsys: pytest.CaptureFixture[str]) -> None:
    figures = judge(plan_cases())
    report(capsys, f"enterprises of the plan, district {figures.district:.0%} right", figures)
    assert figures.cases > 40
    assert figures.placed > 0.8
    assert figures.district >= 0.95
    assert figures.within >= 0.9
    assert figures.median_m < 500
    assert figures.coarse_without_word == 0


@pytest.mark.parametrize(
    ("file", "name", "pattern", "accuracy_m", "placed", "median_m"),
    [
        ("osm_haidian_buildings", "name", "北京市海淀区{}", 50, 0.05, 500),
        ("osm_haidian_roads", "name", "海淀区{}", 0, 0.5, 700),
        ("osm_haidian_stations", "name_zh", "北京市{}地铁站", 100, 0.7, 300),
    ],
)
def test_names_in_and_about_haidian(
    shared: Path,
    capsys: pytest.CaptureFixture[str],
    file: str,
    name: str,
    pattern: str,
    accuracy_m: float,
    placed: float,
    median_m: float,
) -> None:
    """The files reach into the districts round about, so only positions are judged."""
    cases = haidian(shared / "data" / f"{file}.geojson", name, pattern, accuracy_m)
    figures = judge(along_roads(cases) if "roads" in file else cases)
    report(capsys, file, figures)
    assert figures.placed >= placed
    assert figures.within >= 0.88
    assert figures.median_m < median_m
    assert figures.coarse_without_word == 0


def test_communities_with_a_street_in_their_name_get_the_district_of_their_town(
    shared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """北三环中路40号社区 is in the district that its statistical code says."""
    data = shared / "data"
    districts = _names(data / "beijing_areas_codes.csv")
    right, stated = 0, 0
    for code, name in _names(data / "beijing_villages_codes.csv").items():
        if "号" not in name:
            continue
        best = GEOCODER.geocode([name.partition("社区")[0]])[0][:1]
        if best and best[0].level in (Level.HOUSE, Level.ROAD) and best[0].score >= 0.6:
            stated += 1
            right += best[0].district == districts[code[:6]]
    with capsys.disabled():
        click.echo(f"\ncommunities: {stated} placed with confidence, {right} in their district")
    assert stated >= 10
    assert right / stated >= 0.9


def _names(path: Path) -> dict[str, str]:
    rows = [line.split(",") for line in path.read_text(encoding="utf-8").splitlines()[1:]]
    return {row[0]: row[1] for row in rows}


def test_addresses_go_by_the_thousand(capsys: pytest.CaptureFixture[str]) -> None:
    addresses = [case.address for case in plan_cases()] * 20
    start = time.process_time()
    GEOCODER.geocode(addresses)
    rate = len(addresses) / (time.process_time() - start)
    with capsys.disabled():
        click.echo(f"\n{rate:.0f} addresses a second and core")
    assert rate > 1000
