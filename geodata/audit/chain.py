"""The chain: what makes it show that an event was changed or taken away, whoever did it.

Each link's hash is SHA-256 of the former link's hash and the text of its event. Links are added
behind the events, every few seconds by one process at a time, so that nobody who writes an event
waits for another. Who owns the database could make the whole chain anew; whoever keeps a head
(number and hash) elsewhere sees that too.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    FromClause,
    Row,
    Select,
    Text,
    case,
    cast,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
)

from geodata.audit.actions import Action
from geodata.audit.guards import SEALING
from geodata.audit.standing import standing
from geodata.audit.tables import EVENTS, LINKS, UNSEALED

SEALED = (
    "id",
    "at",
    "login",
    "action",
    "outcome",
    "actor",
    "role",
    "address",
    "subject",
    "layer",
    "features",
    "number",
    "times",
    "detail",
)
"""Columns in the text of an event, in order: another list would not fit the links there are."""

AT_ONCE = 10_000
MOST_SHOWN = 20
LATE_MINUTES = 60
"""Minutes after which an event without a link is a finding."""


class Head(NamedTuple):
    """The last link: its number from 1, and its hash."""

    number: int
    hash: bytes

    def __str__(self) -> str:
        return f"{self.number}:{self.hash.hex()}"


EMPTY = Head(0, b"")


@dataclass(frozen=True)
class Verified:
    """What a look at the whole chain found.

    Args:
        head: the last link.
        events: how many events have one.
        waiting: how many wait for one.
        findings: what is wrong, at most `MOST_SHOWN`; empty: nothing.
    """

    head: Head
    events: int
    waiting: int
    findings: tuple[str, ...]


def line(events: FromClause) -> ColumnElement[str]:
    """The text of an event that its link's hash is of; times in UTC."""
    return cast(func.jsonb_build_array(*(events.c[name] for name in SEALED)), Text)


def next_hash(former: bytes, text: str) -> bytes:
    """The hash of the link behind another."""
    return hashlib.sha256(former + text.encode()).digest()


def seal(connection: Connection, most: int = AT_ONCE) -> int:
    """Give links to events that have none: how many; none where somebody else does at this moment.

    The owner's work, in a transaction of its own.
    """
    if not connection.scalar(select(func.pg_try_advisory_xact_lock(SEALING))):
        return 0
    _in_utc(connection)
    oldest = select(UNSEALED.c.event).order_by(UNSEALED.c.event).limit(most)
    taken = delete(UNSEALED).where(UNSEALED.c.event.in_(oldest)).returning(UNSEALED.c.event)
    ids = sorted(connection.scalars(taken))
    if not ids:
        return 0
    found = connection.execute(
        select(EVENTS.c.id, line(EVENTS)).where(EVENTS.c.id.in_(ids)).order_by(EVENTS.c.id)
    )
    links = list(_linked(present_head(connection), found))
    if links:
        connection.execute(insert(LINKS), links)
    return len(links)


def seal_all(engine: Engine) -> None:
    """Give a link to every event that is there, some thousands in a transaction."""
    sealed = AT_ONCE
    while sealed == AT_ONCE:
        with engine.begin() as connection:
            sealed = seal(connection)


def present_head(connection: Connection) -> Head:
    """The last link; where all were pruned the last one that was."""
    row = connection.execute(
        select(LINKS.c.number, LINKS.c.hash).order_by(LINKS.c.number.desc()).limit(1)
    ).one_or_none()
    return _pruned_head(connection) if row is None else Head(row.number, bytes(row.hash))


def verify(connection: Connection, known: Head | None = None) -> Verified:
    """Go along the whole chain.

    Args:
        connection: as the owner.
        known: a head that was written down before.
    """
    _in_utc(connection)
    walk = _Walk(_start(connection), known)
    with connection.execution_options(yield_per=AT_ONCE).execute(_links_with_lines()) as rows:
        for row in rows:
            walk.step(row)
    walk.end()
    waiting = connection.scalar(select(func.count()).select_from(UNSEALED)) or 0
    findings = (*walk.findings, *_unlinked(connection), *standing(connection))
    return Verified(walk.head, walk.events, waiting, findings[:MOST_SHOWN])


class _Walk:
    """Goes from link to link."""

    def __init__(self, start: Head, known: Head | None) -> None:
        self.head, self.events = start, 0
        self.findings: list[str] = []
        self._known = known
        self._seen = known is None or known == start

    def step(self, row: Row[int, int, bytes, str | None]) -> None:
        number, event, given, text = row[0], row[1], bytes(row[2]), row[3]
        if number != self.head.number + 1:
            self._find(f"links {self.head.number + 1} to {number - 1} are missing")
        elif text is None:
            self._find(f"link {number}: its event {event} is gone")
        elif next_hash(self.head.hash, text) != given:
            self._find(f"link {number}: event {event} is not what was written")
        self.head, self.events = Head(number, given), self.events + 1
        self._seen = self._seen or self.head == self._known

    def end(self) -> None:
        if not self._seen:
            self._find(f"the chain does not lead through {self._known}")

    def _find(self, what: str) -> None:
        if len(self.findings) < MOST_SHOWN:
            self.findings.append(what)


def _links_with_lines() -> Select[int, int, bytes, str]:
    joined = LINKS.outerjoin(EVENTS, EVENTS.c.id == LINKS.c.event)
    text = case((EVENTS.c.id.is_not(None), line(EVENTS)))
    return (
        select(LINKS.c.number, LINKS.c.event, LINKS.c.hash, text)
        .select_from(joined)
        .order_by(LINKS.c.number)
    )


def _linked(head: Head, found: Iterable[Row[int, str]]) -> Iterator[dict[str, object]]:
    for row in found:
        head = Head(head.number + 1, next_hash(head.hash, row[1]))
        yield {"number": head.number, "event": row[0], "hash": head.hash}


def _start(connection: Connection) -> Head:
    """Where the first link begins: behind nothing, or behind what was pruned."""
    first = connection.scalar(select(func.min(LINKS.c.number)))
    if first is None:
        return _pruned_head(connection)
    before = EVENTS.c.detail["number"].astext == str(first - 1)
    return EMPTY if first == 1 else _pruned_head(connection, before)


def _pruned_head(connection: Connection, *which: ColumnElement[bool]) -> Head:
    """The last link that was pruned, as the audit itself tells."""
    query = (
        select(EVENTS.c.detail)
        .where(EVENTS.c.action == Action.AUDIT_PRUNED.value, *which)
        .order_by(EVENTS.c.id.desc())
        .limit(1)
    )
    detail = connection.scalar(query)
    return EMPTY if detail is None else Head(detail["number"], bytes.fromhex(detail["hash"]))


def _unlinked(connection: Connection) -> Iterator[str]:
    """Events that are kept out of the chain."""
    late = func.now() - func.make_interval(0, 0, 0, 0, 0, LATE_MINUTES)
    waits = exists().where(UNSEALED.c.event == EVENTS.c.id)
    query = (
        select(EVENTS.c.id)
        .where(~exists().where(LINKS.c.event == EVENTS.c.id), or_(~waits, EVENTS.c.at < late))
        .order_by(EVENTS.c.id)
        .limit(MOST_SHOWN)
    )
    for number in connection.scalars(query):
        yield f"event {number} is not in the chain"


def _in_utc(connection: Connection) -> None:
    connection.execute(select(func.set_config("timezone", "UTC", True)))
