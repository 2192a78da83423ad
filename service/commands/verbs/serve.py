"""`./zgc serve`."""

from pathlib import Path

import click

from service.commands.verbs.common import MOST_ROWS


@click.command()
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
