"""Loading rows: modes, equal rows untouched, refusals that leave nothing, what the books keep."""

from datetime import date

import pyarrow as pa
import pytest
import shapely
from sqlalchemy import func, select, text

from geodata.database.tables import METADATA, layer_table
from geodata.ingest import load as loading
from geodata.ingest.batch import IMPORTS, ImportBatch
from geodata.ingest.copy import RowShapeError, feature_rows, row_schema
from geodata.ingest.exclusive import RowsRefusedError
from geodata.ingest.load import ExistingIdError, RepeatedIdError, import_rows, load_features
from geodata.ingest.modes import Mode
from geodata.ingest.validation import Feature
from layers.catalog import CATALOG

PROJECTS, ENTERPRISES = CATALOG.get("projects"), CATALOG.get("enterprises")
BASES = CATALOG.get("bases")
POINT = shapely.Point(116.3, 40)
GOOD = {
    "name_zh": "试",
    "source": "test",
    "as_of": date(2011, 1, 1),
    "boundary_status": "schematic",
    "kind": "pilot",
    "level": 3,
}
ODD = [
    {},
    {"name_zh": "“引号”\t'\\N\\.\n\\.\n,;\r\n\"", "name_en": "\\N"},
    {"accuracy_m": 0.1, "valid_from": date(1, 1, 1), "valid_to": date(9999, 12, 31)},
    {"accuracy_m": 1.7976931348623157e308},
    {"accuracy_m": 5e-324},
    {"aliases": "🙂𠮷", "section": "八(一)"},
    {"aliases": "null", "location_source": " "},
]


def made(feature_id, geometry=POINT, layer=PROJECTS, **values):
    names = [attribute.name for attribute in layer.all_attributes]
    return Feature(feature_id, {name: (GOOD | values).get(name) for name in names}, geometry)


def batch(actor="anna", reason="survey 7"):
    return ImportBatch(file="rows.csv", sha256="ab" * 32, actor=actor, reason=reason)


def load(connection, *features, mode=Mode.UPDATE, layer=PROJECTS):
    rows = [feature_rows(layer, features)]
    return load_features(connection, layer, rows, mode=mode, batch=batch())


def counts(loaded):
    return loaded.inserted, loaded.updated, loaded.unchanged, loaded.removed


def rows_of(connection, layer=PROJECTS):
    table = layer_table(METADATA, layer)
    return {row.id: row for row in connection.execute(select(table))}


def state(connection, layer=PROJECTS):
    """What a load that finds everything equal must leave: rows, history, version."""
    past, versions = METADATA.tables[f"history.{layer.id}"], METADATA.tables["layer_versions"]
    return (
        {key: row.recorded_at for key, row in rows_of(connection, layer).items()},
        connection.execute(select(func.count()).select_from(past)).scalar_one(),
        connection.execute(select(versions).where(versions.c.layer == layer.id)).all(),
    )


@pytest.mark.parametrize(
    ("mode", "values"), [(mode, ODD[1]) for mode in Mode] + [(Mode.UPDATE, odd) for odd in ODD]
)
def test_rows_come_in_as_they_are_and_again_touch_nothing(connection, mode, values):
    features = [made("made-up-1", **values), made("made-up-2", None, **values)]
    if mode is Mode.REPLACE:
        connection.execute(text("DELETE FROM projects"))
    assert counts(load(connection, *features, mode=mode)) == (2, 0, 0, 0)
    row = rows_of(connection)["made-up-1"]
    assert {name: getattr(row, name) for name in features[0].values} == features[0].values
    before = state(connection)
    assert counts(load(connection, *features, mode=mode)) == (0, 0, 2, 0)
    assert state(connection) == before


