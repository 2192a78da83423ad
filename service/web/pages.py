"""The pages: portal, map and statistics."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response

from layers.catalog import CATALOG
from service.maps.zone_map import zone_map
from service.web.files import FOLDER, IMMUTABLE, REVALIDATE, Files
from service.web.language import Language, language_of
from service.web.shell import page

__all__ = ["page", "router"]

router = APIRouter(include_in_schema=False)


@router.get("/")
async def portal(request: Request) -> HTMLResponse:
    """What this is, what it holds, where to go."""
    return page(request, "portal.html", catalog=CATALOG)


@router.get("/map")
async def map_page(request: Request) -> HTMLResponse:
    """The map of the zone."""
    return page(request, "map.html", parts=zone_map(CATALOG, language_of(request)))


@router.get("/map/{language}.js")
async def map_script(language: Language, version: str = "") -> Response:
    """The script, made by Folium, that builds the map."""
    parts = zone_map(CATALOG, language)
    cache_rule = IMMUTABLE if version == parts.version else REVALIDATE
    return Response(
        parts.script,
        media_type="text/javascript",
        headers={"Cache-Control": cache_rule, "X-Content-Type-Options": "nosniff"},
    )


@router.get("/statistics")
async def statistics_page(request: Request) -> HTMLResponse:
    """The statistics of an area of the plan: `?layer=&id=`."""
    return page(
        request, "statistics.html", area_layers=[layer for layer in CATALOG if layer.is_area]
    )


@router.get("/favicon.ico")
async def favicon() -> FileResponse:
    """The icon, for browsers that ask for it unbidden."""
    return FileResponse(FOLDER / "zgc" / "icon.svg", media_type="image/svg+xml")


router.mount("/static", Files(directory=FOLDER), name="static")
