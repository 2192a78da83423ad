"""Histories as the database keeps them: everything for staff, what is public for everyone."""

from datetime import date

import pytest
from sqlalchemy import select, text

from geodata.database.engine import open_engine, recorded
from geodata.database.pool import open_pool
from geodata.database.reader import serving_urls
from geodata.database.tables import METADATA
from geodata.errors import FeatureNotFoundError
from geodata.history.changes import ChangeKind
from geodata.history.read import imports_page, read_history, read_import
from geodata.ingest.batch import ImportBatch
from geodata.ingest.copy import feature_rows
from geodata.ingest.load import import_rows
from geodata.ingest.modes import Mode
from geodata.ingest.undo import ImportNotFoundError, Undoing, undo
from geodata.ingest.validation import Feature
from geodata.plan.load import PLAN_LAYERS
from layers.attribute import Role
from layers.catalog import CATALOG
from layers.layer import Geometry

PROJECTS = CATALOG.get("projects")
CREATED, CHANGED, REMOVED = ChangeKind


@pytest.fixture(scope="module")
def story(migrated_url):
    engine = open_engine(migrated_url)
    numbers = [_load(engine, "测试一"), _load(engine, "测试二")]
    with recorded(engine, actor="bo", reason="by telephone") as connection:
        connection.execute(text("UPDATE projects SET name_zh = '测试三' WHERE id = 'a'"))
    numbers.append(_load(engine, "测试四"))
    numbers.append(undo(engine, numbers[-1], Undoing("chen", "wrong file")).import_id)
    with recorded(engine, actor="dan", reason="closed") as connection:
        connection.execute(text("DELETE FROM projects WHERE id = 'a'"))
    engine.dispose()
    return migrated_url, numbers


def _load(engine, name):
    given = {
        "name_zh": name,
        "source": "test",
        "as_of": date(2011, 1, 1),
        "boundary_status": "schematic",
        "kind": "pilot",
    }
    names = [attribute.name for attribute in PROJECTS.all_attributes]
    feature = Feature("a", {name: given.get(name) for name in names}, None)
    batch = ImportBatch(file=f"{name}.csv", sha256="0" * 64, actor="anna", reason="survey")
    rows = [feature_rows(PROJECTS, [feature])]
    return import_rows(engine, PROJECTS, rows, mode=Mode.UPDATE, batch=batch).import_id


@pytest.fixture
async def planners(story):
    pool = await open_pool(serving_urls(story[0])[Role.PLANNER], size=1, statement_timeout_s=30)
    yield pool
    await pool.close()


@pytest.mark.anyio
async def test_staff_read_who_changed_what_when_why_and_by_which_import(story, planners):
    _, (first, second, third, undoing) = story
    found = await read_history(planners, PROJECTS, "a", Role.PLANNER, with_who=True)
    names = [{each.name: each.new for each in change.fields}["name_zh"] for change in found]
    assert names == ["测试一", "测试二", "测试三", "测试四", "测试三", None]
    assert [(each.kind, each.by, each.reason, each.import_id) for each in found] == [
        (CREATED, "anna", "survey", first),
        (CHANGED, "anna", "survey", second),
        (CHANGED, "bo", "by telephone", None),
        (CHANGED, "anna", "survey", third),
        (CHANGED, "chen", "wrong file", undoing),
        (REMOVED, "dan", "closed", None),
    ]
    assert [each.at for each in found] == sorted(each.at for each in found)


def test_the_list_of_imports_is_newest_first_and_says_what_was_undone(story):
    url, numbers = story
    page = imports_page(url)
    assert [row.id for row in page.imports] == sorted(numbers, reverse=True)
    assert {row.id: (row.undoes, row.undone_by) for row in page.imports} == {
        numbers[0]: (None, None),
        numbers[1]: (None, None),
        numbers[2]: (None, numbers[3]),
        numbers[3]: (numbers[2], None),
    }
    assert page.next_before is None
    assert [row.id for row in imports_page(url, numbers[1]).imports] == [numbers[0]]
    assert read_import(url, numbers[2]).file == "测试四.csv"
    with pytest.raises(ImportNotFoundError, match="there is no import 77"):
        read_import(url, 77)


@pytest.mark.anyio
@pytest.mark.parametrize("layer", PLAN_LAYERS, ids=lambda layer: layer.id)
async def test_the_public_reads_what_is_public_and_not_who(pool, plan_engine, layer):
    table = METADATA.tables[layer.id]
    with plan_engine.connect() as connection:
        wanted = connection.execute(select(table.c.id).limit(1)).scalar_one()
    (made,) = await read_history(pool, layer, wanted)
    assert (made.kind, made.by, made.reason, made.import_id) == (CREATED, None, None, None)
    public = {each.name for each in layer.all_attributes if each.reader is Role.PUBLIC}
    assert {field.name for field in made.fields} <= public


@pytest.mark.anyio
@pytest.mark.parametrize("feature_id", ["nobody", "", "\0", "x" * 121])
async def test_an_id_that_no_feature_ever_bore_is_not_found(pool, feature_id):
    layer = next(layer for layer in CATALOG if layer.geometry is Geometry.POINT)
    with pytest.raises(FeatureNotFoundError):
        await read_history(pool, layer, feature_id)
