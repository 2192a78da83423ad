"""Writing through GDAL, from a stream of Arrow batches."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pyarrow as pa
from pyogrio.raw import write_arrow

from geodata.formats.rows import GEOMETRY, Rows


def write_ogr(
    rows: Rows,
    schema: pa.Schema,
    batches: Iterator[pa.RecordBatch],
    path: Path | str,
    driver: str,
    options: Mapping[str, str],
) -> None:
    """Write with a GDAL driver; coordinates are longitude first, as GDAL has them."""
    write_arrow(
        pa.RecordBatchReader.from_batches(schema, batches),
        path,
        layer=rows.layer.id,
        driver=driver,
        geometry_name=GEOMETRY,
        geometry_type=rows.layer.geometry.value,
        crs=f"EPSG:{rows.job.srid}",
        layer_options=dict(options),
    )
