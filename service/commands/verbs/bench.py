"""`./zgc bench`."""

import sys

import click

from service.commands.verbs.common import ANY_ARGUMENTS


@click.command(context_settings=ANY_ARGUMENTS, add_help_option=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def bench(arguments: tuple[str, ...]) -> None:
    """Compare speed with peers and with PostgreSQL itself, on synthetic data."""
    from service.commands.bench import bench as run

    sys.exit(run(arguments))
