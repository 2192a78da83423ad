"""Members of offices change features of their areas: refused with words, then by PostgreSQL."""

import pickle
from contextlib import suppress

import pytest
from psycopg import Rollback
from sqlalchemy import select

from geodata.database.author import Author, WriteRefusedError
from geodata.database.engine import open_engine
from geodata.database.tables import METADATA
from geodata.errors import OutsideAreasError
from geodata.features.changes import changing, create, merge, remove, replace
from geodata.features.crs import CRS84
from layers.attribute import Role
from layers.catalog import CATALOG

PROJECTS, PARKS, BASES = map(CATALOG.get, ("projects", "sub_parks", "bases"))
PAT = Author(actor="pat", role=Role.PLANNER, areas=frozenset({"east"}))
UNAWARE = Author(actor="pat", role=Role.PLANNER)
"""The same account, of whom the service does not know that it is in an office."""

KNOWN = {"reader": Role.PLANNER, "expected": None}


def feature(feature_id="t-1", **values):
    known = {"name_zh": "新", "source": "t", "as_of": "2011-01-01", "boundary_status": "schematic"}
    properties = {**known, "kind": "pilot", **values}
    return {"type": "Feature", "id": feature_id, "geometry": None, "properties": properties}


def area(feature_id, **values):
    return feature(feature_id, kind="base", level=3, **values)


def patch(**values):
    return {"properties": values}


DONE = {
    "project in the park": (PROJECTS, create, [feature(area="east")]),
    "project of a base": (PROJECTS, create, [feature(area="east-base")]),
    "edit": (PROJECTS, merge, "p-base", patch(name_en="B")),
    "move within": (PROJECTS, merge, "p-east", patch(area="east-base")),
    "replace": (PROJECTS, replace, "p-east", feature("p-east", area="east")),
    "remove": (PROJECTS, remove, "p-east"),
    "edit the park": (PARKS, merge, "east", patch(name_en="East")),
    "new base": (BASES, create, [area("t-2", parent="east", counted_in="east")]),
    "remove a base": (BASES, remove, "east-base"),
}

REFUSED = {
    "elsewhere": (PROJECTS, create, [feature(area="west")], [("t-1", "west")]),
    "above": (PROJECTS, create, [feature(area="zone")], [("t-1", "zone")]),
    "nowhere": (PROJECTS, create, [feature()], [("t-1", None)]),
    "one of a batch": (
        PROJECTS,
        create,
        [feature(area="east"), feature("t-2", area="west")],
        [("t-2", "west")],
    ),
    "edit": (PROJECTS, merge, "p-west", patch(name_en="W"), [("p-west", "west")]),
    "replace": (
        PROJECTS,
        replace,
        "p-west",
        feature("p-west", area="east"),
        [("p-west", "west")],
    ),
    "claim": (PROJECTS, merge, "p-none", patch(area="east"), [("p-none", None)]),
    "move out": (PROJECTS, merge, "p-east", patch(area="west"), [("p-east", "west")]),
    "let go": (PROJECTS, merge, "p-east", patch(area=None), [("p-east", None)]),
    "remove": (PROJECTS, remove, "p-west", [("p-west", "west")]),
    "another park": (PARKS, merge, "west", patch(name_en="W"), [("west", "zone")]),
    "move the park": (PARKS, merge, "east", patch(parent="west"), [("east", "west")]),
    "count it": (PARKS, merge, "east", patch(counted_in="zone"), [("east", "zone")]),
    "remove the park": (PARKS, remove, "east", [("east", "zone")]),
    "new base": (BASES, create, [area("t-2", parent="west")], [("t-2", "west")]),
    "move a base": (BASES, merge, "east-base", patch(parent="west"), [("east-base", "west")]),
}


@pytest.fixture(scope="module")
def engine(offices):
    engine = open_engine(offices())
    yield engine
    engine.dispose()


def act(engine, author, layer, verb, *arguments):
    """Do it, then take it back."""
    options = {"areas": author.areas} | ({} if verb is create else KNOWN)
    if verb is not remove:
        arguments = (*arguments, CRS84)
    with suppress(Rollback), changing(engine, layer, author) as connection:
        verb(connection, layer, *arguments, **options)
        raise Rollback


def contents(engine):
    tables = [METADATA.tables[layer.id] for layer in (PROJECTS, PARKS, BASES)]
    with engine.connect() as connection:
        return [connection.execute(select(t).order_by(t.c.id)).all() for t in tables]


@pytest.mark.parametrize("change", DONE.values(), ids=DONE)
def test_an_office_changes_what_lies_in_its_areas(engine, change):
    act(engine, PAT, *change)


@pytest.mark.parametrize("change", REFUSED.values(), ids=REFUSED)
def test_what_lies_or_would_lie_elsewhere_is_refused_by_name(engine, change):
    before, (*change, outside) = contents(engine), change
    with pytest.raises(OutsideAreasError) as refused:
        act(engine, PAT, *change)
    assert list(refused.value.outside) == outside
    assert refused.value.areas == ("east",)
    assert f"{outside[0][0]!r} in {outside[0][1] or 'no area'}" in str(refused.value)
    assert contents(engine) == before


@pytest.mark.parametrize("change", REFUSED.values(), ids=REFUSED)
def test_without_that_check_postgresql_refuses(engine, change):
    before, (*change, _) = contents(engine), change
    with pytest.raises(WriteRefusedError, match="database does not let"):
        act(engine, UNAWARE, *change)
    assert contents(engine) == before


def test_who_belongs_to_no_group_changes_the_whole_layer(engine):
    anna = Author(actor="anna", role=Role.PLANNER)
    act(engine, anna, PROJECTS, merge, "p-west", patch(area=None))
    act(engine, anna, PROJECTS, create, [feature()])


@pytest.mark.parametrize("actor", ["off", "nobody", ""])
def test_a_disabled_or_unknown_account_changes_nothing(engine, actor):
    author = Author(actor=actor, role=Role.ADMIN)
    with pytest.raises(WriteRefusedError):
        act(engine, author, PROJECTS, merge, "p-west", patch(name_en="x"))


def test_the_refusal_crosses_from_one_process_to_another():
    error = OutsideAreasError("parcels", [("l-1", "west"), ("l-2", None)], ["east"])
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.outside, again.areas) == (str(error), error.outside, error.areas)


def test_a_refusal_names_a_few_of_many_and_tells_an_office_without_areas_so():
    error = OutsideAreasError("parcels", [(f"l-{n}", "west") for n in range(30)], [])
    assert "'l-19' in west, ...; your groups look after no area" in str(error)
    assert "l-20" not in str(error)
