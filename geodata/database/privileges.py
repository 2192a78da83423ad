"""What the serving roles may do, as rows derived from the declared tables, and as SQL.

Each reads what `served_columns` tells of the served tables, one grant a table, and nothing else: a
table that a later migration adds stays closed until its declaration opens it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    CompoundSelect,
    Connection,
    FromClause,
    MetaData,
    Select,
    Table,
    column,
    func,
    literal,
    select,
    true,
    union_all,
)
from sqlalchemy import table as from_table
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import ExecutableDDLElement
from sqlalchemy.sql.compiler import DDLCompiler

from geodata.database.tables import served_columns
from layers.attribute import Role

PUBLIC_SCHEMA = "public"

SYSTEM_COLUMNS = ("ctid", "xmin")
"""Place of a row, by which tiles find a cluster's only one, and its writing, which tags hang on."""

_CLASSES = from_table("pg_class", *map(column, ("oid", "relname", "relnamespace", "relacl")))
_COLUMNS = from_table("pg_attribute", *map(column, ("attrelid", "attname", "attacl")))
_SCHEMAS = from_table("pg_namespace", *map(column, ("oid", "nspname")))
_ROLES = from_table("pg_roles", *map(column, ("oid", "rolname")))

WHOLE = "*"
"""In place of a column's name: a right on all of them, which nobody declares."""

Right = tuple[str, str, str, str]
"""Schema, table, column and privilege."""


class GrantColumns(ExecutableDDLElement):
    """`GRANT SELECT (columns) ON table TO role`."""

    inherit_cache = False

    def __init__(self, columns: Sequence[Column[Any]], role: str) -> None:
        self.columns, self.role = columns, role


class RevokeTable(ExecutableDDLElement):
    """`REVOKE ALL ON table FROM role`, the privileges on its columns too."""

    inherit_cache = False

    def __init__(self, schema: str, name: str, role: str) -> None:
        self.schema, self.name, self.role = schema, name, role


class ChangePrivilege(ExecutableDDLElement):
    """`GRANT privilege ON kind name TO role`, or `REVOKE ... FROM`; no role: everybody."""

    inherit_cache = False

    def __init__(
        self, verb: str, privilege: str, kind: str, name: str, role: str | None = None
    ) -> None:
        self.verb, self.privilege, self.kind = verb, privilege, kind
        self.name, self.role = name, role


@compiles(GrantColumns)
def _grant_columns(element: GrantColumns, compiler: DDLCompiler, **_: object) -> str:
    quoted = compiler.preparer.quote_identifier
    names = ", ".join(quoted(name) for name in _readable(element.columns))
    table = element.columns[0].table
    assert isinstance(table, Table)
    place = f"{quoted(table.schema or PUBLIC_SCHEMA)}.{quoted(table.name)}"
    return f"GRANT SELECT ({names}) ON {place} TO {quoted(element.role)}"


def _readable(columns: Sequence[Column[Any]]) -> tuple[str, ...]:
    return (*SYSTEM_COLUMNS, *(each.name for each in columns))


@compiles(RevokeTable)
def _revoke_table(element: RevokeTable, compiler: DDLCompiler, **_: object) -> str:
    quoted = compiler.preparer.quote_identifier
    place = f"{quoted(element.schema)}.{quoted(element.name)}"
    return f"REVOKE ALL ON {place} FROM {quoted(element.role)}"


@compiles(ChangePrivilege)
def _change_privilege(element: ChangePrivilege, compiler: DDLCompiler, **_: object) -> str:
    quoted = compiler.preparer.quote_identifier
    role = "PUBLIC" if element.role is None else quoted(element.role)
    towards = "TO" if element.verb == "GRANT" else "FROM"
    what = f"{element.privilege} ON {element.kind} {quoted(element.name)}"
    return f"{element.verb} {what} {towards} {role}"


@dataclass(frozen=True)
class Privileges:
    """Rights on columns of a role."""

    rights: frozenset[Right]

    def of_table(self, schema: str, name: str) -> frozenset[Right]:
        """Those on one table."""
        return frozenset(right for right in self.rights if right[:2] == (schema, name))

    @property
    def tables(self) -> list[tuple[str, str]]:
        """Schema and name of each table that the role has a right on."""
        return sorted({right[:2] for right in self.rights})


