"""Changes of features: over the present version only, by the rules of imports, kept in history."""

from datetime import UTC, date, datetime
from threading import Barrier, Thread

import pytest
import shapely
from sqlalchemy import func, select

from geodata.accounts.users import add_user
from geodata.database.author import Author, WriteRefusedError
from geodata.database.tables import METADATA
from geodata.errors import FeatureNotFoundError
from geodata.features.changes import (
    ExistingFeatureError,
    LostUpdateError,
    changing,
    create,
    merge,
    patched,
    remove,
    replace,
)
from geodata.features.crs import CRS84, find_crs
from geodata.ingest.exclusive import RowsRefusedError
from geodata.ingest.finding import RefusedError
from layers.attribute import Role
from layers.catalog import CATALOG

PROJECTS, CLUSTERS = CATALOG.get("projects"), CATALOG.get("clusters")
TABLE, PAST = METADATA.tables["projects"], METADATA.tables["history.projects"]
ANNA = Author(actor="anna", role=Role.PLANNER, reason="survey 2026")
ADMIN = Author(actor="root", role=Role.ADMIN)
VALUES = {
    "name_zh": "试点",
    "source": "test",
    "as_of": "2011-01-01",
    "boundary_status": "schematic",
    "kind": "pilot",
}
PLACE = {"type": "Point", "coordinates": [116.31, 39.98]}


def feature(geometry=PLACE, **values):
    properties = {**VALUES, **values}
    return {"type": "Feature", "geometry": geometry, "properties": properties}


@pytest.fixture(scope="module")
def migrated(migrated):
    """With accounts: PostgreSQL lets nobody else change anything."""
    with migrated.begin() as connection:
        for name, role in {"anna": "planner", "bo": "planner", "root": "admin"}.items():
            add_user(connection, name, role, password=None, now=datetime.now(UTC))
    return migrated


@pytest.fixture
def made(migrated):
    """A feature and its tag; gone at the end."""
    with changing(migrated, PROJECTS, ANNA) as connection:
        (written,) = create(connection, PROJECTS, [{**feature(), "id": "t-1"}], CRS84)
    yield written
    with migrated.begin() as connection:
        connection.execute(TABLE.delete())


def row(engine, feature_id="t-1"):
    columns = (*TABLE.c, func.ST_AsText(TABLE.c.geom).label("wkt"))
    with engine.connect() as connection:
        return connection.execute(select(*columns).where(TABLE.c.id == feature_id)).one_or_none()


def act(engine, verb, *arguments, author=ANNA, **options):
    with changing(engine, PROJECTS, author) as connection:
        return verb(connection, PROJECTS, *arguments, **options)


KNOWN = {"reader": Role.PLANNER}


@pytest.mark.usefixtures("made")
def test_a_created_feature_is_stored_with_its_author_and_reason(migrated):
    found = row(migrated)
    assert (found.name_zh, found.as_of, found.wkt) == (
        "试点",
        date(2011, 1, 1),
        "POINT(116.31 39.98)",
    )
    assert (found.recorded_by, found.recorded_reason) == ("anna", "survey 2026")


@pytest.mark.usefixtures("made")
def test_a_feature_without_an_id_gets_one_that_stays_as_long_as_its_name(migrated):
    (first,) = act(migrated, create, [feature(name_zh="甲")], CRS84)
    with pytest.raises(ExistingFeatureError, match=first.id):
        act(migrated, create, [feature(name_zh="甲")], CRS84)


def test_a_replacement_leaves_nothing_of_the_former_version(migrated, made):
    given = feature(None, name_zh="新")
    act(migrated, merge, "t-1", {"properties": {"name_en": "Old"}}, CRS84, expected=None, **KNOWN)
    written = act(migrated, replace, "t-1", given, CRS84, expected=None, **KNOWN)
    found = row(migrated)
    assert (found.name_zh, found.name_en, found.wkt) == ("新", None, None)
    assert written.tag != made.tag


