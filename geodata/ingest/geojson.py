"""GeoJSON files (RFC 7946) as raw features, nothing yet believed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from geodata.errors import GeodataError

DEGREES = (
    "urn:ogc:def:crs:OGC:1.3:CRS84",
    "urn:ogc:def:crs:OGC::CRS84",
    "urn:ogc:def:crs:EPSG::4326",
    "EPSG:4326",
    "urn:ogc:def:crs:EPSG::4490",
    "EPSG:4490",
)
"""Reference systems whose GeoJSON coordinates are stored as they are, longitude first."""


@dataclass(frozen=True)
class RawFeature:
    """A feature as the file has it.

    Args:
        file: file name.
        row: 1-based position in the file.
        id: the feature's id, of whatever type.
        properties: properties as parsed.
        geometry: GeoJSON geometry object or None.
    """

    file: str
    row: int
    id: object
    properties: Mapping[str, object]
    geometry: Mapping[str, object] | None


class UnreadableFileError(GeodataError):
    """A file that is absent, or is not what its name says."""


def read_geojson(path: Path) -> list[RawFeature]:
    """Features of a FeatureCollection.

    Raises:
        UnreadableFileError: absent, not UTF-8, not JSON, no FeatureCollection, or in another
            reference system; names the place.
    """
    document = _parse(path)
    if not isinstance(document, dict) or document.get("type") != "FeatureCollection":
        raise UnreadableFileError(f"{path.name}: must be a GeoJSON FeatureCollection")
    _check_crs(path.name, document.get("crs"))
    features = document.get("features")
    if not isinstance(features, list):
        raise UnreadableFileError(f"{path.name}: 'features' must be a list")
    return [_raw(path.name, row, feature) for row, feature in enumerate(features, start=1)]


def _parse(path: Path) -> object:
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UnreadableFileError(f"{path.name}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UnreadableFileError(f"{path.name}: not UTF-8 at byte {error.start}") from error
    except json.JSONDecodeError as error:
        raise UnreadableFileError(
            f"{path.name}, line {error.lineno}, column {error.colno}: {error.msg}"
        ) from error
    except RecursionError as error:
        raise UnreadableFileError(f"{path.name}: nested too deeply") from error
    except ValueError as error:
        raise UnreadableFileError(f"{path.name}: {error}") from error


def _check_crs(file: str, crs: object) -> None:
    """The member that RFC 7946 removed still occurs: other coordinates are not taken as degrees."""
    if crs is None:
        return
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if name not in DEGREES:
        raise UnreadableFileError(f"{file}: crs {name!r}; must be {' or '.join(DEGREES)}")


def _raw(file: str, row: int, feature: object) -> RawFeature:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise UnreadableFileError(f"{file}, feature {row}: must be a GeoJSON Feature")
    properties, geometry = feature.get("properties"), feature.get("geometry")
    for name, member in (("properties", properties), ("geometry", geometry)):
        if not isinstance(member, dict | None):
            raise UnreadableFileError(f"{file}, feature {row}: {name} must be an object or null")
    return RawFeature(file, row, feature.get("id"), properties or {}, geometry)
