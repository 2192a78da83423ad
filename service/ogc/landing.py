"""OGC API landing page and conformance declaration (Common Part 1, Features Part 1)."""

from typing import Any

from fastapi import APIRouter, Request

from geodata.features.cql2.conformance import CLASSES as CQL2
from service.ogc.changes import CONFORMANCE as CHANGES
from service.ogc.links import JSON, OPENAPI, DocumentResponse, link, own_links
from service.ogc.schemas import functions_link
from service.ogc.tile_documents import CONFORMANCE as TILES
from service.ogc.tile_documents import tile_links

SPECIFICATIONS = "http://www.opengis.net/spec"

DECLARED = {
    "ogcapi-common-1": ("core", "landing-page", "json", "html", "oas30"),
    "ogcapi-common-2": ("collections",),
    "ogcapi-features-1": ("core", "geojson", "html", "oas30"),
    "ogcapi-features-2": ("crs",),
    "ogcapi-features-3": (
        "filter",
        "features-filter",
        "queryables",
        "queryables-query-parameters",
    ),
    "ogcapi-features-5": (
        "schemas",
        "core-roles-features",
        "returnables-and-receivables",
        "queryables",
        "sortables",
    ),
}
"""Standard and its classes that hold."""

CONFORMANCE = (
    *(
        f"{SPECIFICATIONS}/{standard}/1.0/conf/{name}"
        for standard, names in DECLARED.items()
        for name in names
    ),
    *CQL2,
    *CHANGES,
    *TILES,
)

router = APIRouter(tags=["OGC API"], default_response_class=DocumentResponse)


@router.get("/ogc/", include_in_schema=False)
@router.get("/ogc", summary="Landing page")
def landing_page(request: Request) -> dict[str, Any]:
    """Where everything is (/req/core/root-success).

    With a slash or without: clients append paths to either.
    """
    return {
        "title": "中关村示范区地理信息系统 ZGC-GIS",
        "description": "中关村国家自主创新示范区地理信息系统；"
        "Geographic information system of the Zhongguancun demonstration zone",
        "links": [
            *own_links(request, "/ogc"),
            link(request, "/ogc/api", "service-desc", OPENAPI, "API definition"),
            link(request, "/docs", "service-doc", "text/html", "API reference"),
            link(request, "/ogc/conformance", "conformance", JSON, "Conformance classes"),
            link(request, "/ogc/collections", "data", JSON, "Collections"),
            functions_link(request),
            *tile_links(request),
        ],
    }


@router.get("/ogc/conformance", summary="Conformance classes")
def conformance() -> dict[str, Any]:
    """Classes that hold (/req/core/conformance-success)."""
    return {"conformsTo": list(CONFORMANCE)}
