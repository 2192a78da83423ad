"""The polygon of a request body: GeoJSON to the letter (RFC 7946), nothing repaired silently."""

import reprlib
from collections.abc import Mapping

from shapely.geometry.base import BaseGeometry

from geodata.errors import InvalidGeometryError
from geodata.ingest.geometry import read_area

WANTED = "must be a Polygon or MultiPolygon"

Position = tuple[float, float]


def read_polygon(document: Mapping[str, object], most_positions: int) -> BaseGeometry:
    """The valid Polygon or MultiPolygon that a document is, or that its Feature has; heights go.

    Args:
        document: GeoJSON.
        most_positions: how many positions it may have; the cost of statistics grows with them.

    Raises:
        InvalidGeometryError: names what is wrong and where.
    """
    geometry = document.get("geometry") if document.get("type") == "Feature" else document
    if not isinstance(geometry, dict):
        raise InvalidGeometryError(f"the Feature has no geometry; {WANTED}")
    polygons = _polygons(geometry)
    count = sum(len(ring) for polygon in polygons for ring in polygon)
    if count > most_positions:
        raise InvalidGeometryError(
            f"it has {count} positions; statistics take at most {most_positions}: simplify it"
        )
    return read_area({"type": "MultiPolygon", "coordinates": polygons})


def _polygons(geometry: Mapping[str, object]) -> list[list[list[Position]]]:
    kind, coordinates, place = geometry.get("type"), geometry.get("coordinates"), "coordinates"
    if kind == "Polygon":
        return [_rings(coordinates, place)]
    if kind == "MultiPolygon":
        polygons = _array(coordinates, place)
        return [_rings(polygon, f"{place}[{at}]") for at, polygon in enumerate(polygons)]
    raise InvalidGeometryError(f"its type is {reprlib.repr(kind)}; {WANTED}")


def _rings(polygon: object, place: str) -> list[list[Position]]:
    return [_ring(ring, f"{place}[{at}]") for at, ring in enumerate(_array(polygon, place))]


def _ring(ring: object, place: str) -> list[Position]:
    positions = [
        _position(position, f"{place}[{at}]") for at, position in enumerate(_array(ring, place))
    ]
    if len(positions) < 4:
        raise InvalidGeometryError(
            f"{place} has {len(positions)} positions; a ring has four or more"
        )
    if positions[0] != positions[-1]:
        raise InvalidGeometryError(
            f"{place} is not closed: it starts at {positions[0]} and ends at {positions[-1]}"
        )
    return positions


def _position(position: object, place: str) -> Position:
    given = _array(position, place)
    numbers = [float(each) for each in given if type(each) is float or type(each) is int]
    if len(given) not in (2, 3) or len(numbers) < len(given):
        raise InvalidGeometryError(
            f"{place} is {reprlib.repr(given)}; must be [longitude, latitude], numbers in degrees"
        )
    return numbers[0], numbers[1]


def _array(value: object, place: str) -> list[object]:
    if not isinstance(value, list) or not value:
        raise InvalidGeometryError(f"{place} must be an array, and not an empty one")
    return value
