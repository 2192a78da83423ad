"""The API definition is valid OpenAPI 3.1 and tells of everything there is."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.openapi.models import OpenAPI
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from layers.catalog import CATALOG
from service.app import API_ROUTERS
from service.ogc import items, tiles
from service.ogc.query import items_parameters
from service.parameters import DEFAULT_LIMIT, MAXIMUM_LIMIT

ITEMS_PATH = "/ogc/collections/{layer}/items"

EXAMPLES = {
    "layer": "clusters",
    "id": "north",
    "style": "clusters",
    "tileMatrixSet": "WebMercatorQuad",
    "tileMatrix": 8,
    "tileRow": 96,
    "tileCol": 210,
}


@pytest.fixture(scope="module")
def definition(client: TestClient) -> dict[str, Any]:
    document: dict[str, Any] = client.get("/openapi.json").json()
    return document


def _operations(definition: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in definition["paths"].items():
        for method, operation in item.items():
            yield method.upper(), path, operation


def test_the_definition_is_openapi_3_1(definition: dict[str, Any]) -> None:
    assert definition["openapi"].startswith("3.1.")
    OpenAPI.model_validate(definition)


def test_the_definition_contains_all_it_refers_to(definition: dict[str, Any]) -> None:
    for reference in _references(definition):
        assert reference.startswith("#/"), reference
        place: Any = definition
        for part in reference.removeprefix("#/").split("/"):
            place = place[part]


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def test_every_route_of_the_api_is_documented(definition: dict[str, Any]) -> None:
    routes = {
        (method, route.path.rstrip("/"))
        for router in API_ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute) and route.include_in_schema
        for method in route.methods
    }
    routes |= {
        (method, route.path)
        for route in (*items.ROUTES, *tiles.ROUTES)
        for method in route.methods or ()
        if method not in ("HEAD", "OPTIONS")
    }
    assert routes == {(method, path) for method, path, _ in _operations(definition)}


def test_each_operation_has_a_name_of_its_own_and_a_summary(definition: dict[str, Any]) -> None:
    operations = [operation for _, _, operation in _operations(definition)]
    names = [operation["operationId"] for operation in operations]
    assert len(set(names)) == len(names)
    assert all(operation["summary"] and operation["tags"] for operation in operations)


def test_path_parameters_are_those_of_the_path(definition: dict[str, Any]) -> None:
    for _, path, operation in _operations(definition):
        parameters = [row for row in operation.get("parameters", ()) if row["in"] == "path"]
        assert [row["name"] for row in parameters] == re.findall(r"{(\w+)}", path)
        assert all(row["required"] is True for row in parameters)


SHOWN = {"200", "204", "304"}
ANY = {"401", "429", "default"}
CHANGES = {
    "post": {"201", "400", "403", "404", "409", "413", "415", "422", "503"},
    "put": {"200", "204", "400", "403", "404", "409", "412", "413", "415", "422", "428", "503"},
    "patch": {"200", "204", "400", "403", "404", "409", "412", "413", "415", "422", "428", "503"},
    "delete": {"204", "400", "403", "404", "409", "412", "428", "503"},
}


def test_every_operation_may_answer_with_a_problem(definition: dict[str, Any]) -> None:
    for method, path, operation in _operations(definition):
        statuses = set(operation["responses"])
        if path.startswith(ITEMS_PATH) and method != "GET":
            assert statuses == CHANGES[method.lower()] | ANY
        else:
            assert {"200"} | ANY <= statuses <= SHOWN | ANY
        for status in statuses - SHOWN - {"201"}:
            assert "application/problem+json" in operation["responses"][status]["content"]
        assert "Retry-After" in operation["responses"]["429"]["headers"]


def test_it_tells_how_one_shows_who_one_is(definition: dict[str, Any]) -> None:
    schemes = definition["components"]["securitySchemes"]
    assert schemes["token"] == {"type": "http", "scheme": "bearer"}
    assert (schemes["session"]["in"], schemes["session"]["name"]) == ("cookie", "zgc_session")
    assert {} in definition["security"]
    for method in CHANGES:
        path = ITEMS_PATH if method == "post" else f"{ITEMS_PATH}/{{id}}"
        assert {} not in definition["paths"][path][method]["security"]


def test_query_parameters_are_documented_as_they_are_read(definition: dict[str, Any]) -> None:
    rows = definition["paths"][ITEMS_PATH]["get"]["parameters"]
    shown = {row["name"]: row for row in rows if row["in"] == "query"}
    assert list(shown) == [row.name for row in items_parameters(None)]
    for parameter in items_parameters(None):
        row = shown[parameter.name]
        assert row["schema"] == parameter.schema
        assert row["description"] == parameter.description
        assert not row.get("required")
    assert shown["limit"]["schema"] == {
        "type": "integer",
        "minimum": 1,
        "maximum": MAXIMUM_LIMIT,
        "default": DEFAULT_LIMIT,
    }
    assert (shown["bbox"]["style"], shown["bbox"]["explode"]) == ("form", False)


def test_collections_are_those_of_the_catalog(definition: dict[str, Any]) -> None:
    layer = definition["paths"][ITEMS_PATH]["get"]["parameters"][0]
    assert layer["schema"]["enum"] == list(CATALOG.ids)


def _required(operation: dict[str, Any]) -> dict[str, Any]:
    """The queries that an operation cannot do without, as its own examples."""
    rows = operation.get("parameters", [])
    needed = [row for row in rows if row["in"] == "query" and row.get("required")]
    return {row["name"]: row["schema"]["examples"][0] for row in needed}


def test_every_documented_get_answers(client: TestClient, definition: dict[str, Any]) -> None:
    for method, path, operation in _operations(definition):
        if method == "GET":
            answer = client.get(path.format(**EXAMPLES), params=_required(operation))
            assert answer.status_code == 200
            media_type = answer.headers["content-type"]
            assert media_type in operation["responses"]["200"]["content"], path
