"""Accounts of people whom a provider knows, in a real database."""

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine

from geodata.accounts.errors import (
    AccountError,
    InvitationGoneError,
    LastAdministratorError,
    UnknownAccountError,
)
from geodata.accounts.invitations import invite, invite_first_administrator
from geodata.accounts.openid import (
    Arrival,
    Person,
    enter,
    id_token_of,
    link,
    linked_user,
    list_identities,
    unlink,
)
from geodata.accounts.openid_errors import AccountDisabledError, UnlinkedError
from geodata.accounts.sessions import Lifetime, end_session, find_session, open_session
from geodata.accounts.users import add_user, disable, list_users
from layers.attribute import Role

ISSUER = "https://id.example.cn"
HOUR = timedelta(hours=1)
LIFETIME = Lifetime(HOUR, HOUR)

ZHAO = Person(ISSUER, "7f3a", name="zhao")
BY_TOKEN = Arrival("an ID token")
ENROLLING = Arrival("an ID token", enrol=True)


def found(connection: Connection, session: str, now: datetime) -> Any:
    return find_session(connection, session, LIFETIME, now)


def roles(connection: Connection) -> dict[str, str]:
    return {row.name: row.role for row in list_users(connection)}


def test_who_is_linked_comes_in_as_that_account(
    connection: Connection, wang: str, now: datetime
) -> None:
    link(connection, wang, ISSUER, "7f3a", now)
    session = enter(connection, ZHAO, BY_TOKEN, now)
    assert found(connection, session, now).account == wang
    assert id_token_of(connection, session) == "an ID token"
    end_session(connection, session)
    assert id_token_of(connection, session) is None


@pytest.mark.parametrize(
    "person",
    [
        Person(ISSUER, "another", name="wang"),
        Person("https://other.example.cn", "7f3a", name="wang"),
        Person(ISSUER + "/", "7f3a"),
        Person(ISSUER, "7F3A"),
    ],
    ids=str,
)
def test_nothing_but_issuer_and_subject_links(
    person: Person, connection: Connection, wang: str, now: datetime
) -> None:
    link(connection, wang, ISSUER, "7f3a", now)
    with pytest.raises(UnlinkedError) as caught:
        enter(connection, person, BY_TOKEN, now)
    assert (caught.value.issuer, caught.value.subject) == (person.issuer, person.subject)


def test_a_disabled_account_stays_out(connection: Connection, wang: str, now: datetime) -> None:
    link(connection, wang, ISSUER, "7f3a", now)
    disable(connection, wang, now)
    with pytest.raises(AccountDisabledError, match="wang"):
        enter(connection, ZHAO, ENROLLING, now)


def test_linking_twice_is_once_and_never_to_two(
    connection: Connection, wang: str, now: datetime
) -> None:
    add_user(connection, "li", "planner", password=None, now=now)
    link(connection, wang, ISSUER, "7f3a", now)
    link(connection, wang, ISSUER, "7f3a", now + HOUR)
    with pytest.raises(AccountError, match="linked to wang already"):
        link(connection, "li", ISSUER, "7f3a", now)
    rows = [(row.user, row.subject, row.linked_at) for row in list_identities(connection, wang)]
    assert rows == [(wang, "7f3a", now)]
    assert list_identities(connection, "li") == []


@pytest.mark.parametrize(
    ("user", "issuer", "subject", "said"),
    [
        ("nobody", ISSUER, "7f3a", "no user"),
        ("wang", "", "7f3a", "issuer"),
        ("wang", "https://é", "7f3a", "issuer"),
        ("wang", ISSUER, "", "subject"),
        ("wang", ISSUER, "a\0b", "subject"),
        ("wang", ISSUER, "x" * 256, "subject"),
    ],
)
def test_what_cannot_be_linked_is_named(
    user: str,
    issuer: str,
    subject: str,
    said: str,
    connection: Connection,
    wang: str,
    now: datetime,
) -> None:
    assert wang
    with pytest.raises(AccountError, match=said):
        link(connection, user, issuer, subject, now)
    with pytest.raises(AccountError, match=said):
        unlink(connection, user, issuer, subject)


def test_unlinking_ends_the_sessions_that_the_provider_opened_and_no_others(
    connection: Connection, wang: str, now: datetime
) -> None:
    link(connection, wang, ISSUER, "7f3a", now)
    by_provider = enter(connection, ZHAO, BY_TOKEN, now)
    by_password = open_session(connection, wang, now)
    unlink(connection, wang, ISSUER, "7f3a")
    assert found(connection, by_provider, now) is None
    assert found(connection, by_password, now).account == wang
    assert linked_user(connection, ISSUER, "7f3a") is None
    with pytest.raises(UnknownAccountError, match="not linked"):
        unlink(connection, wang, ISSUER, "7f3a")


