"""From a producer that pushes to a stream that is pulled, with an end for whoever hangs up."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable

from geodata.formats.errors import StalledReaderError
from geodata.formats.format import Sink

AHEAD = 4
"""Pieces that may wait for a slow reader."""

STALL_S = 60
"""Longest that a reader may take nothing; a vanished one is known by nothing else."""

Produce = Callable[[Sink], Awaitable[None]]

_RUNNING: set[asyncio.Task[None]] = set()
"""The event loop itself holds tasks weakly only."""


async def started(produce: Produce) -> AsyncGenerator[bytes, None]:
    """A stream whose first piece is there already, so that an early failure is raised here.

    An empty piece counts: with it a producer says that it has begun, and may take its time.

    The producer runs in a task of its own: cancelled once when the stream is closed, it ends its
    query and gives its connection back undisturbed, however the reader was cancelled.
    """
    stream = _pulled(produce)
    first = await anext(stream, b"")
    return _resumed(first, stream)


async def _resumed(
    first: bytes, stream: AsyncGenerator[bytes, None]
) -> AsyncGenerator[bytes, None]:
    try:
        if first:
            yield first
        async for piece in stream:
            if piece:
                yield piece
    finally:
        await stream.aclose()


async def _pulled(produce: Produce) -> AsyncGenerator[bytes, None]:
    pieces: asyncio.Queue[bytes | None] = asyncio.Queue()
    room = asyncio.Semaphore(AHEAD)

    async def put(piece: bytes) -> None:
        try:
            async with asyncio.timeout(STALL_S):
                await room.acquire()
        except TimeoutError:
            raise StalledReaderError(f"no byte was read for {STALL_S} s") from None
        pieces.put_nowait(piece)

    task = _start(produce, put, pieces)
    try:
        while (piece := await pieces.get()) is not None:
            room.release()
            yield piece
        await task
    finally:
        task.cancel()
        await asyncio.wait([task])


def _start(produce: Produce, put: Sink, pieces: asyncio.Queue[bytes | None]) -> asyncio.Task[None]:
    async def run() -> None:
        await produce(put)

    def ended(task: asyncio.Task[None]) -> None:
        _RUNNING.discard(task)
        pieces.put_nowait(None)
        if not task.cancelled():
            task.exception()  # who still reads gets it; otherwise it is told to nobody

    task = asyncio.create_task(run())
    _RUNNING.add(task)
    task.add_done_callback(ended)
    return task
