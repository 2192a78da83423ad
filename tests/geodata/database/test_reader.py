"""The serving roles read what is served to them; PostgreSQL refuses them everything else."""

import logging
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import Column, MetaData, Table, Text, event, make_url, text

from geodata.database import migrate
from geodata.database.cluster import running_cluster
from geodata.database.engine import open_engine
from geodata.database.pool import open_pool
from geodata.database.privileges import (
    ChangePrivilege,
    GrantColumns,
    RevokeTable,
    changes,
    present_privileges,
    wanted_privileges,
)
from geodata.database.reader import (
    provide_reader,
    provide_readers,
    reader_name,
    serving_url,
    serving_urls,
)
from geodata.database.statement import POSTGRESQL, Statement
from geodata.database.tables import SERVED
from geodata.plan.tables import PLAN_METADATA
from layers.attribute import Role
from layers.catalog import CATALOG

ROOT = Path(__file__).parents[3]
AREAS = PLAN_METADATA.tables["areas"]


@pytest.fixture(scope="module")
def url(migrated_url):
    """A migrated database with a table and a schema that nobody declared."""
    with psycopg.connect(migrated_url, autocommit=True) as owner:
        owner.execute("CREATE TABLE account (password text)")
        owner.execute("CREATE SCHEMA staging CREATE TABLE upload (line text)")
    return migrated_url


@pytest.fixture
def reader(url):
    """A session as the serving role, with what keeps it from writing switched off."""
    with psycopg.connect(serving_url(url), autocommit=True) as connection:
        connection.execute("SET default_transaction_read_only = off")
        yield connection


def test_the_role_is_named_after_its_owner_and_has_no_rights_of_its_own(url, reader):
    with psycopg.connect(url) as owner:
        (name,) = owner.execute("SELECT current_user").fetchone()
    attributes = (
        "rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls"
    )
    row = reader.execute(f"SELECT {attributes} FROM pg_roles WHERE rolname = session_user")
    assert row.fetchone() == (reader_name(name), *[False] * 6)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO areas (id, layer) VALUES ('x', 'clusters')",
        "UPDATE clusters SET name_zh = 'x'",
        "DELETE FROM clusters",
        "TRUNCATE clusters",
        "DROP TABLE clusters",
        "ALTER TABLE clusters ADD COLUMN x text",
        "SELECT id FROM clusters FOR UPDATE",
        "BEGIN; LOCK TABLE clusters IN EXCLUSIVE MODE",
        "CREATE TABLE x (id text)",
        "CREATE TEMPORARY TABLE clusters (id text)",
        "CREATE TABLE history.x (id text)",
        "CREATE SCHEMA x",
        "CREATE FUNCTION x() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE EXTENSION dblink",
        "CREATE ROLE x",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "COPY (SELECT 1) TO '/tmp/x'",
        "SELECT pg_read_file('PG_VERSION')",
        "SELECT pg_ls_dir('.')",
        "SELECT lo_import('/etc/passwd')",
        "SELECT * FROM pg_authid",
        "SELECT * FROM account",
        "SELECT * FROM staging.upload",
        "SELECT * FROM alembic_version",
        "SELECT * FROM mentions",
        "SELECT recorded_by FROM clusters",
        "SELECT superseded_by FROM history.clusters",
        "SELECT recorded_by FROM history.clusters",
        "SELECT * FROM clusters",
        "SELECT nextval(pg_get_serial_sequence('history.clusters', 'revision'))",
        "SET ROLE NONE; SET ROLE pg_read_all_data",
        "SET SESSION AUTHORIZATION postgres",
    ],
)
def test_postgresql_refuses_what_is_not_reading_what_is_served(reader, statement):
    with pytest.raises(
        (psycopg.errors.InsufficientPrivilege, psycopg.errors.InvalidParameterValue)
    ):
        reader.execute(statement)


def test_no_query_makes_the_owner_of_it(url, reader):
    """The reason for a login of its own."""
    reader.execute("SELECT set_config('role', 'none', false)")
    (name,) = reader.execute("SELECT current_user").fetchone()
    assert name == make_url(serving_url(url)).username
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        reader.execute("DELETE FROM clusters")


RANKS = ["public", "planner", "land_officer", "admin"]


@pytest.fixture(scope="module", params=RANKS)
def session(request, url):
    """A role and a session as its serving role."""
    role = Role(request.param)
    with psycopg.connect(serving_urls(url)[role], autocommit=True) as connection:
        yield role, connection


@pytest.mark.parametrize("layer", [*CATALOG], ids=lambda layer: layer.id)
def test_values_are_closed_in_the_database_to_those_who_may_not_read_them(session, layer):
    role, connection = session
    for attribute in layer.all_attributes:
        for table in (layer.id, f"history.{layer.id}"):
            query = f"SELECT {attribute.name} FROM {table}"
            if RANKS.index(role) >= RANKS.index(attribute.reader):
                connection.execute(query)
            else:
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(query)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM clusters",
        "SELECT * FROM imports",
        "SELECT * FROM account",
        "CREATE TEMPORARY TABLE clusters (id text)",
    ],
)
def test_no_role_of_readers_writes_or_reads_what_is_not_served(session, statement):
    _, connection = session
    connection.execute("SET default_transaction_read_only = off")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement)


