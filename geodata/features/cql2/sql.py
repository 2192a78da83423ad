"""SQL of a checked filter: SQLAlchemy elements with bind parameters, no text pasted anywhere."""

from collections.abc import Callable, Mapping
from typing import Any, TypeGuard

from sqlalchemy import (
    Boolean,
    Date,
    DateTime,
    Double,
    FromClause,
    Integer,
    LargeBinary,
    Text,
    and_,
    any_,
    bindparam,
    case,
    func,
    literal_column,
    null,
    or_,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.elements import Grouping
from sqlalchemy.types import TypeEngine

from geodata.database.tables import SRID
from geodata.features.cql2.arithmetic import OPERATIONS, fenced
from geodata.features.cql2.folding import CODE_POINTS, collated
from geodata.features.cql2.functions import FUNCTIONS
from geodata.features.cql2.operators import (
    COMPARISONS,
    CONNECTIVES,
    OPERATORS,
    ORDER,
    TEMPORAL,
    Element,
)
from geodata.features.cql2.tree import Apply, Bind, Expression, Field, Kind, Open

TYPES: Mapping[Kind, TypeEngine[Any]] = {
    Kind.TEXT: Text(),
    Kind.INTEGER: Integer(),
    Kind.NUMBER: Double(),
    Kind.DATE: Date(),
    Kind.TIMESTAMP: DateTime(timezone=True),
    Kind.BOOLEAN: Boolean(),
    Kind.GEOMETRY: LargeBinary(),
}
"""Type of the bind parameter of a value; of a geometry, its WKB."""

EARLIEST = literal_column("'-infinity'::date", Date)
LATEST = literal_column("'infinity'::date", Date)


def clause(expression: Expression, rows: FromClause) -> Element:
    """The SQL of an expression on rows that have the columns of the layer's table.

    Of an interval it is the start, which is NULL if and only if the interval is.
    """
    if isinstance(expression, Field):
        return rows.c[expression.column]
    if isinstance(expression, Bind):
        return _bound(expression)
    if isinstance(expression, Open):
        return LATEST if expression.upper else EARLIEST
    return _applied(expression, rows)


def _bound(bind: Bind) -> Element:
    kind = TYPES[bind.kind]
    value: Element = bindparam(bind.name, type_=ARRAY(kind) if bind.many else kind)
    return func.ST_GeomFromWKB(value, SRID) if bind.kind is Kind.GEOMETRY else value


def _applied(expression: Apply, rows: FromClause) -> Element:
    op = expression.op
    if op in TEMPORAL:
        return _related(expression, rows)
    if op == "interval":
        return _ends(expression, rows)["start"]
    operands = [clause(each, rows) for each in expression.args]
    if op in OPERATIONS:
        return fenced(op, operands[0], operands[1], rows)
    if op in SPECIAL:
        return SPECIAL[op](expression, operands)
    fixed = OPERATORS.get(op) or FUNCTIONS[op].operator
    return fixed.build(*operands)


def _connected(expression: Apply, operands: list[Element]) -> Element:
    return Grouping(CONNECTIVES[expression.op](*operands))


def _compared(expression: Apply, operands: list[Element]) -> Element:
    left, right = operands
    if expression.op in ORDER:
        left = _ordered(expression, left)
    return Grouping(COMPARISONS[expression.op](left, right))


def _between(expression: Apply, operands: list[Element]) -> Element:
    value, low, high = operands
    return Grouping(_ordered(expression, value).between(low, high))


def _ordered(expression: Apply, value: Element) -> Element:
    """Text is ordered by code point, whatever the database's collation."""
    return collated(value, CODE_POINTS) if expression.args[0].kind is Kind.TEXT else value


def _listed(expression: Apply, operands: list[Element]) -> Element:
    """One array of values, so that the number of them is no part of the SQL."""
    value, *items = operands
    listed = expression.args[1]
    if isinstance(listed, Bind) and listed.many:
        return Grouping(value == any_(items[0]))
    return Grouping(or_(*(value == item for item in items)))


def _is_null(_expression: Apply, operands: list[Element]) -> Element:
    return Grouping(operands[0].is_(null()))


SPECIAL: Mapping[str, Callable[[Apply, list[Element]], Element]] = {
    **dict.fromkeys(CONNECTIVES, _connected),
    **dict.fromkeys(COMPARISONS, _compared),
    "between": _between,
    "in": _listed,
    "isnull": _is_null,
}


def _related(expression: Apply, rows: FromClause) -> Element:
    relation = TEMPORAL[expression.op]
    first, second = (_ends(each, rows) for each in expression.args)
    conditions = [COMPARISONS[op](first[one], second[other]) for one, op, other in relation.ends]
    return Grouping(or_(*conditions) if relation.any else and_(*conditions))


def _ends(expression: Expression, rows: FromClause) -> dict[str, Element]:
    """Start and end of a time; an end whose property is NULL is open if the other is known.

    Of an interval without any known end nothing can be said: it is NULL, as the standard's own
    tests want it (Annex A, temporal functions); only `..` says that an end is open.
    """
    if not _is_interval(expression):
        instant = clause(expression, rows)
        return {"start": instant, "end": instant}
    start, end = expression.args
    return {
        "start": _end(start, EARLIEST, end, rows),
        "end": _end(end, LATEST, start, rows),
    }


def _end(end: Expression, bound: Element, other: Expression, rows: FromClause) -> Element:
    if isinstance(end, Bind):
        return clause(end, rows)
    if not isinstance(other, Bind | Open):
        bound = case((clause(other, rows).is_not(null()), bound))
    if isinstance(end, Open):
        return bound
    known = clause(end, rows)
    return known if isinstance(other, Open) else func.coalesce(known, bound)


def _is_interval(expression: Expression) -> TypeGuard[Apply]:
    return expression.kind is Kind.INTERVAL
