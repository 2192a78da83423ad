"""Migrations from the program: what they report and how they fail."""

import pytest
from sqlalchemy import text

from geodata.database import migrate
from geodata.database.engine import open_engine


def head():
    return max(
        path.stem.partition("_")[0] for path in (migrate.ROOT / "alembic/versions").glob("*.py")
    )


def test_an_upgrade_reports_from_where_to_where_it_went(new_database):
    url, lines = new_database(), []
    migrate.upgrade(url, lines.append)
    migrate.upgrade(url, lines.append)
    assert lines == [f"schema: empty -> {head()}", f"schema: {head()}"]


def test_status_tells_what_the_database_has_and_what_there_is(new_database):
    url = new_database()
    assert migrate.status(url) == f"database empty, newest {head()}"
    migrate.upgrade(url, lambda _: None)
    assert migrate.status(url) == f"database {head()}, newest {head()}"


def test_check_finds_nothing_amiss_after_an_upgrade(migrated_url):
    migrate.check(migrated_url)


def test_check_refuses_a_database_that_was_never_migrated_and_says_so(new_database):
    with pytest.raises(migrate.SchemaDriftError, match=r"schema is empty; must be \d+: upgrade"):
        migrate.check(new_database())


def test_check_changes_nothing(migrated_url, migrated):
    count = text("SELECT count(*) FROM pg_class")
    with migrated.connect() as connection:
        before = connection.execute(count).scalar_one()
    migrate.check(migrated_url)
    with migrated.connect() as connection:
        assert connection.execute(count).scalar_one() == before


def test_migrations_run_whatever_the_current_folder(new_database, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    url = new_database()
    migrate.upgrade(url, lambda _: None)
    engine = open_engine(url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM axes")).scalar_one() == 0
    engine.dispose()
