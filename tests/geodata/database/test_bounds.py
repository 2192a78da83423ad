"""Row-level security: PostgreSQL itself keeps members of offices to their areas."""

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import select

from geodata.database.author import Author, WriteRefusedError, acting
from geodata.database.bounds import held_areas, policies, writes_all
from geodata.database.engine import open_engine
from geodata.database.tables import METADATA
from geodata.database.writer import writer_name
from layers.attribute import Role
from layers.catalog import CATALOG

NEW = (
    "INSERT INTO {} (id, name_zh, source, as_of, boundary_status, kind, {})"
    " VALUES ('t-1', '新', 't',"
)
PROJECT = NEW.format("projects", "area") + " '2011-01-01', 'schematic', 'pilot', {})"
BASE = NEW.format("bases", "level, parent, counted_in") + (
    " '2011-01-01', 'schematic', 'base', 3, {}, {})"
)
DONE, PASSED_OVER, REFUSED = "done", "passed over", "refused"

EAST = [
    ("project in it", PROJECT.format("'east'"), DONE),
    ("project in what lies below", PROJECT.format("'east-base'"), DONE),
    ("project elsewhere", PROJECT.format("'west'"), REFUSED),
    ("project above", PROJECT.format("'zone'"), REFUSED),
    ("project nowhere", PROJECT.format("NULL"), REFUSED),
    ("edit", "UPDATE projects SET name_zh = '改' WHERE id = 'p-base'", DONE),
    ("move within", "UPDATE projects SET area = 'east-base' WHERE id = 'p-east'", DONE),
    ("move out", "UPDATE projects SET area = 'west' WHERE id = 'p-east'", REFUSED),
    ("let go", "UPDATE projects SET area = NULL WHERE id = 'p-east'", REFUSED),
    ("take in", "UPDATE projects SET area = 'east' WHERE id = 'p-west'", PASSED_OVER),
    ("claim", "UPDATE projects SET area = 'east' WHERE id = 'p-none'", PASSED_OVER),
    ("edit another's", "UPDATE projects SET name_zh = '改' WHERE id = 'p-west'", PASSED_OVER),
    ("remove", "DELETE FROM projects WHERE id = 'p-east'", DONE),
    ("remove another's", "DELETE FROM projects WHERE id = 'p-west'", PASSED_OVER),
    ("edit the park", "UPDATE sub_parks SET name_en = 'E' WHERE id = 'east'", DONE),
    ("edit another park", "UPDATE sub_parks SET name_en = 'W' WHERE id = 'west'", PASSED_OVER),
    ("move the park", "UPDATE sub_parks SET parent = 'west' WHERE id = 'east'", REFUSED),
    (
        "move it below itself",
        "UPDATE sub_parks SET parent = 'east-base' WHERE id = 'east'",
        REFUSED,
    ),
    ("count it elsewhere", "UPDATE sub_parks SET counted_in = 'west' WHERE id = 'east'", REFUSED),
    ("rename its id", "UPDATE sub_parks SET id = 'orient' WHERE id = 'east'", REFUSED),
    ("remove the park", "DELETE FROM sub_parks WHERE id = 'east'", PASSED_OVER),
    ("new base", BASE.format("'east'", "'east'"), DONE),
    ("new base below a base", BASE.format("'east-base'", "NULL"), DONE),
    ("new base elsewhere", BASE.format("'west'", "NULL"), REFUSED),
    ("new base counted elsewhere", BASE.format("'east'", "'zone'"), REFUSED),
    ("edit a base", "UPDATE bases SET name_en = 'E' WHERE id = 'east-base'", DONE),
    ("move a base out", "UPDATE bases SET parent = 'west' WHERE id = 'east-base'", REFUSED),
    ("take a base in", "UPDATE bases SET parent = 'east' WHERE id = 'west-base'", PASSED_OVER),
    ("remove a base", "DELETE FROM bases WHERE id = 'east-base'", DONE),
    ("the zone", "UPDATE demonstration_zone SET name_en = 'Z'", PASSED_OVER),
]
"""What a planner of the eastern office may do."""

