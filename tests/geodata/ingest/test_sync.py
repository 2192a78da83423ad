"""Loading: a file's rows follow the file, others' rows stay, equal rows are not touched."""

from datetime import date

import pytest
import shapely
from sqlalchemy import delete, func, select, text, update

from geodata.database.tables import METADATA
from geodata.ingest.sync import Synced, ValueTakenError, remove_absent, sync_features
from geodata.ingest.validation import Feature
from layers.catalog import CATALOG

PROJECTS, ENTERPRISES = CATALOG.get("projects"), CATALOG.get("enterprises")
DISTRICTS, BASES = CATALOG.get("districts"), CATALOG.get("bases")
OWNER = "survey"
GOOD = {
    "name_zh": "试",
    "source": "test",
    "as_of": date(2011, 1, 1),
    "boundary_status": "schematic",
    "kind": "pilot",
    "level": 3,
}
POINT = shapely.Point(116.3, 40)


def made(layer, feature_id, geometry=POINT, **values):
    names = [attribute.name for attribute in layer.all_attributes]
    return Feature(feature_id, {name: (GOOD | values).get(name) for name in names}, geometry)


def project(feature_id, geometry=POINT, **values):
    return made(PROJECTS, feature_id, geometry, **values)


def enterprise(feature_id, **values):
    return made(ENTERPRISES, feature_id, **values)


def sync(connection, features, layer=PROJECTS, owner=OWNER):
    act_as(connection, owner)
    return sync_features(connection, layer, features, owner)


def act_as(connection, actor):
    connection.execute(select(func.set_config("zgc.actor", actor, True)))


def present(connection, layer=PROJECTS):
    """Rows of the made-up ids: name by id."""
    table = METADATA.tables[layer.id]
    rows = connection.execute(select(table).where(table.c.id.like("made-up-%")))
    return {row.id: row.name_zh for row in rows}


def state(connection, layer=PROJECTS):
    """What a load that finds everything equal must leave: rows, history, version."""
    table, past = METADATA.tables[layer.id], METADATA.tables[f"history.{layer.id}"]
    versions = METADATA.tables["layer_versions"]
    return (
        connection.execute(select(func.count(), func.max(table.c.recorded_at))).one(),
        connection.execute(select(func.count()).select_from(past)).scalar_one(),
        connection.execute(select(versions).where(versions.c.layer == layer.id)).all(),
    )


def test_a_first_load_writes_every_feature_as_it_is(connection):
    area = shapely.MultiPolygon([shapely.box(116, 40, 116.1, 40.1)])
    feature = made(BASES, "made-up-1", area, kind="base", in_regulation=True, accuracy_m=0.1)
    assert sync(connection, [feature], BASES) == Synced(written=1, removed=0, kept=0)
    table = METADATA.tables["bases"]
    wkb = func.ST_AsBinary(table.c.geom).label("wkb")
    row = connection.execute(select(table, wkb).where(table.c.id == "made-up-1")).one()
    assert {name: getattr(row, name) for name in feature.values} == feature.values
    assert shapely.from_wkb(bytes(row.wkb)).equals_exact(area)
    assert row.recorded_by == OWNER


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"name_zh": "“引号”\t'\\N\\.\n,;", "name_en": "\\N"},
        {"accuracy_m": 0.1, "valid_from": date(1, 1, 1), "valid_to": date(9999, 12, 31)},
        {"aliases": "🙂𠮷", "section": "八(一)"},
    ],
)
def test_a_second_load_of_the_same_features_touches_nothing(connection, values):
    features = [project("made-up-1", **values), project("made-up-2", None)]
    assert sync(connection, features).written == 2
    before = state(connection)
    assert sync(connection, features) == Synced(written=0, removed=0, kept=0)
    assert state(connection) == before


