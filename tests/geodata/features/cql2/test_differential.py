"""Random filters on random rows: PostGIS against an evaluator in plain Python and shapely.

The evaluator knows nothing of the code under test: three-valued logic with None for NULL, whole
days as sets, `str.casefold`, `fnmatch`-like patterns by hand, shapely's own predicates.
"""

import json
import math
import operator
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from geodata.features.cql2.filter import Filter, Language
from layers.layer import Geometry

EPOCH = date(2012, 1, 1)
ALPHABET = ("a", "A", "b", "é", "e\u0301", "ß", "ss", "%", "_", "\\", "'", "中", "İ", "ı", "Σ", "ς")

Row = dict[str, Any]
Json = Any


@dataclass(frozen=True)
class Node:
    """An expression: as CQL2 text, as CQL2 JSON, and what it is worth on a row."""

    text: str
    json: Json = field(repr=False)
    of: Callable[[Row], Any] = field(repr=False)


# Operands


def _property(name: str) -> Node:
    return Node(name, {"property": name}, lambda row: row[name])


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def _literal(value: Any) -> Node:
    if isinstance(value, bool):
        return Node(str(value).upper(), value, lambda _: value)
    if isinstance(value, date):
        day = value.isoformat()
        return Node(f"DATE('{day}')", {"date": day}, lambda _: value)
    text = _quoted(value) if isinstance(value, str) else repr(value)
    return Node(text, value, lambda _: value)


def _strict(function: Callable[..., Any], *args: Node) -> Callable[[Row], Any]:
    """NULL where an operand is NULL."""

    def of(row: Row) -> Any:
        values = [each.of(row) for each in args]
        return None if None in values else function(*values)

    return of


def _called(name: str, function: Callable[..., Any], *args: Node) -> Node:
    text = f"{name}({', '.join(each.text for each in args)})"
    op = {"t_finishedby": "t_finishedBy", "t_metby": "t_metBy"}.get(name.lower(), name.lower())
    op = {"t_overlappedby": "t_overlappedBy", "t_startedby": "t_startedBy"}.get(op, op)
    return Node(text, {"op": op, "args": [each.json for each in args]}, _strict(function, *args))


def _infix(op: str, function: Callable[..., Any], left: Node, right: Node) -> Node:
    document = {"op": op, "args": [left.json, right.json]}
    return Node(f"({left.text} {op} {right.text})", document, _strict(function, left, right))


# Numbers: all exact in binary, so that no rounding differs

QUARTERS = st.integers(-20, 20).map(lambda value: value / 4)
LEAF_NUMBERS = st.one_of(
    st.sampled_from([_property("floors"), _property("height")]),
    st.integers(-5, 5).map(_literal),
    QUARTERS.map(_literal),
)


def _divided(left: float, right: float) -> float | None:
    return None if right == 0 else left / right


def _whole(left: float, right: float) -> float | None:
    return None if right == 0 else float(math.trunc(left / right))


def _rest(left: float, right: float) -> float | None:
    return None if right == 0 else math.fmod(left, right)


def _raised(left: float, right: float) -> float | None:
    if (left == 0 and right < 0) or (left < 0 and right != int(right)):
        return None
    return float(left) ** right


ARITHMETIC = [
    ("+", operator.add, LEAF_NUMBERS),
    ("-", operator.sub, LEAF_NUMBERS),
    ("*", operator.mul, LEAF_NUMBERS),
    ("/", _divided, LEAF_NUMBERS),
    ("div", _whole, LEAF_NUMBERS),
    ("%", _rest, LEAF_NUMBERS),
    ("^", _raised, st.integers(-2, 3).map(_literal)),
]


@st.composite
def _arithmetic(draw: st.DrawFn) -> Node:
    op, function, right = draw(st.sampled_from(ARITHMETIC))
    return _infix(op, function, draw(LEAF_NUMBERS), draw(right))


@st.composite
def _sum(draw: st.DrawFn) -> Node:
    op, function = draw(st.sampled_from([("+", operator.add), ("*", operator.mul)]))
    return _infix(op, function, draw(_arithmetic()), draw(LEAF_NUMBERS))


# Texts

