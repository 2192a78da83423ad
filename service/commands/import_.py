"""`./zgc import`: a file into a layer, checked first, all or nothing."""

import getpass
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
from sqlalchemy import Engine

from geodata.database.engine import open_engine
from geodata.geocoding.candidate import Geocoder
from geodata.geocoding.chain import Chain
from geodata.geocoding.gazetteer import open_gazetteer
from geodata.geocoding.geocode import GazetteerGeocoder
from geodata.ingest.addresses import DecidedGeocoder
from geodata.ingest.batch import Loaded
from geodata.ingest.crs import CrsMissingError, CrsUnusableError
from geodata.ingest.file_import import check, load, read
from geodata.ingest.inspection import Checked
from geodata.ingest.mapping import UnknownColumnError
from geodata.ingest.modes import Mode
from geodata.ingest.request import ReadOptions, Request
from geodata.ingest.undo import Undoing, undo_import
from service.commands.database import reachable_database, report
from service.commands.export import parse_layer
from service.commands.settings import read_settings
from service.geocoding.online import OnlineSettings, open_chain, read_online_settings
from service.imports.report import groups, write_report

USAGE_ERRORS = (CrsMissingError, CrsUnusableError, UnknownColumnError)
"""What another option on the command line puts right."""

EXAMPLES = 5
"""Findings of each rule that the terminal shows."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is to be done beside the request itself.

    Args:
        actor: who does it; None: the user of this machine.
        reason: why; None: that the file is imported.
        accept_valid: load rows that passed although others were refused.
        dry_run: do all of it, and take it back.
        report: folder of the report.
        online: ask map providers too where rows are placed by address; doubtful ones are queued.
    """

    actor: str | None
    reason: str | None
    accept_valid: bool
    dry_run: bool
    report: Path | None
    online: bool = False


def request_of(
    layer: str,
    path: Path,
    *,
    mapping: tuple[str, ...],
    constants: tuple[str, ...],
    mode: str,
    crs: str | None,
    pipeline: str | None,
    swap: bool,
    close_rings: bool,
    **reading: Any,
) -> Request:
    """A request as the command line words it; what cannot be one is wrong usage."""
    return Request(
        layer=parse_layer(layer),
        path=path,
        file=path.name,
        read=ReadOptions(**reading),
        mapping=pairs(mapping, "--map"),
        constants=pairs(constants, "--set"),
        crs=crs,
        pipeline=pipeline,
        mode=Mode(mode),
        swap=swap,
        close_rings=close_rings,
    )


def import_file(request: Request, order: Order) -> bool:
    """Import a file; what was found is told, and written to the report's folder.

    Returns:
        Whether every row was taken.

    Raises:
        GeodataError: the file cannot be read, or the database refuses its rows.
        OnlineSettingsError: providers are to be asked, and none is set up.
    """
    online = read_online_settings() if order.online else None
    if online is not None:
        online.require_account()
    with TemporaryDirectory(prefix="zgc-import-") as folder, _database() as (url, engine):
        with _geocoding(url, engine, online) as geocoder:
            checked = _checked(request, engine, Path(folder), geocoder)
        _tell(checked)
        if order.report is not None:
            for path in write_report(request.layer, checked, order.report):
                report(f"written: {path}")
        refused = bool(checked.refused.any()) or checked.ledger.file_refused
        if refused and not (order.accept_valid and checked.accepted.any()):
            report("refused, nothing was written")
            return False
        _report_loaded(request, order, _loaded(request, order, engine, checked))
        return not refused


def undo(number: int, order: Order, *, keep_changed: bool) -> None:
    """Take an import back, as a change of its own.

    Raises:
        GeodataError: no such import, or its rows were changed since.
    """
    undoing = Undoing(
        actor=order.actor or getpass.getuser(),
        reason=order.reason or f"undo of import {number}",
        keep_changed=keep_changed,
    )
    with _database() as (_, engine), engine.connect() as connection:
        loaded = undo_import(connection, number, undoing)
        if not order.dry_run:
            connection.commit()
    report(f"import {number} taken back by import {loaded.import_id}: {_counts(loaded)}")


