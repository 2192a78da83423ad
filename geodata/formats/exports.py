"""Exports in progress: so many at a time, on connections that pages do not use."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from geodata.database.pool import Pool
from geodata.formats.errors import TooManyExportsError

PATIENCE_S = 2
"""Longest that an export waits for its turn: small ones are done by then."""


class Exports:
    """Gives exports their connections, in place of a pool.

    Args:
        pool: of exports alone.
        most: exports at a time, at most the size of the pool.
    """

    def __init__(self, pool: Pool, most: int) -> None:
        self._pool = pool
        self._most = most
        self._free = asyncio.Semaphore(most)

    def beside(self, pool: Pool) -> "Exports":
        """Exports on another pool that take turns with these."""
        others = Exports(pool, self._most)
        others._free = self._free
        return others

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[asyncpg.Connection]:
        """One connection until its export ends.

        Raises:
            TooManyExportsError: all are in use.
            DatabaseBusyError: the database has none.
        """
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._free.acquire()
        except TimeoutError:
            raise TooManyExportsError(
                f"{self._most} exports are running, as many as may at a time;"
                " try again when one has ended"
            ) from None
        try:
            async with self._pool.connection() as connection:
                yield connection
        finally:
            self._free.release()