@pytest.mark.parametrize("column", ["by", "reason", "import"])
def test_who_wrote_a_row_and_why_is_for_planners_and_above(session, column):
    role, connection = session
    queries = (
        f"SELECT recorded_{column} FROM clusters",
        f"SELECT recorded_{column}, superseded_{column} FROM history.clusters",
    )
    for query in queries:
        if role is Role.PUBLIC:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(query)
        else:
            connection.execute(query)


def test_no_serving_role_can_become_another(session, url):
    """The reason for a login each: a hole in what the public reaches opens what is the public's."""
    role, connection = session
    for other in set(Role) - {role}:
        name = make_url(serving_urls(url)[other]).username
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SELECT set_config('role', %s, false)", (name,))


@pytest.mark.anyio
async def test_the_serving_pool_is_that_role_and_cannot_write_once_it_may(url):
    pool = await open_pool(serving_url(url), size=1, statement_timeout_s=5)
    try:
        await pool.fetch(Statement("SET default_transaction_read_only = off", (), {}))
        with pytest.raises(Exception, match="permission denied for table clusters"):
            await pool.fetch(Statement("DELETE FROM clusters", (), {}))
    finally:
        await pool.close()


def test_a_grant_that_nobody_declares_does_not_outlive_the_next_upgrade(url):
    name = make_url(serving_url(url)).username
    with psycopg.connect(url, autocommit=True) as owner:
        for what in ("SELECT ON account", "SELECT ON clusters", "INSERT ON areas"):
            owner.execute(f"GRANT {what} TO {name}")
        owner.execute(f"REVOKE SELECT (id) ON axes FROM {name}")
    planner = make_url(serving_urls(url)[Role.PLANNER]).username
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute(f"GRANT SELECT (holder) ON parcels TO {planner}")
    migrate.upgrade(url, lambda _: None)
    engine = open_engine(url)
    with engine.connect() as connection:
        assert present_privileges(connection, name) == wanted_privileges(PLAN_METADATA)
        planners = wanted_privileges(PLAN_METADATA, Role.PLANNER)
        assert present_privileges(connection, planner) == planners
    engine.dispose()


def test_nothing_is_changed_where_all_is_as_declared(url):
    engine = open_engine(url)
    with engine.connect() as connection:
        name = reader_name(connection.scalar(text("SELECT current_user")))
        present = present_privileges(connection, name)
        assert list(changes(PLAN_METADATA, present, name)) == []
        told = []
        event.listen(engine, "before_cursor_execute", lambda *call: told.append(call[2]))
        provide_readers(connection, PLAN_METADATA)
        assert {statement.split()[0] for statement in told} == {"SELECT"}
    engine.dispose()


@pytest.mark.parametrize(
    ("element", "statement"),
    [
        (
            GrantColumns([AREAS.c.id, AREAS.c.layer], 'a"b'),
            'GRANT SELECT ("ctid", "xmin", "id", "layer") ON "public"."areas" TO "a""b"',
        ),
        (
            RevokeTable("history", "axes", "zgc_reader"),
            'REVOKE ALL ON "history"."axes" FROM "zgc_reader"',
        ),
        (
            ChangePrivilege("GRANT", "USAGE", "SCHEMA", "history", "zgc_reader"),
            'GRANT USAGE ON SCHEMA "history" TO "zgc_reader"',
        ),
        (
            ChangePrivilege("REVOKE", "TEMPORARY", "DATABASE", "中关村"),
            'REVOKE TEMPORARY ON DATABASE "中关村" FROM PUBLIC',
        ),
    ],
)
def test_statements_quote_every_name(element, statement):
    assert str(element.compile(dialect=POSTGRESQL)) == statement


def test_services_that_start_at_once_upgrade_a_new_database_one_after_the_other(new_database):
    url = new_database()
    program = (
        "import sys; from geodata.database.migrate import upgrade;"
        "from geodata.database.reader import serving_url;"
        "upgrade(sys.argv[1], print); print(serving_url(sys.argv[1]))"
    )
    command = [sys.executable, "-c", program, url]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    runs = [subprocess.Popen(command, cwd=ROOT, **pipes) for _ in range(2)]
    for run in runs:
        output, complaint = run.communicate(timeout=60)
        assert run.returncode == 0, complaint[-500:]
        assert make_url(output.split()[-1]).username.endswith("_reader")


# --- owners of other databases: passwords, and those who may not make roles ---

