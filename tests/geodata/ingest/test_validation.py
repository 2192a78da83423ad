"""Validation: every rule of a declaration, held by a made-up layer with one attribute of each."""

import re
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from geodata.database.tables import METADATA
from geodata.ingest.geojson import RawFeature
from geodata.ingest.sync import sync_features
from geodata.ingest.validation import LONGEST_SHOWN, validate
from layers.attribute import Attribute, ValueType
from layers.catalog import CATALOG
from layers.codelist import Codelist
from layers.layer import Geometry, Layer
from layers.style import Style
from layers.text import Text

TITLE = Text("属性", "Attribute")
KIND = Codelist("kind", "test", {"metro": TITLE, "bus": TITLE})


def attribute(name, type_=ValueType.TEXT, **rules):
    return Attribute(name=name, title=TITLE, type=type_, **rules)


STATIONS = Layer(
    id="stations",
    title=TITLE,
    description=TITLE,
    geometry=Geometry.POINT,
    attributes=(
        attribute("line", required=True, max_length=5),
        attribute("kind", codes=KIND),
        attribute("code", pattern="[A-Z]{2}[0-9]|x", unique=True),
        attribute("park", references=("bases", "sub_parks")),
        attribute("platforms", ValueType.INTEGER, minimum=1, maximum=9),
        attribute("exits", ValueType.INTEGER),
        attribute("depth_m", ValueType.NUMBER, unit="m", minimum=0),
        attribute("grade", ValueType.NUMBER, maximum=1),
        attribute("opened", ValueType.DATE),
        attribute("open", ValueType.BOOLEAN),
    ),
    style=Style(colour="#123456"),
)
AREAS = {"life-science-park": "bases", "yizhuang": "sub_parks", "zgc-zone": "demonstration_zone"}
GOOD = {
    "name_zh": "知春路站",
    "source": "test",
    "as_of": "2011-01-01",
    "boundary_status": "schematic",
    "line": "13号线",
}
POINT = {"type": "Point", "coordinates": [116.3, 40]}


def raw(feature_id="a", geometry=POINT, row=1, **values):
    return RawFeature("stations.geojson", row, feature_id, GOOD | values, geometry)


def findings(*items, areas=AREAS):
    return validate(STATIONS, items, areas).findings


REFUSED = [
    # field, value, rule, what is allowed
    ("line", None, "required", "is required"),
    ("line", "", "type", "must be non-empty text"),
    ("line", " \t", "type", "must be non-empty text"),
    ("line", 13, "type", "must be non-empty text"),
    ("line", ["13"], "type", "must be non-empty text"),
    ("line", "1\x003", "type", "must be non-empty text"),
    ("line", "\ud83d", "type", "must be non-empty text"),
    ("line", "六个字符的线", "length", "must have at most 5 characters"),
    ("kind", "tram", "codes", "must be one of metro, bus"),
    ("kind", "METRO", "codes", "must be one of metro, bus"),
    ("kind", True, "type", "must be non-empty text"),
    ("code", "AB", "pattern", "must match [A-Z]{2}[0-9]|x"),
    ("code", "AB1\n", "pattern", "must match [A-Z]{2}[0-9]|x"),
    ("code", "xAB1", "pattern", "must match [A-Z]{2}[0-9]|x"),
    ("park", "nowhere", "reference", "must be the id of a feature of bases, sub_parks"),
    ("park", "zgc-zone", "reference", "must be the id of a feature of bases, sub_parks"),
    ("platforms", 0, "range", "must lie in 1..9"),
    ("platforms", 10, "range", "must lie in 1..9"),
    ("platforms", 2.5, "type", "must be a whole number of 32 bits"),
    ("platforms", "2", "type", "must be a whole number of 32 bits"),
    ("platforms", True, "type", "must be a whole number of 32 bits"),
    ("exits", 2**31, "type", "must be a whole number of 32 bits"),
    ("exits", -(2**31) - 1, "type", "must be a whole number of 32 bits"),
    ("exits", 1e300, "type", "must be a whole number of 32 bits"),
    ("exits", float("inf"), "type", "must be a whole number of 32 bits"),
    ("depth_m", -0.1, "range", "must lie in 0.."),
    ("depth_m", float("nan"), "type", "must be a finite number"),
    ("depth_m", float("inf"), "type", "must be a finite number"),
    ("depth_m", 10**400, "type", "must be a finite number"),
    ("depth_m", "12", "type", "must be a finite number"),
    ("depth_m", False, "type", "must be a finite number"),
    ("grade", 1.5, "range", "must lie in ..1"),
    ("grade", float("-inf"), "type", "must be a finite number"),
    ("opened", "2011-02-29", "type", "must be a date YYYY-MM-DD"),
    ("opened", "2011-1-1", "type", "must be a date YYYY-MM-DD"),
    ("opened", "20110101", "type", "must be a date YYYY-MM-DD"),
    ("opened", "0000-01-01", "type", "must be a date YYYY-MM-DD"),
    ("opened", "２０１１-01-01", "type", "must be a date YYYY-MM-DD"),
    ("opened", "2011-01-01T00:00:00", "type", "must be a date YYYY-MM-DD"),
    ("opened", 2011, "type", "must be a date YYYY-MM-DD"),
    ("open", 1, "type", "must be true or false"),
    ("open", "true", "type", "must be true or false"),
    ("name_zh", None, "required", "is required"),
    ("accuracy_m", -1, "range", "must lie in 0.."),
    ("boundary_status", "legal", "codes", "must be one of schematic, authoritative"),
    ("height", 5, "unknown-field", "no such field; fields are name_zh,"),
]


