"""FlatGeobuf 3 without an index, and so written from start to end.

An index stands before the features: for one, all of them would have to be known first. The format
has no type for dates without a time: they become date-times at 00:00.
"""

import shutil
from itertools import chain
from typing import BinaryIO

from geodata.formats.ogr import write_ogr
from geodata.formats.rows import Rows

DRIVER = "FlatGeobuf"
STANDARD_OUTPUT = "/vsistdout/layer.fgb"


def encode(rows: Rows, file: BinaryIO) -> None:
    """Features in their order; those without geometry are kept."""
    batches = rows.batches()
    first = next(batches, None)
    if first is None:
        _write_nothing(rows, file)
        return
    options = {"SPATIAL_INDEX": "NO"}
    write_ogr(rows, rows.schema, chain([first], batches), STANDARD_OUTPUT, DRIVER, options)


def _write_nothing(rows: Rows, file: BinaryIO) -> None:
    """Standard output gets a header only before a first feature, a file gets one anyway."""
    path = rows.folder / "layer.fgb"
    write_ogr(rows, rows.schema, iter(()), path, DRIVER, {})
    with path.open("rb") as written:
        shutil.copyfileobj(written, file)
