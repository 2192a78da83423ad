"""Level: how fine a place an address led to, after the parts of an address in GB/T 23705."""

from enum import StrEnum


class Level(StrEnum):
    """From the finest to the coarsest."""

    HOUSE = "house"
    BUILDING = "building"
    LANDMARK = "landmark"
    PARK = "park"
    ROAD = "road"
    TOWN = "town"
    DISTRICT = "district"

    @property
    def rank(self) -> int:
        """0 is the finest."""
        return RANKS[self]

    @property
    def is_coarse(self) -> bool:
        """Whether the place is a whole town or district, which is no answer to an address."""
        return self in COARSE


RANKS = {level: rank for rank, level in enumerate(Level)}

COARSE = frozenset({Level.TOWN, Level.DISTRICT})

DEFAULT_ACCURACY_M: dict[Level, float] = {
    Level.HOUSE: 150,
    Level.BUILDING: 200,
    Level.LANDMARK: 400,
    Level.PARK: 1000,
    Level.ROAD: 1500,
    Level.TOWN: 3000,
    Level.DISTRICT: 15000,
}
"""Metres within which the true place lies nine times in ten, where a source does not say."""
