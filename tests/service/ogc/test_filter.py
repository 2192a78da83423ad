"""Filters over HTTP: each finds exactly what plain Python finds among the features served."""

from collections.abc import Callable
from datetime import date
from typing import Any

import orjson
import pytest
import shapely
from fastapi.testclient import TestClient

Feature = dict[str, Any]
Predicate = Callable[[Feature], bool]

HAIDIAN = shapely.box(116.2, 39.95, 116.35, 40.1)
HAIDIAN_TEXT = shapely.to_wkt(HAIDIAN)


def _shape(feature: Feature) -> shapely.Geometry | None:
    geometry = feature["geometry"]
    return None if geometry is None else shapely.from_geojson(orjson.dumps(geometry))


def _within(feature: Feature) -> bool:
    shape = _shape(feature)
    return shape is not None and bool(shapely.intersects(shape, HAIDIAN))


def _of(name: str) -> Callable[[Feature], Any]:
    return lambda feature: feature["properties"][name]


NAME, INDUSTRY, AS_OF, ACCURACY = map(_of, ("name_zh", "industry", "as_of", "accuracy_m"))

TEXTS: list[tuple[str, str, Predicate]] = [
    ("enterprises", "industry = 'biology'", lambda f: INDUSTRY(f) == "biology"),
    ("enterprises", "industry <> 'biology'", lambda f: INDUSTRY(f) not in (None, "biology")),
    ("enterprises", "NOT (industry = 'biology')", lambda f: INDUSTRY(f) not in (None, "biology")),
    ("enterprises", "industry IS NULL", lambda f: INDUSTRY(f) is None),
    ("enterprises", "industry IS NOT NULL", lambda f: INDUSTRY(f) is not None),
    ("enterprises", "industry IN ('biology','it')", lambda f: INDUSTRY(f) in ("biology", "it")),
    ("enterprises", "name_zh LIKE '中%'", lambda f: NAME(f).startswith("中")),
    ("enterprises", "name_zh LIKE '%技%'", lambda f: "技" in NAME(f)),
    ("enterprises", "CASEI(id) = CASEI('BAIDU')", lambda f: f["id"] == "baidu"),
    ("enterprises", "ACCENTI(id) = ACCENTI('báidu')", lambda f: f["id"] == "baidu"),
    ("enterprises", "accuracy_m < 500", lambda f: (ACCURACY(f) or 500) < 500),
    (
        "enterprises",
        "accuracy_m BETWEEN 100 AND 300",
        lambda f: ACCURACY(f) is not None and 100 <= ACCURACY(f) <= 300,
    ),
    (
        "enterprises",
        "accuracy_m * 2 + 1 > 1000.5",
        lambda f: ACCURACY(f) is not None and ACCURACY(f) * 2 + 1 > 1000.5,
    ),
    ("enterprises", "accuracy_m = accuracy_m", lambda f: ACCURACY(f) is not None),
    ("enterprises", "char_length(name_zh) > 6", lambda f: len(NAME(f)) > 6),
    ("enterprises", "as_of = DATE('2011-01-01')", lambda f: AS_OF(f) == "2011-01-01"),
    ("enterprises", "T_AFTER(as_of, DATE('2010-12-31'))", lambda f: AS_OF(f) > "2010-12-31"),
    (
        "enterprises",
        "T_INTERSECTS(as_of, INTERVAL('2010-01-01','2012-01-01'))",
        lambda f: date(2010, 1, 1) <= date.fromisoformat(AS_OF(f)) <= date(2012, 1, 1),
    ),
    ("enterprises", f"S_INTERSECTS(geometry, {HAIDIAN_TEXT})", _within),
    (
        "enterprises",
        f"S_WITHIN(geometry, {HAIDIAN_TEXT}) OR id = 'baidu'",
        lambda f: _within(f) or f["id"] == "baidu",
    ),
    ("clusters", f"S_INTERSECTS(geometry, {HAIDIAN_TEXT})", _within),
    (
        "clusters",
        "area_m2(geometry) > 1e7",
        lambda f: (
            (shape := _shape(f)) is not None and shapely.area(shape) * 111_320**2 * 0.766 > 1e7
        ),
    ),
    ("bases", "TRUE", lambda _: True),
    ("bases", "FALSE", lambda _: False),
]


def _all(client: TestClient, layer: str, **given: str) -> list[Feature]:
    answer = client.get(f"/ogc/collections/{layer}/items", params={"limit": "10000", **given})
    assert answer.status_code == 200, answer.text
    features: list[Feature] = answer.json()["features"]
    return features


@pytest.mark.parametrize(("layer", "text", "holds"), TEXTS, ids=[text for _, text, _ in TEXTS])
def test_a_filter_finds_what_it_says(
    layer: str, text: str, holds: Predicate, client: TestClient
) -> None:
    expected = [feature["id"] for feature in _all(client, layer) if holds(feature)]
    found = _all(client, layer, filter=text)
    assert [feature["id"] for feature in found] == expected


