"""Command line: `./zgc COMMAND`; what the commands take is in `service.commands.verbs`."""

import signal
import sys
from types import FrameType

import click

from geodata.audit.asker import asked_by, at_terminal
from geodata.errors import GeodataError
from service.commands.verbs.audit import audit
from service.commands.verbs.bench import bench
from service.commands.verbs.db import db
from service.commands.verbs.districts import districts
from service.commands.verbs.export import export
from service.commands.verbs.geocode import geocode
from service.commands.verbs.import_ import import_
from service.commands.verbs.serve import serve
from service.commands.verbs.synth import synth
from service.commands.verbs.test import test
from service.commands.verbs.token import token
from service.commands.verbs.user import user

VERBS = (
    serve,
    synth,
    test,
    db,
    districts,
    export,
    geocode,
    import_,
    user,
    token,
    audit,
    bench,
)


class Commands(click.Group):
    """Expected failures are one sentence on standard error and exit code 1."""

    def invoke(self, ctx: click.Context) -> object:
        """Runs the command."""
        try:
            return super().invoke(ctx)
        except GeodataError as error:
            raise click.ClickException(str(error)) from None


@click.group(cls=Commands, commands=VERBS)
@click.pass_context
def main(context: click.Context) -> None:
    """ZGC-GIS: the Zhongguancun demonstration zone on the map."""
    context.with_resource(asked_by(at_terminal))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _exit)


def _exit(number: int, _: FrameType | None) -> None:
    """Unwinds like any exit, so that PostgreSQL is stopped on the way."""
    sys.exit(128 + number)


if __name__ == "__main__":
    main(prog_name="zgc")
