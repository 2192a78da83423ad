"""GeoJSON (RFC 7946): the stored public text of the features, between two brackets.

Coordinates are those of the store: CGCS2000 agrees with WGS 84 within about a metre.
"""

import asyncpg
from sqlalchemy import ColumnElement

from geodata.database.representation import feature_text, geometry_text
from geodata.formats.format import Sink, Source

UNQUOTED = {"format": "csv", "quote": "\x01", "delimiter": "\x02"}
"""COPY that leaves JSON as it is: there, control characters are escaped, and so never met."""


async def write(connection: asyncpg.Connection, source: Source, sink: Sink) -> None:
    """A FeatureCollection (section 3.3)."""
    await sink(b'{"type":"FeatureCollection","features":[\n')
    await copy_texts(connection, source, sink, b",\n")
    await sink(b"\n]}\n")


async def copy_texts(
    connection: asyncpg.Connection, source: Source, sink: Sink, separator: bytes
) -> None:
    """The text of each feature, with something between two of them."""
    held = b""

    async def separated(lines: bytes) -> None:
        nonlocal held
        source.progress(lines.count(b"\n"))
        body, end, rest = (held + lines).rpartition(b"\n")
        held = end + rest
        await sink(body.replace(b"\n", separator))

    await source.copy(connection, [_text(source)], separated, **UNQUOTED)


def _text(source: Source) -> ColumnElement[str]:
    """Stored where all is wanted, else built as the stored one is."""
    if source.is_stored:
        stored: ColumnElement[str] = source.rows.c["feature"]
        return stored
    names = [each.name for each in source.attributes]
    return feature_text(source.rows, names, geometry_text(source.rows.c["geom"], source.layer))
