"""CQL2 text: precedence, literals and names by the grammar, and what is not of it."""

from datetime import UTC, date, datetime

import pytest

from geodata.features.cql2.error import InvalidFilterError
from geodata.features.cql2.syntax import Call, Constant, Items, Name, Span, Spatial, Syntax
from geodata.features.cql2.text_encoding import parse_text

A, B, C = Name("a"), Name("b"), Name("c")


def call(op: str, *args: Syntax | str | int | float) -> Call:
    return Call(op, tuple(Constant(each) if _plain(each) else each for each in args))


def _plain(value: object) -> bool:
    return isinstance(value, str | int | float)


EXPRESSIONS = [
    # names
    ("a = 1", call("=", A, 1)),
    ('"a" = 1', call("=", A, 1)),
    ('"中文 名" = 1', call("=", Name("中文 名"), 1)),
    ("中文 = 1", call("=", Name("中文"), 1)),
    ("eo:cloud_cover.x = 1", call("=", Name("eo:cloud_cover.x"), 1)),
    (
        "notes = 1 AND inner_x = 2",
        call("and", call("=", Name("notes"), 1), call("=", Name("inner_x"), 2)),
    ),
    ('"order" = "date"', call("=", Name("order"), Name("date"))),
    # numbers
    ("a = -5", call("=", A, -5)),
    ("a = +5", call("=", A, 5)),
    ("a = .5", call("=", A, 0.5)),
    ("a = 5.", call("=", A, 5.0)),
    ("a = 1e3", call("=", A, 1000.0)),
    ("a = 1.5E-3", call("=", A, 0.0015)),
    ("a=3-2", call("=", A, call("-", 3, 2))),
    ("a=3 - -2", call("=", A, call("-", 3, -2))),
    ("-a = 3", call("=", call("*", -1, A), 3)),
    ("a = 2147483648", call("=", A, 2147483648.0)),
    # texts
    ("a = ''", call("=", A, "")),
    ("a = 'it''s'", call("=", A, "it's")),
    (r"a = 'it\'s'", call("=", A, "it's")),
    (r"a = '\t\n\\'", call("=", A, "\t\n\\")),
    (r"a LIKE '\%\_%'", call("like", A, r"\%\_%")),
    ("a = '中文 -- ; \"x\"'", call("=", A, '中文 -- ; "x"')),
    # truth values, dates, intervals
    ("true", Constant(True)),
    ("a = False", call("=", A, False)),
    ("a >= DATE('1970-01-01')", call(">=", A, Constant(date(1970, 1, 1)))),
    (
        "a = timestamp('1969-07-20T20:17:40.5Z')",
        call("=", A, Constant(datetime(1969, 7, 20, 20, 17, 40, 500000, UTC))),
    ),
    (
        "T_DURING(INTERVAL(a, '..'), INTERVAL('..', '2020-01-01'))",
        call("t_during", Span(A, None), Span(None, Constant(date(2020, 1, 1)))),
    ),
    # precedence
    (
        "a=1 OR b=2 AND c=3",
        call("or", call("=", A, 1), call("and", call("=", B, 2), call("=", C, 3))),
    ),
    (
        "(a=1 OR b=2) AND c=3",
        call("and", call("or", call("=", A, 1), call("=", B, 2)), call("=", C, 3)),
    ),
    ("a=1 AND b=2 AND c=3", call("and", call("=", A, 1), call("=", B, 2), call("=", C, 3))),
    ("NOT a=1 AND b=2", call("and", call("not", call("=", A, 1)), call("=", B, 2))),
    ("NOT (a=1 AND b=2)", call("not", call("and", call("=", A, 1), call("=", B, 2)))),
    ("a=1 AND(b=2)", call("and", call("=", A, 1), call("=", B, 2))),
    ("a+b*c = 1", call("=", call("+", A, call("*", B, C)), 1)),
    ("(a+b)*c = 1", call("=", call("*", call("+", A, B), C), 1)),
    ("a-b-c = 1", call("=", call("-", call("-", A, B), C), 1)),
    ("a/b*c = 1", call("=", call("*", call("/", A, B), C), 1)),
    ("a div b % c = 1", call("=", call("%", call("div", A, B), C), 1)),
    ("a*b^2 = 1", call("=", call("*", A, call("^", B, 2)), 1)),
    ("-2^2 = 4", call("=", call("^", -2, 2), 4)),
    ("(a=1) = (b=2)", call("=", call("=", A, 1), call("=", B, 2))),
    # predicates
    ("a IS NULL", call("isnull", A)),
    ("a is not null", call("not", call("isnull", A))),
    ("a NOT LIKE 'x%'", call("not", call("like", A, "x%"))),
    (
        "a BETWEEN -1 AND b+1 AND c=3",
        call("and", call("between", A, -1, call("+", B, 1)), call("=", C, 3)),
    ),
    ("a NOT BETWEEN 1 AND 2", call("not", call("between", A, 1, 2))),
    ("a IN ('x', 'y')", call("in", A, Items((Constant("x"), Constant("y"))))),
    ("a NOT IN (1)", call("not", call("in", A, Items((Constant(1),))))),
    ("CASEI(a) LIKE casei('X%')", call("like", call("casei", A), call("casei", "X%"))),
    ("ACCENTI(CASEI(a)) = b", call("=", call("accenti", call("casei", A)), B)),
    ("f() = g(a, 1)", call("=", call("f"), call("g", A, 1))),
    ("Foo(a = 1)", call("foo", call("=", A, 1))),
    # white space
    ("\u3000a\n=\t1 ", call("=", A, 1)),
]


