"""Loading of checked rows: COPY into a staging table, then one merge, all in one transaction."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain

import psycopg
import pyarrow as pa
from sqlalchemy import (
    Boolean,
    Connection,
    Engine,
    Select,
    Table,
    column,
    func,
    select,
    table,
)
from sqlalchemy.exc import DataError, IntegrityError

from geodata.database.command import command
from geodata.database.tables import METADATA, layer_table
from geodata.errors import GeodataError
from geodata.ingest.batch import ImportBatch, Loaded, keep_import, recorded_import
from geodata.ingest.copy import Progress, check_schema, copy_rows
from geodata.ingest.merge import (
    conflicting_ids,
    create_staging,
    insert_new,
    remove_absent,
    repeated_ids,
    update_different,
)
from geodata.ingest.modes import Mode
from layers.layer import Layer

CLASS = table("pg_class", column("oid"), column("relowner"))

FEW = 10_000
"""Rows; below, it does not matter how the spatial index is kept."""

SHOWN = 20
"""Ids that an error names."""


class RowsRefusedError(GeodataError):
    """Rows that the database does not take: nothing was written."""


class RepeatedIdError(RowsRefusedError):
    """Rows that share an id: which one is meant cannot be told."""

    def __init__(self, layer: Layer, ids: list[str]) -> None:
        super().__init__(f"{layer.id}: ids that occur twice in the file: {_listed(ids)}")


class ExistingIdError(RowsRefusedError):
    """Rows to be appended whose ids the layer has with other values."""

    def __init__(self, layer: Layer, ids: list[str]) -> None:
        super().__init__(
            f"{layer.id} has rows of these ids with other values: {_listed(ids)};"
            " choose the mode update, or give the new rows ids of their own"
        )


def import_rows(
    engine: Engine,
    layer: Layer,
    rows: Iterable[pa.RecordBatch],
    *,
    mode: Mode,
    batch: ImportBatch,
    progress: Progress = lambda _: None,
    dry_run: bool = False,
) -> Loaded:
    """Load rows in a transaction of their own: all of it or nothing.

    Args:
        dry_run: everything is done, checked and counted, then taken back.

    Raises:
        GeodataError: as :func:`load_features`.
    """
    with engine.connect() as connection:
        loaded = load_features(connection, layer, rows, mode=mode, batch=batch, progress=progress)
        if not dry_run:
            connection.commit()
    return loaded


def load_features(
    connection: Connection,
    layer: Layer,
    rows: Iterable[pa.RecordBatch],
    *,
    mode: Mode,
    batch: ImportBatch,
    progress: Progress = lambda _: None,
) -> Loaded:
    """Bring a layer to what rows say, within the transaction of a connection.

    Other writers of the layer wait until its end; readers do not, unless the rows are more than
    the layer holds: the spatial index is then made anew, and readers wait for that.

    Args:
        connection: on psycopg; nothing is committed here.
        rows: batches with the same columns, of the types of :func:`copy.row_schema`: `id`, any
            attributes, and `geom` as WKB in CGCS2000 lon-lat degrees. Checked before: here the
            database's constraints are the judge.
        mode: what becomes of rows that are there.
        batch: what the books shall say of it.
        progress: told how many rows each batch had, as they leave.

    Raises:
        RowShapeError: columns the layer has not, or of other types.
        RepeatedIdError: two rows with one id.
        ExistingIdError: rows to be appended are there with other values.
        RowsRefusedError: a constraint of the layer; the database's words name row and rule.
    """
    with recorded_import(connection, batch) as import_id, _refusals(layer):
        staging, total = _stage(connection, layer, rows, progress)
        _keep_writers_out(connection, layer)
        _refuse_ambiguous(connection, layer, staging, mode)
        with _text_by_statement(connection, layer):
            loaded = _merge(connection, layer, staging, mode, total, import_id)
        _settle(connection)
        staging.drop(connection)
    keep_import(connection, layer, batch, mode, loaded)
    return loaded


def _stage(
    connection: Connection, layer: Layer, rows: Iterable[pa.RecordBatch], progress: Progress
) -> tuple[Table, int]:
    batches = iter(rows)
    first = next(batches, None)
    schema = pa.schema([pa.field("id", pa.string())]) if first is None else first.schema
    check_schema(layer, schema)
    staging = create_staging(connection, layer, schema.names)
    given = batches if first is None else chain((first,), batches)
    total = copy_rows(connection, staging.name, schema, given, progress)
    command(connection, "ANALYZE {}", staging.name)
    return staging, total


def _keep_writers_out(connection: Connection, layer: Layer) -> None:
    target = layer_table(METADATA, layer)
    command(connection, "LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE", target.name)


def _merge(
    connection: Connection, layer: Layer, staging: Table, mode: Mode, total: int, import_id: int
) -> Loaded:
    present = _count(connection, layer_table(METADATA, layer))
    removed = updated = 0
    if present and mode is Mode.REPLACE:
        removed = connection.execute(remove_absent(layer, staging)).rowcount
    if present and mode is not Mode.APPEND:
        updated = connection.execute(update_different(layer, staging, mode)).rowcount
    inserted = _insert(connection, layer, staging, total, present)
    return Loaded(
        rows=total,
        inserted=inserted,
        updated=updated,
        unchanged=total - inserted - updated,
        removed=removed,
        import_id=import_id,
    )


def _refuse_ambiguous(connection: Connection, layer: Layer, staging: Table, mode: Mode) -> None:
    if repeated := _some(connection, repeated_ids(staging)):
        raise RepeatedIdError(layer, repeated)
    if mode is Mode.APPEND and (conflicts := _some(connection, conflicting_ids(layer, staging))):
        raise ExistingIdError(layer, conflicts)


def _insert(connection: Connection, layer: Layer, staging: Table, total: int, present: int) -> int:
    statement = insert_new(layer, staging, into_empty=not present)
    statement = statement.execution_options(preserve_rowcount=True)
    with _without_index(connection, layer, wanted=total > max(2 * present, FEW)):
        return connection.execute(statement).rowcount


@contextmanager
def _without_index(connection: Connection, layer: Layer, *, wanted: bool) -> Iterator[None]:
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
    target = layer_table(METADATA, layer)
    _settle(connection)
    command(connection, "ALTER TABLE {} DISABLE TRIGGER feature", target.name)
    yield
    _settle(connection)
    command(connection, "ALTER TABLE {} ENABLE TRIGGER feature", target.name)


def _settle(connection: Connection) -> None:
    """Make deferred checks now: a table with checks outstanding cannot be altered."""
    command(connection, "SET CONSTRAINTS ALL IMMEDIATE")
    command(connection, "SET CONSTRAINTS ALL DEFERRED")


def _is_owned(layer: Layer) -> Select[bool]:
    owner = select(CLASS.c.relowner).where(CLASS.c.oid == func.to_regclass(layer.id))
    return select(func.pg_has_role(owner.scalar_subquery(), "USAGE", type_=Boolean))


def _count(connection: Connection, rows: Table) -> int:
    return connection.execute(select(func.count()).select_from(rows)).scalar_one()


@contextmanager
def _refusals(layer: Layer) -> Iterator[None]:
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


def _some(connection: Connection, ids: Select[str]) -> list[str]:
    return list(connection.execute(ids.limit(SHOWN + 1)).scalars())


def _listed(ids: list[str]) -> str:
    more = ", ..." if len(ids) > SHOWN else ""
    return ", ".join(ids[:SHOWN]) + more
