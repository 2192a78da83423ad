"""The gate: what a request must be before anything looks at it, and the address it came to.

Links, redirects and pages are made from the scope's scheme, host and root path. These are the
operator's (`ZGC_PUBLIC_URL`), or what a trusted proxy says (`Forwarded`, RFC 7239, or
`X-Forwarded-*`), or what the request itself says, if its Host is well formed; anybody may send
any Host, and a link must not lead a later reader elsewhere.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from service.errors import (
    PROBLEMS,
    AddressTooLongError,
    HeadersTooLargeError,
    InvalidHostError,
    problem_response,
)

MOST_ADDRESS_BYTES = 32_000
"""Path and query: twice the longest filter, percent-encoded threefold, has room."""

MOST_HEADER_BYTES = 32_000

HOST = re.compile(rb"([a-z0-9_](?:[a-z0-9_.-]{0,252})|\[[0-9a-f:.]{2,45}\])(:[0-9]{1,5})?", re.I)
PREFIX = re.compile(rb"(/[A-Za-z0-9._~-]+)*/?")
SCHEMES = (b"http", b"https")

PAIR = re.compile(rb'\s*(proto|host)\s*=\s*(?:"([^"\\]*)"|([^\s";,]+))\s*', re.I)
"""A parameter of Forwarded that we ask for (RFC 7239, 4)."""

REFUSALS = (AddressTooLongError, HeadersTooLargeError, InvalidHostError)

Network = IPv4Network | IPv6Network
Headers = Sequence[tuple[bytes, bytes]]


class Origin(NamedTuple):
    """Where clients reach the service; None where nobody says otherwise than the request."""

    scheme: str | None = None
    host: bytes | None = None
    prefix: str = ""


def origin_of(public_url: str) -> Origin:
    """The origin that an operator gives."""
    parts = urlsplit(public_url)
    return Origin(parts.scheme, parts.netloc.encode(), parts.path.rstrip("/"))


class Gate:
    """Refuses what is too long or has no honest address, and tells the rest its origin."""

    def __init__(
        self, app: ASGIApp, public_url: str | None, trusted_proxies: tuple[Network, ...]
    ) -> None:
        self._app = app
        self._public = None if public_url is None else origin_of(public_url)
        self._trusted = trusted_proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            seen = self._checked(scope)
        except REFUSALS as error:
            answer = problem_response(PROBLEMS[type(error)], str(error), scope["path"][:200])
            await answer(scope, receive, send)
        else:
            await self._app(seen, receive, send)

    def _checked(self, scope: Scope) -> Scope:
        """The scope as the application is to see it.

        Raises:
            AddressTooLongError: path and query are too long.
            HeadersTooLargeError: the headers are.
            InvalidHostError: no Host, two, or none that can be one.
        """
        _check_size(scope)
        if self._public is not None:
            return _seen_from(scope, self._public)
        host = _only_host(scope["headers"])
        if self._trusted and self._is_trusted(scope):
            return _seen_from(scope, _forwarded(scope["headers"]))
        if host is not None and not HOST.fullmatch(host):
            raise InvalidHostError(_refused("Host", host))
        return scope

    def _is_trusted(self, scope: Scope) -> bool:
        try:
            address = ip_address(scope["client"][0])
        except (TypeError, ValueError):
            return False
        return any(address in network for network in self._trusted)


def _check_size(scope: Scope) -> None:
    length = len(scope["raw_path"]) + len(scope["query_string"])
    if length > MOST_ADDRESS_BYTES:
        raise AddressTooLongError(
            f"path and query have {length} bytes; at most {MOST_ADDRESS_BYTES} are read."
            " A long filter can be split over several requests"
        )
    size = 0
    for name, value in scope["headers"]:
        size += len(name) + len(value)
    if size > MOST_HEADER_BYTES:
        raise HeadersTooLargeError(
            f"the headers have {size} bytes; at most {MOST_HEADER_BYTES} are read"
        )


def _only_host(headers: Headers) -> bytes | None:
    """The Host of a request, None in HTTP/1.0 without one (RFC 9112, 3.2)."""
    found = None
    for name, value in headers:
        if name == b"host":
            if found is not None:
                raise InvalidHostError("two Host headers; a request has one")
            found = value
    return found


def _refused(name: str, value: bytes) -> str:
    return (
        f"{name} is {value[:100].decode('latin-1')!r}; must be a name or address, and perhaps"
        " a port, as gis.example.cn or 192.0.2.1:8000"
    )


def _forwarded(headers: Headers) -> Origin:
    """What the nearest proxy says: the last value, since those before it are the client's."""
    told = _told(headers)
    scheme, host, prefix = (told.get(name) for name in ("proto", "host", "prefix"))
    if scheme is not None and scheme.lower() not in SCHEMES:
        raise InvalidHostError(_unknown("proto", scheme, "http or https"))
    if host is not None and not HOST.fullmatch(host):
        raise InvalidHostError(_refused("the forwarded host", host))
    if prefix is not None and not PREFIX.fullmatch(prefix):
        raise InvalidHostError(_unknown("prefix", prefix, "a path, as /zgc"))
    named = None if scheme is None else scheme.lower().decode()
    return Origin(named, host, (prefix or b"").rstrip(b"/").decode())


def _unknown(name: str, value: bytes, allowed: str) -> str:
    return f"the forwarded {name} is {value[:100].decode('latin-1')!r}; must be {allowed}"


def _told(headers: Headers) -> Mapping[str, bytes]:
    """Values of the proxy's headers; those of Forwarded win."""
    told: dict[str, bytes] = {}
    for name, value in headers:
        if name.startswith(b"x-forwarded-"):
            told[name[12:].decode("latin-1")] = value.rpartition(b",")[2].strip()
    standard = [value for name, value in headers if name == b"forwarded"]
    return told | dict(_pairs(standard[-1])) if standard else told


def _pairs(forwarded: bytes) -> Iterator[tuple[str, bytes]]:
    for part in forwarded.rpartition(b",")[2].split(b";"):
        if found := PAIR.fullmatch(part):
            yield found[1].lower().decode(), found[2] or found[3] or b""


def _seen_from(scope: Scope, origin: Origin) -> Scope:
    """The same request at the address that its client knows; the path with its prefix (ASGI)."""
    seen = {**scope, "scheme": origin.scheme or scope["scheme"]}
    if origin.host is not None:
        others = [row for row in scope["headers"] if row[0] != b"host"]
        seen["headers"] = [(b"host", origin.host), *others]
    if origin.prefix:
        seen["root_path"] = origin.prefix
        if not f"{scope['path']}/".startswith(f"{origin.prefix}/"):
            seen["path"] = origin.prefix + scope["path"]
            seen["raw_path"] = origin.prefix.encode() + scope["raw_path"]
    return seen
