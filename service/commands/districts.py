"""`./zgc districts`: outlines of the districts from the operator's source."""

from geodata.ingest.outlines import load_outlines
from service.commands.database import reachable_database, report
from service.commands.settings import read_settings


def districts(source: str) -> None:
    """Load outlines from a file or the optional package."""
    with reachable_database(read_settings()) as url:
        load_outlines(url, source, report)
