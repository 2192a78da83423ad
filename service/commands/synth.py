"""`./zgc synth`: a database of synthetic data, apart from the real one."""

import sys

import click

from geodata.ingest.copy import Progress
from geodata.synthetic.label import Recipe
from geodata.synthetic.make import make, make_unless_there
from geodata.synthetic.parcels import check_count
from service.commands.database import reachable_synthetic_database, report
from service.commands.settings import read_settings


def synth(recipe: Recipe, name: str) -> None:
    """Make the database, or replace the synthetic data in it."""
    check_count(recipe.parcels)
    with reachable_synthetic_database(read_settings(), name) as url:
        make(url, recipe, report, progress_of(recipe))
        report(f"Database {name}: {recipe}")


def prepare_synthetic(url: str, recipe: Recipe) -> None:
    """Make the database before it is served, unless it is there with the same data."""
    made = make_unless_there(url, recipe, report, progress_of(recipe))
    report(f"SYNTHETIC data{'' if made else ' as made before'}, nothing here is real: {recipe}")


def progress_of(recipe: Recipe) -> Progress:
    """Shows a bar on standard error, from the first rows on."""
    bar = click.progressbar(
        length=recipe.enterprises + recipe.parcels, label="rows", file=sys.stderr
    )

    def advance(rows: int) -> None:
        bar.update(rows)
        if bar.finished:
            bar.render_finish()

    return advance
