"""Making a synthetic database: schema, the plan's inventory, then the rows by COPY."""

from collections.abc import Callable, Iterable
from hashlib import sha256

import psycopg
from sqlalchemy import Connection as SqlConnection

from geodata.database import migrate
from geodata.database.command import driver
from geodata.database.engine import open_engine
from geodata.ingest.batch import ImportBatch
from geodata.ingest.copy import Progress
from geodata.ingest.load import load_features
from geodata.ingest.modes import Mode
from geodata.plan.load import load_plan, read_inventory
from geodata.synthetic.areas import parks
from geodata.synthetic.batch import Batch
from geodata.synthetic.enterprises import enterprises
from geodata.synthetic.label import (
    Contents,
    NotSyntheticError,
    Recipe,
    connected,
    contents,
    recipe_of,
    write_label,
)
from geodata.synthetic.parcels import check_count, parcels
from layers.catalog import CATALOG
from layers.layer import Layer

ACTOR = "synthetic"
LAYERS = ("enterprises", "parcels")

Report = Callable[[str], None]


def make_unless_there(url: str, recipe: Recipe, report: Report, progress: Progress) -> bool:
    """Make a synthetic database unless it was made from the same recipe; whether it did."""
    with connected(url) as connection:
        there = recipe_of(connection)
    if there == recipe:
        return False
    make(url, recipe, report, progress)
    return True


def make(url: str, recipe: Recipe, report: Report, progress: Progress) -> None:
    """Fill an empty database, or replace the synthetic data of a labelled one.

    Raises:
        NotSyntheticError: the database holds something else.
        TooManyParcelsError: there is no room for so many.
    """
    check_count(recipe.parcels)
    _claim(url, recipe, report)
    migrate.upgrade(url, report)
    load_plan(url, report)
    report(f"Writing synthetic data: {recipe}")
    _fill(url, recipe, progress)
    _tidy(url)


def _claim(url: str, recipe: Recipe, report: Report) -> None:
    """Label first, so that what a killed run leaves may be replaced."""
    with connected(url) as connection:
        found = contents(connection)
        if found is Contents.OTHER:
            raise NotSyntheticError(connection.info.dbname)
        write_label(connection, recipe, complete=False)
    if found is Contents.SYNTHETIC:
        report("Removing the synthetic data that are there")
        migrate.downgrade(url, "base")


def _fill(url: str, recipe: Recipe, progress: Progress) -> None:
    """Rows and label in one transaction, on the way of every import."""
    inventory = read_inventory()
    areas = parks(inventory)
    firms = enterprises(inventory, areas, recipe.seed, recipe.enterprises)
    lots = parcels(areas, recipe.seed, recipe.parcels)
    engine = open_engine(url)
    try:
        with engine.begin() as connection:
            for layer_id, batches in zip(LAYERS, (firms, lots), strict=True):
                _load(connection, CATALOG.get(layer_id), batches, recipe, progress)
            write_label(driver(connection), recipe, complete=True)
    finally:
        engine.dispose()


def _load(
    connection: SqlConnection,
    layer: Layer,
    batches: Iterable[Batch],
    recipe: Recipe,
    progress: Progress,
) -> None:
    made = ImportBatch(
        file="synthetic",
        sha256=sha256(str(recipe).encode()).hexdigest(),
        actor=ACTOR,
        reason=f"synthetic data, seed {recipe.seed}",
    )
    rows = (batch.rows(layer) for batch in batches)
    load_features(connection, layer, rows, mode=Mode.UPDATE, batch=made, progress=progress)


def _tidy(url: str) -> None:
    """Statistics and visibility as autovacuum would leave them, so that plans are settled."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"VACUUM (ANALYZE) {', '.join(LAYERS)}")
