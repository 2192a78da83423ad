"""Collections: one for each layer of the catalog (/req/core/fc-md-success)."""

from typing import Any

from fastapi import APIRouter, Request

from geodata.database.tables import SRID
from geodata.features.crs import CRS84, EPSG, ROWS
from geodata.features.extents import Extent
from layers.catalog import CATALOG
from layers.layer import Layer
from service.ogc.links import GEOJSON, DocumentResponse, link, own_links
from service.ogc.schemas import schema_links
from service.ogc.tile_documents import layer_tile_links
from service.state import ServiceDep

STORAGE_CRS = EPSG.format(SRID)

router = APIRouter(tags=["OGC API"], default_response_class=DocumentResponse)


@router.get("/ogc/collections", summary="Collections")
async def collections(request: Request, service: ServiceDep) -> dict[str, Any]:
    """Every layer, in catalog order."""
    found = [
        collection_document(request, layer, await service.extents.of(layer)) for layer in CATALOG
    ]
    return {
        "links": own_links(request, "/ogc/collections"),
        "collections": found,
    }


@router.get("/ogc/collections/{layer}", summary="One collection")
async def collection(request: Request, layer: str, service: ServiceDep) -> dict[str, Any]:
    """One layer (/req/core/sfc-md-success)."""
    found = CATALOG.get(layer)
    return collection_document(request, found, await service.extents.of(found))


def collection_document(request: Request, layer: Layer, extent: Extent) -> dict[str, Any]:
    """Description of a collection; a layer without positions has no spatial extent."""
    path = f"/ogc/collections/{layer.id}"
    document: dict[str, Any] = {
        "id": layer.id,
        "title": f"{layer.title.zh} {layer.title.en}",
        "description": f"{layer.description.zh} {layer.description.en}",
        "itemType": "feature",
        "numberOfFeatures": extent.count,
        "crs": [row.uri for row in ROWS],
        "storageCrs": STORAGE_CRS,
        "links": [
            *own_links(request, path),
            link(request, f"{path}/items", "items", GEOJSON, layer.title.en),
            *schema_links(request, layer),
            *layer_tile_links(request, layer),
        ],
    }
    if extent.bbox is not None:
        document["extent"] = {"spatial": {"bbox": [list(extent.bbox)], "crs": CRS84.uri}}
    return document
