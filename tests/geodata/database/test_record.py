"""Record triggers: public text, history, versions; whatever way a change comes."""

import json
import uuid
from contextlib import contextmanager
from datetime import date

import psycopg
import pytest
import shapely
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError

from geodata.database.engine import open_engine, recorded
from geodata.database.record import VERSION_CHANNEL
from geodata.database.representation import COORDINATE_DIGITS
from geodata.database.tables import METADATA, history_table, layer_table
from layers.attribute import Role
from layers.catalog import CATALOG

PROJECTS = METADATA.tables["projects"]
PAST_PROJECTS = METADATA.tables["history.projects"]
VERSIONS = METADATA.tables["layer_versions"]
GOOD = {
    "name_zh": "试",
    "source": "test",
    "as_of": date(2011, 1, 1),
    "boundary_status": "schematic",
    "kind": "pilot",
}

every_layer = pytest.mark.parametrize("layer", list(CATALOG), ids=lambda layer: layer.id)


def fresh_id():
    return f"made-up-{uuid.uuid4().hex[:12]}"


def insert_project(connection, **values):
    row = {"id": fresh_id()} | GOOD | values
    connection.execute(PROJECTS.insert().values(row))
    return row["id"]


def public_text(connection, layer_id, feature_id):
    table = METADATA.tables[layer_id]
    query = select(table.c.feature).where(table.c.id == feature_id)
    return connection.execute(query).scalar_one()


def past(connection, feature_id):
    query = select(PAST_PROJECTS).where(PAST_PROJECTS.c.id == feature_id)
    return connection.execute(query.order_by(PAST_PROJECTS.c.revision)).all()


def version(connection, layer_id="projects"):
    query = select(VERSIONS.c.version).where(VERSIONS.c.layer == layer_id)
    return connection.execute(query).scalar_one_or_none() or 0


def rounded(coordinates):
    if isinstance(coordinates, int | float):
        return round(coordinates, COORDINATE_DIGITS)
    return [rounded(part) for part in coordinates]


def as_json(value):
    return value.isoformat() if isinstance(value, date) else value


# --- public text ---


@every_layer
def test_the_public_text_is_the_row_as_geojson(connection, layer):
    """Built a second time here, from the columns, by Python's json and Shapely."""
    table = layer_table(METADATA, layer)
    wkb = func.ST_AsBinary(table.c.geom).label("wkb")
    for row in connection.execute(select(*table.c, wkb)):
        feature = json.loads(row.feature)
        assert list(feature) == ["type", "id", "geometry", "properties"]
        assert (feature["type"], feature["id"]) == ("Feature", row.id)
        assert feature["properties"] == {
            attribute.name: as_json(getattr(row, attribute.name))
            for attribute in layer.all_attributes
            if attribute.reader is Role.PUBLIC
        }
        if row.wkb is None:
            assert feature["geometry"] is None
        else:
            own = shapely.from_wkb(bytes(row.wkb))
            assert feature["geometry"]["type"] == own.geom_type
            served = shapely.geometry.shape(feature["geometry"])
            assert served.equals_exact(own, 10.0**-COORDINATE_DIGITS, normalize=True)


@pytest.mark.parametrize(
    "name",
    [
        "中关村“核心区”",
        'say "hi"',
        "back\\slash",
        "line\nbreak\r\n\ttab",
        "\x01\x1f\x7f",
        "</script><!--",
        "𠮷野家 🙂",
        "'; DROP TABLE projects; --",
        "100% :name $1",
        "\u2028\u2029",
        " ",
    ],
    ids=repr,
)
def test_any_text_comes_back_from_the_public_text_as_it_was(connection, name):
    feature_id = insert_project(connection, name_zh=name)
    assert (
        json.loads(public_text(connection, "projects", feature_id))["properties"]["name_zh"] == name
    )


@pytest.mark.parametrize(
    ("column", "value", "shown"),
    [
        ("as_of", date(2011, 1, 26), '"2011-01-26"'),
        ("valid_to", None, "null"),
        ("accuracy_m", 0, "0"),
        ("accuracy_m", 0.1, "0.1"),
        ("accuracy_m", 1e21, "1e+21"),
        ("accuracy_m", 1e-7, "1e-07"),
        ("aliases", "", '""'),
    ],
)
def test_values_are_written_as_json_writes_them(connection, column, value, shown):
    feature_id = insert_project(connection, **{column: value})
    feature = public_text(connection, "projects", feature_id)
    assert f'"{column}":{shown}' in feature
    assert json.loads(feature)["properties"][column] == as_json(value)


