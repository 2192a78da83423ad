"""Schemas say what the features are: each served feature is valid by the schema of its layer."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from jsonschema import Draft202012Validator

from layers.catalog import CATALOG
from layers.layer import Layer

REL = "http://www.opengis.net/def/rel/ogc/1.0/"
NAMES = ("schema", "queryables", "sortables")


def _document(client: TestClient, layer: Layer, name: str) -> dict[str, Any]:
    answer = client.get(f"/ogc/collections/{layer.id}/{name}")
    assert answer.headers["content-type"] == "application/schema+json"
    document: dict[str, Any] = answer.json()
    return document


@pytest.fixture(params=tuple(CATALOG), ids=lambda layer: layer.id)
def layer(request: pytest.FixtureRequest) -> Layer:
    found: Layer = request.param
    return found


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_one_and_stands_where_its_id_says(
    name: str, layer: Layer, client: TestClient
) -> None:
    document = _document(client, layer, name)
    Draft202012Validator.check_schema(document)
    assert client.get(document["$id"]).json() == document
    links = {row["rel"]: row for row in client.get(f"/ogc/collections/{layer.id}").json()["links"]}
    assert links[f"{REL}{name}"]["href"] == document["$id"]
    assert links[f"{REL}{name}"]["type"] == "application/schema+json"


def test_every_feature_served_is_valid_by_the_schema(layer: Layer, client: TestClient) -> None:
    """Members of GeoJSON beside `properties` are the id and the geometry (Part 5, 8.4)."""
    document = _document(client, layer, "schema")
    nullable = {
        name: row if name == "geometry" else {"anyOf": [row, {"type": "null"}]}
        for name, row in document["properties"].items()
    }
    validator = Draft202012Validator({**document, "properties": nullable})
    for feature in client.get(f"/ogc/collections/{layer.id}/items?limit=1000").json()["features"]:
        flat = {"id": feature["id"], "geometry": feature["geometry"], **feature["properties"]}
        validator.validate(flat)
        assert set(flat) == set(document["properties"])


def test_whatever_is_queryable_can_be_named_in_a_filter(layer: Layer, client: TestClient) -> None:
    for name in _document(client, layer, "queryables")["properties"]:
        answer = client.get(
            f"/ogc/collections/{layer.id}/items", params={"filter": f"{name} IS NULL"}
        )
        assert answer.status_code == 200, answer.text


def test_a_simple_queryable_is_a_parameter_too(layer: Layer, client: TestClient) -> None:
    """Part 3, /req/queryables-query-parameters/parameters."""
    paths = client.get("/ogc/api").json()["paths"]
    given = {row["name"] for row in paths[f"/collections/{layer.id}/items"]["get"]["parameters"]}
    assert set(_document(client, layer, "queryables")["properties"]) - given == {"geometry"}


def test_whatever_is_sortable_sorts_and_nothing_else(layer: Layer, client: TestClient) -> None:
    sortable = _document(client, layer, "sortables")["properties"]
    assert "geometry" not in sortable
    for name in _document(client, layer, "queryables")["properties"]:
        answer = client.get(f"/ogc/collections/{layer.id}/items", params={"sortby": name})
        assert answer.status_code == (200 if name in sortable else 400)


def test_what_few_may_read_is_in_no_schema(client: TestClient) -> None:
    for name in NAMES:
        assert "holder" not in _document(client, CATALOG.get("parcels"), name)["properties"]


def test_roles_titles_units_and_enumerations_are_told(client: TestClient) -> None:
    properties = _document(client, CATALOG.get("parcels"), "schema")["properties"]
    assert properties["id"]["x-ogc-role"] == "id"
    assert properties["geometry"] == {
        "title": "几何 Geometry",
        "x-ogc-role": "primary-geometry",
        "format": "geometry-multipolygon",
        "x-ogc-propertySeq": 2,
    }
    assert properties["area_registered_m2"]["x-ogc-unit"] == "m2"
    assert properties["area_registered_m2"]["title"] == "证载面积 Registered area"
    modes = {row["const"]: row["title"] for row in properties["supply_mode"]["oneOf"]}
    assert list(modes) == properties["supply_mode"]["enum"]
    assert any(title.startswith("挂牌") for title in modes.values())


def test_functions_are_listed_and_each_can_be_called(client: TestClient) -> None:
    literals = {"string": "'a'", "geometry": "geometry", "number": "1.5", "integer": "1"}
    functions = client.get("/ogc/functions").json()["functions"]
    assert functions
    for function in functions:
        arguments = ", ".join(literals[row["type"][0]] for row in function["args"])
        text = f"{function['name']}({arguments}) IS NULL"
        answer = client.get("/ogc/collections/clusters/items", params={"filter": text})
        assert answer.status_code == 200, answer.text
