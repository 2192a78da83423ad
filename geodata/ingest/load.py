"""Loading of checked rows, all in one transaction.

An empty layer is filled by one COPY. Otherwise rows go into a staging table, and one merge brings
the layer to what they say.
"""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple

import pyarrow as pa
from sqlalchemy import Connection, Engine, Select, Table, false, func, select

from geodata.database.author import acting
from geodata.database.command import command
from geodata.database.tables import METADATA, layer_table
from geodata.features.bounds import Areas
from geodata.ingest.batch import ImportBatch, Loaded, keep_import, recorded_import
from geodata.ingest.bounds import check_load, denials, lend, refuse_passed_over
from geodata.ingest.copy import Progress, check_schema, copy_rows
from geodata.ingest.exclusive import (
    RowsRefusedError,
    insert_rows,
    refusals,
    sole_writer,
    without_indexes,
)
from geodata.ingest.fill import can_be_filled, fill
from geodata.ingest.merge import (
    absent,
    conflicting_ids,
    create_staging,
    insert_new,
    remove_absent,
    repeated_ids,
    update_different,
)
from geodata.ingest.modes import Mode
from layers.attribute import Role
from layers.layer import Layer

FEW = 10_000
"""Rows; below, it does not matter how indexes are kept."""

SHOWN = 20
"""Ids that an error names."""


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
    the layer holds: its indexes are then made anew, and readers wait for that.

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
        OutsideAreasError: rows outside the areas that the account's groups look after.
        WriteRefusedError: as the database has it.
        DatabaseBusyError: others hold the layer for too long; names them.
    """
    incoming = _incoming(layer, rows)
    with recorded_import(connection, batch) as import_id, denials(layer, batch.actor):
        counts = _filled(connection, layer, incoming, batch, progress)
        if counts is None:
            counts = _merged(connection, layer, incoming, mode, batch, progress)
    loaded = Loaded(import_id=import_id, **counts)
    keep_import(connection, layer, batch, mode, loaded)
    return loaded


def refuse_outside(
    connection: Connection,
    layer: Layer,
    rows: Iterable[pa.RecordBatch],
    mode: Mode,
    areas: Areas,
) -> None:
    """Refuse rows that a load would for where they lie; the caller takes the staging back.

    Raises:
        OutsideAreasError: names rows outside the areas that the account's groups look after.
    """
    incoming = _incoming(layer, rows)
    staging = create_staging(connection, layer, incoming.names)
    copy_rows(connection, staging.name, incoming.names, incoming.batches, lambda _: None)
    removed = absent(layer, staging) if mode is Mode.REPLACE else false()
    check_load(connection, layer, staging, mode, areas, removed)


class _Incoming(NamedTuple):
    """Rows on their way: their columns, the batches, and whether they are more than a few."""

    names: list[str]
    batches: Iterator[pa.RecordBatch]
    many: bool


def _incoming(layer: Layer, rows: Iterable[pa.RecordBatch]) -> _Incoming:
    batches, head, count = iter(rows), list[pa.RecordBatch](), 0
    while count <= FEW and (batch := next(batches, None)) is not None:
        head.append(batch)
        count += batch.num_rows
    schema = head[0].schema if head else pa.schema([pa.field("id", pa.string())])
    check_schema(layer, schema)
    return _Incoming(schema.names, chain(head, batches), count > FEW)


def _filled(
    connection: Connection,
    layer: Layer,
    incoming: _Incoming,
    batch: ImportBatch,
    progress: Progress,
) -> dict[str, int] | None:
    """Write to a layer that is empty; None where it is not, or when it is no more.

    What an account may write is found out from a staging table, and held to by statements.
    """
    if batch.role is not None or batch.areas is not None or not can_be_filled(connection, layer):
        return None
    with sole_writer(connection, layer):
        if not can_be_filled(connection, layer):
            return None
        names, batches, many = incoming
        count = fill(connection, layer, names, batches, progress, many=many)
    return {"rows": count, "inserted": count, "updated": 0, "unchanged": 0, "removed": 0}


def _merged(
    connection: Connection,
    layer: Layer,
    incoming: _Incoming,
    mode: Mode,
    batch: ImportBatch,
    progress: Progress,
) -> dict[str, int]:
    """Write what is other than before, by way of a staging table."""
    staging = create_staging(connection, layer, incoming.names)
    with refusals(layer):
        total = copy_rows(connection, staging.name, incoming.names, incoming.batches, progress)
    command(connection, "ANALYZE {} (id)", staging.name)
    with sole_writer(connection, layer):
        present = _count(connection, layer_table(METADATA, layer))
        if present:
            _refuse_ambiguous(connection, layer, staging, mode)
        removed = absent(layer, staging) if mode is Mode.REPLACE else false()
        check_load(connection, layer, staging, mode, batch.areas, removed)
        lend(connection, staging, batch.role)
        counts = _merge(connection, layer, staging, mode, total, present, batch.role)
        refuse_passed_over(connection, layer, staging, mode, batch.role, removed)
    staging.drop(connection)
    return counts


def _merge(
    connection: Connection,
    layer: Layer,
    staging: Table,
    mode: Mode,
    total: int,
    present: int,
    role: Role | None,
) -> dict[str, int]:
    """Write; an empty layer has nothing to compare with, and refuses a repeated id by its key."""
    removed = updated = 0
    with acting(connection, role):
        if present and mode is Mode.REPLACE:
            removed = connection.execute(remove_absent(layer, staging)).rowcount
        if present and mode is not Mode.APPEND:
            updated = connection.execute(update_different(layer, staging, mode)).rowcount
    statement = insert_new(layer, staging, into_empty=not present)
    with without_indexes(connection, layer, wanted=total > max(2 * present, FEW)):
        inserted = insert_rows(connection, layer, statement, role)
    return {
        "rows": total,
        "inserted": inserted,
        "updated": updated,
        "unchanged": total - inserted - updated,
        "removed": removed,
    }


def _refuse_ambiguous(connection: Connection, layer: Layer, staging: Table, mode: Mode) -> None:
    if repeated := _some(connection, repeated_ids(staging)):
        raise RepeatedIdError(layer, repeated)
    if mode is Mode.APPEND and (conflicts := _some(connection, conflicting_ids(layer, staging))):
        raise ExistingIdError(layer, conflicts)


def _count(connection: Connection, rows: Table) -> int:
    return connection.execute(select(func.count()).select_from(rows)).scalar_one()


def _some(connection: Connection, ids: Select[str]) -> list[str]:
    return list(connection.execute(ids.limit(SHOWN + 1)).scalars())


def _listed(ids: list[str]) -> str:
    more = ", ..." if len(ids) > SHOWN else ""
    return ", ".join(ids[:SHOWN]) + more
