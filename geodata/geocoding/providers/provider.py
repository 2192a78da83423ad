"""Provider: what an online geocoder's protocol consists of, declared once a provider.

A provider's file holds rows (levels, codes, quotas) and three small functions: the parameters of
a request, the parts of an answer that belong to each address, and the hits in such a part.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import SplitResult, quote, urlencode, urlsplit

import numpy as np
from pydantic import SecretStr

from geodata.errors import GeodataError
from geodata.geocoding.candidate import Candidate, Match
from geodata.geocoding.datum import Datum, convert
from geodata.geocoding.level import DEFAULT_ACCURACY_M, Level
from layers.text import Text

Document = Mapping[str, Any]
"""A JSON object of a provider."""

Parameters = dict[str, str]
"""Of a query, unencoded."""

CITY = "北京市"

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class ProviderError(GeodataError):
    """A provider is set up wrongly; the text names the setting."""


class Outcome(StrEnum):
    """What became of a request."""

    FOUND = "found"
    NOTHING = "nothing"
    BAD_KEY = "bad_key"
    QUOTA = "quota"
    BUSY = "busy"
    REFUSED = "refused"
    FAILED = "failed"

    @property
    def is_answer(self) -> bool:
        """Whether the provider has answered about the address; only that may be kept."""
        return self in (Outcome.FOUND, Outcome.NOTHING)

    @property
    def may_pass(self) -> bool:
        """Whether asking again a little later may help."""
        return self in (Outcome.BUSY, Outcome.FAILED)


@dataclass(frozen=True)
class Code:
    """A row of a provider's table of status codes.

    Args:
        pattern: the code, `*` and `?` as in file names.
        outcome: what it means for us.
        word: the row holds only if the provider's message contains it.
    """

    pattern: str
    outcome: Outcome
    word: str = ""


@dataclass(frozen=True)
class Grade:
    """What a provider's own level means.

    Args:
        level: ours.
        accuracy_m: metres within which the true place lies nine times in ten, where the provider
            does not state it; None: as for the level in general.
    """

    level: Level
    accuracy_m: float | None = None

    @property
    def accuracy(self) -> float:
        """Metres."""
        return DEFAULT_ACCURACY_M[self.level] if self.accuracy_m is None else self.accuracy_m


@dataclass(frozen=True, kw_only=True)
class Account:
    """An operator's account with a provider.

    Args:
        key: identifies the operator.
        secret: signs requests, where the account asks for it.
        url: of a relay that stands for the provider's host; None: the provider itself.
        per_second: requests; None: the provider's usual allowance.
        per_day: addresses; None: likewise.
        may_store: whether the operator's terms let answers be kept.
    """

    key: SecretStr
    secret: SecretStr | None = None
    url: str | None = None
    per_second: float | None = None
    per_day: int | None = None
    may_store: bool = True


@dataclass(frozen=True, kw_only=True)
class Hit:
    """A place as a provider gives it, in the provider's own datum.

    Args:
        lon: degrees.
        lat: degrees.
        grade: what its level means.
        accuracy_m: metres, None where the provider does not state it.
        score: 0 to 1.
        level: the provider's word for it.
        name: as the provider writes the address.
        district: official name.
    """

    lon: float
    lat: float
    grade: Grade
    accuracy_m: float | None
    score: float
    level: str
    name: str = ""
    district: str | None = None

    def __post_init__(self) -> None:
        """Refuses what is no position; a provider's swapped axes would be one of those."""
        if not (abs(self.lon) <= 180 and abs(self.lat) <= 90):
            raise ValueError(f"{self.lon}, {self.lat}: no longitude and latitude in degrees")


