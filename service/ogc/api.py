"""The API definition for OGC clients: OpenAPI 3.0, self-contained, one path a collection.

GDAL and QGIS read from it which parameters a collection has and how long a page may be; they
understand version 3.0 and look for each collection by its name. FastAPI's own document, version
3.1, stays at `/openapi.json`.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse

from layers.catalog import CATALOG
from layers.layer import Layer
from service.errors import MEDIA_TYPE as PROBLEM
from service.ogc.links import GEOJSON, JSON, OPENAPI
from service.ogc.query import ITEM_PARAMETERS, items_parameters
from service.openapi import PROBLEM_SCHEMA, parameter_document
from service.parameters import Parameter


class DefinitionResponse(JSONResponse):
    """OpenAPI 3.0 as JSON."""

    media_type = OPENAPI


router = APIRouter(tags=["OGC API"])


@router.get("/ogc/api", summary="API definition", response_class=DefinitionResponse)
def api_definition(request: Request) -> DefinitionResponse:
    """The definition of everything below `/ogc` (/req/oas30/oas-definition-1)."""
    document = {
        "openapi": "3.0.3",
        "info": {
            "title": "ZGC-GIS OGC API",
            "description": "中关村示范区地理信息系统 OGC API",
            "version": request.app.version,
            "license": {"name": "Apache-2.0"},
        },
        "servers": [{"url": f"{str(request.base_url).rstrip('/')}/ogc"}],
        "paths": dict(_paths()),
        "components": {"schemas": SCHEMAS, "responses": {"Problem": PROBLEM_RESPONSE}},
    }
    return DefinitionResponse(document)


def _paths() -> Iterator[tuple[str, dict[str, Any]]]:
    yield "/", _get("Landing page", "getLandingPage", JSON, "Object")
    yield "/conformance", _get("Conformance classes", "getConformance", JSON, "Conformance")
    yield "/api", _get("This definition", "getApi", OPENAPI, "Object")
    yield "/collections", _get("Collections", "getCollections", JSON, "Object")
    for layer in CATALOG:
        yield from _collection_paths(layer)


def _collection_paths(layer: Layer) -> Iterator[tuple[str, dict[str, Any]]]:
    path, name, title = f"/collections/{layer.id}", layer.id, layer.title.en
    yield path, _get(f"Collection {title}", f"describe_{name}", JSON, "Object")
    yield (
        f"{path}/items",
        _get(
            f"Features of {title}",
            f"get_{name}",
            GEOJSON,
            "FeatureCollection",
            items_parameters(layer),
        ),
    )
    one = _get(f"A feature of {title}", f"get_{name}_item", GEOJSON, "Feature", ITEM_PARAMETERS)
    one["get"]["parameters"].insert(0, FEATURE_ID)
    yield f"{path}/items/{{featureId}}", one


def _get(
    summary: str,
    operation: str,
    media_type: str,
    schema: str,
    parameters: Sequence[Parameter] = (),
) -> dict[str, Any]:
    content = {media_type: {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {
        "get": {
            "summary": summary,
            "operationId": operation,
            "parameters": [parameter_document(parameter) for parameter in parameters],
            "responses": {
                "200": {"description": summary, "content": content},
                "default": {"$ref": "#/components/responses/Problem"},
            },
        }
    }


FEATURE_ID = {
    "name": "featureId",
    "in": "path",
    "required": True,
    "schema": {"type": "string"},
}

PROBLEM_RESPONSE = {
    "description": "Problem document (RFC 9457)",
    "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}

GEOMETRY = {
    "type": "object",
    "nullable": True,
    "required": ["type", "coordinates"],
    "properties": {
        "type": {"type": "string"},
        "coordinates": {"type": "array", "items": {}},
    },
}

LINKS = {"type": "array", "items": {"$ref": "#/components/schemas/Link"}}

SCHEMAS: dict[str, Any] = {
    "Object": {"type": "object"},
    "Problem": PROBLEM_SCHEMA,
    "Conformance": {
        "type": "object",
        "required": ["conformsTo"],
        "properties": {"conformsTo": {"type": "array", "items": {"type": "string"}}},
    },
    "Link": {
        "type": "object",
        "required": ["href", "rel"],
        "properties": {name: {"type": "string"} for name in ("href", "rel", "type", "title")},
    },
    "Feature": {
        "type": "object",
        "required": ["type", "id", "geometry", "properties"],
        "properties": {
            "type": {"type": "string", "enum": ["Feature"]},
            "id": {"type": "string"},
            "geometry": GEOMETRY,
            "properties": {"type": "object", "nullable": True},
            "links": LINKS,
        },
    },
    "FeatureCollection": {
        "type": "object",
        "required": ["type", "features"],
        "properties": {
            "type": {"type": "string", "enum": ["FeatureCollection"]},
            "features": {"type": "array", "items": {"$ref": "#/components/schemas/Feature"}},
            "links": LINKS,
            "timeStamp": {"type": "string", "format": "date-time"},
            "numberMatched": {"type": "integer", "minimum": 0},
            "numberReturned": {"type": "integer", "minimum": 0},
        },
    },
}
