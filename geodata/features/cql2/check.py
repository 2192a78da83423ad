"""From what is written to what is meant: names, types and values of a filter are checked.

CQL2 leaves it to the server what to do with operands of unlike types (21-065r2, 6.3.3): they are
refused, save that an integer is a number, and a timestamp beside a date is its day in UTC.
"""

from collections.abc import Callable, Mapping, Sequence

import shapely

from geodata.features.cql2.arithmetic import OPERATIONS
from geodata.features.cql2.binding import Bindings, typed
from geodata.features.cql2.error import InvalidFilterError, shown
from geodata.features.cql2.functions import FUNCTIONS
from geodata.features.cql2.geometry import read_geometry
from geodata.features.cql2.keywords import ARRAY_FUNCTIONS
from geodata.features.cql2.limits import MAX_DEPTH, MAX_ITEMS, MAX_NODES, MAX_VERTICES
from geodata.features.cql2.operators import (
    COMPARISONS,
    CONNECTIVES,
    OPERATORS,
    TEMPORAL,
    Operator,
    Signature,
)
from geodata.features.cql2.syntax import Call, Constant, Items, Name, Span, Spatial, Syntax
from geodata.features.cql2.tree import Apply, Bind, Expression, Field, Kind, Open
from geodata.features.crs import Crs
from geodata.features.queryables import ALIASES, queryables
from layers.attribute import Role, ValueType
from layers.layer import Layer

KINDS: Mapping[ValueType | None, Kind] = {
    None: Kind.GEOMETRY,
    ValueType.TEXT: Kind.TEXT,
    ValueType.INTEGER: Kind.INTEGER,
    ValueType.NUMBER: Kind.NUMBER,
    ValueType.DATE: Kind.DATE,
    ValueType.BOOLEAN: Kind.BOOLEAN,
}

INSTANTS = {Kind.DATE, Kind.TIMESTAMP}
UNORDERED = {Kind.GEOMETRY, Kind.INTERVAL}

ARITHMETIC = Signature((Kind.NUMBER, Kind.NUMBER), Kind.NUMBER)


