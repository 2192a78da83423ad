"""The writing roles change the layers declared to them; PostgreSQL refuses them everything else."""

import psycopg
import pytest
from psycopg import sql

from geodata.database.engine import open_engine
from geodata.database.privileges import present_privileges
from geodata.database.writer import WRITERS, changes, provide_writers, wanted_rights, writer_name
from geodata.plan.tables import PLAN_METADATA
from layers.attribute import Role
from layers.catalog import CATALOG

ADD = (
    "INSERT INTO projects (id, name_zh, source, as_of, boundary_status, kind)"
    " VALUES ('t-1', '试', 'test', '2011-01-01', 'schematic', 'pilot')"
)
REFUSED = {
    "another's layer": "DELETE FROM districts",
    "its history": "UPDATE history.projects SET name_zh = 'x'",
    "history's end": "DELETE FROM history.projects",
    "history of others": "INSERT INTO history.districts SELECT FROM districts",
    "all rows at once": "TRUNCATE projects",
    "the table": "ALTER TABLE projects DISABLE TRIGGER record_update",
    "imports": "DELETE FROM imports",
    "the registry of areas": "UPDATE areas SET parent = NULL",
    "accounts": "SELECT FROM accounts.accounts",
    "files": "SELECT pg_read_file('PG_VERSION')",
    "temporary tables": "CREATE TEMPORARY TABLE projects (id text)",
    "a table of its own": "CREATE TABLE public.x (id text)",
}


@pytest.fixture(scope="module")
def owner(migrated_url):
    with psycopg.connect(migrated_url) as connection:
        (name,) = connection.execute("SELECT current_user").fetchone()
    return name


def become(connection, owner, writer):
    connection.execute(
        sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(writer_name(owner, writer)))
    )


@pytest.fixture
def planner(migrated_url, owner):
    with psycopg.connect(migrated_url) as connection:
        connection.execute(
            "INSERT INTO accounts.users (name, role, created_at) VALUES ('anna', 'planner', now())"
        )
        connection.execute("SET LOCAL zgc.actor = 'anna'")
        become(connection, owner, Role.PLANNER)
        yield connection
        connection.rollback()


def test_a_writer_adds_changes_and_removes_and_the_history_keeps_it(planner):
    planner.execute(ADD)
    planner.execute("UPDATE projects SET name_zh = '改' WHERE id = 't-1'")
    planner.execute("DELETE FROM projects WHERE id = 't-1'")
    planner.execute("RESET ROLE")
    rows = planner.execute("SELECT operation, name_zh FROM history.projects WHERE id = 't-1'")
    assert rows.fetchall() == [("update", "试"), ("delete", "改")]


@pytest.mark.parametrize("statement", REFUSED.values(), ids=REFUSED)
def test_postgresql_refuses_what_is_not_declared(planner, statement):
    with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedTable)) as e:
        planner.execute(statement)
    assert "denied" in str(e.value) or "must be owner" in str(e.value)


@pytest.mark.parametrize("writer", WRITERS)
def test_a_writer_changes_the_layers_that_name_it_or_a_lesser_role(migrated_url, owner, writer):
    with psycopg.connect(migrated_url) as connection:
        become(connection, owner, writer)
        rights = {
            layer.id: connection.execute(
                "SELECT has_table_privilege(%s, 'DELETE')", (layer.id,)
            ).fetchone()[0]
            for layer in CATALOG
        }
    assert rights == {
        layer.id: writer.includes(layer.least_writer(bound=True)) for layer in CATALOG
    }


def test_nobody_logs_in_as_a_writer(migrated_url, owner):
    with psycopg.connect(migrated_url) as connection:
        rows = connection.execute(
            "SELECT rolcanlogin, rolsuper, rolinherit FROM pg_roles WHERE rolname = ANY(%s)",
            ([writer_name(owner, writer) for writer in WRITERS],),
        ).fetchall()
    assert rows == [(False, False, False)] * len(WRITERS)


def test_a_right_that_nobody_declares_does_not_stay(migrated_url, owner):
    role = writer_name(owner, Role.PLANNER)
    engine = open_engine(migrated_url)
    with engine.connect() as connection:
        connection.exec_driver_sql(f'GRANT DELETE ON clusters TO "{role}"')
        connection.exec_driver_sql(f'REVOKE UPDATE ON projects FROM "{role}"')
        provide_writers(connection, PLAN_METADATA)
        present = present_privileges(connection, role)
        connection.rollback()
    engine.dispose()
    assert present == wanted_rights(PLAN_METADATA, Role.PLANNER)
    assert list(changes(PLAN_METADATA, present, role, Role.PLANNER)) == []
