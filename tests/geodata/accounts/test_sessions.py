from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, select

from geodata.accounts.sessions import (
    Lifetime,
    clear_sessions,
    end_session,
    find_session,
    open_session,
)
from geodata.accounts.tables import SESSIONS

MINUTE = timedelta(minutes=1)
LIFETIME = Lifetime(30 * MINUTE, 720 * MINUTE)


def test_a_session_is_known_by_its_id_of_which_only_a_hash_is_kept(
    connection: Connection, wang: str, now: datetime
) -> None:
    session = open_session(connection, wang, now)
    found = find_session(connection, session, LIFETIME, now)
    assert found is not None
    assert (found.account, found.role, found.scopes) == ("wang", "land_officer", None)
    (row,) = connection.execute(select(SESSIONS)).all()
    assert session.encode() not in row.hash
    assert find_session(connection, row.hash.hex(), LIFETIME, now) is None


@pytest.mark.parametrize(
    ("uses", "known"),
    [
        ([29], True),
        ([30], False),
        ([29, 58], True),
        ([29, 59], False),
        (list(range(20, 720, 20)), True),
        (list(range(20, 721, 20)), False),
    ],
    ids=str,
)
def test_a_session_ends_unused_after_half_an_hour_and_used_after_twelve(
    uses: list[int], known: bool, connection: Connection, wang: str, now: datetime
) -> None:
    session = open_session(connection, wang, now)
    found = [find_session(connection, session, LIFETIME, now + each * MINUTE) for each in uses]
    assert all(found[:-1])
    assert (found[-1] is not None) is known


def test_signing_out_ends_it(connection: Connection, wang: str, now: datetime) -> None:
    one, other = (open_session(connection, wang, now) for _ in range(2))
    end_session(connection, one)
    assert find_session(connection, one, LIFETIME, now) is None
    assert find_session(connection, other, LIFETIME, now) is not None


def test_use_is_written_down_once_a_minute(
    connection: Connection, wang: str, now: datetime
) -> None:
    session = open_session(connection, wang, now)
    seen = []
    for seconds in (0, 59, 60, 100, 121):
        find_session(connection, session, LIFETIME, now + timedelta(seconds=seconds))
        used = connection.scalar(select(SESSIONS.c.used_at))
        assert used is not None
        seen.append((used - now).total_seconds())
    assert seen == [0, 0, 60, 60, 121]


def test_those_that_ended_are_cleared_away(
    connection: Connection, wang: str, now: datetime
) -> None:
    open_session(connection, wang, now)
    fresh = open_session(connection, wang, now + 20 * MINUTE)
    clear_sessions(connection, LIFETIME, now + 40 * MINUTE)
    assert len(connection.execute(select(SESSIONS)).all()) == 1
    assert find_session(connection, fresh, LIFETIME, now + 40 * MINUTE) is not None
