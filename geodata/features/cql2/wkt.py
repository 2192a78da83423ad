"""Geometry literals of CQL2 text, read into GeoJSON (rule spatialInstance)."""

from collections.abc import Callable, Mapping
from typing import Any

from geodata.features.cql2.cursor import Cursor
from geodata.features.cql2.keywords import GEOMETRIES
from geodata.features.cql2.number import take_number

Read = Callable[[Cursor], Any]


def take_geometry(cursor: Cursor) -> dict[str, Any]:
    """A geometry from its tag on; heights may be given, with or without `Z`."""
    kind = GEOMETRIES[cursor.take().text.upper()]
    cursor.take_word("Z")
    if kind == "GeometryCollection":
        return {"type": kind, "geometries": _several(_tagged)(cursor)}
    return {"type": kind, "coordinates": READ[kind](cursor)}


def take_box(cursor: Cursor) -> dict[str, Any]:
    """`BBOX(west, south, east, north)`, or six numbers with heights."""
    cursor.take()
    return {"bbox": _several(take_number)(cursor)}


def _tagged(cursor: Cursor) -> dict[str, Any]:
    if not cursor.at_word(*READ_BY_WORD):
        raise cursor.unexpected(f"one of {', '.join(READ_BY_WORD)}")
    return take_geometry(cursor)


def _several(read: Read) -> Read:
    """One or more in parentheses, separated by commas."""

    def take(cursor: Cursor) -> list[Any]:
        cursor.expect("(")
        parts = [read(cursor)]
        while cursor.take_sign(","):
            parts.append(read(cursor))
        cursor.expect(")")
        return parts

    return take


def _position(cursor: Cursor) -> list[float]:
    numbers = [take_number(cursor), take_number(cursor)]
    return numbers if cursor.at_sign(",", ")") else [*numbers, take_number(cursor)]


def _point(cursor: Cursor) -> list[float]:
    cursor.expect("(")
    position = _position(cursor)
    cursor.expect(")")
    return position


def _bare_or_point(cursor: Cursor) -> list[float]:
    """A position of a MULTIPOINT, whose own parentheses older texts leave out."""
    return _point(cursor) if cursor.at_sign("(") else _position(cursor)


_line = _several(_position)
_polygon = _several(_line)

READ: Mapping[str, Read] = {
    "Point": _point,
    "LineString": _line,
    "Polygon": _polygon,
    "MultiPoint": _several(_bare_or_point),
    "MultiLineString": _several(_line),
    "MultiPolygon": _several(_polygon),
}

READ_BY_WORD = tuple(word for word, kind in GEOMETRIES.items() if kind in READ)
