"""GeoJSON text of a row, written by PostgreSQL (RFC 7946)."""

from collections.abc import Collection, Sequence
from functools import cache

from sqlalchemy import ColumnElement, Date, FromClause, Text, cast, func, literal

from layers.attribute import Role
from layers.layer import Geometry, Layer

COORDINATE_DIGITS = 8
"""Decimal degrees kept in the text: about 1 mm."""


@cache
def readable(layer: Layer, role: Role) -> tuple[str, ...]:
    """Attributes that a role may read, in display order."""
    return tuple(each.name for each in layer.all_attributes if role.includes(each.reader))


@cache
def least_reader(layer: Layer, role: Role) -> Role:
    """The least role that reads as much of a layer as this one: it is enough to answer it."""
    return next(each for each in Role if _extent(layer, each) == _extent(layer, role))


def _extent(layer: Layer, role: Role) -> tuple[tuple[str, ...], bool]:
    return readable(layer, role), layer.tells_positions(role)


def tells_more(layer: Layer, role: Role) -> bool:
    """Whether a role is told positions more precisely than the stored text has them."""
    return layer.precision is not None and layer.tells_positions(role)


def public_names(layer: Layer) -> tuple[str, ...]:
    """Attributes that everyone may read, in display order."""
    return readable(layer, Role.PUBLIC)


def feature_text(
    row: FromClause,
    names: Sequence[str],
    geometry: ColumnElement[str],
    absent: Collection[str] = (),
) -> ColumnElement[str]:
    """GeoJSON text of a feature with some attributes and a geometry already in text.

    Args:
        absent: attributes that are null in every row; `row` needs no columns for them.
    """
    return feature_head(row) + geometry + feature_tail(row, names, absent)


def feature_head(row: FromClause) -> ColumnElement[str]:
    """The text before the geometry."""
    return literal('{"type":"Feature","id":') + _json(row.c["id"]) + ',"geometry":'


def feature_tail(
    row: FromClause, names: Sequence[str], absent: Collection[str] = ()
) -> ColumnElement[str]:
    """The text behind the geometry."""
    text: ColumnElement[str] = literal(',"properties":{', Text)
    fixed = ""
    for position, name in enumerate(names):
        fixed += f'{"," if position else ""}"{name}":'
        if name in absent:
            fixed += "null"
        else:
            text, fixed = text + fixed + _json(row.c[name]), ""
    return text + (fixed + "}}")


def geometry_text(
    geometry: ColumnElement[object], layer: Layer, digits: int = COORDINATE_DIGITS
) -> ColumnElement[str]:
    """GeoJSON text of a geometry, outer rings counterclockwise (section 3.1.6); null for NULL."""
    if layer.geometry is Geometry.AREA:
        geometry = func.ST_ForcePolygonCCW(geometry)
    return func.coalesce(func.ST_AsGeoJSON(geometry, digits, 0, type_=Text), "null", type_=Text)


def _json(value: ColumnElement[object]) -> ColumnElement[str]:
    """JSON text of a value; null for NULL, since one NULL operand would void the whole text."""
    quoted = isinstance(value.type, Text | Date)
    text = cast(func.to_json(value), Text) if quoted else cast(value, Text)
    return func.coalesce(text, "null", type_=Text)
