"""Source: what a file holds, before any of it is believed.

Rows lie in an Arrow file on disk and are read from there as they are needed, so that a large
file takes no memory.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import pyarrow as pa

from geodata.ingest.geojson import UnreadableFileError

BATCH_ROWS = 20_000

GEOMETRY = "\N{REPLACEMENT CHARACTER}geometry"
"""Column of geometries that stand apart from a format's fields; no field bears such a name."""

REASON_COLUMNS = ("refused_zh", "refused_en")
"""Columns that a file of refused rows has more; a mended one is sent again with them."""

MOST_COLUMNS = 500

MOST_ROWS = 20_000_000
MOST_BYTES = 8 << 30
"""Of what a file holds, however small it is: a column of one value takes no room in some."""


class Encoding(StrEnum):
    """How a row says where it is."""

    NONE = "none"
    WKB = "wkb"
    WKT = "wkt"
    GEOJSON = "geojson"
    XY = "xy"
    ADDRESS = "address"


@dataclass(frozen=True)
class Place:
    """Columns that say where a row is: one, or x (east, longitude) and y."""

    encoding: Encoding
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Source:
    """A file that was read.

    Args:
        path: where it lies.
        file: its name as the user knows it.
        format: name of its reader.
        table: its rows, columns as the file names them.
        place: how its rows say where they are, if the format itself tells.
        crs: reference system as the file names it; None where it names none.
        first_row: number of the first row, as the user would count.
        facts: what was found out: `encoding`, `delimiter`, `header_row`, `sheet`, `layer_name`,
            and, for reports, all choices (`sheets`, `layer_names`).
        left_out: (id, column) of values that the file itself says it could not hold.
        faults: row -> (rule, detail) of rows that could be read only in part.
    """

    path: Path
    file: str
    format: str
    table: pa.Table
    place: Place = Place(Encoding.NONE)
    crs: str | None = None
    first_row: int = 1
    facts: Mapping[str, str] = field(default_factory=dict)
    left_out: frozenset[tuple[str, str]] = frozenset()
    faults: Mapping[int, tuple[str, str]] = field(default_factory=dict)

    @property
    def columns(self) -> list[str]:
        """Columns that are fields: neither the format's own geometry nor former reasons."""
        hidden = (GEOMETRY, *REASON_COLUMNS)
        return [name for name in self.table.column_names if name not in hidden]


def spooled(path: Path, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> pa.Table:
    """Write batches to an Arrow file and give it back as a table that lies on disk.

    Raises:
        UnreadableFileError: more than anybody imports at a time.
    """
    rows = size = 0
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, schema) as writer:
        for batch in batches:
            rows, size = rows + batch.num_rows, size + batch.nbytes
            if rows > MOST_ROWS or size > MOST_BYTES:
                raise UnreadableFileError(
                    f"more than {MOST_ROWS:,} rows or {MOST_BYTES >> 30} GB in one file; split it"
                )
            writer.write_batch(batch)
    return pa.ipc.open_file(pa.memory_map(str(path))).read_all()


def checked_columns(file: str, names: Iterable[str]) -> list[str]:
    """Column names, each once: of equal ones, later ones get a number.

    Raises:
        UnreadableFileError: too many.
    """
    taken: dict[str, None] = {}
    for name in names:
        number, unique = 2, name
        while unique in taken:
            number, unique = number + 1, f"{name} ({number})"
        taken[unique] = None
    if len(taken) > MOST_COLUMNS:
        raise UnreadableFileError(f"{file}: {len(taken)} columns; at most {MOST_COLUMNS} are read")
    return list(taken)
