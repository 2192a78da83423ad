"""Street blocks: a grid of streets, nearest to the parks first, each block cut into lots.

Neighbouring lots share their vertices exactly, so they touch and never overlap; streets keep
the blocks apart.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.random import Generator
from numpy.typing import NDArray

from geodata.synthetic.areas import Areas
from geodata.synthetic.batch import Flags, Indices, Objects
from geodata.synthetic.frame import EXTENT, Numbers

Values = NDArray[Any]

PITCH = np.array((304.0, 254.0))
"""From one street's middle to the next, metres east and north."""

STREET_M = 24.0
CORNER_SHIFT_M = 8.0
BEND_M = 3.0
"""How far corners of blocks move and borders bend: together less than half a street."""

COLUMNS, ROWS = (int(number) for number in EXTENT // PITCH)
BLOCKS = COLUMNS * ROWS
"""Blocks of the plane; fewer than a million, as codes number them with six digits."""

DEPTH = 2
"""Rows of lots in a block, back to back."""

WIDTHS = (1, 2, 3, 4, 5)
"""Lots along a block, all equally frequent."""

SURE_LOTS = 5
"""Lots that a block has on average at the very least; six are to be expected."""

MIDDLE_KEPT = 0.42
"""Chance of each further vertex on a border between two lots' corners."""

RADII_M = (1_000, 3_000, 8_000, 20_000, 50_000, 400_000)


@dataclass(frozen=True)
class Lots:
    """Lots of some blocks.

    Args:
        shapes: polygons of the plane, metres.
        block: position of each lot's block among those given.
        number: 1-based number of the lot in its block.
    """

    shapes: Objects
    block: Indices
    number: Indices


def nearest_blocks(areas: Areas, count: int) -> Indices:
    """The first so many blocks, by distance from the parks; row by row where it is equal."""
    for radius in RADII_M:
        near = _blocks_within(areas, radius)
        if len(near) >= count:
            return near[:count]
    return near


def _blocks_within(areas: Areas, radius: float) -> Indices:
    candidates = np.flatnonzero(_boxes_reach(areas, radius))
    distances = areas.nearest(centres(candidates))[1]
    inside = distances <= radius
    order = np.argsort(distances[inside], kind="stable")
    return candidates[inside][order]


def _boxes_reach(areas: Areas, radius: float) -> Flags:
    """Blocks whose centre lies in the box round an area: few, before distances are taken."""
    reached = np.zeros((ROWS, COLUMNS), dtype=bool)
    for west, south, east, north in shapely.bounds(areas.shapes):
        low = np.maximum(np.array((west, south)) - radius, 0) // PITCH
        high = np.maximum(np.array((east, north)) + radius, 0) // PITCH
        (left, bottom), (right, top) = low.astype(int), high.astype(int)
        reached[bottom : top + 1, left : right + 1] = True
    return reached.ravel()


def centres(blocks: Indices) -> Numbers:
    """Middles of blocks, metres."""
    columns_rows = np.column_stack((blocks % COLUMNS, blocks // COLUMNS))
    middles: Numbers = (columns_rows + 0.5) * PITCH
    return middles


def cut(random: Generator, blocks: Indices) -> Lots:
    """Cut blocks into lots, each of 6 to 12 vertices."""
    width = random.integers(len(WIDTHS), size=len(blocks))
    parts = [
        _cut_alike(random, np.flatnonzero(width == position), blocks, lots_wide)
        for position, lots_wide in enumerate(WIDTHS)
    ]
    block = np.concatenate([part.block for part in parts])
    order = np.argsort(block, kind="stable")
    shapes, numbers = ([getattr(each, name) for each in parts] for name in ("shapes", "number"))
    return Lots(np.concatenate(shapes)[order], block[order], np.concatenate(numbers)[order])


def _cut_alike(random: Generator, positions: Indices, blocks: Indices, width: int) -> Lots:
    """Cut blocks that are equally many lots wide."""
    corners = _lot_corners(random, centres(blocks[positions]), width)
    rings, kept = _rings(random, corners)
    count = len(positions) * DEPTH * width
    vertices = kept.reshape(count, 12)
    ring = np.repeat(np.arange(count), vertices.sum(axis=1))
    outlines = shapely.linearrings(rings.reshape(count, 12, 2)[vertices], indices=ring)
    lots = DEPTH * width
    return Lots(
        np.asarray(shapely.polygons(outlines), dtype=object),
        np.repeat(positions, lots),
        np.tile(np.arange(1, lots + 1), len(positions)),
    )


def _lot_corners(random: Generator, middles: Numbers, width: int) -> Numbers:
    """Corners of lots (block, 3, width + 1, 2): a quadrilateral cut evenly, then disturbed."""
    half = (PITCH - STREET_M) / 2
    signs = np.array([[(-1, -1), (1, -1)], [(-1, 1), (1, 1)]])
    quads = middles[:, None, None, :] + signs * half
    quads = quads + random.uniform(-CORNER_SHIFT_M, CORNER_SHIFT_M, quads.shape)
    up = np.linspace(0, 1, DEPTH + 1)[None, :, None, None]
    along = np.linspace(0, 1, width + 1)[None, None, :, None]
    west = quads[:, :1, :1] * (1 - up) + quads[:, 1:, :1] * up
    east = quads[:, :1, 1:] * (1 - up) + quads[:, 1:, 1:] * up
    corners: Numbers = west * (1 - along) + east * along
    return corners + random.uniform(-BEND_M, BEND_M, corners.shape)


def _rings(random: Generator, corners: Numbers) -> tuple[Numbers, Flags]:
    """Twelve vertices of each lot, counterclockwise, and which of them are kept."""
    across, across_kept = _border(random, corners[:, :, :-1], corners[:, :, 1:])
    across_kept[..., 0] = True
    upward, upward_kept = _border(random, corners[:, :-1], corners[:, 1:])
    always = np.ones(corners.shape[:3], dtype=bool)
    vertices = _round(corners, across, upward)
    kept = _round(always, across_kept, upward_kept)
    return np.stack(vertices, axis=3), np.stack(kept, axis=3)


def _border(random: Generator, start: Numbers, end: Numbers) -> tuple[Numbers, Flags]:
    """Two vertices between corners, bent a little, and whether they are there."""
    thirds = np.array((1 / 3, 2 / 3))[:, np.newaxis]
    between = start[..., None, :] * (1 - thirds) + end[..., None, :] * thirds
    bent = between + random.uniform(-BEND_M, BEND_M, between.shape)
    return bent, random.random(bent.shape[:-1]) < MIDDLE_KEPT


def _round(corners: Values, across: Values, upward: Values) -> list[Values]:
    """What belongs to each lot's vertices, from its south-western corner counterclockwise."""
    return [
        corners[:, :-1, :-1],
        *(across[:, :-1, :, third] for third in (0, 1)),
        corners[:, :-1, 1:],
        *(upward[:, :, 1:, third] for third in (0, 1)),
        corners[:, 1:, 1:],
        *(across[:, 1:, :, third] for third in (1, 0)),
        corners[:, 1:, :-1],
        *(upward[:, :, :-1, third] for third in (1, 0)),
    ]
