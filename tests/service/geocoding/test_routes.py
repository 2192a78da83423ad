"""Addresses and positions over HTTP."""

from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient

from geodata.ingest.outlines import PACKAGE, load_outlines
from service.app import create_app
from service.settings import Settings

Answer = dict[str, Any]


def geocode(client: TestClient, **query: object) -> httpx2.Response:
    return client.get("/api/geocode", params=query)  # type: ignore[arg-type]


def reverse(client: TestClient, **query: object) -> httpx2.Response:
    return client.get("/api/reverse", params=query)  # type: ignore[arg-type]


def test_an_address_is_answered_with_candidates_best_first(client: TestClient) -> None:
    answer = geocode(client, address="北京市海淀区中关村大街59号中国人民大学")
    assert answer.headers["content-type"] == "application/geo+json"
    document = answer.json()
    assert document["type"] == "FeatureCollection"
    features = document["features"]
    scores = [feature["properties"]["score"] for feature in features]
    assert scores == sorted(scores, reverse=True)
    best = features[0]
    assert best["geometry"]["coordinates"] == pytest.approx([116.311, 39.970], abs=0.02)
    assert best["properties"]["district"] == "海淀区"
    assert best["properties"]["provider"] == "gazetteer"
    assert best["properties"]["datum"] == "cgcs2000"
    assert best["properties"]["accuracy_m"] > 0
    assert "中关村大街" in [row["text"] for row in best["properties"]["matched"]]


def test_an_address_comes_back_taken_apart_with_spans_of_the_text_given(client: TestClient) -> None:
    address = "北京市 海淀區 中關村大街 ５９號"
    parts = geocode(client, address=address).json()["parts"]
    assert [(part["kind"], address[slice(*part["span"])]) for part in parts] == [
        ("city", "北京市"),
        ("district", "海淀區"),
        ("road", "中關村大街"),
        ("number", "５９號"),
    ]
    assert [part["element"] for part in parts[1:]] == [
        "行政区域地名",
        "基本区域限定物名称",
        "局部点位描述",
    ]


def test_a_mere_district_is_said_to_be_one(client: TestClient) -> None:
    document = geocode(client, address="海淀区").json()
    assert document["features"][0]["properties"]["level"] == "district"
    assert document["needs_review"] is True
    assert "coarse" in document["issues"]


@pytest.mark.parametrize(
    ("address", "reason"),
    [("上海市浦东新区世纪大道100号", "outside Beijing"), ("????", "no place")],
)
def test_nothing_found_is_an_empty_collection_with_a_reason(
    client: TestClient, address: str, reason: str
) -> None:
    document = geocode(client, address=address).json()
    assert document["features"] == []
    assert reason in document["reason"]["en"]
    assert document["reason"]["zh"]
    assert document["needs_review"] is True


def test_a_district_decides_where_the_address_does_not(client: TestClient) -> None:
    for district in ("海淀区", "海淀", "朝阳区"):
        document = geocode(client, address="中关村大街59号", district=district).json()
        found = {feature["properties"]["district"] for feature in document["features"]}
        assert found <= {"海淀区"} if "海淀" in district else not found


def test_limit_bounds_the_candidates(client: TestClient) -> None:
    many = geocode(client, address="朝阳区中关村大街59号").json()["features"]
    assert len(many) > 1
    assert geocode(client, address="朝阳区中关村大街59号", limit=1).json()["features"] == many[:1]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("geocode", "address"),
        ("geocode?address=", "at least 1"),
        (f"geocode?address={'长' * 301}", "at most 300"),
        ("geocode?address=x&limit=0", "limit = '0'"),
        ("geocode?address=x&district=浦东", "'浦东': must be one of 东城区"),
        ("geocode?address=x&colour=red", "'colour'; allowed here: address, district, limit"),
        ("reverse?lon=116.3", "query.lat"),
        ("reverse?lon=abc&lat=39.9", "lon = 'abc'"),
        ("reverse?lon=nan&lat=39.9", "lon = 'nan'"),
        ("reverse?lon=116.3&lat=99", "lat = '99'"),
        ("reverse?lon=116.3&lat=39.9&crs=GCJ", "crs = 'GCJ': must be one of"),
        ("reverse?lon=116.3&lat=39.9&x=1", "allowed here: lon, lat, crs"),
    ],
)
def test_what_cannot_be_used_is_named(client: TestClient, path: str, said: str) -> None:
    answer = client.get(f"/api/{path}")
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert said in answer.json()["detail"]


def test_a_position_is_answered_with_what_lies_there_finest_first(client: TestClient) -> None:
    document = reverse(client, lon=116.315, lat=39.983).json()
    levels = [feature["properties"]["level"] for feature in document["features"]]
    order = ["house", "building", "landmark", "park", "road", "town", "district"]
    assert levels == [level for level in order if level in levels]
    assert {"road", "town", "district"} <= set(levels)
    assert document["district"] == "海淀区"
    assert all(feature["properties"]["distance_m"] >= 0 for feature in document["features"])


def test_shifted_positions_are_taken_back(client: TestClient) -> None:
    plain = reverse(client, lon=116.315, lat=39.983).json()
    for crs, lon, lat in (
        ("urn:zgc-gis:def:crs:GCJ-02", 116.321113980, 39.984289725),
        ("urn:zgc-gis:def:crs:BD-09", 116.327697985, 39.990104135),
    ):
        assert reverse(client, lon=lon, lat=lat, crs=crs).json()["position"] == plain["position"]


def test_outside_beijing_nothing_is_near(client: TestClient) -> None:
    document = reverse(client, lon=121.47, lat=31.23).json()
    assert (document["features"], document["district"]) == ([], None)
    assert "outside Beijing" in document["reason"]["en"]


def test_an_operators_places_join_the_built_in_ones(plan_url: str, tmp_path: Path) -> None:
    own = tmp_path / "own.csv"
    own.write_text(
        "id,kind,name_zh,district,lon,lat,accuracy_m,source\n"
        "own-1,building,测试用样板楼,海淀区,116.3,39.98,50,test\n",
        encoding="utf-8",
    )
    with TestClient(create_app(Settings(database_url=plan_url, gazetteer=own))) as client:
        best = geocode(client, address="海淀区测试用样板楼3层").json()["features"][0]
    assert best["geometry"]["coordinates"] == [116.3, 39.98]
    assert (best["properties"]["level"], best["properties"]["accuracy_m"]) == ("building", 50)


def test_outlines_decide_the_district_where_they_are_loaded(new_database: Any) -> None:
    pytest.importorskip("GeoToolCN", reason="the optional outlines are not installed")
    from geodata.database import migrate
    from geodata.plan.load import load_plan

    url = new_database()
    for prepare in (migrate.upgrade, load_plan):
        prepare(url, lambda _: None)
    load_outlines(url, PACKAGE, lambda _: None)
    with TestClient(create_app(Settings(database_url=url))) as client:
        document = reverse(client, lon=116.3909, lat=39.9073).json()
        # 涿州, which the circles of the gazetteer alone might give to 房山.
        beyond = reverse(client, lon=115.985, lat=39.53).json()
    assert (document["district"], document["district_from"]) == ("东城区", "outline")
    assert (beyond["district"], beyond["features"]) == (None, [])
    assert "outside Beijing" in beyond["reason"]["en"]
