"""The chain shows what was changed or taken away, by whomever."""

from collections.abc import Callable

import psycopg
import pytest
from sqlalchemy import Engine

from geodata.audit.actions import Action
from geodata.audit.asker import Asker
from geodata.audit.chain import Head, Verified, seal, seal_all, verify
from geodata.audit.event import Event
from geodata.audit.guards import SEALING
from geodata.audit.retention import prune

EVENT = Event(
    action=Action.READ,
    who=Asker("王", "land_officer", "2001:db8::7"),
    layer="parcels",
    features=("a", "乙"),
    number=2,
    detail={"query": "holder=…", "n": 1.5, "nested": {"z": None, "a": [1, "x"]}},
)

Write = Callable[..., None]


@pytest.fixture
def chained(owner: Engine, write: Write) -> Engine:
    """With some events in the chain."""
    write(EVENT, EVENT)
    write(Event(action=Action.SIGN_OUT, who=Asker()))
    seal_all(owner)
    return owner


def looked(engine: Engine, known: Head | None = None) -> Verified:
    with engine.connect() as connection:
        return verify(connection, known)


def tamper(url: str, *statements: str) -> None:
    """As who owns the tables can: the guards are set aside and put back."""
    with psycopg.connect(url, autocommit=True) as connection:
        for table in ("events", "links"):
            connection.execute(f"ALTER TABLE audit.{table} DISABLE TRIGGER ALL")
        for statement in statements:
            connection.execute(statement)
        for trigger in ("stamp", "await_link", "refuse", "keep"):
            connection.execute(f"ALTER TABLE audit.events ENABLE ALWAYS TRIGGER {trigger}")
        for trigger in ("refuse", "keep"):
            connection.execute(f"ALTER TABLE audit.links ENABLE ALWAYS TRIGGER {trigger}")


def test_whatever_was_written_holds(chained: Engine) -> None:
    found = looked(chained)
    assert (found.findings, found.waiting) == ((), 0)
    assert found.events >= 3


def test_one_event_has_one_link(chained: Engine) -> None:
    before = looked(chained)
    seal_all(chained)
    assert looked(chained).head == before.head


def test_two_never_add_links_at_the_same_time(owner: Engine, write: Write) -> None:
    write(EVENT)
    with owner.begin() as other, owner.begin() as connection:
        other.exec_driver_sql(f"SELECT pg_advisory_xact_lock({SEALING})")
        assert seal(connection) == 0
    seal_all(owner)
    assert looked(owner).waiting == 0


def test_an_event_that_comes_late_gets_its_link_then(owner: Engine, write: Write, url: str) -> None:
    with psycopg.connect(url) as slow:
        slow.execute("INSERT INTO audit.events (action) VALUES ('import.loaded')")
        write(EVENT)
        seal_all(owner)
        assert looked(owner).findings == ()
    assert looked(owner).waiting == 1
    seal_all(owner)
    found = looked(owner)
    assert (found.findings, found.waiting) == ((), 0)


@pytest.mark.parametrize(
    ("columns", "value"),
    [
        ("actor", "'li'"),
        ("at", "at - interval '1 second'"),
        ("login", "'li'"),
        ("outcome", "'failed'"),
        ("detail", "detail || '{\"n\": 2}'"),
        ("features", "array['b']"),
        ("times", "2"),
        ("address", "NULL"),
    ],
)
def test_a_changed_event_shows(chained: Engine, url: str, columns: str, value: str) -> None:
    row = "(SELECT min(id) FROM audit.events WHERE action = 'read.features')"
    tamper(
        url,
        f"CREATE TABLE former AS SELECT * FROM audit.events WHERE id = {row}",
        f"UPDATE audit.events SET {columns} = {value} WHERE id = {row}",
    )
    (finding,) = looked(chained).findings
    assert "is not what was written" in finding
    tamper(
        url,
        f"UPDATE audit.events SET {columns} = (SELECT {columns} FROM former) WHERE id = {row}",
        "DROP TABLE former",
    )
    assert looked(chained).findings == ()


def test_an_event_that_was_taken_away_shows(owner: Engine, write: Write, url: str) -> None:
    write(EVENT, EVENT)
    seal_all(owner)
    tamper(
        url,
        "CREATE TABLE gone AS SELECT * FROM audit.events ORDER BY id DESC OFFSET 1 LIMIT 1",
        "DELETE FROM audit.events WHERE id = (SELECT id FROM gone)",
    )
    (finding,) = looked(owner).findings
    assert finding.endswith("is gone")
    restore = "INSERT INTO audit.events OVERRIDING SYSTEM VALUE SELECT * FROM gone"
    tamper(url, restore, "DROP TABLE gone")
    assert looked(owner).findings == ()


