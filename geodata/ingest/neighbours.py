"""Shapes of a whole file against each other, the layer, their parks, districts and areas.

Areas are those on the ellipsoid: shapes are compared in a cylindrical equal-area projection
(GRS 80, true at 40 degrees), in square metres.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

from geodata.geocoding.datum import Points

Shapes = NDArray[np.object_]
Numbers = NDArray[np.float64]

EQUAL_AREA = (
    "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad"
    " +step +proj=cea +lat_ts=40 +ellps=GRS80"
)

NARROW_M = 0.2
"""An overlap, or a gap, narrower in the mean is one of drawing rather than of rights."""

SLIVER_WIDTH_M = 0.5
"""Mean width below which an area is hardly one."""

NEAR_M = 200
"""Features of one name nearer to each other are perhaps one."""

MOST_ALIKE = 50
"""Features of one name that the next one is compared with."""

AREA_SHARE = 0.01
AREA_LEAST_M2 = 2.0
"""Tolerance of a registered area against the computed one: the larger of both."""

METRES_A_DEGREE = 111_320


class Overlap(NamedTuple):
    """Two areas with ground in common: positions of both, square metres, a point of it, degrees."""

    one: int
    other: int
    area_m2: float
    is_narrow: bool
    lon: float
    lat: float


def projected(shapes: Shapes) -> Shapes:
    """Shapes in metres, areas true."""
    transformer = Transformer.from_pipeline(EQUAL_AREA)

    def project(points: Points) -> Points:
        return np.column_stack(transformer.transform(points[:, 0], points[:, 1]))

    result: Shapes = shapely.transform(shapes, project)
    return result


def overlaps_within(flat: Shapes) -> Iterator[Overlap]:
    """Pairs of areas of one file, each once, that share more than a boundary."""
    one, other = shapely.STRtree(flat).query(flat, predicate="intersects")
    yield from _overlaps(flat, flat, one[one < other], other[one < other])


def overlaps_between(flat: Shapes, others: Shapes) -> Iterator[Overlap]:
    """Areas of a file and areas of others that share more than a boundary."""
    one, other = shapely.STRtree(others).query(flat, predicate="intersects")
    yield from _overlaps(flat, others, one, other)


def _overlaps(flat: Shapes, others: Shapes, one: Any, other: Any) -> Iterator[Overlap]:
    touching = shapely.touches(flat[one], others[other])
    one, other = one[~touching], other[~touching]
    common = shapely.intersection(flat[one], others[other])
    areas, lengths = shapely.area(common), shapely.length(common)
    inverse = Transformer.from_pipeline(EQUAL_AREA)
    for index in np.flatnonzero(areas > 0):
        width = 2 * areas[index] / lengths[index]
        at = shapely.point_on_surface(common[index])
        lon, lat = inverse.transform(at.x, at.y, direction="INVERSE")
        yield Overlap(
            int(one[index]), int(other[index]), float(areas[index]), width < NARROW_M, lon, lat
        )


def slivers(flat: Shapes) -> NDArray[np.intp]:
    """Positions of areas hardly wider than a line."""
    with np.errstate(invalid="ignore", divide="ignore"):
        widths = 2 * shapely.area(flat) / shapely.length(flat)
    return np.flatnonzero(widths < SLIVER_WIDTH_M)


def area_differs(computed: Numbers, registered: Numbers) -> NDArray[np.intp]:
    """Positions where a registered area is off the computed one by more than the tolerance."""
    with np.errstate(invalid="ignore"):
        off = np.abs(computed - registered) > np.maximum(AREA_SHARE * computed, AREA_LEAST_M2)
    return np.flatnonzero(off)


def alike(names: Sequence[str | None], at: Points) -> Iterator[tuple[int, int, float]]:
    """Features with an earlier one of the name near them: both, and the metres between."""
    if not len(names):
        return
    groups: dict[str, list[int]] = defaultdict(list)
    for position, name in enumerate(names):
        if name is not None:
            groups[name].append(position)
    flat = metres(at, float(np.median(at[:, 1])))
    for members in groups.values():
        for index, other in enumerate(members[1:], start=1):
            earlier = members[max(index - MOST_ALIKE, 0) : index]
            east, north = (flat[earlier] - flat[other]).T
            apart = np.hypot(east, north)
            nearest = int(apart.argmin())
            if apart[nearest] < NEAR_M:
                yield earlier[nearest], other, float(apart[nearest])


def metres_apart(one: Numbers, other: Numbers) -> float:
    """On a sphere: good to 0.5 % within a city."""
    east, north = metres(other - one, float(one[1]))
    return float(np.hypot(east, north))


def metres(degrees: Numbers, latitude: float) -> Numbers:
    """Differences of longitude and latitude in metres east and north."""
    scale = np.array([np.cos(np.radians(latitude)), 1.0]) * METRES_A_DEGREE
    scaled: Numbers = degrees * scale
    return scaled
