"""Command line: `./zgc COMMAND`; imports are inside the commands so that `--help` is instant."""

import signal
import sys
from pathlib import Path
from types import FrameType

import click

from geodata.errors import GeodataError

ANY_ARGUMENTS = {"ignore_unknown_options": True, "allow_interspersed_args": False}


class Commands(click.Group):
    """Expected failures are one sentence on standard error and exit code 1."""

    def invoke(self, ctx: click.Context) -> object:
        """Runs the command."""
        try:
            return super().invoke(ctx)
        except GeodataError as error:
            raise click.ClickException(str(error)) from None


@click.group(cls=Commands)
def main() -> None:
    """ZGC-GIS: the Zhongguancun demonstration zone on the map."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _exit)


def _exit(number: int, _: FrameType | None) -> None:
    """Unwinds like any exit, so that PostgreSQL is stopped on the way."""
    sys.exit(128 + number)


@main.command()
@click.option("--host", help="Address to listen on.  [default: ZGC_HOST or 127.0.0.1]")
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    help="TCP port to listen on.  [default: ZGC_PORT or 8000]",
)
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the private database.  [default: ZGC_DATA or .data]",
)
def serve(host: str | None, port: int | None, data: Path | None) -> None:
    """Start the service; ends with Ctrl-C.

    Runs its own PostGIS in the data folder unless ZGC_DATABASE_URL names another database.
    """
    from service.commands.serve import serve as run
    from service.commands.settings import read_settings

    run(read_settings(host=host, port=port, data=data))


@main.command(context_settings=ANY_ARGUMENTS)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def test(arguments: tuple[str, ...]) -> None:
    """Run all checks and tests; with ARGUMENTS only pytest, which gets them."""
    from service.commands.test import test as run

    sys.exit(run(arguments))


@main.group()
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


@main.command()
@click.argument("source")
def districts(source: str) -> None:
    """Give the districts their outlines from SOURCE.

    SOURCE is a GeoJSON file whose features carry `code` (GB/T 2260), or the name of the optional
    package geotool-cn. Outlines lie in no repository: their terms are yours to accept.
    """
    from service.commands.districts import districts as run

    run(source)


if __name__ == "__main__":
    main(prog_name="zgc")
