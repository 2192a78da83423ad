"""A filter as it is written, in text or JSON alike; names and types are not checked yet."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

Scalar = str | int | float | bool | date | datetime


@dataclass(frozen=True, kw_only=True)
class Placed:
    """Something that stands at a place of the text or JSON; the place is no part of its meaning."""

    place: str = field(default="", compare=False)


@dataclass(frozen=True)
class Name(Placed):
    """A property (rule propertyName)."""

    name: str


@dataclass(frozen=True)
class Constant(Placed):
    """A text, number, truth value, date or timestamp (rules characterLiteral and so on)."""

    value: Scalar


@dataclass(frozen=True)
class Spatial(Placed):
    """A geometry as GeoJSON, or `{"bbox": [...]}` (rule spatialInstance)."""

    document: Mapping[str, object]


@dataclass(frozen=True)
class Span(Placed):
    """From the first day or instant to the last; None: open (rule intervalInstance)."""

    start: "Syntax | None"
    end: "Syntax | None"


@dataclass(frozen=True)
class Items(Placed):
    """The list of an IN predicate (rule inList)."""

    items: "tuple[Syntax, ...]"


@dataclass(frozen=True)
class Call(Placed):
    """An operator or function and its operands; names in lower case, as CQL2 JSON has them."""

    op: str
    args: "tuple[Syntax, ...]"


Syntax = Name | Constant | Spatial | Span | Items | Call
