"""Quota: when a provider may be asked next, kept in the database for all processes together.

Requests are spaced evenly, a token bucket of one token: a burst followed by a refill would exceed
what providers count in any one second. Days are those of Beijing, where quotas begin anew at
midnight.
"""

from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, Update, func, select, update
from sqlalchemy.dialects.postgresql import insert

from geodata.errors import GeodataError
from geodata.geocoding.tables import QUOTAS

BEIJING = ZoneInfo("Asia/Shanghai")

LONG_AGO = datetime(2000, 1, 1, tzinfo=BEIJING)


class StoppedError(GeodataError):
    """A provider is not to be asked for now; the text says why and until when."""


@dataclass(frozen=True)
class Allowance:
    """What may be asked of a provider.

    Args:
        per_second: requests.
        per_day: addresses.
    """

    per_second: float
    per_day: int


@dataclass(frozen=True)
class Usage:
    """What has been asked of it.

    Args:
        free_at: when the next request may go out.
        day: in Beijing, that `used` counts.
        used: addresses asked on that day.
        stopped_until: end of a hard stop.
        stopped_why: in words.
    """

    free_at: datetime
    day: date
    used: int
    stopped_until: datetime | None = None
    stopped_why: str | None = None


def grant(provider: str, usage: Usage, allowance: Allowance, count: int, now: datetime) -> Usage:
    """The usage after a request for `count` addresses; it may go out at the former `free_at`.

    Raises:
        StoppedError: the provider is stopped, or the day's allowance does not suffice.
    """
    if usage.stopped_until is not None and now < usage.stopped_until:
        until = usage.stopped_until.astimezone(BEIJING)
        raise StoppedError(
            f"{provider} is stopped until {until:%Y-%m-%d %H:%M}: {usage.stopped_why}"
        )
    today = now.astimezone(BEIJING).date()
    used = usage.used if usage.day == today else 0
    if used + count > allowance.per_day:
        raise StoppedError(
            f"{provider}: {used} addresses asked today, {count} more would exceed the allowance of "
            f"{allowance.per_day} a day (ZGC_{provider.upper()}_PER_DAY)"
        )
    start = max(now, usage.free_at)
    return Usage(start + timedelta(seconds=1 / allowance.per_second), today, used + count)


class Quota:
    """A provider's quota in the database."""

    def __init__(self, engine: Engine, provider: str, allowance: Allowance) -> None:
        self._engine = engine
        self._provider = provider
        self._allowance = allowance
        self._stopped: str | None = None

    def take(self, count: int) -> float:
        """Seconds to wait before a request for `count` addresses, which is then granted.

        Raises:
            StoppedError: no request is granted.
        """
        if self._stopped is not None:
            raise StoppedError(self._stopped)
        with self._engine.begin() as connection:
            connection.execute(insert(QUOTAS).values(self._unused()).on_conflict_do_nothing())
            row = connection.execute(
                select(QUOTAS, func.clock_timestamp().label("now"))
                .where(QUOTAS.c.provider == self._provider)
                .with_for_update()
            ).one()
            usage = Usage(row.free_at, row.day, row.used, row.stopped_until, row.stopped_why)
            granted = grant(self._provider, usage, self._allowance, count, row.now)
            connection.execute(self._update(granted))
        wait: timedelta = usage.free_at - row.now
        return max(0.0, wait.total_seconds())

    def stop_until_tomorrow(self, why: str) -> StoppedError:
        """Stop for every process until midnight in Beijing; returns the error to raise."""
        with self._engine.begin() as connection:
            now = connection.execute(select(func.clock_timestamp())).scalar_one()
            row = insert(QUOTAS).values(
                self._unused() | {"stopped_until": midnight_after(now), "stopped_why": why}
            )
            stop = {name: row.excluded[name] for name in ("stopped_until", "stopped_why")}
            connection.execute(row.on_conflict_do_update(index_elements=["provider"], set_=stop))
        return StoppedError(f"{self._provider} is stopped until tomorrow: {why}")

    def stop(self, why: str) -> StoppedError:
        """Stop for this process: a new start, with the setting corrected, tries again."""
        self._stopped = f"{self._provider} is stopped: {why}"
        return StoppedError(self._stopped)

    def _unused(self) -> dict[str, object]:
        return {"provider": self._provider} | asdict(Usage(LONG_AGO, LONG_AGO.date(), 0))

    def _update(self, usage: Usage) -> Update:
        return update(QUOTAS).where(QUOTAS.c.provider == self._provider).values(asdict(usage))


def midnight_after(now: datetime) -> datetime:
    """The next midnight in Beijing."""
    tomorrow = now.astimezone(BEIJING).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time.min, tzinfo=BEIJING)
