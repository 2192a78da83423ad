"""Conditional requests (RFC 9110, 13): entity tags that hang on layer versions."""

from hashlib import blake2b

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from geodata.database.versions import LayerVersions
from layers.attribute import Role
from layers.layer import Layer
from service.accounts.reader import reader_of
from service.errors import PreconditionMissingError
from service.ogc.links import base_address

CACHE_RULES = {
    "Cache-Control": "no-cache",
    "Vary": "Accept, Accept-Encoding, Authorization, Cookie",
}
"""Keep, but ask each time: the answer to the question costs next to nothing."""

TAGGED_HEADERS = (b"accept",)
"""What else, beside the address, an answer depends on: its format."""

CONTENT = "c"
"""Begins tags of contents, which name no version of a feature."""

KEYS = {role: b"" if role is Role.PUBLIC else role.encode() for role in Role}
"""And who reads it."""


async def weak_etag(request: Request, versions: LayerVersions, layer: Layer) -> str:
    """Tag of an answer that is made from one layer.

    The version is taken before the data: what is then served is never older than its tag says.
    Weak, since data written between the two bear the older tag too.
    """
    version = await versions.current(layer)
    return f'W/"{version}-{_digest(request, reader_of(request, layer))}"'


def strong_etag(request: Request, tag: str, layer: Layer) -> str:
    """Tag of one feature in one rendition; its part before the hyphen is the feature's own."""
    return f'"{tag}-{_digest(request, reader_of(request, layer))}"'


def content_etag(content: bytes, request: Request, layer: Layer) -> str:
    """Tag of what is told of a layer that keeps more: it changes with nothing else."""
    digest = blake2b(content, digest_size=16).hexdigest()
    return f'"{CONTENT}{digest}-{_digest(request, reader_of(request, layer))}"'


def expected_tags(request: Request) -> frozenset[str] | None:
    """Features' own tags that If-Match names, strong ones only (RFC 9110, 13.1.1); None: any.

    Raises:
        PreconditionMissingError: the request has no If-Match.
    """
    given = request.headers.get("if-match")
    if given is None:
        raise PreconditionMissingError(
            f"{request.method} needs If-Match with the ETag of the version that is meant to be"
            " changed, as GET of the feature tells it; or * for whichever there is"
        )
    if given.strip() == "*":
        return None
    tags = (tag.strip() for tag in given.split(","))
    return frozenset(tag[1:-1].partition("-")[0] for tag in tags if tag.startswith('"'))


class NotModified:
    """304: the client holds what the tag names; an ASGI application (RFC 9110, 15.4.5)."""

    RULES = tuple((name.lower().encode(), text.encode()) for name, text in CACHE_RULES.items())

    __slots__ = ("_etag",)

    def __init__(self, etag: str) -> None:
        self._etag = etag.encode()

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Send; middleware gets a list of headers of its own to add to."""
        headers = [*self.RULES, (b"etag", self._etag)]
        await send({"type": "http.response.start", "status": 304, "headers": headers})
        await send({"type": "http.response.body", "body": b""})


def not_modified(scope: Scope, etag: str) -> NotModified | None:
    """304 where the client holds what the tag names (If-None-Match), else nothing."""
    held = ", ".join(
        value.decode("latin-1") for name, value in scope["headers"] if name == b"if-none-match"
    )
    return NotModified(etag) if held and _matches(held, etag) else None


def _digest(request: Request, reader: Role) -> str:
    scope = request.scope
    digest = blake2b(scope["raw_path"], digest_size=8, key=KEYS[reader])
    digest.update(b"?" + scope["query_string"] + b"\n" + base_address(request).encode())
    for name, value in scope["headers"]:
        if name in TAGGED_HEADERS:
            digest.update(b"\n" + name + b":" + value)
    return digest.hexdigest()


def _matches(held: str, etag: str) -> bool:
    """Weak comparison: strong and weak tags of the same text are the same."""
    if held.strip() == "*":
        return True
    return etag.removeprefix("W/") in (tag.strip().removeprefix("W/") for tag in held.split(","))
