"""The schema's history: it leads to the declared layers and back to nothing."""

import ast
import re
import subprocess
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import DDL, text
from sqlalchemy.schema import CreateSchema

from geodata.accounts.tables import ACCOUNTS_METADATA
from geodata.accounts.tables import SCHEMA as ACCOUNTS
from geodata.audit.guards import guard_statements
from geodata.audit.roles import provide_auditors
from geodata.audit.tables import AUDIT_METADATA
from geodata.audit.watch import SCHEMA as AUDIT
from geodata.database import migrate
from geodata.database.binaries import find_binaries
from geodata.database.bounds import DECISIONS_TRIGGER, FUNCTIONS, policies, secure
from geodata.database.engine import open_engine
from geodata.database.reader import provide_readers
from geodata.database.record import routines, triggers
from geodata.database.tables import HISTORY
from geodata.database.writer import provide_writers
from geodata.geocoding.tables import GEOCODING_METADATA
from geodata.geocoding.tables import SCHEMA as GEOCODING
from geodata.plan.tables import PLAN_METADATA
from layers.catalog import CATALOG

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "alembic"
FILES = sorted((FOLDER / "versions").glob("*.py"))

OURS = """
WITH of_extension AS (SELECT objid FROM pg_depend WHERE deptype = 'e')
SELECT 'table ' || oid::regclass FROM pg_class
  WHERE relkind = 'r'
    AND relnamespace::regnamespace::text IN ('public', 'history', 'geocoding', 'accounts', 'audit')
    AND relname <> 'alembic_version' AND oid NOT IN (SELECT objid FROM of_extension)
UNION ALL SELECT 'function ' || oid::regprocedure FROM pg_proc
  WHERE pronamespace::regnamespace::text IN ('public', 'history', 'geocoding', 'accounts', 'audit')
    AND oid NOT IN (SELECT objid FROM of_extension)
UNION ALL SELECT 'trigger ' || tgname FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT 'schema ' || nspname FROM pg_namespace
  WHERE nspname IN ('history', 'geocoding', 'accounts', 'audit')
"""


def silent(_):
    pass


def ours(url):
    engine = open_engine(url)
    with engine.connect() as connection:
        found = sorted(connection.execute(text(OURS)).scalars())
    engine.dispose()
    return found


def test_the_way_from_nothing_and_back_and_up_again_leaves_nothing_over(new_database):
    url = new_database()
    assert ours(url) == []
    migrate.upgrade(url, silent)
    once = ours(url)
    assert {
        "table axes",
        "function axes_feature()",
        "trigger record_update",
        "schema history",
    } <= set(once)
    migrate.downgrade(url, "base")
    assert ours(url) == []
    migrate.upgrade(url, silent)
    assert ours(url) == once
    migrate.check(url)


def test_each_migration_can_be_taken_back_and_done_again(new_database):
    url = new_database()
    for path in FILES:
        number = path.stem.partition("_")[0]
        before = ours(url)
        migrate.upgrade(url, silent, number)
        after = ours(url)
        migrate.downgrade(url, "-1")
        assert ours(url) == before
        migrate.upgrade(url, silent, number)
        assert ours(url) == after


def dumped(url):
    """The schema as pg_dump writes it: one entry for each object, in the order of their text."""
    program = find_binaries().program("pg_dump")
    arguments = [
        "--schema-only",
        "--no-owner",
        "--exclude-table=alembic_version",
        f"--dbname={url}",
    ]
    dump = subprocess.run([program, *arguments], check=True, capture_output=True, text=True)
    body = re.sub(r"^\\(un)?restrict .*$", "", dump.stdout, flags=re.MULTILINE)
    entries = re.split(r"^--\n-- Name: ", body, flags=re.MULTILINE)[1:]
    return sorted(_with_sorted_columns(entry) for entry in entries)


def _with_sorted_columns(entry):
    """A column that a later migration adds stands last; its place means nothing."""
    return "\n".join(sorted(line.rstrip(",") for line in entry.splitlines()))


def _literal(sql):
    """DDL formats its text with percent signs."""
    return sql.replace("%", "%%")


def test_migrations_lead_to_what_the_declarations_make(new_database):
    migrated, declared = new_database(), new_database()
    migrate.upgrade(migrated, silent)
    engine = open_engine(declared)
    with engine.begin() as connection:
        connection.execute(text("CREATE EXTENSION IF NOT EXISTS postgis"))
        for schema in (HISTORY, GEOCODING, ACCOUNTS, AUDIT):
            connection.execute(CreateSchema(schema))
        PLAN_METADATA.create_all(connection)
        GEOCODING_METADATA.create_all(connection)
        ACCOUNTS_METADATA.create_all(connection)
        AUDIT_METADATA.create_all(connection)
        for routine in (*routines(PLAN_METADATA, CATALOG), *FUNCTIONS):
            connection.execute(DDL(_literal(routine.create)))
        connection.execute(DDL(DECISIONS_TRIGGER))
        for layer in CATALOG:
            for trigger in triggers(layer):
                connection.execute(DDL(_literal(trigger.create)))
            for policy in policies(layer):
                connection.execute(DDL(_literal(policy.create)))
            connection.execute(DDL(secure(layer.id)))
        for statement in guard_statements():
            connection.execute(DDL(_literal(statement)))
        provide_readers(connection, PLAN_METADATA)
        provide_writers(connection, PLAN_METADATA)
        provide_auditors(connection)
    engine.dispose()
    assert dumped(migrated) == dumped(declared)


def test_an_upgrade_that_fails_leaves_nothing_half_done(new_database):
    url = new_database()
    engine = open_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE parcels (id text)"))
    engine.dispose()
    with pytest.raises(Exception, match="parcels"):
        migrate.upgrade(url, silent)
    assert ours(url) == ["table parcels"]


@pytest.mark.parametrize("path", [*FILES, FOLDER / "script.py.mako"], ids=lambda path: path.stem)
def test_a_migration_never_imports_what_changes_after_it(path):
    source = re.sub(r"\$\{.*?\}", "None", path.read_text(encoding="utf-8"))
    tree = ast.parse(source)
    imported = [
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    ]
    imported += [str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert not [name for name in imported if name.split(".")[0] in ("layers", "geodata", "service")]
    assert "import_module" not in source


def test_migrations_are_numbered_one_after_the_other_in_one_line():
    scripts = ScriptDirectory.from_config(Config(toml_file=ROOT / "pyproject.toml"))
    line = [script.revision for script in scripts.walk_revisions()]
    assert line[::-1] == [f"{number:04d}" for number in range(1, len(FILES) + 1)]
    assert line[::-1] == [path.stem.partition("_")[0] for path in FILES]


def test_the_folder_alembic_is_no_package_for_it_would_hide_the_library():
    assert not list(FOLDER.rglob("__init__.py"))
