"""Items of a collection: the hot path, plain ASGI endpoints without a framework's cost a request.

The database has written the GeoJSON text of every feature; here it is only carried. What a client
holds is confirmed without a look at the data, what the cache holds is sent as it is, and what an
address asks for is worked out once.
"""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson
from starlette.requests import Request
from starlette.types import ASGIApp

from geodata.features.items import (
    FeaturePlan,
    ItemsQuery,
    PagePlan,
    Rendition,
    count_features,
    plan_feature,
    plan_page,
    run_feature,
    run_page,
)
from layers.attribute import Role
from layers.catalog import CATALOG
from layers.layer import Layer
from service.accounts.principal import principal_of
from service.accounts.reader import reader_of
from service.audit.reading import keep_export, keep_features
from service.cache import Answer, tag_for
from service.conditional import (
    CACHE_RULES,
    content_etag,
    not_modified,
    strong_etag,
    weak_etag,
)
from service.endpoint import plain_route
from service.ogc import changes
from service.ogc.change_operations import change_operations
from service.ogc.formats import GEOJSON as GEOJSON_FORMAT
from service.ogc.formats import file_response, wanted_format
from service.ogc.item_links import KEPT, feature_links, page_links
from service.ogc.links import GEOJSON, base_address
from service.ogc.query import (
    HITS,
    ITEM_PARAMETERS,
    items_parameters,
    items_query,
    rendition_of,
    selection_of,
)
from service.openapi import Operation, layer_parameter
from service.parameters import read_parameters
from service.state import Service, service_of

Values = dict[str, Any]

KEPT_BYTES = 2 * 2**20
"""Larger answers would drive many others out of the cache."""


OTHER_RENDITIONS_GROWTH = 2
"""How much longer than the stored text a feature in another CRS is at most, about."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the query of an address asks of a layer."""

    values: Values
    query: ItemsQuery
    plan: PagePlan


@lru_cache(maxsize=KEPT)
def _asked(layer: Layer, reader: Role, query_string: bytes) -> Asked:
    values = read_parameters(query_string, items_parameters(layer, reader))
    query = items_query(layer, values, reader)
    return Asked(values, query, plan_page(layer, query))


@lru_cache(maxsize=KEPT)
def _asked_one(layer: Layer, reader: Role, query_string: bytes) -> FeaturePlan:
    values = read_parameters(query_string, ITEM_PARAMETERS)
    rendition = rendition_of(layer, values, reader)
    return plan_feature(layer, rendition, selection_of(layer, values, reader))


async def items(request: Request) -> ASGIApp:
    """A page of features as a FeatureCollection (/req/core/fc-response), or a file of them."""
    layer = CATALOG.get(request.path_params["layer"])
    reader = reader_of(request, layer)
    asked = _asked(layer, reader, request.scope["query_string"])
    service = service_of(request)
    format = wanted_format(request, asked.values)
    names = asked.query.rendition.properties
    if format is not GEOJSON_FORMAT:
        page = "limit" in asked.values
        await keep_export(request, layer, reader, names, format.name)
        exports = service.readings[reader].exports
        return await file_response(exports, layer, asked.query, format, page=page)
    etag = await weak_etag(request, service.versions, layer)
    if layer.keeps_from(reader):
        found = await _kept(request, etag, lambda: _page(request, layer, asked, None))
        return await _audited(request, layer, reader, names, found)
    if (held := not_modified(request.scope, etag)) is not None:
        return held
    found = await _kept(request, etag, lambda: _page(request, layer, asked, etag))
    await keep_features(request, layer, reader, names, number=found.features)
    return found


async def _audited(
    request: Request,
    layer: Layer,
    reader: Role,
    names: tuple[str, ...] | None,
    found: Answer,
    features: tuple[str, ...] = (),
) -> ASGIApp:
    """The answer, once the audit is told of it; who holds it already learns nothing by it."""
    held = not_modified(request.scope, tag_for(request.scope, found.etag))
    if held is not None:
        return held
    await keep_features(request, layer, reader, names, features=features, number=found.features)
    return found


async def item(request: Request) -> ASGIApp:
    """One feature (/req/core/f-success); a tag that matches is no proof that there is one.

    Who changes features is told the tag of the row, even of more than they read.
    """
    layer = CATALOG.get(request.path_params["layer"])
    reader = reader_of(request, layer)
    plan = _asked_one(layer, reader, request.scope["query_string"])
    etag = await weak_etag(request, service_of(request).versions, layer)
    if layer.keeps_from(reader) and not principal_of(request).may_write(layer):
        found = await _kept(request, f"{etag} told", lambda: _feature(request, plan, None))
    else:
        found = await _kept(request, etag, lambda: _feature(request, plan, etag))
    mine, names = (request.path_params["id"],), plan.rendition.properties
    return await _audited(request, layer, reader, names, found, features=mine)