@pytest.mark.parametrize(
    "changed",
    [
        {"name_zh": "改"},
        {"name_en": "now known"},
        {"accuracy_m": None},
        {"geometry": shapely.Point(116.3, 40.0000001)},
        {"geometry": None},
    ],
    ids=["value", "from-null", "to-null", "moved", "place-unknown"],
)
def test_a_changed_feature_is_written_and_its_neighbour_is_not(connection, changed):
    neighbour = project("made-up-2")
    sync(connection, [project("made-up-1", accuracy_m=5), neighbour])
    now = project("made-up-1", **{"accuracy_m": 5, **changed})
    assert sync(connection, [now, neighbour]) == Synced(written=1, removed=0, kept=0)
    past = METADATA.tables["history.projects"]
    query = select(past.c.id, past.c.operation).where(past.c.id.like("made-up-%"))
    assert connection.execute(query).all() == [("made-up-1", "update")]


def test_a_feature_that_the_file_no_longer_has_is_removed(connection):
    sync(connection, [project("made-up-1"), project("made-up-2")])
    assert sync(connection, [project("made-up-2")]) == Synced(written=0, removed=1, kept=0)
    assert sync(connection, []) == Synced(written=0, removed=1, kept=0)
    assert present(connection) == {}


def test_rows_of_other_owners_are_neither_removed_nor_counted(connection):
    sync(connection, [project("made-up-1")], owner="census")
    assert sync(connection, [project("made-up-2")]) == Synced(written=1, removed=0, kept=0)
    assert sync(connection, []) == Synced(written=0, removed=1, kept=0)
    assert present(connection) == {"made-up-1": "试"}


def test_a_row_that_somebody_changed_is_kept_and_counted(connection):
    table = METADATA.tables["projects"]
    sync(connection, [project("made-up-1"), project("made-up-2")])
    act_as(connection, "anna")
    connection.execute(update(table).where(table.c.id == "made-up-1").values(name_zh="安娜改"))
    features = [project("made-up-1", name_zh="新"), project("made-up-2", name_zh="新")]
    assert sync(connection, features) == Synced(written=1, removed=0, kept=1)
    assert present(connection) == {"made-up-1": "安娜改", "made-up-2": "新"}
    assert sync(connection, []) == Synced(written=0, removed=1, kept=0)
    assert present(connection) == {"made-up-1": "安娜改"}


def test_a_row_that_somebody_deleted_stays_deleted_and_is_counted(connection):
    table = METADATA.tables["projects"]
    features = [project("made-up-1"), project("made-up-2")]
    sync(connection, features)
    act_as(connection, "anna")
    connection.execute(delete(table).where(table.c.id == "made-up-1"))
    assert sync(connection, features) == Synced(written=0, removed=0, kept=1)
    assert list(present(connection)) == ["made-up-2"]


def test_a_row_that_the_owner_deleted_himself_may_come_again(connection):
    sync(connection, [project("made-up-1")])
    sync(connection, [])
    assert sync(connection, [project("made-up-1")]) == Synced(written=1, removed=0, kept=0)
    assert sync(connection, []) == Synced(written=0, removed=1, kept=0)


def test_a_row_that_was_deleted_by_others_and_restored_by_the_owner_is_his_again(connection):
    table = METADATA.tables["projects"]
    sync(connection, [project("made-up-1")])
    act_as(connection, "anna")
    connection.execute(delete(table).where(table.c.id == "made-up-1"))
    act_as(connection, OWNER)
    values = {**GOOD, "id": "made-up-1"}
    del values["level"]
    connection.execute(table.insert().values(values))
    sync(connection, [])
    assert sync(connection, [project("made-up-1")]) == Synced(written=1, removed=0, kept=0)


# --- values that must be unique ---

USCC, OTHER_USCC = "91110108551385082Q", "91110000100000000A"


def uscc(connection):
    table = METADATA.tables["enterprises"]
    query = select(table.c.id, table.c.uscc).where(table.c.id.like("made-up-%"))
    return {row.id: row.uscc for row in connection.execute(query)}