@pytest.mark.parametrize(("value", "shown"), [(True, "true"), (False, "false"), (None, "null")])
def test_truth_values_are_written_as_json_writes_them(connection, value, shown):
    bases = METADATA.tables["bases"]
    feature_id = fresh_id()
    row = GOOD | {"id": feature_id, "kind": "base", "level": 3, "in_regulation": value}
    connection.execute(bases.insert().values(row))
    assert f'"in_regulation":{shown}' in public_text(connection, "bases", feature_id)


def test_the_holder_of_a_parcel_is_not_in_its_public_text(connection):
    square = "SRID=4490;MULTIPOLYGON(((116 40,116 40.1,116.1 40.1,116.1 40,116 40)))"
    row = {key: value for key, value in GOOD.items() if key != "kind"} | {
        "id": fresh_id(),
        "parcel_code": "110108001001GB00001",
        "holder": "某某公司",
        "geom": square,
    }
    connection.execute(METADATA.tables["parcels"].insert().values(row))
    feature = public_text(connection, "parcels", row["id"])
    assert "某某公司" not in feature
    assert "holder" not in json.loads(feature)["properties"]


def test_outer_rings_are_served_counterclockwise_and_holes_clockwise(connection):
    clockwise = "(116 40,116 40.3,116.3 40.3,116.3 40,116 40)"
    hole = "(116.1 40.1,116.2 40.1,116.2 40.2,116.1 40.2,116.1 40.1)"
    row = GOOD | {"id": fresh_id(), "kind": "base", "level": 3}
    row["geom"] = f"SRID=4490;MULTIPOLYGON(({clockwise},{hole}))"
    connection.execute(METADATA.tables["bases"].insert().values(row))
    feature = json.loads(public_text(connection, "bases", row["id"]))
    outer, inner = feature["geometry"]["coordinates"][0]
    assert shapely.LinearRing(outer).is_ccw
    assert not shapely.LinearRing(inner).is_ccw


def test_nobody_can_write_another_public_text(connection):
    feature_id = insert_project(connection)
    before = public_text(connection, "projects", feature_id)
    connection.execute(
        update(PROJECTS).where(PROJECTS.c.id == feature_id).values(feature="{}", recorded_by="x")
    )
    assert public_text(connection, "projects", feature_id) == before


# --- history ---


def test_history_keeps_each_row_that_was_replaced_or_deleted_with_who_when_and_why(migrated):
    with recorded(migrated, actor="anna", reason="survey") as connection:
        feature_id = insert_project(connection, name_zh="一")
    with recorded(migrated, actor="bo", reason="correction") as connection:
        connection.execute(update(PROJECTS).where(PROJECTS.c.id == feature_id).values(name_zh="二"))
    with recorded(migrated, actor="chen", reason="closed") as connection:
        connection.execute(PROJECTS.delete().where(PROJECTS.c.id == feature_id))
    with migrated.connect() as connection:
        first, second = past(connection, feature_id)
    assert (first.operation, second.operation) == ("update", "delete")
    assert (first.name_zh, second.name_zh) == ("一", "二")
    assert (first.recorded_by, first.recorded_reason) == ("anna", "survey")
    assert (first.superseded_by, first.superseded_reason) == ("bo", "correction")
    assert (second.recorded_by, second.superseded_by) == ("bo", "chen")
    assert first.recorded_at < first.superseded_at == second.recorded_at < second.superseded_at
    assert json.loads(first.feature)["properties"]["name_zh"] == "一"


@every_layer
def test_a_past_row_is_the_former_row_in_every_column(connection, layer):
    table, history = layer_table(METADATA, layer), history_table(METADATA, layer)
    columns = [column for column in table.c if column.name != "geom"]
    geometry = func.ST_AsEWKT(table.c.geom)
    before = connection.execute(select(*columns, geometry).order_by(table.c.id)).all()
    connection.execute(table.update().values(source="changed"))
    kept = [history.c[column.name] for column in columns]
    after = connection.execute(
        select(*kept, func.ST_AsEWKT(history.c.geom))
        .where(history.c.superseded_at == func.now())
        .order_by(history.c.id)
    ).all()
    assert after == before


def test_inserts_alone_leave_no_history(connection):
    assert past(connection, insert_project(connection)) == []


