"""Geometry literals: read strictly, taken to the CRS of the store, checked."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geodata.errors import InvalidGeometryError
from geodata.features.bbox import BBox
from geodata.features.cql2.error import InvalidFilterError, shown
from geodata.features.crs import Crs, to_store
from geodata.ingest.geometry import check_geometry

Position = tuple[float, float]


def read_geometry(document: Mapping[str, object], crs: Crs, place: str) -> BaseGeometry:
    """A geometry in degrees, longitude first, two-dimensional.

    Args:
        document: GeoJSON geometry, or `{"bbox": [...]}`.
        crs: CRS and axis order of its coordinates; the literal is transformed, never the
            column, so that the spatial index is used.
        place: where it stands, for messages.

    Raises:
        InvalidFilterError: not to be read, empty, invalid, or off the globe.
    """
    try:
        given = _box(document["bbox"], crs) if "type" not in document else _shape(document)
        stored = shapely.transform(given, _mover(crs))
        check_geometry(stored)
    except InvalidGeometryError as error:
        raise InvalidFilterError(place, f"the geometry {error}") from error
    except shapely.errors.ShapelyError as error:
        raise InvalidFilterError(place, f"the geometry cannot be read: {error}") from error
    return stored


def _mover(crs: Crs) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    move = to_store(crs)
    if crs.is_stored:
        return move
    return lambda points: _finite(move(points[:, ::-1] if crs.flipped else points))


def _finite(points: NDArray[np.float64]) -> NDArray[np.float64]:
    if not np.isfinite(points).all():
        raise InvalidGeometryError("lies outside the area of its CRS")
    return points


def _shape(document: Mapping[str, object]) -> BaseGeometry:
    kind = document.get("type")
    if kind == "GeometryCollection":
        parts = _list(document.get("geometries"), 1)
        return shapely.GeometryCollection([_member(part) for part in parts])
    if not isinstance(kind, str) or kind not in BUILD:
        names = ", ".join((*BUILD, "GeometryCollection"))
        raise InvalidGeometryError(f"is a {shown(kind)}; must be one of {names}")
    return BUILD[kind](document.get("coordinates"))


def _member(part: object) -> BaseGeometry:
    """Collections do not hold collections (rule geometryCollectionText)."""
    if not isinstance(part, Mapping) or part.get("type") not in BUILD:
        raise InvalidGeometryError(f"collects {shown(part)}; its parts must be {', '.join(BUILD)}")
    return _shape(part)


def _list(value: object, least: int) -> Sequence[Any]:
    if not isinstance(value, list | tuple) or len(value) < least:
        raise InvalidGeometryError(f"has {shown(value)} where a list of {least} or more belongs")
    return value


def _position(value: object) -> Position:
    """Two or three numbers; data being flat, a height has no meaning."""
    if not (isinstance(value, list | tuple) and len(value) in (2, 3) and all(map(_real, value))):
        raise InvalidGeometryError(f"has the position {shown(value)}; must be two or three numbers")
    return float(value[0]), float(value[1])


def _real(value: object) -> bool:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return -math.inf < value < math.inf


def _point(value: object) -> BaseGeometry:
    return shapely.Point(_position(value))


def _line(value: object) -> shapely.LineString:
    return shapely.LineString([_position(each) for each in _list(value, 2)])


def _ring(value: object) -> list[Position]:
    ring = [_position(each) for each in _list(value, 4)]
    if ring[0] != ring[-1]:
        raise InvalidGeometryError(f"has an open ring: starts at {ring[0]}, ends at {ring[-1]}")
    return ring


def _polygon(value: object) -> shapely.Polygon:
    shell, *holes = (_ring(each) for each in _list(value, 1))
    return shapely.Polygon(shell, holes)


def _points(value: object) -> BaseGeometry:
    return shapely.MultiPoint([_position(each) for each in _list(value, 1)])


def _lines(value: object) -> BaseGeometry:
    return shapely.MultiLineString([_line(each) for each in _list(value, 1)])


def _polygons(value: object) -> BaseGeometry:
    return shapely.MultiPolygon([_polygon(each) for each in _list(value, 1)])


BUILD: Mapping[str, Callable[[object], BaseGeometry]] = {
    "Point": _point,
    "LineString": _line,
    "Polygon": _polygon,
    "MultiPoint": _points,
    "MultiLineString": _lines,
    "MultiPolygon": _polygons,
}


def _box(value: object, crs: Crs) -> BaseGeometry:
    """Four numbers, or six with heights (OGC 21-065r2, 7.5.1), in the axis order of the CRS."""
    if not (isinstance(value, list | tuple) and len(value) in (4, 6) and all(map(_real, value))):
        raise InvalidGeometryError(f"is a box of {shown(value)}; must be four or six numbers")
    half = len(value) // 2
    first, second = value[:2], value[half : half + 2]
    if crs.flipped:
        first, second = first[::-1], second[::-1]
    box = BBox(float(first[0]), float(first[1]), float(second[0]), float(second[1]))
    if box.south > box.north or (box.west > box.east and not crs.is_geographic):
        raise InvalidGeometryError(f"is a box of {shown(value)}; its upper corner must come second")
    area = shapely.union_all([_rectangle(*each) for each in box.boxes])
    return shapely.transform(area, lambda points: points[:, ::-1]) if crs.flipped else area


def _rectangle(west: float, south: float, east: float, north: float) -> BaseGeometry:
    """A rectangle; a line or a point where corners coincide."""
    if west == east and south == north:
        return shapely.Point(west, south)
    if west == east or south == north:
        return shapely.LineString([(west, south), (east, north)])
    return shapely.box(west, south, east, north)
