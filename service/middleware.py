"""What every answer passes through: HEAD, access from other origins, compression, who asks."""

from fastapi import FastAPI
from starlette.types import Receive, Scope, Send
from starlette_compress import CompressMiddleware, add_compress_type

from service.accounts.identified import Identified
from service.accounts.private import Private
from service.audit.middleware import Audited
from service.errors import MEDIA_TYPE as PROBLEM
from service.gate import Gate
from service.hangup import EndsWithClient
from service.head import HeadAsGet
from service.limits import Limited, limits_of
from service.metrics import Marked, Measured, Metrics
from service.ogc.links import GEOJSON
from service.origins import AnyOrigin
from service.settings import Settings
from service.web.security import Protected, headers_of
from service.web.twin import HtmlTwin

ENCODINGS = b"accept-encoding"

COMPRESSED = (GEOJSON, PROBLEM, "application/geo+json-seq", "application/schema+json")
"""Besides the usual ones; formats that are compressed themselves stay as they are."""


class CompressWhereAsked(CompressMiddleware):
    """Steps aside for requests that name no coding, which would cost as much as others."""

    __slots__ = ()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == "http" and any(row[0] == ENCODINGS for row in scope["headers"]):
            await super().__call__(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def install_middleware(app: FastAPI, settings: Settings) -> None:
    """The last added is the outermost."""
    app.add_middleware(Marked)
    app.add_middleware(HtmlTwin)
    limits = limits_of(settings)
    app.add_middleware(Limited, limits=limits)
    app.add_middleware(Private)
    app.add_middleware(Identified, counted=limits)
    for media_type in COMPRESSED:
        add_compress_type(media_type)
    # The fastest levels: the network saved beyond them costs more in time than it gives.
    app.add_middleware(CompressWhereAsked, brotli=False, zstd_level=1, gzip_level=1)
    app.add_middleware(AnyOrigin)
    app.add_middleware(HeadAsGet)
    app.add_middleware(EndsWithClient)
    app.add_middleware(
        Gate, public_url=settings.public_url, trusted_proxies=settings.trusted_proxies
    )
    app.add_middleware(Audited)
    app.state.metrics = Metrics()
    app.add_middleware(Measured, metrics=app.state.metrics)
    app.state.protection = headers_of(settings.public_url)
    app.add_middleware(Protected, headers=app.state.protection)
