"""Tables follow from declarations: constraint text by rule, and PostgreSQL keeps each rule."""

from datetime import date

import pytest
from psycopg import errors
from sqlalchemy import CheckConstraint, case, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import CreateColumn, CreateTable

from geodata.database.statement import POSTGRESQL, sql_text
from geodata.database.tables import (
    METADATA,
    SRID,
    build_metadata,
    coarse,
    history_table,
    layer_table,
    served_columns,
    told_tables,
    written_columns,
)
from layers.attribute import Attribute, Role, ValueType
from layers.catalog import CATALOG, Catalog
from layers.codelist import Codelist
from layers.layer import Geometry, Layer, Precision
from layers.style import Style
from layers.text import Text

TITLE = Text("站点", "Stations")
KIND = Codelist("kind", "test", {"metro": TITLE, "bus": TITLE})


def tables_of(*attributes, **options):
    layer = stations(*attributes, **options)
    metadata = build_metadata(Catalog((layer,)))
    return layer_table(metadata, layer), history_table(metadata, layer)


def stations(*attributes, geometry=Geometry.POINT, **options):
    return Layer(
        id="stations",
        title=TITLE,
        description=TITLE,
        geometry=geometry,
        attributes=attributes,
        style=Style(colour="#123456"),
        **options,
    )


def attribute(**rules):
    return Attribute(name="line", title=TITLE, **rules)


def checks(table):
    return {
        str(each.name): sql_text(each.sqltext)
        for each in table.constraints
        if isinstance(each, CheckConstraint)
    }


@pytest.mark.parametrize(
    ("rules", "constraint"),
    [
        ({}, "char_length(line) <= 2000"),
        ({"max_length": 40}, "char_length(line) <= 40"),
        ({"codes": KIND}, "line IN ('metro', 'bus')"),
        ({"pattern": "a|b"}, "char_length(line) <= 2000 AND line ~ '^(a|b)$'"),
        ({"type": ValueType.INTEGER}, None),
        ({"type": ValueType.INTEGER, "minimum": 0, "maximum": 9}, "line >= 0 AND line <= 9"),
        (
            {"type": ValueType.NUMBER},
            "line > '-Infinity'::float8 AND line < 'Infinity'::float8",
        ),
        ({"type": ValueType.NUMBER, "minimum": 0}, "line >= 0 AND line < 'Infinity'::float8"),
        ({"type": ValueType.NUMBER, "maximum": 1}, "line > '-Infinity'::float8 AND line <= 1"),
        ({"type": ValueType.DATE}, None),
        ({"type": ValueType.BOOLEAN}, None),
    ],
)
def test_a_rule_becomes_the_text_of_a_constraint(rules, constraint):
    table, _ = tables_of(attribute(**rules))
    assert checks(table).get("ck_stations_line") == constraint


@pytest.mark.parametrize(
    ("rules", "column"),
    [
        ({}, "line TEXT"),
        ({"required": True}, "line TEXT NOT NULL"),
        ({"type": ValueType.INTEGER}, "line INTEGER"),
        ({"type": ValueType.NUMBER}, "line DOUBLE PRECISION"),
        ({"type": ValueType.DATE}, "line DATE"),
        ({"type": ValueType.BOOLEAN}, "line BOOLEAN"),
    ],
)
def test_a_value_type_becomes_a_column_and_history_requires_nothing(rules, column):
    table, history = tables_of(attribute(**rules))
    assert str(CreateColumn(table.c.line).compile(dialect=POSTGRESQL)) == column
    past = str(CreateColumn(history.c.line).compile(dialect=POSTGRESQL))
    assert past == column.removesuffix(" NOT NULL")


@pytest.mark.parametrize(
    ("geometry", "required", "column"),
    [
        (Geometry.POINT, False, "geom geometry(POINT,4490)"),
        (Geometry.LINE, False, "geom geometry(MULTILINESTRING,4490)"),
        (Geometry.AREA, True, "geom geometry(MULTIPOLYGON,4490) NOT NULL"),
    ],
)
def test_a_geometry_type_becomes_a_typed_column_in_cgcs2000(geometry, required, column):
    table, _ = tables_of(geometry=geometry, geometry_required=required)
    assert str(CreateColumn(table.c.geom).compile(dialect=POSTGRESQL)) == column


