"""`./zgc test`."""

import sys

import click

from service.commands.verbs.common import ANY_ARGUMENTS


@click.command(context_settings=ANY_ARGUMENTS)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def test(arguments: tuple[str, ...]) -> None:
    """Run all checks and tests; with ARGUMENTS only pytest, which gets them."""
    from service.commands.test import test as run

    sys.exit(run(arguments))
