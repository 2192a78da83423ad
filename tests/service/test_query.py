"""Unknown query parameters are refused on every resource of the API."""

import pytest
from fastapi.testclient import TestClient

from layers.catalog import CATALOG
from service.ogc.query import ITEM_PARAMETERS, items_parameters

RESOURCES = {
    "/healthz": "none",
    "/readyz": "none",
    "/ogc": "f",
    "/ogc/conformance": "f",
    "/ogc/collections": "f",
    "/ogc/collections/clusters": "f",
    "/ogc/collections/clusters/items": ", ".join(
        row.name for row in items_parameters(CATALOG.get("clusters"))
    ),
    "/ogc/collections/clusters/items/north": ", ".join(row.name for row in ITEM_PARAMETERS),
    "/api/statistics/clusters/north": "as_known",
}


@pytest.mark.parametrize("path", RESOURCES)
@pytest.mark.parametrize("name", ["foo", "format", "LIMIT", "", "北"])
def test_an_unknown_parameter_is_named_with_those_allowed(
    client: TestClient, path: str, name: str
) -> None:
    answer = client.get(path, params={name: "1"})
    assert answer.status_code == 400
    assert answer.json()["type"] == "/problems/unknown-parameter"
    assert answer.json()["detail"] == (
        f"unknown query parameter {name!r}; allowed here: {RESOURCES[path]}"
    )


def test_an_unknown_parameter_is_refused_on_posts_too(client: TestClient) -> None:
    answer = client.post("/api/statistics?simplify=1", json={})
    assert answer.json()["type"] == "/problems/unknown-parameter"
