"""The plan's loader: files checked as a whole, written as a whole, others' work left alone."""

import csv
import json
import random
import shutil
import string

import pytest
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import DBAPIError

from geodata.database.tables import METADATA
from geodata.ingest.finding import RefusedError
from geodata.ingest.geojson import UnreadableFileError
from geodata.plan.load import (
    DATA,
    OWNER,
    PLAN_LAYERS,
    PLAN_TABLES,
    Changes,
    load_plan,
    read_inventory,
    write_inventory,
)
from layers.catalog import CATALOG

INVENTORY = read_inventory()


@pytest.fixture
def data(tmp_path):
    """A copy of the plan's files, to be broken."""
    return shutil.copytree(DATA, tmp_path / "data")


@pytest.fixture
def load(connection):
    """Loads an inventory into the plan's database; all is rolled back."""

    def run(inventory=INVENTORY):
        act_as(connection, OWNER)
        changes = write_inventory(connection, inventory)
        connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        connection.execute(text("SET CONSTRAINTS ALL DEFERRED"))
        return changes

    return run


def act_as(connection, actor):
    connection.execute(select(func.set_config("zgc.actor", actor, True)))


def edit_features(data, layer_id, edit):
    path = data / f"{layer_id}.geojson"
    document = json.loads(path.read_text(encoding="utf-8"))
    edit(document["features"])
    path.write_text(json.dumps(document), encoding="utf-8")


def edit_rows(data, table, edit):
    path = data / f"{table}.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        header, *rows = csv.reader(lines)
    edit(header, rows)
    with path.open("w", encoding="utf-8", newline="") as lines:
        csv.writer(lines).writerows([header, *rows])


def set_feature(layer_id, row, **values):
    """Break a feature: a property, or its id or geometry."""

    def edit(data):
        def change(features):
            feature = features[row - 1]
            for name, value in values.items():
                (feature if name in ("id", "geometry") else feature["properties"])[name] = value

        edit_features(data, layer_id, change)

    return edit


def set_field(table, row, field, value):
    """Break a field; the header is row 1."""

    def edit(data):
        def change(header, rows):
            rows[row - 2][header.index(field)] = value

        edit_rows(data, table, change)

    return edit


def contents(connection):
    """Everything that a load writes, and the history and versions besides."""
    found = {}
    for table in METADATA.sorted_tables:
        columns = [column for column in table.c if column.name != "geom"]
        found[table.fullname] = sorted(map(repr, connection.execute(select(*columns))))
    return found


def count(connection, table):
    return connection.execute(select(func.count()).select_from(METADATA.tables[table])).scalar_one()


# --- what the files say ---


def test_a_load_brings_every_feature_and_row_of_the_files(connection):
    for layer in PLAN_LAYERS:
        assert count(connection, layer.id) == len(INVENTORY.features[layer.id]) > 0
    for table in PLAN_TABLES:
        assert count(connection, table.name) == len(INVENTORY.rows[table.name]) > 0


def test_a_second_load_changes_nothing_at_all(connection, load):
    before = contents(connection)
    assert load() == Changes(written=0, removed=0, kept=0, left_out=0)
    assert contents(connection) == before


def test_a_load_reports_in_one_line_what_it_did(plan_url):
    lines = []
    load_plan(plan_url, lines.append)
    total = sum(len(features) for features in INVENTORY.features.values())
    assert lines == [
        f"plan: {total} features, {len(INVENTORY.rows['indicators'])} indicators"
        " (0 written, 0 removed, 0 kept as others changed them)"
    ]


def test_what_the_plan_wrote_is_ascribed_to_the_plan(connection):
    table = METADATA.tables["bases"]
    written = select(table.c.recorded_by, table.c.recorded_reason).distinct()
    assert connection.execute(written).all() == [(OWNER, "规划 2011-2015")]


def test_layers_that_the_plan_does_not_have_are_left_alone():
    assert [layer.id for layer in CATALOG if layer not in PLAN_LAYERS] == ["parcels"]


def test_changed_and_missing_features_and_rows_are_followed(connection, load, data):
    set_feature("projects", 1, name_en="Renamed")(data)
    edit_features(data, "projects", lambda features: features.pop())
    set_field("indicators", 2, "value_low", "1.58")(data)
    edit_rows(data, "mentions", lambda _, rows: rows.pop())
    assert load(read_inventory(data)) == Changes(written=1, removed=1, kept=0, left_out=0)
    assert count(connection, "projects") == len(INVENTORY.features["projects"]) - 1
    assert count(connection, "mentions") == len(INVENTORY.rows["mentions"]) - 1
    lows = connection.execute(select(METADATA.tables["indicators"].c.value_low)).scalars()
    assert 1.58 in set(lows)
    assert load() == Changes(written=2, removed=0, kept=0, left_out=0)