ROUNDED = {
    "point": (Geometry.POINT, "POINT(116.3137 39.9871)", "POINT(116.31 39.99)"),
    "line": (
        Geometry.LINE,
        "MULTILINESTRING((116.311 40.001,116.316 40.001,116.338 40.001))",
        "MULTILINESTRING((116.31 40,116.32 40,116.34 40))",
    ),
    "area": (
        Geometry.AREA,
        "MULTIPOLYGON(((116.311 39.981,116.339 39.981,116.339 40.009,116.311 40.009,"
        "116.311 39.981)))",
        "MULTIPOLYGON(((116.31 39.98,116.31 40.01,116.34 40.01,116.34 39.98,116.31 39.98)))",
    ),
    "area with a waist that closes": (
        Geometry.AREA,
        "MULTIPOLYGON(((116 39,116.1 39,116.05 39.049,116.1 39.1,116 39.1,116.05 39.051,116 39)))",
        None,
    ),
    "area below the grid": (
        Geometry.AREA,
        "MULTIPOLYGON(((116.311 39.981,116.313 39.981,116.313 39.983,116.311 39.981)))",
        "",
    ),
}


@pytest.mark.parametrize(("geometry", "given", "told"), ROUNDED.values(), ids=ROUNDED)
def test_a_position_told_less_precisely_is_valid_or_none(connection, geometry, given, told):
    layer = stations(geometry=geometry, precision=Precision(digits=2, reader=Role.PLANNER))
    shape = coarse(func.ST_GeomFromText(given, SRID), layer)
    row = connection.execute(
        select(func.ST_AsText(func.ST_Normalize(shape), 8), func.ST_IsValid(shape))
    )
    text, valid = row.one()
    assert valid is (None if told == "" else True)
    if told is not None:
        wanted = select(func.ST_AsText(func.ST_Normalize(func.ST_GeomFromText(told, SRID)), 8))
        assert text == (connection.execute(wanted).scalar_one() if told else None)


def test_a_role_reads_the_position_that_it_is_told_from_now_and_from_the_past():
    layer = stations(precision=Precision(digits=3, reader=Role.LAND_OFFICER))
    metadata = build_metadata(Catalog((layer,)))
    columns = {
        role: [
            f"{table.fullname}.{table.c.geom.name}" for table in told_tables(metadata, layer, role)
        ]
        for role in Role
    }
    rounded = ["stations.geom_3", "history.stations.geom_3"]
    exact = ["stations.geom", "history.stations.geom"]
    assert list(columns.values()) == [rounded, rounded, exact, exact]
    served = {role: served_columns(layer_table(metadata, layer), role) for role in Role}
    assert [any(c.name == "geom" for c in served[role]) for role in Role] == [False] * 2 + [
        True
    ] * 2
    assert "geom_3" not in written_columns(layer_table(metadata, layer))


@pytest.mark.parametrize(("geometry", "checked"), [(Geometry.POINT, False), (Geometry.AREA, True)])
def test_only_geometries_that_can_be_invalid_are_checked(geometry, checked):
    assert ("ck_stations_geom" in checks(tables_of(geometry=geometry)[0])) is checked


def test_a_reference_is_a_deferred_key_to_the_areas_and_is_indexed():
    areas = Layer(
        id="areas_of_test",
        title=TITLE,
        description=TITLE,
        geometry=Geometry.POINT,
        attributes=(attribute(references=("areas_of_test",)),),
        style=Style(colour="#123456"),
    )
    table = layer_table(build_metadata(Catalog((areas,))), areas)
    (key,) = table.c.line.foreign_keys
    assert (key.target_fullname, key.deferrable, key.initially) == ("areas.id", True, "DEFERRED")
    assert "ix_areas_of_test_line" in {index.name for index in table.indexes}


def test_unique_values_are_compared_after_a_statement():
    table, _ = tables_of(attribute(unique=True))
    ddl = str(CreateTable(table).compile(dialect=POSTGRESQL))
    assert "CONSTRAINT uq_stations_line UNIQUE (line) DEFERRABLE" in ddl