class Checker:
    """Checks one filter of a layer and collects its values.

    Args:
        layer: whose queryables may be named.
        crs: of the geometry literals.
        role: who asks.
    """

    def __init__(self, layer: Layer, crs: Crs, role: Role = Role.PUBLIC) -> None:
        self._layer = layer
        self._crs = crs
        self._fields = {
            each.name: Field(each.column, KINDS[each.type]) for each in queryables(layer, role)
        }
        self._nodes = 0
        self._vertices = 0
        self.bindings = Bindings()

    def condition(self, written: Syntax) -> Expression:
        """The whole filter, which must be true or false.

        Raises:
            InvalidFilterError: at the first fault.
        """
        expression = self.expression(written, 1)
        if expression.kind is not Kind.BOOLEAN:
            described = self.bindings.described(expression)
            raise InvalidFilterError(
                written.place, f"{described} is no condition; compare it with something"
            )
        return expression

    def expression(self, written: Syntax, depth: int) -> Expression:
        """Any expression."""
        self._count(written, depth)
        if isinstance(written, Call):
            return self._call(written, depth)
        if isinstance(written, Name):
            return self._field(written)
        if isinstance(written, Constant):
            return self.bindings.bind_constant(written)
        if isinstance(written, Spatial):
            return self._geometry(written)
        if isinstance(written, Span):
            return self._interval(written, depth)
        raise InvalidFilterError(written.place, "a list may only stand behind IN")

    def _count(self, written: Syntax, depth: int) -> None:
        self._nodes += 1
        if depth > MAX_DEPTH:
            raise InvalidFilterError(written.place, f"nested deeper than {MAX_DEPTH} levels")
        if self._nodes > MAX_NODES:
            raise InvalidFilterError(
                written.place, f"has more than {MAX_NODES} operators, names and values"
            )

    def _field(self, written: Name) -> Field:
        """Requirement /req/basic-cql2/property: a queryable."""
        name = ALIASES.get(written.name, written.name)
        if name not in self._fields:
            raise InvalidFilterError(
                written.place,
                f"layer {self._layer.id!r} has no property {shown(written.name)};"
                f" filters may name {', '.join(self._fields)}",
            )
        return self._fields[name]

    def _geometry(self, written: Spatial) -> Bind:
        shape = read_geometry(written.document, self._crs, written.place)
        self._vertices += int(shapely.get_num_coordinates(shape))
        if self._vertices > MAX_VERTICES:
            raise InvalidFilterError(
                written.place, f"geometries have more than {MAX_VERTICES} vertices"
            )
        return self.bindings.bind(shapely.to_wkb(shape), Kind.GEOMETRY)

    def _interval(self, written: Span, depth: int) -> Apply:
        """Both ends belong to it; days and instants do not mix, so instants become days."""
        start, end = (
            Open(upper) if each is None else self._end(each, depth + 1)
            for upper, each in ((False, written.start), (True, written.end))
        )
        interval = Apply("interval", (start, end), Kind.INTERVAL)
        if len(_instants(interval)) > 1:
            interval = Apply("interval", self._days(interval.args), Kind.INTERVAL)
        self._refuse_backward(interval, written.place)
        return interval

    def _end(self, written: Syntax, depth: int) -> Expression:
        end = self.expression(written, depth)
        if end.kind not in INSTANTS:
            raise InvalidFilterError(
                written.place,
                f"{self.bindings.described(end)} ends no interval; it takes dates, timestamps"
                " and '..'",
            )
        return end

    def _refuse_backward(self, interval: Apply, place: str) -> None:
        ends = [self.bindings.values[each.name] for each in interval.args if isinstance(each, Bind)]
        if len(ends) == 2 and ends[0] > ends[1]:
            raise InvalidFilterError(place, "the interval ends before it starts")

    def _days(self, expressions: Sequence[Expression]) -> tuple[Expression, ...]:
        return tuple(self.bindings.to_days(each) for each in expressions)

    def _call(self, written: Call, depth: int) -> Expression:
        if written.op in SPECIAL:
            return SPECIAL[written.op](self, written, depth)
        if written.op in OPERATIONS:
            return self._fixed(written, ARITHMETIC, depth)
        return self._fixed(written, OPERATORS.get(written.op) or self._function(written), depth)

    def _function(self, written: Call) -> Operator:
        """From the allow-list only."""
        if written.op in ARRAY_FUNCTIONS:
            raise InvalidFilterError(written.place, f"{written.op}: no property is an array")
        if written.op not in FUNCTIONS:
            raise InvalidFilterError(
                written.place,
                f"no function {shown(written.op)}; beside those of CQL2 there are"
                f" {', '.join(FUNCTIONS)}",
            )
        return FUNCTIONS[written.op].operator

    def _fixed(self, written: Call, operator: Signature, depth: int) -> Apply:
        """An operator whose operands have fixed types."""
        operands = self._operands(written, len(operator.arguments), depth + operator.levels - 1)
        for operand, kind, given in zip(operands, operator.arguments, written.args, strict=True):
            if kind not in (operand.kind, operand.kind.comparable):
                described = self.bindings.described(operand)
                raise InvalidFilterError(
                    given.place, f"{written.op} takes a {kind}, not {described}"
                )
        if written.op == "like":
            _check_pattern(written.args[1])
        return Apply(written.op, operands, operator.returns)

    def _operands(self, written: Call, number: int, depth: int) -> tuple[Expression, ...]:
        if len(written.args) != number:
            raise InvalidFilterError(
                written.place, f"{written.op} takes {number} operands, not {len(written.args)}"
            )
        return tuple(self.expression(each, depth + 1) for each in written.args)

    def connective(self, written: Call, depth: int) -> Apply:
        """AND and OR take two or more conditions."""
        if len(written.args) < 2:
            raise InvalidFilterError(written.place, f"{written.op} takes two or more conditions")
        operands = tuple(self.expression(each, depth + 1) for each in written.args)
        for operand, given in zip(operands, written.args, strict=True):
            if operand.kind is not Kind.BOOLEAN:
                described = self.bindings.described(operand)
                raise InvalidFilterError(
                    given.place, f"{written.op} connects conditions; {described} is none"
                )
        return Apply(written.op, operands, Kind.BOOLEAN)

    def comparison(self, written: Call, depth: int) -> Apply:
        """Rule binaryComparisonPredicate."""
        operands = self._alike(written, self._operands(written, 2, depth))
        return Apply(written.op, operands, Kind.BOOLEAN)

    def between(self, written: Call, depth: int) -> Apply:
        """Rule isBetweenPredicate; besides numbers, dates and texts have an order too."""
        operands = self._alike(written, self._operands(written, 3, depth))
        return Apply(written.op, operands, Kind.BOOLEAN)

    def _alike(self, written: Call, operands: tuple[Expression, ...]) -> tuple[Expression, ...]:
        """Operands of one type (/req/basic-cql2/binary-comparison-predicate D)."""
        kinds = {each.kind.comparable for each in operands}
        if kinds == INSTANTS:
            return self._days(operands)
        if len(kinds) > 1 or kinds & UNORDERED:
            names = [self.bindings.described(each) for each in operands]
            raise InvalidFilterError(
                written.place,
                f"{written.op} cannot compare {' with '.join(names)}{_advice(kinds)}",
            )
        return operands

    def membership(self, written: Call, depth: int) -> Apply:
        """Rule isInListPredicate; a list of literals is one value however long it is."""
        if len(written.args) != 2 or not isinstance(written.args[1], Items):
            raise InvalidFilterError(written.place, "in takes a value and a list")
        value, items = self.expression(written.args[0], depth + 1), written.args[1].items
        if not 0 < len(items) <= MAX_ITEMS:
            raise InvalidFilterError(
                written.args[1].place, f"the list has {len(items)} items; allowed are 1-{MAX_ITEMS}"
            )
        constants = [each for each in items if isinstance(each, Constant)]
        if len(constants) == len(items):
            return self._among(written, value, constants)
        listed = tuple(self.expression(each, depth + 1) for each in items)
        return Apply(written.op, self._alike(written, (value, *listed)), Kind.BOOLEAN)

    def _among(self, written: Call, value: Expression, items: list[Constant]) -> Apply:
        days = value.kind is Kind.DATE
        for item in items:
            kind = typed(item)[1]
            if kind.comparable is not value.kind.comparable and not (days and kind in INSTANTS):
                self._alike(written, (value, self.bindings.bind_constant(item)))
        listed = self.bindings.bind_all(items, value.kind)
        return Apply(written.op, (value, listed), Kind.BOOLEAN)

    def nothing(self, written: Call, depth: int) -> Apply:
        """Rule isNullPredicate."""
        return Apply(written.op, self._operands(written, 1, depth), Kind.BOOLEAN)

    def relation(self, written: Call, depth: int) -> Apply:
        """Rule temporalPredicate."""
        operands = self._operands(written, 2, depth)
        for operand, given in zip(operands, written.args, strict=True):
            self._check_time(written, operand, given.place)
        if len(set().union(*(_instants(each) for each in operands))) > 1:
            operands = self._days(operands)
        return Apply(written.op, operands, Kind.BOOLEAN)

    def _check_time(self, written: Call, operand: Expression, place: str) -> None:
        instants = TEMPORAL[written.op].instants
        if operand.kind is Kind.INTERVAL or (instants and operand.kind in INSTANTS):
            return
        allowed = "dates, timestamps and intervals" if instants else "intervals"
        described = self.bindings.described(operand)
        raise InvalidFilterError(place, f"{written.op} takes {allowed}, not {described}")