@pytest.mark.parametrize("layer", tuple(CATALOG), ids=lambda layer: layer.id)
def test_the_text_that_a_load_writes_is_what_the_trigger_writes(connection, layer):
    """Every row of the plan changed and, under another id, added; then touched one by one."""
    table = layer_table(METADATA, layer)
    schema = row_schema(layer)
    shape = func.ST_AsBinary(table.c.geom).label("geom")
    names = [name for name in schema.names if name != "geom"]
    found = connection.execute(select(*(table.c[name] for name in names), shape)).all()
    columns = {name: [getattr(row, name) for row in found] for name in schema.names}
    columns["source"] = [f'{source} "2"' for source in columns["source"]]
    update = pa.RecordBatch.from_pydict(columns, schema=schema)
    loaded = load_features(connection, layer, [update], mode=Mode.UPDATE, batch=batch())
    assert loaded.updated == len(found)
    if not any(attribute.unique for attribute in layer.all_attributes):
        columns["id"] = [f"copy-{name}" for name in columns["id"]]
        copies = pa.RecordBatch.from_pydict(columns, schema=schema)
        loaded = load_features(connection, layer, [copies], mode=Mode.APPEND, batch=batch())
        assert loaded.inserted == len(found)
    texts = select(table.c.id, table.c.feature)
    written = set(connection.execute(texts).all())
    connection.execute(table.update().values(source=table.c.source))
    assert set(connection.execute(texts).all()) == written


def test_a_changed_row_is_written_with_its_text_and_its_history(connection):
    load(connection, made("made-up-1", accuracy_m=5), made("made-up-2"))
    moved = made("made-up-1", shapely.Point(116.3, 40.00000001), accuracy_m=5, name_zh="改")
    loaded = load(connection, moved, made("made-up-2"))
    assert counts(loaded) == (0, 1, 1, 0)
    row = rows_of(connection)["made-up-1"]
    assert '"name_zh":"改"' in row.feature
    assert "[116.3,40.00000001]" in row.feature
    assert row.recorded_import == loaded.import_id
    past = METADATA.tables["history.projects"]
    query = select(past.c.id, past.c.operation, past.c.superseded_by, past.c.superseded_import)
    (was,) = connection.execute(query.where(past.c.id.like("made-up-%"))).all()
    assert was == ("made-up-1", "update", "anna", loaded.import_id)


def without(rows, *names):
    return rows.drop_columns(list(names))


@pytest.mark.parametrize(("mode", "kept"), [(Mode.UPDATE, "known"), (Mode.REPLACE, None)])
def test_a_column_that_a_file_lacks_stays_but_for_replace(connection, mode, kept):
    load(connection, made("made-up-1", name_en="known"))
    rows = without(feature_rows(PROJECTS, [made("made-up-1", name_zh="改")]), "name_en")
    load_features(connection, PROJECTS, [rows], mode=mode, batch=batch())
    row = rows_of(connection)["made-up-1"]
    assert (row.name_zh, row.name_en) == ("改", kept)
    assert ('"name_en":"known"' in row.feature) == (kept is not None)


def test_replace_removes_what_the_file_lacks_and_the_history_keeps_it(connection):
    before = rows_of(connection)
    loaded = load(connection, made("made-up-1"), mode=Mode.REPLACE)
    assert counts(loaded) == (1, 0, 0, len(before))
    past = METADATA.tables["history.projects"]
    removed = select(past.c.id).where(past.c.superseded_import == loaded.import_id)
    assert set(connection.execute(removed).scalars()) == set(before)


def test_values_that_must_be_unique_may_change_hands(connection):
    codes = ("91110108MA01A0BC1X", "91110108MA01A0BC2X")
    one, two = ("made-up-1", "made-up-2")
    load(
        connection,
        made(one, layer=ENTERPRISES, uscc=codes[0]),
        made(two, layer=ENTERPRISES, uscc=codes[1]),
        layer=ENTERPRISES,
    )
    loaded = load(
        connection,
        made(one, layer=ENTERPRISES, uscc=codes[1]),
        made(two, layer=ENTERPRISES, uscc=codes[0]),
        layer=ENTERPRISES,
    )
    assert loaded.updated == 2


def test_an_area_and_one_below_it_may_come_in_one_file_in_any_order(connection):
    shape = shapely.MultiPolygon([shapely.box(116, 40, 116.1, 40.1)])
    values = {"layer": BASES, "kind": "base", "in_regulation": True}
    below = made("made-up-1", shape, parent="made-up-2", **values)
    loaded = load(connection, below, made("made-up-2", shape, **values), layer=BASES)
    assert loaded.inserted == 2
    areas = METADATA.tables["areas"]
    query = select(areas.c.id, areas.c.parent).where(areas.c.id == "made-up-1")
    assert connection.execute(query).one() == ("made-up-1", "made-up-2")