PATCHES = {
    "value": ({"properties": {"name_en": "Pilot"}}, {"name_en": "Pilot", "name_zh": "试点"}),
    "null removes": (
        {"properties": {"kind": "standard", "accuracy_m": None}},
        {"accuracy_m": None},
    ),
    "place": (
        {"geometry": {"type": "Point", "coordinates": [116.4, 40.0]}},
        {"wkt": "POINT(116.4 40)", "name_zh": "试点"},
    ),
    "coordinates": ({"geometry": {"coordinates": [116.4, 40.0]}}, {"wkt": "POINT(116.4 40)"}),
    "no place": ({"geometry": None}, {"wkt": None}),
    "nothing": ({}, {"wkt": "POINT(116.31 39.98)", "name_zh": "试点"}),
}


@pytest.mark.parametrize(("patch", "expected"), PATCHES.values(), ids=PATCHES)
def test_a_merge_patch_changes_what_it_names_and_nothing_else(migrated, made, patch, expected):
    act(migrated, merge, "t-1", patch, CRS84, expected={made.tag}, **KNOWN)
    assert {name: row(migrated)._mapping[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "b"}, ["c"], ["c"]),
        ({"a": "foo"}, None, None),
        ({"a": "foo"}, "bar", "bar"),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_merge_patches_do_what_rfc_7396_lists(target, patch, result):
    assert patched(target, patch) == result


@pytest.mark.usefixtures("made")
def test_a_value_cannot_be_removed_that_every_feature_needs(migrated):
    patch = {"properties": {"name_zh": None}}
    with pytest.raises(RefusedError) as refused:
        act(migrated, merge, "t-1", patch, CRS84, expected=None, **KNOWN)
    assert [(f.field, f.rule) for f in refused.value.findings] == [("name_zh", "required")]


def test_of_two_editors_of_one_version_the_second_is_told_of_the_first(migrated, made):
    first, second = ({"properties": {"name_en": name}} for name in ("First", "Second"))
    written = act(migrated, merge, "t-1", first, CRS84, expected={made.tag}, **KNOWN)
    with pytest.raises(LostUpdateError, match=r"t-1.*projects") as lost:
        act(migrated, merge, "t-1", second, CRS84, expected={made.tag}, **KNOWN)
    assert (lost.value.tag, row(migrated).name_en) == (written.tag, "First")
    assert '"name_en":"First"' in lost.value.present


