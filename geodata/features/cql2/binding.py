"""Values of a filter, each under its bind name, and their types."""

from collections.abc import Sequence
from datetime import date, datetime
from itertools import count
from typing import Any

from geodata.features.cql2.error import InvalidFilterError, shown
from geodata.features.cql2.number import finite
from geodata.features.cql2.syntax import Constant, Scalar
from geodata.features.cql2.tree import Apply, Bind, Expression, Field, Kind

KINDS: tuple[tuple[type, Kind], ...] = (
    (bool, Kind.BOOLEAN),
    (str, Kind.TEXT),
    (int, Kind.INTEGER),
    (float, Kind.NUMBER),
    (datetime, Kind.TIMESTAMP),
    (date, Kind.DATE),
)
"""In this order: a bool is an int, a datetime a date."""


class Bindings:
    """Bind names in the order of the values, `f0`, `f1`, ..., and the values."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self._numbers = count()

    def bind(self, value: object, kind: Kind, *, many: bool = False) -> Bind:
        """A value under a name of its own."""
        name = f"f{next(self._numbers)}"
        self.values[name] = value
        return Bind(name, kind, many)

    def bind_constant(self, constant: Constant) -> Bind:
        """A literal."""
        value, kind = typed(constant)
        return self.bind(value, kind)

    def bind_all(self, constants: Sequence[Constant], kind: Kind) -> Bind:
        """A list of literals as one array of a type that fits them all."""
        pairs = [typed(each) for each in constants]
        kinds = {each for _, each in pairs}
        common = kinds.pop() if len(kinds) == 1 else kind.comparable
        values = [_as(value, common) for value, _ in pairs]
        return self.bind(values, common, many=True)

    def to_days(self, expression: Expression) -> Expression:
        """The same with timestamps as days in UTC."""
        if isinstance(expression, Apply) and expression.op == "interval":
            ends = tuple(self.to_days(each) for each in expression.args)
            return Apply("interval", ends, Kind.INTERVAL)
        if isinstance(expression, Bind) and expression.kind is Kind.TIMESTAMP:
            value = self.values[expression.name]
            self.values[expression.name] = _as(value, Kind.DATE)
            return Bind(expression.name, Kind.DATE)
        return expression

    def described(self, expression: Expression) -> str:
        """An operand as messages name it."""
        if isinstance(expression, Bind) and expression.kind is not Kind.GEOMETRY:
            return f"the {expression.kind} {_written(self.values[expression.name])}"
        if isinstance(expression, Apply):
            return f"the {expression.kind} of {expression.op}"
        if isinstance(expression, Field) and expression.kind is not Kind.GEOMETRY:
            return f"the {expression.kind} {expression.column}"
        return f"the {expression.kind}"


def typed(constant: Constant) -> tuple[Scalar, Kind]:
    """A literal and its type.

    Raises:
        InvalidFilterError: a number beyond double precision, or a text that no database holds.
    """
    value = constant.value
    if isinstance(value, str) and "\0" in value:
        raise InvalidFilterError(constant.place, f"{shown(value)} holds the character NUL")
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = finite(value, constant.place)
    return value, next(kind for type_, kind in KINDS if isinstance(value, type_))


def _as(value: object, kind: Kind) -> object:
    if kind is Kind.NUMBER and isinstance(value, int):
        return float(value)
    if kind is Kind.DATE and isinstance(value, datetime):
        return value.date()
    return value


def _written(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else shown(value)
