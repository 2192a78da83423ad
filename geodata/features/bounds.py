"""Members of offices change features of their areas only: checked before anything is written.

The rule is that of :mod:`geodata.database.bounds`; here a refusal names feature, area and what is
allowed. PostgreSQL, which has the last word, names less.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Connection, RowMapping, Text, literal, select

from geodata.database.bounds import (
    Held,
    Values,
    held_areas,
    may_add,
    may_become,
    may_change,
    may_remove,
    place_name,
)
from geodata.errors import OutsideAreasError
from layers.layer import Layer

Areas = frozenset[str] | None
"""Ids of the areas that somebody's groups look after; None: they belong to no group."""

ANYWHERE: Areas = None

Row = Mapping[str, Any] | RowMapping
Rule = Callable[[Layer, Values, Held], ColumnElement[bool]]


def check_added(connection: Connection, layer: Layer, rows: Sequence[Row], areas: Areas) -> None:
    """Refuse new features that lie outside.

    Raises:
        OutsideAreasError: names them.
    """
    _check(connection, layer, rows, areas, may_add)


def check_present(connection: Connection, layer: Layer, row: Row, areas: Areas) -> None:
    """Refuse to change a feature that lies outside.

    Raises:
        OutsideAreasError: names it.
    """
    _check(connection, layer, [row], areas, may_change)


def check_changed(connection: Connection, layer: Layer, row: Row, areas: Areas) -> None:
    """Refuse a change by which a feature would come to lie outside.

    Raises:
        OutsideAreasError: names it.
    """
    _check(connection, layer, [row], areas, may_become)


def check_removed(connection: Connection, layer: Layer, row: Row, areas: Areas) -> None:
    """Refuse to remove a feature that lies outside.

    Raises:
        OutsideAreasError: names it.
    """
    _check(connection, layer, [row], areas, may_remove)


def held_values(held: Sequence[str]) -> Held:
    """Ids of areas, as a value of a query."""
    return literal(list(held), ARRAY(Text))


def _check(
    connection: Connection, layer: Layer, rows: Sequence[Row], areas: Areas, rule: Rule
) -> None:
    if areas is None:
        return
    held = held_values(held_areas(connection, sorted(areas)))
    allowed = (rule(layer, _values_of(row), held) for row in rows)
    found = connection.execute(select(*allowed)).one()
    name = place_name(layer)
    outside = [
        (str(row["id"]), None if name is None else row[name])
        for row, allows in zip(rows, found, strict=True)
        if not allows
    ]
    if outside:
        raise OutsideAreasError(layer.id, outside, sorted(areas))


def _values_of(row: Row) -> Values:
    return lambda name: literal(row[name], Text)
