"""GeoParquet 1.1, streamed row group by row group."""

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from pyproj import CRS

from geodata.formats.rows import GEOMETRY, Rows

VERSION = "1.1.0"
GROUP_ROWS = 40_000
GROUP_BYTES = 16 << 20


def encode(rows: Rows, file: BinaryIO) -> None:
    """One column an attribute, the geometry as WKB, longitude first; its box is in the footer."""
    box = Box()
    schema = rows.schema
    with pq.ParquetWriter(pa.PythonFile(file, "w"), schema, compression="zstd") as writer:
        for group in _groups(rows.batches()):
            box.extend(group.column(GEOMETRY))
            writer.write_table(group)
        writer.add_key_value_metadata({"geo": json.dumps(_metadata(rows, box))})


def _groups(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Batches gathered to row groups of a size that readers like."""
    gathered: list[pa.RecordBatch] = []
    for batch in batches:
        gathered.append(batch)
        rows = sum(each.num_rows for each in gathered)
        if rows >= GROUP_ROWS or sum(each.nbytes for each in gathered) >= GROUP_BYTES:
            yield pa.Table.from_batches(gathered)
            gathered = []
    if gathered:
        yield pa.Table.from_batches(gathered)


def _metadata(rows: Rows, box: "Box") -> dict[str, Any]:
    """The `geo` key of the footer (GeoParquet 1.1, file metadata)."""
    column = {
        "encoding": "WKB",
        "geometry_types": [rows.layer.geometry.value],
        "crs": CRS.from_epsg(rows.job.srid).to_json_dict(),
        **box.member(),
    }
    return {"version": VERSION, "primary_column": GEOMETRY, "columns": {GEOMETRY: column}}


class Box:
    """The bounding box of all geometries seen."""

    def __init__(self) -> None:
        self._corners = np.array([np.inf, np.inf, -np.inf, -np.inf])

    def extend(self, geometries: pa.ChunkedArray) -> None:
        """See more geometries."""
        shapes = shapely.from_wkb(geometries.to_numpy())
        west, south, east, north = shapely.total_bounds(shapes)
        low = np.fmin(self._corners[:2], (west, south))
        high = np.fmax(self._corners[2:], (east, north))
        self._corners = np.concatenate((low, high))

    def member(self) -> dict[str, list[float]]:
        """The `bbox` member; none where no geometry was seen."""
        return {"bbox": self._corners.tolist()} if np.isfinite(self._corners).all() else {}