TEXT = st.lists(st.sampled_from(ALPHABET), max_size=3).map("".join)
LEAF_TEXTS = st.one_of(
    st.sampled_from([_property("name_zh"), _property("name_en"), _property("id")]),
    TEXT.map(_literal),
)


def _without_accents(text: str) -> str:
    marks = (each for each in unicodedata.normalize("NFD", text))
    return unicodedata.normalize("NFC", "".join(each for each in marks if not _accent(each)))


def _accent(character: str) -> bool:
    return unicodedata.category(character) == "Mn"


FOLDINGS = [("CASEI", str.casefold), ("ACCENTI", _without_accents)]


@st.composite
def _folded(draw: st.DrawFn) -> Node:
    name, function = draw(st.sampled_from([*FOLDINGS, ("lower", str.lower), ("upper", str.upper)]))
    return _called(name, function, draw(LEAF_TEXTS))


TEXTS = st.one_of(LEAF_TEXTS, _folded())
LENGTHS = TEXTS.map(lambda text: _called("char_length", len, text))
NUMBERS = st.one_of(LEAF_NUMBERS, _arithmetic(), _sum(), LENGTHS)


def _matches(text: str, pattern: str) -> bool:
    """LIKE by hand: `%` any characters, `_` one, a backslash takes the next as it is."""
    regex, escaped = "", False
    for character in pattern:
        if escaped or character not in "%_\\":
            regex, escaped = regex + re.escape(character), False
        elif character == "\\":
            escaped = True
        else:
            regex += ".*" if character == "%" else "."
    return re.fullmatch(regex, text, re.DOTALL) is not None


@st.composite
def _like(draw: st.DrawFn) -> Node:
    pattern = draw(TEXT.filter(lambda text: (len(text) - len(text.rstrip("\\"))) % 2 == 0))
    value, written = draw(TEXTS), _literal(pattern)
    if draw(st.booleans()):
        name, function = draw(st.sampled_from(FOLDINGS))
        written = _called(name, function, written)
    document = {"op": "like", "args": [value.json, written.json]}
    of = _strict(_matches, value, written)
    return Node(f"({value.text} LIKE {written.text})", document, of)


# Comparisons

COMPARE = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}

DAYS = st.integers(-1, 9).map(lambda days: EPOCH + timedelta(days=days))
DATE_NAMES = ("built", "as_of", "valid_from", "valid_to")
DATES = st.one_of(st.sampled_from([_property(name) for name in DATE_NAMES]), DAYS.map(_literal))
TRUTHS = st.one_of(st.just(_property("open")), st.booleans().map(_literal))
SCALARS = [NUMBERS, TEXTS, DATES, TRUTHS]


@st.composite
def _comparison(draw: st.DrawFn) -> Node:
    kind = draw(st.sampled_from(SCALARS))
    op = draw(st.sampled_from(sorted(COMPARE)))
    return _infix(op, COMPARE[op], draw(kind), draw(kind))


@st.composite
def _between(draw: st.DrawFn) -> Node:
    kind = draw(st.sampled_from([NUMBERS, DATES, TEXTS]))
    value, low, high = draw(kind), draw(kind), draw(kind)

    def of(row: Row) -> bool | None:
        return _both(_strict(operator.ge, value, low)(row), _strict(operator.le, value, high)(row))

    document = {"op": "between", "args": [value.json, low.json, high.json]}
    return Node(f"({value.text} BETWEEN {low.text} AND {high.text})", document, of)


@st.composite
def _membership(draw: st.DrawFn) -> Node:
    kind = draw(st.sampled_from(SCALARS))
    value, items = draw(kind), draw(st.lists(kind, min_size=1, max_size=4))

    def of(row: Row) -> bool | None:
        result: bool | None = False
        for item in items:
            result = _either(result, _strict(operator.eq, value, item)(row))
        return result

    text = f"({value.text} IN ({', '.join(each.text for each in items)}))"
    return Node(text, {"op": "in", "args": [value.json, [each.json for each in items]]}, of)


# Places

XY = st.tuples(st.integers(-1, 8), st.integers(-1, 8))


