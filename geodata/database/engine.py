"""Synchronous engines for migrations, import and analysis."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, create_engine, func, make_url, select


def open_engine(url: str) -> Engine:
    """An engine on psycopg 3 for a libpq URL (`postgresql://...`)."""
    return create_engine(make_url(url).set(drivername="postgresql+psycopg"))


@contextmanager
def recorded(engine: Engine, *, actor: str, reason: str) -> Iterator[Connection]:
    """One transaction whose changes the history ascribes to an actor and a reason."""
    with engine.begin() as connection:
        for name, value in (("zgc.actor", actor), ("zgc.reason", reason)):
            connection.execute(select(func.set_config(name, value, True)))
        yield connection
