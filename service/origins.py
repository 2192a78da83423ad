"""Access from other origins (Fetch standard, CORS): everyone may read, as data are public.

Credentials of a browser are not let in: who writes from another origin shows a token.
"""

from collections.abc import Sequence

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

METHODS = "GET, HEAD, OPTIONS, POST, PUT, PATCH, DELETE"
EXPOSED = ("Allow", "Content-Crs", "Content-Disposition", "ETag", "Link", "Location", "Retry-After")
ACCEPTED = ("Accept", "Authorization", "Content-Crs", "Content-Type", "If-Match", "If-None-Match")

Headers = list[tuple[bytes, bytes]]

SHOWN: Headers = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", ", ".join(EXPOSED).encode()),
]

PREFLIGHT = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": METHODS,
    "Access-Control-Allow-Headers": ", ".join(ACCEPTED),
    "Access-Control-Max-Age": "86400",
}

ENCODING = (b"vary", b"Accept-Encoding")


class AnyOrigin:
    """The same headers on every answer; Starlette's middleware weighs each request anew.

    Answers differ by Accept-Encoding too, which those who ask for none are not told elsewhere.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif scope["method"] == "OPTIONS" and _is_preflight(scope["headers"]):
            await Response(headers=PREFLIGHT)(scope, receive, send)
        else:
            await self._app(scope, receive, _shown(send))


def _is_preflight(headers: Sequence[tuple[bytes, bytes]]) -> bool:
    names = {name for name, _ in headers}
    return {b"origin", b"access-control-request-method"} <= names


def _shown(send: Send) -> Send:
    async def send_shown(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = [*message["headers"], *SHOWN]
            if not any(name == b"vary" and b"ncoding" in value for name, value in headers):
                headers.append(ENCODING)
            message["headers"] = headers
        await send(message)

    return send_shown
