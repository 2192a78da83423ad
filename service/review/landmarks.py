"""Named places round the candidates: what a person finds the way by on a map without streets."""

from collections.abc import Sequence

from geodata.geocoding.candidate import Candidate
from geodata.geocoding.distance import distance_m
from geodata.geocoding.gazetteer import Gazetteer
from geodata.geocoding.place import Place

REACH_M = 4000
LARGEST_M = 2000
"""Accuracy beyond which a point says little about where its place is."""

MOST = 400

Landmark = dict[str, object]
"""A name and where it stands: lon, lat in degrees, CGCS2000."""


def landmarks(gazetteer: Gazetteer, candidates: Sequence[Candidate]) -> list[Landmark]:
    """Places near any candidate, nearest first; road points carry their house numbers."""
    found = [
        (distance, place)
        for place in (*gazetteer.places, *gazetteer.anchors)
        if place.accuracy_m <= LARGEST_M and (distance := _distance_m(place, candidates)) <= REACH_M
    ]
    nearest = sorted(found, key=lambda row: (row[0], row[1].id))[:MOST]
    return [{"lon": place.lon, "lat": place.lat, "name": place.title} for _, place in nearest]


def _distance_m(place: Place, candidates: Sequence[Candidate]) -> float:
    """To the nearest candidate."""
    at = (place.lon, place.lat)
    return min((distance_m(at, each.position) for each in candidates), default=float("inf"))
