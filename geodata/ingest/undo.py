"""Taking an import back, as a new change of its own: nothing is erased."""

from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Delete,
    Engine,
    Insert,
    Row,
    Select,
    Subquery,
    Table,
    and_,
    delete,
    exists,
    func,
    insert,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import distinct_on

from geodata.database.author import acting
from geodata.database.tables import METADATA, history_table, layer_table, written_columns
from geodata.errors import GeodataError
from geodata.ingest.batch import IMPORTS, ImportBatch, Loaded, keep_import, recorded_import
from geodata.ingest.bounds import check_load, denials, lend, refuse_passed_over
from geodata.ingest.exclusive import RowsRefusedError, insert_rows, sole_writer
from geodata.ingest.merge import absent, create_staging, insert_new, update_different
from geodata.ingest.modes import Mode
from layers.attribute import Role
from layers.catalog import CATALOG
from layers.layer import Layer

UNDO = "undo"
"""Mode of an import that takes another one back."""

SHOWN = 20
"""Rows that an error names."""


class ImportNotFoundError(GeodataError):
    """No import of that number."""

    def __init__(self, number: int, newest: int | None) -> None:
        there = "" if newest is None else f"; the newest is {newest}"
        super().__init__(f"there is no import {number}{there}")


class ChangedSinceError(RowsRefusedError):
    """Rows that others changed after the import: taking it back would undo their work too."""

    def __init__(self, number: int, rows: list[Row[Any]]) -> None:
        self.ids = [row.id for row in rows[:SHOWN]]
        listed = "\n".join(map(_change, rows[:SHOWN]))
        more = "\n..." if len(rows) > SHOWN else ""
        super().__init__(
            f"import {number} cannot be taken back: these rows were changed since;"
            f" nothing was written\n{listed}{more}"
        )


class Undoing(NamedTuple):
    """Who takes an import back, and why.

    Args:
        keep_changed: leave rows that were changed since as they are, instead of refusing.
        role: of the account; None: the command line, as the owner of the database.
        areas: that the account's groups look after; None: it belongs to none.
    """

    actor: str
    reason: str
    keep_changed: bool = False
    role: Role | None = None
    areas: frozenset[str] | None = None


def undo(engine: Engine, number: int, undoing: Undoing, *, dry_run: bool = False) -> Loaded:
    """Take an import back in a transaction of its own: all of it or nothing.

    Args:
        dry_run: everything is done, checked and counted, then taken back.

    Raises:
        GeodataError: as :func:`undo_import`.
    """
    with engine.connect() as connection:
        loaded = undo_import(connection, number, undoing)
        if not dry_run:
            connection.commit()
    return loaded


def undo_import(connection: Connection, number: int, undoing: Undoing) -> Loaded:
    """Bring the rows that an import wrote or removed back to what they were before it.

    It is an import itself, and can be taken back likewise. Nothing is committed here.

    Raises:
        ImportNotFoundError: no such import.
        ChangedSinceError: names rows that were changed since, by whom, when and why.
        RowsRefusedError: a former row breaks a rule by now, such as one that names an area
            which is gone.
        OutsideAreasError: rows outside the areas that the account's groups look after.
        WriteRefusedError: as the database has it.
    """
    entry = _entry(connection, number)
    layer = CATALOG.get(entry.layer)
    batch = ImportBatch(
        file=entry.file,
        sha256=entry.sha256,
        actor=undoing.actor,
        reason=undoing.reason,
        undoes=number,
        role=undoing.role,
        areas=undoing.areas,
    )
    with (
        recorded_import(connection, batch) as import_id,
        denials(layer, batch.actor),
        sole_writer(connection, layer),
    ):
        changed = connection.execute(later_changes(layer, number)).all()
        if changed and not undoing.keep_changed:
            raise ChangedSinceError(number, list(changed))
        loaded = _restore(connection, layer, number, len(changed), import_id, batch)
    keep_import(connection, layer, batch, UNDO, loaded)
    return loaded


def _entry(connection: Connection, number: int) -> Row[Any]:
    found = connection.execute(select(IMPORTS).where(IMPORTS.c.id == number)).one_or_none()
    if found is None:
        newest = connection.execute(select(func.max(IMPORTS.c.id))).scalar_one()
        raise ImportNotFoundError(number, newest)
    return found


