"""Judgement: what the rest of an address says for or against a place that a part may mean."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from geodata.geocoding.address import Address, Part
from geodata.geocoding.candidate import Candidate, Issue
from geodata.geocoding.claim import Claim, match_of
from geodata.geocoding.distance import distance_m
from geodata.geocoding.gazetteer import Gazetteer, districts_of
from geodata.geocoding.level import Level
from geodata.geocoding.part import PartKind
from geodata.geocoding.place import Kind, Place

UNSTATED = 0.97
"""Nothing in the address says the district."""

REACHED = 0.95
"""The place lies in another district than stated, and near enough or large enough to be there."""

STRONG_CONFLICT, CONFLICT = 0.5, 0.25
"""The place lies in another district than stated. By a long name or a known number it may still be
meant; a road of a common name is rather one of the stated district that the gazetteer lacks, so
that the district itself comes before it."""

LONG_NAME = 5

TOWN_CONFLICT, PLACE_CONFLICT = 0.85, 0.85

SHARPEST_M = 50
SHARPNESS = 0.02
"""Loss of score with each doubling of the accuracy radius: the finer of two true places wins."""

LOCALITY = 0.8
"""A landmark that a road follows names the quarter: 五道口成府路 is not at 五道口."""

LONG_ROAD_M, LONG_ROAD = 5000, 0.5
"""Radius from which on a road tells less than a village or town named beside it."""

TOWN_REACH = 1.5


@dataclass(frozen=True)
class Stated:
    """What the address itself says about where it lies."""

    part: Part | None
    district: str | None
    districts: frozenset[str]
    towns: tuple[Place, ...]


def stated_in(address: Address, within: Place | None = None) -> Stated:
    """District and towns as the address names them; a district may follow from a town.

    Args:
        address: taken apart.
        within: district that is taken for granted where the address states none.
    """
    stated = _stated(address)
    if within is None or stated.districts:
        return stated
    return replace(stated, district=within.district, districts=districts_of(within))


def _stated(address: Address) -> Stated:
    districts = [part for part in address.of(PartKind.DISTRICT) if not part.in_brackets]
    towns = tuple(
        named.place
        for part in address.of(PartKind.TOWN)
        for named in part.names
        if named.official and not part.in_brackets
    )
    if not districts:
        only = {town.district for town in towns}
        named = only.pop() if len(only) == 1 else None
        return Stated(None, named, frozenset([named] if named else []), towns)
    place = districts[0].names[0].place
    allowed = districts_of(place)
    later = [part.names[0].place.district for part in districts[1:]]
    narrowed = allowed.intersection(later) or allowed
    return Stated(districts[0], place.district, narrowed, towns)


def judged(
    claim: Claim, claims: Sequence[Claim], stated: Stated, gazetteer: Gazetteer
) -> Candidate:
    """The candidate in the light of the rest of the address."""
    candidate, place = claim.candidate, claim.named.place
    factor, district, issues = _district_view(claim, stated, gazetteer)
    factor *= _town_view(place, stated.towns)
    factor *= 1.0 if claim.part is stated.part else _places_view(claim, claims)
    factor *= _namesake_view(claim, stated)
    factor *= _locality_view(claim, claims)
    factor *= _length_view(claim, claims)
    factor *= _sharpness(candidate.accuracy_m)
    matched = candidate.matched
    if stated.part and claim.part is not stated.part and not issues:
        matched = (match_of(stated.part, stated.part.names[0]), *matched)
    return replace(
        candidate,
        score=round(candidate.score * factor, 3),
        district=district,
        issues=issues,
        matched=matched,
    )


def _district_view(
    claim: Claim, stated: Stated, gazetteer: Gazetteer
) -> tuple[float, str | None, tuple[Issue, ...]]:
    """Factor, district and issue that follow from the district stated."""
    place = claim.named.place
    if not stated.districts:
        return UNSTATED, claim.candidate.district, ()
    if not place.district:
        return 1.0, stated.district, ()
    if place.district in stated.districts or place.kind is Kind.DISTRICT:
        return 1.0, place.district, ()
    if _reaches(claim, stated, gazetteer):
        return REACHED, stated.district, ()
    strong = len(place.name) >= LONG_NAME and claim.candidate.level is not Level.ROAD
    factor = STRONG_CONFLICT if strong else CONFLICT
    return factor, place.district, (Issue.DISTRICT_CONFLICT,)


def _reaches(claim: Claim, stated: Stated, gazetteer: Gazetteer) -> bool:
    """Whether a place lies by the stated district, which has none of that name itself."""
    place = claim.named.place
    if any(named.place.district in stated.districts for named in claim.part.names):
        return False
    return any(gazetteer.reaches(place, district) for district in stated.districts)


def _town_view(place: Place, towns: Sequence[Place]) -> float:
    if not towns or place.kind in (Kind.DISTRICT, Kind.TOWN):
        return 1.0
    near = any(
        place.town == town.name
        or distance_m((place.lon, place.lat), (town.lon, town.lat))
        < TOWN_REACH * (place.accuracy_m + town.accuracy_m)
        for town in towns
    )
    return 1.0 if near else TOWN_CONFLICT


def _places_view(claim: Claim, claims: Sequence[Claim]) -> float:
    """Falls where another part of the address leads elsewhere only."""
    others = {other.part for other in claims if other.part != claim.part and other.is_sure}
    factor = 1.0
    for part in others:
        rivals = [other.candidate for other in claims if other.part == part]
        if not any(meet(claim.candidate, rival) for rival in rivals):
            factor *= PLACE_CONFLICT
    return factor


def _locality_view(claim: Claim, claims: Sequence[Claim]) -> float:
    if claim.part.kind not in (PartKind.LANDMARK, PartKind.JUNCTION):
        return 1.0
    end = claim.part.end
    followed = any(other.part.kind is PartKind.ROAD and other.part.start == end for other in claims)
    return LOCALITY if followed else 1.0


def _length_view(claim: Claim, claims: Sequence[Claim]) -> float:
    road = claim.candidate
    if road.level is not Level.ROAD or road.accuracy_m < LONG_ROAD_M:
        return 1.0
    closer = any(
        other.candidate.level is Level.TOWN
        and other.candidate.accuracy_m < road.accuracy_m
        and other.candidate.district == road.district
        and not other.part.in_brackets
        for other in claims
    )
    return LONG_ROAD if closer else 1.0


def meet(some: Candidate, other: Candidate) -> bool:
    """Whether both may be the same place, by their radii."""
    return distance_m(some.position, other.position) <= some.accuracy_m + other.accuracy_m


def _namesake_view(claim: Claim, stated: Stated) -> float:
    """Falls with the number of places of that name among which nothing in the address decides."""
    rivals = {
        named.place.district or named.place.id
        for named in claim.part.names
        if not stated.districts or named.place.district in stated.districts
    }
    return 1 / math.sqrt(max(len(rivals), 1))


def _sharpness(accuracy_m: float) -> float:
    return 1 - SHARPNESS * math.log2(max(accuracy_m, SHARPEST_M) / SHARPEST_M)
