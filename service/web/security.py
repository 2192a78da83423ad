"""Headers that tell the browser what an answer may load and do; no answer goes without.

No page carries inline scripts or styles, so the policy needs neither nonces nor `unsafe-inline`.
Leaflet positions its panes through the CSSOM, which `style-src` does not restrict.
"""

from collections.abc import Mapping

from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "frame-ancestors": "'self'",
    "form-action": "'self'",
}

BARE_POLICY = {
    "default-src": "'none'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "form-action": "'none'",
}
"""Of what is no page: a document, tile or file that a browser opens by itself does nothing."""


def _worded(policy: Mapping[str, str]) -> str:
    return "; ".join(f"{name} {value}" for name, value in policy.items())


HEADERS = {
    "Content-Security-Policy": _worded(POLICY),
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""Of pages, in place of the same ones below."""

EVERY_ANSWER = {
    "Content-Security-Policy": _worded(BARE_POLICY),
    "Cross-Origin-Opener-Policy": "same-origin",
    # Whoever's map shows the tiles: other origins may read what is public (origins.py).
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(),"
    " payment=(), usb=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}

TLS_ONLY = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}
"""RFC 6797: for a year browsers ask this host, and those below it, over TLS only."""


def headers_of(public_url: str | None) -> dict[str, str]:
    """What every answer carries at an address; no promise of TLS but where operators give one."""
    tls = public_url is not None and public_url.startswith("https://")
    return EVERY_ANSWER | (TLS_ONLY if tls else {})


class Protected:
    """Adds to each answer those headers that it does not have itself."""

    def __init__(self, app: ASGIApp, headers: Mapping[str, str]) -> None:
        self._app = app
        self._rows = [(name.lower().encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message["headers"]
                names = {name for name, _ in headers}
                added = [row for row in self._rows if row[0] not in names]
                message["headers"] = [*headers, *added]
            await send(message)

        await self._app(scope, receive, protected)
