"""Encoding in a process of its own: rows go in as PostgreSQL sends them, a file comes out.

So the event loop only carries bytes, a client that hangs up is answered by ending the process,
and what a library keeps in memory is gone with it.
"""

import asyncio
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from subprocess import PIPE
from tempfile import TemporaryDirectory
from typing import Any

import asyncpg
from sqlalchemy import ColumnElement, func

from geodata.database.representation import COORDINATE_DIGITS
from geodata.database.tables import SRID
from geodata.errors import GeodataError
from geodata.formats.format import Progress, Sink, Source
from geodata.formats.job import Job
from layers.attribute import ValueType

ROOT = Path(__file__).parents[2]
COMMAND = (sys.executable, "-m", "geodata.formats.encode")
FOLDER = "zgc-export-"
PIECE = 1 << 16
COMPLAINT_LINES = 20
WGS_84 = 4326
BROKEN_PIPE = (BrokenPipeError, ConnectionResetError)


class ExportError(GeodataError):
    """The encoder of a format failed."""


async def write_in_worker(
    name: str, connection: asyncpg.Connection, source: Source, sink: Sink
) -> None:
    """Write in a format that the module of that name encodes.

    Raises:
        ExportError: with what the worker said last.
    """
    widths = await _widths(connection, source) if name == "shp" else {}
    try:
        with TemporaryDirectory(prefix=FOLDER) as folder:
            job = _job(name, source, widths, folder)
            async with _worker() as process:
                await _encode(process, job, connection, source, sink)
    except OSError as error:
        raise ExportError(f"format {name}: {error}") from error


def _job(name: str, source: Source, widths: dict[str, int], folder: str) -> Job:
    return Job(
        format=name,
        layer=source.layer,
        attributes=source.attributes,
        srid=SRID,
        digits=COORDINATE_DIGITS,
        widths=widths,
        folder=folder,
    )


async def _encode(
    process: Process, job: Job, connection: asyncpg.Connection, source: Source, sink: Sink
) -> None:
    """Feed, listen and pass on at once; the worker's own words explain a failure best."""
    feed = asyncio.create_task(_feed(process, job, connection, source))
    words = asyncio.create_task(_listen(process, source.progress))
    try:
        await _pass_on(process, sink)
        if await process.wait() != 0 and not _failed(feed):
            said = "".join(await words).strip()
            raise ExportError(f"format {job.format}: {said or 'the encoder ended early'}")
        await feed
    finally:
        feed.cancel()
        words.cancel()
        await asyncio.wait([feed, words])


def _failed(feed: asyncio.Task[None]) -> bool:
    """Whether the rows failed by themselves, not only the pipe that an ended worker closed."""
    error = feed.exception() if feed.done() and not feed.cancelled() else None
    return error is not None and not isinstance(error, BROKEN_PIPE)


async def _feed(process: Process, job: Job, connection: asyncpg.Connection, source: Source) -> None:
    """The job, then the rows."""
    pipe = process.stdin
    assert pipe is not None

    async def send(piece: bytes) -> None:
        pipe.write(piece)
        await pipe.drain()

    try:
        await send(job.pack())
        columns = [*source.columns(), _geometry(source, job.format)]
        await source.copy(connection, columns, send, format="binary")
    finally:
        pipe.close()


def _geometry(source: Source, name: str) -> ColumnElement[Any]:
    """WKB; text for KML, which is WGS 84 by definition and so served without a shift."""
    stored = source.rows.c["geom"]
    if name != "kml":
        return func.ST_AsBinary(stored)
    wound = func.ST_ForcePolygonCCW(func.ST_SetSRID(stored, WGS_84))
    return func.ST_AsKML(wound, COORDINATE_DIGITS)


async def _listen(process: Process, progress: Progress) -> list[str]:
    """Numbers are features read; all else is what the worker has to say."""
    assert process.stderr is not None
    said: list[str] = []
    async for line in process.stderr:
        if line.strip().isdigit():
            progress(int(line))
        else:
            said = [*said, line.decode(errors="replace")][-COMPLAINT_LINES:]
    return said


async def _pass_on(process: Process, sink: Sink) -> None:
    assert process.stdout is not None
    while piece := await process.stdout.read(PIECE):
        await sink(piece)


@asynccontextmanager
async def _worker() -> AsyncGenerator[Process, None]:
    """A worker, which is ended where it has not ended by itself."""
    process = await asyncio.create_subprocess_exec(
        *COMMAND, cwd=ROOT, stdin=PIPE, stdout=PIPE, stderr=PIPE
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _widths(connection: asyncpg.Connection, source: Source) -> dict[str, int]:
    """Most bytes that the values of each text column take; 1 where there are none."""
    texts = [each.name for each in source.attributes if each.type is ValueType.TEXT]
    chosen = source.selection.with_only_columns(
        *source.columns(), maintain_column_froms=True
    ).subquery()
    longest = [func.max(func.octet_length(chosen.c[name])).label(name) for name in ("id", *texts)]
    row = await source.fetchrow(connection, chosen.select().with_only_columns(*longest))
    return {name: max(width or 0, 1) for name, width in dict(row or {}).items()}
