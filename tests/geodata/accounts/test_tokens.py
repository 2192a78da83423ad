from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select

from geodata.accounts.errors import AccountError, InvalidTokenError, UnknownAccountError
from geodata.accounts.scope import parse_scopes
from geodata.accounts.tables import TOKENS
from geodata.accounts.tokens import NewToken, create_token, find_token, list_tokens, revoke_token
from geodata.accounts.users import disable, set_role

DAY = timedelta(days=1)
SCOPES = parse_scopes(["parcels:write", "*:read"])


def made(connection: Connection, now: datetime, **changes: Any) -> str:
    new = NewToken("wang", "夜间同步", SCOPES, 30)._replace(**changes)
    return create_token(connection, new, now)


def test_a_token_stands_for_its_user_within_its_scopes(
    connection: Connection, wang: str, now: datetime
) -> None:
    token = made(connection, now)
    found = find_token(connection, token, now)
    assert (found.account, found.role, found.scopes) == (wang, "land_officer", SCOPES)
    set_role(connection, wang, "planner")
    assert find_token(connection, token, now).role == "planner"


@pytest.mark.usefixtures("wang")
def test_only_a_hash_and_the_beginning_are_kept(connection: Connection, now: datetime) -> None:
    token = made(connection, now)
    (row,) = connection.execute(select(TOKENS)).all()
    assert token.startswith(row.prefix)
    assert len(token) - len(row.prefix) > 32
    assert token not in str(row)
    assert not hasattr(list_tokens(connection)[0], "hash")
    with pytest.raises(InvalidTokenError):
        find_token(connection, row.prefix, now)


@pytest.mark.parametrize(("days", "known"), [(29.99, True), (30, False), (300, False)])
def test_a_token_expires(
    days: float, known: bool, connection: Connection, wang: str, now: datetime
) -> None:
    token = made(connection, now)
    if known:
        assert find_token(connection, token, now + days * DAY).account == wang
    else:
        with pytest.raises(InvalidTokenError):
            find_token(connection, token, now + days * DAY)


def test_a_revoked_token_or_one_of_a_disabled_user_is_worth_nothing(
    connection: Connection, wang: str, now: datetime
) -> None:
    revoked, other = made(connection, now), made(connection, now)
    revoke_token(connection, list_tokens(connection)[0].id, now, user=wang)
    with pytest.raises(InvalidTokenError):
        find_token(connection, revoked, now)
    assert find_token(connection, other, now).account == wang
    disable(connection, wang, now)
    with pytest.raises(InvalidTokenError):
        find_token(connection, other, now)


@pytest.mark.parametrize("number", [-1, 0, 10**30])
def test_what_is_no_token_cannot_be_revoked(
    number: int, connection: Connection, now: datetime
) -> None:
    with pytest.raises(UnknownAccountError, match=str(number)):
        revoke_token(connection, number, now)


def test_nobody_revokes_somebody_elses(connection: Connection, wang: str, now: datetime) -> None:
    token = made(connection, now)
    with pytest.raises(UnknownAccountError):
        revoke_token(connection, list_tokens(connection)[0].id, now, user="li")
    assert find_token(connection, token, now).account == wang


@pytest.mark.usefixtures("wang")
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"user": "li"}, "'li'"),
        ({"title": " "}, "title"),
        ({"title": "a\nb"}, "title"),
        ({"days": 0}, "1 to 366"),
        ({"days": 367}, "1 to 366"),
        ({"scopes": frozenset()}, "scope"),
    ],
    ids=str,
)
def test_a_token_that_cannot_be_is_refused_with_what_is_allowed(
    changes: dict[str, Any], said: str, connection: Connection, now: datetime
) -> None:
    with pytest.raises(AccountError, match=said):
        made(connection, now, **changes)


def test_use_is_written_down_once_a_minute(
    connection: Connection, wang: str, now: datetime
) -> None:
    token = made(connection, now)
    seen = []
    for seconds in (0, 59, 60):
        find_token(connection, token, now + timedelta(seconds=seconds))
        seen.append(list_tokens(connection, wang)[0].used_at - now)
    assert [each.total_seconds() for each in seen] == [0, 0, 60]
