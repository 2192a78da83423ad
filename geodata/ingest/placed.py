"""Rows of a file that have a place, as columns: what a million of them takes stays small."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray

from geodata.geocoding.datum import Points
from geodata.ingest.copy import GEOMETRY
from geodata.ingest.ledger import Ledger
from geodata.ingest.source import BATCH_ROWS
from layers.layer import Layer
from layers.text import Text

Shapes = NDArray[np.object_]
Rows = NDArray[np.intp]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Placed:
    """Rows that have a place; an index counts them, not the rows of the file.

    Args:
        layer: their layer.
        rows: typed rows of the whole file, with `geom`.
        ledger: takes findings.
    """

    layer: Layer
    rows: pa.Table
    ledger: Ledger

    @cached_property
    def at(self) -> Rows:
        """Positions in the file."""
        return np.flatnonzero(np.asarray(self.rows.column(GEOMETRY).is_valid()))

    @cached_property
    def points(self) -> Points:
        """A point on each, degrees, (n, 2)."""
        batches = self.rows.select([GEOMETRY]).to_batches(BATCH_ROWS)
        found = [_points(batch.column(0).drop_null()) for batch in batches]
        return np.concatenate([np.empty((0, 2)), *found])

    @cached_property
    def shapes(self) -> Shapes:
        """All shapes: for areas, which are held to each other."""
        return _shapes(self.rows.column(GEOMETRY).drop_null())

    def column(self, name: str) -> pa.ChunkedArray:
        """A column of these rows; all null where the file lacks it."""
        if name not in self.rows.column_names:
            return pa.chunked_array([pa.nulls(len(self.at), pa.string())])
        column = self.rows.column(name)
        return column if len(self.at) == len(column) else column.take(pa.array(self.at))

    def in_file(self, index: int) -> int:
        """Number of a row as the user counts."""
        return self.ledger.first_row + int(self.at[index])

    def add(self, index: int, rule: str, value: str, message: Text) -> None:
        """A finding on the place of a row."""
        self.ledger.add(int(self.at[index]), "geometry", value, rule, message)

    def add_at_point(self, index: int, rule: str, message: Text) -> None:
        """A finding that shows where the row is."""
        lon, lat = self.points[index]
        self.add(index, rule, f"{lon:.6f}, {lat:.6f}", message)


def where(flags: pa.ChunkedArray | Flags) -> list[int]:
    """Indexes at which a condition holds; null is no."""
    if isinstance(flags, pa.ChunkedArray):
        flags = np.asarray(pc.fill_null(flags, False))
    found: list[int] = np.flatnonzero(flags).tolist()
    return found


def is_one_of(column: pa.ChunkedArray, values: Sequence[str]) -> pa.ChunkedArray:
    """Whether each value is among some."""
    return pc.is_in(column, value_set=pa.array(list(values), column.type))


def _points(wkbs: pa.Array | pa.ChunkedArray) -> Points:
    shapes = _shapes(wkbs)
    if len(shapes) and shapely.get_type_id(shapes).max() > shapely.GeometryType.POINT:
        shapes = shapely.point_on_surface(shapes)
    points: Points = shapely.get_coordinates(shapes)
    return points


def _shapes(wkbs: pa.Array | pa.ChunkedArray) -> Shapes:
    shapes: Shapes = shapely.from_wkb(np.array(wkbs.to_pylist(), dtype=object))
    return shapes
