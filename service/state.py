"""What a running service holds: connections, versions, caches."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from geodata.database.pool import Pool, open_pool
from geodata.database.reader import serving_url
from geodata.database.versions import LayerVersions
from geodata.features.extents import Extents
from geodata.formats.export import TIMEOUT_S
from geodata.formats.exports import Exports
from service.cache import Answer, Cache
from service.settings import Settings

MEBIBYTE = 2**20


@dataclass(frozen=True)
class Service:
    """The resources that endpoints share."""

    settings: Settings
    pool: Pool
    exports: Exports
    versions: LayerVersions
    extents: Extents
    answers: Cache[Answer]
    tile_layers: Cache[bytes]


@asynccontextmanager
async def open_service(settings: Settings) -> AsyncIterator[Service]:
    """Open everything a service needs and close it at the end.

    Raises:
        ValueError: the settings name no database.
    """
    if settings.database_url is None:
        raise ValueError("ZGC_DATABASE_URL is not set and no private cluster was started")
    url = await asyncio.to_thread(serving_url, settings.database_url)
    pool = await open_pool(
        url,
        size=settings.pool_size,
        statement_timeout_s=settings.statement_timeout_s,
    )
    export_pool = await open_pool(url, size=settings.exports, statement_timeout_s=TIMEOUT_S)
    versions = LayerVersions(url, pool)
    versions.start()
    try:
        exports = Exports(export_pool, settings.exports)
        half = settings.cache_mb * MEBIBYTE // 2
        extents = Extents(pool, versions)
        yield Service(settings, pool, exports, versions, extents, Cache(half), Cache(half))
    finally:
        await versions.stop()
        await export_pool.close()
        await pool.close()


def service_of(request: Request) -> Service:
    """The running service behind a request."""
    service: Service = request.app.state.service
    return service


ServiceDep = Annotated[Service, Depends(service_of)]
