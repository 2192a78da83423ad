"""The logins of the audit: one that can add events and nothing else, one that can read them.

They are named after the owner of the database, as the serving roles are (`zgc_audit_writer`,
`zgc_audit_reader` where `zgc` owns it), and neither is a member of any other role.
"""

import logging
from typing import LiteralString, NamedTuple

import psycopg
from sqlalchemy import Connection, func, select

from geodata.audit.watch import SCHEMA
from geodata.database.privileges import (
    WHOLE,
    Privileges,
    RevokeTable,
    Right,
    present_privileges,
    surroundings,
)
from geodata.database.reader import (
    CONNECT_TIMEOUT_S,
    create_role,
    login_address,
    owner_name,
    role_exists,
)
from geodata.database.writer import GrantTable

LOG = logging.getLogger(__name__)


class AuditRole(NamedTuple):
    """A login.

    Args:
        suffix: behind the owner's name.
        rights: what it may do.
        able: query that tells whether it has them.
    """

    suffix: str
    rights: frozenset[Right]
    able: LiteralString


WRITER = AuditRole(
    "_audit_writer",
    frozenset((SCHEMA, name, WHOLE, "INSERT") for name in ("events", "unsealed")),
    "SELECT has_table_privilege('audit.events', 'INSERT')",
)
READER = AuditRole(
    "_audit_reader",
    frozenset({(SCHEMA, "events", WHOLE, "SELECT")}),
    "SELECT has_table_privilege('audit.events', 'SELECT')",
)
SUFFIXES = (WRITER.suffix, READER.suffix)


class AuditUrls(NamedTuple):
    """The same database as the login that adds events, and as the one that reads them."""

    writer: str
    reader: str


def provide_auditors(connection: Connection) -> None:
    """Make the logins, if the owner may, and bring their grants up to what they should be."""
    owner = str(connection.scalar(select(func.current_user())))
    for each in (WRITER, READER):
        role = owner + each.suffix
        if role_exists(connection, role) or create_role(connection, role, "LOGIN NOINHERIT"):
            _provide(connection, role, each)


def _provide(connection: Connection, role: str, each: AuditRole) -> None:
    present, wanted = present_privileges(connection, role), Privileges(each.rights)
    for schema, name in sorted({*wanted.tables, *present.tables}):
        rights = wanted.of_table(schema, name)
        if rights == present.of_table(schema, name):
            continue
        connection.execute(RevokeTable(schema, name, role))
        for right in sorted(rights):
            connection.execute(GrantTable(right, role))
    for change in surroundings(connection, {SCHEMA}, role):
        connection.execute(change)


def audit_urls(url: str) -> AuditUrls:
    """The same database as each login; as given, with a warning, where one is not to be."""
    found = dict.fromkeys((WRITER, READER), url)
    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=CONNECT_TIMEOUT_S) as owner:
            found = {each: _as(owner, url, each) for each in found}
    except psycopg.OperationalError:
        pass  # whoever opens it next says why it does not answer
    return AuditUrls(found[WRITER], found[READER])


def _as(owner: psycopg.Connection, url: str, each: AuditRole) -> str:
    name = owner_name(owner)
    address, refusal = login_address(owner, url, name + each.suffix, each.able)
    if address is None:
        LOG.warning("audit as %s, not as %s (%s)", name, name + each.suffix, refusal)
        return url
    return address
