"""Dates and timestamps of filters (rules dateInstant and timestampInstant)."""

import re
from datetime import date, datetime

from geodata.features.cql2.error import InvalidFilterError, shown

FULL_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
UTC_TIME = re.compile(FULL_DATE.pattern + r"T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?Z")

OPEN = ".."
"""An open end of an interval."""


def read_date(text: object, place: str) -> date:
    """A day, `YYYY-MM-DD`."""
    if isinstance(text, str) and FULL_DATE.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    raise InvalidFilterError(place, f"{shown(text)} is no date; must be YYYY-MM-DD")


def read_timestamp(text: object, place: str) -> datetime:
    """An instant in UTC, `YYYY-MM-DDThh:mm:ssZ`."""
    if isinstance(text, str) and UTC_TIME.fullmatch(text):
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass
    raise InvalidFilterError(place, f"{shown(text)} is no timestamp; must be YYYY-MM-DDThh:mm:ssZ")


def read_instant(text: object, place: str) -> date | datetime | None:
    """An end of an interval: a day, an instant, or None for `..`."""
    if text == OPEN:
        return None
    if isinstance(text, str) and "T" in text:
        return read_timestamp(text, place)
    return read_date(text, place)
