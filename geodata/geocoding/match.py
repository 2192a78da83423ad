"""Match: the places that an address may mean, best first."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from geodata.geocoding.address import Address
from geodata.geocoding.candidate import Candidate
from geodata.geocoding.claim import Claim, claims_of
from geodata.geocoding.crossing import crossings
from geodata.geocoding.distance import distance_m
from geodata.geocoding.gazetteer import Gazetteer, districts_of
from geodata.geocoding.judgement import judged, meet, stated_in
from geodata.geocoding.level import Level
from geodata.geocoding.place import Place

LEAST_SCORE = 0.15
"""Of a candidate beside a better one."""

View = tuple[Claim, Candidate]
"""A claim, and its candidate in the light of the rest of the address."""


def candidates_of(
    address: Address, gazetteer: Gazetteer, within: Place | None = None
) -> list[Candidate]:
    """Places that the address may mean, best first; a coarser view of a better one is left out.

    Args:
        address: taken apart.
        gazetteer: where its names were found.
        within: district in which alone candidates are wanted; it is taken for granted where the
            address states none.
    """
    stated = stated_in(address, within)
    claims = claims_of(address, gazetteer)
    views = [(claim, judged(claim, claims, stated, gazetteer)) for claim in claims]
    # A slip leads to a place of the stated district, or to none.
    found = [each for claim, each in views if claim.part.likeness == 1 or not each.issues]
    found += [united for claim, each in views if (united := _united(claim, each, views))]
    found += crossings(address, views)
    if within:
        found = [each for each in found if each.district in districts_of(within)]
    return _distinct(sorted(found, key=_rank))


def _united(claim: Claim, house: Candidate, views: Sequence[View]) -> Candidate | None:
    """A house number where the building that the address names beside it is better known."""
    if house.level is not Level.HOUSE or house.issues:
        return None
    named = [
        each
        for other, each in views
        if each.level in (Level.BUILDING, Level.LANDMARK) and not each.issues
        if other.part is not claim.part and other.is_sure and meet(house, each)
    ]
    nearest = min(named, key=lambda each: each.accuracy_m, default=house)
    if nearest.accuracy_m >= house.accuracy_m:
        return None
    return replace(
        house,
        lon=nearest.lon,
        lat=nearest.lat,
        accuracy_m=nearest.accuracy_m,
        score=max(house.score, nearest.score),
        matched=(*house.matched, nearest.matched[-1]),
    )


def _rank(candidate: Candidate) -> tuple[float, int, float, str]:
    return -candidate.score, candidate.level.rank, candidate.accuracy_m, candidate.name


def _distinct(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Without what only repeats a better candidate, coarser or by another name."""
    kept: list[Candidate] = []
    for candidate in candidates:
        worth = not kept or candidate.score >= LEAST_SCORE
        if worth and not any(_same_place(better, candidate) for better in kept):
            kept.append(candidate)
    return kept


def _same_place(better: Candidate, other: Candidate) -> bool:
    return distance_m(better.position, other.position) <= max(better.accuracy_m, other.accuracy_m)