def test_history_holds_every_column_of_the_layer_and_none_of_its_rules():
    table, history = tables_of(attribute(codes=KIND, required=True, unique=True))
    assert {column.name for column in table.c} <= {column.name for column in history.c}
    assert checks(history) == {}
    assert history.schema == "history"


@pytest.mark.parametrize("layer", list(CATALOG), ids=lambda layer: layer.id)
def test_every_layer_has_a_table_a_history_and_a_spatial_index_on_each(layer):
    for table in (layer_table(METADATA, layer), history_table(METADATA, layer)):
        assert table.comment.startswith(layer.title.zh)
        (index,) = [each for each in table.indexes if "geom" in each.columns]
        assert index.dialect_options["postgresql"]["using"] == "gist"


GOOD = {
    "name_zh": "试",
    "source": "test",
    "as_of": date(2011, 1, 1),
    "boundary_status": "schematic",
}
SQUARE = "SRID=4490;MULTIPOLYGON(((116 40,116.1 40,116.1 40.1,116 40.1,116 40)))"
BOW = "SRID=4490;MULTIPOLYGON(((116 40,116.1 40.1,116.1 40,116 40.1,116 40)))"
PARCEL = {"parcel_code": "110108001001GB00001", "geom": SQUARE}
AREA = {"level": 2}

REFUSED = [
    # layer, values besides good ones, error, constraint
    ("projects", {"kind": None}, errors.NotNullViolation, "kind"),
    ("projects", {"name_zh": None}, errors.NotNullViolation, "name_zh"),
    ("projects", {"source": None}, errors.NotNullViolation, "source"),
    ("projects", {"as_of": None}, errors.NotNullViolation, "as_of"),
    ("parcels", PARCEL | {"geom": None}, errors.NotNullViolation, "geom"),
    ("projects", {"kind": "hobby"}, errors.CheckViolation, "ck_projects_kind"),
    (
        "projects",
        {"boundary_status": "legal"},
        errors.CheckViolation,
        "ck_projects_boundary_status",
    ),
    ("projects", {"district": "110000"}, errors.CheckViolation, "ck_projects_district"),
    ("projects", {"section": "九" * 41}, errors.CheckViolation, "ck_projects_section"),
    ("projects", {"source": "长" * 2001}, errors.CheckViolation, "ck_projects_source"),
    ("enterprises", {"uscc": "O" * 18}, errors.CheckViolation, "ck_enterprises_uscc"),
    ("enterprises", {"uscc": "91110108551385082Q\n"}, errors.CheckViolation, "ck_enterprises_uscc"),
    (
        "enterprises",
        {"industry_code": "6510"},
        errors.CheckViolation,
        "ck_enterprises_industry_code",
    ),
    ("parcels", PARCEL | {"parcel_code": "x"}, errors.CheckViolation, "ck_parcels_parcel_code"),
    ("projects", {"accuracy_m": -1}, errors.CheckViolation, "ck_projects_accuracy_m"),
    ("projects", {"accuracy_m": float("nan")}, errors.CheckViolation, "ck_projects_accuracy_m"),
    ("projects", {"accuracy_m": float("inf")}, errors.CheckViolation, "ck_projects_accuracy_m"),
    ("projects", {"accuracy_m": float("-inf")}, errors.CheckViolation, "ck_projects_accuracy_m"),
    ("bases", AREA | {"level": -1}, errors.CheckViolation, "ck_bases_level"),
    ("bases", AREA | {"level": 10}, errors.CheckViolation, "ck_bases_level"),
    (
        "projects",
        {"valid_from": date(2011, 2, 1), "valid_to": date(2011, 1, 31)},
        errors.CheckViolation,
        "ck_projects_valid",
    ),
    ("projects", {"id": ""}, errors.CheckViolation, "ck_projects_id"),
    ("projects", {"id": "a b"}, errors.CheckViolation, "ck_projects_id"),
    ("projects", {"id": "_a"}, errors.CheckViolation, "ck_projects_id"),
    ("projects", {"id": "a\n"}, errors.CheckViolation, "ck_projects_id"),
    ("projects", {"id": "a" * 121}, errors.CheckViolation, "ck_projects_id"),
    ("projects", {"id": "中关村"}, errors.CheckViolation, "ck_projects_id"),
    ("projects", {"id": None}, errors.NotNullViolation, "id"),
    ("bases", AREA | {"geom": BOW}, errors.CheckViolation, "ck_bases_geom"),
    (
        "projects",
        {"geom": SQUARE},
        errors.InvalidParameterValue,
        "Geometry type (MultiPolygon) does not match column type (Point)",
    ),
    (
        "projects",
        {"geom": "SRID=4326;POINT(116 40)"},
        errors.InvalidParameterValue,
        "Geometry SRID (4326) does not match column SRID (4490)",
    ),
    (
        "projects",
        {"geom": "SRID=4490;POINT Z(116 40 50)"},
        errors.InvalidParameterValue,
        "Geometry has Z dimension but column does not",
    ),
    ("projects", {"area": "nowhere"}, errors.ForeignKeyViolation, "fk_projects_area"),
    ("bases", AREA | {"parent": "nowhere"}, errors.ForeignKeyViolation, "fk_bases_parent"),
    ("bases", AREA | {"counted_in": "nowhere"}, errors.ForeignKeyViolation, "fk_bases_counted_in"),
    ("parcels", PARCEL | {"park": "lenovo"}, errors.ForeignKeyViolation, "fk_parcels_park"),
    ("districts", {"code": "110108"}, errors.UniqueViolation, "uq_districts_code"),
    (
        "bases",
        AREA | {"id": "zgc-zone"},
        errors.UniqueViolation,
        "area id zgc-zone is already used by another layer",
    ),
    ("bases", AREA | {"level": None}, errors.NotNullViolation, "level"),
]