PASSWORD = "pa:s/s@w?ord"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server that asks everybody but its superuser for a password: the superuser's URL."""
    folder = tmp_path_factory.mktemp("server")
    with running_cluster(folder, lambda _: None, throw_away=True) as url:
        address = make_url(url).set(username="postgres", database="postgres")
        url = address.render_as_string(hide_password=False)
        rules = folder / "postgres" / "pg_hba.conf"
        rules.write_text("local all postgres peer map=zgc\nlocal all all scram-sha-256\n")
        with psycopg.connect(url) as administrator:
            administrator.execute("SELECT pg_reload_conf()")
        yield url


def made_owner(server, name, *attributes):
    """A new role, and the URL of a database that it owns."""
    with psycopg.connect(server, autocommit=True) as administrator:
        role, words = sql.Identifier(name), sql.SQL(" ".join(attributes))
        create = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {} {}")
        administrator.execute(create.format(role, PASSWORD, words))
        administrator.execute(sql.SQL("CREATE DATABASE {0} OWNER {0}").format(role))
    address = make_url(server).set(username=name, password=PASSWORD, database=name)
    return address.render_as_string(hide_password=False)


def test_an_owner_who_may_make_roles_gets_a_reader_with_a_password_of_its_own(server):
    url = made_owner(server, "maker", "CREATEROLE")
    migrate.upgrade(url, lambda _: None)
    address = make_url(serving_url(url))
    assert address.username == "maker_reader"
    with psycopg.connect(serving_url(url)) as reader:
        assert reader.execute("SELECT count(id) FROM axes").fetchone() == (0,)
    wrong = address.set(password=PASSWORD).render_as_string(hide_password=False)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)


def test_databases_of_an_owner_that_make_the_role_at_once_share_it(server):
    url = made_owner(server, "racing", "CREATEROLE", "CREATEDB")
    metadata = MetaData()
    Table("layer_versions", metadata, Column("layer", Text), info=SERVED)
    engines = []
    with psycopg.connect(url, autocommit=True) as owner:
        for number in range(4):
            owner.execute(f"CREATE DATABASE racing_{number}")
            address = make_url(url).set(database=f"racing_{number}")
            engines.append(open_engine(address.render_as_string(hide_password=False)))
            metadata.create_all(engines[-1])
        start = Barrier(4)

        def provide(engine):
            with engine.begin() as connection:
                start.wait()
                return provide_reader(connection, metadata)

        for _ in range(5):
            with ThreadPoolExecutor(4) as workers:
                assert list(workers.map(provide, engines)) == [True] * 4
            urls = [each.url.set(drivername="postgresql") for each in engines]
            with ThreadPoolExecutor(4) as workers:
                found = workers.map(serving_url, [each.render_as_string(False) for each in urls])
                assert [make_url(each).username for each in found] == ["racing_reader"] * 4
            for engine in engines:
                here = make_url(server).set(database=engine.url.database)
                with psycopg.connect(here.render_as_string(False)) as administrator:
                    administrator.execute("DROP OWNED BY racing_reader")
            owner.execute("DROP ROLE racing_reader")
    for engine in engines:
        engine.dispose()


def test_the_readers_password_follows_the_owners(server):
    url = made_owner(server, "changing", "CREATEROLE")
    migrate.upgrade(url, lambda _: None)
    before = serving_url(url)
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("ALTER ROLE changing PASSWORD 'another'")
    after = serving_url(make_url(url).set(password="another").render_as_string(False))
    assert make_url(after).username == make_url(before).username == "changing_reader"
    assert make_url(after).password != make_url(before).password
    psycopg.connect(after).close()


def test_an_owner_who_may_not_make_roles_serves_as_given_and_the_log_says_so(server, caplog):
    url = made_owner(server, "humble")
    migrate.upgrade(url, lambda _: None)
    with caplog.at_level(logging.WARNING):
        assert serving_url(url) == url
    (record,) = caplog.records
    assert "serving as humble" in record.getMessage()
    assert "no role humble_reader" in record.getMessage()
    assert PASSWORD not in caplog.text


def test_a_role_that_an_administrator_made_gets_its_grants_from_the_owner(server):
    """Its password is the administrator's to set: to what the service derives from the owner's."""
    url = made_owner(server, "served")
    migrate.upgrade(url, lambda _: None)
    with psycopg.connect(server, autocommit=True) as administrator:
        administrator.execute("CREATE ROLE served_reader LOGIN NOINHERIT")
    migrate.upgrade(url, lambda _: None)
    engine = open_engine(url)
    with engine.connect() as connection:
        present = present_privileges(connection, "served_reader")
        assert present == wanted_privileges(PLAN_METADATA)
    engine.dispose()


def test_a_reader_that_lacks_its_grants_is_not_used(server, caplog):
    url = made_owner(server, "careless", "CREATEROLE")
    migrate.upgrade(url, lambda _: None)
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("REVOKE ALL ON layer_versions FROM careless_reader")
    with caplog.at_level(logging.WARNING):
        assert serving_url(url) == url
    assert "grants are missing" in caplog.text


def test_a_database_that_does_not_answer_is_left_to_whoever_opens_it(tmp_path):
    url = f"postgresql://zgc@/zgc?host={tmp_path}"
    assert serving_url(url) == url