OTHERS = [
    ("anna", Role.PLANNER, PROJECT.format("'west'"), DONE),
    ("anna", Role.PLANNER, "UPDATE projects SET area = NULL WHERE id = 'p-east'", DONE),
    ("anna", Role.PLANNER, "UPDATE sub_parks SET name_en = 'E' WHERE id = 'east'", PASSED_OVER),
    ("anna", Role.PLANNER, BASE.format("'east'", "NULL"), REFUSED),
    ("lou", Role.LAND_OFFICER, "UPDATE parcels SET holder = 'x' WHERE id = 'l-west'", DONE),
    ("lea", Role.LAND_OFFICER, "UPDATE parcels SET holder = 'x' WHERE id = 'l-east'", DONE),
    ("lea", Role.LAND_OFFICER, "UPDATE parcels SET holder = 'x' WHERE id = 'l-west'", PASSED_OVER),
    ("lea", Role.LAND_OFFICER, "UPDATE parcels SET park = 'west' WHERE id = 'l-east'", REFUSED),
    ("root", Role.ADMIN, "UPDATE sub_parks SET counted_in = 'zone' WHERE id = 'east'", DONE),
    ("ada", Role.ADMIN, "UPDATE projects SET name_en = 'x' WHERE id = 'p-west'", PASSED_OVER),
    ("nil", Role.LAND_OFFICER, "DELETE FROM projects", PASSED_OVER),
    ("nil", Role.LAND_OFFICER, PROJECT.format("'east'"), REFUSED),
    ("off", Role.ADMIN, "DELETE FROM projects", PASSED_OVER),
    ("off", Role.ADMIN, PROJECT.format("'east'"), REFUSED),
    ("nobody", Role.ADMIN, "UPDATE projects SET name_en = 'x'", PASSED_OVER),
    ("", Role.ADMIN, "DELETE FROM parcels", PASSED_OVER),
    # The account counts, not the role that the service has chosen.
    ("anna", Role.ADMIN, "UPDATE parcels SET holder = 'x'", PASSED_OVER),
    ("pat", Role.ADMIN, "UPDATE parcels SET holder = 'x' WHERE id = 'l-east'", PASSED_OVER),
]


@pytest.fixture(scope="module")
def url(offices):
    return offices()


@pytest.fixture
def run(url):
    """Runs a statement as an account, takes it back, and tells what became of it."""

    def outcome(actor, role, statement):
        with psycopg.connect(url) as connection:
            owner = connection.execute("SELECT session_user").fetchone()[0]
            connection.execute("SELECT set_config('zgc.actor', %s, true)", (actor,))
            name = sql.Identifier(writer_name(owner, role))
            connection.execute(sql.SQL("SET LOCAL ROLE {}").format(name))
            try:
                rows = connection.execute(statement).rowcount
            except psycopg.errors.InsufficientPrivilege as error:
                return REFUSED if "row-level security" in str(error) else str(error)
            finally:
                connection.rollback()
        return DONE if rows else PASSED_OVER

    return outcome


@pytest.mark.parametrize(
    ("statement", "expected"), [row[1:] for row in EAST], ids=[row[0] for row in EAST]
)
def test_an_office_changes_what_lies_in_its_areas(run, statement, expected):
    assert run("pat", Role.PLANNER, statement) == expected


@pytest.mark.parametrize(("actor", "role", "statement", "expected"), OTHERS)
def test_what_others_may_change_hangs_on_their_account(run, actor, role, statement, expected):
    assert run(actor, role, statement) == expected


def test_where_nobody_says_who_acts_nothing_is_changed(url):
    with psycopg.connect(url) as connection:
        owner = connection.execute("SELECT session_user").fetchone()[0]
        role = sql.Identifier(writer_name(owner, Role.ADMIN))
        connection.execute(sql.SQL("SET LOCAL ROLE {}").format(role))
        for layer in CATALOG:
            assert connection.execute(f"DELETE FROM {layer.id}").rowcount == 0
        connection.rollback()