REFUSED = [
    ([made("made-up-1"), made("made-up-1", name_zh="又")], RepeatedIdError, "made-up-1"),
    ([made("made-up-1", name_zh=None)], RowsRefusedError, "name_zh"),
    ([made("made-up-1", area="nowhere")], RowsRefusedError, "nowhere"),
    ([made("made-up-1", section="长" * 41)], RowsRefusedError, "ck_projects_section"),
    ([made("made-up-1", shapely.MultiPoint([[1, 1]]))], RowsRefusedError, "MultiPoint"),
    ([made("id with blanks")], RowsRefusedError, "ck_projects_id"),
]


@pytest.mark.parametrize(("features", "error", "named"), REFUSED)
@pytest.mark.parametrize("mode", tuple(Mode))
def test_rows_that_break_a_rule_are_refused_by_name(connection, features, error, named, mode):
    with pytest.raises(error, match=named), connection.begin_nested():
        load(connection, made("made-up-0"), *features, mode=mode)
    assert not [key for key in rows_of(connection) if key.startswith("made-up")]


def test_append_refuses_ids_that_are_there_with_other_values(connection):
    load(connection, made("made-up-1"), made("made-up-2"))
    with pytest.raises(ExistingIdError, match="made-up-2;"):
        load(connection, made("made-up-1"), made("made-up-2", name_zh="改"), mode=Mode.APPEND)


GEOMETRY_AS_TEXT = pa.RecordBatch.from_pydict({"id": ["made-up-1"], "geom": ["POINT (1 1)"]})
SHAPES = [
    (pa.RecordBatch.from_pydict({"name_zh": ["试"]}), "no column id"),
    (pa.RecordBatch.from_pydict({"id": ["a"], "colour": ["red"]}), "no column 'colour'"),
    (pa.RecordBatch.from_pydict({"id": ["a"], "recorded_by": ["me"]}), "no column 'recorded_by'"),
    (pa.RecordBatch.from_pydict({"id": ["a"], "accuracy_m": ["3"]}), "string; must be double"),
    (GEOMETRY_AS_TEXT, "'geom' is string; must be binary"),
]


@pytest.mark.parametrize(("rows", "said"), SHAPES)
def test_columns_that_a_layer_has_not_are_refused(connection, rows, said):
    with pytest.raises(RowShapeError, match=said):
        load_features(connection, PROJECTS, [rows], mode=Mode.UPDATE, batch=batch())


def test_batches_of_a_file_have_the_same_columns(connection):
    rows = feature_rows(PROJECTS, [made("made-up-1")])
    with pytest.raises(RowShapeError, match="as in the first"):
        load_features(
            connection,
            PROJECTS,
            [rows, without(rows, "name_en")],
            mode=Mode.UPDATE,
            batch=batch(),
        )


def test_slices_of_a_batch_keep_their_geometries(connection):
    shapes = [shapely.Point(116.3, 40), None, shapely.Point(116.4, 40.5)]
    rows = feature_rows(PROJECTS, [made(f"made-up-{n}", shape) for n, shape in enumerate(shapes)])
    pieces = [rows.slice(0, 1), rows.slice(1, 1), rows.slice(2, 1)]
    heard = []
    load_features(
        connection,
        PROJECTS,
        pieces,
        mode=Mode.APPEND,
        batch=batch(),
        progress=heard.append,
    )
    assert heard == [1, 1, 1]
    query = text("SELECT ST_AsText(geom) FROM projects WHERE id LIKE 'made-up-%' ORDER BY id")
    assert list(connection.execute(query).scalars()) == [
        "POINT(116.3 40)",
        None,
        "POINT(116.4 40.5)",
    ]


