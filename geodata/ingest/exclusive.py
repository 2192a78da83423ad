"""Bulk writing to a layer: one writer at a time, without the cost of single rows."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import Boolean, Connection, Select, column, func, select, table
from sqlalchemy.exc import DataError, IntegrityError

from geodata.database.command import command
from geodata.database.tables import METADATA, layer_table
from geodata.errors import GeodataError
from layers.layer import Layer

CLASS = table("pg_class", column("oid"), column("relowner"))


class RowsRefusedError(GeodataError):
    """Rows that the database does not take: nothing was written."""


@contextmanager
def sole_writer(connection: Connection, layer: Layer) -> Iterator[None]:
    """Write to a layer while other writers wait; statements inside write the text themselves.

    Deferred checks are made at the end, so that a refusal comes here and not at the commit.

    Raises:
        RowsRefusedError: a constraint of the layer; the database's words name row and rule.
    """
    with refusals(layer):
        command(connection, "LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE", layer.id)
        with _text_by_statement(connection, layer):
            yield
        _settle(connection)


@contextmanager
def without_index(connection: Connection, layer: Layer, *, wanted: bool) -> Iterator[None]:
    """Make the spatial index anew where most of it would be new: a third of the time."""
    if not wanted:
        yield
        return
    target = layer_table(METADATA, layer)
    index = next(each for each in target.indexes if each.name == f"ix_{layer.id}_geom")
    _settle(connection)
    index.drop(connection)
    yield
    _settle(connection)
    index.create(connection)


@contextmanager
def _text_by_statement(connection: Connection, layer: Layer) -> Iterator[None]:
    """The merge writes the text itself, by the trigger's own expression and at half the cost.

    Only the table's owner may set its trigger aside, and others' writes wait meanwhile. For
    another role it stays, and writes the same.
    """
    if not connection.execute(_is_owned(layer)).scalar_one():
        yield
        return
    _settle(connection)
    command(connection, "ALTER TABLE {} DISABLE TRIGGER feature", layer.id)
    yield
    _settle(connection)
    command(connection, "ALTER TABLE {} ENABLE TRIGGER feature", layer.id)


def _settle(connection: Connection) -> None:
    """Make deferred checks now: a table with checks outstanding cannot be altered."""
    command(connection, "SET CONSTRAINTS ALL IMMEDIATE")
    command(connection, "SET CONSTRAINTS ALL DEFERRED")


def _is_owned(layer: Layer) -> Select[bool]:
    owner = select(CLASS.c.relowner).where(CLASS.c.oid == func.to_regclass(layer.id))
    return select(func.pg_has_role(owner.scalar_subquery(), "USAGE", type_=Boolean))


@contextmanager
def refusals(layer: Layer) -> Iterator[None]:
    """The database's refusals in its own words: they name the row and the rule."""
    try:
        yield
    except (DataError, IntegrityError) as error:
        raise RowsRefusedError(_words(layer, error.orig)) from error
    except (psycopg.DataError, psycopg.IntegrityError) as error:
        raise RowsRefusedError(_words(layer, error)) from error


def _words(layer: Layer, error: BaseException | None) -> str:
    if not isinstance(error, psycopg.Error):
        return f"{layer.id}: {error}"
    said = (error.diag.message_primary, error.diag.message_detail, error.diag.context)
    return f"{layer.id}: {'; '.join(part for part in said if part)}"
