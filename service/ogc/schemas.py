"""What a layer's features are made of: schema, queryables, sortables (Features Parts 3 and 5)."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse

from geodata.features.cql2.functions import functions_document
from geodata.features.queryables import queryables_document, schema_document, sortables_document
from layers.attribute import Role
from layers.catalog import CATALOG
from layers.layer import Layer
from service.accounts.reader import reader_of
from service.conditional import CACHE_RULES
from service.ogc.links import JSON, REL, SCHEMA, Link, link

Document = dict[str, Any]

TITLES = {
    "schema": "Schema of the features",
    "queryables": "Properties that filters may name",
    "sortables": "Properties to sort by",
}
"""Resource below a collection, which is also its link relation."""


class SchemaResponse(JSONResponse):
    """A JSON Schema (Part 5, /req/schemas/schema-op)."""

    media_type = SCHEMA


router = APIRouter(tags=["OGC API"], default_response_class=SchemaResponse)


@router.get("/ogc/collections/{layer}/schema", summary=TITLES["schema"])
def schema(request: Request, layer: str) -> SchemaResponse:
    """Properties of the features served (Part 5, returnables)."""
    return _document(request, layer, "schema", schema_document)


@router.get("/ogc/collections/{layer}/queryables", summary=TITLES["queryables"])
def queryables(request: Request, layer: str) -> SchemaResponse:
    """Properties that `filter` may name (Part 3, /req/queryables/get-queryables-op)."""
    return _document(request, layer, "queryables", queryables_document)


@router.get("/ogc/collections/{layer}/sortables", summary=TITLES["sortables"])
def sortables(request: Request, layer: str) -> SchemaResponse:
    """Properties that `sortby` may name (Part 5, sortables)."""
    return _document(request, layer, "sortables", sortables_document)


def _document(
    request: Request, layer: str, name: str, make: Callable[[Layer, str, Role], Document]
) -> SchemaResponse:
    found = CATALOG.get(layer)
    own = link(request, f"/ogc/collections/{layer}/{name}", "self", SCHEMA)["href"]
    return SchemaResponse(make(found, own, reader_of(request, found)), headers=CACHE_RULES)


@router.get("/ogc/functions", summary="Functions of filters", response_class=JSONResponse)
def functions() -> Document:
    """Functions that filters may call (21-065r2, /req/functions/get-functions-op)."""
    return functions_document()


def functions_link(request: Request) -> Link:
    """For the landing page (21-065r2, /rec/functions/links)."""
    return link(request, "/ogc/functions", f"{REL}/functions", JSON, "Functions of filters")


def schema_links(request: Request, layer: Layer) -> list[Link]:
    """What a collection says of its schemas (/req/schemas/schema-op, /req/queryables/links)."""
    path = f"/ogc/collections/{layer.id}"
    return [
        link(request, f"{path}/{name}", f"{REL}/{name}", SCHEMA, title)
        for name, title in TITLES.items()
    ]
