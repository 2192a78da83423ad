"""Loads of members of offices: refused as one where a row lies elsewhere, then by PostgreSQL."""

from datetime import date

import pytest
from sqlalchemy import select

from geodata.database.author import WriteRefusedError
from geodata.database.engine import open_engine
from geodata.database.tables import METADATA
from geodata.errors import OutsideAreasError
from geodata.ingest.batch import ImportBatch
from geodata.ingest.copy import feature_rows
from geodata.ingest.load import import_rows
from geodata.ingest.modes import Mode
from geodata.ingest.undo import Undoing, undo
from geodata.ingest.validation import Feature
from layers.attribute import Role
from layers.catalog import CATALOG

PROJECTS, BASES = CATALOG.get("projects"), CATALOG.get("bases")
TABLE = METADATA.tables["projects"]
EAST = frozenset({"east"})
GOOD = {
    "name_zh": "试",
    "source": "t",
    "as_of": date(2011, 1, 1),
    "boundary_status": "schematic",
    "kind": "pilot",
}
MINE = {"p-east": "east", "p-base": "east-base"}
ALL = {**MINE, "p-west": "west", "p-none": None}
NAMES = {"p-east": "东项目", "p-base": "基地项目", "p-west": "西项目", "p-none": "无区项目"}


def made(feature_id, area, name="新", layer=PROJECTS, **values):
    given = {**GOOD, "name_zh": name, "area": area, **values}
    names = [attribute.name for attribute in layer.all_attributes]
    return Feature(feature_id, {name: given.get(name) for name in names}, None)


def batch(actor, areas, role=Role.LAND_OFFICER):
    return ImportBatch(
        file="a.csv", sha256="0" * 64, actor=actor, reason="survey", role=role, areas=areas
    )


def load(engine, *features, mode, actor="lea", areas=EAST, layer=PROJECTS, role=Role.LAND_OFFICER):
    rows = [feature_rows(layer, features)]
    return import_rows(engine, layer, rows, mode=mode, batch=batch(actor, areas, role))


def as_they_are(ids=ALL):
    return [made(each, ALL[each], NAMES[each]) for each in ids]


def areas(engine):
    with engine.connect() as connection:
        rows = connection.execute(select(TABLE.c.id, TABLE.c.name_zh, TABLE.c.area)).all()
    return {row.id: (row.name_zh, row.area) for row in rows}


@pytest.fixture(scope="module")
def engine(offices):
    engine = open_engine(offices())
    yield engine
    engine.dispose()


@pytest.fixture(autouse=True)
def unchanged(engine):
    """Each test finds the projects as they were."""
    yield
    rows = [feature_rows(PROJECTS, as_they_are())]
    own = ImportBatch(file="a.csv", sha256="0" * 64, actor="owner", reason="test")
    import_rows(engine, PROJECTS, rows, mode=Mode.REPLACE, batch=own)


@pytest.mark.parametrize("mode", [Mode.APPEND, Mode.UPDATE])
def test_new_rows_of_its_areas_are_loaded(engine, mode):
    new = [made("t-1", "east"), made("t-2", "east-base")]
    assert load(engine, *new, mode=mode).inserted == 2
    assert areas(engine)["t-2"] == ("新", "east-base")


def test_a_file_of_the_whole_layer_may_change_ones_own_rows(engine):
    features = [made("p-east", "east-base"), *as_they_are(["p-base", "p-west", "p-none"])]
    loaded = load(engine, *features, mode=Mode.REPLACE)
    assert (loaded.updated, loaded.unchanged, loaded.removed) == (1, 3, 0)
    with engine.connect() as connection:
        row = connection.execute(select(TABLE).where(TABLE.c.id == "p-east")).one()
    assert (row.area, row.recorded_by, row.recorded_reason) == ("east-base", "lea", "survey")
    assert '"area":"east-base"' in row.feature


def test_ones_own_rows_may_go(engine):
    loaded = load(engine, *as_they_are(["p-east", "p-west", "p-none"]), mode=Mode.REPLACE)
    assert loaded.removed == 1
    assert "p-base" not in areas(engine)