@dataclass(frozen=True, kw_only=True)
class Provider:
    """An online geocoder.

    Args:
        name: as candidates, settings and tables have it.
        title: for readers.
        url: scheme and host.
        path: of the geocoding service.
        datum: of its positions.
        batch: addresses that one request may hold.
        longest: bytes (UTF-8) of one address.
        per_second: requests of a usual account.
        per_day: addresses of a usual account.
        codes: first matching row counts; a code without a row is a failure of the provider.
        code: reads the code of an answer.
        message: member of an answer that holds the provider's words.
        parameters: of a request for some addresses, signed where the account asks for it.
        parts: of a successful answer, one an address, None where they cannot be told apart.
        hits: places in such a part, best first.
    """

    name: str
    title: Text
    url: str
    path: str
    datum: Datum
    batch: int = 1
    longest: int = 1000
    per_second: float
    per_day: int
    codes: tuple[Code, ...]
    code: Callable[[Document], object]
    message: str
    parameters: Callable[[Account, Sequence[str]], Parameters]
    parts: Callable[[Document, int], list[Document] | None]
    hits: Callable[[Document], list[Hit]]

    def outcome(self, document: Document) -> Outcome:
        """What the provider's status code says."""
        code, message = str(self.code(document)), str(document.get(self.message, ""))
        for row in self.codes:
            if fnmatchcase(code, row.pattern) and row.word in message:
                return row.outcome
        return Outcome.FAILED

    def candidates(self, address: str, part: Document) -> list[Candidate]:
        """Places of an address in CGCS2000: the one point where the datum is converted."""
        return [self._candidate(address, part, hit) for hit in self.hits(part)]

    def _candidate(self, address: str, part: Document, hit: Hit) -> Candidate:
        given = np.array([(hit.lon, hit.lat)])
        ((lon, lat),) = convert(given, self.datum, Datum.CGCS2000).tolist()
        stated = hit.grade.accuracy if hit.accuracy_m is None else hit.accuracy_m
        return Candidate(
            lon=lon,
            lat=lat,
            level=hit.grade.level,
            accuracy_m=stated,
            score=min(max(hit.score, 0.0), 1.0),
            matched=(Match(part=hit.level, text=address, name=hit.name, exact=False),),
            name=hit.name,
            district=hit.district,
            provider=self.name,
            datum=self.datum,
            raw=part,
        )


def service_url(provider: Provider, account: Account) -> str:
    """Where the provider, or the relay that stands for it, is asked.

    Raises:
        ProviderError: the relay is not reached by https, which only this machine itself may be.
    """
    base = (account.url or provider.url).rstrip("/")
    parts = urlsplit(base)
    host = _host(parts)
    # A user and password in it must not show.
    setting = f"ZGC_{provider.name.upper()}_URL={parts.scheme}://{host or ''}"
    if not host or parts.query or parts.fragment or parts.username is not None:
        raise ProviderError(f"{setting}: must be https://HOST[:PORT][/PATH] and no more")
    if parts.scheme != "https" and not (parts.scheme == "http" and host in LOOPBACK):
        raise ProviderError(
            f"{setting}: must start with https://; plain http is for this machine alone"
        )
    return base + provider.path


def _host(parts: SplitResult) -> str | None:
    """The host of an address whose port, if any, is one."""
    try:
        return parts.hostname if parts.port is None or parts.port > 0 else None
    except ValueError:
        return None


def encoded(parameters: Parameters) -> str:
    """The query as it is sent: percent-encoded UTF-8, in the order of the parameters."""
    return urlencode(parameters, quote_via=quote, safe="")


def text_of(value: object) -> str:
    """A text member; providers write an empty one as `[]` or leave it out."""
    return value.strip() if isinstance(value, str) else ""


def number_of(value: object) -> float | None:
    """A finite number, which some providers write as text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    return number if np.isfinite(number) else None


def list_of(value: object) -> list[object]:
    """A member that is a list; an empty one for anything else."""
    return value if isinstance(value, list) else []


def object_of(value: object) -> Document:
    """A member that is an object; an empty one for anything else."""
    return value if isinstance(value, dict) else {}
