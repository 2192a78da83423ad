"""Profiles over HTTP."""

import csv
import json
import time
from itertools import pairwise
from typing import Any

import pytest
import shapely
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text

from geodata.plan.load import DATA
from layers.catalog import CATALOG
from layers.codelist import INDUSTRY
from service.statistics.document import RULES

SQUARE = [[116, 39], [117, 39], [117, 40], [116, 40], [116, 39]]
DEEP = b"[" * 1000 + b"]" * 1000
"""As deep as the JSON reader lets through, deeper than Python's own recursion."""

POLYGON = {"type": "Polygon", "coordinates": [SQUARE]}


def _profile(client: TestClient, layer_id: str, feature_id: str) -> dict[str, Any]:
    answer = client.get(f"/api/statistics/{layer_id}/{feature_id}")
    assert answer.status_code == 200
    document: dict[str, Any] = answer.json()
    return document


def _drawn(client: TestClient, geometry: object) -> dict[str, Any]:
    answer = client.post("/api/statistics", json=geometry)
    assert answer.status_code == 200
    document: dict[str, Any] = answer.json()
    return document


@pytest.mark.parametrize(
    ("layer_id", "feature_id", "declared"),
    [
        ("demonstration_zone", "zgc-zone", 97),
        ("clusters", "north", 41),
        ("clusters", "south", 26),
        ("sub_parks", "special-parks", 22),
        ("science_cities", "future-science-city", 9),
    ],
)
def test_a_profile_shows_what_the_plan_declares(
    layer_id: str, feature_id: str, declared: int, client: TestClient
) -> None:
    profile = _profile(client, layer_id, feature_id)
    assert (profile["area"]["layer"], profile["area"]["id"]) == (layer_id, feature_id)
    assert profile["enterprises"]["declared"] == declared
    assert sum(row["declared"] for row in profile["by_industry"]) == declared
    [enterprises] = [row for row in profile["by_layer"] if row["layer"] == "enterprises"]
    assert enterprises["declared"] == declared
    assert [row["layer"] for row in profile["by_layer"]] == list(CATALOG.ids)
    codes = [row["industry"] for row in profile["by_industry"]]
    assert codes[: len(INDUSTRY.codes)] == list(INDUSTRY.codes)
    assert [rule["zh"] for rule in profile["rules"]] == [rule.zh for rule in RULES]


@pytest.mark.parametrize(
    ("layer_id", "feature_id"),
    [
        ("demonstration_zone", "zgc-zone"),
        ("science_cities", "zgc-science-city"),
        ("clusters", "north"),
        ("clusters", "south"),
        ("sub_parks", "special-parks"),
    ],
)
def test_indicators_are_those_of_the_plan_s_file(
    layer_id: str, feature_id: str, client: TestClient
) -> None:
    with (DATA / "indicators.csv").open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["area"] == feature_id]
    shown = {
        (indicator["key"], kind): indicator[kind]
        for indicator in _profile(client, layer_id, feature_id)["indicators"]
        for kind in ("baseline", "target")
        if indicator[kind] is not None
    }
    assert set(shown) == {(row["key"], row["kind"]) for row in rows}
    for row in rows:
        figure = shown[row["key"], row["kind"]]
        for name in ("unit", "qualifier", "year", "section", "quote"):
            assert figure[name] == row[name]
        assert figure["value_low"] == float(row["value_low"])
        assert figure["value_high"] == float(row["value_high"])


def test_growth_targets_stand_at_the_root_only(client: TestClient) -> None:
    with (DATA / "growth_targets.csv").open(encoding="utf-8", newline="") as lines:
        names = sorted((row["name"], row["kind"]) for row in csv.DictReader(lines))
    shown = _profile(client, "demonstration_zone", "zgc-zone")["growth_targets"]
    assert sorted((target["name"], target["kind"]) for target in shown) == names
    assert _profile(client, "clusters", "north")["growth_targets"] == []


def test_density_is_located_enterprises_by_square_kilometre(client: TestClient) -> None:
    profile = _drawn(client, POLYGON)
    located = profile["enterprises"]["located"]
    assert located > 10
    assert profile["density_per_km2"] == pytest.approx(located / profile["land_area_m2"] * 1e6)


def test_an_area_without_boundary_shows_nulls_not_zeros(
    client: TestClient, plan_engine: Engine
) -> None:
    with plan_engine.connect() as connection:
        rows = connection.execute(text("SELECT id FROM bases WHERE geom IS NULL")).scalars().all()
        rows += connection.execute(text("SELECT id FROM axes")).scalars().all()
    assert rows
    for feature_id in rows:
        layer_id = "axes" if feature_id.endswith(("road", "street", "corridor")) else "bases"
        profile = _profile(client, layer_id, feature_id)
        assert profile["enterprises"]["located"] is None
        assert profile["enterprises"]["declared"] is not None
        assert (profile["land_area_m2"], profile["density_per_km2"]) == (None, None)


def test_a_drawn_polygon_has_no_declared_counts(client: TestClient) -> None:
    profile = _drawn(client, POLYGON)
    assert profile["area"] is None
    assert profile["enterprises"]["declared"] is None
    assert {row["declared"] for row in profile["by_layer"]} == {None}
    assert {row["declared"] for row in profile["by_industry"]} == {None}
    assert (profile["indicators"], profile["growth_targets"]) == ([], [])


