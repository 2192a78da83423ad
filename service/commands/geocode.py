"""`./zgc geocode`: a table of addresses, given back with positions."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import click

from geodata.database.migrate import upgrade
from geodata.geocoding.batch import Work, geocode_table, key_of, work_here
from geodata.geocoding.cluster import work_on_cluster
from geodata.geocoding.gazetteer import open_gazetteer
from geodata.geocoding.geocode import LONGEST_ADDRESS, GazetteerGeocoder
from geodata.geocoding.journal import Journal
from geodata.geocoding.outcome import REFUSED, Outcome
from geodata.geocoding.pool import cores, work_in_processes
from geodata.geocoding.table import (
    AddressTable,
    UnknownColumnError,
    read_addresses,
    write_addresses,
)
from geodata.ingest.finding import SHOWN
from service.commands.database import reachable_database, report
from service.commands.export import FileExistsAlreadyError, UnwritableFileError, replacing
from service.commands.settings import read_settings
from service.geocoding.online import OnlineSettings, open_chain, read_online_settings
from service.settings import Settings

NO_ADDRESS = f"must be an address of 1 to {LONGEST_ADDRESS} characters"


ONLINE_CHUNK = 20
"""Addresses asked online before the progress moves: seconds at a provider's usual rate."""


class Sources(NamedTuple):
    """Who is asked beside the gazetteer.

    Args:
        review: people's decisions count, and doubtful addresses are queued for them.
        online: map providers are asked.
    """

    review: bool
    online: bool


def geocode(
    path: Path,
    *,
    column: str | None,
    sheet: str | None,
    output: Path | None,
    gazetteer: Sequence[Path],
    force: bool,
    sources: Sources,
) -> bool:
    """Geocode a file; what a killed run had done is not done again.

    Returns:
        Whether every row had an address; those that had none are told.

    Raises:
        FileExistsAlreadyError: the output exists and `force` was not given.
        OnlineSettingsError: providers are to be asked, and none is set up.
    """
    settings = read_settings()
    online = read_online_settings() if sources.online else None
    if online is not None:
        online.require_account()
    target = output or path.with_name(f"{path.stem}_geocoded{path.suffix}")
    _check_target(path, target, force=force)
    table = _read(path, column, sheet)
    own = (*gazetteer, *([settings.gazetteer] if settings.gazetteer else []))
    with (
        _open_journal(target, f"{key_of(table, own)} {sources}") as journal,
        _work(settings, own, sources, online) as work,
    ):
        outcomes = _outcomes(table, work, journal, ONLINE_CHUNK if sources.online else None)
        with replacing(target, force=force) as file:
            write_addresses(table, outcomes, file)
        journal.remove()
    refused = list(_refused(table, outcomes))
    report(f"{target}: {_summary(table, outcomes)}")
    for line in refused[:SHOWN]:
        report(line)
    if len(refused) > SHOWN:
        report(f"... and {len(refused) - SHOWN} more")
    return not refused


def _check_target(path: Path, target: Path, *, force: bool) -> None:
    if target.suffix.lower() != path.suffix.lower():
        raise click.BadParameter(
            f"{target.name} must end in {path.suffix} as {path.name} does: the table comes back"
            " in its own format",
            param_hint="--output",
        )
    if target.exists() and not force:
        raise FileExistsAlreadyError(target)


def _read(path: Path, column: str | None, sheet: str | None) -> AddressTable:
    try:
        return read_addresses(path, column, sheet)
    except UnknownColumnError as error:
        raise click.UsageError(str(error)) from None


def _open_journal(target: Path, key: str) -> Journal:
    path = target.with_name(f".{target.name}.journal")
    try:
        return Journal(path, key)
    except OSError as error:
        raise UnwritableFileError(f"{path}: {error.strerror}") from None


@contextmanager
def _work(
    settings: Settings, own: Sequence[Path], sources: Sources, online: OnlineSettings | None
) -> Iterator[Work]:
    """Who geocodes; what a provider's stop left undone is told at the end."""
    places = open_gazetteer(own)
    if sources.review:
        with reachable_database(settings) as url:
            upgrade(url, report)
            with open_chain(url, GazetteerGeocoder(places), online) as chain:
                yield work_here(chain)
            for why in chain.stopped.values():
                report(f"{why}; the rest of the addresses was not asked there")
    elif settings.dask_scheduler:
        yield work_on_cluster(settings.dask_scheduler, places)
    else:
        yield work_in_processes(places, cores())


def _outcomes(table: AddressTable, work: Work, journal: Journal, size: int | None) -> list[Outcome]:
    count = len(table.addresses)
    with click.progressbar(length=count, label="addresses", file=sys.stderr) as bar:
        return geocode_table(table, work, journal, bar.update, size)


def _refused(table: AddressTable, outcomes: Sequence[Outcome]) -> Iterator[str]:
    for row, outcome in enumerate(outcomes):
        if outcome == REFUSED:
            given = (table.addresses[row] or "")[:40]
            yield (
                f"{table.path.name}, row {table.first_row + row}, {table.column} = {given!r}:"
                f" {NO_ADDRESS}"
            )


def _summary(table: AddressTable, outcomes: Sequence[Outcome]) -> str:
    rows = len(outcomes) - len(table.blank)
    placed = sum(outcome.lon is not None for outcome in outcomes)
    doubtful = sum(outcome.needs_review is True for outcome in outcomes)
    return f"{rows} rows, {placed} with a position, {doubtful} need review"
