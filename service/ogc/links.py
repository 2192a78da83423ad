"""Links between resources (RFC 8288), absolute, as OGC clients expect them."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse

GEOJSON = "application/geo+json"
HTML = "text/html"
JSON = "application/json"
SCHEMA = "application/schema+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"

REL = "http://www.opengis.net/def/rel/ogc/1.0"

Link = dict[str, str]


def link(
    request: Request,
    path: str,
    rel: str,
    media_type: str,
    title: str = "",
    query: Mapping[str, str] | None = None,
) -> Link:
    """A link to a path of this service; `query` is what follows the question mark."""
    address = href(f"{base_address(request)}{quote(path)}", query)
    found = {"href": address, "rel": rel, "type": media_type}
    return found | {"title": title} if title else found


def base_address(request: Request) -> str:
    """Address of the service as the client knows it, without a slash at the end."""
    scope = request.scope
    return _base_address(
        scope["scheme"],
        next((value for name, value in scope["headers"] if name == b"host"), None),
        tuple(scope.get("server") or ()),
        scope.get("app_root_path", scope.get("root_path", "")),
    )


@lru_cache(maxsize=1000)
def _base_address(
    scheme: str, host: bytes | None, server: tuple[object, ...], root_path: str
) -> str:
    """Worked out by Starlette, which costs as much as a short query."""
    headers = [] if host is None else [(b"host", host)]
    scope = {"scheme": scheme, "headers": headers, "path": "/", "root_path": root_path}
    known = {"server": server} if server else {}
    return str(Request({"type": "http", **scope, **known}).base_url).rstrip("/")


def href(address: str, query: Mapping[str, str] | None) -> str:
    """An address with what follows its question mark."""
    return f"{address}?{urlencode(query, safe=',:/')}" if query else address


def own_links(request: Request, path: str) -> list[Link]:
    """A JSON document itself, and as a page for people (/req/core/root-success and its like)."""
    return [
        link(request, path, "self", JSON, "This document"),
        link(request, path, "alternate", HTML, "This document as a page", {"f": "html"}),
    ]


def link_header(links: Iterable[Mapping[str, Any]]) -> str:
    """The links of a document as a header (/rec/core/link-header); titles stay in the document."""
    return ", ".join(
        f'<{row["href"]}>; rel="{row["rel"]}"; type="{row["type"]}"'
        for row in links
        if not row.get("templated")
    )


class DocumentResponse(JSONResponse):
    """A JSON document whose links are in the header too."""

    def __init__(self, content: Any, status_code: int = 200, **options: Any) -> None:
        super().__init__(content, status_code, **options)
        if links := content.get("links"):
            self.headers["Link"] = link_header(links)
