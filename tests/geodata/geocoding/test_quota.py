"""Quotas: spaced requests, days of Beijing, hard stops; in the database for all together."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from geodata.geocoding.quota import (
    Allowance,
    Quota,
    StoppedError,
    Usage,
    grant,
    midnight_after,
)

NOON = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
"""In Beijing."""

TODAY = date(2026, 3, 1)
FIVE = Allowance(per_second=5, per_day=100)


@pytest.mark.parametrize(
    ("free_at", "then_free_at"),
    [
        (NOON - timedelta(days=9), NOON + timedelta(seconds=0.2)),
        (NOON, NOON + timedelta(seconds=0.2)),
        (NOON + timedelta(seconds=3), NOON + timedelta(seconds=3.2)),
    ],
)
def test_requests_are_spaced_evenly(free_at: datetime, then_free_at: datetime) -> None:
    assert grant("amap", Usage(free_at, TODAY, 7), FIVE, 1, NOON) == Usage(then_free_at, TODAY, 8)


@pytest.mark.parametrize(
    ("day", "used", "count", "then_used"),
    [
        (TODAY, 0, 10, 10),
        (TODAY, 90, 10, 100),
        (TODAY - timedelta(days=1), 100, 10, 10),
        (date(2000, 1, 1), 0, 1, 1),
    ],
)
def test_addresses_are_counted_by_day(day: date, used: int, count: int, then_used: int) -> None:
    assert grant("amap", Usage(NOON, day, used), FIVE, count, NOON).used == then_used


def test_a_day_ends_at_midnight_in_beijing() -> None:
    late = datetime(2026, 3, 1, 15, 59, tzinfo=UTC)
    with pytest.raises(StoppedError):
        grant("amap", Usage(NOON, TODAY, 100), FIVE, 1, late)
    assert grant("amap", Usage(NOON, TODAY, 100), FIVE, 1, late + timedelta(minutes=1)).used == 1
    assert midnight_after(late) == datetime(2026, 3, 1, 16, tzinfo=UTC)
    assert midnight_after(midnight_after(late)) == datetime(2026, 3, 2, 16, tzinfo=UTC)


def test_a_spent_day_names_the_figures_and_the_setting() -> None:
    with pytest.raises(
        StoppedError, match=r"95 addresses asked today, 6 more .* 100 a day \(ZGC_AMAP_PER_DAY\)"
    ):
        grant("amap", Usage(NOON, TODAY, 95), FIVE, 6, NOON)


def test_a_hard_stop_ends_by_itself() -> None:
    stopped = Usage(NOON, TODAY, 1, NOON + timedelta(hours=12), "status 302")
    with pytest.raises(StoppedError, match="stopped until 2026-03-02 00:00: status 302"):
        grant("baidu", stopped, FIVE, 1, NOON)
    later = grant("baidu", stopped, FIVE, 1, NOON + timedelta(hours=12))
    assert (later.used, later.stopped_until) == (1, None)


def test_two_processes_share_one_quota(engine: Engine) -> None:
    one, other = (Quota(engine, "amap", Allowance(0.1, 3)) for _ in range(2))
    waits = [one.take(1), other.take(1), one.take(1)]
    assert waits == pytest.approx([0, 10, 20], abs=1)
    with pytest.raises(StoppedError, match="3 addresses asked today"):
        other.take(1)


def test_providers_have_quotas_of_their_own(engine: Engine) -> None:
    assert Quota(engine, "amap", Allowance(0.1, 1)).take(1) == 0
    assert Quota(engine, "baidu", Allowance(0.1, 1)).take(1) == 0


def test_a_refusal_takes_nothing(engine: Engine) -> None:
    quota = Quota(engine, "amap", Allowance(10, 5))
    quota.take(4)
    for _ in range(3):
        with pytest.raises(StoppedError):
            quota.take(2)
    quota.take(1)


def test_a_stop_until_tomorrow_holds_for_all_and_a_key_only_for_this_process(
    engine: Engine,
) -> None:
    one, other = (Quota(engine, "amap", Allowance(10, 5)) for _ in range(2))
    one.stop("INVALID_USER_KEY")
    with pytest.raises(StoppedError, match="INVALID_USER_KEY"):
        one.take(1)
    assert other.take(1) == 0
    other.stop_until_tomorrow("10044")
    with pytest.raises(StoppedError, match="10044"):
        Quota(engine, "amap", Allowance(10, 5)).take(1)


def test_the_stop_of_yesterday_is_over(engine: Engine) -> None:
    quota = Quota(engine, "amap", Allowance(10, 5))
    quota.stop_until_tomorrow("10044")
    with engine.begin() as connection:
        connection.execute(text("UPDATE geocoding.quotas SET stopped_until = now()"))
    quota.take(1)


def test_no_grant_is_lost_between_many_at_once(engine: Engine) -> None:
    """Two hundred ask at the same time for what suffices for a hundred and fifty."""
    quotas = [Quota(engine, "amap", Allowance(1000, 150)) for _ in range(5)]

    def grants(quota: Quota) -> int:
        granted = 0
        for _ in range(40):
            with suppress(StoppedError):
                quota.take(1)
                granted += 1
        return granted

    with ThreadPoolExecutor(5) as pool:
        assert sum(pool.map(grants, quotas)) == 150