def write(connection, layer_id, values):
    kind = {"bases": "base", "projects": "pilot"}.get(layer_id)
    row = {"id": "made-up", **GOOD, **({"kind": kind} if kind else {}), **values}
    if layer_id == "districts":
        row.setdefault("code", "119999")
    connection.execute(insert(METADATA.tables[layer_id]).values(row))
    connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))


@pytest.mark.parametrize(
    ("layer_id", "values", "error", "named"),
    REFUSED,
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_postgresql_refuses_what_the_declaration_forbids_and_names_it(
    connection, layer_id, values, error, named
):
    with pytest.raises(DBAPIError) as caught:
        write(connection, layer_id, values)
    cause = caught.value.orig
    assert isinstance(cause, error)
    said = (cause.diag.constraint_name, cause.diag.column_name, cause.diag.message_primary)
    assert named in said


@pytest.mark.parametrize(
    ("layer_id", "values"),
    [
        ("projects", {}),
        ("projects", {"id": "0._-Z" + "9" * 115, "area": "zgc-zone", "district": "110108"}),
        ("projects", {"valid_from": date(2011, 1, 1), "valid_to": date(2011, 1, 1)}),
        ("projects", {"valid_from": None, "valid_to": date(2011, 1, 1)}),
        ("projects", {"geom": "SRID=4490;POINT(116.3 40)", "accuracy_m": 0}),
        ("bases", AREA | {"parent": "zgc-zone", "geom": SQUARE}),
        ("bases", AREA | {"parent": "made-up"}),
        ("parcels", PARCEL | {"park": "zgc-zone", "holder": "某公司"}),
        ("enterprises", {"uscc": "91110108551385082Q", "industry_code": "2011:6510"}),
        ("districts", {"code": "119999"}),
    ],
)
def test_postgresql_takes_what_the_declaration_allows(connection, layer_id, values):
    write(connection, layer_id, values)


def test_two_features_may_exchange_a_unique_value_in_one_statement(connection):
    code = METADATA.tables["districts"].c.code
    other = case({"110101": "110102", "110102": "110101"}, value=code)
    exchange = update(code.table).where(code.in_(["110101", "110102"])).values(code=other)
    assert connection.execute(exchange).rowcount == 2
