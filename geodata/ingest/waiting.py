"""Waiting for others who hold a layer: for a while, then with a word on who they are."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from psycopg import errors
from sqlalchemy import (
    Connection,
    DateTime,
    Integer,
    Row,
    Select,
    Text,
    column,
    func,
    select,
    table,
)
from sqlalchemy.exc import OperationalError

from geodata.database.command import driver
from geodata.errors import DatabaseBusyError
from layers.layer import Layer

LOCK_TIMEOUT = "30s"

LOCKS = table("pg_locks", column("pid"), column("relation"), column("granted"))

ACTIVITY = table(
    "pg_stat_activity",
    column("pid", Integer),
    column("usename", Text),
    column("application_name", Text),
    column("state", Text),
    column("xact_start", DateTime(timezone=True)),
)


@contextmanager
def patient(connection: Connection, layer: Layer) -> Iterator[None]:
    """Wait for each lock no longer than `LOCK_TIMEOUT`.

    Raises:
        DatabaseBusyError: names the processes that hold the layer.
    """
    former = connection.execute(select(func.current_setting("lock_timeout"))).scalar_one()
    _wait(connection, LOCK_TIMEOUT)
    try:
        yield
    except (errors.LockNotAvailable, OperationalError) as error:
        if not _is_timeout(error):
            raise
        raise DatabaseBusyError(
            f"{layer.id} has been in use for {LOCK_TIMEOUT} by {_holders(connection, layer)};"
            " nothing was written. Try again when they have ended"
        ) from error
    _wait(connection, former)


def _wait(connection: Connection, limit: str) -> None:
    connection.execute(select(func.set_config("lock_timeout", limit, True)))


def _is_timeout(error: Exception) -> bool:
    cause = error.orig if isinstance(error, OperationalError) else error
    return isinstance(cause, errors.LockNotAvailable)


def _holders(connection: Connection, layer: Layer) -> str:
    """Found out through another connection: this one's transaction is broken."""
    mine = driver(connection).info.backend_pid
    with connection.engine.connect() as other:
        found = other.execute(_sessions(layer, mine)).all()
    return "; ".join(map(_described, found)) or "others"


def _sessions(layer: Layer, mine: int) -> Select[Any]:
    holds = LOCKS.c.relation == func.to_regclass(layer.id)
    return (
        select(*ACTIVITY.c)
        .distinct()
        .join_from(ACTIVITY, LOCKS, ACTIVITY.c.pid == LOCKS.c.pid)
        .where(holds, LOCKS.c.granted, ACTIVITY.c.pid.not_in((mine, func.pg_backend_pid())))
        .order_by(ACTIVITY.c.xact_start, ACTIVITY.c.pid)
    )


def _described(row: Row[Any]) -> str:
    since = "" if row.xact_start is None else f", since {row.xact_start:%Y-%m-%d %H:%M:%S %Z}"
    what = row.application_name or row.state or "unknown"
    return f"process {row.pid} of {row.usename} ({what}{since})"
