"""Claim: a part of an address taken for a place, and how well the name alone speaks for it."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from geodata.geocoding.address import Address, Part
from geodata.geocoding.candidate import Candidate, Match
from geodata.geocoding.distance import Position
from geodata.geocoding.gazetteer import Gazetteer, Named
from geodata.geocoding.house import HOUSE_ACCURACY_M, Placed, place_number
from geodata.geocoding.level import Level
from geodata.geocoding.part import PartKind
from geodata.geocoding.place import Kind, Place

PROVIDER = "gazetteer"

NAMED_PARTS = (
    *(PartKind.ROAD, PartKind.PARK, PartKind.BUILDING, PartKind.LANDMARK),
    *(PartKind.JUNCTION, PartKind.VILLAGE, PartKind.TOWN, PartKind.DISTRICT),
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

INTERPOLATED = 0.92
UNPLACED_NUMBER = 0.82
"""The address has a house number that could not be placed."""

SHORT_NAME = 3

STATION = "站"
QUARTER_M, ABOUT_JUNCTION_M = 1200, 800
"""Metres about a station, and about a bridge, in which its name is used as that of the quarter."""

METRES = re.compile(r"([0-9]+)(米|M|公里|KM)$")


@dataclass(frozen=True)
class Claim:
    """A part of the address taken for a place."""

    part: Part
    named: Named
    candidate: Candidate

    @property
    def is_sure(self) -> bool:
        """Whether the part is wholly and exactly the name of something finer than a town."""
        plain = self.part.whole and self.part.likeness == 1 and not self.part.in_brackets
        return plain and not self.candidate.level.is_coarse


def claims_of(address: Address, gazetteer: Gazetteer) -> list[Claim]:
    """All that the named parts of an address may be."""
    away = sum(map(_metres, address.of(PartKind.POSITION)))
    return [
        claim
        for part in address.of(*NAMED_PARTS)
        for claim in _claims(address, part, gazetteer, away)
    ]


def _metres(position: Part) -> float:
    """How far from its landmark an address is: 南侧100米."""
    found = METRES.search(position.text)
    if found is None:
        return 0
    return float(found[1]) * (1 if found[2] in ("米", "M") else 1000)


def _claims(address: Address, part: Part, gazetteer: Gazetteer, away: float) -> Iterator[Claim]:
    """The places of a part's name, a road's house number included."""
    number = _number_of(address, part)
    for named in part.names:
        place = named.place
        placed = _placed(gazetteer, place, number)
        if placed and number:
            yield Claim(part, named, _house(part, named, number, placed))
        else:
            yield Claim(part, named, _whole(part, named, away, unplaced=number is not None))


def _number_of(address: Address, road: Part) -> Part | None:
    """The house number that follows a road's name."""
    if road.kind not in (PartKind.ROAD, PartKind.VILLAGE, PartKind.PARK, PartKind.TOWN):
        return None
    beside = [part for part in address.parts if part.in_brackets == road.in_brackets]
    after = next(iter(beside[beside.index(road) + 1 :]), None)
    return after if after and after.kind is PartKind.NUMBER else None


def _placed(gazetteer: Gazetteer, place: Place, number: Part | None) -> Placed | None:
    if number is None or number.number is None or place.kind is not Kind.ROAD:
        return None
    points = gazetteer.points.get(place.id, ())
    return place_number(points, number.number, stemmed=number.has_stem)


def _house(part: Part, named: Named, number: Part, placed: Placed) -> Candidate:
    fine = placed.accuracy_m <= HOUSE_ACCURACY_M
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
        matched=(match_of(part, named), found),
        name=name,
    )


def _whole(part: Part, named: Named, away: float, *, unplaced: bool) -> Candidate:
    """The place itself; its score falls where a house number of the address is left over."""
    return _candidate(
        named.place,
        position=(named.place.lon, named.place.lat),
        level=named.place.kind.level,
        accuracy_m=_radius(part, named.place) + away,
        score=_similarity(part, named) * (UNPLACED_NUMBER if unplaced else 1),
        matched=(match_of(part, named),),
        name=named.place.name,
    )


def _radius(part: Part, place: Place) -> float:
    """Of a bridge, or a station called without the word, the radius of the quarter so called."""
    if place.kind is Kind.JUNCTION:
        return max(place.accuracy_m, ABOUT_JUNCTION_M)
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


def match_of(part: Part, named: Named) -> Match:
    """What the part was taken for."""
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
