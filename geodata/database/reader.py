"""The serving roles: logins that can read what the service serves and do nothing else.

There is one for each `layers.attribute.Role`: `zgc_reader` for the public, `zgc_planner` and so on
for readers with more rights. They are named after the owner of the database (`zgc`), so that all
databases of an owner share them, and two owners on one server never meet. Their passwords, where
the server asks for any, follow from the owner's: every service of the owner finds the same ones
without storing them.
See docs/decisions/0009-the-serving-role.md.
"""

import hmac
import logging
from collections.abc import Iterable
from typing import LiteralString

import psycopg
from psycopg import sql
from sqlalchemy import Connection, MetaData, column, exists, func, make_url, select, table, text
from sqlalchemy.exc import DBAPIError

from geodata.database.privileges import changes, present_privileges, surroundings, wanted_privileges
from layers.attribute import Role

LOG = logging.getLogger(__name__)

SUFFIXES = {role: f"_{role}" for role in Role} | {Role.PUBLIC: "_reader"}
CONNECT_TIMEOUT_S = 10
PURPOSE = b"zgc-gis serving role "

SERVES: LiteralString = "SELECT has_any_column_privilege('layer_versions', 'SELECT')"
"""Whether a login has the grants of a serving role."""

ROLES = table("pg_roles", column("rolname"))

IN_THE_URL = ("user", "password", "passfile")
"""Parameters behind the question mark that would win over the name before the host."""


def reader_name(owner: str, reader: Role = Role.PUBLIC) -> str:
    """Name of the serving role of an owner for readers of a role."""
    return f"{owner}{SUFFIXES[reader]}"


# --- what it may do: at each upgrade of the schema, as the owner ---


def provide_readers(connection: Connection, metadata: MetaData) -> None:
    """Every serving role, as :func:`provide_reader`."""
    for reader in Role:
        provide_reader(connection, metadata, reader)


def provide_reader(connection: Connection, metadata: MetaData, reader: Role = Role.PUBLIC) -> bool:
    """Make a serving role, if the owner may, and bring its grants up to the declarations.

    Returns:
        Whether the role is there.
    """
    role = reader_name(str(connection.scalar(select(func.current_user()))), reader)
    if not role_exists(connection, role) and not create_role(connection, role, "LOGIN NOINHERIT"):
        return False
    schemas = {schema for schema, _ in wanted_privileges(metadata, reader).tables}
    present = present_privileges(connection, role)
    for change in (
        *changes(metadata, present, role, reader),
        *surroundings(connection, schemas, role),
    ):
        connection.execute(change)
    return True


def role_exists(connection: Connection, role: str) -> bool:
    """Whether the server has a role."""
    found = connection.scalar(select(exists().where(ROLES.c.rolname == role)))
    return bool(found)


def create_role(connection: Connection, role: str, attributes: LiteralString) -> bool:
    """Make a role, if the owner may; whether it is there.

    Roles belong to the whole server: another database's upgrade may make it at this moment.

    The owner is a member, who thus may end its sessions.
    """
    quoted = connection.dialect.identifier_preparer.quote_identifier(role)
    try:
        with connection.begin_nested():
            connection.execute(text(f"CREATE ROLE {quoted} {attributes} ROLE CURRENT_USER"))
    except DBAPIError as error:
        if isinstance(error.orig, psycopg.errors.InsufficientPrivilege):
            return False
        if not isinstance(
            error.orig, psycopg.errors.DuplicateObject | psycopg.errors.UniqueViolation
        ):
            raise
    return True


# --- how to be it: at each start of a service ---


def serving_url(url: str) -> str:
    """The same database as the serving role of the public; see :func:`serving_urls`."""
    return serving_urls(url, (Role.PUBLIC,))[Role.PUBLIC]


def serving_urls(url: str, readers: Iterable[Role] = tuple(Role)) -> dict[Role, str]:
    """The same database as each serving role; as given, with a warning, where one is not to be.

    Args:
        url: libpq URL of the owner.
        readers: roles that are wanted.
    """
    found = dict.fromkeys(readers, url)
    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=CONNECT_TIMEOUT_S) as owner:
            found = {reader: _as_reader(owner, url, reader) for reader in found}
    except psycopg.OperationalError:
        pass  # whoever opens it next says why it does not answer
    return found


def _as_reader(owner: psycopg.Connection, url: str, reader: Role) -> str:
    name = owner_name(owner)
    role = reader_name(name, reader)
    address, refusal = login_address(owner, url, role, SERVES)
    if refusal is not None:
        LOG.warning("serving as %s, who may also write, not as %s (%s)", name, role, refusal)
    return url if address is None else address


def owner_name(owner: psycopg.Connection) -> str:
    """Whom a connection belongs to."""
    (name,) = owner.execute("SELECT current_user").fetchone() or (owner.info.user,)
    return str(name)


def login_address(
    owner: psycopg.Connection, url: str, role: str, able: LiteralString
) -> tuple[str | None, str | None]:
    """The same database as a role that was made for the owner, or why it cannot be.

    Args:
        owner: connection of the owner.
        url: libpq URL of the owner.
        role: name of the role; its password follows from the owner's.
        able: query that tells whether it has its grants.
    """
    password = _derived(owner.info.password, role)
    address = _address(url, role, password)
    refusal = _refusal(address, able) if _exists(owner, role) else f"there is no role {role}"
    if refusal is not None and password is not None and _set_password(owner, role, password):
        refusal = _refusal(address, able)
    return (address, None) if refusal is None else (None, refusal)


def _derived(password: str, role: str) -> str | None:
    """Who knows the owner's password may do more than this one opens."""
    if not password:
        return None
    return hmac.new(password.encode(), PURPOSE + role.encode(), "sha256").hexdigest()


def _address(url: str, role: str, password: str | None) -> str:
    address = make_url(url).difference_update_query(IN_THE_URL)
    return address.set(username=role, password=password).render_as_string(hide_password=False)


def _exists(owner: psycopg.Connection, role: str) -> bool:
    query = "SELECT FROM pg_roles WHERE rolname = %s"
    return owner.execute(query, (role,)).fetchone() is not None


def _refusal(address: str, able: LiteralString) -> str | None:
    """Why the role cannot serve, None if it can."""
    try:
        with psycopg.connect(address, connect_timeout=CONNECT_TIMEOUT_S) as reader:
            row = reader.execute(able).fetchone()
    except psycopg.Error as error:
        return str(error).strip().splitlines()[-1]
    return None if row is not None and row[0] else "its grants are missing: ./zgc db upgrade"


def _set_password(owner: psycopg.Connection, role: str, password: str) -> bool:
    """As a verifier, since statements may be logged; the same one, whoever sets it last."""
    verifier = owner.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256")
    statement = sql.SQL("ALTER ROLE {} PASSWORD {}")
    try:
        owner.execute(statement.format(sql.Identifier(role), sql.Literal(verifier.decode())))
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedObject):
        return False
    except psycopg.errors.InternalError:
        return True  # another service sets the same at this moment: "tuple concurrently updated"
    return True
