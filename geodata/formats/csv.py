"""CSV (RFC 4180), written by PostgreSQL: UTF-8 with a byte order mark, which Excel asks for.

Columns are `id`, the attributes by name, `lon` and `lat` for points, and the geometry as `wkt`.
Nothing is an unquoted empty field; the empty text is a quoted one.

A text that a spreadsheet might take for a formula, since it begins with one of `FORMULA`, gets an
apostrophe in front, as does one that begins with an apostrophe itself. So nothing is lost: who
reads the file takes one apostrophe off each text that begins with one.
"""

import re
from collections.abc import Iterator
from typing import Any

import asyncpg
from sqlalchemy import ColumnElement, Text, case, cast, func

from geodata.database.representation import COORDINATE_DIGITS
from geodata.formats.format import Sink, Source
from layers.attribute import Attribute, ValueType
from layers.layer import Geometry

FORMULA = "=+-@\t\r\n＝＋－＠"
"""Starts of a formula, full-width ones too (OWASP, CSV injection)."""

BYTE_ORDER_MARK = b"\xef\xbb\xbf"

LINE_START = re.compile(rb'\n"(?=[A-Za-z0-9])')
"""The end of a record: the next begins with its id, quoted, and an id with a letter or digit.

Within a field, a quote stands twice or ends the field; so no letter follows a line feed and one.
"""


async def write(connection: asyncpg.Connection, source: Source, sink: Sink) -> None:
    """A header of names, then the features."""
    names = ",".join(name for name, _ in _columns(source))
    await sink(BYTE_ORDER_MARK + names.encode() + b"\r\n")
    lines = _Lines(source, sink)
    columns = [column.label(name) for name, column in _columns(source)]
    await source.copy(connection, columns, lines.take, format="csv", force_quote=["id"])
    await lines.end()


class _Lines:
    """Ends records with CR LF, as RFC 4180 section 2 wants; PostgreSQL writes LF."""

    def __init__(self, source: Source, sink: Sink) -> None:
        self._source = source
        self._sink = sink
        self._held = b""

    async def take(self, lines: bytes) -> None:
        """Pass on all but the last two bytes, behind which a record may begin."""
        text, ends = LINE_START.subn(b'\r\n"', self._held + lines)
        self._source.progress(ends)
        self._held = text[-2:]
        await self._sink(text[:-2])

    async def end(self) -> None:
        """Pass on the end of the last record."""
        if self._held:
            self._source.progress(1)
        await self._sink(self._held.replace(b"\n", b"\r\n"))


def _columns(source: Source) -> Iterator[tuple[str, ColumnElement[Any]]]:
    rows = source.rows
    yield "id", rows.c["id"]
    for attribute in source.attributes:
        yield attribute.name, _value(attribute, rows.c[attribute.name])
    if source.layer.geometry is Geometry.POINT:
        yield "lon", func.ST_X(rows.c["geom"])
        yield "lat", func.ST_Y(rows.c["geom"])
    yield "wkt", func.ST_AsText(rows.c["geom"], COORDINATE_DIGITS)


def _value(attribute: Attribute, value: ColumnElement[Any]) -> ColumnElement[Any]:
    if attribute.type is ValueType.BOOLEAN:
        return cast(value, Text)
    if attribute.type is ValueType.TEXT and attribute.codes is None:
        return defused(value)
    return value


def defused(text: ColumnElement[str]) -> ColumnElement[str]:
    """The text, with an apostrophe in front where it begins as a formula does."""
    suspicious = func.ascii(text).in_([ord(start) for start in "'" + FORMULA])
    return case((suspicious, func.concat("'", text)), else_=text)