@pytest.mark.parametrize(
    ("field", "value", "rule", "allowed"),
    REFUSED,
    ids=[f"{field}-{rule}-{number}" for number, (field, _, rule, _) in enumerate(REFUSED)],
)
def test_a_bad_value_is_found_with_field_value_rule_and_what_is_allowed(
    field, value, rule, allowed
):
    (finding,) = findings(raw(**{field: value}))
    assert (finding.file, finding.row, finding.field) == ("stations.geojson", 1, field)
    assert finding.rule == rule
    assert finding.message.en.startswith(allowed)
    assert re.search(r"[\u4e00-\u9fff]", finding.message.zh)
    if len(repr(value)) < LONGEST_SHOWN:
        assert finding.value == repr(value)


@pytest.mark.parametrize(
    ("field", "value", "shown"),
    [
        ("kind", "tram", "metro, bus"),
        ("platforms", 0, "1..9"),
        ("line", "六个字符的线", "5"),
        ("code", "y", "[A-Z]{2}[0-9]|x"),
        ("park", "nowhere", "bases, sub_parks"),
        ("height", 5, "line, kind, code"),
    ],
)
def test_what_is_allowed_is_shown_in_both_languages(field, value, shown):
    (finding,) = findings(raw(**{field: value}))
    assert shown in finding.message.zh
    assert shown in finding.message.en


@pytest.mark.parametrize(
    ("field", "value", "typed"),
    [
        ("line", "五个字符线", "五个字符线"),
        ("line", " 13", " 13"),
        ("line", "𠮷🙂", "𠮷🙂"),
        ("kind", "metro", "metro"),
        ("kind", None, None),
        ("code", "AB1", "AB1"),
        ("code", "x", "x"),
        ("park", "yizhuang", "yizhuang"),
        ("platforms", 1, 1),
        ("platforms", 9.0, 9),
        ("exits", -(2**31), -(2**31)),
        ("exits", 2**31 - 1, 2**31 - 1),
        ("depth_m", 0, 0.0),
        ("depth_m", 12.5, 12.5),
        ("depth_m", 10**300, 1e300),
        ("grade", -1e308, -1e308),
        ("opened", "2012-02-29", date(2012, 2, 29)),
        ("opened", "0001-01-01", date(1, 1, 1)),
        ("open", False, False),
        ("valid_to", "2011-01-01", date(2011, 1, 1)),
    ],
)
def test_a_good_value_passes_in_the_type_of_its_column(field, value, typed):
    checked = validate(STATIONS, [raw(**{field: value})], AREAS)
    assert checked.findings == ()
    (feature,) = checked.features
    assert feature.values[field] == typed
    assert type(feature.values[field]) is type(typed)


