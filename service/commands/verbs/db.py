"""`./zgc db ...`."""

import sys

import click

from service.commands.verbs.common import ANY_ARGUMENTS


@click.group()
def db() -> None:
    """The database: schema, state, psql."""


@db.command()
def upgrade() -> None:
    """Bring the schema to the newest revision."""
    from service.commands.db import upgrade as run

    run()


@db.command()
def status() -> None:
    """Show the schema's revision and whether a newer one is there."""
    from service.commands.db import status as run

    click.echo(run())


@db.command(context_settings=ANY_ARGUMENTS)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def shell(arguments: tuple[str, ...]) -> None:
    """Open psql on the database; ARGUMENTS go to psql."""
    from service.commands.db import shell as run

    sys.exit(run(arguments))


@db.command()
@click.option("-m", "--message", required=True, help="What the revision changes, as a slug.")
def revision(message: str) -> None:
    """Write a schema revision from what the layers declare and the database lacks."""
    from service.commands.db import revision as run

    click.echo(run(message))
