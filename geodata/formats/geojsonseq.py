"""GeoJSON text sequences (RFC 8142): one feature after the other, each readable by itself."""

import asyncpg

from geodata.formats.format import Sink, Source
from geodata.formats.geojson import copy_texts

RECORD = b"\x1e"
"""Before each text (RFC 7464, section 2.2); a line feed follows each."""


async def write(connection: asyncpg.Connection, source: Source, sink: Sink) -> None:
    """A sequence of features; without any, it is empty."""
    begun = False

    async def marked(piece: bytes) -> None:
        nonlocal begun
        await sink(piece if begun or not piece else RECORD + piece)
        begun = begun or bool(piece)

    await copy_texts(connection, source, marked, b"\n" + RECORD)
    await sink(b"\n" if begun else b"")
