"""GeoPackage (OGC 12-128r18), with a spatial index and Chinese field titles."""

import shutil
from typing import BinaryIO

import pyogrio

from geodata.formats.ogr import write_ogr
from geodata.formats.rows import Rows


def encode(rows: Rows, file: BinaryIO) -> None:
    """A database of one layer; it is written at many places, so it takes a temporary file."""
    # Nobody needs the file after a crash, so nothing waits for the disk.
    pyogrio.set_gdal_config_options({"OGR_SQLITE_SYNCHRONOUS": "OFF"})
    path = rows.folder / "layer.gpkg"
    title = rows.layer.title
    options = {
        "IDENTIFIER": f"{title.zh} {title.en}",
        "DESCRIPTION": rows.layer.description.zh,
    }
    write_ogr(rows, rows.schema, rows.batches(), path, "GPKG", options)
    with path.open("rb") as written:
        shutil.copyfileobj(written, file, 1 << 20)
