"""How often one may ask: each account, and each address of the public, by kind of request.

What a minute allows may be used up at once, and comes back evenly (the generic cell rate
algorithm, ITU-T I.371, annex A): one number for each who asks. Each process of a service counts for
itself, so that several together let in as many times more.
"""

import logging
import math
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from starlette.types import ASGIApp, Receive, Scope, Send

from layers.text import Text
from service.accounts.address import Trusted, counted_by
from service.accounts.principal import principal_of
from service.errors import PROBLEMS, TooManyRequestsError, problem_response
from service.settings import Settings

LOG = logging.getLogger(__name__)

MINUTE_S = 60
SLACK_S = 1e-3
"""More than a sum of a minute's steps may err."""

MOST_COUNTS = 100_000
"""Of who asked a moment ago, by kind; one takes about 150 bytes."""

QUIET_S = 60
"""Refusals between two lines in the log are not told."""


class Kind(StrEnum):
    """Requests that cost about the same; `ZGC_RATE_<KIND>` sets how many a minute allows."""

    READS = "reads"
    COSTLY = "costly"
    WRITES = "writes"
    IMPORTS = "imports"
    TOKENS = "tokens"


TITLES: Mapping[Kind, Text] = {
    Kind.READS: Text("读取和瓦片", "reads and tiles"),
    Kind.COSTLY: Text("统计和导出", "statistics and exports"),
    Kind.WRITES: Text("写入和表单", "changes and forms"),
    Kind.IMPORTS: Text("导入", "imports"),
    Kind.TOKENS: Text("无效令牌", "worthless tokens"),
}


@dataclass(frozen=True)
class Rule:
    """Requests of a kind.

    Args:
        kind: None: they are not counted.
        reads: whether they are GET and HEAD, or the other methods.
        paths: what the path starts with.
        query: what must be found in the query; None: anything.
    """

    kind: Kind | None
    reads: bool
    paths: tuple[str, ...]
    query: re.Pattern[bytes] | None = None


EXPORT = re.compile(rb"(?:^|&)f=(?!geojson(?:&|$)|html|json|mvt)")

RULES = (
    Rule(None, True, ("/healthz", "/readyz", "/metrics", "/static/")),
    Rule(Kind.COSTLY, True, ("/api/statistics", "/statistics")),
    Rule(Kind.COSTLY, True, ("/ogc/collections/",), EXPORT),
    Rule(Kind.READS, True, ("",)),
    Rule(Kind.COSTLY, False, ("/api/statistics", "/api/geocode")),
    Rule(Kind.IMPORTS, False, ("/import",)),
    Rule(Kind.WRITES, False, ("",)),
)
"""The first that fits counts."""

SAFE = ("GET", "HEAD", "OPTIONS")
BY_SAFETY = {safe: tuple(rule for rule in RULES if rule.reads is safe) for safe in (True, False)}


def kind_of(scope: Scope) -> Kind | None:
    """The kind of a request; None: it is not counted."""
    path: str = scope["path"]
    if root := scope["root_path"]:
        path = path.removeprefix(root)
    for rule in BY_SAFETY[scope["method"] in SAFE]:
        if path.startswith(rule.paths) and (
            rule.query is None or rule.query.search(scope["query_string"])
        ):
            return rule.kind
    return None


class Counts:
    """How much each who asks has left of one kind.

    Args:
        per_minute: how many requests a minute allows; 0: any number.
        clock: seconds.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.per_minute = per_minute
        self._step = MINUTE_S / per_minute if per_minute else 0.0
        self._clock = clock
        self._full_at: dict[str, float] = {}

    def take(self, who: str) -> float:
        """Count a request.

        Returns:
            Seconds until the next one is let in, where this one is not; else 0.
        """
        if not self._step:
            return 0.0
        now = self._clock()
        full_at = self._full_at.get(who, now)
        after = (full_at if full_at > now else now) + self._step
        if (wait := after - now - MINUTE_S) > SLACK_S:
            return wait
        if len(self._full_at) >= MOST_COUNTS:
            self._forget(now)
        self._full_at[who] = after
        return 0.0

    def wait(self, who: str) -> float:
        """As `take`, without counting."""
        if not self._step:
            return 0.0
        now = self._clock()
        wait = self._full_at.get(who, now) + self._step - now - MINUTE_S
        return wait if wait > SLACK_S else 0.0

    def _forget(self, now: float) -> None:
        """Those who have all of it again, and where they are too few, who first asked first."""
        self._full_at = {who: full for who, full in self._full_at.items() if full > now}
        for who in list(self._full_at)[: len(self._full_at) - MOST_COUNTS // 2]:
            del self._full_at[who]


class Limits:
    """The counts of a service.

    Args:
        per_minute: by kind, how many requests a minute allows; 0: any number.
        trusted: proxies whose word of a client's address counts.
    """

    def __init__(self, per_minute: Mapping[Kind, int], trusted: Trusted) -> None:
        self._counts = {kind: Counts(per_minute[kind]) for kind in Kind}
        self.address = counted_by(trusted)
        self._told_at = -math.inf

    def check(self, kind: Kind, who: str) -> None:
        """Count a request.

        Raises:
            TooManyRequestsError: who asks has to wait.
        """
        if wait := self._counts[kind].take(who):
            raise self._refused(kind, who, wait)

    def check_before(self, kind: Kind, who: str) -> None:
        """As `check`, without counting: what is to be counted is not known yet.

        Raises:
            TooManyRequestsError: who asks has to wait.
        """
        if wait := self._counts[kind].wait(who):
            raise self._refused(kind, who, wait)

    def _refused(self, kind: Kind, who: str, wait: float) -> TooManyRequestsError:
        if time.monotonic() > self._told_at + QUIET_S:
            self._told_at = time.monotonic()
            LOG.warning(
                "%s asks too often (%s); if that is a proxy, ZGC_TRUSTED_PROXIES must name it",
                who or "the client of the socket",
                TITLES[kind].en,
            )
        most = self._counts[kind].per_minute
        return TooManyRequestsError(kind, TITLES[kind].en, who, most, math.ceil(wait))


def limits_of(settings: Settings) -> Limits:
    """As the operator set them."""
    per_minute = {kind: getattr(settings, f"rate_{kind}") for kind in Kind}
    return Limits(per_minute, settings.trusted_proxies)


class Limited:
    """Refuses what is asked too often; stands behind who tells who asks."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == "http" and (kind := kind_of(scope)) is not None:
            account = principal_of(scope).account
            who = self._limits.address(scope) if account is None else f"account {account}"
            try:
                self._limits.check(kind, who)
            except TooManyRequestsError as error:
                await too_many(scope, error)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def too_many(scope: Scope, error: TooManyRequestsError) -> ASGIApp:
    """The answer, which says when to come again (RFC 6585, 4)."""
    return problem_response(
        PROBLEMS[TooManyRequestsError],
        str(error),
        scope["path"],
        {"Retry-After": str(error.wait_s), "Cache-Control": "no-store"},
        root=scope["root_path"],
    )
