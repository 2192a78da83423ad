"""Bounding boxes."""

from typing import NamedTuple


class BBox(NamedTuple):
    """West, south, east, north in degrees; west > east crosses the antimeridian.

    OGC API - Features Part 1, /req/core/fc-bbox-definition.
    """

    west: float
    south: float
    east: float
    north: float

    @property
    def boxes(self) -> tuple["BBox", ...]:
        """The box itself, or its two halves on either side of the antimeridian."""
        if self.west <= self.east:
            return (self,)
        return (self._replace(east=180.0), self._replace(west=-180.0))
