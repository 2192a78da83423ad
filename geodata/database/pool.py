"""Connections for serving: asyncpg, read-only, with prepared plans and no reset between uses."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import asyncpg

from geodata.database.statement import Statement
from geodata.errors import DatabaseBusyError, QueryTimeoutError

ACQUIRE_TIMEOUT_S = 5

GONE = (
    TimeoutError,
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.InvalidCatalogNameError,
)
"""No connection free, refused, cut by the server's shutdown, or the database dropped."""

SERVING = {
    "application_name": "zgc-gis",
    "default_transaction_read_only": "on",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "timezone": "UTC",
}
"""Parallel workers and JIT cost more than they give for queries of milliseconds."""


class Pool:
    """A pool whose failures are domain errors."""

    def __init__(self, pool: asyncpg.Pool, acquire_timeout_s: float = ACQUIRE_TIMEOUT_S) -> None:
        self._pool = pool
        self._acquire_timeout_s = acquire_timeout_s

    async def fetch(
        self, statement: Statement, values: Mapping[str, object] | None = None
    ) -> list[asyncpg.Record]:
        """All rows of a statement."""
        async with self.connection() as connection:
            rows: list[asyncpg.Record] = await connection.fetch(
                statement.sql, *statement.arguments(values)
            )
            return rows

    async def fetchrow(
        self, statement: Statement, values: Mapping[str, object] | None = None
    ) -> asyncpg.Record | None:
        """The first row of a statement, if any."""
        async with self.connection() as connection:
            return await connection.fetchrow(statement.sql, *statement.arguments(values))

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[asyncpg.Connection]:
        """One connection.

        Raises:
            DatabaseBusyError: none became free in time, or the database is not there.
            QueryTimeoutError: a statement ran too long.
        """
        try:
            async with (
                self._pool.acquire(timeout=self._acquire_timeout_s) as connection,
                _cut_off(connection),
            ):
                yield connection
        except asyncpg.QueryCanceledError as error:
            raise QueryTimeoutError("the query ran longer than the time limit") from error
        except GONE as error:
            raise DatabaseBusyError("the database has no free connection") from error
        except asyncpg.InterfaceError as error:
            if self._pool.is_closing():
                raise DatabaseBusyError("the service is shutting down") from error
            raise

    async def close(self) -> None:
        """Close all connections, at once where they do not end by themselves."""
        try:
            await asyncio.wait_for(self._pool.close(), timeout=5)
        except TimeoutError:
            self._pool.terminate()


@asynccontextmanager
async def _cut_off(connection: asyncpg.Connection) -> AsyncIterator[None]:
    """A use of a connection that broke meanwhile; other misuse is a mistake of the program."""
    try:
        yield
    except asyncpg.InterfaceError as error:
        if connection.is_closed():
            raise ConnectionError(str(error)) from error
        raise
    except asyncpg.InternalClientError as error:
        # asyncpg's word for a server that hung up between two uses; it may not know it is closed.
        connection.terminate()
        raise ConnectionError(str(error)) from error


async def open_pool(
    url: str,
    *,
    size: int,
    statement_timeout_s: float,
    acquire_timeout_s: float = ACQUIRE_TIMEOUT_S,
) -> Pool:
    """Open the serving pool on a libpq URL."""
    timeout = {"statement_timeout": str(int(statement_timeout_s * 1000))}
    pool = await asyncpg.create_pool(
        url,
        min_size=1,
        max_size=size,
        max_cacheable_statement_size=0,
        reset=_keep,
        server_settings=SERVING | timeout,
    )
    return Pool(pool, acquire_timeout_s)


async def _keep(_connection: asyncpg.Connection) -> None:
    """No reset between uses: serving never changes session state, and a reset costs a round."""