REFUSED = {
    "new elsewhere": (Mode.APPEND, [made("t-1", "west")], [("t-1", "west")]),
    "new nowhere": (Mode.UPDATE, [made("t-1", None)], [("t-1", None)]),
    "one of several": (
        Mode.APPEND,
        [made("t-1", "east"), made("t-2", "west"), made("t-3", "zone")],
        [("t-2", "west"), ("t-3", "zone")],
    ),
    "edit": (Mode.UPDATE, [made("p-west", "west")], [("p-west", "west")]),
    "take in": (Mode.UPDATE, [made("p-west", "east")], [("p-west", "west")]),
    "claim": (Mode.UPDATE, [made("p-none", "east")], [("p-none", None)]),
    "move out": (Mode.UPDATE, [made("p-east", "west")], [("p-east", "west")]),
    "replace": (
        Mode.REPLACE,
        as_they_are(MINE),
        [("p-none", None), ("p-west", "west")],
    ),
}


@pytest.mark.parametrize(("mode", "features", "outside"), REFUSED.values(), ids=REFUSED)
def test_a_load_with_a_row_elsewhere_is_refused_whole_and_by_name(engine, mode, features, outside):
    before = areas(engine)
    with pytest.raises(OutsideAreasError, match=outside[0][0]) as refused:
        load(engine, *features, mode=mode)
    assert list(refused.value.outside) == outside
    assert areas(engine) == before


@pytest.mark.parametrize(("mode", "features"), [row[:2] for row in REFUSED.values()], ids=REFUSED)
def test_without_that_check_postgresql_refuses(engine, mode, features):
    before = areas(engine)
    with pytest.raises(WriteRefusedError, match="database does not let"):
        load(engine, *features, mode=mode, areas=None)
    assert areas(engine) == before


def test_of_areas_an_office_loads_those_below_its_own(engine):
    values = {"kind": "base", "level": 3}
    below = made("t-1", None, layer=BASES, parent="east", counted_in="east", **values)
    assert load(engine, below, mode=Mode.APPEND, layer=BASES).inserted == 1
    beside = made("t-2", None, layer=BASES, parent="west", **values)
    for known, error in ((EAST, OutsideAreasError), (None, WriteRefusedError)):
        with pytest.raises(error):
            load(engine, beside, mode=Mode.APPEND, layer=BASES, areas=known)
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT id FROM areas WHERE id LIKE 't-%%'").scalars()
        assert list(rows) == ["t-1"]


def test_who_belongs_to_no_group_loads_what_the_layer_lets_the_role(engine):
    new = [made("t-1", "west"), made("p-none", None)]
    assert load(engine, *new, mode=Mode.UPDATE, actor="lou", areas=None).changed == 2
    area = made("t-9", None, layer=BASES, parent="east", kind="base", level=3)
    with pytest.raises(WriteRefusedError, match="lou"):
        load(engine, area, mode=Mode.APPEND, actor="lou", areas=None, layer=BASES)


def test_a_load_of_an_account_moves_the_version_on_and_keeps_history_as_the_owners(engine):
    def version(connection):
        return connection.exec_driver_sql(
            "SELECT version FROM layer_versions WHERE layer = 'projects'"
        ).scalar_one()

    with engine.connect() as connection:
        before = version(connection)
        connection.rollback()
        load(engine, made("t-new", "east"), mode=Mode.APPEND)
        added = version(connection)
        load(engine, made("t-new", "east", "再"), mode=Mode.UPDATE)
        past = connection.exec_driver_sql(
            "SELECT name_zh, superseded_by FROM history.projects WHERE id = 't-new'"
        ).all()
    assert added > before
    assert past == [("新", "lea")]


@pytest.fixture
def imported(engine):
    """Numbers of imports of somebody else: into the east, and into the west."""
    east = load(engine, made("t-1", "east"), mode=Mode.APPEND, actor="lou", areas=None)
    west = load(engine, made("p-west", "west"), mode=Mode.UPDATE, actor="lou", areas=None)
    return east.import_id, west.import_id


def taking_back(known=EAST):
    return Undoing("lea", "wrong file", role=Role.LAND_OFFICER, areas=known)


def test_an_office_takes_back_an_import_into_its_areas(engine, imported):
    assert undo(engine, imported[0], taking_back()).removed == 1
    assert "t-1" not in areas(engine)


@pytest.mark.parametrize(("known", "error"), [(EAST, OutsideAreasError), (None, WriteRefusedError)])
def test_it_does_not_take_back_one_into_anothers(engine, imported, known, error):
    before = areas(engine)
    with pytest.raises(error, match="p-west"):
        undo(engine, imported[1], taking_back(known))
    assert areas(engine) == before


def test_an_import_that_an_office_undoes_may_have_moved_nothing_out(engine):
    moved = load(engine, made("p-east", "west"), mode=Mode.UPDATE, actor="lou", areas=None)
    with pytest.raises(OutsideAreasError, match="'p-east' in west"):
        undo(engine, moved.import_id, taking_back())
