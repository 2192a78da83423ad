"""What is wrong with a filter."""

import reprlib

from geodata.errors import GeodataError

SHOWN = reprlib.Repr()
SHOWN.maxstring = 60


class InvalidFilterError(GeodataError):
    """A filter that cannot be used: where, what, and what is allowed instead.

    Args:
        place: `character 7` of a text, or the JSON pointer of a member; empty: the whole filter.
        reason: what is wrong there.
    """

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place}: {reason}" if place else reason)
        self.place = place
        self.reason = reason


def shown(value: object) -> str:
    """A value as it was given, cut where it is long."""
    return SHOWN.repr(value)
