"""A filter of a layer: its SQL and values, and what is refused with which words."""

from datetime import UTC, date, datetime

import pytest
import shapely
from sqlalchemy import Table, select

from geodata.database.statement import compile_statement
from geodata.features.cql2.error import InvalidFilterError
from geodata.features.cql2.filter import Filter, Language
from geodata.features.crs import CRS84, find_crs
from layers.layer import Layer

POINT = shapely.to_wkb(shapely.Point(116, 40))
BOX = shapely.to_wkb(shapely.box(116, 39, 117, 40))
FOLDED = (
    '(translate(lower(upper(lower(translate({}, {}, {}) COLLATE "und-x-icu")'
    ' COLLATE "und-x-icu") COLLATE "und-x-icu"), {}, {}) COLLATE "C")'
)

GIVEN = [
    ("name_zh = '中文'", "(t.name_zh = $1::VARCHAR)", ["中文"]),
    ("floors <> 3", "(t.floors != $1::INTEGER)", [3]),
    ("height >= 2.5", "(t.height >= $1::FLOAT)", [2.5]),
    ("5 < floors", "($1::INTEGER < t.floors)", [5]),
    ("floors = height", "(t.floors = t.height)", []),
    ("floors = 3000000000", "(t.floors = $1::FLOAT)", [3e9]),
    ("open = TRUE", "(t.open = $1::BOOLEAN)", [True]),
    ("open", "t.open", []),
    ("built < DATE('2012-01-01')", "(t.built < $1::DATE)", [date(2012, 1, 1)]),
    (
        "built = TIMESTAMP('2012-01-01T23:59:59Z')",
        "(t.built = $1::DATE)",
        [date(2012, 1, 1)],
    ),
    (
        "TIMESTAMP('2012-01-01T00:00:00Z') < TIMESTAMP('2012-01-01T00:00:01Z')",
        "($1::TIMESTAMP WITH TIME ZONE < $2::TIMESTAMP WITH TIME ZONE)",
        [datetime(2012, 1, 1, tzinfo=UTC), datetime(2012, 1, 1, 0, 0, 1, tzinfo=UTC)],
    ),
    ("name_zh > 'a'", '((t.name_zh COLLATE "C") > $1::VARCHAR)', ["a"]),
    ("name_zh LIKE 'a\\%%'", "(t.name_zh LIKE $1::VARCHAR)", ["a\\%%"]),
    ("floors BETWEEN 1 AND 2", "(t.floors BETWEEN $1::INTEGER AND $2::INTEGER)", [1, 2]),
    ("floors IN (1, 2, 3)", "(t.floors = ANY ($1::INTEGER[]))", [[1, 2, 3]]),
    ("floors IN (1, 2.5)", "(t.floors = ANY ($1::DOUBLE PRECISION[]))", [[1.0, 2.5]]),
    ("name_en IN ('a', 'b')", "(t.name_en = ANY ($1::TEXT[]))", [["a", "b"]]),
    (
        "built IN (DATE('2012-01-01'), TIMESTAMP('2012-01-02T10:00:00Z'))",
        "(t.built = ANY ($1::DATE[]))",
        [[date(2012, 1, 1), date(2012, 1, 2)]],
    ),
    ("floors IN (1, height)", "(t.floors = $1::INTEGER OR t.floors = t.height)", [1]),
    ("floors IS NULL", "(t.floors IS NULL)", []),
    ("geometry IS NOT NULL", "(NOT (t.geom IS NULL))", []),
    (
        "NOT open = TRUE AND (floors = 1 OR floors = 2)",
        "((NOT (t.open = $1::BOOLEAN)) AND ((t.floors = $2::INTEGER) OR (t.floors = $3::INTEGER)))",
        [True, 1, 2],
    ),
    (
        "S_INTERSECTS(geom, POINT(116 40))",
        "ST_Intersects(t.geom, ST_GeomFromWKB($1::BYTEA, 4490))",
        [POINT],
    ),
    (
        "S_DISJOINT(BBOX(116, 39, 117, 40), geometry)",
        "(NOT ST_Intersects(ST_GeomFromWKB($1::BYTEA, 4490), t.geom))",
        [BOX],
    ),
    (
        "T_BEFORE(INTERVAL('2012-01-01', valid_to), DATE('2013-01-01'))",
        "(coalesce(t.valid_to, 'infinity'::date) < $1::DATE)",
        [date(2013, 1, 1)],
    ),
    (
        "T_BEFORE(INTERVAL(valid_from, valid_to), DATE('2013-01-01'))",
        "(coalesce(t.valid_to, CASE WHEN (t.valid_from IS NOT NULL) THEN 'infinity'::date END)"
        " < $1::DATE)",
        [date(2013, 1, 1)],
    ),
    (
        "T_BEFORE(INTERVAL(valid_from, '..'), DATE('2013-01-01'))",
        "(CASE WHEN (t.valid_from IS NOT NULL) THEN 'infinity'::date END < $1::DATE)",
        [date(2013, 1, 1)],
    ),
    (
        "T_DURING(INTERVAL('..', '..'), INTERVAL('2012-01-01T10:00:00Z', '2013-01-01'))",
        "('-infinity'::date > $1::DATE AND 'infinity'::date < $2::DATE)",
        [date(2012, 1, 1), date(2013, 1, 1)],
    ),
    ("area_m2(geometry) > 10", "(ST_Area(geography(t.geom)) > $1::INTEGER)", [10]),
    ("char_length(name_zh) = 2", "(char_length(t.name_zh) = $1::INTEGER)", [2]),
]


