"""A tile: its address and the places its parts have on earth."""

import re
from dataclasses import dataclass
from typing import NamedTuple

from geodata.features.bbox import BBox
from geodata.tiles.matrix_sets import TileMatrixSet

EXTENT = 4096
"""Units along a tile's side."""

BUFFER = 64
"""Units around a tile in which features are drawn too, so that symbols and strokes join."""

FLAT_ZOOM = 13
"""From this zoom on tiles are drawn in degrees whatever their grid, as projecting costs most.

Within a tile a Mercator northing departs from a straight line in latitude by at most
`EXTENT / 8 * 2 pi / 2**zoom * sin(latitude)` units: 0.4 at zoom 13, less than rounding does.
"""

WHOLE_NUMBER = re.compile(r"0|[1-9][0-9]{0,9}")


class NoSuchTileError(LookupError):
    """An address outside the tile matrix set."""


class Bounds(NamedTuple):
    """A rectangle in units of a CRS, easting or longitude first."""

    left: float
    bottom: float
    right: float
    top: float


@dataclass(frozen=True)
class Tile:
    """A tile of a matrix set; rows count from the north."""

    matrix_set: TileMatrixSet
    level: int
    row: int
    column: int

    @property
    def zoom(self) -> int:
        """Zoom of its level."""
        return self.matrix_set.zoom(self.level)

    @property
    def bounds(self) -> Bounds:
        """Its rectangle in the CRS of the set."""
        grid, level = self.matrix_set, self.level
        return Bounds(
            grid.x(level, self.column),
            grid.y(level, self.row + 1),
            grid.x(level, self.column + 1),
            grid.y(level, self.row),
        )

    @property
    def srid(self) -> int | None:
        """EPSG code to project features to; None: they are drawn in degrees."""
        return None if self.zoom >= FLAT_ZOOM else self.matrix_set.srid

    @property
    def frame(self) -> Bounds:
        """Its rectangle in what its features are drawn in."""
        if self.srid is not None:
            return self.bounds
        return Bounds(self._longitude(0), self._latitude(1), self._longitude(1), self._latitude(0))

    @property
    def box(self) -> BBox:
        """Its rectangle and the buffer, in degrees."""
        margin = BUFFER / EXTENT
        return BBox(
            self._longitude(-margin),
            self._latitude(1 + margin),
            self._longitude(1 + margin),
            self._latitude(-margin),
        )

    def longitudes(self, cells: int) -> list[float]:
        """Edges of columns of cells, in degrees from west to east; see `_shares`."""
        last = self.column + 1 == self.matrix_set.size(self.level).columns
        return [self._longitude(share) for share in _shares(cells, last)]

    def latitudes(self, cells: int) -> list[float]:
        """Edges of rows of cells, in degrees from south to north; see `_shares`."""
        last = self.row + 1 == self.matrix_set.size(self.level).rows
        return [self._latitude(share) for share in reversed(_shares(cells, last))]

    def _longitude(self, share: float) -> float:
        return self.matrix_set.longitude(self.level, self.column + share)

    def _latitude(self, share: float) -> float:
        return self.matrix_set.latitude(self.matrix_set.y(self.level, self.row + share))


def _shares(cells: int, last: bool) -> list[float]:
    """Where cells begin and end, as shares of the tile.

    A place belongs to the tile in which its rounded coordinate lies in 0..4095: edges lie half a
    unit before the whole ones. The last tile of the world keeps the world's edge.
    """
    half = 0.5 / EXTENT
    end = 1 + half if last else 1 - half
    return [*(cell / cells - half for cell in range(cells)), end]


def find_tile(matrix_set: TileMatrixSet, level: str, row: str, column: str) -> Tile:
    """The tile of an address as it stands in a path.

    Raises:
        NoSuchTileError: no number, or outside the matrix set; the error says what there is.
    """
    place = _number("tileMatrix", level, matrix_set.levels)
    size = matrix_set.size(place)
    return Tile(
        matrix_set,
        place,
        _number("tileRow", row, range(size.rows)),
        _number("tileCol", column, range(size.columns)),
    )


def _number(name: str, text: str, allowed: range) -> int:
    if not WHOLE_NUMBER.fullmatch(text) or int(text) not in allowed:
        raise NoSuchTileError(
            f"{name} {text[:40]!r}: must be a whole number from {allowed[0]} to {allowed[-1]}"
        )
    return int(text)
