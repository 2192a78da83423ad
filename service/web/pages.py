"""The pages: portal, map and statistics."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response

from geodata.geocoding.geocode import LONGEST_ADDRESS
from layers.catalog import CATALOG
from service.maps.parts import MapName, map_parts
from service.state import Service, ServiceDep
from service.web.areas import area_groups, plan_as_of
from service.web.files import FOLDER, IMMUTABLE, REVALIDATE, Files
from service.web.language import Language, language_of
from service.web.shell import page

__all__ = ["page", "router"]

router = APIRouter(include_in_schema=False)


@router.get("/")
async def portal(request: Request, service: ServiceDep) -> HTMLResponse:
    """What this is, what it holds, where to go."""
    counts = await _counts(service)
    as_of = await plan_as_of(service, CATALOG)
    return page(
        request,
        "portal.html",
        catalog=CATALOG,
        counts=counts,
        as_of=as_of,
        given="",
        longest=LONGEST_ADDRESS,
    )


@router.get("/map")
async def map_page(request: Request, service: ServiceDep) -> HTMLResponse:
    """The map of the zone."""
    parts = await map_parts(MapName.ZONE, language_of(request))
    return page(request, "map.html", parts=parts, counts=await _counts(service))


@router.get("/map/{language}.js")
async def map_script(language: Language, version: str = "") -> Response:
    """The script, made by Folium, that builds the map."""
    parts = await map_parts(MapName.ZONE, language)
    cache_rule = IMMUTABLE if version == parts.version else REVALIDATE
    return Response(
        parts.script,
        media_type="text/javascript",
        headers={"Cache-Control": cache_rule},
    )


@router.get("/statistics")
async def statistics_page(
    request: Request,
    service: ServiceDep,
    layer: str | None = None,
    area_id: Annotated[str | None, Query(alias="id")] = None,
) -> HTMLResponse:
    """The statistics of an area of the plan: `?layer=&id=`."""
    groups = await area_groups(service, CATALOG)
    return page(request, "statistics.html", groups=groups, layer_id=layer, area_id=area_id)


@router.get("/favicon.ico")
async def favicon() -> FileResponse:
    """The icon, for browsers that ask for it unbidden."""
    return FileResponse(FOLDER / "zgc" / "icon.svg", media_type="image/svg+xml")


async def _counts(service: Service) -> dict[str, int]:
    """Features by layer."""
    return {layer.id: (await service.extents.of(layer)).count for layer in CATALOG}


router.mount("/static", Files(directory=FOLDER), name="static")
