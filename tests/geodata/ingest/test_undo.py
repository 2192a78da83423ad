"""Taking imports back: rows become what they were, as a new change; others' work stays."""

from datetime import date

import pytest
import shapely
from sqlalchemy import delete, func, insert, select, text, update

from geodata.database.tables import METADATA
from geodata.ingest.batch import IMPORTS, ImportBatch
from geodata.ingest.copy import feature_rows
from geodata.ingest.exclusive import RowsRefusedError
from geodata.ingest.load import load_features
from geodata.ingest.modes import Mode
from geodata.ingest.undo import ChangedSinceError, ImportNotFoundError, Undoing, undo_import
from geodata.ingest.validation import Feature
from layers.catalog import CATALOG

PROJECTS, BASES = CATALOG.get("projects"), CATALOG.get("bases")
TABLE, PAST = METADATA.tables["projects"], METADATA.tables["history.projects"]
UNDOING = Undoing("bo", "wrong file")
GOOD = {
    "name_zh": "试",
    "source": "test",
    "as_of": date(2011, 1, 1),
    "boundary_status": "schematic",
    "kind": "pilot",
    "level": 3,
}


def made(feature_id, name="试", layer=PROJECTS, geometry=None, **values):
    given = GOOD | {"name_zh": name} | values
    names = [attribute.name for attribute in layer.all_attributes]
    return Feature(feature_id, {name: given.get(name) for name in names}, geometry)


def load(connection, *features, mode=Mode.UPDATE, layer=PROJECTS):
    batch = ImportBatch(file="a.csv", sha256="0" * 64, actor="anna", reason="survey")
    rows = [feature_rows(layer, features)]
    return load_features(connection, layer, rows, mode=mode, batch=batch).import_id


def undo(connection, number, **options):
    return undo_import(connection, number, UNDOING._replace(**options))


def counts(loaded):
    return loaded.inserted, loaded.updated, loaded.removed, loaded.unchanged


def rows(connection):
    """What the rows say, all columns but the record's."""
    names = [each.name for each in TABLE.c if not each.name.startswith("recorded_")]
    query = select(
        *(TABLE.c[name] for name in names if name != "geom"), func.ST_AsEWKB(TABLE.c.geom)
    )
    return {row.id: tuple(row) for row in connection.execute(query)}


@pytest.fixture
def present(connection):
    """Three rows of an earlier import."""
    one, two = (shapely.Point(116.3, 40 + part) for part in (0.1, 0.2))
    load(connection, made("a", geometry=one), made("b", geometry=two), made("c"))
    return rows(connection)


FILES = {
    "new rows": ([made("d"), made("e")], Mode.APPEND, (0, 0, 2, 0)),
    "changed rows": ([made("a", "改"), made("b", "改")], Mode.UPDATE, (0, 2, 0, 0)),
    "both": ([made("a", "改"), made("d")], Mode.UPDATE, (0, 1, 1, 0)),
    "equal rows": ([made("c")], Mode.UPDATE, (0, 0, 0, 0)),
}


@pytest.mark.parametrize(("features", "mode", "expected"), FILES.values(), ids=FILES)
def test_rows_become_what_they_were(connection, present, features, mode, expected):
    number = load(connection, *features, mode=mode)
    assert counts(undo(connection, number)) == expected
    assert rows(connection) == present


def test_a_replaced_layer_comes_back_whole(connection, present):
    number = load(connection, made("a", "改"), made("d"), mode=Mode.REPLACE)
    assert set(rows(connection)) == {"a", "d"}
    assert counts(undo(connection, number)) == (len(present) - 1, 1, 1, 0)
    assert rows(connection) == present


