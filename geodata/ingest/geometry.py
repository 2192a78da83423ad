"""Geometries of incoming features: read, promoted to the layer's type, checked."""

import math
import reprlib
from collections.abc import Mapping
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from geodata.errors import InvalidGeometryError
from layers.layer import Geometry

DEPTH = {
    "Point": 0,
    "MultiPoint": 1,
    "LineString": 1,
    "MultiLineString": 2,
    "Polygon": 2,
    "MultiPolygon": 3,
}
"""How many lists a position lies in (RFC 7946 section 3.1)."""

RINGS = {"Polygon": 1, "MultiPolygon": 2}
"""In how many lists the rings of a type lie."""

SHORTEST_RING = 4

SINGLE_OF = {Geometry.AREA: "Polygon", Geometry.LINE: "LineString"}


def read_geometry(geometry: Mapping[str, object], declared: Geometry) -> BaseGeometry:
    """A valid geometry of the declared type, in degrees, longitude first.

    Args:
        geometry: GeoJSON geometry object; a single part of a declared Multi type is promoted.
        declared: the layer's geometry type.

    Raises:
        InvalidGeometryError: names the type, the coordinate or the place of the fault.
    """
    shape = parse_geometry(geometry)
    if shape.geom_type == SINGLE_OF.get(declared):
        shape = _promoted(shape)
    if shape.geom_type != declared.value:
        raise InvalidGeometryError(f"is a {shape.geom_type}; must be a {declared.value}")
    check_geometry(shape)
    return shapely.force_2d(shape)


def read_area(geometry: Mapping[str, object]) -> BaseGeometry:
    """A Polygon or MultiPolygon, as :func:`read_geometry`."""
    return read_geometry(geometry, Geometry.AREA)


def check_geometry(shape: BaseGeometry) -> None:
    """Refuse a geometry that is empty, off the globe or invalid.

    Raises:
        InvalidGeometryError: with the place of the fault.
    """
    if shape.is_empty:
        raise InvalidGeometryError("is empty; use null where there is no geometry")
    west, south, east, north = shape.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise InvalidGeometryError(
            f"reaches {west:g}..{east:g}, {south:g}..{north:g}; must be degrees,"
            " longitude -180..180 first, latitude -90..90"
        )
    if not shapely.is_valid(shape):
        raise InvalidGeometryError(f"is invalid: {shapely.is_valid_reason(shape)}")


def parse_geometry(geometry: Mapping[str, object], *, close_rings: bool = False) -> BaseGeometry:
    """A GeoJSON geometry object as it stands (RFC 7946), without a guess at what was meant.

    Args:
        geometry: the object.
        close_rings: add the last position of a ring that lacks it, instead of refusing it.

    Raises:
        InvalidGeometryError: names the type, the position or the ring.
    """
    kind, coordinates = geometry.get("type"), geometry.get("coordinates")
    if not isinstance(kind, str) or kind not in DEPTH:
        raise InvalidGeometryError(f"is a {_shown(kind)}; must be one of {', '.join(DEPTH)}")
    _check_coordinates(coordinates, DEPTH[kind])
    if close_rings:
        coordinates = _closed(coordinates, RINGS.get(kind, 0))
    _check_rings(coordinates, RINGS.get(kind, 0))
    try:
        return shapely.geometry.shape({"type": kind, "coordinates": coordinates})
    except (shapely.errors.ShapelyError, ValueError, IndexError, OverflowError) as error:
        raise InvalidGeometryError(f"cannot be read as a {kind}: {error}") from error


def _check_coordinates(value: object, depth: int) -> None:
    """Nested lists down to positions of two or three numbers; Shapely would guess at the rest."""
    if not isinstance(value, list | tuple):
        raise InvalidGeometryError(f"has {_shown(value)} where a list of coordinates belongs")
    if depth > 0:
        for part in value:
            _check_coordinates(part, depth - 1)
    elif value and not (len(value) in (2, 3) and all(map(_is_coordinate, value))):
        raise InvalidGeometryError(
            f"has the position {_shown(value)}; must be two or three finite numbers"
        )


def _check_rings(value: Any, depth: int) -> None:
    """Section 3.1.6: four or more positions, the last as the first."""
    if depth > 1:
        for part in value:
            _check_rings(part, depth - 1)
    elif depth == 1:
        for number, ring in enumerate(value, start=1):
            if len(ring) < SHORTEST_RING:
                raise InvalidGeometryError(
                    f"has {len(ring)} positions in ring {number}; must be {SHORTEST_RING} or more"
                )
            if ring[0] != ring[-1]:
                raise InvalidGeometryError(
                    f"is not closed: ring {number} begins at {_shown(ring[0])} and ends at"
                    f" {_shown(ring[-1])}; must be the same position"
                )


def _closed(value: Any, depth: int) -> Any:
    if depth > 1:
        return [_closed(part, depth - 1) for part in value]
    if depth == 1:
        return [[*ring, ring[0]] if ring and ring[0] != ring[-1] else ring for ring in value]
    return value


def _is_coordinate(value: object) -> bool:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return -math.inf < value < math.inf


def _shown(value: object) -> str:
    return reprlib.repr(value)


def _promoted(shape: BaseGeometry) -> BaseGeometry:
    if isinstance(shape, shapely.Polygon):
        return shapely.MultiPolygon([shape])
    if isinstance(shape, shapely.LineString):
        return shapely.MultiLineString([shape])
    return shape
