"""The API definition for OGC clients: OpenAPI 3.0, self-contained, one path a collection.

GDAL and QGIS read from it which parameters a collection has and how long a page may be; they
understand version 3.0 and look for each collection by its name. FastAPI's own document, version
3.1, stays at `/openapi.json`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse

from geodata.formats.catalog import FORMATS
from layers.attribute import Role
from layers.catalog import CATALOG
from layers.layer import Layer
from service.accounts.cookie import cookie_name
from service.accounts.reader import reader_of
from service.conditional import CACHE_RULES
from service.errors import MEDIA_TYPE as PROBLEM
from service.ogc.change_operations import change_operations
from service.ogc.formats import GEOJSON as GEOJSON_FORMAT
from service.ogc.links import GEOJSON, JSON, OPENAPI, SCHEMA
from service.ogc.query import ITEM_PARAMETERS, items_parameters
from service.ogc.schemas import TITLES as SCHEMA_TITLES
from service.ogc.styles import ALL_LAYERS, STYLE
from service.ogc.tile_documents import FORMAT_PARAMETER as TILESET_FORMAT
from service.ogc.tiles import DATASET_PARAMETERS, IN_PATH, LAYER_PARAMETERS, MVT
from service.openapi import (
    ANYBODY,
    PROBLEM_SCHEMA,
    parameter_document,
    problems,
    security_schemes,
)
from service.parameters import Parameter
from service.query import DOCUMENT_FORMAT
from service.web.twin import DOCUMENTS


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
        "paths": dict(_paths(request)),
        "components": {
            "schemas": SCHEMAS,
            "responses": {"Problem": PROBLEM_RESPONSE},
            "securitySchemes": security_schemes(cookie_name(request.scope)),
        },
        "security": ANYBODY,
    }
    return DefinitionResponse(document, headers=CACHE_RULES)


@dataclass(frozen=True)
class Resource:
    """A path of the definition.

    Args:
        path: below `/ogc`; `{layer}` is written out for each collection.
        operation: operation id, likewise.
        summary: what it answers with.
        media_type: of the answer.
        schema: of the answer, a name in `SCHEMAS`.
        parameters: query parameters.
    """

    path: str
    operation: str
    summary: str
    media_type: str = JSON
    schema: str = "Object"
    parameters: Sequence[Parameter] = ()

    @property
    def is_document(self) -> bool:
        """Whether people can get it as a page."""
        return self.media_type.partition(";")[0].endswith(DOCUMENTS)


SERVICE = (
    Resource("/", "getLandingPage", "Landing page"),
    Resource("/conformance", "getConformance", "Conformance classes", schema="Conformance"),
    Resource("/api", "getApi", "This definition", OPENAPI),
    Resource("/collections", "getCollections", "Collections"),
    Resource("/functions", "getFunctions", "Functions of filters"),
    Resource("/tileMatrixSets", "getTileMatrixSets", "Tile matrix sets"),
    Resource("/tileMatrixSets/{tileMatrixSet}", "getTileMatrixSet", "A tile matrix set"),
    Resource("/tiles", "getTilesets", "Tilesets of all layers"),
    Resource(
        "/tiles/{tileMatrixSet}",
        "getTileset",
        "Tileset of all layers",
        parameters=(TILESET_FORMAT,),
    ),
    Resource(
        "/tiles/{tileMatrixSet}/{tileMatrix}/{tileRow}/{tileCol}",
        "getTile",
        "Tile of several layers",
        MVT,
        "Binary",
        DATASET_PARAMETERS,
    ),
    Resource("/styles", "getStyles", "Styles"),
    Resource("/styles/{style}", "getStyle", "A style", STYLE),
)


def _collection(layer: Layer, reader: Role) -> tuple[Resource, ...]:
    title = layer.title.en
    path = f"/collections/{layer.id}"
    tiles = f"{path}/tiles/{{tileMatrixSet}}"
    return (
        Resource(path, f"describe_{layer.id}", f"Collection {title}"),
        Resource(
            f"{path}/items",
            f"get_{layer.id}",
            f"Features of {title}",
            GEOJSON,
            "FeatureCollection",
            items_parameters(layer, reader),
        ),
        Resource(
            f"{path}/items/{{featureId}}",
            f"get_{layer.id}_item",
            f"A feature of {title}",
            GEOJSON,
            "Feature",
            ITEM_PARAMETERS,
        ),
        *(
            Resource(f"{path}/{name}", f"get_{layer.id}_{name}", f"{summary}, {title}", SCHEMA)
            for name, summary in SCHEMA_TITLES.items()
        ),
        Resource(f"{path}/tiles", f"get_{layer.id}_tilesets", f"Tilesets of {title}"),
        Resource(
            tiles,
            f"get_{layer.id}_tileset",
            f"Tileset of {title}",
            parameters=(TILESET_FORMAT,),
        ),
        Resource(
            f"{tiles}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}",
            f"get_{layer.id}_tile",
            f"Tile of {title}",
            MVT,
            "Binary",
            LAYER_PARAMETERS,
        ),
        Resource(f"{path}/styles", f"get_{layer.id}_styles", f"Styles of {title}"),
        Resource(f"{path}/styles/{layer.id}", f"get_{layer.id}_style", f"Style of {title}", STYLE),
    )


def _paths(request: Request) -> Iterator[tuple[str, dict[str, Any]]]:
    """With the parameters that whoever asks may use."""
    layers = (_collection(layer, reader_of(request, layer)) for layer in CATALOG)
    for resource in (*SERVICE, *chain.from_iterable(layers)):
        yield resource.path, {"get": _operation(resource), **dict(_changes(resource))}


def _changes(resource: Resource) -> Iterator[tuple[str, dict[str, Any]]]:
    if resource.schema in ("Feature", "FeatureCollection"):
        name = resource.operation.removeprefix("get")
        yield from change_operations(resource.schema == "Feature", name, _places(resource), BODY)


def _operation(resource: Resource) -> dict[str, Any]:
    queried = list(resource.parameters)
    if resource.is_document and all(row.name != "f" for row in queried):
        queried.append(DOCUMENT_FORMAT)
    return {
        "summary": resource.summary,
        "operationId": resource.operation,
        "parameters": [*_places(resource), *map(parameter_document, queried)],
        "responses": dict(_responses(resource)),
    }


def _responses(resource: Resource) -> Iterator[tuple[str, dict[str, Any]]]:
    content = {resource.media_type: {"schema": {"$ref": f"#/components/schemas/{resource.schema}"}}}
    if resource.schema == "FeatureCollection":
        content |= {row.media_type: BINARY_CONTENT for row in FORMATS if row is not GEOJSON_FORMAT}
    if resource.is_document:
        content["text/html"] = {"schema": {"type": "string"}}
    yield "200", {"description": resource.summary, "content": content}
    if resource.schema == "Binary":
        yield "204", {"description": "Nothing is there; the tile is empty"}
    yield from problems((401, 429))
    yield "default", {"$ref": "#/components/responses/Problem"}


def _places(resource: Resource) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": dict(PLACES[name])}
        for name in re.findall(r"{(\w+)}", resource.path)
    ]


PLACES: Mapping[str, Mapping[str, Any]] = {
    "featureId": {"type": "string"},
    "style": {"type": "string", "enum": [ALL_LAYERS, *CATALOG.ids]},
    **IN_PATH,
}

BODY = {"type": "object"}

BINARY_CONTENT = {"schema": {"$ref": "#/components/schemas/Binary"}}

PROBLEM_RESPONSE = {
    "description": "Problem document (RFC 9457)",
    "content": {
        PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}},
        "text/html": {"schema": {"type": "string"}},
    },
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
    "Binary": {"type": "string", "format": "binary"},
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
            "numberMatched": {"type": "integer", "minimum": 0},
            "numberReturned": {"type": "integer", "minimum": 0},
        },
    },
}
