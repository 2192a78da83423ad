import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from time import process_time

import pytest
from sqlalchemy import Engine

from geodata.accounts.errors import SignInRefusedError, TooManyFailuresError
from geodata.accounts.password import is_password
from geodata.accounts.sessions import Lifetime, find_session
from geodata.accounts.signin import sign_in
from geodata.accounts.throttle import delay, list_failures, network_of
from geodata.accounts.users import disable

HOUR = timedelta(hours=1)
LIFETIME = Lifetime(HOUR, HOUR)
HERE = "192.0.2.7"
SECOND = timedelta(seconds=1)


def fail(engine: Engine, now: datetime, *, name: str = "wang", address: str = HERE) -> None:
    with pytest.raises(SignInRefusedError):
        sign_in(engine, name, "not the password 1", address, now)


def test_the_right_password_opens_a_session(engine: Engine, password: str, now: datetime) -> None:
    session = sign_in(engine, "wang", password, HERE, now)
    with engine.begin() as connection:
        found = find_session(connection, session, LIFETIME, now)
    assert found is not None
    assert found.account == "wang"


def test_each_sign_in_is_a_session_of_its_own(engine: Engine, password: str, now: datetime) -> None:
    assert sign_in(engine, "wang", password, HERE, now) != sign_in(
        engine, "wang", password, HERE, now
    )


@pytest.mark.parametrize("case", ["wrong password", "unknown", "no name", "disabled"])
def test_whatever_is_wrong_the_answer_is_the_same(
    case: str, engine: Engine, password: str, now: datetime
) -> None:
    name = {"unknown": "li", "no name": "李\0"}.get(case, "wang")
    given = "not the password 1" if case == "wrong password" else password
    if case == "disabled":
        with engine.begin() as connection:
            disable(connection, "wang", now)
    with pytest.raises(SignInRefusedError, match="name or password is wrong"):
        sign_in(engine, name, given, HERE, now)


def test_an_unknown_account_costs_the_same_work(
    monkeypatch: pytest.MonkeyPatch, engine: Engine, now: datetime
) -> None:
    compared = []

    def counted(password: str, kept: str | None) -> bool:
        compared.append(kept is None)
        return is_password(password, kept)

    monkeypatch.setattr("geodata.accounts.signin.is_password", counted)
    is_password("", None)  # the hash that stands in is made once

    def fastest(work: Callable[[], None]) -> float:
        times = []
        for _ in range(4):
            start = process_time()
            work()
            times.append(process_time() - start)
        return min(times)

    known = fastest(lambda: fail(engine, now, name="wang"))
    unknown = fastest(lambda: fail(engine, now, name="nobody"))
    assert compared == [False] * 4 + [True] * 4
    assert 0.5 < unknown / known < 2


def test_failures_make_the_account_wait_longer_and_longer(
    engine: Engine, password: str, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(4):
        fail(engine, now, address=f"192.0.2.{number}")
    for wait in (1, 2, 4):
        with pytest.raises(TooManyFailuresError) as caught:
            sign_in(engine, "wang", password, HERE, now)
        assert caught.value.wait_s == wait
        now += wait * SECOND
        fail(engine, now)
    with caplog.at_level(logging.WARNING), pytest.raises(TooManyFailuresError):
        sign_in(engine, "wang", password, HERE, now)
    assert "too many failed attempts" in caplog.text
    now += 8 * SECOND
    sign_in(engine, "wang", password, HERE, now)
    fail(engine, now)
    sign_in(engine, "wang", password, HERE, now)


def test_an_address_that_tries_many_accounts_waits_too(
    engine: Engine, password: str, now: datetime
) -> None:
    for number in range(20):
        fail(engine, now, name=f"user{number}")
    with pytest.raises(TooManyFailuresError):
        sign_in(engine, "wang", password, HERE, now)
    sign_in(engine, "wang", password, "198.51.100.1", now)


def test_many_attempts_at_once_are_no_way_round(engine: Engine, now: datetime) -> None:
    outcomes = []

    def attempt() -> None:
        try:
            sign_in(engine, "wang", "not the password 1", HERE, now)
        except (SignInRefusedError, TooManyFailuresError) as error:
            outcomes.append(type(error))

    threads = [threading.Thread(target=attempt) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert outcomes.count(SignInRefusedError) == 4
    assert outcomes.count(TooManyFailuresError) == 4


def test_failures_are_shown_without_what_was_typed(engine: Engine, now: datetime) -> None:
    fail(engine, now)
    fail(engine, now + SECOND, name="my password in the wrong field")
    with engine.begin() as connection:
        rows = list_failures(connection)
    assert [(row.address, row.user) for row in rows] == [(HERE, None), (HERE, "wang")]


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, 0), (3, 0), (4, 1), (5, 2), (10, 64), (14, 900), (10**6, 900)]
)
def test_the_wait_doubles_up_to_a_quarter_of_an_hour(failures: int, seconds: int) -> None:
    assert delay(failures, 4) == seconds * SECOND


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("testclient", "testclient"),
    ],
)
def test_an_address_counts_by_what_one_client_has(address: str, network: str) -> None:
    assert network_of(address) == network