@pytest.mark.usefixtures("present")
def test_nothing_is_erased_and_the_undoing_is_an_import_itself(connection):
    number = load(connection, made("a", "改"), made("d"))
    loaded = undo(connection, number)
    entry = connection.execute(select(IMPORTS).where(IMPORTS.c.id == loaded.import_id)).one()
    assert (entry.undoes, entry.mode, entry.file) == (number, "undo", "a.csv")
    assert (entry.actor, entry.reason) == ("bo", "wrong file")
    query = select(PAST.c.id, PAST.c.operation, PAST.c.name_zh, PAST.c.superseded_reason)
    past = connection.execute(query.where(PAST.c.superseded_import == loaded.import_id)).all()
    assert sorted(past) == [
        ("a", "update", "改", "wrong file"),
        ("d", "delete", "试", "wrong file"),
    ]


def test_an_undoing_can_be_undone_and_that_again(connection, present):
    number = load(connection, made("a", "改"), made("d"), mode=Mode.REPLACE)
    after = rows(connection)
    first = undo(connection, number)
    assert rows(connection) == present
    second = undo(connection, first.import_id)
    assert rows(connection) == after
    undo(connection, second.import_id)
    assert rows(connection) == present


def changed(connection):
    connection.execute(text("SELECT set_config('zgc.actor', 'chen', true)"))
    connection.execute(update(TABLE).where(TABLE.c.id == "a").values(name_zh="又改"))


def removed(connection):
    connection.execute(text("SELECT set_config('zgc.actor', 'chen', true)"))
    connection.execute(delete(TABLE).where(TABLE.c.id == "a"))


def imported(connection):
    load(connection, made("a", "第三"))


@pytest.mark.usefixtures("present")
@pytest.mark.parametrize("later", [changed, removed, imported])
def test_rows_that_others_changed_since_are_named_and_nothing_is_written(connection, later):
    number = load(connection, made("a", "改"), made("b", "改"), made("d"))
    later(connection)
    before = rows(connection)
    with pytest.raises(ChangedSinceError) as caught, connection.begin_nested():
        undo(connection, number)
    assert caught.value.ids == ["a"]
    assert rows(connection) == before


@pytest.mark.parametrize("later", [changed, removed, imported])
def test_on_request_those_stay_and_the_others_are_taken_back(connection, present, later):
    number = load(connection, made("a", "改"), made("b", "改"), made("d"))
    later(connection)
    theirs = rows(connection).get("a")
    assert counts(undo(connection, number, keep_changed=True)) == (0, 1, 1, 1)
    now = rows(connection)
    assert now.pop("a", None) == theirs
    assert now == {key: row for key, row in present.items() if key != "a"}


def made_again(connection):
    values = made("c", "重来").values
    connection.execute(insert(TABLE).values(id="c", **values))


def made_and_removed_again(connection):
    made_again(connection)
    connection.execute(delete(TABLE).where(TABLE.c.id == "c"))


@pytest.mark.parametrize("later", [made_again, made_and_removed_again])
def test_a_removed_row_that_somebody_made_again_is_theirs(connection, present, later):
    number = load(connection, *map(made, set(present) - {"c"}), mode=Mode.REPLACE)
    later(connection)
    with pytest.raises(ChangedSinceError, match=r"\n  c, "), connection.begin_nested():
        undo(connection, number)


@pytest.mark.usefixtures("present")
def test_what_is_undone_already_is_refused_and_says_by_which_import(connection):
    number = load(connection, made("a", "改"))
    again = undo(connection, number).import_id
    with pytest.raises(ChangedSinceError, match=f"by bo, import {again}: wrong file"):
        undo(connection, number)


def test_an_import_that_is_not_there_is_refused_by_number(connection):
    newest = load(connection, made("a"))
    with pytest.raises(
        ImportNotFoundError, match=f"there is no import 99999; the newest is {newest}"
    ):
        undo(connection, 99999)


def test_an_area_that_others_have_come_to_name_cannot_vanish(connection):
    shape = shapely.MultiPolygon([shapely.box(116, 40, 116.1, 40.1)])
    base = made("made-up-base", layer=BASES, geometry=shape, kind="base", in_regulation=True)
    number = load(connection, base, layer=BASES)
    load(connection, made("a", area="made-up-base"))
    with pytest.raises(RowsRefusedError, match="made-up-base"):
        undo(connection, number)
