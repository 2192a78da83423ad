"""Match: the places that the parts of an address may mean, and how well each explains it."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from geodata.geocoding.address import Address, Part
from geodata.geocoding.candidate import Candidate, Issue, Match
from geodata.geocoding.distance import Position, distance_m
from geodata.geocoding.gazetteer import Gazetteer, Named, districts_of
from geodata.geocoding.house import HOUSE_ACCURACY_M, Placed, place_number
from geodata.geocoding.level import Level
from geodata.geocoding.part import PartKind
from geodata.geocoding.place import Kind, Place

PROVIDER = "gazetteer"

NAMED_PARTS = (
    *(PartKind.ROAD, PartKind.PARK, PartKind.BUILDING, PartKind.LANDMARK),
    *(PartKind.JUNCTION, PartKind.VILLAGE, PartKind.TOWN, PartKind.DISTRICT),
)
FINE_PARTS = (
    *(PartKind.ROAD, PartKind.PARK, PartKind.COMPOUND, PartKind.NUMBER),
    *(PartKind.BUILDING, PartKind.LANDMARK, PartKind.JUNCTION),
)

LEVEL_SCORE = {
    Level.HOUSE: 1.0,
    Level.BUILDING: 0.98,
    Level.LANDMARK: 0.96,
    Level.PARK: 0.95,
    Level.ROAD: 0.95,
    Level.TOWN: 0.55,
    Level.DISTRICT: 0.35,
}
"""What a place of a level is worth as an answer."""

ALIAS, SHORT_ALIAS = 0.98, 0.9
"""Names that are not the official one."""

PIECE = 0.5
"""The name seems to be a piece of a longer one."""

REMARK = 0.7
"""It stands in brackets."""

UNSTATED = 0.97
"""Nothing in the address says the district."""

REACHED = 0.95
"""The place lies in another district than stated, and is large enough to reach into it."""

DISTRICT_CONFLICT, TOWN_CONFLICT, PLACE_CONFLICT = 0.5, 0.85, 0.85

INTERPOLATED = 0.92
UNPLACED_NUMBER = 0.82
"""The address has a house number that could not be placed."""

SHORT_NAME = 3
SHARPEST_M = 50
SHARPNESS = 0.02
"""Loss of score with each doubling of the accuracy radius: the finer of two true places wins."""

LEAST_SCORE = 0.2
"""Of a candidate beside a better one."""

STATION = "站"
QUARTER_M = 1200
"""Metres about a station in which its name is used as that of the quarter."""

LOCALITY = 0.8
"""A landmark that a road follows names the quarter: 五道口成府路 is not at 五道口."""

TOWN_REACH = 1.5


@dataclass(frozen=True)
class Stated:
    """What the address itself says about where it lies."""

    part: Part | None
    district: str | None
    districts: frozenset[str]
    towns: tuple[Place, ...]


@dataclass(frozen=True)
class Claim:
    """A part of the address taken for a place."""

    part: Part
    named: Named
    candidate: Candidate


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
    stated = _stated(address)
    if within and not stated.districts:
        stated = replace(stated, district=within.district, districts=districts_of(within))
    claims = [
        claim for part in address.of(*NAMED_PARTS) for claim in _claims(address, part, gazetteer)
    ]
    views = [(claim, _judged(claim, claims, stated, gazetteer)) for claim in claims]
    # A slip leads to a place of the stated district, or to none.
    judged = [each for claim, each in views if claim.part.likeness == 1 or not each.issues]
    judged += [united for claim, each in views if (united := _united(claim, each, views))]
    if within:
        judged = [each for each in judged if each.district in districts_of(within)]
    return _distinct(sorted(judged, key=_rank))


def _stated(address: Address) -> Stated:
    """District and towns as the address names them; a district may follow from a town."""
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


def _claims(address: Address, part: Part, gazetteer: Gazetteer) -> Iterator[Claim]:
    """The places of a part's name, a road's house number included."""
    number = _number_of(address, part)
    for named in part.names:
        place = named.place
        placed = _placed(gazetteer, place, number)
        if placed and number:
            yield Claim(part, named, _house(part, named, number, placed))
        else:
            yield Claim(part, named, _whole(part, named, unplaced=number is not None))


def _number_of(address: Address, road: Part) -> Part | None:
    """The house number that follows a road's name."""
    if road.kind not in (PartKind.ROAD, PartKind.VILLAGE, PartKind.PARK, PartKind.TOWN):
        return None
    following = [
        part
        for part in address.parts
        if part.start >= road.end and part.in_brackets == road.in_brackets
    ]
    after = next(iter(following), None)
    return after if after and after.kind is PartKind.NUMBER else None


def _placed(gazetteer: Gazetteer, place: Place, number: Part | None) -> Placed | None:
    if number is None or number.number is None or place.kind is not Kind.ROAD:
        return None
    points = gazetteer.points.get(place.id, ())
    return place_number(points, number.number, stemmed=number.has_stem)