def _instants(expression: Expression) -> set[Kind]:
    """DATE, TIMESTAMP or both: what a time is made of; an open end fits either."""
    if isinstance(expression, Apply) and expression.op == "interval":
        return set().union(*(_instants(each) for each in expression.args))
    return set() if isinstance(expression, Open) else {expression.kind}


def _check_pattern(written: Syntax) -> None:
    """Rule patternExpression; a lone escape at the end would be an error in PostgreSQL."""
    while isinstance(written, Call) and written.op in ("casei", "accenti"):
        written = written.args[0]
    if not (isinstance(written, Constant) and isinstance(written.value, str)):
        raise InvalidFilterError(
            written.place, "the pattern of like must be a text literal, or casei or accenti of one"
        )
    escapes = len(written.value) - len(written.value.rstrip("\\"))
    if escapes % 2:
        raise InvalidFilterError(
            written.place,
            f"the pattern {shown(written.value)} ends with a lone escape character \\",
        )


def _advice(kinds: set[Kind]) -> str:
    if kinds == {Kind.GEOMETRY}:
        return "; use S_EQUALS and its like"
    if kinds <= INSTANTS | {Kind.INTERVAL}:
        return "; use T_INTERSECTS and its like"
    if Kind.TEXT in kinds and kinds & INSTANTS:
        return "; a date is written DATE('2020-01-31')"
    return ""


SPECIAL: Mapping[str, Callable[[Checker, Call, int], Expression]] = {
    **dict.fromkeys(CONNECTIVES, Checker.connective),
    **dict.fromkeys(COMPARISONS, Checker.comparison),
    **dict.fromkeys(TEMPORAL, Checker.relation),
    "between": Checker.between,
    "in": Checker.membership,
    "isnull": Checker.nothing,
}
