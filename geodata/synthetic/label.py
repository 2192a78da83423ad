"""The label of a synthetic database: a table that says what it was made from.

It lies in a schema of its own, so that it travels with a backup and no migration touches it.
Its presence is what allows a database to be emptied and what makes pages say "synthetic".
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

import psycopg

from geodata.errors import GeodataError

Connection = psycopg.Connection[tuple[object, ...]]


@dataclass(frozen=True)
class Recipe:
    """What determines a synthetic database: how many features of which seed."""

    enterprises: int
    parcels: int
    seed: int = 1

    def __str__(self) -> str:
        return f"{self.enterprises} enterprises, {self.parcels} parcels, seed {self.seed}"


class Contents(StrEnum):
    """What a database holds."""

    NOTHING = "nothing"
    SYNTHETIC = "synthetic data"
    OTHER = "other data"


class NotSyntheticError(GeodataError):
    """A database that may hold real data was named for synthetic ones."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"Database {name} holds data that are not labelled synthetic: "
            "choose another one with --database."
        )


OWN_RELATIONS = """
SELECT count(*) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_t%'
  AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.objid = c.oid AND d.deptype = 'e')
"""

LABEL = """
CREATE SCHEMA IF NOT EXISTS synthetic;
CREATE TABLE IF NOT EXISTS synthetic.recipe (
  enterprises bigint NOT NULL, parcels bigint NOT NULL, seed bigint NOT NULL,
  complete boolean NOT NULL
)
"""


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    """A connection whose statements are one transaction."""
    with psycopg.connect(url) as connection:
        yield connection


def contents(connection: Connection) -> Contents:
    """What the database holds; whatever is not labelled counts as real."""
    if _is_labelled(connection):
        return Contents.SYNTHETIC
    row = connection.execute(OWN_RELATIONS).fetchone()
    return Contents.NOTHING if row == (0,) else Contents.OTHER


def is_synthetic(url: str) -> bool:
    """Whether a database is labelled synthetic."""
    with connected(url) as connection:
        return _is_labelled(connection)


def recipe_of(connection: Connection) -> Recipe | None:
    """What a labelled database was made from; None for one that was not finished."""
    if not _is_labelled(connection):
        return None
    query = "SELECT enterprises, parcels, seed FROM synthetic.recipe WHERE complete"
    row = connection.execute(query).fetchone()
    return None if row is None else Recipe(*(int(str(value)) for value in row))


def write_label(connection: Connection, recipe: Recipe, *, complete: bool) -> None:
    """Set the label; before the data come it says that they are not complete."""
    connection.execute(LABEL)
    connection.execute("DELETE FROM synthetic.recipe")
    connection.execute(
        "INSERT INTO synthetic.recipe VALUES (%s, %s, %s, %s)",
        (recipe.enterprises, recipe.parcels, recipe.seed, complete),
    )


def _is_labelled(connection: Connection) -> bool:
    row = connection.execute("SELECT to_regclass('synthetic.recipe') IS NOT NULL").fetchone()
    return row == (True,)