def test_of_editors_at_the_same_moment_one_wins(migrated, made):
    start, won = Barrier(4), []

    def edit(name):
        start.wait()
        patch = {"properties": {"name_en": name}}
        try:
            act(migrated, merge, "t-1", patch, CRS84, expected={made.tag}, **KNOWN)
        except LostUpdateError:
            return
        won.append(name)

    threads = [Thread(target=edit, args=(f"n{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert won == [row(migrated).name_en]


def test_the_tag_changes_with_the_feature_and_not_with_its_neighbours(migrated, made):
    act(migrated, create, [feature(name_zh="邻")], CRS84)
    same = act(migrated, merge, "t-1", {}, CRS84, expected={made.tag}, **KNOWN)
    assert same.tag == made.tag


def test_a_removed_feature_is_in_the_history_with_who_removed_it_and_why(migrated, made):
    bo = Author(actor="bo", role=Role.PLANNER, reason="merged into t-2")
    act(migrated, remove, "t-1", expected={made.tag}, author=bo, **KNOWN)
    with migrated.connect() as connection:
        past = connection.execute(select(PAST).order_by(PAST.c.revision.desc()).limit(1)).one()
    assert (past.id, past.operation) == ("t-1", "delete")
    assert (past.superseded_by, past.superseded_reason) == ("bo", "merged into t-2")
    assert (past.recorded_by, past.recorded_reason) == ("anna", "survey 2026")


BREACHES = {
    "unknown attribute": (feature(colour="red"), "colour", "unknown-field"),
    "other type": (feature(accuracy_m="far"), "accuracy_m", "type"),
    "object for text": (feature(name_en={"a": 1}), "name_en", "type"),
    "code": (feature(kind="castle"), "kind", "codes"),
    "reference": (feature(area="nowhere"), "area", "reference"),
    "period": (feature(valid_from="2012-01-01", valid_to="2011-01-01"), "valid_to", "valid-period"),
    "geometry type": (
        feature({"type": "LineString", "coordinates": [[116, 39], [117, 40]]}),
        "geometry",
        "geometry",
    ),
    "no coordinates": (feature({"type": "Point", "coordinates": []}), "geometry", "geometry"),
    "off the globe": (feature({"type": "Point", "coordinates": [500, 95]}), "geometry", None),
    "id": ({**feature(), "id": "a b"}, "id", "id"),
    "nothing": (
        {"type": "Feature", "geometry": None, "properties": None},
        "properties",
        "required",
    ),
}


@pytest.mark.usefixtures("made")
@pytest.mark.parametrize(("given", "field", "rule"), BREACHES.values(), ids=BREACHES)
def test_what_an_import_refuses_is_refused(migrated, given, field, rule):
    with pytest.raises(RefusedError) as refused:
        act(migrated, create, [feature(name_zh="好"), given], CRS84)
    found = [(f.row, f.field, f.rule) for f in refused.value.findings if rule in (None, f.rule)]
    assert (2, field) in [each[:2] for each in found]
    with migrated.connect() as connection:
        names = connection.execute(select(TABLE.c.name_zh)).scalars().all()
    assert names == ["试点"]


FRAMES = {
    "EPSG:4326, latitude first": ("http://www.opengis.net/def/crs/EPSG/0/4326", [39.98, 116.31]),
    "EPSG:4548, northing first": ("[EPSG:4548]", None),
    "longitude first": ("http://www.opengis.net/def/crs/OGC/1.3/CRS84", [116.31, 39.98]),
}


@pytest.mark.usefixtures("made")
@pytest.mark.parametrize(("name", "position"), FRAMES.values(), ids=FRAMES)
def test_coordinates_are_in_the_crs_that_is_said(migrated, name, position):
    crs = find_crs(name)
    if position is None:
        with migrated.connect() as connection:
            point = func.ST_Transform(func.ST_SetSRID(func.ST_Point(116.31, 39.98), 4490), 4548)
            y, x = connection.execute(select(func.ST_Y(point), func.ST_X(point))).one()
        position = [y, x]
    moved = feature({"type": "Point", "coordinates": position})
    act(migrated, replace, "t-1", moved, crs, expected=None, **KNOWN)
    stored = shapely.from_wkt(row(migrated).wkt)
    assert stored.distance(shapely.Point(116.31, 39.98)) < 1e-6


@pytest.mark.usefixtures("made")
@pytest.mark.parametrize("verb", [replace, merge])
def test_a_feature_that_is_not_there_cannot_be_changed(migrated, verb):
    for absent in ("t-2", "a\0b"):
        with pytest.raises(FeatureNotFoundError):
            act(migrated, verb, absent, feature(), CRS84, expected=None, **KNOWN)


def test_the_database_refuses_a_layer_that_the_role_does_not_write(migrated):
    area = feature(None, level=1)
    del area["properties"]["kind"]
    with (
        pytest.raises(WriteRefusedError, match=r"anna, planner.*clusters.*admin"),
        changing(migrated, CLUSTERS, ANNA) as connection,
    ):
        create(connection, CLUSTERS, [area], CRS84)


@pytest.mark.usefixtures("made")
def test_an_area_that_others_refer_to_stays(migrated):
    area = {**feature(None, level=1), "id": "t-area"}
    del area["properties"]["kind"]
    with changing(migrated, CLUSTERS, ADMIN) as connection:
        create(connection, CLUSTERS, [area], CRS84)
    patch = {"properties": {"area": "t-area"}}
    act(migrated, merge, "t-1", patch, CRS84, expected=None, **KNOWN)
    with (
        pytest.raises(RowsRefusedError, match="t-area"),
        changing(migrated, CLUSTERS, ADMIN) as connection,
    ):
        remove(connection, CLUSTERS, "t-area", reader=Role.ADMIN, expected=None)
    act(migrated, remove, "t-1", expected=None, **KNOWN)
    with changing(migrated, CLUSTERS, ADMIN) as connection:
        remove(connection, CLUSTERS, "t-area", reader=Role.ADMIN, expected=None)
