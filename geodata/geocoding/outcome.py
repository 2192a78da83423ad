"""Outcome: what is written beside an address of a table."""

from collections.abc import Sequence
from typing import NamedTuple

from geodata.geocoding.candidate import Candidate, issues_of

POSITION_DIGITS = 6


class Outcome(NamedTuple):
    """The best candidate of an address, or nothing, and whether a person should look.

    `lon`, `lat` in degrees, CGCS2000; `matched` tells which part of the address matched what;
    `issues` why it needs review.
    """

    lon: float | None = None
    lat: float | None = None
    level: str | None = None
    accuracy_m: float | None = None
    score: float | None = None
    matched: str | None = None
    district: str | None = None
    provider: str | None = None
    needs_review: bool | None = None
    issues: str | None = None


COLUMNS = Outcome._fields

NO_ROW = Outcome()
"""Of a row that is empty altogether."""

REFUSED = Outcome(needs_review=True, issues="no_address")
"""Of a row whose address is missing, or is none."""


def outcome_of(candidates: Sequence[Candidate]) -> Outcome:
    """The outcome of an address's candidates, best first."""
    issues = issues_of(candidates)
    told = Outcome(needs_review=bool(issues), issues=";".join(issues) or None)
    if not candidates:
        return told
    best = candidates[0]
    return told._replace(
        lon=round(best.lon, POSITION_DIGITS),
        lat=round(best.lat, POSITION_DIGITS),
        level=best.level.value,
        accuracy_m=float(best.accuracy_m),
        score=best.score,
        matched=";".join(f"{match.text}={match.name}" for match in best.matched) or None,
        district=best.district,
        provider=best.provider,
    )
