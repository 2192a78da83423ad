"""Answers to whoever is known are for them alone (RFC 9111, 5.2.2.7), whatever the route."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.accounts.principal import PUBLIC, principal_of


class Private:
    """Keeps answers to known people out of shared caches; steps aside for the public."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http" or principal_of(scope) is PUBLIC:
            await self._app(scope, receive, send)
            return

        async def privately(message: Message) -> None:
            if message["type"] == "http.response.start":
                _make_private(MutableHeaders(scope=message))
            await send(message)

        await self._app(scope, receive, privately)


def _make_private(headers: MutableHeaders) -> None:
    """Whatever rule it had but `no-store`: another would let it outlive the right to it."""
    if "no-store" not in headers.get("cache-control", ""):
        headers["cache-control"] = "private, no-cache"
    varied = {name.strip().lower() for name in headers.get("vary", "").split(",")}
    for name in ("Authorization", "Cookie"):
        if name.lower() not in varied:
            headers.add_vary_header(name)
