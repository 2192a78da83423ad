"""The definition for OGC clients is valid OpenAPI 3.0 and says what the service does."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from openapi_spec_validator import OpenAPIV30SpecValidator

from layers.catalog import CATALOG
from layers.layer import Layer
from service.ogc.changes import MERGE_PATCH
from service.ogc.query import items_parameters
from service.parameters import DEFAULT_LIMIT, MAXIMUM_LIMIT


@pytest.fixture(scope="module")
def definition(client: TestClient) -> dict[str, Any]:
    answer = client.get("/ogc/api")
    assert answer.headers["content-type"] == "application/vnd.oai.openapi+json;version=3.0"
    document: dict[str, Any] = answer.json()
    return document


def test_the_definition_is_valid_and_self_contained(definition: dict[str, Any]) -> None:
    OpenAPIV30SpecValidator(definition).validate()
    assert {ref.split("/")[0] for ref in _references(definition)} == {"#"}


def _references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [ref for value in node.values() for ref in _references(value)]
    return [ref for value in node for ref in _references(value)] if isinstance(node, list) else []


def test_the_landing_page_leads_to_it(client: TestClient) -> None:
    links = {link["rel"]: link for link in client.get("/ogc").json()["links"]}
    assert links["service-desc"]["href"].endswith("/ogc/api")


@pytest.mark.parametrize("layer", tuple(CATALOG), ids=lambda layer: layer.id)
def test_each_collection_names_its_parameters(layer: Layer, definition: dict[str, Any]) -> None:
    operation = definition["paths"][f"/collections/{layer.id}/items"]["get"]
    given = {parameter["name"]: parameter for parameter in operation["parameters"]}
    assert list(given) == [row.name for row in items_parameters(layer)]
    assert given["limit"]["schema"] == {
        "type": "integer",
        "minimum": 1,
        "maximum": MAXIMUM_LIMIT,
        "default": DEFAULT_LIMIT,
    }


def test_every_path_without_a_variable_answers(
    client: TestClient, definition: dict[str, Any]
) -> None:
    for path in definition["paths"]:
        if "{" not in path:
            assert client.get(f"/ogc{path}".removesuffix("/")).status_code == 200


def test_operation_ids_are_unique(definition: dict[str, Any]) -> None:
    ids = [row["operationId"] for item in definition["paths"].values() for row in item.values()]
    assert len(set(ids)) == len(ids)


def test_changes_are_described_with_what_they_need(
    client: TestClient, definition: dict[str, Any]
) -> None:
    paths = definition["paths"]
    for layer in CATALOG:
        of_all = paths[f"/collections/{layer.id}/items"]
        of_one = paths[f"/collections/{layer.id}/items/{{featureId}}"]
        described = {*of_all, *of_one} - {"get"}
        offered = client.delete(f"/ogc/collections/{layer.id}/items").headers["allow"]
        offered += ", " + client.post(f"/ogc/collections/{layer.id}/items/x").headers["allow"]
        methods = {method.lower() for method in offered.split(", ")}
        assert described == methods - {"get", "head", "options"}
        for method in ("put", "patch", "delete"):
            rows = of_one[method]["parameters"]
            assert [row["name"] for row in rows if row.get("required")] == ["featureId", "If-Match"]
    assert set(
        paths["/collections/parcels/items/{featureId}"]["patch"]["requestBody"]["content"]
    ) == {MERGE_PATCH}