def _house(part: Part, named: Named, number: Part, placed: Placed) -> Candidate:
    fine = placed.exact or placed.accuracy_m <= HOUSE_ACCURACY_M
    name = f"{named.place.name}{number.text}"
    found = Match(
        part=number.kind,
        text=number.text,
        name=", ".join(anchor.title for anchor in placed.anchors),
        id=placed.anchors[0].id,
        exact=placed.exact,
    )
    score = _similarity(part, named) * (1 if placed.exact else INTERPOLATED)
    return _candidate(
        named.place,
        position=placed.position,
        level=Level.HOUSE if fine else Level.ROAD,
        accuracy_m=placed.accuracy_m,
        score=score,
        matched=(_match(part, named), found),
        name=name,
    )


def _whole(part: Part, named: Named, *, unplaced: bool) -> Candidate:
    """The place itself; its score falls where a house number of the address is left over."""
    return _candidate(
        named.place,
        position=(named.place.lon, named.place.lat),
        level=named.place.kind.level,
        accuracy_m=_radius(part, named.place),
        score=_similarity(part, named) * (UNPLACED_NUMBER if unplaced else 1),
        matched=(_match(part, named),),
        name=named.place.name,
    )


def _radius(part: Part, place: Place) -> float:
    """Of a station called without the word, the radius of the quarter of that name."""
    as_quarter = place.name.endswith(STATION) and not part.text.endswith(STATION)
    return max(place.accuracy_m, QUARTER_M) if as_quarter else place.accuracy_m


def _candidate(
    place: Place,
    *,
    position: Position,
    level: Level,
    accuracy_m: float,
    score: float,
    matched: tuple[Match, ...],
    name: str,
) -> Candidate:
    return Candidate(
        lon=position[0],
        lat=position[1],
        level=level,
        accuracy_m=math.ceil(accuracy_m),
        score=score * LEVEL_SCORE[level],
        matched=matched,
        name=name,
        district=place.district or None,
        town=place.town or (place.name if place.kind is Kind.TOWN else None),
        provider=PROVIDER,
    )


def _match(part: Part, named: Named) -> Match:
    place = named.place
    return Match(
        part=part.kind,
        text=part.text,
        name=place.name,
        id=place.id,
        exact=part.likeness == 1 and part.whole,
    )


def _similarity(part: Part, named: Named) -> float:
    """How surely the text is the place's name."""
    short = len(part.text) <= SHORT_NAME
    alias = 1.0 if named.official else SHORT_ALIAS if short else ALIAS
    doubts = (
        part.likeness,
        1.0 if part.whole else PIECE,
        REMARK if part.in_brackets else 1.0,
    )
    return alias * math.prod(doubts)


def _judged(
    claim: Claim, claims: Sequence[Claim], stated: Stated, gazetteer: Gazetteer
) -> Candidate:
    """The candidate in the light of the rest of the address."""
    candidate, place = claim.candidate, claim.named.place
    factor, district, issues = _district_view(claim, stated, gazetteer)
    factor *= _town_view(place, stated.towns)
    factor *= _places_view(claim, claims)
    factor *= _namesake_view(claim, stated)
    factor *= _locality_view(claim, claims)
    factor *= _sharpness(candidate.accuracy_m)
    matched = candidate.matched
    if stated.part and claim.part is not stated.part and not issues:
        matched = (_match(stated.part, stated.part.names[0]), *matched)
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
    if place.kind is Kind.ROAD and any(
        gazetteer.reaches(place, district) for district in stated.districts
    ):
        return REACHED, stated.district, ()
    return DISTRICT_CONFLICT, place.district, (Issue.DISTRICT_CONFLICT,)


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
    others = {other.part for other in claims if other.part != claim.part and _is_sure(other)}
    factor = 1.0
    for part in others:
        rivals = [other.candidate for other in claims if other.part == part]
        if not any(_meet(claim.candidate, rival) for rival in rivals):
            factor *= PLACE_CONFLICT
    return factor


def _locality_view(claim: Claim, claims: Sequence[Claim]) -> float:
    if claim.part.kind not in (PartKind.LANDMARK, PartKind.JUNCTION):
        return 1.0
    end = claim.part.end
    followed = any(other.part.kind is PartKind.ROAD and other.part.start == end for other in claims)
    return LOCALITY if followed else 1.0


def _united(
    claim: Claim, house: Candidate, views: Sequence[tuple[Claim, Candidate]]
) -> Candidate | None:
    """A house number where the building that the address names beside it is better known."""
    if house.level is not Level.HOUSE or house.issues:
        return None
    named = [
        each
        for other, each in views
        if each.level in (Level.BUILDING, Level.LANDMARK) and not each.issues
        if other.part is not claim.part and _is_sure(other) and _meet(house, each)
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


def _is_sure(claim: Claim) -> bool:
    part = claim.part
    plain = part.whole and part.likeness == 1 and not part.in_brackets
    return plain and not claim.candidate.level.is_coarse


def _meet(some: Candidate, other: Candidate) -> bool:
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
