"""Searching the audit, newest first, by key."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, Select, Text, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from geodata.audit.actions import Action, Outcome
from geodata.audit.tables import EVENTS

PAGE = 50
AT_ONCE = 2_000
"""Rows that are fetched at a time for a file."""


@dataclass(frozen=True, kw_only=True)
class Search:
    """What to look for; all that is given must hold.

    Args:
        person: account that acted, or that it concerned.
        action: what was done.
        outcome: how it ended.
        layer: layer concerned.
        feature: id of a feature that is named.
        address: of the client, or how it begins.
        since: not before this instant.
        until: before this instant.
        before: below this event.
    """

    person: str | None = None
    action: Action | None = None
    outcome: Outcome | None = None
    layer: str | None = None
    feature: str | None = None
    address: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None


@dataclass(frozen=True)
class Page:
    """Events, newest first; `next_before` is what to ask for next, None at the end."""

    events: tuple[Row[Any], ...]
    next_before: int | None


def search_page(engine: Engine, search: Search, size: int = PAGE) -> Page:
    """A page of what is found."""
    with engine.connect() as connection:
        rows = connection.execute(query_of(search).limit(size + 1)).all()
    return Page(tuple(rows[:size]), rows[size - 1].id if len(rows) > size else None)


def search_all(connection: Connection, search: Search) -> Iterator[Row[Any]]:
    """All that is found, in constant memory."""
    with connection.execution_options(yield_per=AT_ONCE).execute(query_of(search)) as rows:
        yield from rows


def query_of(search: Search) -> Select[*tuple[Any, ...]]:
    """The events that a search is for."""
    return select(EVENTS).where(*conditions(search)).order_by(EVENTS.c.id.desc())


def conditions(search: Search) -> Sequence[ColumnElement[bool]]:
    """What must hold of an event."""
    columns = EVENTS.c
    wanted: tuple[tuple[object, Any], ...] = (
        (search.person, lambda given: or_(columns.actor == given, columns.subject == given)),
        (search.action, lambda given: columns.action == given.value),
        (search.outcome, lambda given: columns.outcome == given.value),
        (search.layer, lambda given: columns.layer == given),
        (search.feature, lambda given: columns.features.contains(literal([given], ARRAY(Text)))),
        (search.address, lambda given: columns.address.startswith(given, autoescape=True)),
        (search.since, lambda given: columns.at >= given),
        (search.until, lambda given: columns.at < given),
        (search.before, lambda given: columns.id < given),
    )
    return [clause(given) for given, clause in wanted if given is not None]