def _spatial(shape: Any, text: str | None = None) -> Node:
    return Node(text or shape.wkt, json.loads(shapely.to_geojson(shape)), lambda _: shape)


def _box(corners: list[tuple[int, int]]) -> Node:
    (west, east), (south, north) = (
        sorted(each[0] for each in corners),
        sorted(each[1] for each in corners),
    )
    box = [west, south, east, north]
    return Node(f"BBOX{tuple(box)}", {"bbox": box}, lambda _: _rectangle(*box))


def _rectangle(west: int, south: int, east: int, north: int) -> Any:
    if west == east and south == north:
        return shapely.Point(west, south)
    if west == east or south == north:
        return shapely.LineString([(west, south), (east, north)])
    return shapely.box(west, south, east, north)


def _triangle(corners: list[tuple[int, int]]) -> shapely.Polygon:
    return shapely.Polygon(corners)


PAIRS = st.lists(XY, min_size=2, max_size=2, unique=True)
PLACES = st.one_of(
    st.just(Node("geometry", {"property": "geometry"}, lambda row: row["geometry"])),
    st.just(Node("geom", {"property": "geom"}, lambda row: row["geometry"])),
    XY.map(shapely.Point).map(_spatial),
    PAIRS.map(shapely.LineString).map(_spatial),
    PAIRS.map(shapely.MultiPoint).map(_spatial),
    st.lists(XY, min_size=3, max_size=3, unique=True)
    .map(_triangle)
    .filter(lambda shape: shape.area > 0)
    .map(_spatial),
    st.lists(XY, min_size=2, max_size=2).map(_box),
)

PREDICATES = {
    "S_INTERSECTS": shapely.intersects,
    "S_EQUALS": shapely.equals,
    "S_DISJOINT": shapely.disjoint,
    "S_TOUCHES": shapely.touches,
    "S_WITHIN": shapely.within,
    "S_OVERLAPS": shapely.overlaps,
    "S_CROSSES": shapely.crosses,
    "S_CONTAINS": shapely.contains,
}


@st.composite
def _spatial_predicate(draw: st.DrawFn) -> Node:
    name = draw(st.sampled_from(sorted(PREDICATES)))
    function = PREDICATES[name]
    return _called(name, lambda a, b: bool(function(a, b)), draw(PLACES), draw(PLACES))


# Times: an interval is the set of its days, of which there are few; the open end lies far off

FAR = 400


def _span(start: date | None, end: date | None) -> range:
    first = -FAR if start is None else (start - EPOCH).days
    last = FAR if end is None else (end - EPOCH).days
    return range(first, last + 1)


@st.composite
def _interval(draw: st.DrawFn) -> Node:
    if draw(st.booleans()):
        names = draw(
            st.sampled_from([("valid_from", "valid_to"), ("valid_from", ".."), ("..", "valid_to")])
        )
        texts = [name if name != ".." else "'..'" for name in names]
        ends = [name if name == ".." else {"property": name} for name in names]

        def of(row: Row) -> range | None:
            """Without any end known it is unknown; `..` is no end that is known."""
            known = [row[name] for name in names if name != ".." and row[name] is not None]
            return _span(row.get(names[0]), row.get(names[1])) if known else None

        return Node(f"INTERVAL({', '.join(texts)})", {"interval": ends}, of)
    start, end = sorted(draw(st.lists(DAYS, min_size=2, max_size=2)))
    pair = (draw(st.sampled_from([start, None])), draw(st.sampled_from([end, None])))
    written = [".." if each is None else each.isoformat() for each in pair]
    text = f"INTERVAL('{written[0]}', '{written[1]}')"
    return Node(text, {"interval": written}, lambda _: _span(*pair))


def _as_days(value: date | range) -> range:
    return _span(value, value) if isinstance(value, date) else value


def _inner(one: range, other: range) -> bool:
    """Strictly inside: neither end in common."""
    return one[0] > other[0] and one[-1] < other[-1]


