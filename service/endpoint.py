"""Plain ASGI endpoints for the hot paths: a framework's cost a request is more than theirs."""

from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

Respond = Callable[[Request], Awaitable[ASGIApp]]


class Endpoint:
    """An ASGI application from a function of a request; Starlette would wrap it twice."""

    def __init__(self, respond: Respond) -> None:
        self._respond = respond

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        answer = await self._respond(Request(scope, receive, send))
        await answer(scope, receive, send)


def plain_route(path: str, methods: Mapping[str, Respond]) -> Route:
    """One route for all methods of a path, so that Allow names them all."""

    async def respond(request: Request) -> ASGIApp:
        return await methods[request.method](request)

    return Route(path, Endpoint(respond), methods=list(methods))
