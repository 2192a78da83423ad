"""Command line: `./zgc COMMAND`; imports are inside the commands so that `--help` is instant."""

import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import click

from geodata.errors import GeodataError
from layers.attribute import Role

MOST_ROWS = 50_000_000
ROLES = [role.value for role in Role if role is not Role.PUBLIC]
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
@click.option(
    "--synthetic",
    type=click.IntRange(0, MOST_ROWS),
    help="Serve a database of synthetic data: N enterprises and N/2 parcels.",
    metavar="N",
)
def serve(host: str | None, port: int | None, data: Path | None, synthetic: int | None) -> None:
    """Start the service; ends with Ctrl-C.

    Runs its own PostGIS in the data folder unless ZGC_DATABASE_URL names another database.
    """
    from service.commands.serve import serve as run
    from service.commands.settings import read_settings

    run(read_settings(host=host, port=port, data=data), synthetic)


@main.command()
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


@main.command()
@click.argument("layer")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--format", "format_name", help="Format, where the file's ending does not say it.")
@click.option("--bbox", "box", metavar="W,S,E,N", help="Only features that meet a box, degrees.")
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
def export(layer: str, file: Path, format_name: str | None, box: str | None, force: bool) -> None:
    """Write the features of LAYER to FILE.

    The ending says the format: .geojson .geojsons .csv .gpkg .fgb .parquet .shp.zip .kml .xlsx
    """
    from service.commands.export import export_layer, parse_box, parse_layer

    export_layer(
        parse_layer(layer),
        file,
        format_name=format_name,
        box=parse_box(box),
        force=force,
    )


@main.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--column", help="Column of the addresses.  [default: 地址, address or the like]")
@click.option("--sheet", help="Sheet of a workbook.  [default: the first]")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="[default: FILE with _geocoded before its ending]",
)
@click.option(
    "--gazetteer",
    type=click.Path(path_type=Path, exists=True),
    multiple=True,
    help="CSV file, or folder of them, of your own places; they join the built-in ones.",
)
@click.option("--force", is_flag=True, help="Replace the output if it is there.")
@click.option(
    "--review",
    is_flag=True,
    help="Take over what people decided, and queue what is doubtful at /review.",
)
@click.option(
    "--online",
    is_flag=True,
    help="Ask map providers (ZGC_AMAP_KEY, ...) what the gazetteer does not know; --review too.",
)
def geocode(
    file: Path,
    column: str | None,
    sheet: str | None,
    output: Path | None,
    gazetteer: tuple[Path, ...],
    force: bool,
    review: bool,
    online: bool,
) -> None:
    """Find the positions of the addresses in FILE, a .csv, .xlsx or .geojson.

    The same rows come back with lon, lat (CGCS2000), level, accuracy_m, score, matched, district,
    provider, needs_review and issues. A run that was interrupted goes on where it was. Needs no
    network but with --online; with ZGC_DASK_SCHEDULER the work is done by that cluster, but not
    with --review or --online.
    """
    from service.commands.geocode import Sources
    from service.commands.geocode import geocode as run

    complete = run(
        file,
        column=column,
        sheet=sheet,
        output=output,
        gazetteer=gazetteer,
        force=force,
        sources=Sources(review=review or online, online=online),
    )
    sys.exit(0 if complete else 1)


@main.command("import", no_args_is_help=True)
@click.argument("layer", required=False)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
@click.option(
    "--crs",
    help="Reference system: EPSG:4490, EPSG:4548, EPSG:4326, GCJ-02, BD-09, ...; it counts more"
    " than what the file says.",
)
@click.option("--pipeline", help="Your own PROJ pipeline to CGCS2000 degrees, longitude first.")
@click.option(
    "--map",
    "mapping",
    multiple=True,
    metavar="COLUMN=FIELD",
    help="Which field a column is; also lon, lat, geometry, geocode. An empty FIELD leaves it out.",
)
@click.option(
    "--set",
    "constants",
    multiple=True,
    metavar="FIELD=VALUE",
    help="Value of rows that have none.",
)
@click.option("--layer-name", help="Layer of a file that holds several.")
@click.option("--sheet", help="Sheet of a workbook.  [default: the first]")
@click.option("--encoding", help="As of CSV and DBF.  [default: found out]")
@click.option("--delimiter", help="Of CSV.  [default: found out]")
@click.option(
    "--header-row", type=click.IntRange(1, 1000), help="Of CSV, XLSX.  [default: found out]"
)
@click.option(
    "--mode",
    type=click.Choice(["append", "update", "replace"]),
    default="append",
    show_default=True,
    help="append: new ids only; update: known ids take the file's values; replace: the layer"
    " becomes what the file says.",
)
@click.option("--swap", is_flag=True, help="Exchange the two coordinates.")
@click.option("--close-rings", is_flag=True, help="Add the missing last position of rings.")
@click.option("--accept-valid", is_flag=True, help="Load the rows that pass, refuse the others.")
@click.option("--dry-run", is_flag=True, help="Do all of it, then take it back.")
@click.option("--actor", help="Who, for the history.  [default: this machine's user]")
@click.option("--reason", help="Why, for the history.")
@click.option(
    "--report",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for report.html, findings.csv and the refused rows.",
)
@click.option("--undo", type=int, metavar="ID", help="Take the import of that number back.")
@click.option(
    "--keep-changed", is_flag=True, help="With --undo: leave rows that were changed since."
)
def import_(
    layer: str | None,
    file: Path | None,
    undo: int | None,
    keep_changed: bool,
    actor: str | None,
    reason: str | None,
    accept_valid: bool,
    dry_run: bool,
    folder: Path | None,
    **options: Any,
) -> None:
    """Import FILE into LAYER, or take an import back.

    Read are GeoPackage, GeoJSON, zipped Shapefile, FlatGeobuf, GeoParquet, KML, DXF, CSV and XLSX,
    with coordinates or with addresses. Every row is checked first; all are loaded or none.
    Exit code 0: done, 1: rows were refused, 2: wrong usage.
    """
    from service.commands.import_ import Order, import_file, request_of
    from service.commands.import_ import undo as take_back

    order = Order(
        actor=actor, reason=reason, accept_valid=accept_valid, dry_run=dry_run, report=folder
    )
    if undo is not None:
        take_back(undo, order, keep_changed=keep_changed)
    elif layer is None or file is None:
        raise click.UsageError("LAYER and FILE are needed, or --undo ID")
    elif not import_file(request_of(layer, file, **options), order):
        sys.exit(1)