JSONS: list[tuple[dict[str, Any], str]] = [
    ({"op": "=", "args": [{"property": "industry"}, "biology"]}, "industry = 'biology'"),
    (
        {"op": "in", "args": [{"property": "industry"}, ["biology", "it"]]},
        "industry IN ('biology','it')",
    ),
    (
        {
            "op": "s_intersects",
            "args": [{"property": "geometry"}, orjson.loads(shapely.to_geojson(HAIDIAN))],
        },
        f"S_INTERSECTS(geometry, {HAIDIAN_TEXT})",
    ),
    (
        {"op": "t_after", "args": [{"property": "as_of"}, {"date": "2010-12-31"}]},
        "T_AFTER(as_of, DATE('2010-12-31'))",
    ),
]


@pytest.mark.parametrize(("document", "text"), JSONS, ids=[text for _, text in JSONS])
def test_json_says_the_same_as_text(
    document: dict[str, Any], text: str, client: TestClient
) -> None:
    given = {"filter": orjson.dumps(document).decode(), "filter-lang": "cql2-json"}
    found = _all(client, "enterprises", **given)
    assert found
    assert found == _all(client, "enterprises", filter=text)


def test_geometries_are_in_the_crs_that_is_named(client: TestClient) -> None:
    """EPSG:4326 is latitude first; EPSG:4548 is metres."""
    expected = _all(client, "enterprises", filter=f"S_INTERSECTS(geometry, {HAIDIAN_TEXT})")
    flipped = shapely.transform(HAIDIAN, lambda xy: xy[:, ::-1])
    given = {
        "filter": f"S_INTERSECTS(geometry, {shapely.to_wkt(flipped)})",
        "filter-crs": "http://www.opengis.net/def/crs/EPSG/0/4326",
    }
    assert _all(client, "enterprises", **given) == expected


def test_everything_given_must_hold(client: TestClient) -> None:
    """Part 3, /req/filter/mixing-expressions."""
    given = {"filter": "accuracy_m > 1", "industry": "biology", "bbox": "116,39.7,116.6,40.2"}
    found = {feature["id"] for feature in _all(client, "enterprises", **given)}
    alone = [
        {feature["id"] for feature in _all(client, "enterprises", **{name: value})}
        for name, value in given.items()
    ]
    assert found == set.intersection(*alone)
    assert found


def test_pages_of_a_filter_are_together_what_it_finds(client: TestClient) -> None:
    text = "industry IS NOT NULL AND name_zh LIKE '%中%'"
    expected = [feature["id"] for feature in _all(client, "enterprises", filter=text)]
    address: str | None = f"/ogc/collections/enterprises/items?limit=3&filter={text}&sortby=-id"
    found: list[str] = []
    while address:
        page = client.get(address.replace("%", "%25") if address.startswith("/") else address)
        document = page.json()
        found += [feature["id"] for feature in document["features"]]
        links = {row["rel"]: row["href"] for row in document["links"]}
        address = links.get("next")
    assert found == sorted(expected, reverse=True)


@pytest.mark.parametrize("format", ["csv", "geojsonseq"])
def test_files_hold_what_the_filter_finds(format: str, client: TestClient) -> None:
    text = "industry = 'biology'"
    answer = client.get("/ogc/collections/enterprises/items", params={"filter": text, "f": format})
    heads = 1 if format == "csv" else 0
    assert answer.text.count("\n") - heads == len(_all(client, "enterprises", filter=text))


def test_the_past_can_be_filtered(client: TestClient) -> None:
    given = {"filter": "industry = 'biology'", "as_known": "2000-01-01"}
    assert _all(client, "enterprises", **given) == []


REFUSED = [
    ({"filter": "height > 3"}, ["height", "name_zh"]),
    ({"filter": "industry = 3"}, ["industry", "character"]),
    ({"filter": "industry ="}, ["character"]),
    ({"filter": ""}, ["filter"]),
    ({"filter": "pg_sleep(1) = 1"}, ["pg_sleep", "char_length"]),
    ({"filter": "pg_read_file('/etc/passwd') LIKE '%root%'"}, ["pg_read_file"]),
    ({"filter": "industry = 'a'", "filter-lang": "cql-text"}, ["cql-text", "cql2-json"]),
    ({"filter": "industry = 'a'", "filter-crs": "EPSG:2436"}, ["EPSG:2436"]),
    ({"filter": "{", "filter-lang": "cql2-json"}, ["no JSON"]),
    ({"filter": "S_INTERSECTS(geometry, POINT(1 2)"}, ["character"]),
    ({"filter": "id = 'a' OR " * 1000 + "TRUE"}, ["8192"]),
]


@pytest.mark.parametrize(("given", "told"), REFUSED)
def test_what_is_no_filter_is_refused_with_the_reason(
    given: dict[str, str], told: list[str], client: TestClient
) -> None:
    answer = client.get("/ogc/collections/enterprises/items", params=given)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    for word in told:
        assert word in answer.json()["detail"]
    assert "SELECT" not in answer.text