async def _kept(request: Request, etag: str, make: Callable[[], Awaitable[Answer]]) -> Answer:
    """The answer from the cache, or made; never older than its tag says, as that is read first."""
    answers = service_of(request).answers
    key = (base_address(request), request.scope["raw_path"], request.scope["query_string"], etag)
    found = answers.get(key)
    if found is None:
        found = await make()
        if len(found) <= KEPT_BYTES:
            answers.put(key, found)
    return found


async def _page(request: Request, layer: Layer, asked: Asked, etag: str | None) -> Answer:
    service = service_of(request)
    query = asked.query
    pool = service.readings[query.selection.reader].pool
    links = page_links(base_address(request), layer, request.scope["query_string"])
    if asked.values.get("resulttype") == HITS:
        matched: int | None = await count_features(pool, layer, query.selection)
        return _collection(request, layer, matched, [], links.of(None), query, etag)
    page = await run_page(pool, asked.plan, await _most_bytes(service, layer, query))
    matched = len(page.features)
    if query.after is not None or page.next_after is not None:
        matched = await _number_matched(service, layer, query)
    onward = links.of(page.next_after)
    return _collection(request, layer, matched, page.features, onward, query, etag)


async def _most_bytes(service: Service, layer: Layer, query: ItemsQuery) -> int | None:
    """The limit of a page, where its features could exceed it; None spares the database a sum."""
    most = service.settings.page_bytes
    known = await service.extents.known(layer)
    if known is None or query.selection.as_known is not None:
        return most
    growth = 1 if query.rendition.is_stored else OTHER_RENDITIONS_GROWTH
    return most if known.heaviest * query.limit * growth > most else None


async def _number_matched(service: Service, layer: Layer, query: ItemsQuery) -> int | None:
    """Exact where it costs nothing: of the whole layer; else on request (`resulttype=hits`)."""
    if query.selection.is_whole_layer:
        return (await service.extents.of(layer)).count
    return None


async def _feature(request: Request, plan: FeaturePlan, etag: str | None) -> Answer:
    feature_id = request.path_params["id"]
    pool = service_of(request).readings[plan.reader].pool
    feature, tag = await run_feature(pool, plan, feature_id)
    if tag is not None and etag is not None:
        etag = strong_etag(request, tag, plan.layer)
    query = request.scope["query_string"]
    links, header = feature_links(base_address(request), plan.layer, query, feature_id)
    body = b'%b,"links":%b}' % (feature[:-1], links)
    etag = etag or content_etag(body, request, plan.layer)
    return _geojson(body, header, plan.rendition, etag)


def _collection(
    request: Request,
    layer: Layer,
    matched: int | None,
    features: list[bytes],
    links: tuple[bytes, bytes],
    query: ItemsQuery,
    etag: str | None,
) -> Answer:
    document, header = links
    number = {} if matched is None else {"numberMatched": matched}
    members = orjson.dumps({**number, "numberReturned": len(features)})
    head = b'{"type":"FeatureCollection",%b,"links":%b,"features":[' % (members[1:-1], document)
    body = b"".join((head, b",".join(features), b"]}"))
    tag = etag or content_etag(body, request, layer)
    return _geojson(body, header, query.rendition, tag, len(features))


def _geojson(
    body: bytes, link_header: bytes, rendition: Rendition, etag: str, features: int = 1
) -> Answer:
    """GeoJSON that says its CRS (Part 2, /req/crs/ogc-crs-header)."""
    headers = {
        "Content-Crs": f"<{rendition.crs.uri}>",
        "Link": link_header.decode("latin-1"),
        **CACHE_RULES,
    }
    return Answer(body, GEOJSON, etag, headers, features)


ROUTES = (
    plain_route("/ogc/collections/{layer}/items", {"GET": items, **changes.COLLECTION}),
    plain_route("/ogc/collections/{layer}/items/{id}", {"GET": item, **changes.FEATURE}),
)


def operations() -> Iterator[Operation]:
    """The routes, for the API reference."""
    rows = (
        ("/ogc/collections/{layer}/items", "Features of a collection", items_parameters(None)),
        ("/ogc/collections/{layer}/items/{id}", "One feature", ITEM_PARAMETERS),
    )
    for path, summary, parameters in rows:
        of_one = path.endswith("{id}")
        others = change_operations(of_one, "_feature", (layer_parameter(),), {"type": "object"})
        yield path, summary, parameters, dict(others)
