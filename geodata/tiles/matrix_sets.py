"""Tile matrix sets as rows (OGC Two Dimensional Tile Matrix Set 2.0, 17-083r4).

Every set here halves the cell from level to level, so that a level is known by its number of
columns. The zoom of a level is the base-2 logarithm of that number, in all sets alike: zoom rules
of layers mean the same scale in each.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from geodata.features.bbox import BBox
from layers.text import Text

TILE_SIZE = 256
"""Pixels of 0.28 mm along a tile's side."""

PIXEL_M = 0.00028
SEMI_MAJOR_M = 6_378_137.0
"""Of WGS 84 and of CGCS2000 alike."""

METRES_A_DEGREE = math.pi * SEMI_MAJOR_M / 180


class UnknownTileMatrixSetError(LookupError):
    """A name that is not a tile matrix set's id."""

    def __init__(self, name: str) -> None:
        known = ", ".join(MATRIX_SETS)
        super().__init__(f"no tile matrix set {name!r}; the sets are {known}")


class Size(NamedTuple):
    """Columns and rows of a matrix."""

    columns: int
    rows: int


@dataclass(frozen=True, kw_only=True, eq=False)
class TileMatrixSet:
    """Tile matrices over the same part of the world.

    Args:
        id: name in addresses.
        title: name in both languages.
        uri: identifier in the OGC register, if it stands there.
        scale_set: well-known scale set, if it has one.
        crs: URI of the CRS.
        srid: EPSG code to project features to; None: coordinates are those of the store.
        axes: abbreviations in the CRS's own order.
        first, last: least and greatest level.
        top: matrix of the first level.
        west, north: corner of origin in units of the CRS, easting or longitude first.
        width: from the western to the eastern edge, in units of the CRS.
        metres: metres a unit of the CRS.
        latitude: latitude in degrees of a northing in units of the CRS.
    """

    id: str
    title: Text
    uri: str | None = None
    scale_set: str | None = None
    crs: str
    srid: int | None
    axes: tuple[str, str]
    first: int
    last: int
    top: Size
    west: float
    north: float
    width: float
    metres: float
    latitude: Callable[[float], float]

    @property
    def levels(self) -> range:
        """Every level."""
        return range(self.first, self.last + 1)

    @property
    def origin(self) -> tuple[float, float]:
        """Corner of origin in the axis order of the CRS."""
        corner = (self.west, self.north)
        return corner[::-1] if self.axes == ("Lat", "Lon") else corner

    def size(self, level: int) -> Size:
        """Columns and rows of a level."""
        doubled = 2 ** (level - self.first)
        return Size(self.top.columns * doubled, self.top.rows * doubled)

    def zoom(self, level: int) -> int:
        """Zoom of a level: 0 where one tile spans the world."""
        return self.size(level).columns.bit_length() - 1

    def cell_size(self, level: int) -> float:
        """Units of the CRS a pixel."""
        return self.width / self.size(level).columns / TILE_SIZE

    def scale_denominator(self, level: int) -> float:
        """Scale at a pixel of 0.28 mm."""
        return self.cell_size(level) * self.metres / PIXEL_M

    def x(self, level: int, column: float) -> float:
        """Easting, in units of the CRS, of the western edge of a column, whole or part."""
        return self.west + self.width * (column / self.size(level).columns)

    def y(self, level: int, row: float) -> float:
        """Northing, in units of the CRS, of the northern edge of a row, whole or part."""
        return self.north - self.width * (row / self.size(level).columns)

    def longitude(self, level: int, column: float) -> float:
        """Degrees east of the western edge of a column, whole or part."""
        return -180 + 360 * (column / self.size(level).columns)

    def column(self, level: int, longitude: float) -> int:
        """Column that holds a longitude; one beyond the edge belongs to the column at it."""
        columns = self.size(level).columns
        return min(max(math.floor((longitude + 180) / 360 * columns), 0), columns - 1)

    def row(self, level: int, latitude: float) -> int:
        """Row that holds a latitude; one beyond the edge belongs to the row at it."""
        low, high = 0, self.size(level).rows - 1
        while low < high:
            middle = (low + high + 1) // 2
            above = self.latitude(self.y(level, middle)) >= latitude
            low, high = (middle, high) if above else (low, middle - 1)
        return low

    @property
    def box(self) -> BBox:
        """What the set covers, in degrees."""
        south = self.latitude(self.y(self.first, self.top.rows))
        return BBox(-180, south, 180, self.latitude(self.north))


def _mercator_latitude(northing: float) -> float:
    """Inverse of the spherical Mercator projection (EPSG method 1024)."""
    return math.degrees(math.atan(math.sinh(northing / SEMI_MAJOR_M)))


def _same(degrees: float) -> float:
    return degrees


HALF_EQUATOR_M = math.pi * SEMI_MAJOR_M
REGISTER = "http://www.opengis.net/def"

_ROWS = (
    TileMatrixSet(
        id="WebMercatorQuad",
        title=Text("Web墨卡托", "Web Mercator for the world"),
        uri=f"{REGISTER}/tilematrixset/OGC/1.0/WebMercatorQuad",
        scale_set=f"{REGISTER}/wkss/OGC/1.0/GoogleMapsCompatible",
        crs=f"{REGISTER}/crs/EPSG/0/3857",
        srid=3857,
        axes=("X", "Y"),
        first=0,
        last=24,
        top=Size(1, 1),
        west=-HALF_EQUATOR_M,
        north=HALF_EQUATOR_M,
        width=2 * HALF_EQUATOR_M,
        metres=1,
        latitude=_mercator_latitude,
    ),
    TileMatrixSet(
        id="WorldCRS84Quad",
        title=Text("CRS84经纬度", "CRS84 for the world"),
        uri=f"{REGISTER}/tilematrixset/OGC/1.0/WorldCRS84Quad",
        scale_set=f"{REGISTER}/wkss/OGC/1.0/GoogleCRS84Quad",
        crs=f"{REGISTER}/crs/OGC/1.3/CRS84",
        srid=None,
        axes=("Lon", "Lat"),
        first=0,
        last=23,
        top=Size(2, 1),
        west=-180,
        north=90,
        width=360,
        metres=METRES_A_DEGREE,
        latitude=_same,
    ),
    TileMatrixSet(
        id="CGCS2000Quad",
        title=Text(
            "CGCS2000经纬度（天地图经纬度服务的切片方案）",
            "CGCS2000 in degrees, as Tianditu's _c layers are cut",
        ),
        crs=f"{REGISTER}/crs/EPSG/0/4490",
        srid=None,
        axes=("Lat", "Lon"),
        first=1,
        last=18,
        top=Size(2, 1),
        west=-180,
        north=90,
        width=360,
        metres=METRES_A_DEGREE,
        latitude=_same,
    ),
)

MATRIX_SETS = {row.id: row for row in _ROWS}
"""By id, in the order to list them."""


def find_matrix_set(name: str) -> TileMatrixSet:
    """The tile matrix set of that id.

    Raises:
        UnknownTileMatrixSetError: no such set; the error lists those there are.
    """
    try:
        return MATRIX_SETS[name]
    except KeyError:
        raise UnknownTileMatrixSetError(name) from None
