"""A database beside the real one, whose very name says that it is synthetic."""

import re

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from geodata.errors import GeodataError

DEFAULT_NAME = "zgc_synthetic"
NAME = re.compile(r"[a-z0-9_]*synthetic[a-z0-9_]*")


class BesideError(GeodataError):
    """The database beside the real one cannot be had; the text says what to do."""


def check_name(name: str) -> str:
    """The name, if nobody can take it for a real database's.

    Raises:
        BesideError: says how a name must look.
    """
    if not NAME.fullmatch(name):
        raise BesideError(
            f"Database name {name!r}: must contain the word synthetic, as {DEFAULT_NAME} does, "
            "and otherwise a-z, 0-9 and _ only."
        )
    return name


def beside(url: str, name: str) -> str:
    """URL of another database on the server of `url`, made if it is absent.

    Raises:
        BesideError: `name` is the real database, or may not be created.
    """
    address = make_url(url)
    with psycopg.connect(url, autocommit=True) as connection:
        if name == connection.info.dbname:
            raise BesideError(
                f"ZGC_DATABASE_URL names {name} itself, which is for synthetic data: "
                "set it to the real database, or choose another one with --database."
            )
        _create_unless_there(connection, name)
    return address.set(database=name).render_as_string(hide_password=False)


def _create_unless_there(connection: psycopg.Connection[tuple[object, ...]], name: str) -> None:
    query = "SELECT FROM pg_database WHERE datname = %s"
    if connection.execute(query, (name,)).fetchone() is not None:
        return
    try:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    except psycopg.errors.InsufficientPrivilege:
        user = connection.info.user
        raise BesideError(
            f"Role {user} may not create the database {name}: ask an administrator of the "
            f"server to run CREATE DATABASE {name} OWNER {user}."
        ) from None