def _sql(layer: Layer, table: Table, text: str, language: Language) -> tuple[str, list[object]]:
    parsed = Filter.parse(layer, text, language)
    rows = table.alias("t")
    statement = compile_statement(select(rows.c.id).where(parsed.clause(rows)))
    where = statement.sql.partition("WHERE ")[2].replace(", $2::INTEGER)", ", 4490)")
    return where, [parsed.values[name] for name in statement.parameters if name in parsed.values]


@pytest.mark.parametrize(("text", "sql", "values"), GIVEN, ids=[text for text, *_ in GIVEN])
def test_a_filter_becomes_sql_with_bind_parameters(
    text: str, sql: str, values: list[object], sample: tuple[Layer, Table]
) -> None:
    assert _sql(*sample, text, Language.TEXT) == (sql, values)


def test_bind_names_follow_the_order_of_the_values(sample: tuple[Layer, Table]) -> None:
    text = "floors = 1 AND name_zh IN ('a', 'b') OR height > 2.5"
    parsed = Filter.parse(sample[0], text, Language.TEXT)
    assert parsed.values == {"f0": 1, "f1": ["a", "b"], "f2": 2.5}


SAME = [
    ("floors = 1", "floors = 2"),
    ("name_zh IN ('a')", "name_zh IN ('b', 'c', 'd')"),
    ("S_WITHIN(geom, BBOX(1,2,3,4))", "S_WITHIN(geometry, POLYGON((0 0,1 0,1 1,0 0)))"),
    ("built > DATE('2012-01-01')", "built > TIMESTAMP('2013-01-01T00:00:00Z')"),
]

