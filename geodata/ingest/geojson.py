"""GeoJSON files (RFC 7946) as raw features, nothing yet believed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from geodata.errors import GeodataError


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
    """A file that is not what its name says."""


def read_geojson(path: Path) -> list[RawFeature]:
    """Features of a FeatureCollection.

    Raises:
        UnreadableFileError: not UTF-8, not JSON, or no FeatureCollection; names the place.
    """
    document = _parse(path)
    if not isinstance(document, dict) or document.get("type") != "FeatureCollection":
        raise UnreadableFileError(f"{path.name}: must be a GeoJSON FeatureCollection")
    features = document.get("features")
    if not isinstance(features, list):
        raise UnreadableFileError(f"{path.name}: 'features' must be a list")
    return [_raw(path.name, row, feature) for row, feature in enumerate(features, start=1)]


def _parse(path: Path) -> object:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise UnreadableFileError(f"{path.name}: not UTF-8 at byte {error.start}") from error
    except json.JSONDecodeError as error:
        raise UnreadableFileError(
            f"{path.name}, line {error.lineno}, column {error.colno}: {error.msg}"
        ) from error


def _raw(file: str, row: int, feature: object) -> RawFeature:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise UnreadableFileError(f"{file}, feature {row}: must be a GeoJSON Feature")
    properties = feature.get("properties") or {}
    geometry = feature.get("geometry")
    if not isinstance(properties, dict) or not isinstance(geometry, dict | None):
        raise UnreadableFileError(f"{file}, feature {row}: properties or geometry are no objects")
    return RawFeature(file, row, feature.get("id"), properties, geometry)