def _restore(
    connection: Connection,
    layer: Layer,
    number: int,
    kept: int,
    import_id: int,
    batch: ImportBatch,
) -> Loaded:
    before = create_staging(connection, layer, written_columns(layer_table(METADATA, layer)))
    connection.execute(stage_former(layer, number, before))
    gone = was_added(layer, number, before)
    check_load(connection, layer, before, Mode.REPLACE, batch.areas, gone)
    lend(connection, before, batch.role)
    with acting(connection, batch.role):
        removed = connection.execute(remove_added(layer, number, before)).rowcount
        updated = connection.execute(update_different(layer, before, Mode.REPLACE)).rowcount
    added = insert_new(layer, before, into_empty=False)
    inserted = insert_rows(connection, layer, added, batch.role)
    refuse_passed_over(connection, layer, before, Mode.REPLACE, batch.role, gone)
    before.drop(connection)
    return Loaded(
        rows=removed + updated + inserted + kept,
        inserted=inserted,
        updated=updated,
        unchanged=kept,
        removed=removed,
        import_id=import_id,
    )


def former_rows(layer: Layer, number: int) -> Subquery:
    """The rows that an import replaced or removed, as they were before it."""
    past = history_table(METADATA, layer)
    return (
        select(past)
        .where(past.c.superseded_import == number)
        .ext(distinct_on(past.c.id))
        .order_by(past.c.id, past.c.revision)
        .subquery("former")
    )


def later_changes(layer: Layer, number: int) -> Select[Any]:
    """Rows that an import wrote or removed and that were changed since: by whom, when and why."""
    table, past = layer_table(METADATA, layer), history_table(METADATA, layer)
    former = former_rows(layer, number)
    names = ("id", "at", "by", "reason", "import_id")
    replaced = (past.c.superseded_at, past.c.superseded_by, past.c.superseded_reason)
    written = (table.c.recorded_at, table.c.recorded_by, table.c.recorded_reason)
    by_others = past.c.superseded_import.is_distinct_from(number)
    own_later = select(past.c.id, *replaced, past.c.superseded_import).where(
        past.c.recorded_import == number, by_others
    )
    removed_later = (
        select(past.c.id, *replaced, past.c.superseded_import)
        .join_from(past, former, past.c.id == former.c.id)
        .where(past.c.revision > former.c.revision, by_others)
    )
    made_again = (
        select(table.c.id, *written, table.c.recorded_import)
        .join_from(table, former, table.c.id == former.c.id)
        .where(table.c.recorded_import.is_distinct_from(number))
    )
    every = union_all(own_later, removed_later, made_again).subquery("later")
    columns = [column.label(name) for column, name in zip(every.c, names, strict=True)]
    return select(*columns).ext(distinct_on(every.c.id)).order_by(every.c.id, every.c[1])


def stage_former(layer: Layer, number: int, staging: Table) -> Insert:
    """Former rows of an import, but for those changed since and those it made itself."""
    former, changed = former_rows(layer, number), later_changes(layer, number).subquery("changed")
    names = [column.name for column in staging.c]
    rows = select(*(former.c[name] for name in names)).where(
        former.c.recorded_import.is_distinct_from(number),
        ~exists().where(changed.c.id == former.c.id),
    )
    return insert(staging).from_select(names, rows)


def was_added(layer: Layer, number: int, staging: Table) -> ColumnElement[bool]:
    """Whether an import wrote a row that was not there before."""
    table = layer_table(METADATA, layer)
    return and_(table.c.recorded_import == number, absent(layer, staging))


def remove_added(layer: Layer, number: int, staging: Table) -> Delete:
    """Rows that an import wrote and that were not there before."""
    return delete(layer_table(METADATA, layer)).where(was_added(layer, number, staging))


def _change(row: Row[Any]) -> str:
    imported = "" if row.import_id is None else f", import {row.import_id}"
    reason = "" if row.reason is None else f": {row.reason}"
    return f"  {row.id}, {row.at:%Y-%m-%d %H:%M:%S %Z} by {row.by}{imported}{reason}"
