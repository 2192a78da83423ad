"""`./zgc import`."""

import sys
from pathlib import Path
from typing import Any

import click


@click.command("import", no_args_is_help=True)
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
@click.option(
    "--online",
    is_flag=True,
    help="Ask map providers (ZGC_AMAP_KEY, ...) about addresses that the gazetteer does not know;"
    " doubtful ones are queued at /review.",
)
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
    online: bool,
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
        actor=actor,
        reason=reason,
        accept_valid=accept_valid,
        dry_run=dry_run,
        report=folder,
        online=online,
    )
    if undo is not None:
        take_back(undo, order, keep_changed=keep_changed)
    elif layer is None or file is None:
        raise click.UsageError("LAYER and FILE are needed, or --undo ID")
    elif not import_file(request_of(layer, file, **options), order):
        sys.exit(1)
