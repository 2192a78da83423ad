"""Tile matrix sets, tilesets and TileJSON hold together and lead to what they name."""

from typing import Any

import morecantile
import pytest
from fastapi.testclient import TestClient

from geodata.tiles.matrix_sets import MATRIX_SETS
from layers.catalog import CATALOG
from service.ogc.tile_documents import CONFORMANCE

BASES = ("/ogc/tiles", *(f"/ogc/collections/{name}/tiles" for name in CATALOG.ids))

each_grid = pytest.mark.parametrize("grid", MATRIX_SETS)
each_base = pytest.mark.parametrize("base", BASES)


def relations(document: dict[str, Any]) -> dict[str, str]:
    return {row["rel"].rsplit("/", 1)[-1]: row["href"] for row in document["links"]}


@each_grid
def test_a_tile_matrix_set_is_one_that_another_library_reads(client: TestClient, grid: str) -> None:
    document = client.get(f"/ogc/tileMatrixSets/{grid}").json()
    theirs = morecantile.TileMatrixSet.model_validate(document)
    ours = MATRIX_SETS[grid]
    for level in (ours.first, 7, ours.last):
        column, row = 5 % ours.size(level).columns, 2 % ours.size(level).rows
        matrix = theirs.tileMatrices[level - ours.first]
        assert matrix.id == str(level)
        bounds = theirs.xy_bounds(column, row, level)
        edges = (ours.x(level, column), ours.y(level, row + 1))
        assert (bounds.left, bounds.bottom) == pytest.approx(edges, rel=1e-9)


def test_all_sets_are_listed_and_linked(client: TestClient) -> None:
    document = client.get("/ogc/tileMatrixSets").json()
    assert [row["id"] for row in document["tileMatrixSets"]] == list(MATRIX_SETS)
    for row in document["tileMatrixSets"]:
        assert client.get(row["links"][0]["href"]).json()["id"] == row["id"]


def test_the_landing_page_and_collections_lead_to_tiles(client: TestClient) -> None:
    links = relations(client.get("/ogc").json())
    for name in ("tilesets-vector", "tiling-schemes", "styles"):
        assert client.get(links[name]).status_code == 200
    links = relations(client.get("/ogc/collections/bases").json())
    assert links["tilesets-vector"].endswith("/ogc/collections/bases/tiles")
    assert set(CONFORMANCE) <= set(client.get("/ogc/conformance").json()["conformsTo"])


@each_base
def test_a_list_has_a_tileset_for_each_grid_whose_links_lead_on(
    client: TestClient, base: str
) -> None:
    rows = client.get(base).json()["tilesets"]
    assert [row["links"][0]["href"].rsplit("/", 1)[-1] for row in rows] == list(MATRIX_SETS)
    for row in rows:
        links = relations(row)
        assert row["dataType"] == "vector"
        assert client.get(links["tiling-scheme"]).json()["crs"] == row["crs"]
        assert client.get(links["self"]).json()["crs"] == row["crs"]


@each_grid
@each_base
def test_limits_hold_every_feature_and_the_template_leads_to_tiles(
    client: TestClient, base: str, grid: str
) -> None:
    document = client.get(f"{base}/{grid}").json()
    (template,) = [row for row in document["links"] if row["rel"] == "item"]
    assert template["templated"] is True
    if "boundingBox" not in document:
        return
    limits = document["tileMatrixSetLimits"][9]
    rows = range(limits["minTileRow"], limits["maxTileRow"] + 1)
    columns = range(limits["minTileCol"], limits["maxTileCol"] + 1)

    def status(row: int, column: int) -> int:
        place = {"tileMatrix": limits["tileMatrix"], "tileRow": row, "tileCol": column}
        return client.get(template["href"].format(**place)).status_code

    assert 200 in {status(row, column) for row in rows for column in columns}
    beyond = {status(row, column) for row in (rows[0] - 2, rows[-1] + 2) for column in columns}
    assert beyond == {204}


@each_base
def test_a_tileset_tells_of_its_layers_rules_and_attributes(client: TestClient, base: str) -> None:
    document = client.get(f"{base}/WebMercatorQuad").json()
    for row in document["layers"]:
        layer = CATALOG.get(row["id"])
        properties = row["propertiesSchema"]["properties"]
        assert "id" in properties
        assert row["zoomRules"]["countAttribute"] in properties
        assert row["zoomRules"]["namesFromZoom"] == layer.style.names_from
        assert row["zoomRules"]["countAttribute"] in row["description"]
        assert "holder" not in properties


@each_base
def test_tilejson_comes_by_parameter_or_accept(client: TestClient, base: str) -> None:
    document = client.get(f"{base}/WebMercatorQuad?f=tilejson").json()
    accepted = client.get(
        f"{base}/WebMercatorQuad", headers={"Accept": "application/tilejson+json"}
    )
    assert accepted.json() == document
    assert document["tilejson"] == "3.0.0"
    assert {"id", "fields"} <= set(document["vector_layers"][0])
    address = document["tiles"][0].format(z=8, y=96, x=210)
    assert client.get(address).status_code in (200, 204)


def test_tilejson_of_a_grid_it_cannot_express_is_refused(client: TestClient) -> None:
    answer = client.get("/ogc/tiles/CGCS2000Quad?f=tilejson")
    assert answer.status_code == 400
    assert "WebMercatorQuad" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/ogc/tileMatrixSets/Mercator", 404),
        ("/ogc/tiles/Mercator", 404),
        ("/ogc/collections/bases/tiles/Mercator", 404),
        ("/ogc/collections/rivers/tiles", 404),
        ("/ogc/tiles?foo=1", 400),
        ("/ogc/tiles/WebMercatorQuad?f=xml", 400),
    ],
)
def test_what_is_not_there_is_a_problem(client: TestClient, path: str, status: int) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
