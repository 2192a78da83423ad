"""`./zgc export`."""

from pathlib import Path

import click


@click.command()
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
