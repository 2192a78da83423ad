"""`./zgc geocode`."""

import sys
from pathlib import Path

import click


@click.command()
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
