"""FlatGeobuf 3 without an index, and so written from start to end.

An index stands before the features: for one, all of them would have to be known first. The format
has no type for dates without a time: they become date-times at 00:00.
"""

from typing import BinaryIO

from geodata.formats.ogr import write_ogr
from geodata.formats.rows import Rows

STANDARD_OUTPUT = "/vsistdout/layer.fgb"


def encode(rows: Rows, file: BinaryIO) -> None:
    """Features in their order; those without geometry are kept."""
    file.flush()
    options = {"SPATIAL_INDEX": "NO"}
    write_ogr(rows, rows.schema, rows.batches(), STANDARD_OUTPUT, "FlatGeobuf", options)