@pytest.mark.parametrize("call", ["writes_all('admin')", "held_areas('planner')"])
@pytest.mark.parametrize("suffix", ["_reader", "_writer_admin"])
def test_nobody_asks_by_name_which_areas_somebody_looks_after(url, suffix, call):
    with psycopg.connect(url) as connection:
        owner = connection.execute("SELECT session_user").fetchone()[0]
        role = sql.Identifier(owner + suffix)
        connection.execute(sql.SQL("SET LOCAL ROLE {}").format(role))
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="schema accounts"):
            connection.execute(f"SELECT accounts.{call}")


def test_every_layer_has_its_policies_and_they_count(url):
    with psycopg.connect(url) as connection:
        found = connection.execute(
            "SELECT tablename || '.' || policyname || ' ' || cmd FROM pg_policies"
            " WHERE permissive = 'PERMISSIVE' AND roles = '{public}'"
        ).fetchall()
        counted = connection.execute(
            "SELECT relname FROM pg_class WHERE relrowsecurity ORDER BY relname"
        ).fetchall()
    wanted = {f"{p.table}.{p.name} {p.command}" for layer in CATALOG for p in policies(layer)}
    assert {row[0] for row in found} == wanted
    assert [row[0] for row in counted] == sorted(CATALOG.ids)


def test_areas_are_held_with_all_below_them_even_where_they_turn_in_a_circle(url):
    engine = open_engine(url)
    with engine.connect() as connection:
        assert held_areas(connection, ["east"]) == ["east", "east-base"]
        assert held_areas(connection, ["zone"]) == [
            "east",
            "east-base",
            "west",
            "west-base",
            "zone",
        ]
        assert held_areas(connection, ["nowhere"]) == []
        connection.exec_driver_sql("UPDATE areas SET parent = 'east-base' WHERE id = 'east'")
        assert held_areas(connection, ["east"]) == ["east", "east-base"]
    engine.dispose()


def test_the_database_knows_who_writes_a_whole_layer(url):
    engine, parcels = open_engine(url), CATALOG.get("parcels")
    with engine.connect() as connection:
        found = {}
        for actor in ("anna", "lou", "root", "lea", "nil", "off", "nobody"):
            connection.exec_driver_sql("SELECT set_config('zgc.actor', %s, true)", (actor,))
            found[actor] = writes_all(connection, parcels)
    engine.dispose()
    assert [actor for actor, writes in found.items() if writes] == ["lou", "root"]


def test_the_owner_is_itself_again_after_acting(url):
    engine = open_engine(url)
    with engine.connect() as connection:
        before = connection.exec_driver_sql("SELECT current_user").scalar_one()
        with acting(connection, Role.PLANNER):
            within = connection.exec_driver_sql("SELECT current_user").scalar_one()
        after = connection.exec_driver_sql("SELECT current_user").scalar_one()
        with acting(connection, None):
            assert connection.exec_driver_sql("SELECT current_user").scalar_one() == before
    engine.dispose()
    assert (within, after) == (writer_name(before, Role.PLANNER), before)


def test_a_database_without_writing_roles_says_what_to_do(url, monkeypatch):
    monkeypatch.setattr("geodata.database.author.writer_name", lambda *_: "nobody_at_all")
    engine = open_engine(url)
    with (
        engine.connect() as connection,
        pytest.raises(WriteRefusedError, match=r"no role nobody_at_all.*\./zgc db upgrade"),
        acting(connection, Role.ADMIN),
    ):
        connection.execute(select(METADATA.tables["areas"]))
    engine.dispose()


def test_an_author_is_bound_to_nothing_unless_it_is_said():
    assert Author(actor="anna", role=Role.PLANNER).areas is None