def test_the_books_keep_what_an_import_was(connection):
    loaded = load(connection, made("made-up-1"))
    entry = connection.execute(select(IMPORTS).where(IMPORTS.c.id == loaded.import_id)).one()
    assert (entry.layer, entry.file, entry.sha256) == ("projects", "rows.csv", "ab" * 32)
    assert (entry.mode, entry.rows, entry.inserted, entry.undoes) == ("update", 1, 1, None)
    assert (entry.actor, entry.reason) == ("anna", "survey 7")
    assert entry.started_at <= entry.recorded_at


def test_what_follows_in_the_transaction_is_not_ascribed_to_the_import(connection):
    load(connection, made("made-up-1"))
    connection.execute(text("UPDATE projects SET name_zh = '改' WHERE id = 'made-up-1'"))
    row = rows_of(connection)["made-up-1"]
    assert (row.recorded_import, row.recorded_reason) == (None, None)


def test_a_dry_run_counts_and_leaves_nothing(migrated):
    rows = [feature_rows(PROJECTS, [made("made-up-1")])]
    with migrated.connect() as connection:
        before = state(connection)
    loaded = import_rows(migrated, PROJECTS, rows, mode=Mode.UPDATE, batch=batch(), dry_run=True)
    assert counts(loaded) == (1, 0, 0, 0)
    with migrated.connect() as connection:
        assert state(connection) == before
        assert connection.execute(select(func.count()).select_from(IMPORTS)).scalar_one() == 0


@pytest.mark.parametrize("features", [ODD, ODD[:1]])
def test_rows_of_an_empty_layer_are_what_a_single_change_makes_of_them(migrated, features):
    """Text, record and version: as the triggers, which are set aside, would have written them."""
    with migrated.connect() as connection:
        before = state(connection)
        rows = [made(f"made-up-{number}", **odd) for number, odd in enumerate(features)]
        loaded = load(connection, *rows, made("made-up-none", None), mode=Mode.APPEND)
        assert counts(loaded) == (len(features) + 1, 0, 0, 0)
        after = state(connection)
        assert after[1:] != before[1:]
        written = rows_of(connection)
        connection.execute(text("UPDATE projects SET source = source"))
        again = rows_of(connection)
        for key, row in written.items():
            assert row.feature == again[key].feature
            kept = (row.recorded_by, row.recorded_reason, row.recorded_import)
            assert kept == ("anna", "survey 7", loaded.import_id)
            assert row.recorded_at == again[key].recorded_at
        connection.rollback()


def test_a_layer_that_others_filled_meanwhile_is_merged_with(migrated, monkeypatch):
    """It was empty when it was looked at, and is not when it is locked."""
    answers = iter([True, False])
    monkeypatch.setattr(loading, "can_be_filled", lambda *_: next(answers))
    with migrated.connect() as connection:
        assert counts(load(connection, made("made-up-1"))) == (1, 0, 0, 0)
        connection.rollback()


def test_a_large_first_load_makes_the_spatial_index_anew(migrated):
    """More rows than the table has: the index is dropped and made again, as declared."""
    count = 20_001
    shapes = shapely.points([116.3] * count, [40.0] * count)
    columns = {
        "id": [f"made-up-{number}" for number in range(count)],
        "name_zh": ["试"] * count,
        "source": ["test"] * count,
        "as_of": pa.array([date(2011, 1, 1)] * count, pa.date32()),
        "boundary_status": ["schematic"] * count,
        "geom": pa.array(shapely.to_wkb(shapes), pa.binary()),
    }
    indexes = text("SELECT indexdef FROM pg_indexes WHERE tablename = 'enterprises'")
    triggers = text("SELECT tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal")
    with migrated.connect() as connection:
        before = [set(connection.execute(query).all()) for query in (indexes, triggers)]
        oid = text("SELECT 'ix_enterprises_geom'::regclass::oid")
        former = connection.execute(oid).scalar_one()
        rows = [pa.RecordBatch.from_pydict(columns)]
        load_features(connection, ENTERPRISES, rows, mode=Mode.APPEND, batch=batch())
        assert connection.execute(oid).scalar_one() != former
        after = [set(connection.execute(query).all()) for query in (indexes, triggers)]
        assert after == before
        connection.rollback()
