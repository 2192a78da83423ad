"""GeoJSON (RFC 7946) and GeoJSON text sequences (RFC 8142): properties as texts, geometry as JSON.

The geometry stays the text that it is: only so can a faulty one be shown, and sent back unchanged.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa

from geodata.ingest.geojson import UnreadableFileError
from geodata.ingest.readers.text import text_batches
from geodata.ingest.source import (
    GEOMETRY,
    Encoding,
    Place,
    ReadOptions,
    Source,
    checked_columns,
    spooled,
)

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
RECORD_SEPARATOR = b"\x1e"
CRS84 = "OGC:CRS84"
MOST_BYTES = 1 << 30
"""A GeoJSON file is parsed whole and takes some eight times its size in memory."""

Json = dict[str, Any]


def read_features(path: Path, file: str, _: ReadOptions, folder: Path) -> Source:
    """Features of a FeatureCollection, of a Feature or of a sequence of them.

    Raises:
        UnreadableFileError: too large, not UTF-8, not JSON, no features; names the place.
    """
    if path.stat().st_size > MOST_BYTES:
        raise UnreadableFileError(
            f"{file}: more than {MOST_BYTES >> 20} MB of GeoJSON;"
            " use GeoPackage, FlatGeobuf or GeoParquet"
        )
    data = path.read_bytes().removeprefix(BYTE_ORDER_MARK)
    if is_sequence(data):
        format, crs, features = "geojsonseq", CRS84, _sequence(file, data)
    else:
        format, (crs, features) = "geojson", _collection(file, data)
    names = _property_names(features)
    columns = [*checked_columns(file, names), GEOMETRY]
    batches = text_batches(_rows(features, names), columns)
    schema = pa.schema([(name, pa.large_string()) for name in columns])
    return Source(
        path=path,
        file=file,
        format=format,
        table=spooled(folder / "source.arrow", schema, batches),
        place=Place(Encoding.GEOJSON, (GEOMETRY,)),
        crs=crs,
    )


def feature_documents(path: Path) -> tuple[Json | None, list[Json]]:
    """The features of a file that was read before, and the collection they are in, if any."""
    data = path.read_bytes().removeprefix(BYTE_ORDER_MARK)
    if is_sequence(data):
        return None, _sequence(path.name, data)
    document = _document(path.name, data)
    return document, document["features"]


def is_sequence(data: bytes) -> bool:
    """Whether records follow each other: behind a separator, or one on each line."""
    if data.startswith(RECORD_SEPARATOR):
        return True
    line, end, rest = data.lstrip().partition(b"\n")
    return bool(end and rest.strip()) and line.rstrip().endswith(b"}") and b'"Feature"' in line


def _sequence(file: str, data: bytes) -> list[Json]:
    separator = RECORD_SEPARATOR if data.startswith(RECORD_SEPARATOR) else b"\n"
    records = [record for record in data.split(separator) if record.strip()]
    return [
        _feature(file, number, _parsed(f"{file}, record {number}", record))
        for number, record in enumerate(records, start=1)
    ]


def _document(file: str, data: bytes) -> Json:
    """The collection; a lone feature is a collection of one."""
    document = _parsed(file, data)
    if isinstance(document, dict) and document.get("type") == "Feature":
        document = {"type": "FeatureCollection", "features": [document]}
    if not isinstance(document, dict) or document.get("type") != "FeatureCollection":
        raise UnreadableFileError(f"{file}: must be a GeoJSON FeatureCollection")
    if not isinstance(document.get("features"), list):
        raise UnreadableFileError(f"{file}: 'features' must be a list")
    return document


def _collection(file: str, data: bytes) -> tuple[str, list[Json]]:
    document = _document(file, data)
    features = document["features"]
    checked = [_feature(file, number, each) for number, each in enumerate(features, start=1)]
    return _crs(file, document.get("crs")), checked


def _parsed(place: str, text: bytes) -> object:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise UnreadableFileError(
            f"{place}, line {error.lineno}, column {error.colno}: {error.msg}"
        ) from error


def _feature(file: str, number: int, feature: object) -> Json:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise UnreadableFileError(f"{file}, feature {number}: must be a GeoJSON Feature")
    for name in ("properties", "geometry"):
        if not isinstance(feature.get(name), dict | None):
            raise UnreadableFileError(f"{file}, feature {number}: {name} must be an object or null")
    return feature


def _crs(file: str, crs: object) -> str:
    """The member that RFC 7946 removed still occurs, and then it counts."""
    if crs is None:
        return CRS84
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if not isinstance(name, str):
        raise UnreadableFileError(f"{file}: its member 'crs' has no name")
    return name


def _property_names(features: Iterable[Json]) -> list[str]:
    names: dict[str, None] = {}
    for feature in features:
        if feature.get("id") is not None:
            names.setdefault("id")
        for name in feature.get("properties") or ():
            names.setdefault(name)
    return list(names)


def _rows(features: Iterable[Json], names: list[str]) -> Iterator[list[str | None]]:
    for feature in features:
        properties: Mapping[str, object] = feature.get("properties") or {}
        row = [_text(properties.get(name)) for name in names]
        if (own := feature.get("id")) is not None:
            row[names.index("id")] = _text(own)
        geometry = feature.get("geometry")
        yield [*row, None if geometry is None else orjson.dumps(geometry).decode()]


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return orjson.dumps(value).decode()
