"""What Alembic does not compare: record triggers, CHECK constraints and row-level security.

Written into migrations and seen by `check`, as tables and columns are.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from alembic.migration import MigrationContext
from alembic.operations.ops import ExecuteSQLOp, MigrateOperation, MigrationScript
from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    MetaData,
    Select,
    Table,
    Text,
    and_,
    column,
    func,
    select,
    table,
)
from sqlalchemy.schema import AddConstraint

from geodata.database.record import (
    FEATURE_SUFFIX,
    SHARED_ROUTINES,
    Routine,
    Trigger,
    derive_again,
    is_feature_body,
    routines,
    triggers,
)
from geodata.database.security_drift import security_steps
from geodata.database.statement import sql_text
from geodata.database.step import Step
from layers.catalog import Catalog

PROC = table("pg_proc", *map(column, ("oid", "proname", "prosrc", "prorettype")))
TRIGGER = table(
    "pg_trigger", *map(column, ("oid", "tgname", "tgrelid", "tgisinternal", "tgenabled", "tgfoid"))
)
CLASS = table("pg_class", *map(column, ("oid", "relname", "relkind")))
CONSTRAINT = table("pg_constraint", *map(column, ("oid", "conname", "conrelid", "contype")))

BIND = re.compile(r"(?<!:):(?=\w)")

Key = tuple[str, str]
"""Table and name: what identifies a trigger or a constraint."""


@dataclass(frozen=True)
class Drift:
    """Steps in the order of an upgrade."""

    steps: tuple[Step, ...]

    @property
    def upgrade(self) -> list[MigrateOperation]:
        """Operations towards the declaration."""
        return [_operation(sql) for step in self.steps for sql in step.upgrade]

    @property
    def downgrade(self) -> list[MigrateOperation]:
        """Operations back to what the database has, last step first."""
        return [_operation(sql) for step in reversed(self.steps) for sql in step.downgrade]


@dataclass(frozen=True)
class StoredTrigger:
    """A trigger as the database has it."""

    definition: str
    enabled: bool
    routine: str


def record_drift(connection: Connection, metadata: MetaData, catalog: Catalog) -> Drift:
    """Compare functions, triggers and constraints of the database with the declared layers."""
    tables = _stored_tables(connection)
    sources = _stored_sources(connection)
    wanted = {routine.name: routine.body for routine in routines(metadata, catalog)}
    declared = [trigger for layer in catalog for trigger in triggers(layer)]
    stored = _stored_triggers(connection)
    return Drift(
        (
            *_constraint_steps(connection, metadata, tables),
            *_routine_steps(sources, wanted),
            *_trigger_steps(stored, declared, tables),
            *_stale_trigger_steps(stored, declared, set(metadata.tables)),
            *_text_steps(sources, wanted, tables),
            *_orphan_steps(sources, wanted),
            *security_steps(connection, metadata, catalog, tables),
        )
    )


def add_record_drift(
    context: MigrationContext,
    directives: list[MigrationScript],
    metadata: MetaData,
    catalog: Catalog,
) -> None:
    """Append the drift to a revision that Alembic is about to write or check."""
    if context.connection is None:
        return
    drift = record_drift(context.connection, metadata, catalog)
    for script in directives:
        if script.upgrade_ops is not None and script.downgrade_ops is not None:
            script.upgrade_ops.ops.extend(drift.upgrade)
            script.downgrade_ops.ops.extend(drift.downgrade)


def render_check(constraint: CheckConstraint) -> str:
    """Python text of a CHECK constraint for a migration; Alembic's own doubles percent signs."""
    sql = _escaped(sql_text(constraint.sqltext))
    return f"sa.CheckConstraint({sql!r}, name=op.f({str(constraint.name)!r}))"


def _operation(sql: str) -> ExecuteSQLOp:
    return ExecuteSQLOp(_escaped(sql))


def _escaped(sql: str) -> str:
    """Alembic reads `:word` as a parameter unless it is escaped."""
    return BIND.sub(r"\\:", sql)


def _routine_steps(stored: dict[str, str], wanted: dict[str, str]) -> Iterator[Step]:
    for name, body in wanted.items():
        former = stored.get(name)
        if former != body:
            routine = Routine(name, body)
            back = routine.drop if former is None else Routine(name, former).create
            yield Step((routine.create,), (back,))


def _orphan_steps(stored: dict[str, str], wanted: dict[str, str]) -> Iterator[Step]:
    """Feature functions of layers that are no longer declared."""
    for name in sorted(set(stored) - set(wanted)):
        routine = Routine(name, stored[name])
        if name.endswith(FEATURE_SUFFIX) and is_feature_body(routine.body):
            yield Step((routine.drop,), (routine.create,))


def _text_steps(stored: dict[str, str], wanted: dict[str, str], tables: set[str]) -> Iterator[Step]:
    """Rows keep the text they were written with: a changed function says nothing about them."""
    for name, body in wanted.items():
        former, layer_id = stored.get(name), name.removesuffix(FEATURE_SUFFIX)
        if former not in (None, body) and layer_id in tables and former is not None:
            yield Step(tuple(derive_again(layer_id, body)), tuple(derive_again(layer_id, former)))