def test_event_and_link_taken_away_together_show(chained: Engine, url: str) -> None:
    middle = "(SELECT max(number) - 1 FROM audit.links)"
    tamper(
        url,
        f"CREATE TABLE links_gone AS SELECT * FROM audit.links WHERE number = {middle}",
        "CREATE TABLE gone AS SELECT * FROM audit.events WHERE id = (SELECT event FROM links_gone)",
        "DELETE FROM audit.events WHERE id = (SELECT id FROM gone)",
        "DELETE FROM audit.links WHERE number = (SELECT number FROM links_gone)",
    )
    (finding,) = looked(chained).findings
    assert "missing" in finding
    tamper(
        url,
        "INSERT INTO audit.events OVERRIDING SYSTEM VALUE SELECT * FROM gone",
        "INSERT INTO audit.links SELECT * FROM links_gone",
        "DROP TABLE gone, links_gone",
    )
    assert looked(chained).findings == ()


def test_an_end_that_was_cut_off_shows_to_who_kept_a_head(chained: Engine, url: str) -> None:
    known = looked(chained).head
    assert looked(chained, known).findings == ()
    tamper(
        url,
        "CREATE TABLE links_gone AS SELECT * FROM audit.links ORDER BY number DESC LIMIT 1",
        "CREATE TABLE gone AS SELECT * FROM audit.events WHERE id = (SELECT event FROM links_gone)",
        "DELETE FROM audit.events WHERE id = (SELECT id FROM gone)",
        "DELETE FROM audit.links WHERE number = (SELECT number FROM links_gone)",
    )
    assert looked(chained).findings == ()
    (finding,) = looked(chained, known).findings
    assert str(known) in finding
    tamper(
        url,
        "INSERT INTO audit.events OVERRIDING SYSTEM VALUE SELECT * FROM gone",
        "INSERT INTO audit.links SELECT * FROM links_gone",
        "DROP TABLE gone, links_gone",
    )


def test_an_event_kept_out_of_the_chain_shows(owner: Engine, write: Write, url: str) -> None:
    write(EVENT)
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept_out AS SELECT * FROM audit.unsealed")
        connection.execute("DELETE FROM audit.unsealed")
    assert any("is not in the chain" in each for each in looked(owner).findings)
    with psycopg.connect(url) as connection:
        connection.execute("INSERT INTO audit.unsealed SELECT * FROM kept_out")
        connection.execute("DROP TABLE kept_out")
    seal_all(owner)
    assert looked(owner).findings == ()


@pytest.mark.parametrize(
    ("away", "back", "named"),
    [
        (
            "ALTER TABLE audit.events DISABLE TRIGGER refuse",
            "ALTER TABLE audit.events ENABLE ALWAYS TRIGGER refuse",
            "trigger refuse of audit.events",
        ),
        (
            "ALTER TABLE audit.events ENABLE TRIGGER keep",
            "ALTER TABLE audit.events ENABLE ALWAYS TRIGGER keep",
            "trigger keep of audit.events",
        ),
        (
            "ALTER TABLE accounts.users DISABLE TRIGGER audit",
            "ALTER TABLE accounts.users ENABLE ALWAYS TRIGGER audit",
            "trigger audit of accounts.users",
        ),
    ],
)
def test_a_guard_that_does_not_stand_shows(
    chained: Engine, url: str, away: str, back: str, named: str
) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(away)
        (finding,) = looked(chained).findings
        connection.execute(back)
    assert named in finding
    assert looked(chained).findings == ()


def test_a_function_that_is_another_shows(chained: Engine, url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        query = "SELECT pg_get_functiondef('audit.refuse'::regproc)"
        (former,) = connection.execute(query).fetchone() or ("",)
        connection.execute(
            "CREATE OR REPLACE FUNCTION audit.refuse() RETURNS trigger LANGUAGE plpgsql"
            " AS 'BEGIN RETURN NULL; END'"
        )
        (finding,) = looked(chained).findings
        connection.execute(former)
    assert "function audit.refuse" in finding


def test_after_pruning_the_rest_still_holds(
    owner: Engine, write: Write, url: str, age: Callable[[int, int], None]
) -> None:
    write(EVENT)
    with psycopg.connect(url) as connection:
        ids = [row[0] for row in connection.execute("SELECT event FROM audit.unsealed")]
        linked = [row[0] for row in connection.execute("SELECT event FROM audit.links")]
    for event in ids:
        age(event, 400)
    seal_all(owner)
    # What was chained before is made older too, as are its links: the chain is made anew.
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ALTER TABLE audit.links DISABLE TRIGGER ALL")
        connection.execute("DELETE FROM audit.links")
        connection.execute("INSERT INTO audit.unsealed SELECT id FROM audit.events")
        for trigger in ("refuse", "keep"):
            connection.execute(f"ALTER TABLE audit.links ENABLE ALWAYS TRIGGER {trigger}")
    for event in linked:
        age(event, 500)
    write(EVENT)
    seal_all(owner)
    before = looked(owner)
    assert before.findings == ()
    with owner.begin() as connection:
        gone = prune(connection, 365)
    assert gone == len(ids) + len(linked)
    seal_all(owner)
    after = looked(owner, before.head)
    assert after.findings == ()
    assert after.events == before.events - gone + 1