@main.group()
def user() -> None:
    """Accounts: who may see and do more than the public."""


@user.command("add")
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), default=ROLES[0], show_default=True)
@click.option(
    "--openid",
    "identity",
    nargs=2,
    metavar="ISSUER SUBJECT",
    help="Whom the OpenID provider calls so; no password then.",
)
def user_add(name: str, role: str, identity: tuple[str, str] | None) -> None:
    """Add the user NAME; the password is asked for, or read from standard input."""
    from service.commands.user import add, add_linked

    if identity is None:
        add(name, role)
    else:
        add_linked(name, role, *identity)


@user.command("list")
def user_list() -> None:
    """List users: name, role, state, groups, since when, identities."""
    from service.commands.user import show_users as run

    run()


@user.command("set-role")
@click.argument("name")
@click.argument("role", type=click.Choice(ROLES))
def user_set_role(name: str, role: str) -> None:
    """Give the user NAME the ROLE; it counts from the next request on."""
    from service.commands.user import change_role as run

    run(name, role)


@user.command("disable")
@click.argument("name")
def user_disable(name: str) -> None:
    """Shut the user NAME out: sessions end, tokens are refused."""
    from service.commands.user import shut_out as run

    run(name)


@user.command("enable")
@click.argument("name")
def user_enable(name: str) -> None:
    """Let the user NAME in again."""
    from service.commands.user import let_in as run

    run(name)


@user.command("reset-password")
@click.argument("name")
def user_reset_password(name: str) -> None:
    """Give NAME another password, asked for or read from standard input; sessions end."""
    from service.commands.user import reset_password as run

    run(name)


@user.command("link")
@click.argument("name")
@click.argument("issuer")
@click.argument("subject")
def user_link(name: str, issuer: str, subject: str) -> None:
    """Let the user NAME sign in as whom the OpenID provider ISSUER calls SUBJECT (sub)."""
    from service.commands.user import link_identity as run

    run(name, issuer, subject)


@user.command("unlink")
@click.argument("name")
@click.argument("issuer")
@click.argument("subject")
def user_unlink(name: str, issuer: str, subject: str) -> None:
    """Let NAME sign in so no more; sessions that the provider opened end."""
    from service.commands.user import unlink_identity as run

    run(name, issuer, subject)


@user.group("group")
def user_group() -> None:
    """Groups of users, bound to areas such as a park."""


@user_group.command("add")
@click.argument("name")
@click.argument("areas", nargs=-1)
def group_add(name: str, areas: tuple[str, ...]) -> None:
    """Add the group NAME, bound to AREAS (ids of features of the area layers)."""
    from service.commands.user import new_group as run

    run(name, areas)


@user_group.command("areas")
@click.argument("name")
@click.argument("areas", nargs=-1)
def group_areas(name: str, areas: tuple[str, ...]) -> None:
    """Bind the group NAME to these AREAS and no others."""
    from service.commands.user import change_areas as run

    run(name, areas)


@user_group.command("list")
def group_list() -> None:
    """List groups: name, areas, users."""
    from service.commands.user import show_groups as run

    run()


@user_group.command("join")
@click.argument("group")
@click.argument("name")
def group_join(group: str, name: str) -> None:
    """Put the user NAME into GROUP."""
    from service.commands.user import join as run

    run(group, name)


@user_group.command("leave")
@click.argument("group")
@click.argument("name")
def group_leave(group: str, name: str) -> None:
    """Take the user NAME out of GROUP."""
    from service.commands.user import leave as run

    run(group, name)


@main.group()
def token() -> None:
    """Tokens: how programs come in, with `Authorization: Bearer TOKEN`."""


@token.command("create")
@click.argument("user")
@click.option("--title", required=True, help="What it is for.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    metavar="LAYER:VERB",
    help="What it is limited to: read or write of a layer, or of all (*:read); repeatable.",
)
@click.option("--days", type=click.IntRange(1, 366), default=90, show_default=True)
def token_create(user: str, title: str, scopes: tuple[str, ...], days: int) -> None:
    """Print a new token of USER; it can do no more than they, and is shown this once."""
    from service.commands.token import create as run

    run(user, title, scopes, days)


@token.command("list")
@click.option("--user", help="Only those of one user.")
def token_list(user: str | None) -> None:
    """List tokens: number, beginning, user, scopes, expiry, last use."""
    from service.commands.token import show_tokens as run

    run(user)


@token.command("revoke")
@click.argument("number", type=int)
def token_revoke(number: int) -> None:
    """Make the token of that NUMBER worth nothing."""
    from service.commands.token import revoke as run

    run(number)


@main.command(context_settings=ANY_ARGUMENTS, add_help_option=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def bench(arguments: tuple[str, ...]) -> None:
    """Compare speed with peers and with PostgreSQL itself, on synthetic data."""
    from service.commands.bench import bench as run

    sys.exit(run(arguments))


if __name__ == "__main__":
    main(prog_name="zgc")
