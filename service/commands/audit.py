"""`./zgc audit`: the audit, for whoever runs the service."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import click
import orjson
from sqlalchemy import Engine

from geodata.audit import chain, retention
from geodata.audit.actions import Action
from geodata.audit.ascribe import ascribe
from geodata.audit.asker import asker
from geodata.audit.event import Event, record
from geodata.audit.rows import csv_pieces, json_pieces
from geodata.audit.search import Search, search_all, search_page
from geodata.database.engine import open_engine
from geodata.database.migrate import upgrade
from service.audit.query import read_search
from service.commands.database import reachable_database, report
from service.commands.export import replacing
from service.commands.settings import read_settings
from service.commands.user import show as show_table
from service.errors import InvalidParameterError

PIECES = {".csv": csv_pieces, ".json": json_pieces}
HEAD = re.compile(r"([0-9]{1,18}):([0-9a-f]{64})")

MOST_NAMED = 5
"""Ids in a line of the list; files have them all."""

Asked = Mapping[str, str | None]


@contextmanager
def audited_database() -> Iterator[Engine]:
    """The database of the service, as its owner, its schema up to date."""
    with reachable_database(read_settings()) as url:
        upgrade(url, lambda _: None)
        engine = open_engine(url)
        try:
            yield engine
        finally:
            engine.dispose()


def show(asked: Asked, limit: int) -> None:
    """The newest events that are found."""
    search = _search(asked)
    with audited_database() as engine:
        _tell(engine, Action.READ_AUDIT, asked)
        found = search_page(engine, search, limit)
    show_table(
        ("at", "account", "action", "outcome", "concerns", "layer", "number", "address", "detail"),
        (
            (
                each.at.isoformat(timespec="seconds"),
                each.actor,
                each.action,
                each.outcome,
                each.subject or _named(each.features or ()),
                each.layer,
                each.number,
                each.address,
                orjson.dumps(each.detail).decode(),
            )
            for each in found.events
        ),
    )
    if found.next_before is not None:
        report(f"there are more; --limit {limit} shows the newest")


def _named(ids: Sequence[str]) -> str:
    """The first few of them."""
    return ",".join(ids[:MOST_NAMED]) + (",…" if len(ids) > MOST_NAMED else "")


def export(path: Path, asked: Asked, *, force: bool) -> None:
    """Everything that is found, in a file."""
    pieces = PIECES.get(path.suffix.lower())
    if pieces is None:
        raise click.BadParameter(
            f"{path.name!r} must end in {' or '.join(PIECES)}", param_hint="FILE"
        )
    search = _search(asked)
    with replacing(path, force=force) as file, audited_database() as engine:
        _tell(engine, Action.EXPORT_AUDIT, asked)
        with engine.connect() as connection:
            for piece in pieces(search_all(connection, search)):
                file.write(piece)
    report(f"written: {path}")


def verify(head: str | None) -> bool:
    """Whether the chain holds and the guards stand; tells what does not."""
    known = None if head is None else _head(head)
    with audited_database() as engine:
        chain.seal_all(engine)
        with engine.connect() as connection:
            found = chain.verify(connection, known)
    for finding in found.findings:
        report(finding)
    report(f"{found.events} events in the chain, {found.waiting} wait for a link")
    click.echo(f"{found.head}")
    return not found.findings


def prune() -> None:
    """Delete what is older than the operator wants it kept."""
    days = read_settings().audit_days
    with audited_database() as engine:
        chain.seal_all(engine)
        with engine.begin() as connection:
            ascribe(connection)
            gone = retention.prune(connection, days)
    report(f"{gone} events older than {days} days are deleted")


def _tell(engine: Engine, action: Action, asked: Asked) -> None:
    """Who looks into the audit is in it too."""
    given = {name: value for name, value in asked.items() if value}
    with engine.begin() as connection:
        record(connection, Event(action=action, who=asker(), detail={"search": given}))


def _search(asked: Asked) -> Search:
    given = {name: value for name, value in asked.items() if value}
    try:
        return read_search(urlencode(given).encode())
    except InvalidParameterError as error:
        raise click.UsageError(str(error)) from None


def _head(text: str) -> chain.Head:
    found = HEAD.fullmatch(text)
    if found is None:
        raise click.BadParameter(
            f"{text!r} must be NUMBER:HASH, as ./zgc audit verify prints it", param_hint="--head"
        )
    return chain.Head(int(found[1]), bytes.fromhex(found[2]))
