"""Vector tiles over HTTP: addresses, parameters, tags, limits."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import mapbox_vector_tile
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text

from geodata.database.engine import open_engine
from geodata.tiles.matrix_sets import MATRIX_SETS, TileMatrixSet
from geodata.tiles.tile import Tile
from layers.catalog import CATALOG
from service.app import create_app
from service.errors import MEDIA_TYPE as PROBLEM
from service.ogc.tiles import MVT
from service.settings import Settings

ZONE = "WebMercatorQuad/8/96/210"
TILE = f"/ogc/collections/enterprises/tiles/{ZONE}"
NOWHERE = "/ogc/collections/enterprises/tiles/WebMercatorQuad/8/0/0"

ENTERPRISES = text(
    "INSERT INTO enterprises (id, name_zh, source, as_of, boundary_status, geom)"
    " SELECT 'e' || i, '企业', 'test', '2020-01-01', 'schematic',"
    " ST_SetSRID(ST_MakePoint(116 + random(), 39.5 + random() / 2), 4490)"
    " FROM generate_series(1, :count) i"
)


@pytest.fixture(scope="module")
def writable(migrated_database: Callable[[], str]) -> Iterator[tuple[TestClient, Engine]]:
    """The application on a database of its own, which tests may write to."""
    url = migrated_database()
    engine = open_engine(url)
    with engine.begin() as connection:
        connection.execute(ENTERPRISES, {"count": 200})
    with TestClient(create_app(Settings(database_url=url))) as client:
        yield client, engine
    engine.dispose()


def layers_of(answer: Any) -> dict[str, list[dict[str, Any]]]:
    assert (answer.status_code, answer.headers["content-type"]) == (200, MVT)
    assert int(answer.headers["content-length"]) > 0
    found = mapbox_vector_tile.decode(answer.content)
    return {name: layer["features"] for name, layer in found.items()}


def names_in(features: list[dict[str, Any]]) -> set[str]:
    return {name for feature in features for name in feature["properties"]}


def ids_within(client: TestClient, layer: str, box: tuple[float, ...]) -> set[str]:
    bbox = ",".join(map(repr, box))
    answer = client.get(f"/ogc/collections/{layer}/items?limit=9999&bbox={bbox}")
    return {feature["id"] for feature in answer.json()["features"]}


@pytest.mark.parametrize("layer", CATALOG.ids)
@pytest.mark.parametrize("grid", MATRIX_SETS.values(), ids=lambda grid: grid.id)
def test_a_tile_holds_what_items_hold_for_its_box(
    client: TestClient, layer: str, grid: TileMatrixSet
) -> None:
    level = grid.first + 8
    tile = Tile(grid, level, grid.row(level, 39.95), grid.column(level, 116.3))
    path = f"/ogc/collections/{layer}/tiles/{grid.id}/{level}/{tile.row}/{tile.column}"
    answer = client.get(path)
    (west, east), (south, north) = tile.longitudes(1), tile.latitudes(1)
    inner = ids_within(client, layer, (west, south, east, north))
    if answer.status_code == 204:
        assert (inner, answer.content) == (set(), b"")
        return
    features = [row["properties"] for row in layers_of(answer)[layer]]
    assert not [row for row in features if "id" not in row]
    assert inner <= {row["id"] for row in features} <= ids_within(client, layer, tile.box)


def test_layers_are_concatenated_in_catalog_order(client: TestClient) -> None:
    tiles = [client.get(f"/ogc/collections/{name}/tiles/{ZONE}").content for name in CATALOG.ids]
    assert client.get(f"/ogc/tiles/{ZONE}").content == b"".join(tiles)
    two = client.get(f"/ogc/tiles/{ZONE}?collections=enterprises,clusters")
    assert set(layers_of(two)) == {"clusters", "enterprises"}
    assert (
        two.content
        == tiles[CATALOG.ids.index("clusters")] + tiles[CATALOG.ids.index("enterprises")]
    )


BAD_PATHS = [
    ("WebMercatorQuad/-1/0/0", "no-such-tile"),
    ("WebMercatorQuad/25/0/0", "no-such-tile"),
    ("WebMercatorQuad/8/256/0", "no-such-tile"),
    ("WebMercatorQuad/8/0/99999999999999999999", "no-such-tile"),
    ("WebMercatorQuad/8/1.5/0", "no-such-tile"),
    ("WebMercatorQuad/z/y/x", "no-such-tile"),
    ("WebMercatorQuad/8/nan/0", "no-such-tile"),
    ("WebMercatorQuad/8/%00/0", "no-such-tile"),
    ("WebMercatorQuad/8/１/0", "no-such-tile"),
    ("CGCS2000Quad/0/0/0", "no-such-tile"),
    ("CGCS2000Quad/19/0/0", "no-such-tile"),
    ("WorldCRS84Quad/0/1/0", "no-such-tile"),
    ("Mercator/8/0/0", "unknown-tile-matrix-set"),
    ("%27;DROP/8/0/0", "unknown-tile-matrix-set"),
]


@pytest.mark.parametrize(("path", "problem"), BAD_PATHS)
@pytest.mark.parametrize("base", ["/ogc/tiles", "/ogc/collections/bases/tiles"])
def test_an_address_of_no_tile_is_404(
    client: TestClient, base: str, path: str, problem: str
) -> None:
    answer = client.get(f"{base}/{path}")
    assert (answer.status_code, answer.headers["content-type"]) == (404, PROBLEM)
    assert answer.json()["type"] == f"/problems/{problem}"


BAD_QUERIES = [
    ("foo=1", "unknown-parameter"),
    ("bbox=1,2,3,4", "unknown-parameter"),
    ("collections=bases", "unknown-parameter"),
    ("properties=holder", "invalid-parameter"),
    ("properties=*,name_zh", "invalid-parameter"),
    ("properties=feature", "invalid-parameter"),
    ("properties=name_zh&properties=district", "invalid-parameter"),
    ("datetime=2010", "invalid-parameter"),
    ("datetime=2012-01-01/2011-01-01", "invalid-parameter"),
    ("as_known=yesterday", "invalid-parameter"),
    ("f=png", "invalid-parameter"),
]


@pytest.mark.parametrize(("query", "problem"), BAD_QUERIES)
def test_a_bad_parameter_is_400(client: TestClient, query: str, problem: str) -> None:
    answer = client.get(f"/ogc/collections/parcels/tiles/{ZONE}?{query}")
    assert (answer.status_code, answer.headers["content-type"]) == (400, PROBLEM)
    assert answer.json()["type"] == f"/problems/{problem}"


@pytest.mark.parametrize("names", ["", "rivers", "bases,rivers", ","])
def test_unknown_collections_are_400(client: TestClient, names: str) -> None:
    answer = client.get(f"/ogc/tiles/{ZONE}?collections={names}")
    assert (answer.status_code, answer.headers["content-type"]) == (400, PROBLEM)


def test_an_unknown_layer_is_404(client: TestClient) -> None:
    assert client.get(f"/ogc/collections/rivers/tiles/{ZONE}").status_code == 404


def test_an_empty_tile_is_204_with_a_tag(client: TestClient) -> None:
    answer = client.get(NOWHERE)
    assert (answer.status_code, answer.content) == (204, b"")
    held = client.get(NOWHERE, headers={"If-None-Match": answer.headers["etag"]})
    assert held.status_code == 304


def test_properties_replace_those_of_the_zoom(client: TestClient) -> None:
    assert names_in(layers_of(client.get(TILE))["enterprises"]) == {"id", "boundary_status"}
    some = layers_of(client.get(f"{TILE}?properties=name_zh,section"))["enterprises"]
    assert names_in(some) == {"id", "name_zh", "section"}
    none = layers_of(client.get(f"{TILE}?properties="))["enterprises"]
    assert names_in(none) == {"id"}
    every = layers_of(client.get(f"{TILE}?properties=*"))["enterprises"]
    assert {"id", "name_zh", "source", "industry"} <= names_in(every)
    item = client.get("/ogc/collections/enterprises/items/baidu").json()["properties"]
    (baidu,) = (row["properties"] for row in every if row["properties"]["id"] == "baidu")
    assert baidu == {"id": "baidu"} | {k: v for k, v in item.items() if v is not None}


def test_properties_of_several_layers_may_belong_to_one(client: TestClient) -> None:
    found = layers_of(client.get(f"/ogc/tiles/{ZONE}?properties=industry_code,name_en"))
    assert "name_en" in names_in(found["clusters"])
    assert "industry_code" not in names_in(found["clusters"])


def test_valid_time_is_read_as_by_items(client: TestClient) -> None:
    for interval in ("1980-01-01", "2000-01-01/2009-12-31", "../1990-01-01", "2026-01-01/.."):
        items = client.get(f"/ogc/collections/bases/items?limit=9999&datetime={interval}").json()
        answer = client.get(f"/ogc/collections/bases/tiles/{ZONE}?datetime={interval}")
        located = [row for row in items["features"] if row["geometry"]]
        assert (answer.status_code == 200) == bool(located)


def test_a_write_changes_the_tag_and_until_then_304_is_answered(
    writable: tuple[TestClient, Engine],
) -> None:
    client, engine = writable
    for path in (TILE, f"/ogc/tiles/{ZONE}"):
        first = client.get(path)
        tag = first.headers["etag"]
        assert not tag.startswith("W/")
        assert first.headers["cache-control"] == "no-cache"
        held = client.get(path, headers={"If-None-Match": tag})
        assert (held.status_code, held.content, held.headers["etag"]) == (304, b"", tag)
        assert client.get(path).content == first.content
        _write(engine, path)
        changed = _when_changed(client, path, tag)
        assert changed.content != first.content
        assert len(layers_of(changed)["enterprises"]) == len(layers_of(first)["enterprises"]) + 1


def _write(engine: Engine, name: str) -> None:
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO enterprises (id, name_zh, source, as_of, boundary_status, geom)"
                " VALUES (:id, '新', 'test', '2020-01-01', 'schematic',"
                " ST_SetSRID(ST_MakePoint(116.3, 39.9), 4490))"
            ),
            {"id": f"new{len(name)}"},
        )


def _when_changed(client: TestClient, path: str, tag: str) -> Any:
    """The notice of a commit takes some milliseconds."""
    for _ in range(100):
        answer = client.get(path, headers={"If-None-Match": tag})
        if answer.status_code == 200:
            return answer
        time.sleep(0.02)
    raise AssertionError("the tag did not change")


def test_a_write_to_one_layer_leaves_the_others_tags(
    writable: tuple[TestClient, Engine],
) -> None:
    client, engine = writable
    path = f"/ogc/collections/clusters/tiles/{ZONE}"
    tag, other = client.get(path).headers["etag"], client.get(TILE).headers["etag"]
    _write(engine, "another layer")
    _when_changed(client, TILE, other)
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304


def test_a_tile_that_takes_too_long_is_503(writable: tuple[TestClient, Engine]) -> None:
    _, engine = writable
    with engine.begin() as connection:
        connection.execute(text(str(ENTERPRISES).replace("'e' ||", "'m' ||")), {"count": 4000})
    url = engine.url.set(drivername="postgresql").render_as_string(False)
    settings = Settings(database_url=url, statement_timeout_s=0.004)
    with TestClient(create_app(settings), raise_server_exceptions=False) as hurried:
        answer = hurried.get(f"{TILE}?properties=*")
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/query-timeout")
    assert answer.headers["retry-after"]


def test_head_answers_like_get_without_the_tile(client: TestClient) -> None:
    answer = client.head(TILE)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["etag"] == client.get(TILE).headers["etag"]


def test_a_tile_as_known_before_the_plan_was_loaded_is_empty(client: TestClient) -> None:
    assert client.get(f"/ogc/collections/bases/tiles/{ZONE}?as_known=2000-01-01").status_code == 204
    now = client.get(f"/ogc/collections/bases/tiles/{ZONE}?as_known=2999-01-01")
    assert now.content == client.get(f"/ogc/collections/bases/tiles/{ZONE}").content
