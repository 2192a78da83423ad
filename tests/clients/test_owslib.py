"""OWSLib, the OGC client of the Python world, reads what is there."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from owslib.ogcapi.features import Features

from geodata.database.representation import public_names
from layers.catalog import CATALOG


@pytest.fixture
def features(server: Any) -> Features:
    return Features(server.ogc)


def test_it_finds_every_layer(features: Features) -> None:
    assert features.feature_collections() == list(CATALOG.ids)


def test_it_follows_pages_to_the_end(features: Features, client: TestClient) -> None:
    pages = [features.collection_items("enterprises", limit=40)]
    while following := [link for link in pages[-1]["links"] if link["rel"] == "next"]:
        key = following[0]["href"].partition("after=")[2].partition("&")[0]
        pages.append(features.collection_items("enterprises", limit=40, after=key))
    ids = [feature["id"] for page in pages for feature in page["features"]]
    expected = client.get("/ogc/collections/enterprises/items?limit=10000").json()["features"]
    assert ids == [feature["id"] for feature in expected]
    assert [page["numberReturned"] for page in pages[:-1]] == [40] * (len(pages) - 1)
    assert len(pages) > 2


def test_a_box_a_filter_and_an_order_choose(features: Features) -> None:
    box = [116.2, 39.8, 116.6, 40.1]
    chosen = features.collection_items(
        "enterprises", bbox=box, filter="industry = 'biology'", sortby=("name_zh", "desc")
    )["features"]
    assert chosen
    assert {each["properties"]["industry"] for each in chosen} == {"biology"}
    assert all(
        box[0] <= each["geometry"]["coordinates"][0] <= box[2]
        and box[1] <= each["geometry"]["coordinates"][1] <= box[3]
        for each in chosen
    )


def test_queryables_name_the_public_attributes(features: Features) -> None:
    properties = features.collection_queryables("parcels")["properties"]
    assert set(public_names(CATALOG.get("parcels"))) <= set(properties)


def test_one_feature_is_read_by_its_id(features: Features) -> None:
    assert features.collection_item("clusters", "north")["id"] == "north"