OTHER = [
    ("floors = 1", "floors <> 1"),
    ("floors = 1", "height = 1"),
    ("floors = 1", "floors = 1.5"),
    ("floors = 1", "NOT floors = 1"),
    (
        "T_AFTER(built, INTERVAL('..', '2012-01-01'))",
        "T_AFTER(built, INTERVAL('2012-01-01', '..'))",
    ),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_filters_that_differ_in_values_share_their_shape(
    one: str, other: str, sample: tuple[Layer, Table]
) -> None:
    first, second = (Filter.parse(sample[0], text, Language.TEXT) for text in (one, other))
    assert first.shape == second.shape
    assert hash(first.shape) == hash(second.shape)


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_filters_of_other_structure_have_other_shapes(
    one: str, other: str, sample: tuple[Layer, Table]
) -> None:
    first, second = (Filter.parse(sample[0], text, Language.TEXT) for text in (one, other))
    assert first.shape != second.shape


def test_json_and_text_give_the_same_filter(sample: tuple[Layer, Table]) -> None:
    text = (
        "CASEI(name_zh) LIKE CASEI('A%') AND"
        " T_METBY(INTERVAL(valid_from, valid_to), INTERVAL('..', '2012-01-01'))"
    )
    document = (
        '{"op":"and","args":[{"op":"like","args":[{"op":"casei","args":[{"property":"name_zh"}]},'
        '{"op":"casei","args":["A%"]}]},{"op":"t_metBy","args":[{"interval":[{"property":'
        '"valid_from"},{"property":"valid_to"}]},{"interval":["..","2012-01-01"]}]}]}'
    )
    layer = sample[0]
    assert Filter.parse(layer, document, Language.JSON) == Filter.parse(layer, text, Language.TEXT)


REFUSED = [
    ("", "the filter is empty"),
    (
        "flors = 1",
        "has no property 'flors'; filters may name id, geometry, name_zh",
    ),
    ("owner = 'x'", "has no property 'owner'"),
    ("feature = 'x'", "has no property 'feature'"),
    ("recorded_by = 'x'", "has no property 'recorded_by'"),
    ("floors", "the integer floors is no condition; compare it with something"),
    ("floors = 'x'", "character 8: = cannot compare the integer floors with the text 'x'"),
    ("built = '2012-01-01'", "a date is written DATE('2020-01-31')"),
    ("built > 2012", "cannot compare the date built with the integer 2012"),
    ("geometry = geometry", "use S_EQUALS and its like"),
    ("INTERVAL(built, '..') = built", "use T_INTERSECTS and its like"),
    ("floors AND open", "character 1: and connects conditions; the integer floors is none"),
    ("NOT floors", "character 5: not takes a truth value, not the integer floors"),
    ("floors LIKE '1%'", "character 1: like takes a text, not the integer floors"),
    ("name_zh LIKE name_en", "the pattern of like must be a text literal"),
    ("name_zh LIKE lower('x')", "the pattern of like must be a text literal"),
    (r"name_zh LIKE 'x\\'", r"ends with a lone escape character"),
    ("floors IN (1, 'x')", "in cannot compare the integer floors with the text 'x'"),
    ("floors IN (1, name_zh)", "in cannot compare"),
    ("floors BETWEEN 1 AND 'x'", "between cannot compare"),
    ("floors + 'x' = 1", "character 10: + takes a number, not the text 'x'"),
    ("'1' -- floors = 1", "character 1: - takes a number, not the text '1'"),
    ("CASEI(floors) = 'x'", "casei takes a text, not the integer floors"),
    ("CASEI(name_zh, name_en) = 'x'", "casei takes 1 operands, not 2"),
    ("S_INTERSECTS(geometry)", "s_intersects takes 2 operands, not 1"),
    ("S_INTERSECTS(geometry, name_zh)", "s_intersects takes a geometry, not the text name_zh"),
    (
        "T_AFTER(built, name_zh)",
        "takes dates, timestamps and intervals, not the text",
    ),
    (
        "T_DURING(built, INTERVAL('2012-01-01', '..'))",
        "takes intervals, not the date",
    ),
    ("T_AFTER(built, INTERVAL('2013-01-01', '2012-01-01'))", "the interval ends before it starts"),
    ("T_AFTER(built, INTERVAL(floors, '..'))", "the integer floors ends no interval"),
    (
        "pg_sleep(10) = 1",
        "no function 'pg_sleep'; beside those of CQL2 there are",
    ),
    ("name_zh = pg_read_file('/etc/passwd')", "no function 'pg_read_file'"),
    ("st_buffer(geometry, 1) IS NULL", "no function 'st_buffer'"),
    ("name_zh = 'a\0b'", "holds the character NUL"),
    ("name_zh IN ('a\0b')", "holds the character NUL"),
    ("name_zh = '\ud800'", "half a surrogate pair is no character"),
    (
        "S_WITHIN(geom, POLYGON((0 0,1 1,0 1,1 0,0 0)))",
        "the geometry is invalid: Self-intersection",
    ),
    ("S_WITHIN(geom, POLYGON((0 0,1 1,0 1,1 0)))", "has an open ring"),
    ("S_WITHIN(geom, POINT(200 10))", "the geometry reaches 200..200"),
    ("S_WITHIN(geom, BBOX(1,5,3,4))", "its upper corner must come second"),
    ("S_WITHIN(geom, BBOX(1,5,3))", "is a box of [1, 5, 3]; must be four or six numbers"),
    ("S_WITHIN(geom, LINESTRING(1 1,1 1))", "the geometry is invalid"),
]


@pytest.mark.parametrize(("text", "message"), REFUSED, ids=[ascii(text) for text, _ in REFUSED])
def test_what_is_wrong_is_said_in_the_readers_words(
    text: str, message: str, sample: tuple[Layer, Table]
) -> None:
    with pytest.raises(InvalidFilterError) as caught:
        Filter.parse(sample[0], text, Language.TEXT)
    assert message in str(caught.value)


JSON_REFUSED = [
    ('{"op":"and","args":[true]}', "and takes two or more conditions"),
    (
        '{"op":"and","args":[true,{"op":"=","args":[{"property":"floors"},"x"]}]}',
        "/args/1: = cannot",
    ),
    ('{"op":"=","args":[1,2,3]}', "= takes 2 operands, not 3"),
    ('{"op":"in","args":[1,2]}', "in takes a value and a list"),
    ('{"op":"in","args":[1,[]]}', "/args/1: the list has 0 items; allowed are 1-1000"),
    ('{"op":"in","args":[1,[[1]]]}', "/args/1/0: a list may only stand behind IN"),
    ('{"op":"=","args":["x\\u0000",""]}', "/args/0: 'x\\x00' holds the character NUL"),
    ('{"op":"a_equals","args":[[1],[1]]}', "a_equals: no property is an array"),
    (
        '{"op":"s_within","args":[{"type":"Circle"},1]}',
        "is a 'Circle'; must be one of Point",
    ),
    (
        '{"op":"s_within","args":[{"type":"Point","coordinates":[1]},1]}',
        "has the position [1]",
    ),
    (
        '{"op":"s_within","args":[{"type":"Point","coordinates":["1",2]},1]}',
        "has the position",
    ),
    ('{"op":"s_within","args":[{"type":"Point"},1]}', "has the position None"),
    ('{"op":"s_within","args":[{"bbox":["a",1,2,3]},1]}', "is a box of"),
    (
        '{"op":"s_within","args":[{"type":"GeometryCollection","geometries":'
        '[{"type":"GeometryCollection","geometries":[]}]},1]}',
        "its parts must be Point",
    ),
]


@pytest.mark.parametrize(("text", "message"), JSON_REFUSED)
def test_what_is_wrong_in_json_is_pointed_at(
    text: str, message: str, sample: tuple[Layer, Table]
) -> None:
    with pytest.raises(InvalidFilterError) as caught:
        Filter.parse(sample[0], text, Language.JSON)
    assert message in str(caught.value)


HOSTILE = (
    "x'; DROP TABLE parcels; --",
    "' OR 1=1 --",
    "$1",
    ":f0",
    "%(f0)s",
    "{0}",
    '"',
    "\\'; --",
)


@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_values_are_no_part_of_the_sql(value: str, sample: tuple[Layer, Table]) -> None:
    quoted = value.replace("\\", "\\\\").replace("'", "''")
    harmless, _ = _sql(*sample, "name_zh = 'x' OR CASEI(name_en) LIKE 'x%'", Language.TEXT)
    sql, values = _sql(
        *sample, f"name_zh = '{quoted}' OR CASEI(name_en) LIKE '{quoted}%'", Language.TEXT
    )
    assert sql == harmless
    assert values == [value, value + "%"]


@pytest.mark.parametrize("name", [*HOSTILE, 'id" = id OR "1', "t.id"])
def test_hostile_names_never_get_past_the_declaration(
    name: str, sample: tuple[Layer, Table]
) -> None:
    for text in (f'"{name}" = 1', f"{name} = 1", f"{name}(1) = 1"):
        with pytest.raises(InvalidFilterError):
            Filter.parse(sample[0], text, Language.TEXT)


def test_literals_come_in_the_crs_that_is_named(sample: tuple[Layer, Table]) -> None:
    """EPSG:4490 and 4548 put northing first; the same place is the same literal."""
    stored = _place(sample[0], "POINT(116.5 40.25)", CRS84.uri)
    for text, code in (
        ("POINT(40.25 116.5)", 4490),
        ("POINT(4457408.22424 457459.09777)", 4548),
        ("POINT(12968720.677 4902338.382)", 3857),
    ):
        uri = f"http://www.opengis.net/def/crs/EPSG/0/{code}"
        assert shapely.distance(_place(sample[0], text, uri), stored) < 2e-6


def test_boxes_follow_the_axis_order_of_their_crs(sample: tuple[Layer, Table]) -> None:
    uri = "http://www.opengis.net/def/crs/EPSG/0/4490"
    box = _place(sample[0], "BBOX(39, 116, 40, 117)", uri)
    assert shapely.equals(box, shapely.box(116, 39, 117, 40))


def test_a_box_across_the_antimeridian_has_two_halves(sample: tuple[Layer, Table]) -> None:
    box = _place(sample[0], "BBOX(170, -10, -170, 10)", CRS84.uri)
    halves = shapely.union_all([shapely.box(170, -10, 180, 10), shapely.box(-180, -10, -170, 10)])
    assert shapely.equals(box, halves)


def test_a_place_outside_its_crs_is_refused(sample: tuple[Layer, Table]) -> None:
    with pytest.raises(InvalidFilterError, match="the geometry"):
        _place(sample[0], "POINT(1e15 1e15)", "http://www.opengis.net/def/crs/EPSG/0/4548")


def _place(layer: Layer, literal: str, uri: str) -> shapely.Geometry:
    parsed = Filter.parse(
        layer, f"S_EQUALS(geometry, {literal})", Language.TEXT, literal_crs=find_crs(uri)
    )
    (wkb,) = parsed.values.values()
    return shapely.from_wkb(wkb)
