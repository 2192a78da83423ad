"""A partition counts every point once, wherever on its borders the point lies."""

import random
from collections.abc import Iterator, Sequence
from itertools import pairwise

import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from geodata.statistics.partition import NEAR_BORDER, area_holds

PROPERTY = settings(derandomize=True, deadline=None, max_examples=30)
Vertex = tuple[float, float]

LON, LAT = st.floats(116.0, 117.0), st.floats(39.4, 40.4)


def triangulation(seed: int, sites: int = 15) -> list[BaseGeometry]:
    """Triangles with common vertices; no coordinate is a short decimal."""
    chance = random.Random(seed)
    points = [(chance.uniform(116, 117), chance.uniform(39.4, 40.4)) for _ in range(sites)]
    return list(shapely.get_parts(shapely.delaunay_triangles(shapely.MultiPoint(points))))


def brick_wall(seed: int) -> list[BaseGeometry]:
    """Rectangles in rows, split at different places: every corner is a T-junction."""
    chance = random.Random(seed)
    levels = sorted(chance.uniform(39.4, 40.4) for _ in range(4))
    bricks = []
    for south, north in pairwise(levels):
        splits = [116.0, *sorted(chance.uniform(116, 117) for _ in range(4)), 117.0]
        bricks += [shapely.box(west, south, east, north) for west, east in pairwise(splits)]
    return bricks


def islands(seed: int) -> list[BaseGeometry]:
    """An area with two holes, what fills one, and a multipolygon of the other and an exclave."""
    chance = random.Random(seed)
    outer = shapely.box(116, 39.4, 117, 40.4)
    west = shapely.Point(116.25 + chance.random() / 10, 39.9).buffer(0.1 + chance.random() / 20, 7)
    east = shapely.Point(116.75 + chance.random() / 10, 39.9).buffer(0.1 + chance.random() / 20, 5)
    exclave = shapely.box(117, 39.4, 117.3, 40.4)
    holed = shapely.Polygon(outer.exterior, [west.exterior, east.exterior])
    return [holed, west, shapely.MultiPolygon([east, exclave])]


PARTITIONS = {"triangles": triangulation, "bricks": brick_wall, "islands": islands}


def border_points(cells: Sequence[BaseGeometry]) -> Iterator[Vertex]:
    """Vertices, and points computed in floats on and hardly beside the edges."""
    for cell in cells:
        for part in shapely.get_parts(cell):
            for ring in (part.exterior, *part.interiors):
                for (x0, y0), (x1, y1) in pairwise(ring.coords):
                    yield x0, y0
                    for share in (0.5, 1 / 3, 0.9999999):
                        x, y = x0 + share * (x1 - x0), y0 + share * (y1 - y0)
                        yield from ((x, y), (x, y + 1e-15 * y), (x - 1e-15 * x, y))


@pytest.mark.parametrize("kind", sorted(PARTITIONS))
@pytest.mark.parametrize("seed", range(3))
def test_each_point_of_a_border_belongs_to_one_cell(kind: str, seed: int) -> None:
    cells = PARTITIONS[kind](seed)
    outside = shapely.union_all(cells).boundary
    shapely.prepare(outside)
    inner = 0
    for x, y in border_points(cells):
        holders = sum(area_holds(cell, x, y) for cell in cells)
        if shapely.dwithin(outside, shapely.Point(x, y), NEAR_BORDER):
            assert holders <= 1, (x, y)
        else:
            assert holders == 1, (x, y)
            inner += 1
    assert inner > 100


@PROPERTY
@given(st.lists(st.tuples(LON, LAT), min_size=4, max_size=12, unique=True), st.data())
def test_each_point_of_any_triangulation_belongs_to_one_cell(
    sites: list[Vertex], data: st.DataObject
) -> None:
    cells = list(shapely.get_parts(shapely.delaunay_triangles(shapely.MultiPoint(sites))))
    assume(len(cells) > 1)
    x, y = data.draw(st.sampled_from(list(border_points(cells))))
    hull = shapely.MultiPoint(sites).convex_hull.boundary
    holders = sum(area_holds(cell, x, y) for cell in cells)
    assert holders <= 1
    assert holders == 1 or hull.distance(shapely.Point(x, y)) <= NEAR_BORDER


@PROPERTY
@given(st.integers(0, 1000), st.sampled_from(sorted(PARTITIONS)), LON, LAT)
def test_clear_of_borders_the_rule_agrees_with_shapely(
    seed: int, kind: str, x: float, y: float
) -> None:
    point = shapely.Point(x, y)
    for cell in PARTITIONS[kind](seed):
        if cell.boundary.distance(point) > NEAR_BORDER:
            assert area_holds(cell, x, y) is bool(cell.contains(point))


SQUARE = shapely.box(0, 0, 2, 2)
RING = shapely.Polygon(SQUARE.exterior, [shapely.box(0.5, 0.5, 1.5, 1.5).exterior])


@pytest.mark.parametrize(
    ("area", "point", "holds"),
    [
        (SQUARE, (0, 1), True),
        (SQUARE, (2, 1), False),
        (SQUARE, (1, 0), True),
        (SQUARE, (1, 2), False),
        (SQUARE, (0, 0), True),
        (SQUARE, (2, 0), False),
        (SQUARE, (0, 2), False),
        (SQUARE, (2, 2), False),
        (RING, (1, 1), False),
        (RING, (0.5, 1), False),
        (RING, (1.5, 1), True),
        (RING, (1, 0.5), False),
        (RING, (1, 1.5), True),
    ],
)
def test_a_border_belongs_to_the_area_east_or_north_of_it(
    area: BaseGeometry, point: Vertex, holds: bool
) -> None:
    assert area_holds(area, *point) is holds
    assert area_holds(shapely.reverse(area), *point) is holds, "whichever way its rings run"
    assert area_holds(shapely.MultiPolygon([area]), *point) is holds
