"""Commands that SQLAlchemy has no elements for, within the transaction of its connection."""

from typing import LiteralString

import psycopg
from psycopg import sql
from sqlalchemy import Connection


def driver(connection: Connection) -> psycopg.Connection[tuple[object, ...]]:
    """The driver's own connection.

    Raises:
        TypeError: it is not psycopg's.
    """
    found = connection.connection.driver_connection
    if not isinstance(found, psycopg.Connection):
        raise TypeError(f"this needs psycopg, not {type(found).__name__}")
    return found


def command(connection: Connection, template: LiteralString, *names: str) -> None:
    """Run a command without values; `{}` in it stand for names, which are quoted."""
    driver(connection).execute(sql.SQL(template).format(*map(sql.Identifier, names)))
