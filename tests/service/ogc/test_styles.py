"""Style sheets follow the declarations and lead to tiles that exist."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from layers.catalog import CATALOG
from layers.layer import Geometry, Layer
from layers.style import SCHEMATIC_DASH
from service.ogc.styles import ALL_LAYERS, STYLE

each_layer = pytest.mark.parametrize("layer", tuple(CATALOG), ids=lambda layer: layer.id)


def sheet(client: TestClient, path: str) -> dict[str, Any]:
    answer = client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, STYLE)
    document: dict[str, Any] = answer.json()
    return document


def of_layer(document: dict[str, Any], layer: Layer) -> dict[str, dict[str, Any]]:
    rows = [row for row in document["layers"] if row.get("source-layer") == layer.id]
    return {row["id"].removeprefix(f"{layer.id}-"): row for row in rows}


def test_the_list_leads_to_every_style(client: TestClient) -> None:
    rows = client.get("/ogc/styles").json()["styles"]
    assert [row["id"] for row in rows] == [ALL_LAYERS, *CATALOG.ids]
    for row in rows:
        assert sheet(client, row["links"][0]["href"])["version"] == 8


@each_layer
def test_a_layers_style_is_the_same_from_both_sides(client: TestClient, layer: Layer) -> None:
    (row,) = client.get(f"/ogc/collections/{layer.id}/styles").json()["styles"]
    assert sheet(client, row["links"][0]["href"]) == sheet(client, f"/ogc/styles/{layer.id}")


@pytest.mark.parametrize("name", [ALL_LAYERS, *CATALOG.ids])
def test_tiles_are_absolute_and_exist(client: TestClient, name: str) -> None:
    document = sheet(client, f"/ogc/styles/{name}")
    (source,) = document["sources"].values()
    (address,) = source["tiles"]
    assert address.startswith("http://")
    assert client.get(address.format(z=8, y=96, x=210)).status_code in (200, 204)
    ids = [row["id"] for row in document["layers"]]
    assert len(set(ids)) == len(ids)


@each_layer
def test_what_is_drawn_is_what_is_declared(client: TestClient, layer: Layer) -> None:
    rows = of_layer(sheet(client, f"/ogc/styles/{ALL_LAYERS}"), layer)
    assert rows["name"]["minzoom"] == layer.style.names_from
    if layer.geometry is Geometry.POINT:
        assert rows["point"]["paint"]["circle-color"] == layer.style.colour
        assert rows["cluster"]["filter"] == ["has", "point_count"]
        assert "point_count" in str(rows["count"]["layout"]["text-field"])
        return
    assert rows["cells"]["filter"] == ["has", "feature_count"]
    assert rows["line"]["paint"]["line-color"] == layer.style.colour
    assert "line-dasharray" not in rows["line"]["paint"]
    dash = rows["line-schematic"]["paint"]["line-dasharray"]
    assert [part * layer.style.width for part in dash] == pytest.approx(SCHEMATIC_DASH)
    assert ("fill" in rows) == (layer.geometry is Geometry.AREA)


def test_layers_are_drawn_in_the_declared_order(client: TestClient) -> None:
    drawn = [
        row["source-layer"]
        for row in sheet(client, f"/ogc/styles/{ALL_LAYERS}")["layers"][1:]
        if not row["id"].endswith("-name")
    ]
    expected = sorted(CATALOG, key=lambda layer: layer.style.order)
    assert list(dict.fromkeys(drawn)) == [layer.id for layer in expected]


@pytest.mark.parametrize(
    "path",
    ["/ogc/styles/dark", "/ogc/collections/bases/styles/axes", "/ogc/collections/rivers/styles"],
)
def test_an_unknown_style_is_404(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
