"""Answers to whoever is known are for them alone (RFC 9111, 5.2.2.7), whatever the route."""

from collections.abc import Iterable
from functools import lru_cache

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.accounts.principal import PUBLIC, principal_of
from service.metrics import MATCHED

CACHE_CONTROL, VARY = b"cache-control", b"vary"

Headers = list[tuple[bytes, bytes]]


class Private:
    """Keeps answers to known people out of shared caches; steps aside for the public."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http" or principal_of(scope) is PUBLIC:
            await self._app(scope, receive, send)
            return

        if (seen := scope.get(MATCHED)) is not None:
            seen["scope"] = scope  # who is refused before a route is found is known, too

        async def privately(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = private_headers(message["headers"])
            await send(message)

        await self._app(scope, receive, privately)


def private_headers(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    """Headers without any rule but `no-store`: another would let an answer outlive the right."""
    rule, varied = b"private, no-cache", b""
    kept: Headers = []
    for row in headers:
        name, value = row
        if name == CACHE_CONTROL:
            rule = value if b"no-store" in value else rule
        elif name == VARY:
            varied = varied + b", " + value if varied else value
        else:
            kept.append(row)
    return [*kept, (CACHE_CONTROL, rule), (VARY, _by_who_asks(varied))]


@lru_cache(maxsize=100)
def _by_who_asks(varied: bytes) -> bytes:
    """With what tells who asks, each name once."""
    names = [name.strip() for name in varied.split(b",") if name.strip()]
    there = {name.lower() for name in names}
    more = [name for name in (b"Authorization", b"Cookie") if name.lower() not in there]
    return b", ".join([*names, *more])