def wanted_privileges(metadata: MetaData, reader: Role = Role.PUBLIC) -> Privileges:
    """What the declared tables open to readers of a role."""
    return Privileges(
        frozenset(
            (table.schema or PUBLIC_SCHEMA, table.name, name, "SELECT")
            for table in metadata.tables.values()
            if (columns := served_columns(table, reader))
            for name in _readable(columns)
        )
    )


def present_privileges(connection: Connection, role: str) -> Privileges:
    """What the role itself was granted; what everybody may read (PostGIS's tables) is left out."""
    rows = connection.execute(granted_query(role))
    return Privileges(frozenset((row[0], row[1], row[2], row[3]) for row in rows))


def granted_query(role: str) -> CompoundSelect[str, str, str, str]:
    """Rights on tables and columns that were granted to a role, system columns included."""
    columns = _COLUMNS.join(_CLASSES, _CLASSES.c.oid == _COLUMNS.c.attrelid)
    return union_all(
        _granted(_CLASSES, _CLASSES.c.relacl, literal(WHOLE), role),
        _granted(columns, _COLUMNS.c.attacl, _COLUMNS.c.attname, role),
    )


def _granted(
    source: FromClause, access: ColumnElement[Any], name: ColumnElement[str], role: str
) -> Select[str, str, str, str]:
    right = func.aclexplode(access).table_valued("grantee", "privilege_type").lateral()
    return (
        select(_SCHEMAS.c.nspname, _CLASSES.c.relname, name, right.c.privilege_type)
        .select_from(source)
        .join(right, true())
        .join(_SCHEMAS, _SCHEMAS.c.oid == _CLASSES.c.relnamespace)
        .join(_ROLES, _ROLES.c.oid == right.c.grantee)
        .where(_ROLES.c.rolname == literal(role))
    )


def changes(
    metadata: MetaData, present: Privileges, role: str, reader: Role = Role.PUBLIC
) -> Iterator[RevokeTable | GrantColumns]:
    """Statements from what the role has to what it should have; none where they agree.

    A table whose rights differ is closed first: a grant that nobody declares does not stay.

    Args:
        metadata: declared tables.
        present: rights of the database's role.
        role: its name.
        reader: whom it serves.
    """
    wanted = wanted_privileges(metadata, reader)
    declared = {(each.schema or PUBLIC_SCHEMA, each.name): each for each in metadata.sorted_tables}
    for schema, name in sorted({*wanted.tables, *present.tables}):
        if wanted.of_table(schema, name) == present.of_table(schema, name):
            continue
        yield RevokeTable(schema, name, role)
        opened = (
            served_columns(declared[schema, name], reader) if (schema, name) in declared else ()
        )
        if opened:
            yield GrantColumns(opened, role)


def surroundings(
    connection: Connection, schemas: Iterable[str], role: str
) -> Iterator[ChangePrivilege]:
    """Statements for the database and its schemas: entrance, and nowhere to create anything.

    Temporary tables are closed too: they would stand before the real ones for the next user of
    a session, since sessions are not reset between uses.
    """
    database = connection.scalar(select(func.current_database()))
    assert database is not None
    if not connection.scalar(select(func.has_database_privilege(role, database, "CONNECT"))):
        yield ChangePrivilege("GRANT", "CONNECT", "DATABASE", database, role)
    if connection.scalar(select(func.has_database_privilege(role, database, "TEMPORARY"))):
        yield ChangePrivilege("REVOKE", "TEMPORARY", "DATABASE", database)
    for schema in sorted(schemas):
        if not connection.scalar(select(func.has_schema_privilege(role, schema, "USAGE"))):
            yield ChangePrivilege("GRANT", "USAGE", "SCHEMA", schema, role)
        if connection.scalar(select(func.has_schema_privilege(role, schema, "CREATE"))):
            yield ChangePrivilege("REVOKE", "CREATE", "SCHEMA", schema)
