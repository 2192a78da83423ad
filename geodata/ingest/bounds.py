"""Rows of a load that lie outside the areas of whoever loads: refused as one, before and after.

Before anything is written each is named. Afterwards it is seen whether PostgreSQL, whose row-level
security passes over rows instead of refusing them, has left any.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import errors
from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Select,
    Table,
    Text,
    and_,
    case,
    exists,
    not_,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.exc import DBAPIError

from geodata.database.author import WriteRefusedError
from geodata.database.bounds import (
    Held,
    held_areas,
    may_add,
    may_become,
    may_change,
    may_remove,
    place,
    writes_all,
)
from geodata.database.command import command
from geodata.database.tables import METADATA, layer_table
from geodata.database.writer import writer_name
from geodata.errors import SHOWN, OutsideAreasError
from geodata.features.bounds import Areas, held_values
from geodata.ingest.merge import conflicting_ids, differing, staged, updated_names
from geodata.ingest.modes import Mode
from layers.attribute import Role
from layers.layer import Layer


def check_load(
    connection: Connection,
    layer: Layer,
    staging: Table,
    mode: Mode,
    areas: Areas,
    removed: ColumnElement[bool],
) -> None:
    """Refuse a load that would add, change or remove rows outside.

    Args:
        staging: the rows that are to be.
        areas: that the account's groups look after.
        removed: which rows of the layer are to go.

    Raises:
        OutsideAreasError: names rows.
    """
    if areas is None:
        return
    held = held_values(held_areas(connection, sorted(areas)))
    found = connection.execute(outside(layer, staging, mode, held, removed).limit(SHOWN + 1))
    if rows := [(row[0], row[1]) for row in found]:
        raise OutsideAreasError(layer.id, rows, sorted(areas))


def outside(
    layer: Layer, staging: Table, mode: Mode, held: Held, removed: ColumnElement[bool]
) -> CompoundSelect[str, str]:
    """Ids of rows that lie outside, and where each lies, by id."""
    found = union_all(
        _added(layer, staging, held),
        *([] if mode is Mode.APPEND else [_changed(layer, staging, mode, held)]),
        _removed(layer, held, removed),
    )
    return found.order_by(found.selected_columns[0])


def lend(connection: Connection, staging: Table, role: Role | None) -> None:
    """Let a writing role read a staging table."""
    if role is not None:
        (owner,) = connection.exec_driver_sql("SELECT session_user").one()
        command(connection, "GRANT SELECT ON {} TO {}", staging.name, writer_name(owner, role))


def refuse_passed_over(
    connection: Connection,
    layer: Layer,
    staging: Table,
    mode: Mode,
    role: Role | None,
    removed: ColumnElement[bool],
) -> None:
    """Refuse a load of which PostgreSQL has left rows undone.

    Raises:
        WriteRefusedError: names some of them.
    """
    if role is None or writes_all(connection, layer):
        return
    ids = [] if mode is Mode.APPEND else _some(connection, conflicting_ids(layer, staging, mode))
    table = layer_table(METADATA, layer)
    ids += _some(connection, select(table.c.id).where(removed).order_by(table.c.id))
    if ids:
        raise WriteRefusedError(
            f"the database does not let you change {', '.join(ids[:SHOWN])} of layer {layer.id!r}:"
            " outside the areas of your groups; nothing was written"
        )


@contextmanager
def denials(layer: Layer, actor: str) -> Iterator[None]:
    """The database's refusal to let an account write, in our terms."""
    try:
        yield
    except DBAPIError as error:
        if not isinstance(error.orig, errors.InsufficientPrivilege):
            raise
        raise _denied(layer, actor, error.orig) from error
    except errors.InsufficientPrivilege as error:
        raise _denied(layer, actor, error) from error


def _denied(layer: Layer, actor: str, error: psycopg.Error) -> WriteRefusedError:
    return WriteRefusedError(
        f"the database does not let {actor} write these rows of layer {layer.id!r}, which is for"
        f" {layer.writer}, and for members of groups in their areas only; nothing was written"
        f" ({error.diag.message_primary})"
    )


def _text(value: ColumnElement[object]) -> ColumnElement[str]:
    """Ids of features and areas are texts."""
    return type_coerce(value, Text)


def _added(layer: Layer, staging: Table, held: Held) -> Select[str, str]:
    table = layer_table(METADATA, layer)

    def new(name: str) -> ColumnElement[str]:
        return _text(staged(table, staging, name))

    is_new = ~exists().where(table.c.id == staging.c.id)
    return select(staging.c.id, place(layer, new).label("area")).where(
        is_new, _fails(may_add(layer, new, held))
    )


def _changed(layer: Layer, staging: Table, mode: Mode, held: Held) -> Select[str, str]:
    table = layer_table(METADATA, layer)
    names = updated_names(layer, staging, mode)

    def old(name: str) -> ColumnElement[str]:
        return table.c[name]

    def new(name: str) -> ColumnElement[str]:
        return _text(staged(table, staging, name) if name in names else table.c[name])

    mine = may_change(layer, old, held)
    there = case((mine, place(layer, new)), else_=place(layer, old))
    return (
        select(table.c.id, there.label("area"))
        .join_from(staging, table, table.c.id == staging.c.id)
        .where(differing(layer, staging, mode), _fails(and_(mine, may_become(layer, new, held))))
    )


def _removed(layer: Layer, held: Held, removed: ColumnElement[bool]) -> Select[str, str]:
    table = layer_table(METADATA, layer)

    def old(name: str) -> ColumnElement[str]:
        return table.c[name]

    return select(table.c.id, place(layer, old).label("area")).where(
        removed, _fails(may_remove(layer, old, held))
    )


def _fails(allowed: ColumnElement[bool]) -> ColumnElement[bool]:
    """An unknown area is nobody's."""
    return not_(allowed.is_(True))


def _some(connection: Connection, ids: Select[str]) -> list[str]:
    return list(connection.execute(ids.limit(SHOWN)).scalars())
