"""`./zgc districts`."""

import click


@click.command()
@click.argument("source")
def districts(source: str) -> None:
    """Give the districts their outlines from SOURCE.

    SOURCE is a GeoJSON file whose features carry `code` (GB/T 2260), or the name of the optional
    package geotool-cn. Outlines lie in no repository: their terms are yours to accept.
    """
    from service.commands.districts import districts as run

    run(source)