ANY_TIME: dict[str, Callable[[range, range], bool]] = {
    "T_AFTER": lambda a, b: min(a) > max(b),
    "T_BEFORE": lambda a, b: max(a) < min(b),
    "T_DISJOINT": lambda a, b: not set(a) & set(b),
    "T_EQUALS": lambda a, b: set(a) == set(b),
    "T_INTERSECTS": lambda a, b: bool(set(a) & set(b)),
}
INTERVALS: dict[str, Callable[[range, range], bool]] = {
    "T_CONTAINS": lambda a, b: _inner(b, a),
    "T_DURING": _inner,
    "T_FINISHEDBY": lambda a, b: a[-1] == b[-1] and set(a) > set(b),
    "T_FINISHES": lambda a, b: a[-1] == b[-1] and set(a) < set(b),
    "T_MEETS": lambda a, b: a[-1] == b[0],
    "T_METBY": lambda a, b: a[0] == b[-1],
    "T_OVERLAPPEDBY": lambda a, b: b[0] < a[0] < b[-1] < a[-1],
    "T_OVERLAPS": lambda a, b: a[0] < b[0] < a[-1] < b[-1],
    "T_STARTEDBY": lambda a, b: a[0] == b[0] and set(a) > set(b),
    "T_STARTS": lambda a, b: a[0] == b[0] and set(a) < set(b),
}


@st.composite
def _temporal(draw: st.DrawFn) -> Node:
    if draw(st.booleans()):
        name, times = draw(st.sampled_from(sorted(ANY_TIME))), st.one_of(DATES, _interval())
    else:
        name, times = draw(st.sampled_from(sorted(INTERVALS))), _interval()
    function = {**ANY_TIME, **INTERVALS}[name]
    return _called(name, lambda a, b: function(_as_days(a), _as_days(b)), draw(times), draw(times))


# Logic


def _both(one: bool | None, other: bool | None) -> bool | None:
    if one is False or other is False:
        return False
    return None if one is None or other is None else True


def _either(one: bool | None, other: bool | None) -> bool | None:
    if one is True or other is True:
        return True
    return None if one is None or other is None else False


@st.composite
def _nothing(draw: st.DrawFn) -> Node:
    operand = draw(
        st.one_of(NUMBERS, TEXTS, DATES, _interval(), PLACES, _comparison(), _spatial_predicate())
    )
    document = {"op": "isNull", "args": [operand.json]}
    return Node(f"({operand.text} IS NULL)", document, lambda row: operand.of(row) is None)


def _negated(operand: Node) -> Node:
    def of(row: Row) -> bool | None:
        value = operand.of(row)
        return None if value is None else not value

    return Node(f"(NOT {operand.text})", {"op": "not", "args": [operand.json]}, of)


@st.composite
def _connected(draw: st.DrawFn, parts: st.SearchStrategy[Node]) -> Node:
    word, function = draw(st.sampled_from([("AND", _both), ("OR", _either), ("=", None)]))
    left, right = draw(parts), draw(parts)
    if function is None:
        return _infix("=", operator.eq, left, right)
    document = {"op": word.lower(), "args": [left.json, right.json]}

    def of(row: Row) -> bool | None:
        return function(left.of(row), right.of(row))

    return Node(f"({left.text} {word} {right.text})", document, of)


CONDITIONS = st.recursive(
    st.one_of(
        _comparison(),
        _comparison(),
        _between(),
        _membership(),
        _like(),
        _spatial_predicate(),
        _temporal(),
        _nothing(),
        TRUTHS,
    ),
    lambda parts: st.one_of(parts.map(_negated), _connected(parts)),
    max_leaves=4,
)


@settings(
    derandomize=True,
    deadline=None,
    max_examples=800,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(condition=CONDITIONS, geometry=st.sampled_from(Geometry))
def test_postgis_agrees_with_plain_python(
    condition: Node, geometry: Geometry, connection: Connection, samples: dict[Geometry, Any]
) -> None:
    sample = samples[geometry]
    parsed = Filter.parse(sample.layer, condition.text, Language.TEXT)
    assert parsed == Filter.parse(sample.layer, json.dumps(condition.json), Language.JSON)
    query = select(sample.table.c.id, parsed.clause(sample.table))
    with connection.begin_nested():
        found = dict(connection.execute(query, parsed.values).all())
    assert found == {row["id"]: condition.of(row) for row in sample.rows}
