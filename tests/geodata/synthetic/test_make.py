"""A synthetic database is complete, labelled, and never a real one."""

from collections.abc import Callable

import psycopg
import pytest

from geodata.database import migrate
from geodata.plan.load import load_plan
from geodata.synthetic.beside import BesideError, beside, check_name
from geodata.synthetic.label import (
    Contents,
    NotSyntheticError,
    Recipe,
    connected,
    contents,
    is_synthetic,
    recipe_of,
    write_label,
)
from geodata.synthetic.make import make, make_unless_there

RECIPE = Recipe(enterprises=700, parcels=300, seed=4)


def silent(_: str) -> None:
    return None


def uncounted(_: int) -> None:
    return None


def ask(url: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchall()


@pytest.fixture(scope="module")
def url(new_database: Callable[[], str]) -> str:
    url = new_database()
    make(url, RECIPE, silent, uncounted)
    return url


def test_the_rows_are_there_beside_the_plan(url: str) -> None:
    for layer, count in (("enterprises", 700), ("parcels", 300)):
        assert ask(url, f"SELECT count(*) FROM {layer} WHERE source LIKE '%synthetic%'") == [
            (count,)
        ]
    assert ask(url, "SELECT count(*) > 30 FROM areas") == [(True,)]
    assert ask(url, "SELECT count(*) > 40 FROM indicators") == [(True,)]


def test_rows_say_who_wrote_them_and_have_their_public_text(url: str) -> None:
    query = "SELECT DISTINCT recorded_by, recorded_reason FROM parcels"
    assert ask(url, query) == [("synthetic", "synthetic data, seed 4")]
    assert ask(url, "SELECT count(*) FROM parcels WHERE feature LIKE '%合成%'") == [(300,)]


def test_the_schema_is_the_declared_one(url: str) -> None:
    migrate.check(url)


def test_the_label_says_what_it_was_made_from(url: str) -> None:
    assert is_synthetic(url)
    with connected(url) as connection:
        assert contents(connection) is Contents.SYNTHETIC
        assert recipe_of(connection) == RECIPE


def test_progress_counts_every_row(new_database: Callable[[], str]) -> None:
    counted: list[int] = []
    make(new_database(), Recipe(20, 10), silent, counted.append)
    assert sum(counted) == 30


def test_nothing_is_made_again_from_the_same_recipe(url: str) -> None:
    before = ask(url, "SELECT version FROM layer_versions WHERE layer = 'parcels'")
    assert not make_unless_there(url, RECIPE, silent, uncounted)
    assert ask(url, "SELECT version FROM layer_versions WHERE layer = 'parcels'") == before


def test_another_recipe_replaces_the_data(new_database: Callable[[], str]) -> None:
    url = new_database()
    assert make_unless_there(url, Recipe(30, 10), silent, uncounted)
    assert make_unless_there(url, Recipe(0, 0, seed=2), silent, uncounted)
    assert ask(url, "SELECT count(*) FROM parcels") == [(0,)]
    assert ask(url, "SELECT seed, complete FROM synthetic.recipe") == [(2, True)]


def test_what_a_killed_run_left_is_replaced(new_database: Callable[[], str]) -> None:
    url = new_database()
    with connected(url) as connection:
        write_label(connection, Recipe(5, 5), complete=False)
    migrate.upgrade(url, silent)
    assert make_unless_there(url, Recipe(5, 5), silent, uncounted)
    assert ask(url, "SELECT count(*) FROM parcels") == [(5,)]


def test_real_data_are_never_touched(new_database: Callable[[], str]) -> None:
    url = new_database()
    migrate.upgrade(url, silent)
    load_plan(url, silent)
    before = ask(url, "SELECT count(*), max(recorded_at) FROM enterprises")
    with pytest.raises(NotSyntheticError, match="not labelled synthetic"):
        make(url, RECIPE, silent, uncounted)
    assert not is_synthetic(url)
    assert ask(url, "SELECT count(*), max(recorded_at) FROM enterprises") == before


@pytest.mark.parametrize(
    "statement",
    ["CREATE TABLE ledger (id int)", "CREATE SCHEMA office; CREATE VIEW office.v AS SELECT 1"],
)
def test_tables_of_others_count_as_real(new_database: Callable[[], str], statement: str) -> None:
    url = new_database()
    with connected(url) as connection:
        assert contents(connection) is Contents.NOTHING
        connection.execute(statement)
        assert contents(connection) is Contents.OTHER


@pytest.mark.parametrize("name", ["zgc_synthetic", "synthetic", "synthetic_2"])
def test_names_that_say_so_are_taken(name: str) -> None:
    assert check_name(name) == name


@pytest.mark.parametrize(
    "name", ["zgc", "postgres", "", "Synthetic", 'synthetic"; --', "template1"]
)
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(BesideError, match="must contain the word synthetic"):
        check_name(name)


def test_a_database_is_made_beside_the_real_one(new_database: Callable[[], str]) -> None:
    url = new_database()
    name = f"synthetic_{url.rpartition('/zgc_')[2][:8]}_test"
    try:
        found = beside(url, name)
        assert ask(found, "SELECT current_database()") == [(name,)]
        assert beside(url, name) == found
        with pytest.raises(BesideError, match="ZGC_DATABASE_URL names"):
            beside(found, name)
    finally:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}"')
