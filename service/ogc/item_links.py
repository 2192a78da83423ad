"""Links of items, worked out once for the requests that clients repeat."""

from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import parse_qsl, quote

import orjson

from geodata.formats.catalog import FORMATS
from layers.layer import Layer
from service.ogc.formats import GEOJSON as GEOJSON_FORMAT
from service.ogc.links import GEOJSON, HTML, JSON, REL, SCHEMA, Link, href, link_header
from service.parameters import DEFAULT_LIMIT

KEPT = 2000
"""Requests whose links are kept; some kilobytes each."""


class PageLinks:
    """Links of a page, without and with one to the next.

    Args:
        base: address of the service.
        layer: whose features the page holds.
        query: of the request's address.
    """

    def __init__(self, base: str, layer: Layer, query: bytes) -> None:
        self._path = f"{base}/ogc/collections/{layer.id}"
        self._given = dict(parse_qsl(query.decode("latin-1"), keep_blank_values=True))
        self._links = list(self._fixed(layer))
        self._last = self._written(self._links)

    def of(self, next_after: str | None) -> tuple[bytes, bytes]:
        """Members of the document from `links` on, and the header."""
        if next_after is None:
            return self._last
        return self._written([self._items("next", GEOJSON, after=next_after), *self._links])

    def _fixed(self, layer: Layer) -> Iterator[Link]:
        """Every other representation (/req/core/fc-links); files hold this page and no more."""
        yield self._items("self", GEOJSON)
        yield self._items("alternate", HTML, f="html")
        limit = self._given.get("limit", str(DEFAULT_LIMIT))
        for row in FORMATS:
            if row is not GEOJSON_FORMAT:
                yield self._items("alternate", row.media_type, f=row.name, limit=limit)
        yield {"href": self._path, "rel": "collection", "type": JSON, "title": layer.title.en}
        yield {"href": f"{self._path}/queryables", "rel": f"{REL}/queryables", "type": SCHEMA}

    def _items(self, rel: str, media_type: str, **more: str) -> Link:
        address = href(f"{self._path}/items", {**self._given, **more})
        return {"href": address, "rel": rel, "type": media_type}

    @staticmethod
    def _written(links: list[Link]) -> tuple[bytes, bytes]:
        return orjson.dumps(links), link_header(links).encode("latin-1")


@lru_cache(maxsize=KEPT)
def page_links(base: str, layer: Layer, query: bytes) -> PageLinks:
    """Links of a page, kept."""
    return PageLinks(base, layer, query)


PLACE = "FEATURE-ID"


@lru_cache(maxsize=KEPT)
def _feature_template(base: str, layer: Layer, query: bytes) -> tuple[bytes, bytes]:
    path = f"{base}/ogc/collections/{layer.id}"
    given = dict(parse_qsl(query.decode("latin-1"), keep_blank_values=True))
    links: list[Link] = [
        {"href": href(f"{path}/items/{PLACE}", given), "rel": "self", "type": GEOJSON},
        {
            "href": href(f"{path}/items/{PLACE}", {**given, "f": "html"}),
            "rel": "alternate",
            "type": HTML,
        },
        {"href": path, "rel": "collection", "type": JSON, "title": layer.title.en},
    ]
    return orjson.dumps(links), link_header(links).encode("latin-1")


def feature_links(base: str, layer: Layer, query: bytes, feature_id: str) -> tuple[bytes, bytes]:
    """Links of a feature (/req/core/f-links): a JSON array, and the header."""
    document, header = _feature_template(base, layer, query)
    name = quote(feature_id).encode()
    return document.replace(PLACE.encode(), name), header.replace(PLACE.encode(), name)