def test_a_statement_that_finds_no_row_leaves_no_history_and_no_version(connection):
    before = version(connection)
    nothing = PROJECTS.c.id == "nothing"
    connection.execute(update(PROJECTS).where(nothing).values(name_zh="x"))
    connection.execute(PROJECTS.delete().where(nothing))
    connection.execute(PROJECTS.insert().from_select(["id"], select(PROJECTS.c.id).where(nothing)))
    assert past(connection, "nothing") == []
    assert version(connection) == before


def test_a_change_of_many_rows_by_one_statement_is_kept_whole(connection):
    names = [f"bulk-{number}" for number in range(3000)]
    rows = [{"id": name} | GOOD for name in names]
    connection.execute(PROJECTS.insert(), rows)
    before = version(connection)
    connection.execute(update(PROJECTS).where(PROJECTS.c.id.like("bulk-%")).values(name_zh="改"))
    connection.execute(PROJECTS.delete().where(PROJECTS.c.id.like("bulk-%")))
    query = select(PAST_PROJECTS.c.operation, PAST_PROJECTS.c.id).where(
        PAST_PROJECTS.c.id.like("bulk-%")
    )
    kept = [tuple(row) for row in connection.execute(query)]
    assert sorted(kept) == sorted((what, name) for what in ("update", "delete") for name in names)
    assert version(connection) == before + 2


def test_a_row_that_takes_another_id_is_kept_under_the_old_one(connection):
    old, new = insert_project(connection), fresh_id()
    connection.execute(update(PROJECTS).where(PROJECTS.c.id == old).values(id=new))
    assert [row.operation for row in past(connection, old)] == ["update"]
    assert past(connection, new) == []
    assert json.loads(public_text(connection, "projects", new))["id"] == new


def test_truncate_is_refused_since_it_would_lose_history(connection):
    with pytest.raises(DBAPIError, match="TRUNCATE projects would lose its history; use DELETE"):
        connection.execute(text("TRUNCATE projects CASCADE"))


def test_record_time_never_runs_backwards_though_an_older_transaction_writes_later(migrated):
    """The one that began first waits for the row, and so has the earlier clock."""
    with migrated.begin() as connection:
        feature_id = insert_project(connection, name_zh="一")
    rename = update(PROJECTS).where(PROJECTS.c.id == feature_id)
    with migrated.connect() as older, migrated.connect() as younger:
        older.execute(select(func.now()))
        with younger.begin():
            younger.execute(rename.values(name_zh="二"))
        older.execute(rename.values(name_zh="三"))
        older.commit()
    with migrated.connect() as connection:
        first, second = past(connection, feature_id)
        present = connection.execute(select(PROJECTS).where(PROJECTS.c.id == feature_id)).one()
    assert [first.name_zh, second.name_zh, present.name_zh] == ["一", "二", "三"]
    assert first.recorded_at <= first.superseded_at == second.recorded_at
    assert second.recorded_at <= second.superseded_at == present.recorded_at


# --- who and why ---


def recorded_as(connection, feature_id):
    query = select(PROJECTS.c.recorded_by, PROJECTS.c.recorded_reason)
    return tuple(connection.execute(query.where(PROJECTS.c.id == feature_id)).one())


@pytest.fixture
def single(migrated_url):
    """An engine that has used one connection only, and thus uses it again."""
    engine = open_engine(migrated_url)
    yield engine
    engine.dispose()


def test_actor_and_reason_last_for_one_transaction_on_the_connection(single):
    with recorded(single, actor="anna", reason="survey") as connection:
        session = connection.execute(select(func.pg_backend_pid())).scalar_one()
        first = insert_project(connection)
        assert recorded_as(connection, first) == ("anna", "survey")
    with single.begin() as connection:
        assert connection.execute(select(func.pg_backend_pid())).scalar_one() == session
        second = insert_project(connection)
        assert recorded_as(connection, second) == (single.url.username, None)


def test_actor_and_reason_end_with_a_transaction_that_fails(single):
    with (
        pytest.raises(RuntimeError, match="on purpose"),
        recorded(single, actor="anna", reason="x"),
    ):
        raise RuntimeError("on purpose")
    with single.begin() as connection:
        feature_id = insert_project(connection)
        assert recorded_as(connection, feature_id) == (single.url.username, None)


