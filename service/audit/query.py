"""What a search of the audit may ask, as parameters of an address."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request

from geodata.audit.actions import Action, Outcome
from geodata.audit.search import Search
from layers.catalog import CATALOG
from service.parameters import (
    BEIJING,
    FULL_DATE,
    Parameter,
    parse_code,
    parse_instant,
    parse_text,
    read_parameters,
)

LAST = 2**63 - 1
"""Of the numbers that the database gives out."""

OF_EVERY_PAGE = ("lang",)


def parse_since(text: str) -> datetime:
    """An instant, or a day, which means its beginning in Beijing."""
    if FULL_DATE.fullmatch(text):
        return parse_instant(f"{text}T00:00:00+08:00")
    return parse_instant(text)


def parse_until(text: str) -> datetime:
    """An instant, or a day, which means its end in Beijing; what is at it is left out."""
    if FULL_DATE.fullmatch(text):
        day = parse_instant(text).date()
        return datetime.combine(_day_after(day), time.min, BEIJING)
    return parse_instant(text)


def _day_after(day: date) -> date:
    if day == date.max:
        raise ValueError(f"must be before {date.max}")
    return day + timedelta(days=1)


def parse_event(text: str) -> int:
    """The number of an event."""
    if not (text.isascii() and text.isdigit() and len(text) < 20 and 0 < int(text) <= LAST):
        raise ValueError("must be the number of an event")
    return int(text)


TEXT = {"type": "string", "minLength": 1}


def _one_of(name: str, description: str, codes: tuple[str, ...]) -> Parameter:
    return Parameter(
        name, description, {"type": "string", "enum": list(codes)}, partial(parse_code, codes)
    )


SEARCHED = (
    Parameter("person", "Account that acted, or that it concerned", TEXT, parse_text),
    _one_of("action", "What was done", tuple(each.value for each in Action)),
    _one_of("outcome", "How it ended", tuple(each.value for each in Outcome)),
    _one_of("layer", "Layer concerned", tuple(CATALOG.ids)),
    Parameter("feature", "Id of a feature", TEXT, parse_text),
    Parameter("address", "Address of the client, or how it begins", TEXT, parse_text),
    Parameter("since", "Day (Beijing) or instant from which on", TEXT, parse_since),
    Parameter("until", "Day (Beijing) or instant up to which", TEXT, parse_until),
)
BEFORE = Parameter("before", "Events below this number", {"type": "integer"}, parse_event)

READ: dict[str, type] = {"action": Action, "outcome": Outcome}
"""Parameters whose codes are members of an enumeration."""


def search_of(request: Request, allowed: Sequence[Parameter]) -> Search:
    """The search that an address asks for; fields that a form leaves empty do not count.

    Raises:
        UnknownParameterError: a parameter that there is not.
        InvalidParameterError: names the value and what is allowed.
    """
    pairs = [
        (name, value)
        for name, value in request.query_params.multi_items()
        if value.strip() and name not in OF_EVERY_PAGE
    ]
    return read_search(urlencode(pairs).encode(), allowed)


def read_search(query: bytes, allowed: Sequence[Parameter] = SEARCHED) -> Search:
    """The search that a query asks for; errors as :func:`search_of`."""
    values: dict[str, Any] = read_parameters(query, tuple(allowed))
    return Search(**{name: READ.get(name, _same)(value) for name, value in values.items()})


def given_of(request: Request) -> dict[str, str]:
    """What a search was given, as it was written."""
    names = {each.name for each in SEARCHED}
    return {
        name: value.strip()
        for name, value in request.query_params.items()
        if name in names and value.strip()
    }


def _same(value: Any) -> Any:
    return value
