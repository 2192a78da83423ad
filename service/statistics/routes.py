"""`/api/statistics`: the profile of an area of the plan or of any polygon."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool

from geodata.statistics.profile import profile_of_area, profile_of_polygon
from layers.catalog import CATALOG
from service.body import read_json_object
from service.state import ServiceDep
from service.statistics.document import ProfileDocument, profile_document
from service.statistics.polygon import read_polygon

POLYGON_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["type"],
    "properties": {
        "type": {"enum": ["Polygon", "MultiPolygon", "Feature"]},
        "coordinates": {"type": "array", "minItems": 1},
        "geometry": {"type": "object"},
    },
}

POLYGON_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "GeoJSON Polygon or MultiPolygon in degrees, or a Feature that has one",
        "content": {
            "application/geo+json": {"schema": POLYGON_SCHEMA},
            "application/json": {"schema": POLYGON_SCHEMA},
        },
    }
}

router = APIRouter(tags=["Statistics"])


@router.get("/api/statistics/{layer}/{id}", summary="Profile of an area")
async def area_statistics(layer: str, id: str, service: ServiceDep) -> ProfileDocument:
    """Counts by industry and layer, land area, density and the plan's indicators of an area."""
    return profile_document(await profile_of_area(service.pool, CATALOG.get(layer), id))


@router.post("/api/statistics", summary="Profile of a polygon", openapi_extra=POLYGON_BODY)
async def polygon_statistics(request: Request, service: ServiceDep) -> ProfileDocument:
    """The same profile for any polygon; `declared` counts are null."""
    document = await read_json_object(request)
    polygon = await run_in_threadpool(read_polygon, document)
    return profile_document(await profile_of_polygon(service.pool, polygon))
