"""Bulk writing to a layer: one writer at a time, without the cost of single rows."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import Boolean, Connection, Insert, UniqueConstraint, column, func, select, table
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.schema import AddConstraint, DropConstraint

from geodata.database.author import acting
from geodata.database.command import command
from geodata.database.record import move_version
from geodata.database.tables import METADATA, layer_table
from geodata.errors import GeodataError
from geodata.ingest.waiting import patient
from layers.attribute import Role
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
        DatabaseBusyError: others hold the layer for too long; names them.
    """
    with refusals(layer), patient(connection, layer):
        command(connection, "LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE", layer.id)
        with _without_insert_triggers(connection, layer):
            yield
        _settle(connection)


@contextmanager
def without_indexes(connection: Connection, layer: Layer, *, wanted: bool) -> Iterator[None]:
    """Make all indexes but the key's anew where most of them would be new: half the time."""
    if not wanted:
        yield
        return
    target = layer_table(METADATA, layer)
    unique = [each for each in target.constraints if isinstance(each, UniqueConstraint)]
    indexes = sorted(target.indexes, key=lambda index: str(index.name))
    _settle(connection)
    for constraint in unique:
        connection.execute(DropConstraint(constraint))
    for index in indexes:
        index.drop(connection)
    yield
    _settle(connection)
    for constraint in unique:
        connection.execute(AddConstraint(constraint, isolate_from_table=False))
    for index in indexes:
        index.create(connection)


@contextmanager
def _without_insert_triggers(connection: Connection, layer: Layer) -> Iterator[None]:
    """The merge itself writes text and record, by the trigger's own expressions, at half the cost.

    What an insertion needs besides is a new version, which :func:`move_on` gives. Only the
    table's owner may set triggers aside, and others' writes wait meanwhile; for another role they
    stay, and do the same.
    """
    if not is_owned(connection, layer):
        yield
        return
    _settle(connection)
    command(connection, "ALTER TABLE {} DISABLE TRIGGER feature", layer.id)
    command(connection, "ALTER TABLE {} DISABLE TRIGGER record_insert", layer.id)
    yield
    _settle(connection)
    command(connection, "ALTER TABLE {} ENABLE TRIGGER feature", layer.id)
    command(connection, "ALTER TABLE {} ENABLE TRIGGER record_insert", layer.id)


def insert_rows(
    connection: Connection, layer: Layer, statement: Insert, role: Role | None = None
) -> int:
    """Insert within :func:`sole_writer`, and move the layer's version on; how many rows.

    Args:
        role: as whose writing role; None: as the owner.
    """
    counted = statement.execution_options(preserve_rowcount=True)
    with acting(connection, role):
        inserted = connection.execute(counted).rowcount
    if inserted and is_owned(connection, layer):
        move_on(connection, layer)
    return inserted


def move_on(connection: Connection, layer: Layer) -> None:
    """Move the layer's version on, as the trigger would that is set aside."""
    connection.exec_driver_sql(move_version(layer.id))


def _settle(connection: Connection) -> None:
    """Make deferred checks now: a table with checks outstanding cannot be altered."""
    command(connection, "SET CONSTRAINTS ALL IMMEDIATE")
    command(connection, "SET CONSTRAINTS ALL DEFERRED")


def is_owned(connection: Connection, layer: Layer) -> bool:
    """Whether the session may do with the layer's table what only its owner may."""
    owner = select(CLASS.c.relowner).where(CLASS.c.oid == func.to_regclass(layer.id))
    query = select(func.pg_has_role(owner.scalar_subquery(), "USAGE", type_=Boolean))
    return connection.execute(query).scalar_one()


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