def test_an_area_goes_together_with_the_rows_that_refer_to_it(load, data):
    edit_features(
        data, "bases", lambda features: features.append(features[0] | {"id": "made-up-base"})
    )
    for table in ("indicators", "assignments"):
        edit_rows(data, table, lambda header, rows: rows.append(_of_area(header, rows)))
    assert load(read_inventory(data)) == Changes(written=1, removed=0, kept=0, left_out=0)
    assert load() == Changes(written=0, removed=1, kept=0, left_out=0)


def _of_area(header, rows):
    return [
        "made-up-base" if name == "area" else value
        for name, value in zip(header, rows[0], strict=True)
    ]


@pytest.mark.parametrize(("source", "target"), [("bases", "sub_parks"), ("sub_parks", "bases")])
def test_an_area_may_move_to_another_layer(load, data, source, target):
    kind = {"bases": "base", "sub_parks": "park"}[target]
    moved = []
    edit_features(data, source, lambda features: moved.append(features.pop()))
    moved[0]["properties"]["kind"] = kind
    edit_features(data, target, lambda features: features.extend(moved))
    assert load(read_inventory(data)) == Changes(written=1, removed=1, kept=0, left_out=0)


# --- others' work ---


def test_what_others_changed_is_kept_and_counted(connection, load):
    table = METADATA.tables["projects"]
    first = table.c.id == INVENTORY.features["projects"][0].id
    act_as(connection, "anna")
    connection.execute(update(table).where(first).values(name_en="Anna's"))
    assert load() == Changes(written=0, removed=0, kept=1, left_out=0)
    assert connection.execute(select(table.c.name_en).where(first)).scalar_one() == "Anna's"


def test_an_enterprise_that_somebody_deleted_stays_away_and_so_do_its_assignments(connection, load):
    """The service loads the plan at every start: a deletion must not keep it from starting."""
    table, assignments = METADATA.tables["enterprises"], METADATA.tables["assignments"]
    gone = INVENTORY.rows["assignments"][0]["enterprise"]
    act_as(connection, "anna")
    connection.execute(delete(table).where(table.c.id == gone))
    rows = [
        row
        for name in ("assignments", "growth_targets")
        for row in INVENTORY.rows[name]
        if row["enterprise"] == gone
    ]
    assert load() == Changes(written=0, removed=0, kept=1, left_out=len(rows))
    assert gone not in set(connection.execute(select(assignments.c.enterprise)).scalars())
    assert count(connection, "assignments") > 0


# --- refused files ---

REFUSED = {
    # what is broken -> file, row, field, value, what is allowed
    "a required value": (
        set_feature("projects", 3, name_zh=None),
        "projects.geojson, row 3, name_zh = None: is required",
    ),
    "a code": (
        set_feature("bases", 2, kind="garden"),
        "bases.geojson, row 2, kind = 'garden': must be one of base, specialised_park, facility",
    ),
    "a parent": (
        set_feature("bases", 1, parent="nowhere"),
        "bases.geojson, row 1, parent = 'nowhere': must be the id of a feature of",
    ),
    "a field": (
        set_feature("bases", 1, hight=3),
        "bases.geojson, row 1, hight = 3: no such field",
    ),
    "a geometry": (
        set_feature("enterprises", 1, geometry={"type": "Point", "coordinates": [40, 116]}),
        "enterprises.geojson, row 1, geometry = 'Point': reaches 40..40, 116..116; must be degrees",
    ),
    "an id of another layer": (
        set_feature("bases", 1, id="zgc-zone"),
        "bases.geojson, row 1, id = 'zgc-zone': is already used in layer demonstration_zone",
    ),
    "a number": (
        set_field("indicators", 3, "value_low", "三"),
        "indicators.csv, row 3, value_low = '三': must be a number",
    ),
    "a number with a unit": (
        set_field("indicators", 3, "value_high", "1_000"),
        "indicators.csv, row 3, value_high = '1_000': must be a number",
    ),
    "no finite number": (
        set_field("indicators", 3, "value_high", "inf"),
        "indicators.csv, row 3, value_high = 'inf': must be a number",
    ),
    "a range": (
        set_field("indicators", 2, "value_low", "1e3".replace("e", "0")),
        "indicators.csv, row 2, value_high = '1.59': must not be less than value_low 103",
    ),
    "a kind": (
        set_field("indicators", 4, "kind", "hope"),
        "indicators.csv, row 4, kind = 'hope': must be one of baseline, target",
    ),
    "a qualifier": (
        set_field("indicators", 4, "qualifier", ">"),
        "indicators.csv, row 4, qualifier = '>': must be one of eq, ge, approx, range",
    ),
    "a missing value": (
        set_field("indicators", 5, "year", ""),
        "indicators.csv, row 5, year = None: is required",
    ),
    "an unknown area": (
        set_field("indicators", 6, "area", "nowhere"),
        "indicators.csv, row 6, area = 'nowhere': must be an id of the inventory",
    ),
    "an unknown enterprise": (
        set_field("assignments", 7, "enterprise", "nobody"),
        "assignments.csv, row 7, enterprise = 'nobody': must be an id of the inventory",
    ),
    "an enterprise for an area": (
        set_field("assignments", 7, "area", "lenovo"),
        "assignments.csv, row 7, area = 'lenovo': must be an id of the inventory",
    ),
    "an unknown feature": (
        set_field("mentions", 2, "feature", "nothing"),
        "mentions.csv, row 2, feature = 'nothing': must be an id of the inventory",
    ),
    "a row twice": (
        lambda data: edit_rows(data, "mentions", lambda _, rows: rows.append(rows[0])),
        "kind = 'institution': occurs twice in the file: kind, name_zh",
    ),
    "a character that cannot be stored": (
        set_field("mentions", 2, "quote", "a\0b"),
        "mentions.csv, row 2, quote = 'a\\x00b': must not hold the character NUL",
    ),
}


