"""Review: addresses that a person has to look at, and what people decided.

A decision is never overwritten: a later one is added, and the last one counts. It also goes into
the cache as the answer of the provider `review`, so that the address asks nobody again.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from math import isfinite

from psycopg.errors import InsufficientPrivilege
from pydantic import TypeAdapter
from sqlalchemy import Connection, Engine, Row, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import DBAPIError

from geodata.audit.ascribe import ascribe
from geodata.database.author import WriteRefusedError
from geodata.errors import GeodataError
from geodata.geocoding.cache import Kept, keep
from geodata.geocoding.candidate import DECIDED, Candidate, Issue
from geodata.geocoding.level import Level
from geodata.geocoding.tables import DECISIONS, OPEN, REVIEW

PLACED, NOT_FOUND = "placed", "not_found"

EXTENT = (115.4, 39.4, 117.6, 41.1)
"""West, south, east, north of Beijing in degrees, CGCS2000."""

ACCURACY_M = (1.0, 100_000.0)

MOST_CHARACTERS = 500

_CANDIDATES = TypeAdapter(tuple[Candidate, ...])


class NoSuchReviewError(GeodataError):
    """No address of that number is or was under review."""


class DecidedMeanwhileError(GeodataError):
    """Somebody else has decided since the reader opened the address."""


class InvalidDecisionError(GeodataError):
    """A decision that cannot be taken, with the field, the value and what is allowed."""

    def __init__(self, field_name: str, value: object, allowed: str) -> None:
        super().__init__(f"{field_name} = {value!r}: {allowed}")
        self.field_name = field_name


@dataclass(frozen=True, kw_only=True)
class Placement:
    """Where a person put an address.

    Args:
        lon: degrees, CGCS2000.
        lat: degrees, CGCS2000.
        level: how fine the place is.
        accuracy_m: metres within which the true place lies.
    """

    lon: float
    lat: float
    level: Level
    accuracy_m: float

    def __post_init__(self) -> None:
        """Refuses what lies outside Beijing: this system places nothing there."""
        west, south, east, north = EXTENT
        for name, value, least, most in (
            ("lon", self.lon, west, east),
            ("lat", self.lat, south, north),
            ("accuracy_m", self.accuracy_m, *ACCURACY_M),
        ):
            if not (isfinite(value) and least <= value <= most):
                raise InvalidDecisionError(name, value, f"must be from {least:g} to {most:g}")


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What a person decided about an address.

    Args:
        placement: None: the address is not to be found.
        by: who decided.
        reason: why.
        at: when; None before it is taken.
    """

    placement: Placement | None
    by: str
    reason: str
    at: datetime | None = None

    def __post_init__(self) -> None:
        """Refuses a decision without its author or its reason."""
        for name, value in (("decided_by", self.by), ("reason", self.reason)):
            if not value.strip() or len(value) > MOST_CHARACTERS or not value.isprintable():
                raise InvalidDecisionError(
                    name, value[:60], f"must have 1 to {MOST_CHARACTERS} characters, on one line"
                )


@dataclass(frozen=True, kw_only=True)
class Entry:
    """An address to look at.

    Args:
        key: normalised address.
        address: as it was asked.
        issues: why a person has to look.
        candidates: best first.
    """

    key: str
    address: str
    issues: tuple[Issue, ...]
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, kw_only=True)
class Item(Entry):
    """An address in the queue, or decided.

    Args:
        id: number in the queue.
        state: `open`, `placed` or `not_found`.
        queued_at: since when.
        decisions: earliest first.
    """

    id: int
    state: str
    queued_at: datetime
    decisions: tuple[Decision, ...] = field(default=())


