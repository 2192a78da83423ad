"""A plane in metres round Beijing, and the size of a degree on the GRS 80 ellipsoid."""

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

WEST, SOUTH, EAST, NORTH = 115.0, 39.0, 118.0, 41.5
"""Where synthetic features may lie, degrees; the plane's origin is the south-western corner."""

MIDDLE = 40.0
SEMI_MAJOR = 6378137.0
ECCENTRICITY_SQUARED = 0.00669438002290


def degree_size(latitude: Numbers) -> tuple[Numbers, Numbers]:
    """Metres that a degree of longitude and one of latitude measure at a latitude."""
    radians = np.radians(latitude)
    squashed = 1 - ECCENTRICITY_SQUARED * np.sin(radians) ** 2
    normal = SEMI_MAJOR / np.sqrt(squashed)
    meridian = normal * (1 - ECCENTRICITY_SQUARED) / squashed
    return np.radians(normal) * np.cos(radians), np.radians(meridian)


_SCALE = np.array(degree_size(np.array(MIDDLE)))


def to_metres(degrees: Numbers) -> Numbers:
    """Points (n, 2) of the plane; true to scale at 40 degrees north, within 2 % elsewhere."""
    metres: Numbers = (degrees - (WEST, SOUTH)) * _SCALE
    return metres


def to_degrees(metres: Numbers) -> Numbers:
    """Longitude, latitude of points of the plane, to 8 decimals."""
    degrees: Numbers = (metres / _SCALE + (WEST, SOUTH)).round(8)
    return degrees


EXTENT = to_metres(np.array([(EAST, NORTH)]))[0]
"""Width and height of the plane, metres."""