def test_a_change_without_an_actor_is_ascribed_to_the_database_user(connection):
    feature_id = insert_project(connection)
    user = connection.execute(select(func.session_user())).scalar_one()
    assert recorded_as(connection, feature_id) == (user, None)


# --- versions ---


@pytest.mark.parametrize(
    "statement",
    [
        PROJECTS.insert().values({"id": "another"} | GOOD),
        PROJECTS.update().values(name_zh="x"),
        PROJECTS.delete(),
    ],
    ids=["insert", "update", "delete"],
)
def test_a_statement_that_changes_rows_moves_the_version_on_once(connection, statement):
    insert_project(connection)
    insert_project(connection)
    before, others = version(connection), version(connection, "bases")
    connection.execute(statement)
    assert version(connection) == before + 1
    assert version(connection, "bases") == others


@contextmanager
def listening(engine):
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as listener:
        listener.execute(f"LISTEN {VERSION_CHANNEL}")
        yield listener


def heard(listener):
    """What has arrived once a notice of our own has: notices come in the order of commits."""
    listener.execute(f"NOTIFY {VERSION_CHANNEL}, 'end'")
    payloads = [notice.payload for notice in listener.notifies(timeout=10, stop_after=1)]
    while payloads[-1] != "end":
        payloads += [notice.payload for notice in listener.notifies(timeout=10, stop_after=1)]
    return payloads[:-1]


def test_listeners_hear_the_new_version_when_it_is_committed_and_not_before(migrated):
    with listening(migrated) as listener:
        with migrated.begin() as connection:
            insert_project(connection)
            assert heard(listener) == []
        with migrated.connect() as connection:
            assert heard(listener) == [f"projects {version(connection)}"]


def test_nobody_hears_of_a_change_that_is_rolled_back(migrated):
    with listening(migrated) as listener:
        with migrated.connect() as connection:
            insert_project(connection)
            connection.rollback()
        assert heard(listener) == []


# --- areas ---


def area(connection, feature_id, layer_id="bases"):
    kind = {"bases": "base", "sub_parks": "park"}[layer_id]
    row = GOOD | {"id": feature_id, "kind": kind, "level": 3, "parent": "zgc-zone"}
    connection.execute(METADATA.tables[layer_id].insert().values(row))


def registered(connection, feature_id):
    areas = METADATA.tables["areas"]
    query = select(areas.c.layer, areas.c.parent, areas.c.counted_in)
    found = connection.execute(query.where(areas.c.id == feature_id)).one_or_none()
    return None if found is None else tuple(found)


def test_the_registry_of_areas_follows_every_change(connection):
    bases = METADATA.tables["bases"]
    old, new = fresh_id(), fresh_id()
    area(connection, old)
    assert registered(connection, old) == ("bases", "zgc-zone", None)
    connection.execute(update(bases).where(bases.c.id == old).values(counted_in="zgc-zone", id=new))
    assert registered(connection, old) is None
    assert registered(connection, new) == ("bases", "zgc-zone", "zgc-zone")
    connection.execute(bases.delete().where(bases.c.id == new))
    assert registered(connection, new) is None


def test_an_area_may_move_to_another_layer_within_one_transaction(connection):
    feature_id = fresh_id()
    area(connection, feature_id, "bases")
    connection.execute(
        METADATA.tables["bases"].delete().where(text("id = :id")), {"id": feature_id}
    )
    area(connection, feature_id, "sub_parks")
    connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    assert registered(connection, feature_id) == ("sub_parks", "zgc-zone", None)


def test_an_area_that_others_refer_to_cannot_be_deleted(connection):
    parent, child = fresh_id(), fresh_id()
    area(connection, parent)
    area(connection, child)
    bases = METADATA.tables["bases"]
    connection.execute(update(bases).where(bases.c.id == child).values(parent=parent))
    connection.execute(bases.delete().where(bases.c.id == parent))
    with pytest.raises(DBAPIError, match="fk_bases_parent"):
        connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))


@pytest.mark.parametrize("layer_id", [layer.id for layer in CATALOG if layer.is_area])
def test_the_registry_holds_exactly_the_areas_there_are(connection, layer_id):
    areas, table = METADATA.tables["areas"], METADATA.tables[layer_id]
    listed = select(areas.c.id, areas.c.parent).where(areas.c.layer == layer_id)
    present = select(table.c.id, table.c.parent)
    assert set(connection.execute(listed)) == set(connection.execute(present))
