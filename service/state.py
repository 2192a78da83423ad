"""What a running service holds: connections, versions, caches."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from geodata.database.engine import open_engine
from geodata.database.pool import Pool, open_pool
from geodata.database.reader import serving_urls
from geodata.database.versions import LayerVersions
from geodata.features.extents import Extents
from geodata.formats.export import TIMEOUT_S
from geodata.formats.exports import Exports
from layers.attribute import Role
from service.cache import Answer, Cache
from service.settings import Settings
from service.writing import Writing

MEBIBYTE = 2**20

STAFF_CONNECTIONS = 4
"""Most connections of a role but the public's; none is open before somebody needs it."""


@dataclass(frozen=True)
class Reading:
    """Connections that log in as the serving role of readers of one role."""

    pool: Pool
    exports: Exports


@dataclass(frozen=True)
class Service:
    """The resources that endpoints share."""

    settings: Settings
    readings: Mapping[Role, Reading]
    versions: LayerVersions
    extents: Extents
    answers: Cache[Answer]
    tile_layers: Cache[bytes]
    writing: Writing

    @property
    def pool(self) -> Pool:
        """Connections that read what everyone may."""
        return self.readings[Role.PUBLIC].pool

    @property
    def exports(self) -> Exports:
        """Exports of what everyone may read."""
        return self.readings[Role.PUBLIC].exports


@asynccontextmanager
async def open_service(settings: Settings) -> AsyncIterator[Service]:
    """Open everything a service needs and close it at the end.

    Raises:
        ValueError: the settings name no database.
    """
    if settings.database_url is None:
        raise ValueError("ZGC_DATABASE_URL is not set and no private cluster was started")
    urls = await asyncio.to_thread(serving_urls, settings.database_url)
    async with AsyncExitStack() as stack:
        readings = await _readings(stack, settings, urls)
        pool = readings[Role.PUBLIC].pool
        versions = LayerVersions(urls[Role.PUBLIC], pool)
        versions.start()
        stack.push_async_callback(versions.stop)
        half = settings.cache_mb * MEBIBYTE // 2
        extents = Extents(pool, versions)
        engine = open_engine(settings.database_url)
        stack.callback(engine.dispose)
        writing = Writing(engine)
        yield Service(settings, readings, versions, extents, Cache(half), Cache(half), writing)


async def _readings(
    stack: AsyncExitStack, settings: Settings, urls: Mapping[Role, str]
) -> Mapping[Role, Reading]:
    """Staff's exports take turns with the public's."""
    readings: dict[Role, Reading] = {}
    for role, url in urls.items():
        public = role is Role.PUBLIC
        pool = await open_pool(
            url,
            size=settings.pool_size if public else min(settings.pool_size, STAFF_CONNECTIONS),
            least=1 if public else 0,
            statement_timeout_s=settings.statement_timeout_s,
        )
        stack.push_async_callback(pool.close)
        export_pool = await open_pool(
            url,
            size=settings.exports,
            least=1 if public else 0,
            statement_timeout_s=TIMEOUT_S,
        )
        stack.push_async_callback(export_pool.close)
        exports = (
            Exports(export_pool, settings.exports)
            if public
            else readings[Role.PUBLIC].exports.beside(export_pool)
        )
        readings[role] = Reading(pool, exports)
    return readings


def service_of(request: Request) -> Service:
    """The running service behind a request."""
    service: Service = request.app.state.service
    return service


ServiceDep = Annotated[Service, Depends(service_of)]