def pairs(texts: tuple[str, ...], option: str) -> dict[str, str]:
    """`A=B` of an option that may be given several times."""
    found = {}
    for text in texts:
        left, equals, right = text.rpartition("=") if option == "--map" else text.partition("=")
        if not equals or not left:
            raise click.BadParameter(f"{text!r} must be of the form A=B", param_hint=option)
        found[left] = right
    return found


@contextmanager
def _database() -> Iterator[tuple[str, Engine]]:
    with reachable_database(read_settings()) as url:
        engine = open_engine(url)
        try:
            yield url, engine
        finally:
            engine.dispose()


def _checked(
    request: Request, engine: Engine, folder: Path, geocoder: Callable[[], Geocoder]
) -> Checked:
    try:
        source, columns = read(request, folder)
        size = source.table.num_rows
        with (
            engine.connect() as connection,
            click.progressbar(length=size, label="checking", file=sys.stderr) as bar,
        ):
            return check(request, source, columns, connection, folder, geocoder, bar.update)
    except USAGE_ERRORS as error:
        raise click.UsageError(str(error)) from None


@contextmanager
def _geocoding(
    url: str, engine: Engine, online: OnlineSettings | None
) -> Iterator[Callable[[], Geocoder]]:
    """Makes who finds addresses, once it is known that there are any."""
    with ExitStack() as stack:

        def geocoder() -> Geocoder:
            own = read_settings().gazetteer
            places = GazetteerGeocoder(open_gazetteer([own] if own else []))
            if online is None:
                return DecidedGeocoder(engine, places)
            chain = stack.enter_context(open_chain(url, places, online))
            stack.callback(_tell_stopped, chain)
            return chain

        yield geocoder


def _tell_stopped(chain: Chain) -> None:
    for why in chain.stopped.values():
        report(f"{why}; the rest of the addresses was not asked there")


def _loaded(request: Request, order: Order, engine: Engine, checked: Checked) -> Loaded:
    size = int(checked.accepted.sum())
    with click.progressbar(length=size, label="loading", file=sys.stderr) as bar:
        return load(
            engine,
            request,
            checked,
            actor=order.actor or getpass.getuser(),
            reason=order.reason or f"import of {request.file}",
            accept_valid=order.accept_valid,
            dry_run=order.dry_run,
            progress=bar.update,
        )


def _tell(checked: Checked) -> None:
    """What the file was taken for, then the findings, each rule with its first rows."""
    source, columns = checked.source, checked.columns
    facts = ", ".join(f"{name} {value!r}" for name, value in source.facts.items())
    crs = checked.options.crs
    report(f"{source.file}: {source.format}, {int((~checked.blank).sum())} rows; {facts or '-'}")
    report(f"CRS: {crs.name if crs else '-'}; places: {columns.place.encoding}")
    report(f"fields: {', '.join(f'{column!r}={name}' for name, column in columns.fields.items())}")
    for group in groups(checked, most=EXAMPLES):
        rule = group.rule
        report(f"{rule.severity}: {rule.title.en} {rule.title.zh}, {group.count}: {rule.remedy.en}")
        for finding in group.findings:
            report(f"  {finding}")
        if group.count > len(group.findings):
            report(f"  ... and {group.count - len(group.findings)} more")


def _report_loaded(request: Request, order: Order, loaded: Loaded) -> None:
    if order.dry_run:
        report(f"{request.layer.id}: dry run, nothing was written: {_counts(loaded)}")
    else:
        report(f"{request.layer.id}: import {loaded.import_id}: {_counts(loaded)}")


def _counts(loaded: Loaded) -> str:
    return (
        f"{loaded.inserted} inserted, {loaded.updated} updated,"
        f" {loaded.unchanged} unchanged, {loaded.removed} removed"
    )