def test_a_feature_has_a_value_for_every_attribute():
    (feature,) = validate(STATIONS, [raw()]).features
    assert list(feature.values) == [attribute.name for attribute in STATIONS.all_attributes]
    assert feature.geometry.wkt == "POINT (116.3 40)"


@pytest.mark.parametrize(
    "feature_id", [None, "", "a b", "-a", "a\n", "中", 7, True, {}, [], "a" * 121, "\ud800"]
)
def test_an_id_that_is_no_plain_text_is_found(feature_id):
    (finding,) = findings(raw(feature_id))
    assert (finding.field, finding.rule) == ("id", "id")
    assert "must be text matching" in finding.message.en


@pytest.mark.parametrize("feature_id", ["a", "9", "A.b_c-d", "a" * 120])
def test_a_plain_id_passes(feature_id):
    assert findings(raw(feature_id)) == ()


def test_an_id_that_occurs_twice_is_found_at_its_second_place():
    (finding,) = findings(raw("a"), raw("b", row=2), raw("a", row=3))
    assert (finding.row, finding.field, finding.rule) == (3, "id", "unique")
    assert finding.message.en == "occurs twice in the file"


def test_a_value_that_must_be_unique_is_found_at_its_second_place():
    (finding,) = findings(raw("a", code="AB1"), raw("b", row=2), raw("c", row=3, code="AB1"))
    assert (finding.row, finding.field, finding.rule) == (3, "code", "unique")


def test_values_that_need_not_be_unique_and_nulls_may_repeat():
    assert findings(raw("a", kind="bus"), raw("b", kind="bus", row=2)) == ()


@pytest.mark.parametrize(
    ("start", "end", "rules"),
    [
        ("2011-01-02", "2011-01-01", ["valid-period"]),
        ("2011-01-01", "2011-01-01", []),
        (None, "2011-01-01", []),
        ("2011-01-02", None, []),
        ("2011-01-02", "soon", ["type"]),
        ([], {}, ["type", "type"]),
    ],
)
def test_a_period_ends_no_sooner_than_it_begins(start, end, rules):
    found = findings(raw(valid_from=start, valid_to=end))
    assert [finding.rule for finding in found] == rules


def test_references_are_left_to_the_database_where_the_areas_are_not_given():
    assert findings(raw(park="nowhere"), areas=None) == ()


@pytest.mark.parametrize(
    ("geometry", "rule", "message"),
    [
        ({"type": "Polygon", "coordinates": []}, "geometry", "is a Polygon; must be a Point"),
        ({"type": "Point", "coordinates": [40, 116]}, "geometry", "must be degrees"),
        ({"type": "Point", "coordinates": ["116", "40"]}, "geometry", "two or three finite"),
        ({}, "geometry", "must be one of Point"),
    ],
)
def test_an_unusable_geometry_is_found(geometry, rule, message):
    (finding,) = findings(raw(geometry=geometry))
    assert (finding.field, finding.rule) == ("geometry", rule)
    assert message in finding.message.en
    assert finding.message.zh.startswith("几何错误")


def test_a_feature_without_geometry_passes_unless_the_layer_needs_one():
    assert findings(raw(geometry=None)) == ()
    parcel = {**GOOD, "parcel_code": "110108001001GB00001"}
    del parcel["line"]
    item = RawFeature("parcels.geojson", 1, "a", parcel, None)
    (finding,) = validate(CATALOG.get("parcels"), [item]).findings
    assert (finding.field, finding.rule) == ("geometry", "required")


def test_every_breach_of_a_feature_is_found_and_good_neighbours_pass():
    checked = validate(STATIONS, [raw("a"), raw("!", row=2, line=None, open=1), raw("c", row=3)])
    assert [feature.id for feature in checked.features] == ["a", "c"]
    assert [(each.row, each.field) for each in checked.findings] == [
        (2, "id"),
        (2, "line"),
        (2, "open"),
    ]


def nested(depth):
    value = 0
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize("value", ["长" * 500, [0] * 500, {"k" * 500: "v" * 500}, nested(900)])
def test_a_value_is_shown_shortened(value):
    (finding,) = findings(raw(open=value))
    assert len(finding.value) <= LONGEST_SHOWN


