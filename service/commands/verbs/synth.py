"""`./zgc synth`."""

import click

from service.commands.verbs.common import MOST_ROWS


@click.command()
@click.option(
    "--enterprises", type=click.IntRange(0, MOST_ROWS), default=100_000, show_default=True
)
@click.option(
    "--parcels",
    type=click.IntRange(0, MOST_ROWS),
    help="[default: half as many as enterprises]",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**31),
    default=1,
    show_default=True,
    help="The same seed makes the same data.",
)
@click.option(
    "--database", default="zgc_synthetic", show_default=True, help="Made beside the real one."
)
def synth(enterprises: int, parcels: int | None, seed: int, database: str) -> None:
    """Make a database of synthetic data: plausible, labelled, apart from the real one.

    An existing synthetic database of that name is replaced.
    """
    from geodata.synthetic.label import Recipe
    from service.commands.synth import synth as run

    run(Recipe(enterprises, enterprises // 2 if parcels is None else parcels, seed), database)