@pytest.mark.parametrize(("text", "tree"), EXPRESSIONS, ids=[text for text, _ in EXPRESSIONS])
def test_text_is_read_by_the_grammar(text: str, tree: Syntax) -> None:
    assert parse_text(text) == tree


GEOMETRIES = [
    ("POINT(1 -2)", {"type": "Point", "coordinates": [1, -2]}),
    ("point z (1 2 3.5)", {"type": "Point", "coordinates": [1, 2, 3.5]}),
    ("POINT(1 2 3)", {"type": "Point", "coordinates": [1, 2, 3]}),
    ("LINESTRING(1 2, 3 4)", {"type": "LineString", "coordinates": [[1, 2], [3, 4]]}),
    (
        "POLYGON((0 0,9 0,9 9,0 0),(5 1,6 1,6 2,5 1))",
        {
            "type": "Polygon",
            "coordinates": [[[0, 0], [9, 0], [9, 9], [0, 0]], [[5, 1], [6, 1], [6, 2], [5, 1]]],
        },
    ),
    ("MULTIPOINT((1 2), (3 4))", {"type": "MultiPoint", "coordinates": [[1, 2], [3, 4]]}),
    ("MULTIPOINT(1 2, 3 4)", {"type": "MultiPoint", "coordinates": [[1, 2], [3, 4]]}),
    ("MULTILINESTRING((1 2, 3 4))", {"type": "MultiLineString", "coordinates": [[[1, 2], [3, 4]]]}),
    (
        "MULTIPOLYGON(((0 0,9 0,9 9,0 0)))",
        {"type": "MultiPolygon", "coordinates": [[[[0, 0], [9, 0], [9, 9], [0, 0]]]]},
    ),
    (
        "GEOMETRYCOLLECTION(POINT(1 2), LINESTRING(1 2, 3 4))",
        {
            "type": "GeometryCollection",
            "geometries": [
                {"type": "Point", "coordinates": [1, 2]},
                {"type": "LineString", "coordinates": [[1, 2], [3, 4]]},
            ],
        },
    ),
    ("BBOX(-1, -2, 3, 4)", {"bbox": [-1, -2, 3, 4]}),
    ("BBOX(1, 2, 0, 3, 4, 9)", {"bbox": [1, 2, 0, 3, 4, 9]}),
]


