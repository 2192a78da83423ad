"""Operators as rows: what operands they take, what they give, how PostgreSQL says it."""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, and_, func, not_, or_
from sqlalchemy.sql.elements import Grouping

from geodata.features.cql2.folding import without_accents, without_case
from geodata.features.cql2.tree import Kind

Element = ColumnElement[Any]
Build = Callable[..., Element]


@dataclass(frozen=True)
class Signature:
    """Operands of fixed types.

    Args:
        arguments: type of each operand; a number takes integers too.
        returns: type of the result.
        levels: of nesting that its SQL is worth.
    """

    arguments: tuple[Kind, ...]
    returns: Kind
    levels: int = field(default=1, kw_only=True)


@dataclass(frozen=True)
class Operator(Signature):
    """An operator whose operands have fixed types, and its SQL."""

    build: Build


def _negated(condition: Element) -> Element:
    """Grouped: NOT binds weaker than a comparison or IS NULL around it."""
    return Grouping(not_(condition))


def _like(text: Element, pattern: Element) -> Element:
    """PostgreSQL's own escape character is the backslash, as CQL2's."""
    return Grouping(text.like(pattern))


def _equal(one: Element, other: Element) -> Element:
    """With the box comparison spelled out: PostGIS implies it for one order of operands only."""
    return Grouping(and_(one.op("&&")(other), func.ST_Equals(one, other)))


def _disjoint(one: Element, other: Element) -> Element:
    return Grouping(not_(func.ST_Intersects(one, other)))


CONNECTIVES: Mapping[str, Build] = {"and": and_, "or": or_}

EQUALITY: Mapping[str, Build] = {"=": operator.eq, "<>": operator.ne}

ORDER: Mapping[str, Build] = {
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}

COMPARISONS = {**EQUALITY, **ORDER}

TEXTS: Mapping[str, Operator] = {
    "like": Operator((Kind.TEXT, Kind.TEXT), Kind.BOOLEAN, _like),
    "casei": Operator((Kind.TEXT,), Kind.TEXT, without_case, levels=5),
    "accenti": Operator((Kind.TEXT,), Kind.TEXT, without_accents, levels=3),
}

SPATIAL: Mapping[str, Build] = {
    "s_intersects": func.ST_Intersects,
    "s_equals": _equal,
    "s_disjoint": _disjoint,
    "s_touches": func.ST_Touches,
    "s_within": func.ST_Within,
    "s_overlaps": func.ST_Overlaps,
    "s_crosses": func.ST_Crosses,
    "s_contains": func.ST_Contains,
}
"""Each ST_ function compares bounding boxes in the index first; S_DISJOINT alone cannot."""


@dataclass(frozen=True)
class Relation:
    """How two times must lie (OGC 21-065r2, tables 7 and 8).

    Args:
        ends: end of the first time, comparison, end of the second.
        any: one of them suffices.
        instants: days and instants are allowed, not only intervals.
    """

    ends: tuple[tuple[str, str, str], ...]
    any: bool = False
    instants: bool = False


S, E = "start", "end"

TEMPORAL: Mapping[str, Relation] = {
    "t_after": Relation(((S, ">", E),), instants=True),
    "t_before": Relation(((E, "<", S),), instants=True),
    "t_disjoint": Relation(((E, "<", S), (S, ">", E)), any=True, instants=True),
    "t_equals": Relation(((S, "=", S), (E, "=", E)), instants=True),
    "t_intersects": Relation(((S, "<=", E), (E, ">=", S)), instants=True),
    "t_contains": Relation(((S, "<", S), (E, ">", E))),
    "t_during": Relation(((S, ">", S), (E, "<", E))),
    "t_finishedby": Relation(((S, "<", S), (E, "=", E))),
    "t_finishes": Relation(((S, ">", S), (E, "=", E))),
    "t_meets": Relation(((E, "=", S),)),
    "t_metby": Relation(((S, "=", E),)),
    "t_overlappedby": Relation(((S, ">", S), (S, "<", E), (E, ">", E))),
    "t_overlaps": Relation(((S, "<", S), (E, ">", S), (E, "<", E))),
    "t_startedby": Relation(((S, "=", S), (E, ">", E))),
    "t_starts": Relation(((S, "=", S), (E, "<", E))),
}

OPERATORS: Mapping[str, Operator] = {
    "not": Operator((Kind.BOOLEAN,), Kind.BOOLEAN, _negated),
    **TEXTS,
    **{
        op: Operator((Kind.GEOMETRY, Kind.GEOMETRY), Kind.BOOLEAN, build)
        for op, build in SPATIAL.items()
    },
}