class Queue:
    """The review queue in the database, for the owner of its schema."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put(self, entries: Iterable[Entry]) -> None:
        """Add addresses; one that waits gets its new candidates, one that is decided stays so."""
        with self._engine.begin() as connection:
            for entry in entries:
                _put(connection, entry)

    def count(self) -> int:
        """Addresses that wait."""
        query = select(func.count()).select_from(REVIEW).where(REVIEW.c.state == OPEN)
        with self._engine.connect() as connection:
            return connection.execute(query).scalar_one()

    def waiting(self, *, after: int = 0, limit: int = 50) -> list[Item]:
        """Addresses that wait, the longest first, from behind a number on."""
        query = (
            select(REVIEW)
            .where(REVIEW.c.state == OPEN, REVIEW.c.id > after)
            .order_by(REVIEW.c.id)
            .limit(limit)
        )
        with self._engine.connect() as connection:
            return [_item(row) for row in connection.execute(query)]

    def get(self, number: int) -> Item:
        """An address with its decisions.

        Raises:
            NoSuchReviewError: there is none of that number.
        """
        with self._engine.connect() as connection:
            return _get(connection, number)

    def decide(self, number: int, decision: Decision, *, seen: int) -> Item:
        """Take a decision and answer the address with it from now on.

        Args:
            number: of the address.
            decision: what was decided.
            seen: decisions that the decider knew of.

        Raises:
            WriteRefusedError: the database lets the decider not decide.
            NoSuchReviewError: there is none of that number.
            InvalidDecisionError: the decider cannot have known of so many.
            DecidedMeanwhileError: there are more decisions than the decider knew of.
        """
        with _refusals(), self._engine.begin() as connection:
            ascribe(connection)
            connection.execute(select(REVIEW).where(REVIEW.c.id == number).with_for_update())
            item = _get(connection, number)
            if seen > len(item.decisions):
                raise InvalidDecisionError("seen", seen, f"must be {len(item.decisions)}")
            if seen < len(item.decisions):
                last = item.decisions[-1]
                raise DecidedMeanwhileError(
                    f"{item.address}: {last.by} decided it meanwhile ({last.reason}); look again"
                )
            connection.execute(insert(DECISIONS).values(_values(number, decision)))
            state = NOT_FOUND if decision.placement is None else PLACED
            connection.execute(update(REVIEW).where(REVIEW.c.id == number).values(state=state))
            keep(connection, DECIDED, _kept(item, decision), None)
            return _get(connection, number)


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        if not isinstance(error.orig, InsufficientPrivilege):
            raise
        raise WriteRefusedError(str(error.orig.diag.message_primary)) from error


def decided(answer: Kept) -> list[Candidate]:
    """The place that a person decided, from the cache; none where the person found none."""
    if not answer.found:
        return []
    part = answer.part
    candidate = Candidate(
        lon=part["lon"],
        lat=part["lat"],
        level=Level(part["level"]),
        accuracy_m=part["accuracy_m"],
        score=1.0,
        name=answer.address,
        provider=DECIDED,
        raw=part,
    )
    return [candidate]


def _put(connection: Connection, entry: Entry) -> None:
    values = {
        "issues": list(entry.issues),
        "candidates": _CANDIDATES.dump_python(
            entry.candidates, mode="json", exclude={"__all__": {"raw"}}
        ),
    }
    added = {
        "address_key": entry.key,
        "address": entry.address,
        "state": OPEN,
        "queued_at": func.now(),
    }
    connection.execute(
        upsert(REVIEW)
        .values(values | added)
        .on_conflict_do_update(
            index_elements=["address_key"], set_=values, where=REVIEW.c.state == OPEN
        )
    )


def _get(connection: Connection, number: int) -> Item:
    row = connection.execute(select(REVIEW).where(REVIEW.c.id == number)).one_or_none()
    if row is None:
        raise NoSuchReviewError(f"no address of number {number} is under review")
    past = select(DECISIONS).where(DECISIONS.c.review == number).order_by(DECISIONS.c.id)
    return _item(row, [_decision(each) for each in connection.execute(past)])


def _item(row: Row[tuple[object, ...]], decisions: Sequence[Decision] = ()) -> Item:
    return Item(
        id=row.id,
        key=row.address_key,
        address=row.address,
        issues=tuple(map(Issue, row.issues)),
        candidates=_CANDIDATES.validate_python(row.candidates),
        state=row.state,
        queued_at=row.queued_at,
        decisions=tuple(decisions),
    )


def _decision(row: Row[tuple[object, ...]]) -> Decision:
    placement = None
    if row.verdict == PLACED:
        placement = Placement(
            lon=row.lon, lat=row.lat, level=Level(row.level), accuracy_m=row.accuracy_m
        )
    return Decision(placement=placement, by=row.decided_by, reason=row.reason, at=row.decided_at)


def _values(number: int, decision: Decision) -> dict[str, object]:
    return {
        "review": number,
        "verdict": NOT_FOUND if decision.placement is None else PLACED,
        "decided_at": func.now(),
        "decided_by": decision.by,
        "reason": decision.reason,
        **_position(decision),
    }


def _position(decision: Decision) -> dict[str, object]:
    place = decision.placement
    if place is None:
        return {}
    return {
        "lon": place.lon,
        "lat": place.lat,
        "level": place.level.value,
        "accuracy_m": place.accuracy_m,
    }


def _kept(item: Item, decision: Decision) -> Kept:
    part = _position(decision) | {"by": decision.by, "reason": decision.reason}
    return Kept(item.key, item.address, decision.placement is not None, part)