def test_a_unique_value_may_pass_to_a_feature_with_another_id(connection):
    sync(connection, [enterprise("made-up-1", uscc=USCC)], ENTERPRISES)
    renamed = [enterprise("made-up-2", uscc=USCC)]
    assert sync(connection, renamed, ENTERPRISES) == Synced(written=1, removed=1, kept=0)
    assert uscc(connection) == {"made-up-2": USCC}


def test_two_features_may_exchange_their_unique_values(connection):
    def pair(one, other):
        return [enterprise("made-up-1", uscc=one), enterprise("made-up-2", uscc=other)]

    sync(connection, pair(USCC, OTHER_USCC), ENTERPRISES)
    assert sync(connection, pair(OTHER_USCC, USCC), ENTERPRISES).written == 2
    assert uscc(connection) == {"made-up-1": OTHER_USCC, "made-up-2": USCC}


def test_a_unique_value_that_somebody_else_s_feature_has_is_refused_by_name(connection):
    sync(connection, [enterprise("made-up-1", uscc=USCC)], ENTERPRISES, "census")
    with pytest.raises(
        ValueTakenError,
        match=f"enterprises, uscc must be unique: made-up-2 wants '{USCC}' of made-up-1",
    ):
        sync(connection, [enterprise("made-up-2", uscc=USCC)], ENTERPRISES)


def test_a_value_is_not_taken_by_a_feature_that_is_not_written(connection):
    """Theirs stands: the one is theirs now, the other they deleted."""
    table = METADATA.tables["enterprises"]
    ours = [enterprise("made-up-1", uscc=USCC), enterprise("made-up-2", uscc=OTHER_USCC)]
    sync(connection, ours, ENTERPRISES)
    act_as(connection, "anna")
    connection.execute(update(table).where(table.c.id == "made-up-1").values(uscc=None))
    connection.execute(delete(table).where(table.c.id == "made-up-2"))
    connection.execute(
        update(table).where(table.c.id == "made-up-1").values(uscc=OTHER_USCC, name_zh="安娜")
    )
    assert sync(connection, ours, ENTERPRISES) == Synced(written=0, removed=0, kept=2)
    assert uscc(connection) == {"made-up-1": OTHER_USCC}


# --- references and scale ---


def test_areas_may_refer_to_one_another_in_any_order(connection):
    areas = [
        made(BASES, f"made-up-{one}", None, kind="base", parent=f"made-up-{other}")
        for one, other in ((1, 2), (2, 3), (3, 1))
    ]
    assert sync(connection, areas, BASES).written == 3
    connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))


def test_an_area_passes_from_one_layer_to_another(connection):
    sync(connection, [made(BASES, "made-up-1", None, kind="base")], BASES)
    assert remove_absent(connection, BASES, [], OWNER) == 1
    parks = CATALOG.get("sub_parks")
    assert sync(connection, [made(parks, "made-up-1", None, kind="park")], parks).written == 1
    connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))


def test_no_features_remove_no_rows_of_others(connection):
    act_as(connection, OWNER)
    assert remove_absent(connection, DISTRICTS, [], OWNER) == 0


def test_twenty_thousand_features_load_whole_rerun_untouched_and_go(connection):
    features = [
        enterprise(
            f"made-up-{number}",
            geometry=shapely.Point(115.5 + number % 200 / 100, 39.5 + number // 200 / 100),
            uscc=f"9111{number:014d}",
        )
        for number in range(20_000)
    ]
    total = len(features)
    assert sync(connection, features, ENTERPRISES) == Synced(total, 0, 0)
    assert sync(connection, features, ENTERPRISES) == Synced(0, 0, 0)
    assert sync(connection, [], ENTERPRISES) == Synced(0, total, 0)
    past = METADATA.tables["history.enterprises"]
    kept = select(func.count()).where(past.c.id.like("made-up-%"))
    assert connection.execute(kept).scalar_one() == total