@pytest.mark.parametrize(("text", "document"), GEOMETRIES, ids=[text for text, _ in GEOMETRIES])
def test_geometries_are_read_into_geojson(text: str, document: dict[str, object]) -> None:
    assert parse_text(f"S_INTERSECTS(a, {text})") == call("s_intersects", A, Spatial(document))


FAULTS = [
    ("a =", "character 4: expected a value, a property, a function or '(', found the end"),
    ("a = 1 b", "character 7: expected AND, OR or the end, found 'b'"),
    ("a = b = c", "character 7: expected AND, OR or the end, found '='"),
    ("(a = 1", "character 7: expected ')', found the end"),
    ("a = 1)", "character 6: expected AND, OR or the end, found ')'"),
    ("a = 'x", "character 5: the text literal is not closed"),
    ('"a = 1', "character 1: the quoted name is not closed"),
    ("a = 1; DROP", "character 6: unexpected ';'"),
    ("a == 1", "character 4: expected a value, a property, a function or '(', found '='"),
    ("a != 1", "character 3: unexpected '!'"),
    ("a = '1' -- 'x'", "character 12: a sign may only precede a number"),
    ("a = +b", "character 6: expected a number, found 'b'"),
    ("a = -'x'", "character 6: a sign may only precede a number"),
    ("a = 2^3^2", "character 8: expected parentheses around one of the powers, found '^'"),
    ("a IS 1", "character 6: expected NULL, found '1'"),
    ("a NOT 1", "character 7: expected LIKE or BETWEEN or IN, found '1'"),
    ("a IN 1", "character 6: expected '(', found '1'"),
    ("a IN ()", "character 7: expected a value, a property, a function or '(', found ')'"),
    ("a BETWEEN 1 OR 2", "character 13: expected AND, found 'OR'"),
    ("a = NULL", "character 5: NULL is a word of CQL2"),
    (
        "date = 1",
        'as a property name it must be quoted: "date"',
    ),
    ("a = 1 AND AND b = 2", "character 11: AND is a word of CQL2"),
    ("a > DATE('2020-02-30')", "character 5: '2020-02-30' is no date; must be YYYY-MM-DD"),
    ("a > DATE('20200101')", "character 5: '20200101' is no date"),
    ("a > DATE(b)", "character 10: expected a text literal, found 'b'"),
    (
        "a > TIMESTAMP('2020-01-01')",
        "character 5: '2020-01-01' is no timestamp; must be YYYY-MM-DDThh:mm:ssZ",
    ),
    ("a > TIMESTAMP('2020-01-01T00:00:00+08:00')", "is no timestamp"),
    ("T_DURING(INTERVAL('x','..'),b)", "character 19: 'x' is no date"),
    ("a = 1e999", "character 5: inf is beyond the largest number"),
    ("S_INTERSECTS(a, POINT EMPTY)", "character 17: POINT is a word of CQL2"),
    ("S_INTERSECTS(a, POINT(1))", "character 24: expected a number, found ')'"),
    ("S_INTERSECTS(a, POINT(1 x))", "character 25: expected a number, found 'x'"),
    ("S_INTERSECTS(a, SRID=4326;POINT(1 2))", "character 26: unexpected ';'"),
    (
        "S_INTERSECTS(a, GEOMETRYCOLLECTION(GEOMETRYCOLLECTION(POINT(1 2))))",
        "character 36: expected one of POINT, LINESTRING",
    ),
    ("A_CONTAINS(a, ('x'))", "character 1: A_CONTAINS: no property is an array"),
]


@pytest.mark.parametrize(("text", "message"), FAULTS, ids=[text for text, _ in FAULTS])
def test_faults_are_named_with_their_place(text: str, message: str) -> None:
    with pytest.raises(InvalidFilterError) as caught:
        parse_text(text)
    assert message in str(caught.value)