@pytest.mark.parametrize("name", ["\ud800", "名" * 500, "\n", ""])
def test_an_unknown_field_is_named_in_text_that_any_file_can_take(name):
    (finding,) = findings(raw(**{name: 1}))
    assert finding.rule == "unknown-field"
    assert len(finding.field) <= LONGEST_SHOWN
    assert str(finding).encode("utf-8")


# --- for any input ---

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-(10**400), 10**400),
    st.floats(),
    st.text(st.characters(), max_size=30),
    st.sampled_from(["", "\x00", "\ud800", "2011-01-01", "9999-12-31", "110108", "base", "a"]),
)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=8,
)
BASES = CATALOG.get("bases")
TABLE = METADATA.tables["bases"]
DEGREES = st.floats(-200, 200) | st.integers(-200, 200) | st.sampled_from([116.0, 40.0, 1e-300])
POSITIONS = st.lists(DEGREES, min_size=2, max_size=3)
RINGS = st.lists(POSITIONS, min_size=3, max_size=6).map(lambda ring: [*ring, ring[0]])
TRIANGLES = st.lists(
    st.tuples(st.floats(-180, 180), st.floats(-90, 90)), min_size=3, max_size=3, unique=True
).map(lambda ring: [*ring, ring[0]])


def polygon(rings):
    return {"type": "Polygon", "coordinates": rings}


def multipolygon(polygons):
    return {"type": "MultiPolygon", "coordinates": polygons}


GEOMETRIES = st.one_of(
    st.none(),
    TRIANGLES.map(lambda ring: polygon([ring])),
    TRIANGLES.map(lambda ring: multipolygon([[ring]])),
    st.lists(RINGS, max_size=2).map(polygon),
    st.lists(st.lists(RINGS, max_size=2), max_size=2).map(multipolygon),
    JSON.map(multipolygon),
    st.dictionaries(st.sampled_from(["type", "coordinates", "geometries"]), JSON, max_size=3),
)
GOOD_BASE = {
    "name_zh": "园",
    "source": "test",
    "as_of": "2011-01-01",
    "boundary_status": "schematic",
    "kind": "base",
    "level": 3,
}
NAMES = [attribute.name for attribute in BASES.all_attributes]
LIKELY = {
    "name_zh": st.text(min_size=1, max_size=20),
    "as_of": st.dates().map(str),
    "valid_from": st.dates().map(str),
    "valid_to": st.dates().map(str),
    "accuracy_m": st.floats(0) | st.integers(),
    "published_area_km2": st.floats(0),
    "level": st.integers(0, 10),
    "section": st.text(max_size=45),
    "in_regulation": st.booleans(),
    "parent": st.sampled_from(["zgc-zone", "nowhere"]),
}
PROPERTIES = st.one_of(
    st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=5), JSON, max_size=3),
    *(st.fixed_dictionaries({name: values}) for name, values in LIKELY.items()),
    st.fixed_dictionaries({}, optional=LIKELY),
).map(lambda values: GOOD_BASE | values)
IDS = st.one_of(st.integers(0, 10**9).map("made-up-{}".format), st.just("made-up"), JSON)
FEATURES = st.lists(
    st.builds(RawFeature, st.just("any.geojson"), st.just(1), IDS, PROPERTIES, GEOMETRIES),
    max_size=3,
)


@settings(
    max_examples=200,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(items=FEATURES)
def test_whatever_comes_is_judged_and_what_passes_the_database_takes(connection, items):
    checked = validate(BASES, items, {"zgc-zone": "demonstration_zone"})
    assert all(str(finding).encode() for finding in checked.findings)
    if not checked.features:
        return
    with connection.begin_nested() as trial:
        loaded = sync_features(connection, BASES, checked.features, "property test")
        connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        stored = connection.execute(select(TABLE.c.id, TABLE.c.level, TABLE.c.as_of)).all()
        trial.rollback()
    assert loaded.written == len(checked.features)
    for feature in checked.features:
        assert (feature.id, feature.values["level"], feature.values["as_of"]) in stored
