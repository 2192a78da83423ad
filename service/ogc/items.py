"""Items of a collection: the hot path, plain Starlette routes without FastAPI's cost a request.

The database has written the GeoJSON text of every feature; here it is only carried.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from geodata.features.items import ItemsQuery, Page, read_feature, read_page
from layers.catalog import CATALOG
from layers.layer import Layer
from service.ogc.links import GEOJSON, JSON, Link, link
from service.parameters import (
    AFTER,
    BBOX,
    DATETIME,
    DEFAULT_LIMIT,
    LIMIT,
    read_parameters,
)
from service.state import Service, service_of

ITEMS_PARAMETERS = (LIMIT, BBOX, DATETIME, AFTER)


async def items(request: Request) -> Response:
    """A page of features as a FeatureCollection (/req/core/fc-response)."""
    layer = CATALOG.get(request.path_params["layer"])
    values = read_parameters(request, ITEMS_PARAMETERS)
    query = _items_query(values)
    service = service_of(request)
    page = await read_page(service.pool, layer, query)
    matched = await _number_matched(service, layer, query, page)
    members = _members(matched, page, _links(request, layer, page))
    return Response(_collection_text(members, page.features), media_type=GEOJSON)


async def item(request: Request) -> Response:
    """One feature (/req/core/f-success)."""
    layer = CATALOG.get(request.path_params["layer"])
    read_parameters(request, ())
    feature_id = request.path_params["id"]
    feature = await read_feature(service_of(request).pool, layer, feature_id)
    path = f"/ogc/collections/{layer.id}"
    links = [
        link(request, f"{path}/items/{feature_id}", "self", GEOJSON),
        link(request, path, "collection", JSON, layer.title.en),
    ]
    return Response(b"%b,%b" % (feature[:-1], _members_text({"links": links})), media_type=GEOJSON)


ROUTES = (
    Route("/ogc/collections/{layer}/items", items, methods=["GET"]),
    Route("/ogc/collections/{layer}/items/{id}", item, methods=["GET"]),
)


def _items_query(values: dict[str, Any]) -> ItemsQuery:
    return ItemsQuery(
        limit=values.get("limit", DEFAULT_LIMIT),
        bbox=values.get("bbox"),
        interval=values.get("datetime", (None, None)),
        after=values.get("after"),
    )


async def _number_matched(
    service: Service, layer: Layer, query: ItemsQuery, page: Page
) -> int | None:
    """Exact where it costs nothing: the only page, or the whole layer; else left out."""
    if query.after is None and page.next_after is None:
        return len(page.features)
    if query.bbox is None and query.interval == (None, None):
        return (await service.extents.of(layer)).count
    return None


def _members(matched: int | None, page: Page, links: list[Link]) -> dict[str, Any]:
    stamp = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    number = {} if matched is None else {"numberMatched": matched}
    return {"timeStamp": stamp, **number, "numberReturned": len(page.features), "links": links}


def _links(request: Request, layer: Layer, page: Page) -> list[Link]:
    path = f"/ogc/collections/{layer.id}"
    given = dict(request.query_params)
    links = [
        link(request, f"{path}/items", "self", GEOJSON, query=given),
        link(request, path, "collection", JSON, layer.title.en),
    ]
    if page.next_after is not None:
        following = given | {"after": page.next_after}
        links.insert(1, link(request, f"{path}/items", "next", GEOJSON, query=following))
    return links


def _collection_text(members: dict[str, Any], features: list[bytes]) -> bytes:
    head = b'{"type":"FeatureCollection",' + _members_text(members)[:-1]
    return b"".join((head, b',"features":[', b",".join(features), b"]}"))


def _members_text(members: dict[str, Any]) -> bytes:
    """Members of a JSON object with the closing brace, without the opening one."""
    return orjson.dumps(members)[1:]


def operations() -> Iterator[tuple[str, str, tuple[Any, ...]]]:
    """Path, summary and query parameters of each route, for the API reference."""
    yield "/ogc/collections/{layer}/items", "Features of a collection", ITEMS_PARAMETERS
    yield "/ogc/collections/{layer}/items/{id}", "One feature", ()
