"""Numbers of filters: 32-bit integers, else double precision."""

import math

from geodata.features.cql2.cursor import Cursor
from geodata.features.cql2.error import InvalidFilterError, shown

INTEGER_LIMIT = 2**31
"""PostgreSQL's integer holds what is below it."""


def take_number(cursor: Cursor) -> int | float:
    """A number with its sign, if any (rule signedNumericLiteral)."""
    negative = cursor.at_sign("-")
    if cursor.at_sign("+", "-"):
        cursor.take()
    token = cursor.next
    if token.kind != "number":
        raise cursor.unexpected("a number")
    cursor.take()
    value = read_number(token.text, token.place)
    return -value if negative else value


def read_number(text: str, place: str) -> int | float:
    """A number as it is written; in digits alone it is an integer, if it is small enough."""
    value = float(text)
    if text.isdecimal() and value < INTEGER_LIMIT:
        return int(value)
    return finite(value, place)


def finite(value: int | float, place: str) -> int | float:
    """The number as PostgreSQL takes it.

    Raises:
        InvalidFilterError: beyond double precision.
    """
    if isinstance(value, int) and -INTEGER_LIMIT <= value < INTEGER_LIMIT:
        return value
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if math.isfinite(number):
        return number
    raise InvalidFilterError(place, f"{shown(value)} is beyond the largest number, 1.8e308")
