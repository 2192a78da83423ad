"""What the database lacks of the record triggers: written into migrations, seen by `check`."""

from dataclasses import dataclass, field

from alembic.migration import MigrationContext
from alembic.operations.ops import ExecuteSQLOp, MigrateOperation, MigrationScript
from sqlalchemy import Connection, MetaData, column, select, table

from geodata.database.record import Routine, Trigger, routines, triggers
from layers.catalog import Catalog

PROC = table("pg_proc", column("proname"), column("prosrc"))
TRIGGER = table("pg_trigger", column("tgname"), column("tgrelid"), column("tgisinternal"))
CLASS = table("pg_class", column("oid"), column("relname"))


@dataclass
class Drift:
    """Operations that bring functions and triggers up to the declaration, and back."""

    upgrade: list[MigrateOperation] = field(default_factory=list)
    downgrade: list[MigrateOperation] = field(default_factory=list)


def record_drift(connection: Connection, metadata: MetaData, catalog: Catalog) -> Drift:
    """Compare the trigger functions and triggers of the database with the declared layers."""
    drift = Drift()
    _compare_routines(drift, _stored_sources(connection), list(routines(metadata, catalog)))
    declared = [trigger for layer in catalog for trigger in triggers(layer)]
    _compare_triggers(drift, _stored_triggers(connection), declared)
    return drift


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


def _compare_routines(drift: Drift, stored: dict[str, str], declared: list[Routine]) -> None:
    for routine in declared:
        former = stored.get(routine.name)
        if former == routine.body:
            continue
        drift.upgrade.append(ExecuteSQLOp(routine.create))
        back = routine.drop if former is None else Routine(routine.name, former).create
        drift.downgrade.append(ExecuteSQLOp(back))
    for name in sorted(_orphans(stored, declared)):
        drift.upgrade.append(ExecuteSQLOp(Routine(name, stored[name]).drop))
        drift.downgrade.append(ExecuteSQLOp(Routine(name, stored[name]).create))


def _orphans(stored: dict[str, str], declared: list[Routine]) -> set[str]:
    """Feature functions of layers that are no longer declared."""
    gone = set(stored) - {routine.name for routine in declared}
    return {name for name in gone if name.endswith("_feature")}


def _compare_triggers(drift: Drift, stored: set[tuple[str, str]], declared: list[Trigger]) -> None:
    """Dropping a table drops its triggers, so only tables that stay need a way back."""
    tables = {name for name, _ in stored}
    for trigger in declared:
        if (trigger.table, trigger.name) in stored:
            continue
        drift.upgrade.append(ExecuteSQLOp(trigger.create))
        if trigger.table in tables:
            drift.downgrade.insert(0, ExecuteSQLOp(trigger.drop))


def _stored_sources(connection: Connection) -> dict[str, str]:
    rows = connection.execute(select(PROC.c.proname, PROC.c.prosrc))
    return {row.proname: row.prosrc for row in rows}


def _stored_triggers(connection: Connection) -> set[tuple[str, str]]:
    query = (
        select(CLASS.c.relname, TRIGGER.c.tgname)
        .join_from(TRIGGER, CLASS, CLASS.c.oid == TRIGGER.c.tgrelid)
        .where(TRIGGER.c.tgisinternal.is_(False))
    )
    return {(row.relname, row.tgname) for row in connection.execute(query)}