def _trigger_steps(
    stored: dict[Key, StoredTrigger], declared: Iterable[Trigger], tables: set[str]
) -> Iterator[Step]:
    """Dropping a table drops its triggers, so only tables that stay need a way back."""
    for trigger in declared:
        former = stored.get((trigger.table, trigger.name))
        if former is None:
            back = (trigger.drop,) if trigger.table in tables else ()
            yield Step((trigger.create,), back)
        elif former.definition != trigger.create:
            yield Step(
                (trigger.drop, trigger.create),
                (trigger.drop, former.definition),
            )
        elif not former.enabled:
            yield Step((f"ALTER TABLE {trigger.table} ENABLE TRIGGER {trigger.name}",))


def _stale_trigger_steps(
    stored: dict[Key, StoredTrigger], declared: Iterable[Trigger], tables: set[str]
) -> Iterator[Step]:
    """Our triggers that no layer asks for any more; those of a dropped table go with it."""
    wanted = {(trigger.table, trigger.name) for trigger in declared}
    for key, former in stored.items():
        if key in wanted or not _is_ours(former):
            continue
        trigger = Trigger(key[1], key[0], former.definition)
        yield Step((trigger.drop,) if trigger.table in tables else (), (trigger.create,))


def _is_ours(trigger: StoredTrigger) -> bool:
    shared = {routine.name for routine in SHARED_ROUTINES}
    return trigger.routine in shared or trigger.routine.endswith(FEATURE_SUFFIX)


def _constraint_steps(
    connection: Connection, metadata: MetaData, tables: set[str]
) -> Iterator[Step]:
    kept = [each for each in metadata.sorted_tables if each.schema is None and each.name in tables]
    stored = _stored_checks(connection, kept)
    declared = _declared_checks(connection, kept)
    for key in sorted(set(stored) | set(declared)):
        former, wanted = stored.get(key), declared.get(key)
        if former != wanted:
            yield Step(tuple(_set_check(key, wanted)), tuple(_set_check(key, former)))


def _set_check(key: Key, definition: str | None) -> Iterator[str]:
    """Dropping a column may have dropped its constraint already."""
    yield f"ALTER TABLE {key[0]} DROP CONSTRAINT IF EXISTS {key[1]}"
    if definition is not None:
        yield f"ALTER TABLE {key[0]} ADD CONSTRAINT {key[1]} {definition}"


def _declared_checks(connection: Connection, tables: list[Table]) -> dict[Key, str]:
    """As PostgreSQL words them: it is asked through temporary tables that hide the real ones."""
    trial = connection.begin_nested()
    try:
        for each in tables:
            columns = [Column(column.name, column.type) for column in each.c]
            Table(each.name, MetaData(), *columns, prefixes=["TEMPORARY"]).create(connection)
            for constraint in each.constraints:
                if isinstance(constraint, CheckConstraint):
                    connection.execute(AddConstraint(constraint, isolate_from_table=False))
        return _stored_checks(connection, tables)
    finally:
        trial.rollback()


def _stored_checks(connection: Connection, tables: list[Table]) -> dict[Key, str]:
    text = func.pg_get_constraintdef(CONSTRAINT.c.oid, type_=Text).label("text")
    query = (
        select(CLASS.c.relname, CONSTRAINT.c.conname, text)
        .join_from(CONSTRAINT, CLASS, CLASS.c.oid == CONSTRAINT.c.conrelid)
        .where(
            CONSTRAINT.c.contype == "c",
            CLASS.c.relname.in_([each.name for each in tables]),
            func.pg_table_is_visible(CLASS.c.oid),
        )
    )
    return {(row.relname, row.conname): row.text for row in connection.execute(query)}


def _stored_tables(connection: Connection) -> set[str]:
    query: Select[str] = select(CLASS.c.relname).where(
        and_(CLASS.c.relkind == "r", func.pg_table_is_visible(CLASS.c.oid))
    )
    return set(connection.execute(query).scalars())


def _stored_sources(connection: Connection) -> dict[str, str]:
    """Trigger functions that our triggers would find by their bare names."""
    query = select(PROC.c.proname, PROC.c.prosrc).where(
        PROC.c.prorettype == func.to_regtype("trigger"), func.pg_function_is_visible(PROC.c.oid)
    )
    return {row.proname: row.prosrc for row in connection.execute(query)}


def _stored_triggers(connection: Connection) -> dict[Key, StoredTrigger]:
    text = func.pg_get_triggerdef(TRIGGER.c.oid, True, type_=Text).label("text")
    query = (
        select(CLASS.c.relname, TRIGGER.c.tgname, text, TRIGGER.c.tgenabled, PROC.c.proname)
        .join_from(TRIGGER, CLASS, CLASS.c.oid == TRIGGER.c.tgrelid)
        .join(PROC, PROC.c.oid == TRIGGER.c.tgfoid)
        .where(TRIGGER.c.tgisinternal.is_(False), func.pg_table_is_visible(CLASS.c.oid))
    )
    return {
        (row.relname, row.tgname): StoredTrigger(row.text, row.tgenabled != "D", row.proname)
        for row in connection.execute(query)
    }
