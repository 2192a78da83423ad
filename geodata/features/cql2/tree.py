"""A checked filter: names resolved, types known, values replaced by bind names.

Two filters of one structure have equal trees, so that SQL compiled for one serves the other.
"""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """Types of values (OGC 21-065r2, 6.3)."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    DATE = "date"
    TIMESTAMP = "timestamp"
    BOOLEAN = "truth value"
    GEOMETRY = "geometry"
    INTERVAL = "interval"

    @property
    def comparable(self) -> "Kind":
        """The type that values are compared as: all numbers are alike."""
        return Kind.NUMBER if self is Kind.INTEGER else self


@dataclass(frozen=True)
class Field:
    """A column of the layer's table."""

    column: str
    kind: Kind


@dataclass(frozen=True)
class Bind:
    """A value given when the query runs, or a list of values."""

    name: str
    kind: Kind
    many: bool = False


@dataclass(frozen=True)
class Open:
    """The open end of an interval: before, or after, every day."""

    upper: bool
    kind: Kind = Kind.DATE


@dataclass(frozen=True)
class Apply:
    """An operator or function on operands."""

    op: str
    args: "tuple[Expression, ...]"
    kind: Kind


Expression = Field | Bind | Open | Apply
