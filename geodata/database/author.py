"""An author of changes, and the role of the database that a transaction becomes for them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from psycopg import errors
from sqlalchemy import Connection, func, select

from geodata.database.command import command
from geodata.database.writer import writer_name
from geodata.errors import GeodataError
from layers.attribute import Role


class WriteRefusedError(GeodataError):
    """Features changed by somebody who may not, in the database's opinion."""


@dataclass(frozen=True, kw_only=True)
class Author:
    """Who changes features.

    Args:
        actor: account, as the history names it.
        role: decides in the database which layers may be changed.
        reason: why; None where nobody says.
        areas: ids of the areas that the account's groups look after, beyond which it changes
            nothing; None: it belongs to no group.
    """

    actor: str
    role: Role
    reason: str | None = None
    areas: frozenset[str] | None = None


def become(connection: Connection, role: Role) -> str:
    """Be the writing role of people of a role until the transaction ends, or :func:`acting` does.

    Returns:
        Its name.

    Raises:
        WriteRefusedError: the database has no such role.
    """
    owner = connection.execute(select(func.session_user())).scalar_one()
    name = writer_name(owner, role)
    try:
        command(connection, "SET LOCAL ROLE {}", name)
    except errors.InvalidParameterValue as error:
        raise WriteRefusedError(
            f"the database has no role {name}, as which features are changed: ./zgc db upgrade"
            " makes it where the owner may, else the server's administrator"
        ) from error
    return name


@contextmanager
def acting(connection: Connection, role: Role | None) -> Iterator[None]:
    """Statements of an owner's transaction that a writing role makes; None: the owner itself."""
    if role is None:
        yield
        return
    become(connection, role)
    yield
    command(connection, "RESET ROLE")