def test_an_area_drawn_along_its_boundary_has_its_own_located_counts(client: TestClient) -> None:
    feature = client.get("/ogc/collections/clusters/items/south").json()
    drawn, own = _drawn(client, feature), _profile(client, "clusters", "south")
    assert drawn["enterprises"]["located"] == own["enterprises"]["located"]
    assert drawn["land_area_m2"] == pytest.approx(own["land_area_m2"])
    located = {row["layer"]: row["located"] for row in drawn["by_layer"]}
    others = {row["layer"]: row["located"] for row in own["by_layer"]}
    assert located["clusters"] == others["clusters"] + 1, "an area is not counted in itself"
    assert located | {"clusters": 0} == others | {"clusters": 0}


@pytest.mark.parametrize("cuts", [3, 7])
def test_a_divided_area_counts_each_enterprise_once(cuts: int, client: TestClient) -> None:
    """Vertical cuts run exactly through enterprises."""
    page = client.get("/ogc/collections/enterprises/items?limit=10000").json()
    points = [each["geometry"]["coordinates"] for each in page["features"] if each["geometry"]]
    meridians = [115, *sorted({x for x, _ in points})[5 :: len(points) // cuts], 118]
    strips = [
        shapely.geometry.mapping(shapely.box(west, 39, east, 41.5))
        for west, east in pairwise(meridians)
    ]
    counts = [_drawn(client, strip)["enterprises"]["located"] for strip in strips]
    assert len(counts) > 2
    assert sum(counts) == len(points)


@pytest.mark.parametrize(
    ("path", "status", "problem"),
    [
        ("clusters/nowhere", 404, "feature-not-found"),
        ("clusters/north%00", 404, "feature-not-found"),
        ("clusters/%27%20OR%20true", 404, "feature-not-found"),
        ("rivers/north", 404, "unknown-layer"),
        ("enterprises/baidu", 400, "no-area"),
        ("projects/nowhere", 400, "no-area"),
        ("clusters/a%2Fb", 404, "not-found"),
        ("clusters", 404, "not-found"),
    ],
)
def test_a_profile_that_is_not_there_is_a_problem(
    path: str, status: int, problem: str, client: TestClient
) -> None:
    answer = client.get(f"/api/statistics/{path}")
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{problem}")


@pytest.mark.parametrize(
    ("body", "status", "problem"),
    [
        (b"", 400, "invalid-body"),
        (b"polygon", 400, "invalid-body"),
        (b"[]", 400, "invalid-body"),
        (b"5", 400, "invalid-body"),
        (b"[" * 10_000, 400, "invalid-body"),
        (b'{"type":"Polygon","coordinates":' + DEEP + b"}", 400, "invalid-geometry"),
        (b'{"type":"Polygon","coordinates":[[' + DEEP + b"]]}", 400, "invalid-geometry"),
        (b'{"type":' + DEEP + b"}", 400, "invalid-geometry"),
        (b'{"type":"Feature","geometry":' + DEEP + b"}", 400, "invalid-geometry"),
        (b'{"type":"Polygon","coordinates":[[[NaN,39]]]}', 400, "invalid-body"),
        (b'{"type":"Polygon","coordinates":[[[1e400,39]]]}', 400, "invalid-body"),
        (b"{}", 400, "invalid-geometry"),
        (b'{"type":"LineString","coordinates":[[1,1],[2,2]]}', 400, "invalid-geometry"),
        (b'{"type":"Feature","geometry":null}', 400, "invalid-geometry"),
        (b" " * 2_000_001, 413, "body-too-large"),
    ],
)
def test_a_body_that_is_no_polygon_is_a_problem(
    body: bytes, status: int, problem: str, client: TestClient
) -> None:
    answer = client.post("/api/statistics", content=body)
    assert answer.status_code == status
    assert answer.json()["type"] == f"/problems/{problem}"
    assert len(answer.content) < 1000


@pytest.mark.parametrize("media_type", ["application/geo+json", "application/json", "text/plain"])
def test_the_body_counts_and_not_what_it_is_called(media_type: str, client: TestClient) -> None:
    answer = client.post(
        "/api/statistics", content=json.dumps(POLYGON), headers={"content-type": media_type}
    )
    assert answer.status_code == 200


@pytest.mark.parametrize(("quad_segs", "status"), [(1_249, 200), (1_250, 400), (12_000, 400)])
def test_a_polygon_as_large_as_it_may_be_is_answered_soon_and_a_larger_one_refused(
    client: TestClient, quad_segs: int, status: int
) -> None:
    circle = shapely.Point(116.4, 39.9).buffer(0.4, quad_segs=quad_segs)
    start = time.monotonic()
    answer = client.post("/api/statistics", content=json.dumps(shapely.geometry.mapping(circle)))
    assert answer.status_code == status
    assert time.monotonic() - start < 5
    assert status == 200 or "at most 5000: simplify it" in answer.json()["detail"]


def test_a_profile_as_known_is_asked_for_by_day_or_instant(client: TestClient) -> None:
    path = "/api/statistics/clusters/north"
    now = client.get(path).json()
    assert client.get(path, params={"as_known": "2999-12-31"}).json() == now
    assert client.get(path, params={"as_known": "2000-01-01"}).status_code == 404
    drawn = client.post("/api/statistics?as_known=2000-01-01T00:00:00Z", json=POLYGON).json()
    assert {row["located"] for row in drawn["by_layer"]} == {0}
    answer = client.get(path, params={"as_known": "yesterday"})
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/invalid-parameter")