# --- without an account ---


@pytest.mark.parametrize(
    ("name", "taken", "becomes"),
    [
        ("zhao", False, "zhao"),
        ("zhao", True, "openid-"),
        ("", False, "openid-"),
        ("赵", False, "openid-"),
        ("zhao@example.cn", False, "openid-"),
    ],
)
def test_who_is_enrolled_gets_the_least_role_and_never_somebody_elses_account(
    name: str, taken: bool, becomes: str, connection: Connection, now: datetime
) -> None:
    if taken:
        add_user(connection, name, "admin", password=None, now=now)
    session = enter(connection, ZHAO._replace(name=name), ENROLLING, now)
    identity = found(connection, session, now)
    assert identity.account.startswith(becomes)
    assert identity.role is Role.PLANNER
    again = enter(connection, ZHAO._replace(name="changed"), ENROLLING, now)
    assert found(connection, again, now).account == identity.account


def test_two_at_once_are_enrolled_once(engine: Engine, now: datetime) -> None:
    sessions = []

    def arrive() -> None:
        with engine.begin() as connection:
            sessions.append(enter(connection, ZHAO, ENROLLING, now))

    threads = [threading.Thread(target=arrive) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    with engine.begin() as connection:
        assert {found(connection, session, now).account for session in sessions} == {"zhao"}
        assert len(sessions) == 4


# --- by a one-time link ---


def test_a_link_links_whoever_opens_it_once(
    connection: Connection, wang: str, now: datetime
) -> None:
    invitation = Arrival("an ID token", invitation=invite(connection, wang, now))
    session = enter(connection, ZHAO, invitation, now)
    assert found(connection, session, now).account == wang
    with pytest.raises(InvitationGoneError):
        enter(connection, ZHAO, invitation, now)


def test_a_link_links_nobody_who_is_linked_elsewhere(
    connection: Connection, wang: str, now: datetime
) -> None:
    add_user(connection, "li", "planner", password=None, now=now)
    link(connection, "li", ISSUER, "7f3a", now)
    invitation = Arrival("an ID token", invitation=invite(connection, wang, now))
    with pytest.raises(AccountError, match="linked to li already"):
        enter(connection, ZHAO, invitation, now)


@pytest.mark.parametrize("kind", ["unknown", "expired", "for the first administrator"])
def test_a_link_that_cannot_link_is_gone(kind: str, connection: Connection, now: datetime) -> None:
    add_user(connection, "li", "planner", password=None, now=now)
    secret = {
        "unknown": lambda: "unknown",
        "expired": lambda: invite(connection, "li", now - timedelta(days=4)),
        "for the first administrator": lambda: str(invite_first_administrator(connection, now)),
    }[kind]()
    with pytest.raises(InvitationGoneError):
        enter(connection, ZHAO, Arrival("an ID token", enrol=True, invitation=secret), now)


# --- roles that the provider tells ---


@pytest.mark.parametrize("role", [Role.PLANNER, Role.LAND_OFFICER, Role.ADMIN])
def test_the_role_that_a_claim_gives_is_that_of_the_account(
    role: Role, connection: Connection, wang: str, now: datetime
) -> None:
    link(connection, wang, ISSUER, "7f3a", now)
    session = enter(connection, ZHAO._replace(role=role), BY_TOKEN, now)
    assert found(connection, session, now).role is role
    enrolled = enter(connection, Person(ISSUER, "9", role=role), ENROLLING, now)
    assert found(connection, enrolled, now).role is role


def test_without_a_claim_the_account_keeps_its_role(
    connection: Connection, wang: str, now: datetime
) -> None:
    link(connection, wang, ISSUER, "7f3a", now)
    assert found(connection, enter(connection, ZHAO, BY_TOKEN, now), now).role is Role.LAND_OFFICER


def test_a_claim_does_not_take_the_last_administrator_away(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        add_user(connection, "li", "admin", password="松柏之茂 隔冬不凋 42", now=now)
        link(connection, "li", ISSUER, "7f3a", now)
    with pytest.raises(LastAdministratorError), engine.begin() as connection:
        enter(connection, ZHAO._replace(role=Role.PLANNER), BY_TOKEN, now)
    with engine.begin() as connection:
        assert roles(connection)["li"] == "admin"
