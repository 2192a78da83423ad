"""The serving role: a login that can read what the service serves and do nothing else.

It is named after the owner of the database (`zgc` has `zgc_reader`), so that all databases of an
owner share it, and two owners on one server never meet. Its password, where the server asks for
one, follows from the owner's: every service of the owner finds the same one without storing it.
See docs/decisions/0009-the-serving-role.md.
"""

import hmac
import logging

import psycopg
from psycopg import sql
from sqlalchemy import Connection, MetaData, column, exists, func, make_url, select, table, text
from sqlalchemy.exc import DBAPIError

from geodata.database.privileges import changes, present_privileges, surroundings, wanted_privileges

LOG = logging.getLogger(__name__)

SUFFIX = "_reader"
CONNECT_TIMEOUT_S = 10
PURPOSE = b"zgc-gis serving role "

ROLES = table("pg_roles", column("rolname"))

IN_THE_URL = ("user", "password", "passfile")
"""Parameters behind the question mark that would win over the name before the host."""


def reader_name(owner: str) -> str:
    """Name of the serving role of an owner."""
    return f"{owner}{SUFFIX}"


# --- what it may do: at each upgrade of the schema, as the owner ---


def provide_reader(connection: Connection, metadata: MetaData) -> bool:
    """Make the serving role, if the owner may, and bring its grants up to the declarations.

    Returns:
        Whether the role is there.
    """
    role = reader_name(str(connection.scalar(select(func.current_user()))))
    if not _is_there(connection, role) and not _created(connection, role):
        return False
    schemas = {schema for schema, _ in wanted_privileges(metadata).tables}
    present = present_privileges(connection, role)
    for change in (
        *changes(metadata, present, role),
        *surroundings(connection, schemas, role),
    ):
        connection.execute(change)
    return True


def _is_there(connection: Connection, role: str) -> bool:
    found = connection.scalar(select(exists().where(ROLES.c.rolname == role)))
    return bool(found)


def _created(connection: Connection, role: str) -> bool:
    """Roles belong to the whole server: another database's upgrade may make it at this moment.

    The owner is a member, who thus may end its sessions.
    """
    quoted = connection.dialect.identifier_preparer.quote_identifier(role)
    try:
        with connection.begin_nested():
            connection.execute(text(f"CREATE ROLE {quoted} LOGIN NOINHERIT ROLE CURRENT_USER"))
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
    """The same database as its serving role; as given, with a warning, where that is not to be.

    Args:
        url: libpq URL of the owner.
    """
    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=CONNECT_TIMEOUT_S) as owner:
            found = _as_reader(owner, url)
    except psycopg.OperationalError:
        return url  # whoever opens it next says why it does not answer
    return found


def _as_reader(owner: psycopg.Connection, url: str) -> str:
    (name,) = owner.execute("SELECT current_user").fetchone() or (owner.info.user,)
    role = reader_name(name)
    password = _derived(owner.info.password, role)
    address = _address(url, role, password)
    refusal = _refusal(address) if _exists(owner, role) else f"there is no role {role}"
    if refusal is not None and password is not None and _set_password(owner, role, password):
        refusal = _refusal(address)
    if refusal is None:
        return address
    LOG.warning("serving as %s, who may also write, not as %s (%s)", name, role, refusal)
    return url


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


def _refusal(address: str) -> str | None:
    """Why the role cannot serve, None if it can."""
    query = "SELECT has_any_column_privilege('layer_versions', 'SELECT')"
    try:
        with psycopg.connect(address, connect_timeout=CONNECT_TIMEOUT_S) as reader:
            row = reader.execute(query).fetchone()
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
