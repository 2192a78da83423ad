"""Encoding in a process of its own: rows go in as PostgreSQL sends them, a file comes out.

So the event loop only carries bytes, a client that hangs up is answered by ending the process,
and what a library keeps in memory is gone with it.
"""

import asyncio
import logging
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE
from tempfile import TemporaryDirectory
from typing import Any

import asyncpg
from sqlalchemy import ColumnElement, func

from geodata.database.representation import COORDINATE_DIGITS
from geodata.database.tables import SRID
from geodata.formats.errors import ExportError
from geodata.formats.format import Progress, Sink, Source
from geodata.formats.job import Job

LOG = logging.getLogger(__name__)

ROOT = Path(__file__).parents[2]
COMMAND = (sys.executable, "-m", "geodata.formats.encode")
FOLDER = "zgc-export-"
PIECE = 1 << 16
COMPLAINT_LINES = 20
WGS_84 = 4326
BROKEN_PIPE = (BrokenPipeError, ConnectionResetError)

Shape = Callable[[ColumnElement[Any]], ColumnElement[Any]]
Measure = Callable[[asyncpg.Connection, Source], Awaitable[Mapping[str, int]]]


def as_wkb(stored: ColumnElement[Any]) -> ColumnElement[Any]:
    """The stored geometry as WKB."""
    return func.ST_AsBinary(stored)


def as_kml(stored: ColumnElement[Any]) -> ColumnElement[Any]:
    """KML is WGS 84 by definition; CGCS2000 is served as such without a shift."""
    wound = func.ST_ForcePolygonCCW(func.ST_SetSRID(stored, WGS_84))
    return func.ST_AsKML(wound, COORDINATE_DIGITS)


async def _unmeasured(_: asyncpg.Connection, __: Source) -> Mapping[str, int]:
    return {}


@dataclass(frozen=True)
class Encoder:
    """Writes in a format that a module of this package encodes.

    Args:
        module: its name.
        shape: from the stored geometry to what the module takes.
        measure: widths of text columns, where the module needs to know them before it begins.
    """

    module: str
    shape: Shape = as_wkb
    measure: Measure = _unmeasured

    async def __call__(self, connection: asyncpg.Connection, source: Source, sink: Sink) -> None:
        """Write.

        Raises:
            ExportError: the worker failed; what it said last is in the log.
        """
        widths = await self.measure(connection, source)
        columns = [*source.columns(), self.shape(source.rows.c["geom"])]
        try:
            with TemporaryDirectory(prefix=FOLDER) as folder:
                job = _job(self.module, source, widths, folder)
                async with _worker() as process:
                    rows = _Rows(job, columns, connection, source)
                    await _encode(process, rows, sink)
        except OSError as error:
            raise _failure(self.module, str(error)) from error


def _failure(module: str, cause: str) -> ExportError:
    """The cause names folders and lines of code: it is for who runs the service."""
    LOG.error("format %s: %s", module, cause)
    return ExportError(f"the file could not be written as {module}; the cause is in the log")


@dataclass(frozen=True)
class _Rows:
    """What goes to a worker."""

    job: Job
    columns: list[ColumnElement[Any]]
    connection: asyncpg.Connection
    source: Source

    async def feed(self, process: Process) -> None:
        """The job, then the rows."""
        pipe = process.stdin
        assert pipe is not None

        async def send(piece: bytes) -> None:
            pipe.write(piece)
            await pipe.drain()

        try:
            await send(self.job.pack())
            await self.source.copy(self.connection, self.columns, send, format="binary")
        finally:
            pipe.close()


def _job(name: str, source: Source, widths: Mapping[str, int], folder: str) -> Job:
    return Job(
        format=name,
        layer=source.layer,
        attributes=source.attributes,
        srid=SRID,
        digits=COORDINATE_DIGITS,
        widths=widths,
        folder=folder,
    )


async def _encode(process: Process, rows: _Rows, sink: Sink) -> None:
    """Feed, listen and pass on at once; the worker's own words explain a failure best."""
    feed = asyncio.create_task(rows.feed(process))
    words = asyncio.create_task(_listen(process, rows.source.progress))
    try:
        await _pass_on(process, sink)
        if await process.wait() != 0 and not _failed(feed):
            said = "".join(await words).strip()
            raise _failure(rows.job.format, said or "the encoder ended early")
        await feed
    finally:
        feed.cancel()
        words.cancel()
        await asyncio.wait([feed, words])


def _failed(feed: asyncio.Task[None]) -> bool:
    """Whether the rows failed by themselves, not only the pipe that an ended worker closed."""
    error = feed.exception() if feed.done() and not feed.cancelled() else None
    return error is not None and not isinstance(error, BROKEN_PIPE)


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
        # A pipe that is full still holds its end back, and without it there is no waiting.
        await process.communicate()
