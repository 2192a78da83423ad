"""Arithmetic of filters in double precision (OGC 21-065r2, 7.9).

What has no finite value (division by zero, overflow, a root of a negative number) is NULL, so
that no row of the data can break a query; products and quotients nearer to zero than `TINY` are
zero. PostgreSQL would raise an error for each of these.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Double,
    FromClause,
    and_,
    case,
    cast,
    func,
    literal_column,
    null,
    or_,
    select,
)

Element = ColumnElement[Any]
When = tuple[ColumnElement[bool], Element]


def _constant(text: str) -> Element:
    return literal_column(f"{text}::float8", Double)


ZERO, ONE = _constant("0"), _constant("1")
HUGE, TINY = _constant("1e308"), _constant("1e-300")
LARGE = _constant("8e307")
"""Less than half of the largest double: a sum of two such is finite."""

LARGEST_EXPONENT = _constant("1e300")
LARGEST_POWER, SMALLEST_POWER = _constant("709"), _constant("'-690'")
"""Natural logarithms of the largest and smallest power."""


def fenced(op: str, left: Element, right: Element, rows: FromClause) -> Element:
    """The value of an operation.

    The operands are named once, in a subquery behind a fence (OFFSET 0), since every guard looks
    at them again: written out each time, nested operations would grow exponentially.
    """
    named = select(cast(left, Double).label("l"), cast(right, Double).label("r"))
    operands = named.correlate(rows).offset(literal_column("0")).subquery()
    unknown = or_(operands.c.l.is_(null()), operands.c.r.is_(null()))
    whens, value = OPERATIONS[op](operands.c.l, operands.c.r)
    guarded = case((unknown, null()), *whens, else_=value)
    return select(guarded).correlate(rows).scalar_subquery()


def _sum(left: Element, right: Element) -> tuple[tuple[When, ...], Element]:
    return (_large(left, right),), left + right


def _difference(left: Element, right: Element) -> tuple[tuple[When, ...], Element]:
    return (_large(left, right),), left - right


def _product(left: Element, right: Element) -> tuple[tuple[When, ...], Element]:
    a, b = _abs(left), _abs(right)
    return (
        (or_(left == ZERO, right == ZERO), ZERO),
        (and_(a < ONE, b < ONE, a < TINY / b), ZERO),
        (and_(a > ONE, b > HUGE / a), null()),
    ), left * right


def _quotient(left: Element, right: Element) -> tuple[tuple[When, ...], Element]:
    a, b = _abs(left), _abs(right)
    return (
        (right == ZERO, null()),
        (left == ZERO, ZERO),
        (and_(b < ONE, a > HUGE * b), null()),
        (and_(b > ONE, a < TINY * b), ZERO),
    ), left / right


def _whole_quotient(left: Element, right: Element) -> tuple[tuple[When, ...], Element]:
    whens, value = _quotient(left, right)
    return whens, func.trunc(value)


def _remainder(left: Element, right: Element) -> tuple[tuple[When, ...], Element]:
    """Of the sign of the dividend, as in SQL."""
    whens, value = _quotient(left, right)
    small = (and_(_abs(right) > ONE, _abs(left) < TINY * _abs(right)), left)
    return (_large(left, left), *whens[:-1], small), left - right * func.trunc(value)


def _power(left: Element, right: Element) -> tuple[tuple[When, ...], Element]:
    magnitude = right * func.ln(_abs(left), type_=Double)
    return (
        (_abs(right) > LARGEST_EXPONENT, null()),
        (and_(left == ZERO, right < ZERO), null()),
        (and_(left < ZERO, right != func.trunc(right)), null()),
        (or_(left == ZERO, right == ZERO), func.power(left, right)),
        (magnitude > LARGEST_POWER, null()),
        (magnitude < SMALLEST_POWER, ZERO),
    ), func.power(left, right)


def _abs(value: Element) -> Element:
    return func.abs(value, type_=Double)


def _large(left: Element, right: Element) -> When:
    return or_(_abs(left) > LARGE, _abs(right) > LARGE), null()


OPERATIONS: Mapping[str, Callable[[Element, Element], tuple[tuple[When, ...], Element]]] = {
    "+": _sum,
    "-": _difference,
    "*": _product,
    "/": _quotient,
    "%": _remainder,
    "div": _whole_quotient,
    "^": _power,
}
