"""Coordinate reference systems in which geometries are asked for and served.

Stored is CGCS2000 (EPSG:4490), longitude first. WGS 84 in its present realisations agrees with it
within about a metre, so CRS84 and EPSG:4326 are served without a shift.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import shapely
from pyproj import Transformer
from sqlalchemy import ColumnElement, func

from geodata.database.tables import SRID
from geodata.errors import GeodataError
from geodata.features.bbox import BBox
from geodata.geocoding.datum import Datum, Points, convert
from layers.text import Text

SEGMENTS = 16

EPSG = "http://www.opengis.net/def/crs/EPSG/0/{}"


class UnknownCrsError(GeodataError):
    """A CRS that is not offered."""

    def __init__(self, uri: str) -> None:
        super().__init__(f"no CRS {uri!r}; offered are {', '.join(CRS)}")


@dataclass(frozen=True)
class Crs:
    """A coordinate reference system.

    Args:
        uri: identifier.
        srid: EPSG code to transform to; that of the store where nothing is to be done.
        flipped: the CRS puts latitude, or northing, first.
        datum: a shifted datum of Chinese map providers, which no EPSG code describes.
        title: name in both languages.
        digits: decimals that keep about a millimetre.
    """

    uri: str
    srid: int
    flipped: bool
    title: Text
    datum: Datum = Datum.CGCS2000
    digits: int = 8

    @property
    def is_geographic(self) -> bool:
        """Whether coordinates are degrees of CGCS2000, in whatever axis order."""
        return self.srid == SRID and self.datum is Datum.CGCS2000

    @property
    def is_stored(self) -> bool:
        """Whether the stored text is already in it."""
        return self.is_geographic and not self.flipped


CRS84 = Crs(
    "http://www.opengis.net/def/crs/OGC/1.3/CRS84", SRID, False, Text("WGS84 经纬度", "CRS84")
)

ROWS = (
    CRS84,
    Crs(EPSG.format(4326), SRID, True, Text("WGS84 纬经度", "WGS 84")),
    Crs(EPSG.format(4490), SRID, True, Text("CGCS2000 纬经度", "CGCS2000")),
    Crs(
        EPSG.format(4548),
        4548,
        True,
        Text("CGCS2000 3度带 中央经线117°", "CGCS2000 / 3-degree GK CM 117E"),
        digits=3,
    ),
    Crs(
        EPSG.format(4527),
        4527,
        True,
        Text("CGCS2000 3度带 39带", "CGCS2000 / 3-degree GK zone 39"),
        digits=3,
    ),
    Crs(EPSG.format(3857), 3857, False, Text("Web墨卡托", "WGS 84 / Pseudo-Mercator"), digits=3),
    Crs(
        "urn:zgc-gis:def:crs:GCJ-02",
        SRID,
        False,
        Text("GCJ-02 经纬度", "GCJ-02, longitude first"),
        Datum.GCJ02,
    ),
    Crs(
        "urn:zgc-gis:def:crs:BD-09",
        SRID,
        False,
        Text("BD-09 经纬度", "BD-09, longitude first"),
        Datum.BD09,
    ),
)

CRS = {row.uri: row for row in ROWS}


def find_crs(uri: str) -> Crs:
    """The CRS of a URI; `[EPSG:4326]`-like safe CURIEs are understood too.

    Raises:
        UnknownCrsError: not offered; lists those that are.
    """
    found = CRS.get(uri) or CRS.get(_expanded(uri))
    if found is None:
        raise UnknownCrsError(uri)
    return found


def _expanded(curie: str) -> str:
    """URI of a safe CURIE (OGC API - Features Part 2, 6.3)."""
    authority, _, code = curie.strip("[]").partition(":")
    if authority == "OGC" and code == "CRS84":
        return CRS84.uri
    return EPSG.format(code) if authority == "EPSG" else curie


def in_crs(geometry: ColumnElement[object], crs: Crs) -> ColumnElement[object]:
    """A stored geometry in a CRS, in its axis order; a shifted datum is left to the caller."""
    moved = geometry if crs.srid == SRID else func.ST_Transform(geometry, crs.srid)
    return func.ST_FlipCoordinates(moved) if crs.flipped else moved


def box_in_store(box: BBox, crs: Crs) -> bytes:
    """WKB of the polygon, in the CRS of the store, that a box in another CRS covers.

    Args:
        box: corners in the order of the axes of the CRS.
        crs: the box's CRS.

    The query's geometry is transformed, never the column, so that the spatial index is used;
    edges are densified, since straight ones in one CRS are bent in another.
    """
    rectangle = shapely.box(*((box.south, box.west, box.north, box.east) if crs.flipped else box))
    width = max(box.east - box.west, box.north - box.south)
    dense = shapely.segmentize(rectangle, width / SEGMENTS) if width > 0 else rectangle
    return shapely.to_wkb(shapely.transform(dense, to_store(crs)))


def to_store(crs: Crs) -> Callable[[Points], Points]:
    """Takes x, y in a CRS, whose axes are already in that order, to the CRS of the store."""
    if crs.datum is not Datum.CGCS2000:
        return lambda points: convert(points, crs.datum, Datum.CGCS2000)
    if crs.srid == SRID:
        return lambda points: points
    transformer = _transformer(crs.srid)
    return lambda points: np.column_stack(transformer.transform(points[:, 0], points[:, 1]))


@cache
def _transformer(srid: int) -> Transformer:
    return Transformer.from_crs(srid, SRID, always_xy=True)
