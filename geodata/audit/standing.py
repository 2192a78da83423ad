"""Whether the guards stand: functions as declared, triggers there and firing always."""

from collections.abc import Iterator

from sqlalchemy import Connection, column, func, select, table

from geodata.audit.guards import GUARDS, ROUTINES
from geodata.audit.watch import SCHEMA

PROC = table("pg_proc", *map(column, ("proname", "prosrc", "pronamespace")))
TRIGGER = table("pg_trigger", *map(column, ("tgname", "tgrelid", "tgenabled")))

ALWAYS = "A"


def standing(connection: Connection) -> Iterator[str]:
    """What is wrong with them; nothing where all stand."""
    sources = _sources(connection)
    for routine in ROUTINES:
        if sources.get(routine.name) != routine.body:
            yield f"function {SCHEMA}.{routine.name} is not as declared"
    fires = _triggers(connection)
    for guard in GUARDS:
        if fires.get((guard.table, guard.name)) != ALWAYS:
            yield f"trigger {guard.name} of {guard.table} is missing or switched off"


def _sources(connection: Connection) -> dict[str, str]:
    schema = func.to_regnamespace(SCHEMA)
    query = select(PROC.c.proname, PROC.c.prosrc).where(PROC.c.pronamespace == schema)
    return {row.proname: row.prosrc for row in connection.execute(query)}


def _triggers(connection: Connection) -> dict[tuple[str, str], str]:
    tables = {guard.table for guard in GUARDS}
    found: dict[tuple[str, str], str] = {}
    for name in sorted(tables):
        query = select(TRIGGER.c.tgname, TRIGGER.c.tgenabled)
        rows = connection.execute(query.where(TRIGGER.c.tgrelid == func.to_regclass(name)))
        found |= {(name, row.tgname): str(row.tgenabled) for row in rows}
    return found
