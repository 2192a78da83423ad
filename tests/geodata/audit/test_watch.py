"""Changes and their events stand together or not at all, whichever way a change comes."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
import shapely
from sqlalchemy import Engine, insert, text

from geodata.accounts.errors import SignInRefusedError, TooManyFailuresError
from geodata.accounts.groups import add_group, bind_group, join_group, leave_group
from geodata.accounts.invitations import accept, invite
from geodata.accounts.openid import link, unlink
from geodata.accounts.scope import parse_scopes
from geodata.accounts.sessions import end_session
from geodata.accounts.signin import sign_in
from geodata.accounts.tokens import NewToken, create_token, revoke_token
from geodata.accounts.users import add_user, disable, enable, set_password, set_role
from geodata.audit.ascribe import ascribe
from geodata.audit.asker import TERMINAL, Asker, asked_by, at_terminal
from geodata.audit.event import MOST_FEATURES
from geodata.database.engine import recorded
from geodata.database.tables import METADATA
from geodata.features.changes import Author, changing, create
from geodata.features.crs import CRS84
from geodata.geocoding.candidate import Issue
from geodata.geocoding.level import Level
from geodata.geocoding.review import Decision, Entry, Placement, Queue
from geodata.ingest.batch import ImportBatch
from geodata.ingest.copy import feature_rows
from geodata.ingest.load import import_rows
from geodata.ingest.modes import Mode
from geodata.ingest.undo import Undoing, undo
from geodata.ingest.validation import Feature
from layers.attribute import Role
from layers.catalog import CATALOG

PASSWORD, OTHER = "松柏之茂 隔冬不凋 42", "another good one 7"
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
IDENTITY = ("https://id.example.cn", "7")
LI = Asker("li", "admin", "192.0.2.7")
PROJECTS = CATALOG.get("projects")
TABLE = METADATA.tables["projects"]
VALUES = {
    "name_zh": "试点",
    "source": "test",
    "as_of": date(2011, 1, 1),
    "boundary_status": "schematic",
    "kind": "pilot",
}

Told = Callable[[], list[dict[str, Any]]]


def brief(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [(row["action"], row["actor"], row["subject"]) for row in rows]


@pytest.fixture(scope="module", autouse=True)
def _users(owner: Engine) -> None:
    with owner.begin() as connection:
        for name in ("wang", "bo"):
            add_user(connection, name, "planner", password=PASSWORD, now=NOW)
        connection.execute(
            text("INSERT INTO areas (id, layer) VALUES ('here', 'clusters'), ('there', 'clusters')")
        )


ACCOUNTS: dict[str, tuple[Callable[..., Any], list[tuple[str, str, dict[str, Any]]]]] = {
    "a user": (
        lambda each: add_user(each, "chen", "planner", password=PASSWORD, now=NOW),
        [("user.added", "chen", {"role": "planner"})],
    ),
    "another role": (
        lambda each: set_role(each, "wang", "land_officer"),
        [("user.role", "wang", {"role": "land_officer", "former_role": "planner"})],
    ),
    "the role they have": (lambda each: set_role(each, "wang", "planner"), []),
    "a password": (
        lambda each: set_password(each, "wang", OTHER),
        [("user.password", "wang", {"role": "planner"})],
    ),
    "no entry": (
        lambda each: disable(each, "wang", NOW),
        [("user.disabled", "wang", {"role": "planner"})],
    ),
    "no entry, and entry again": (
        lambda each: (disable(each, "wang", NOW), enable(each, "wang")),
        [
            ("user.disabled", "wang", {"role": "planner"}),
            ("user.enabled", "wang", {"role": "planner"}),
        ],
    ),
    "entry that they have": (lambda each: enable(each, "wang"), []),
    "a link": (
        lambda each: invite(each, "wang", NOW),
        [("user.invited", "wang", {"expires_at": "2026-03-05T09:00:00+00:00"})],
    ),
    "an identity": (
        lambda each: (link(each, "wang", *IDENTITY, NOW), unlink(each, "wang", *IDENTITY)),
        [
            ("user.linked", "wang", {"issuer": IDENTITY[0], "subject": IDENTITY[1]}),
            ("user.unlinked", "wang", {"issuer": IDENTITY[0], "subject": IDENTITY[1]}),
        ],
    ),
    "a group": (
        lambda each: add_group(each, "office", ["there", "here"], now=NOW),
        [
            ("group.added", "office", {}),
            ("group.areas", "office", {"added": ["here"]}),
            ("group.areas", "office", {"added": ["there"]}),
        ],
    ),
    "other areas": (
        lambda each: (
            add_group(each, "office", ["here"], now=NOW),
            bind_group(each, "office", ["there"]),
        ),
        [
            ("group.added", "office", {}),
            ("group.areas", "office", {"added": ["here"]}),
            ("group.areas", "office", {"removed": ["here"]}),
            ("group.areas", "office", {"added": ["there"]}),
        ],
    ),
    "a member who leaves": (
        lambda each: (
            add_group(each, "office", [], now=NOW),
            join_group(each, "wang", "office"),
            leave_group(each, "wang", "office"),
        ),
        [
            ("group.added", "office", {}),
            ("group.joined", "wang", {"group": "office"}),
            ("group.left", "wang", {"group": "office"}),
        ],
    ),
}


@pytest.mark.parametrize("case", list(ACCOUNTS))
def test_changes_of_accounts_are_told_with_who_made_them(
    owner: Engine, told: Told, case: str
) -> None:
    change, expected = ACCOUNTS[case]
    with asked_by(lambda: LI), owner.connect() as connection:
        ascribe(connection)
        connection.execute(text("SET LOCAL timezone = 'UTC'"))
        change(connection)
        rows = (
            connection.execute(
                text(
                    "SELECT * FROM audit.events WHERE xmin::text = pg_current_xact_id()::text"
                    " ORDER BY id"
                )
            )
            .mappings()
            .all()
        )
        connection.rollback()
    assert [(row["action"], row["subject"], row["detail"]) for row in rows] == expected
    assert {(row["actor"], row["role"], row["address"]) for row in rows} <= {LI}
    assert told() == []


def test_a_token_is_told_by_its_number_and_never_by_itself(owner: Engine, told: Told) -> None:
    with asked_by(lambda: LI), owner.begin() as connection:
        ascribe(connection)
        new = NewToken("wang", "night run", parse_scopes(["*:read"]), 2)
        token = create_token(connection, new, NOW)
        number = connection.scalar(text("SELECT max(id) FROM accounts.tokens"))
        revoke_token(connection, number, NOW)
    made, revoked = told()
    assert brief([made, revoked]) == [
        ("token.made", "li", "wang"),
        ("token.revoked", "li", "wang"),
    ]
    assert made["detail"]["number"] == number
    assert (made["detail"]["title"], made["detail"]["scopes"]) == ("night run", ["*:read"])
    assert token[:12] not in str([made, revoked])


def test_coming_in_and_going_out_are_told_and_no_session(owner: Engine, told: Told) -> None:
    session = sign_in(owner, "wang", PASSWORD, "192.0.2.9", NOW)
    with asked_by(lambda: LI._replace(account=None)), owner.begin() as connection:
        end_session(connection, session)
        end_session(connection, session)
    rows = told()
    assert brief(rows) == [("sign-in", "wang", "wang"), ("sign-out", "wang", "wang")]
    assert [row["address"] for row in rows] == ["192.0.2.9", "192.0.2.7"]
    assert session not in str(rows)


def test_attempts_that_fail_are_told_without_what_was_typed(owner: Engine, told: Told) -> None:
    for name in ("wang", "my password in the wrong field", "nobody"):
        with pytest.raises(SignInRefusedError):
            sign_in(owner, name, "wrong password 1", "198.51.100.1", NOW)
    rows = told()
    assert brief(rows) == [
        ("sign-in", None, "wang"),
        ("sign-in", None, None),
        ("sign-in", None, None),
    ]
    assert {(row["outcome"], row["address"]) for row in rows} == {("failed", "198.51.100.1")}
    assert "password" not in str(rows)


def test_attempts_that_come_too_early_are_told_once_a_minute(owner: Engine, told: Told) -> None:
    for _ in range(4):
        with pytest.raises(SignInRefusedError):
            sign_in(owner, "bo", "wrong password 1", "198.51.100.2", NOW)
    for _ in range(5):
        with pytest.raises(TooManyFailuresError):
            sign_in(owner, "bo", "wrong password 1", "198.51.100.2", NOW)
    rows = told()
    assert [row["outcome"] for row in rows] == ["failed"] * 4 + ["refused"]
    assert rows[-1]["subject"] == "bo"


def test_who_comes_by_a_link_is_nobody_known(owner: Engine, told: Told) -> None:
    with owner.begin() as connection:
        key = invite(connection, "bo", NOW)
    with asked_by(lambda: Asker(address="192.0.2.8")), owner.begin() as connection:
        ascribe(connection)
        accept(connection, key, "", OTHER, NOW)
    invited, changed = told()
    assert brief([invited, changed]) == [
        ("user.invited", invited["login"], "bo"),
        ("user.password", None, "bo"),
    ]
    assert changed["address"] == "192.0.2.8"
    assert key not in str([invited, changed])


def made(*ids: str) -> list[Any]:
    names = [attribute.name for attribute in PROJECTS.all_attributes]
    values = {name: VALUES.get(name) for name in names}
    return [Feature(each, values, shapely.Point(116.3, 40)) for each in ids]


def test_an_import_and_its_undoing_are_one_event_each(owner: Engine, told: Told) -> None:
    batch = ImportBatch(file="a.csv", sha256="0" * 64, actor="anna", reason="survey")
    rows = [feature_rows(PROJECTS, made("i-1", "i-2"))]
    with asked_by(lambda: LI):
        loaded = import_rows(owner, PROJECTS, rows, mode=Mode.APPEND, batch=batch)
        undo(owner, loaded.import_id, Undoing("bo", "wrong file"))
    load, back = told()
    assert [(row["action"], row["actor"], row["layer"], row["number"]) for row in (load, back)] == [
        ("import.loaded", "anna", "projects", 2),
        ("import.undone", "bo", "projects", 2),
    ]
    assert load["address"] == back["address"] == "192.0.2.7"
    assert load["detail"]["import"] == back["detail"]["undoes"] == loaded.import_id
    assert (load["detail"]["file"], load["detail"]["reason"]) == ("a.csv", "survey")


def test_an_import_that_is_only_tried_is_none(owner: Engine, told: Told) -> None:
    batch = ImportBatch(file="a.csv", sha256="0" * 64, actor="anna", reason="survey")
    rows = [feature_rows(PROJECTS, made("i-1"))]
    import_rows(owner, PROJECTS, rows, mode=Mode.APPEND, batch=batch, dry_run=True)
    assert told() == []


def test_changes_by_any_statement_are_told_with_the_first_ids(owner: Engine, told: Told) -> None:
    ids = [f"p-{number:03d}" for number in range(MOST_FEATURES + 5)]
    with recorded(owner, actor="plan", reason="规划") as connection:
        connection.execute(insert(TABLE).values([{"id": each, **VALUES} for each in ids]))
    with owner.begin() as connection:
        connection.execute(TABLE.update().where(TABLE.c.id == "p-001").values(name_zh="改"))
        connection.execute(TABLE.update().where(TABLE.c.id == "absent").values(name_zh="改"))
        connection.execute(TABLE.delete().where(TABLE.c.id.in_(ids)))
    added, changed, removed = told()
    assert [row["action"] for row in (added, changed, removed)] == [
        "feature.added",
        "feature.changed",
        "feature.removed",
    ]
    assert added["features"] == removed["features"] == ids[:MOST_FEATURES]
    assert (added["number"], changed["features"], removed["number"]) == (105, ["p-001"], 105)
    assert (added["actor"], added["detail"]) == ("plan", {"reason": "规划"})
    assert changed["actor"] == changed["login"]


def test_a_change_and_its_event_are_one_transaction(owner: Engine, told: Told) -> None:
    author = Author(actor="wang", role=Role.PLANNER, reason="why")
    document = {
        "type": "Feature",
        "id": "c-1",
        "geometry": {"type": "Point", "coordinates": [116.3, 40]},
        "properties": VALUES | {"as_of": "2011-01-01"},
    }

    def change_and_fail() -> None:
        with changing(owner, PROJECTS, author) as connection:
            create(connection, PROJECTS, [document], CRS84)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        change_and_fail()
    assert told() == []
    with asked_by(lambda: LI), changing(owner, PROJECTS, author) as connection:
        create(connection, PROJECTS, [document], CRS84)
    (row,) = told()
    assert (row["action"], row["actor"], row["features"]) == ("feature.added", "wang", ["c-1"])
    assert (row["address"], row["detail"]) == ("192.0.2.7", {"reason": "why"})
    with owner.begin() as connection:
        connection.execute(TABLE.delete())


def test_without_the_audit_nothing_is_changed(owner: Engine) -> None:
    author = Author(actor="wang", role=Role.PLANNER)
    document = {
        "type": "Feature",
        "id": "c-1",
        "geometry": None,
        "properties": VALUES | {"as_of": "2011-01-01"},
    }
    with owner.begin() as connection:
        connection.execute(text("ALTER TABLE audit.events RENAME TO events_away"))
    try:
        with (
            pytest.raises(Exception, match=r"audit\.events"),
            changing(owner, PROJECTS, author) as connection,
        ):
            create(connection, PROJECTS, [document], CRS84)
    finally:
        with owner.begin() as connection:
            connection.execute(text("ALTER TABLE audit.events_away RENAME TO events"))
            assert connection.execute(TABLE.select()).all() == []


def test_decisions_of_review_are_told(owner: Engine, told: Told) -> None:
    queue = Queue(owner)
    queue.put([Entry(key="甲街1号", address="甲街1号", issues=(Issue.AMBIGUOUS,), candidates=())])
    (item,) = queue.waiting()
    place = Placement(lon=116.3, lat=39.9, level=Level.HOUSE, accuracy_m=20)
    decision = Decision(placement=place, by="wang", reason="看过图")
    with asked_by(lambda: LI._replace(account="wang", role="planner")):
        queue.decide(item.id, decision, seen=0)
    (row,) = told()
    assert (row["action"], row["actor"], row["address"]) == ("review.decided", "wang", "192.0.2.7")
    assert row["detail"] == {
        "review": item.id,
        "verdict": "placed",
        "level": "house",
        "reason": "看过图",
    }


def test_at_the_terminal_it_is_the_machines_user(owner: Engine, told: Told) -> None:
    with asked_by(at_terminal), owner.begin() as connection:
        ascribe(connection)
        invite(connection, "wang", NOW)
    (row,) = told()
    assert row["address"] == TERMINAL
    assert row["actor"] == at_terminal().account
