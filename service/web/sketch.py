"""A small picture of geometries, drawn on the server as SVG."""

import math
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Any

import shapely
from markupsafe import Markup
from shapely.geometry.base import BaseGeometry

WIDTH, HEIGHT, MARGIN = 480, 320, 12
RADIUS = 4
SMALLEST = 0.002
"""Degrees; a single point is shown with so much ground about it."""


def sketch(geometries: Sequence[Any], classes: Sequence[str] = ()) -> Markup | None:
    """SVG of GeoJSON geometries in degrees; None where there is nothing to see.

    Args:
        geometries: drawn in order; None is left out.
        classes: CSS class of each, if they are to be told apart.
    """
    named = zip_longest(geometries, classes)
    shapes = [(shapely.geometry.shape(each), name) for each, name in named if each is not None]
    if not shapes:
        return None
    frame = _Frame([float(bound) for bound in shapely.total_bounds([each for each, _ in shapes])])
    marks = "".join(_group(shape, name, frame) for shape, name in shapes)
    return Markup(
        f'<svg class="sketch" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
        f' role="img" aria-hidden="true">{marks}</svg>'
    )


class _Frame:
    """From degrees to the picture, a degree of longitude shortened as at the middle latitude."""

    def __init__(self, bounds: Sequence[float]) -> None:
        west, south, east, north = bounds
        self.middle = ((west + east) / 2, (south + north) / 2)
        self.shrink = math.cos(math.radians(min(max(self.middle[1], -85), 85)))
        wide = max((east - west) * self.shrink, SMALLEST)
        high = max(north - south, SMALLEST)
        self.scale = min((WIDTH - 2 * MARGIN) / wide, (HEIGHT - 2 * MARGIN) / high)

    def place(self, x: float, y: float) -> str:
        right = WIDTH / 2 + (x - self.middle[0]) * self.shrink * self.scale
        down = HEIGHT / 2 - (y - self.middle[1]) * self.scale
        return f"{right:.1f} {down:.1f}"


def _group(shape: BaseGeometry, name: str | None, frame: _Frame) -> str:
    marks = "".join(_marks(shape, frame))
    return marks if name is None else f'<g class="{name}">{marks}</g>'


def _marks(shape: BaseGeometry, frame: _Frame) -> Iterator[str]:
    for part in shapely.get_parts(shape):
        if isinstance(part, shapely.Point):
            x, y = frame.place(part.x, part.y).split()
            yield f'<circle cx="{x}" cy="{y}" r="{RADIUS}"/>'
        elif isinstance(part, shapely.LineString):
            yield f'<path class="line" d="{_path(part.coords, frame)}"/>'
        elif isinstance(part, shapely.Polygon):
            rings = (part.exterior, *part.interiors)
            path = "".join(f"{_path(ring.coords, frame)}Z" for ring in rings)
            yield f'<path d="{path}"/>'


def _path(coordinates: Any, frame: _Frame) -> str:
    return "M" + "L".join(frame.place(vertex[0], vertex[1]) for vertex in coordinates)
