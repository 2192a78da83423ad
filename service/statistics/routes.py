"""`/api/statistics`: the profile of an area of the plan or of any polygon."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool

from geodata.statistics.profile import profile_of_area, profile_of_polygon
from layers.catalog import CATALOG
from service.body import read_json_object
from service.errors import InvalidParameterError
from service.parameters import AS_KNOWN, parse_instant
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


AsKnown = Annotated[
    str | None, Query(description=AS_KNOWN.description, examples=["2015-06-30"], min_length=1)
]


@router.get("/api/statistics/{layer}/{id}", summary="Profile of an area")
async def area_statistics(
    layer: str, id: str, service: ServiceDep, as_known: AsKnown = None
) -> ProfileDocument:
    """Counts by industry and layer, land area, density and the plan's indicators of an area.

    Assignments of enterprises, indicators and targets are the plan's text: `as_known` leaves
    them as they are.
    """
    instant = _instant(as_known)
    return profile_document(await profile_of_area(service.pool, CATALOG.get(layer), id, instant))


@router.post("/api/statistics", summary="Profile of a polygon", openapi_extra=POLYGON_BODY)
async def polygon_statistics(
    request: Request, service: ServiceDep, as_known: AsKnown = None
) -> ProfileDocument:
    """The same profile for any polygon; `declared` counts are null."""
    document = await read_json_object(request)
    polygon = await run_in_threadpool(read_polygon, document, service.settings.polygon_positions)
    return profile_document(await profile_of_polygon(service.pool, polygon, _instant(as_known)))


def _instant(text: str | None) -> datetime | None:
    try:
        return None if text is None else parse_instant(text)
    except ValueError as error:
        raise InvalidParameterError(AS_KNOWN.name, text or "", str(error)) from error
