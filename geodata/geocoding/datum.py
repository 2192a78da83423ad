"""GCJ-02 and BD-09, the shifted datums of Chinese map providers, from and to CGCS2000.

Coordinates are longitude, latitude in degrees. WGS 84 and CGCS2000 agree within about a metre
and are one here. A provider's own output adds noise of 1-5 m to the published formulas.
"""

from collections.abc import Callable, Sequence
from enum import StrEnum

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

Points = NDArray[np.float64]
"""An array (n, 2) of longitude, latitude."""

Ordinates = NDArray[np.float64]
"""One column of it."""

COORDINATE_DIGITS = 8
"""Decimal degrees in text: about 1 mm."""

SEMI_MAJOR = 6378245.0
ECCENTRICITY_SQUARED = 0.00669342162296594323
"""Krasovsky 1940, which both formulas are built on."""

ORIGIN = (105.0, 35.0)
WEST, SOUTH, EAST, NORTH = 72.004, 0.8293, 137.8347, 55.8271
"""No shift outside; coarse on purpose: neighbouring countries lie inside."""

GCJ_STEPS = 4
"""Steps of the inverse; the worst error over Beijing is 0.02 m after two, 4e-7 m after four."""

BD_STEPS = 2
"""Steps after the closed-form inverse, whose own error is 0.16 m; 7e-6 m remain."""

BD_OFFSET = (0.0065, 0.006)
BD_FREQUENCY = np.pi * 3000 / 180

COMMON_WAVES = ((20.0, 6.0), (20.0, 2.0))
EAST_WAVES = ((20.0, 1.0), (40.0, 1 / 3), (150.0, 1 / 12), (300.0, 1 / 30))
NORTH_WAVES = ((20.0, 1.0), (40.0, 1 / 3), (160.0, 1 / 12), (320.0, 1 / 30))
"""Amplitude in metres and frequency in half turns a degree."""


class Datum(StrEnum):
    """Geodetic datums that coordinates can come in."""

    CGCS2000 = "cgcs2000"
    GCJ02 = "gcj02"
    BD09 = "bd09"


def convert(points: Points, source: Datum, target: Datum) -> Points:
    """Coordinates in another datum; outside the box they stay bit for bit."""
    result = points.copy()
    if source is not target:
        inside = _in_box(points)
        result[inside] = FROM_CGCS2000[target](TO_CGCS2000[source](points[inside]))
    return result


def transform_geometry(geometry: BaseGeometry, source: Datum, target: Datum) -> BaseGeometry:
    """A geometry in another datum."""
    shifted: BaseGeometry = shapely.transform(
        geometry, lambda points: convert(points, source, target)
    )
    return shifted


def shift_wkb(geometries: Sequence[bytes], datum: Datum) -> list[bytes]:
    """GeoJSON texts, in a datum, of CGCS2000 geometries given as WKB; one pass for all.

    Coordinates have 8 decimals and outer rings run counterclockwise (RFC 7946). As fast for
    points as PL/pgSQL, faster for areas (ST_DumpPoints), and only one place knows the formulas.
    """
    shapes = shapely.orient_polygons(shapely.from_wkb(np.array(geometries, dtype=object)))
    points = convert(shapely.get_coordinates(shapes), Datum.CGCS2000, datum)
    shapely.set_coordinates(shapes, points.round(COORDINATE_DIGITS))
    return [text.encode() for text in shapely.to_geojson(shapes)]


def _to_gcj02(points: Points) -> Points:
    return points + _shift(points)


def _from_gcj02(points: Points) -> Points:
    return _invert(_to_gcj02, points, points, GCJ_STEPS)


def _to_bd09(points: Points) -> Points:
    return _gcj02_to_bd09(_to_gcj02(points))


def _from_bd09(points: Points) -> Points:
    near = _near_gcj02_of_bd09(points)
    return _from_gcj02(_invert(_gcj02_to_bd09, points, near, BD_STEPS))


Conversion = Callable[[Points], Points]

FROM_CGCS2000: dict[Datum, Conversion] = {
    Datum.CGCS2000: np.copy,
    Datum.GCJ02: _to_gcj02,
    Datum.BD09: _to_bd09,
}
TO_CGCS2000: dict[Datum, Conversion] = {
    Datum.CGCS2000: np.copy,
    Datum.GCJ02: _from_gcj02,
    Datum.BD09: _from_bd09,
}


def _in_box(points: Points) -> NDArray[np.bool_]:
    x, y = points[:, 0], points[:, 1]
    inside: NDArray[np.bool_] = (x >= WEST) & (x <= EAST) & (y >= SOUTH) & (y <= NORTH)
    return inside


def _invert(forward: Conversion, target: Points, start: Points, steps: int) -> Points:
    """The point that `forward` leads to `target`; the shift varies slowly, so steps converge."""
    found = start
    for _ in range(steps):
        found = found - (forward(found) - target)
    return found


def _shift(points: Points) -> Points:
    """Degrees that GCJ-02 adds, from metres on the Krasovsky ellipsoid."""
    x, y = points[:, 0] - ORIGIN[0], points[:, 1] - ORIGIN[1]
    latitude = np.radians(points[:, 1])
    squashed = 1 - ECCENTRICITY_SQUARED * np.sin(latitude) ** 2
    normal = SEMI_MAJOR / np.sqrt(squashed)
    meridian = normal * (1 - ECCENTRICITY_SQUARED) / squashed
    east = _metres_east(x, y) / (normal * np.cos(latitude))
    north = _metres_north(x, y) / meridian
    return np.degrees(np.column_stack((east, north)))


def _metres_east(x: Ordinates, y: Ordinates) -> Ordinates:
    trend = 300 + x + 2 * y + 0.1 * x**2 + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x))
    return trend + _waves(x, COMMON_WAVES) + _waves(x, EAST_WAVES)


def _metres_north(x: Ordinates, y: Ordinates) -> Ordinates:
    trend = -100 + 2 * x + 3 * y + 0.2 * y**2 + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x))
    return trend + _waves(x, COMMON_WAVES) + _waves(y, NORTH_WAVES)


def _waves(along: Ordinates, waves: tuple[tuple[float, float], ...]) -> Ordinates:
    total = np.zeros_like(along)
    for amplitude, frequency in waves:
        total += amplitude * np.sin(along * (np.pi * frequency))
    return total * (2 / 3)


def _gcj02_to_bd09(points: Points) -> Points:
    return _polar_shift(points, 1) + BD_OFFSET


def _near_gcj02_of_bd09(points: Points) -> Points:
    return _polar_shift(points - BD_OFFSET, -1)


def _polar_shift(points: Points, sign: int) -> Points:
    """Moves radius and angle seen from 0, 0, each by a wave of the other ordinate."""
    x, y = points[:, 0], points[:, 1]
    radius = np.hypot(x, y) + sign * 2e-5 * np.sin(y * BD_FREQUENCY)
    angle = np.arctan2(y, x) + sign * 3e-6 * np.cos(x * BD_FREQUENCY)
    return np.column_stack((radius * np.cos(angle), radius * np.sin(angle)))
