"""The database a command works on."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from geodata.database.cluster import reachable_cluster, running_cluster
from geodata.database.external import check_external
from geodata.synthetic.beside import beside, check_name
from service.settings import Settings


def report(text: str) -> None:
    """Tells the person at the terminal; standard output is for results."""
    click.echo(text, err=True)


@contextmanager
def own_database(settings: Settings) -> Iterator[str]:
    """URL of the database for the one service that uses it."""
    if settings.database_url:
        check_external(settings.database_url)
        yield settings.database_url
    else:
        with running_cluster(settings.data, report) as url:
            yield url


@contextmanager
def reachable_database(settings: Settings) -> Iterator[str]:
    """URL of the database, shared with a service that may be running."""
    if settings.database_url:
        check_external(settings.database_url)
        yield settings.database_url
    else:
        with reachable_cluster(settings.data, report) as url:
            yield url


@contextmanager
def own_synthetic_database(settings: Settings, name: str) -> Iterator[str]:
    """URL of a synthetic database beside the real one, for the one service that uses it."""
    if settings.database_url:
        yield _external_beside(settings.database_url, name)
    else:
        with running_cluster(settings.data, report, database=check_name(name)) as url:
            yield url


@contextmanager
def reachable_synthetic_database(settings: Settings, name: str) -> Iterator[str]:
    """URL of a synthetic database beside the real one, shared with a service."""
    if settings.database_url:
        yield _external_beside(settings.database_url, name)
    else:
        with reachable_cluster(settings.data, report, database=check_name(name)) as url:
            yield url


def _external_beside(database_url: str, name: str) -> str:
    check_external(database_url)
    url = beside(database_url, check_name(name))
    check_external(url)
    return url


@contextmanager
def throw_away_database() -> Iterator[str]:
    """URL of an empty database in a cluster that is gone afterwards."""
    with TemporaryDirectory(prefix="zgc-") as folder:
        # The account that runs PostgreSQL must get in where root started us.
        Path(folder).chmod(0o711)
        with running_cluster(Path(folder, "data"), _quietly, throw_away=True) as url:
            yield url


def _quietly(_: str) -> None:
    return None
