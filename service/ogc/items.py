"""Items of a collection: the hot path, plain Starlette routes without FastAPI's cost a request.

The database has written the GeoJSON text of every feature; here it is only carried.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from geodata.features.items import ItemsQuery, Page, Rendition, read_feature, read_page
from layers.catalog import CATALOG
from layers.layer import Layer
from service.conditional import CACHE_RULES, not_modified, weak_etag
from service.ogc.formats import GEOJSON as GEOJSON_FORMAT
from service.ogc.formats import file_response, wanted_format
from service.ogc.links import GEOJSON, JSON, Link, link
from service.ogc.query import (
    ITEM_PARAMETERS,
    items_parameters,
    items_query,
    rendition_of,
    selection_of,
)
from service.parameters import read_parameters
from service.state import Service, service_of


async def items(request: Request) -> Response:
    """A page of features as a FeatureCollection (/req/core/fc-response)."""
    layer = CATALOG.get(request.path_params["layer"])
    values = read_parameters(request, items_parameters(layer))
    query = items_query(layer, values)
    service = service_of(request)
    format = wanted_format(request, values)
    if format is not GEOJSON_FORMAT:
        return await file_response(service.pool, layer, query, format, page="limit" in values)
    etag = await weak_etag(request, service.versions, layer)
    if (unchanged := not_modified(request, etag)) is not None:
        return unchanged
    page = await read_page(service.pool, layer, query)
    matched = await _number_matched(service, layer, query, page)
    members = _members(matched, page, _links(request, layer, page))
    return _geojson(_collection_text(members, page.features), query.rendition, etag)


async def item(request: Request) -> Response:
    """One feature (/req/core/f-success)."""
    layer = CATALOG.get(request.path_params["layer"])
    values = read_parameters(request, ITEM_PARAMETERS)
    feature_id = request.path_params["id"]
    rendition = rendition_of(layer, values)
    service = service_of(request)
    etag = await weak_etag(request, service.versions, layer)
    selection = selection_of(layer, values)
    feature = await read_feature(service.pool, layer, feature_id, rendition, selection)
    if (unchanged := not_modified(request, etag)) is not None:
        return unchanged
    path = f"/ogc/collections/{layer.id}"
    links = [
        link(request, f"{path}/items/{feature_id}", "self", GEOJSON, query=_given(request)),
        link(request, path, "collection", JSON, layer.title.en),
    ]
    return _geojson(b"%b,%b" % (feature[:-1], _members_text({"links": links})), rendition, etag)


ROUTES = (
    Route("/ogc/collections/{layer}/items", items, methods=["GET"]),
    Route("/ogc/collections/{layer}/items/{id}", item, methods=["GET"]),
)


def _geojson(body: bytes, rendition: Rendition, etag: str) -> Response:
    """GeoJSON that says its CRS (Part 2, /req/crs/ogc-crs-header)."""
    headers = {"Content-Crs": f"<{rendition.crs.uri}>", "ETag": etag, **CACHE_RULES}
    return Response(body, headers=headers, media_type=GEOJSON)


async def _number_matched(
    service: Service, layer: Layer, query: ItemsQuery, page: Page
) -> int | None:
    """Exact where it costs nothing: the only page, or the whole layer; else left out."""
    if query.after is None and page.next_after is None:
        return len(page.features)
    if query.selection.is_whole_layer:
        return (await service.extents.of(layer)).count
    return None


def _members(matched: int | None, page: Page, links: list[Link]) -> dict[str, Any]:
    stamp = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    number = {} if matched is None else {"numberMatched": matched}
    return {"timeStamp": stamp, **number, "numberReturned": len(page.features), "links": links}


def _links(request: Request, layer: Layer, page: Page) -> list[Link]:
    path = f"/ogc/collections/{layer.id}"
    given = _given(request)
    links = [
        link(request, f"{path}/items", "self", GEOJSON, query=given),
        link(request, path, "collection", JSON, layer.title.en),
    ]
    if page.next_after is not None:
        following = {**given, "after": page.next_after}
        links.insert(1, link(request, f"{path}/items", "next", GEOJSON, query=following))
    return links


def _given(request: Request) -> Mapping[str, str]:
    return dict(request.query_params)


def _collection_text(members: dict[str, Any], features: list[bytes]) -> bytes:
    head = b'{"type":"FeatureCollection",' + _members_text(members)[:-1]
    return b"".join((head, b',"features":[', b",".join(features), b"]}"))


def _members_text(members: dict[str, Any]) -> bytes:
    """Members of a JSON object with the closing brace, without the opening one."""
    return orjson.dumps(members)[1:]


def operations() -> Iterator[tuple[str, str, tuple[Any, ...]]]:
    """Path, summary and query parameters of each route, for the API reference."""
    common = items_parameters(None)
    yield "/ogc/collections/{layer}/items", "Features of a collection", common
    yield "/ogc/collections/{layer}/items/{id}", "One feature", ITEM_PARAMETERS
