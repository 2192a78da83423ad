"""Collections: the catalog, with true counts and extents."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import shapely
from fastapi.testclient import TestClient
from sqlalchemy import Engine, func, select, text

from geodata.database.engine import open_engine
from geodata.database.tables import METADATA, layer_table
from layers.catalog import CATALOG
from layers.layer import Layer
from service.app import create_app
from service.settings import Settings

INSERT = text(
    "INSERT INTO enterprises (id, name_zh, source, as_of, boundary_status, geom)"
    " VALUES ('a', '某', '测试', '2010-01-01', 'schematic',"
    " ST_SetSRID(ST_MakePoint(116.5, 39.5), 4490))"
)


def test_collections_are_the_layers_in_catalog_order(client: TestClient) -> None:
    document = client.get("/ogc/collections").json()
    assert [collection["id"] for collection in document["collections"]] == list(CATALOG.ids)
    assert len(document["collections"]) == 11


@pytest.mark.parametrize("layer", tuple(CATALOG), ids=lambda layer: layer.id)
def test_a_collection_says_the_same_alone_and_in_the_list(layer: Layer, client: TestClient) -> None:
    alone = client.get(f"/ogc/collections/{layer.id}").json()
    listed = client.get("/ogc/collections").json()["collections"]
    assert alone in listed
    assert layer.title.zh in alone["title"]
    assert layer.title.en in alone["title"]
    assert alone["itemType"] == "feature"


@pytest.mark.parametrize("layer", tuple(CATALOG), ids=lambda layer: layer.id)
def test_counts_are_true_and_extents_hold_every_coordinate(
    layer: Layer, client: TestClient, plan_engine: Engine
) -> None:
    table = layer_table(METADATA, layer)
    with plan_engine.connect() as connection:
        rows = connection.execute(select(func.ST_AsBinary(table.c.geom))).scalars().all()
    document = client.get(f"/ogc/collections/{layer.id}").json()
    assert document["numberOfFeatures"] == len(rows)
    shapes = [shapely.from_wkb(bytes(wkb)) for wkb in rows if wkb is not None]
    if not shapes:
        assert "extent" not in document
        return
    [[west, south, east, north]] = document["extent"]["spatial"]["bbox"]
    for x, y in shapely.get_coordinates(shapes):
        assert west <= x <= east
        assert south <= y <= north
    for feature in client.get(f"/ogc/collections/{layer.id}/items?limit=10000").json()["features"]:
        for x, y in _positions(feature["geometry"]):
            assert west <= x <= east
            assert south <= y <= north


def test_parcels_come_by_import_and_have_no_extent_until_then(client: TestClient) -> None:
    document = client.get("/ogc/collections/parcels").json()
    assert document["numberOfFeatures"] == 0
    assert "extent" not in document


def test_a_committed_change_shows_without_a_restart(migrated_database: Callable[[], str]) -> None:
    url = migrated_database()
    engine = open_engine(url)
    path = "/ogc/collections/enterprises"
    with TestClient(create_app(Settings(database_url=url))) as client:
        assert client.get(path).json()["numberOfFeatures"] == 0
        with engine.begin() as connection:
            connection.execute(INSERT)
            assert client.get(path).json()["numberOfFeatures"] == 0
        assert _eventually(lambda: client.get(path).json()["numberOfFeatures"] == 1)
        assert client.get(path).json()["extent"]["spatial"]["bbox"] == [[116.5, 39.5] * 2]
        with engine.begin() as connection:
            connection.execute(text("DELETE FROM enterprises"))
        assert _eventually(lambda: client.get(path).json()["numberOfFeatures"] == 0)
        assert "extent" not in client.get(path).json()
    engine.dispose()


def _eventually(holds: Callable[[], bool], timeout_s: float = 5) -> bool:
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.01)
    return False


def _positions(geometry: dict[str, Any] | None) -> Iterator[tuple[float, float]]:
    if geometry is not None:
        yield from shapely.get_coordinates(shapely.geometry.shape(geometry))
