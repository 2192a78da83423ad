"""Links between resources (RFC 8288), absolute, as OGC clients expect them."""

from collections.abc import Mapping
from urllib.parse import quote, urlencode

from starlette.requests import Request

GEOJSON = "application/geo+json"
JSON = "application/json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"

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
    address = f"{str(request.base_url).rstrip('/')}{quote(path)}"
    if query:
        address += f"?{urlencode(query, safe=',:/')}"
    found = {"href": address, "rel": rel, "type": media_type}
    return found | {"title": title} if title else found
