"""Features as a file, in a stream of constant memory."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from sqlalchemy import Select, func, select

from geodata.database.pool import Pool
from geodata.database.statement import compile_statement
from geodata.formats.errors import TooManyFeaturesError
from geodata.formats.exports import Exports
from geodata.formats.format import Format, Progress, Sink, Source, untold
from geodata.formats.stream import started
from layers.attribute import Role
from layers.layer import Layer

TIMEOUT_S = 3600
"""Longest an export may run, however slowly its reader takes it."""

REST_S = 2

LONGER = compile_statement(
    select(func.set_config("statement_timeout", str(TIMEOUT_S * 1000), True))
)


BEGUN = b""
"""So that a service can answer, and sees its client hang up, while the file is being made."""


async def export(
    pool: Pool | Exports,
    layer: Layer,
    selection: Select[Any],
    format: Format,
    values: Mapping[str, object] | None = None,
    progress: Progress = untold,
    reader: Role = Role.PUBLIC,
) -> AsyncGenerator[bytes, None]:
    """A file's bytes; close the stream (`aclose`) to end the query early.

    Args:
        pool: one connection of it is in use until the stream ends or is closed.
        layer: layer of the features.
        selection: a query of the layer's rows, filtered and ordered; its columns say which
            attributes are wanted. Id and geometry always go out.
        format: one of `FORMATS`.
        values: bind values of the selection.
        progress: is told how many features more have been read.
        reader: whose pool it is, and whose file.

    Raises:
        TooManyFeaturesError: the format cannot hold them.
        TooManyExportsError: as many are running as may.
        DatabaseBusyError: no connection became free in time.
        ExportError: the encoder failed; once the stream has begun, it raises what fails.
        StalledReaderError: from the stream, where its reader took nothing for long.
    """
    source = Source(layer, selection, values or {}, progress, reader)

    async def produce(sink: Sink) -> None:
        async with (
            asyncio.timeout(TIMEOUT_S),
            pool.connection() as connection,
            _snapshot(connection),
        ):
            await connection.fetchval(LONGER.sql, *LONGER.arguments())
            await _refuse_too_many(connection, source, format)
            if not format.streamed:
                await sink(BEGUN)
            await format.write(connection, source, sink)

    return await started(produce)


@asynccontextmanager
async def _snapshot(connection: asyncpg.Connection) -> AsyncGenerator[None, None]:
    """A read-only transaction; the connection is given up where it does not come to rest.

    asyncpg waits for ever for the end of a COPY that it cancels when it has just ended.
    """
    transaction = connection.transaction(isolation="repeatable_read", readonly=True)
    await transaction.start()
    try:
        yield
    finally:
        try:
            async with asyncio.timeout(REST_S):
                await transaction.rollback()
        except TimeoutError:
            connection.terminate()


async def _refuse_too_many(connection: asyncpg.Connection, source: Source, format: Format) -> None:
    """Before any work is done; counted no further than needed."""
    if format.most is None:
        return
    chosen = source.selection.with_only_columns(source.rows.c["id"], maintain_column_froms=True)
    some = select(chosen.subquery().c["id"]).limit(format.most + 1).subquery()
    row = await source.fetchrow(connection, select(func.count()).select_from(some))
    if row is not None and row[0] > format.most:
        raise TooManyFeaturesError(
            f"format {format.name} holds at most {format.most} features and more are selected;"
            " select fewer, by bbox or filter, or choose csv, gpkg or parquet, which hold all"
        )
