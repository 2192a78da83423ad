"""Reverse: what lies at a position, by the gazetteer.

The gazetteer holds points with a radius, not outlines. So a road is found by its known points, the
town is the one whose circle the position lies deepest in, and the district is what the places
round about say, those beyond the border of Beijing among them. Near a border it may be the
neighbour's, which is what `score` tells.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from geodata.geocoding.distance import METRES_A_DEGREE, distance_m
from geodata.geocoding.gazetteer import Gazetteer
from geodata.geocoding.level import Level
from geodata.geocoding.place import EAST, NORTH, SOUTH, WEST, Kind, Place

FARTHEST_M = {
    Level.HOUSE: 500,
    Level.BUILDING: 500,
    Level.LANDMARK: 1000,
    Level.PARK: 3000,
    Level.ROAD: 3000,
    Level.TOWN: 30_000,
}
"""Beyond it a place says nothing of the position."""

WIDE = frozenset((Level.PARK, Level.TOWN))
"""Levels whose places are so large that nearness is measured by their own size."""

WITHIN = 1.5
"""Radii beyond which a road, park or town is not taken to hold the position."""

ROAD_POINT_M = 500
"""Radius at least about a house number in which its road is taken to run."""


OPEN_COUNTRY = 3
"""Radii of a town within which it tells the district: mountain towns are known by their centre."""

VOTERS = 7
VOTERS_WITHIN_M = 2000
VOTE_SOFTENING_M = 200
"""Nearest places that say the district, where as many are near; a vote falls with distance."""

LARGEST_VOTER_M = 4000


@dataclass(frozen=True)
class Nearby:
    """A place at or near a position.

    Args:
        place: of the gazetteer.
        level: of the place.
        distance_m: metres from the position to the place's point.
        score: 0 to 1, how surely the position belongs to it.
    """

    place: Place
    level: Level
    distance_m: float
    score: float


class ReverseGeocoder:
    """Finds what is near, one place of each level."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        along = _points_along_roads(gazetteer)
        places = _by_level((*gazetteer.places, *gazetteer.anchors, *along))
        self._levels = {level: _Points(rows) for level, rows in places.items()}
        voters = [
            place
            for place in (*gazetteer.places, *gazetteer.anchors)
            if place.district and place.accuracy_m <= LARGEST_VOTER_M
        ]
        self._voters = _Points([*voters, *gazetteer.neighbours])
        self._country = _Points([*places.get(Level.TOWN, ()), *gazetteer.neighbours])
        self._districts = {
            place.name: place for place in gazetteer.places if place.kind is Kind.DISTRICT
        }

    def nearby(self, lon: float, lat: float) -> list[Nearby]:
        """The best place of each level, finest first; none outside Beijing.

        Args:
            lon: degrees, CGCS2000.
            lat: degrees, CGCS2000.
        """
        district = self._district(lon, lat)
        if district is None:
            return []
        found = (
            points.best(level, lon, lat)
            for level, points in self._levels.items()
            if level is not Level.DISTRICT
        )
        return [*(near for near in found if near), district]

    def _district(self, lon: float, lat: float) -> Nearby | None:
        """As the places round about say; in the open country as the town does.

        A place beyond the border has no district, so there is none where those prevail.
        """
        if not (WEST <= lon <= EAST and SOUTH <= lat <= NORTH):
            return None
        near = self._voters.nearest(lon, lat, VOTERS)
        if near and near[-1][1] <= VOTERS_WITHIN_M:
            name, share = _vote(near)
        elif town := self._country.best(Level.TOWN, lon, lat, OPEN_COUNTRY):
            name, share = town.place.district, town.score
        else:
            return None
        place = self._districts.get(name)
        if place is None:
            return None
        away = distance_m((lon, lat), (place.lon, place.lat))
        return Nearby(place, Level.DISTRICT, round(away, 1), round(share, 3))


def _vote(voters: Iterable[tuple[Place, float]]) -> tuple[str, float]:
    """The district that most places near say, the nearest loudest, and its share of the votes."""
    votes: defaultdict[str, float] = defaultdict(float)
    for place, distance in voters:
        votes[place.district] += 1 / (distance + VOTE_SOFTENING_M)
    name = max(votes, key=lambda each: votes[each])
    return name, votes[name] / sum(votes.values())


class _Points:
    """The places of a level as columns."""

    def __init__(self, places: list[Place]) -> None:
        self._places = places
        self._lon = np.array([place.lon for place in places])
        self._lat = np.array([place.lat for place in places])
        self._radius = np.array([place.accuracy_m for place in places])

    def best(self, level: Level, lon: float, lat: float, within: float = WITHIN) -> Nearby | None:
        """The place nearest to the position, or that whose circle holds it best."""
        if not self._places:
            return None
        distance = self._distances(lon, lat)
        radii = distance / self._radius
        at = int((radii if level in WIDE else distance).argmin())
        by_size = level in WIDE or level is Level.ROAD
        if distance[at] > FARTHEST_M[level] or (by_size and radii[at] > within):
            return None
        reach = within * self._radius[at] if by_size else FARTHEST_M[level]
        score = round(max(0.0, 1 - float(distance[at] / reach)), 3)
        return Nearby(self._places[at], level, round(float(distance[at]), 1), score)

    def nearest(self, lon: float, lat: float, count: int) -> list[tuple[Place, float]]:
        """The nearest places with their distances in metres, nearest first."""
        distances = self._distances(lon, lat)
        order = distances.argsort()[:count]
        return [(self._places[at], float(distances[at])) for at in order]

    def _distances(self, lon: float, lat: float) -> NDArray[np.float64]:
        """Metres, on a sphere."""
        east = (self._lon - lon) * np.cos(np.radians(lat))
        metres: NDArray[np.float64] = np.hypot(east, self._lat - lat) * METRES_A_DEGREE
        return metres


def _points_along_roads(gazetteer: Gazetteer) -> Iterator[Place]:
    """Roads at their known house numbers too, not only at their middle."""
    roads = {place.id: place for place in gazetteer.places if place.kind is Kind.ROAD}
    for road, points in gazetteer.points.items():
        for point in points:
            radius = max(point.accuracy_m, ROAD_POINT_M)
            yield replace(roads[road], lon=point.lon, lat=point.lat, accuracy_m=radius)


def _by_level(places: Iterable[Place]) -> dict[Level, list[Place]]:
    grouped: dict[Level, list[Place]] = {}
    for place in places:
        grouped.setdefault(place.kind.level, []).append(place)
    return {level: grouped[level] for level in Level if level in grouped}
