"""A database that the operator runs is checked before anything is written to it."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from geodata.database.cluster import running_cluster
from geodata.database.external import ExternalDatabaseError, check_external


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A server with a database `bare`, which has no PostGIS."""
    folder = Path(tempfile.mkdtemp(prefix="zgc-test-"))
    folder.chmod(0o755)
    with running_cluster(folder / "data", lambda _: None, throw_away=True) as url:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE DATABASE bare TEMPLATE template0")
        yield url
    shutil.rmtree(folder)


def test_a_good_database_passes(url: str) -> None:
    check_external(url)


def test_missing_postgis_names_who_can_add_it(url: str) -> None:
    with pytest.raises(
        ExternalDatabaseError, match=r"superuser to run CREATE EXTENSION .* in bare"
    ):
        check_external(url.replace("/zgc?", "/bare?"))


def test_missing_postgis_is_added_where_allowed(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE bare_too TEMPLATE template0")
    as_superuser = url.replace("zgc@/zgc?", "postgres@/bare_too?")
    check_external(as_superuser)
    with psycopg.connect(as_superuser) as connection:
        assert connection.execute("SELECT postgis_version()").fetchone()


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ("postgresql://zgc@/zgc?host=/nonexistent", "does not answer"),
        ("postgresql://zgc:secret@127.0.0.1:1/zgc", "does not answer"),
        ("postgresql://zgc@/zgc?hosst=/run", "not usable"),
    ],
)
def test_a_wrong_address_is_one_sentence(wrong: str, sentence: str) -> None:
    with pytest.raises(ExternalDatabaseError, match=sentence) as raised:
        check_external(wrong)
    assert "secret" not in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_missing_database_is_named(url: str) -> None:
    with pytest.raises(ExternalDatabaseError, match='database "nowhere" does not exist'):
        check_external(url.replace("/zgc?", "/nowhere?"))
