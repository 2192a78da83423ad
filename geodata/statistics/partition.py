"""Which side of a border a point is on, decided exactly, so that a partition counts it once.

Floating-point predicates may put a point that lies on a shared border into both areas or into
neither. Points closer to a border than `NEAR_BORDER` are therefore decided here in rational
arithmetic by the half-open crossing rule (W. R. Franklin, PNPOLY): a point on a border belongs
to the area on its eastern side, on a border that runs exactly east-west to the northern one.
The rule is a property of the point and the border alone, so any two areas that share the border
agree, and every point of a partition belongs to exactly one area.
"""

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

import shapely
from shapely.geometry.base import BaseGeometry

NEAR_BORDER = 1e-9
"""Degrees, about 0.1 mm: far above rounding error, far below surveying accuracy."""

Vertex = tuple[float, float]


def area_holds(area: BaseGeometry, x: float, y: float) -> bool:
    """Whether a point belongs to a Polygon or MultiPolygon by the half-open rule.

    Args:
        area: valid Polygon or MultiPolygon.
        x: longitude, degrees.
        y: latitude, degrees.
    """
    inside = False
    for start, end in _segments(area):
        if (start[1] > y) != (end[1] > y) and _is_left_of(x, y, start, end):
            inside = not inside
    return inside


def _segments(area: BaseGeometry) -> Iterator[tuple[Vertex, Vertex]]:
    """Segments of all rings; holes count like outer rings, by parity."""
    for part in shapely.get_parts(area):
        for ring in (part.exterior, *part.interiors):
            vertices = [(float(vertex[0]), float(vertex[1])) for vertex in ring.coords]
            yield from pairwise(vertices)


def _is_left_of(x: float, y: float, start: Vertex, end: Vertex) -> bool:
    """Whether the point lies strictly west of the segment that spans its latitude."""
    if x < min(start[0], end[0]):
        return True
    if x >= max(start[0], end[0]):
        return False
    (x0, y0), (x1, y1) = (map(Fraction, vertex) for vertex in sorted((start, end), key=_latitude))
    return (Fraction(x) - x0) * (y1 - y0) < (x1 - x0) * (Fraction(y) - y0)


def _latitude(vertex: Vertex) -> float:
    return vertex[1]