@pytest.mark.parametrize("broken", REFUSED)
def test_a_broken_file_is_refused_with_file_row_field_value_and_what_is_allowed(data, broken):
    edit, finding = REFUSED[broken]
    edit(data)
    with pytest.raises(RefusedError) as refused:
        read_inventory(data)
    assert finding in str(refused.value)


def test_every_breach_of_every_file_is_listed_at_once(data):
    for edit, _ in REFUSED.values():
        edit(data)
    with pytest.raises(RefusedError) as refused:
        read_inventory(data)
    listed = {finding.file for finding in refused.value.findings}
    assert {"projects.geojson", "bases.geojson", "indicators.csv", "assignments.csv"} <= listed


UNREADABLE = {
    "no file": (lambda data: (data / "axes.geojson").unlink(), "axes.geojson: No such file"),
    "no table": (lambda data: (data / "mentions.csv").unlink(), "mentions.csv: No such file"),
    "no JSON": (
        lambda data: (data / "axes.geojson").write_text("{"),
        "axes.geojson, line 1, column 2: Expecting property name",
    ),
    "no UTF-8": (
        lambda data: (data / "mentions.csv").write_bytes("机构".encode("gb18030")),
        "mentions.csv: not UTF-8 at byte 0",
    ),
    "an empty table": (
        lambda data: (data / "growth_targets.csv").write_text(""),
        "growth_targets.csv, row 1: the columns are ; must be name, kind, enterprise, target",
    ),
    "a missing column": (
        lambda data: edit_rows(
            data, "growth_targets", lambda header, rows: _without_last(header, rows)
        ),
        "growth_targets.csv, row 1: the columns are name, enterprise, target, kind, section; must",
    ),
    "a column too many": (
        lambda data: edit_rows(data, "mentions", lambda header, rows: _with_another(header, rows)),
        "mentions.csv, row 1: the columns are kind, name_zh, name_en, section, quote, feature, n",
    ),
    "a field too many": (
        lambda data: edit_rows(data, "mentions", lambda _, rows: rows[3].append("x")),
        "mentions.csv, row 5: 7 fields; must be 6",
    ),
    "a field too few": (
        lambda data: edit_rows(data, "mentions", lambda _, rows: rows[3].pop()),
        "mentions.csv, row 5: 5 fields; must be 6",
    ),
    "an open quotation": (
        lambda data: (data / "mentions.csv").write_text('kind,"开', encoding="utf-8"),
        "mentions.csv: not CSV: unexpected end of data",
    ),
}


def _without_last(header, rows):
    for row in (header, *rows):
        row.pop()


def _with_another(header, rows):
    for row in (header, *rows):
        row.append("note")


@pytest.mark.parametrize("broken", UNREADABLE)
def test_an_unreadable_file_is_refused_by_name_and_place(data, broken):
    edit, message = UNREADABLE[broken]
    edit(data)
    with pytest.raises(UnreadableFileError) as refused:
        read_inventory(data)
    assert message in str(refused.value)


@pytest.mark.parametrize(
    "edit",
    [REFUSED["a number"][0], REFUSED["a geometry"][0], UNREADABLE["a missing column"][0]],
    ids=["row", "feature", "file"],
)
def test_a_refused_load_writes_nothing(plan_url, connection, data, edit):
    before = contents(connection)
    connection.rollback()
    set_feature("projects", 1, name_en="Would be written")(data)
    edit(data)
    with pytest.raises((RefusedError, UnreadableFileError)):
        load_plan(plan_url, lambda _: None, data)
    assert contents(connection) == before


def test_a_load_that_fails_late_writes_nothing(plan_url, connection, data):
    """PostgreSQL itself refuses a key of the last table: it is too long for an index."""
    key = "".join(random.Random(1).choices(string.ascii_letters, k=9000))
    before = contents(connection)
    connection.rollback()
    set_feature("projects", 1, name_en="Would be written")(data)
    set_field("mentions", 2, "kind", key)(data)
    with pytest.raises(DBAPIError):
        load_plan(plan_url, lambda _: None, data)
    assert contents(connection) == before


def test_the_files_may_begin_with_a_byte_order_mark(data):
    for name in ("mentions.csv", "axes.geojson"):
        path = data / name
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert read_inventory(data) == read_inventory(data)
