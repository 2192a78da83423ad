"""GeoJSON (RFC 7946) and GeoJSON text sequences (RFC 8142): properties as texts, geometry as JSON.

The geometry stays the text that it is: only so can a faulty one be shown, and sent back unchanged.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import orjson
import pyarrow as pa

from geodata.ingest.geojson import UnreadableFileError
from geodata.ingest.readers.documents import Documents, Json
from geodata.ingest.readers.text import text_batches
from geodata.ingest.request import ReadOptions
from geodata.ingest.source import GEOMETRY, Encoding, Place, Source, checked_columns, spooled

CRS84 = "OGC:CRS84"


def read_features(path: Path, file: str, _: ReadOptions, folder: Path) -> Source:
    """Features of a FeatureCollection, of a Feature or of a sequence of them.

    Raises:
        UnreadableFileError: not UTF-8, not JSON, no features; names the place.
    """
    features = Documents(path, file)
    names = _property_names(features)
    columns = [*checked_columns(file, names), GEOMETRY]
    batches = text_batches(_rows(features, names), columns)
    schema = pa.schema([(name, pa.large_string()) for name in columns])
    return Source(
        path=path,
        file=file,
        format="geojsonseq" if features.is_sequence else "geojson",
        table=spooled(folder / "source.arrow", schema, batches),
        place=Place(Encoding.GEOJSON, (GEOMETRY,)),
        crs=_crs(file, features.members.get("crs")),
    )


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
