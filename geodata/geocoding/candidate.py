"""Candidate: a place that an address may mean, and the protocol of whoever finds some."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from geodata.geocoding.datum import Datum
from geodata.geocoding.distance import Position, distance_m
from geodata.geocoding.level import Level

CLOSE_SCORES = 0.1
"""Two candidates whose scores differ by less are not told apart by them."""

TRUSTED_SCORE = 0.6
"""Below it a person should look."""

DECIDED = "review"
"""Provider of a place that a person has decided on; it needs no further look."""


class Issue(StrEnum):
    """Why a candidate, or a list of them, deserves a second look."""

    NO_CANDIDATE = "no_candidate"
    COARSE = "coarse"
    AMBIGUOUS = "ambiguous"
    DISTRICT_CONFLICT = "district_conflict"
    LOW_SCORE = "low_score"
    OUTSIDE_BEIJING = "outside_beijing"
    PROVIDERS_DISAGREE = "providers_disagree"


@dataclass(frozen=True, kw_only=True)
class Match:
    """A part of the address and what it was taken for.

    Args:
        part: `district`, `town`, `road`, `number`, ... as `geodata.geocoding.address` names parts.
        text: as it stands in the address.
        name: official name of what it matched.
        id: of the gazetteer's row, where there is one.
        exact: False where the texts differ and were only found alike.
    """

    part: str
    text: str
    name: str
    id: str | None = None
    exact: bool = True


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A place that an address may mean.

    Args:
        lon: degrees, CGCS2000.
        lat: degrees, CGCS2000.
        level: how fine the place is; never finer than what was matched.
        accuracy_m: metres within which the true place lies nine times in ten.
        score: 0 to 1, how well the address is explained by this place.
        matched: which part of the address matched what.
        name: of the place.
        district: official name of the district today.
        town: street or town.
        provider: `gazetteer`, `tianditu`, `amap`, `baidu`, `tencent`, `review`.
        datum: in which the provider gave the position, before its conversion.
        issues: what speaks against it.
        raw: the provider's answer as given.
    """

    lon: float
    lat: float
    level: Level
    accuracy_m: float
    score: float
    matched: tuple[Match, ...] = ()
    name: str = ""
    district: str | None = None
    town: str | None = None
    provider: str
    datum: Datum = Datum.CGCS2000
    issues: tuple[Issue, ...] = ()
    raw: Mapping[str, object] | None = field(default=None, compare=False, repr=False)

    @property
    def position(self) -> Position:
        """Longitude, latitude in degrees, CGCS2000."""
        return self.lon, self.lat


class Geocoder(Protocol):
    """Finds places of addresses."""

    def geocode(self, addresses: Sequence[str]) -> list[list[Candidate]]:
        """Candidates of each address, best first; none where nothing is known of it."""
        ...


def issues_of(candidates: Sequence[Candidate]) -> tuple[Issue, ...]:
    """Why a person should look at the answer to one address; nothing where it can be used as is.

    Args:
        candidates: best first.
    """
    if not candidates:
        return (Issue.NO_CANDIDATE,)
    best = candidates[0]
    if best.provider == DECIDED:
        return ()
    found = list(best.issues)
    if best.level.is_coarse:
        found.append(Issue.COARSE)
        if any(Issue.DISTRICT_CONFLICT in other.issues for other in candidates[1:]):
            found.append(Issue.DISTRICT_CONFLICT)
    if best.score < TRUSTED_SCORE:
        found.append(Issue.LOW_SCORE)
    if any(_rivals(best, other) for other in candidates[1:]):
        found.append(Issue.AMBIGUOUS)
    return tuple(dict.fromkeys(found))


def _rivals(best: Candidate, other: Candidate) -> bool:
    """Whether another place is as likely, and elsewhere."""
    apart = distance_m(best.position, other.position) > best.accuracy_m + other.accuracy_m
    return apart and best.score - other.score < CLOSE_SCORES
