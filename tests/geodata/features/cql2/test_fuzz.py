"""Whatever is given as a filter: it is one, or the error says why not, within a second."""

import json
import time
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Table, select

from geodata.database.statement import compile_statement
from geodata.features.cql2.error import InvalidFilterError
from geodata.features.cql2.filter import Filter, Language
from layers.layer import Layer

FUZZ = settings(
    derandomize=True,
    deadline=None,
    max_examples=800,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

PIECES = [
    *("name_zh", "floors", "height", "open", "built", "geometry", '"id"', "owner", "中文"),
    *("AND", "OR", "NOT", "LIKE", "BETWEEN", "IN", "IS", "NULL", "TRUE", "div", "Z", "EMPTY"),
    *("=", "<>", "<=", "<", "+", "-", "*", "/", "%", "^", "(", ")", ",", "'", '"', "..", ";"),
    *("1", "-1", "0", "1e308", "1e999", ".5", "9" * 400, "'x'", "'..'", r"'\'", "''''", r"'\%'"),
    *("CASEI(", "ACCENTI(", "lower(", "area_m2(", "f(", "pg_sleep(", "A_EQUALS("),
    *("S_INTERSECTS(", "T_DURING(", "T_AFTER(", "INTERVAL(", "BBOX(", "BBOX(1,2,3,4)"),
    *("POINT(1 2)", "POLYGON((0 0,1 0,1 1,0 0))", "MULTIPOINT(1 2)", "GEOMETRYCOLLECTION("),
    *("DATE('2012-01-01')", "DATE('2012-99-01')", "TIMESTAMP('2012-01-01T00:00:00Z')"),
    *(
        "INTERVAL('..','2012-01-01')",
        "\0",
        "\ud800",
        "\u3000",
        "\U0001f600",
        "--",
        "/*",
        "$1",
        "\\",
    ),
]

SENTENCES = st.lists(st.sampled_from(PIECES), max_size=25).map(" ".join)
GLUED = st.lists(st.sampled_from(PIECES), max_size=25).map("".join)
ANYTHING = st.text(st.characters(), max_size=200)

WORDS = st.sampled_from(
    [
        *("op", "args", "property", "date", "timestamp", "interval", "type", "coordinates", "bbox"),
        *("geometries", "Point", "Polygon", "GeometryCollection", "and", "or", "not", "=", "<"),
        *("like", "between", "in", "isNull", "casei", "s_within", "t_during", "t_after", "+", "/"),
        *("^", "name_zh", "floors", "geometry", "2012-01-01", "..", "lower", "a_equals", "\0"),
    ]
)
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), WORDS, st.text())
OBJECTS = st.recursive(
    LEAVES,
    lambda parts: st.one_of(
        st.lists(parts, max_size=4),
        st.dictionaries(WORDS, parts, max_size=3),
        st.fixed_dictionaries({"op": WORDS, "args": st.lists(parts, max_size=3)}),
    ),
    max_leaves=20,
)


def _tried(layer: Layer, table: Table, text: str, language: Language) -> None:
    start = time.thread_time()
    with suppress(InvalidFilterError):
        parsed = Filter.parse(layer, text, language)
        statement = compile_statement(select(table.c.id).where(parsed.clause(table)))
        statement.arguments(parsed.values)
    assert time.thread_time() - start < 1


@FUZZ
@given(text=st.one_of(SENTENCES, GLUED, ANYTHING))
def test_any_text_is_a_filter_or_refused(text: str, sample: tuple[Layer, Table]) -> None:
    _tried(*sample, text, Language.TEXT)


@FUZZ
@given(text=st.one_of(OBJECTS.map(json.dumps), ANYTHING))
def test_any_json_is_a_filter_or_refused(text: str, sample: tuple[Layer, Table]) -> None:
    _tried(*sample, text, Language.JSON)


VALID = (
    "CASEI(name_zh) LIKE casei('%中_\\%') AND NOT (floors + 1 * 2 >= -height OR open = TRUE)"
    " AND S_INTERSECTS(geometry, POLYGON((0 0,1 0,1 1,0 0))) AND built IN (DATE('2012-01-01'))"
    " AND T_DURING(INTERVAL(valid_from, '..'), INTERVAL('2012-01-01', '2013-01-01'))"
)


@FUZZ
@given(data=st.data())
def test_a_filter_with_a_few_characters_changed(
    data: st.DataObject, sample: tuple[Layer, Table]
) -> None:
    text = list(VALID)
    for _ in range(data.draw(st.integers(1, 4))):
        position = data.draw(st.integers(0, len(text) - 1))
        text[position] = data.draw(st.sampled_from(("", *" '\"()\\1é,")))
    _tried(*sample, "".join(text), Language.TEXT)


@pytest.mark.parametrize("length", [1, 20, 22, 30, 33, 1000, 8000])
@pytest.mark.parametrize("unit", [*"(-'\"\\%", "((a=", "NOT ", "f(", "POINT(", "1,"])
def test_endless_repetition_is_refused_at_once(
    unit: str, length: int, sample: tuple[Layer, Table]
) -> None:
    _tried(*sample, unit * (length // len(unit) + 1), Language.TEXT)
