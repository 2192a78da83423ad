"""Layer versions: a number that changes with each committed write to a layer.

Whatever is cached or tagged (counts, pages, tiles) hangs on it. A reader takes the version
first and the data after: what it then holds is never older than the version says.
"""

import asyncio
import logging
import re

import asyncpg
from sqlalchemy import select

from geodata.database.pool import Pool
from geodata.database.record import VERSION_CHANNEL
from geodata.database.statement import compile_statement
from geodata.database.tables import METADATA
from geodata.errors import GeodataError
from layers.layer import Layer

LOG = logging.getLogger(__name__)
RETRY_S = 1
NOTICE = re.compile(r"(?P<layer>[a-z0-9_]+) (?P<version>[0-9]{1,18})")
LOST = (
    OSError,
    GeodataError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)

_VERSIONS = METADATA.tables["layer_versions"]
ALL_VERSIONS = compile_statement(select(_VERSIONS.c.layer, _VERSIONS.c.version))


class LayerVersions:
    """Versions kept fresh by LISTEN; while the listener is down they are read each time."""

    def __init__(self, url: str, pool: Pool) -> None:
        self._url = url
        self._pool = pool
        self._versions: dict[str, int] = {}
        self._listening = False
        self._task: asyncio.Task[None] | None = None

    async def current(self, layer: Layer) -> int:
        """Version of a layer; 0 for one that was never written."""
        if not self._listening:
            await self.refresh()
        return self._versions.get(layer.id, 0)

    def start(self) -> None:
        """Begin to listen in the background."""
        self._task = asyncio.create_task(self._listen_forever())

    async def stop(self) -> None:
        """Stop listening."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _listen_forever(self) -> None:
        while True:
            try:
                await self._listen()
            except LOST as error:
                LOG.warning("layer versions: listener lost (%s); reconnecting", error)
            self._listening = False
            await asyncio.sleep(RETRY_S)

    async def _listen(self) -> None:
        """Subscribe, then read: a bump between the two is heard, not missed."""
        closed = asyncio.Event()
        connection = await asyncpg.connect(
            self._url, server_settings={"application_name": "zgc-gis"}
        )
        try:
            connection.add_termination_listener(lambda _: closed.set())
            await connection.add_listener(VERSION_CHANNEL, self._heard)
            await self.refresh()
            self._listening = True
            await closed.wait()
        finally:
            self._listening = False
            await connection.close(timeout=1)

    def _heard(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        """Anybody may send notices on the channel; only ours are believed."""
        if notice := NOTICE.fullmatch(str(payload)):
            self._advance(notice["layer"], int(notice["version"]))

    async def refresh(self) -> None:
        """Read them all: who has just written must not wait for the notice."""
        for row in await self._pool.fetch(ALL_VERSIONS):
            self._advance(row["layer"], row["version"])

    def _advance(self, layer: str, version: int) -> None:
        """Take the greater number, since notices and reads may cross."""
        self._versions[layer] = max(version, self._versions.get(layer, 0))
