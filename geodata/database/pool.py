"""Connections for serving: asyncpg, read-only, with prepared plans and no reset between uses."""

import asyncio
from collections.abc import Mapping
from typing import NamedTuple

import asyncpg

from geodata.database.statement import Bound, Statement
from geodata.errors import DatabaseBusyError, GeodataError, QueryTimeoutError

ACQUIRE_TIMEOUT_S = 5

IDLE_S = 30
"""How long a connection may go unused before it is closed, about."""

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


class Usage(NamedTuple):
    """Connections of a pool at this moment, by what they do."""

    in_use: int
    idle: int


class Pool:
    """A pool whose failures are domain errors.

    Connections that nobody waits for stay at hand: to return them to the driver's pool and to take
    them out again costs as much as a short query.
    """

    def __init__(self, pool: asyncpg.Pool, acquire_timeout_s: float = ACQUIRE_TIMEOUT_S) -> None:
        self._pool = pool
        self._acquire_timeout_s = acquire_timeout_s
        self._at_hand: list[asyncpg.Connection] = []
        self._unused = 0
        self._tidying: asyncio.Task[None] | None = None
        self._waiting = 0

    async def run(self, bound: Bound) -> list[asyncpg.Record]:
        """All rows of a statement that has its values already."""
        async with self.connection() as connection:
            rows: list[asyncpg.Record] = await connection.fetch(bound.sql, *bound.arguments)
            return rows

    async def fetch(
        self, statement: Statement, values: Mapping[str, object] | None = None
    ) -> list[asyncpg.Record]:
        """All rows of a statement."""
        return await self.run(statement.bind(values))

    async def fetchrow(
        self, statement: Statement, values: Mapping[str, object] | None = None
    ) -> asyncpg.Record | None:
        """The first row of a statement, if any."""
        async with self.connection() as connection:
            return await connection.fetchrow(statement.sql, *statement.arguments(values))

    def connection(self) -> "Use":
        """One connection, for `async with`.

        Raises:
            DatabaseBusyError: none became free in time, or the database is not there.
            QueryTimeoutError: a statement ran too long.
        """
        return Use(self)

    async def take(self) -> asyncpg.Connection:
        """A connection for the caller alone, until it is given back."""
        while self._at_hand:
            connection = self._at_hand.pop()
            if not _is_over(connection):
                return connection
            await self._pool.release(connection)
        self._waiting += 1
        try:
            return await self._pool.acquire(timeout=self._acquire_timeout_s)
        finally:
            self._waiting -= 1

    async def give_back(self, connection: asyncpg.Connection, *, sound: bool) -> None:
        """To whoever waits; the driver's pool ends what an unsound one may still be doing."""
        if sound and not self._waiting and not self.is_closing() and not _is_over(connection):
            self._at_hand.append(connection)
            if self._tidying is None or self._tidying.done():
                self._tidying = asyncio.create_task(self._tidy())
        else:
            await self._pool.release(connection)

    async def _tidy(self) -> None:
        """Let go of what nobody used for a while: the last used is taken first, the first left."""
        while self._at_hand:
            self._unused = len(self._at_hand)
            await asyncio.sleep(IDLE_S)
            while self._unused and self._at_hand:
                self._unused -= 1
                await self._pool.release(self._at_hand.pop(0))

    def is_closing(self) -> bool:
        """Whether the service is shutting down."""
        return bool(self._pool.is_closing())

    def usage(self) -> Usage:
        """How many connections are in use and how many wait."""
        idle: int = self._pool.get_idle_size() + len(self._at_hand)
        return Usage(self._pool.get_size() - idle, idle)

    async def close(self) -> None:
        """Close all connections, at once where they do not end by themselves."""
        if self._tidying is not None:
            self._tidying.cancel()
        closing = asyncio.ensure_future(self._pool.close())
        await asyncio.sleep(0)  # from here on nothing stays at hand
        while self._at_hand:
            await self._pool.release(self._at_hand.pop())
        try:
            await asyncio.wait_for(closing, timeout=5)
        except TimeoutError:
            self._pool.terminate()


def _is_over(connection: asyncpg.Connection) -> bool:
    """Whether a connection has ended; the driver's pool takes one back whose server hung up."""
    try:
        return bool(connection.is_closed())
    except asyncpg.InterfaceError:
        return True


class Use:
    """A connection while it is in use; a class, since generators cost as much as a short query."""

    __slots__ = ("_connection", "_pool")

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._connection: asyncpg.Connection | None = None

    async def __aenter__(self) -> asyncpg.Connection:
        try:
            self._connection = await self._pool.take()
        except Exception as error:
            self._raise(self._meaning(error), error)
            raise
        return self._connection

    async def __aexit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: object
    ) -> None:
        meaning = None if error is None else self._meaning(error)
        if isinstance(error, asyncpg.InternalClientError) and self._connection is not None:
            # asyncpg's word for a server that hung up; it may not know that it is closed.
            self._connection.terminate()
        try:
            await self._pool.give_back(self._connection, sound=error is None)
        except Exception as failure:
            self._raise(self._meaning(failure), failure)
            raise
        if error is not None:
            self._raise(meaning, error)

    @staticmethod
    def _raise(meaning: GeodataError | None, error: BaseException) -> None:
        if meaning is not None:
            raise meaning from error

    def _meaning(self, error: BaseException) -> GeodataError | None:
        """The domain error for one of the driver; others are left to their raiser."""
        if isinstance(error, asyncpg.QueryCanceledError):
            return QueryTimeoutError("the query ran longer than the time limit")
        if isinstance(error, GONE) or self._is_cut_off(error):
            return DatabaseBusyError("the database has no free connection")
        if isinstance(error, asyncpg.InterfaceError) and self._pool.is_closing():
            return DatabaseBusyError("the service is shutting down")
        return None

    def _is_cut_off(self, error: BaseException) -> bool:
        """Whether the connection broke meanwhile; other misuse is a mistake of the program."""
        if isinstance(error, asyncpg.InternalClientError):
            return True
        if not isinstance(error, asyncpg.InterfaceError) or self._connection is None:
            return False
        return _is_over(self._connection)


async def open_pool(
    url: str,
    *,
    size: int,
    statement_timeout_s: float,
    acquire_timeout_s: float = ACQUIRE_TIMEOUT_S,
    least: int = 1,
) -> Pool:
    """Open a serving pool on a libpq URL.

    Args:
        url: of a serving role.
        size: most connections.
        statement_timeout_s: longest that a statement may run, seconds.
        acquire_timeout_s: longest wait for a free connection, seconds.
        least: connections opened at once; the others are when they are needed.
    """
    timeout = {"statement_timeout": str(int(statement_timeout_s * 1000))}
    pool = await asyncpg.create_pool(
        url,
        min_size=least,
        max_size=size,
        max_cacheable_statement_size=0,
        max_inactive_connection_lifetime=IDLE_S,
        reset=_keep,
        server_settings=SERVING | timeout,
    )
    return Pool(pool, acquire_timeout_s)


async def _keep(_connection: asyncpg.Connection) -> None:
    """No reset between uses: serving never changes session state, and a reset costs a round."""
