"""GeoParquet 1.x: WKB columns, the reference system as PROJJSON (none: CRS84)."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pyproj import CRS
from pyproj.exceptions import CRSError

from geodata.ingest.geojson import UnreadableFileError
from geodata.ingest.request import ReadOptions
from geodata.ingest.source import (
    BATCH_ROWS,
    GEOMETRY,
    Encoding,
    Place,
    Source,
    checked_columns,
    spooled,
)


def read_parquet(path: Path, file: str, _: ReadOptions, folder: Path) -> Source:
    """Rows of a GeoParquet file, or of a Parquet file with texts or coordinates as places.

    Raises:
        UnreadableFileError: damaged, or its geometry is not WKB.
    """
    try:
        with pq.ParquetFile(path) as parquet:
            geo = _geo(parquet.metadata.metadata or {})
            primary = str(geo.get("primary_column")) if geo else None
            column = _column(file, geo, primary)
            schema = _schema(file, parquet.schema_arrow, primary)
            table = spooled(folder / "source.arrow", schema, _batches(parquet, schema))
    except (pa.ArrowException, OSError, ValueError) as error:
        raise UnreadableFileError(f"{file}: cannot be read as Parquet: {error}") from error
    return Source(
        path=path,
        file=file,
        format="parquet",
        table=table,
        place=Place(Encoding.WKB, (GEOMETRY,)) if primary else Place(Encoding.NONE),
        crs=_crs(file, column) if primary else None,
    )


def _geo(metadata: Mapping[bytes, bytes]) -> dict[str, Any]:
    found = json.loads(metadata.get(b"geo", b"{}"))
    return found if isinstance(found, dict) else {}


def _column(file: str, geo: Mapping[str, Any], primary: str | None) -> Mapping[str, Any]:
    if primary is None:
        return {}
    column = geo.get("columns", {}).get(primary)
    if not isinstance(column, dict) or column.get("encoding") != "WKB":
        raise UnreadableFileError(f"{file}: geometry {primary!r} must be encoded as WKB")
    return column


def _crs(file: str, column: Mapping[str, Any]) -> str | None:
    """An absent `crs` means CRS84, a null one that nobody knows (GeoParquet 1.1, crs)."""
    given = column.get("crs", "OGC:CRS84")
    if given is None:
        return None
    try:
        crs = CRS.from_user_input(given)
    except CRSError as error:
        raise UnreadableFileError(f"{file}: crs cannot be read: {error}") from error
    return crs.to_string() if crs.to_authority() else crs.to_wkt()


def _schema(file: str, schema: pa.Schema, primary: str | None) -> pa.Schema:
    names = checked_columns(file, (GEOMETRY if each == primary else each for each in schema.names))
    return pa.schema([pa.field(name, each.type) for name, each in zip(names, schema, strict=True)])


def _batches(parquet: pq.ParquetFile, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    for batch in parquet.iter_batches(BATCH_ROWS):
        yield pa.record_batch(batch.columns, schema=schema)
