"""Crossings: two roads that an address names together, 学院路与成府路交叉口.

Only the middle and the radius of each road are known. The crossing lies within both circles; on
202 crossings of named roads in OpenStreetMap (Haidian) the point that divides the way between the
middles by the radii was 522 m off in the median, the middle of the shorter road 596 m.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import permutations

from geodata.geocoding.address import Address, Part
from geodata.geocoding.candidate import Candidate
from geodata.geocoding.claim import Claim
from geodata.geocoding.distance import between
from geodata.geocoding.level import Level
from geodata.geocoding.part import PartKind

RADIUS_SHARE = 0.9
"""Of the shorter road's radius; nine crossings in ten lay within 0.81 of it."""

JOINED = frozenset("与和")
CROSSING = ("交", "路口")

BONUS = 0.02
"""Of score over each of the roads alone."""


def crossings(address: Address, views: Sequence[tuple[Claim, Candidate]]) -> Iterator[Candidate]:
    """The crossings that an address names."""
    roads = [
        (claim.part, road)
        for claim, road in views
        if claim.part.kind is PartKind.ROAD and claim.is_sure
        if road.level is Level.ROAD and not road.issues
    ]
    for (first, some), (second, other) in permutations(roads, 2):
        if _cross(address, first, second):
            yield _crossing(some, other)


def _cross(address: Address, first: Part, second: Part) -> bool:
    """Whether a word between two road names or behind them says that they cross."""
    outside = [part for part in address.parts if not part.in_brackets]
    if first not in outside or second not in outside:
        return False
    at, then = outside.index(first), outside.index(second)
    linked = [part.text for part in outside[at + 1 : then]]
    after = outside[then + 1].text if then + 1 < len(outside) else ""
    if then == at + 2:
        return linked[0] in JOINED
    return then == at + 1 and any(word in after for word in CROSSING)


def _crossing(some: Candidate, other: Candidate) -> Candidate:
    short, long = sorted((some, other), key=lambda road: road.accuracy_m)
    share = short.accuracy_m / (short.accuracy_m + long.accuracy_m)
    lon, lat = between(short.position, long.position, share)
    own = [match for match in other.matched if match not in some.matched]
    return replace(
        short,
        lon=lon,
        lat=lat,
        accuracy_m=math.ceil(RADIUS_SHARE * short.accuracy_m),
        score=round(min(1.0, max(some.score, other.score) + BONUS), 3),
        name=f"{some.name}与{other.name}路口",
        matched=(*some.matched, *own),
    )
