"""Statements that bring a layer's table to what a staging table holds."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Delete,
    Insert,
    MetaData,
    Select,
    Table,
    Update,
    cast,
    delete,
    exists,
    false,
    func,
    insert,
    null,
    select,
    tuple_,
    update,
)

from geodata.database.record import public_text, recorded_now
from geodata.database.tables import METADATA, layer_table, written_columns
from geodata.ingest.modes import Mode
from layers.layer import Layer


def create_staging(connection: Connection, layer: Layer, names: Sequence[str]) -> Table:
    """A temporary table with some of a layer's columns; no other session sees it."""
    table = layer_table(METADATA, layer)
    columns = [Column(name, table.c[name].type) for name in names]
    staging = Table(f"incoming_{layer.id}", MetaData(), *columns, prefixes=["TEMPORARY"])
    staging.create(connection)
    return staging


def repeated_ids(staging: Table) -> Select[str]:
    """Ids that occur more than once."""
    ids = staging.c.id
    return select(ids).group_by(ids).having(func.count() > 1).order_by(ids)


def conflicting_ids(layer: Layer, staging: Table, mode: Mode = Mode.APPEND) -> Select[str]:
    """Ids that the layer has with other values."""
    table = layer_table(METADATA, layer)
    joined = staging.join(table, table.c.id == staging.c.id)
    differs = differing(layer, staging, mode)
    return select(staging.c.id).select_from(joined).where(differs).order_by(staging.c.id)


def absent(layer: Layer, staging: Table) -> ColumnElement[bool]:
    """Whether the staging table lacks a row's id."""
    return ~exists().where(staging.c.id == layer_table(METADATA, layer).c.id)


def remove_absent(layer: Layer, staging: Table) -> Delete:
    """Rows whose ids the staging table lacks."""
    return delete(layer_table(METADATA, layer)).where(absent(layer, staging))


def differing(layer: Layer, staging: Table, mode: Mode) -> ColumnElement[bool]:
    """Whether a row of the layer has other values than the staged one of its id."""
    table = layer_table(METADATA, layer)
    return _differs(table, staging, updated_names(layer, staging, mode))


def updated_names(layer: Layer, staging: Table, mode: Mode) -> list[str]:
    """Columns that an update writes."""
    names = [name for name in written_columns(layer_table(METADATA, layer)) if name != "id"]
    return names if mode is Mode.REPLACE else [name for name in names if name in staging.c]


def update_different(layer: Layer, staging: Table, mode: Mode) -> Update:
    """Rows that have other values than the staged ones, with their text."""
    table = layer_table(METADATA, layer)
    names = updated_names(layer, staging, mode)
    values = {name: staged(table, staging, name) for name in names}
    kept = {name: table.c[name] for name in written_columns(table) if name not in names}
    joined = staging.join(table, table.c.id == staging.c.id)
    row = (
        select(*(value.label(name) for name, value in {**kept, **values}.items()))
        .select_from(joined)
        .where(_differs(table, staging, names))
        .subquery("new")
    )
    changed = {name: row.c[name] for name in names}
    text = {"feature": public_text(row, layer), **recorded_now(table.c.recorded_at)}
    return update(table).where(table.c.id == row.c.id).values({**changed, **text})


def insert_new(layer: Layer, staging: Table, *, into_empty: bool) -> Insert:
    """Staged rows whose ids the layer lacks, with their text."""
    table = layer_table(METADATA, layer)
    names = [column.name for column in staging.c]
    absent = set(written_columns(table)) - set(names)
    rows: Select[Any] = select(
        *staging.c, public_text(staging, layer, absent).label("feature"), *recorded_now().values()
    )
    if not into_empty:
        rows = rows.where(~exists().where(table.c.id == staging.c.id))
    return insert(table).from_select([*names, "feature", *recorded_now()], rows)


def staged(table: Table, staging: Table, name: str) -> ColumnElement[object]:
    """The staged value of a column; null where the file has no such column."""
    if name in staging.c:
        return staging.c[name]
    return cast(null(), table.c[name].type)


def _differs(table: Table, staging: Table, names: Sequence[str]) -> ColumnElement[bool]:
    """Whether a present row is other than the staged one; geometries byte by byte."""
    if not names:
        return false()
    present = tuple_(*(table.c[name] for name in names))
    return present.is_distinct_from(tuple_(*(staged(table, staging, name) for name in names)))
