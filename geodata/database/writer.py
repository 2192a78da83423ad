"""The writing roles: what a transaction becomes that changes features for somebody.

There is one for each role that writes some layer, `zgc_writer_planner` and so on, named after the
owner of the database. Nobody logs in as one: the owner's connection becomes it for a transaction,
and PostgreSQL then refuses every layer that the declarations keep from that role, whatever the
service believes. History and audit can be added to, never changed. It guards against a wrong
decision of the service, not against statements of others: those could end it (`RESET ROLE`).
See docs/decisions/0012-writing-features.md.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Connection, MetaData, func, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import ExecutableDDLElement
from sqlalchemy.sql.compiler import DDLCompiler

from geodata.audit.watch import SCHEMA as AUDIT
from geodata.database.privileges import (
    PUBLIC_SCHEMA,
    WHOLE,
    GrantColumns,
    Privileges,
    RevokeTable,
    Right,
    present_privileges,
    surroundings,
    wanted_privileges,
)
from geodata.database.reader import create_role, role_exists
from geodata.database.tables import HISTORY, served_columns
from layers.attribute import Role
from layers.catalog import CATALOG
from layers.layer import Layer

WRITERS = tuple(role for role in Role if role is not Role.PUBLIC)

ROWS = ("SELECT", "INSERT", "UPDATE", "DELETE")
"""Rights on a table whose rows are changed; who wrote them and when, the triggers say."""


class GrantTable(ExecutableDDLElement):
    """`GRANT privilege ON table TO role`."""

    inherit_cache = False

    def __init__(self, right: Right, role: str) -> None:
        self.right, self.role = right, role


@compiles(GrantTable)
def _grant_table(element: GrantTable, compiler: DDLCompiler, **_: Any) -> str:
    quoted = compiler.preparer.quote_identifier
    schema, name, _column, privilege = element.right
    place = f"{quoted(schema)}.{quoted(name)}"
    return f"GRANT {privilege} ON {place} TO {quoted(element.role)}"


def writer_name(owner: str, writer: Role) -> str:
    """Name of the writing role of an owner for people of a role."""
    return f"{owner}_writer_{writer}"


def provide_writers(connection: Connection, metadata: MetaData) -> None:
    """Make the writing roles, if the owner may, and bring their grants up to the declarations."""
    owner = str(connection.scalar(select(func.current_user())))
    for writer in WRITERS:
        role = writer_name(owner, writer)
        if role_exists(connection, role) or create_role(connection, role, "NOLOGIN NOINHERIT"):
            _provide(connection, metadata, writer, role)


def _provide(connection: Connection, metadata: MetaData, writer: Role, role: str) -> None:
    present = present_privileges(connection, role)
    schemas = {schema for schema, _ in wanted_rights(metadata, writer).tables}
    for change in (
        *changes(metadata, present, role, writer),
        *surroundings(connection, schemas, role),
    ):
        connection.execute(change)


def wanted_rights(metadata: MetaData, writer: Role) -> Privileges:
    """What a writing role may do: read what its people read, and change their layers."""
    read = wanted_privileges(metadata, writer).rights
    return Privileges(read | frozenset(_table_rights(_written(writer))))


def changes(
    metadata: MetaData, present: Privileges, role: str, writer: Role
) -> Iterator[RevokeTable | GrantColumns | GrantTable]:
    """Statements from what a writing role has to what it should have; none where they agree."""
    wanted = wanted_rights(metadata, writer)
    declared = {(each.schema or PUBLIC_SCHEMA, each.name): each for each in metadata.sorted_tables}
    for schema, name in sorted({*wanted.tables, *present.tables}):
        rights = wanted.of_table(schema, name)
        if rights == present.of_table(schema, name):
            continue
        yield RevokeTable(schema, name, role)
        if (schema, name) in declared and (
            columns := served_columns(declared[schema, name], writer)
        ):
            yield GrantColumns(columns, role)
        for right in sorted(each for each in rights if each[2] == WHOLE):
            yield GrantTable(right, role)


def _written(writer: Role) -> tuple[Layer, ...]:
    """Those too of which only offices change some features; policies tell which."""
    return tuple(layer for layer in CATALOG if writer.includes(layer.least_writer(bound=True)))


def _table_rights(layers: Iterable[Layer]) -> Iterator[Right]:
    """Rights that a change of these layers needs, with what its triggers write."""
    for layer in layers:
        for privilege in ROWS:
            yield PUBLIC_SCHEMA, layer.id, WHOLE, privilege
        yield HISTORY, layer.id, WHOLE, "INSERT"
        for privilege in ("INSERT", "UPDATE"):
            yield PUBLIC_SCHEMA, "layer_versions", WHOLE, privilege
        for name in ("events", "unsealed"):
            yield AUDIT, name, WHOLE, "INSERT"
