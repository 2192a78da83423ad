"""What a database needs before it is served: the newest schema and the plan."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor

from geodata.errors import GeodataError
from service.commands.database import report


def prepare(url: str) -> str | None:
    """Prepare a database, in a process of its own; what hinders it.

    Alembic and Arrow take 100 MB that a service needs for a second and would keep for good.
    """
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn) as process:
        return process.submit(_prepared, url).result()


def _prepared(url: str) -> str | None:
    from geodata.database.migrate import upgrade
    from geodata.plan.load import load_plan

    try:
        report("Bringing the schema up to date")
        upgrade(url, report)
        report("Loading the plan")
        load_plan(url, report)
    except GeodataError as error:
        return str(error)
    return None
