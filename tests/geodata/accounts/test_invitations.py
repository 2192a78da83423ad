from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, select

from geodata.accounts.errors import AccountError, InvitationGoneError, WeakPasswordError
from geodata.accounts.invitations import accept, invite, invite_first_administrator, invited
from geodata.accounts.tables import INVITATIONS
from geodata.accounts.users import add_user, has_administrator, list_users

HOUR = timedelta(hours=1)


def test_the_first_administrator_is_made_with_a_link_that_works_once(
    connection: Connection, password: str, now: datetime
) -> None:
    link = invite_first_administrator(connection, now)
    assert link is not None
    assert accept(connection, link, "li", password, now) == "li"
    assert has_administrator(connection)
    with pytest.raises(InvitationGoneError):
        accept(connection, link, "zhao", password, now)
    assert invite_first_administrator(connection, now) is None


def test_a_refusal_leaves_the_link(connection: Connection, password: str, now: datetime) -> None:
    link = invite_first_administrator(connection, now)
    assert link is not None
    for name, given in (("Li!", password), ("li", "password1234")):
        with pytest.raises(AccountError), connection.begin_nested():
            accept(connection, link, name, given, now)
    accept(connection, link, "li", password, now)


def test_links_expire_and_a_new_one_replaces_the_old(
    connection: Connection, wang: str, password: str, now: datetime
) -> None:
    first, second = invite(connection, wang, now), invite(connection, wang, now)
    assert invited(connection, second, now + 71 * HOUR) == wang
    for link, moment in ((first, now), (second, now + 72 * HOUR), ("", now), ("\0", now)):
        with pytest.raises(InvitationGoneError):
            accept(connection, link, wang, password, moment)


def test_the_link_for_the_first_administrator_is_worth_nothing_once_there_is_one(
    connection: Connection, password: str, now: datetime
) -> None:
    link = invite_first_administrator(connection, now)
    assert link is not None
    add_user(connection, "li", "admin", password=password, now=now)
    with pytest.raises(InvitationGoneError):
        accept(connection, link, "zhao", password, now)


def test_the_link_of_a_user_sets_the_password_of_that_user_alone(
    connection: Connection, password: str, now: datetime
) -> None:
    add_user(connection, "li", "planner", password=None, now=now)
    link = invite(connection, "li", now)
    with pytest.raises(WeakPasswordError), connection.begin_nested():
        accept(connection, link, "", "too short", now)
    assert accept(connection, link, "mallory", password, now) == "li"
    roles = {row.name: row.role for row in list_users(connection)}
    assert (roles["li"], "mallory" in roles) == ("planner", False)


def test_only_a_hash_of_a_link_is_kept(connection: Connection, wang: str, now: datetime) -> None:
    link = invite(connection, wang, now)
    (row,) = connection.execute(select(INVITATIONS)).all()
    assert link.encode() not in row.hash
