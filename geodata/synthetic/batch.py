"""A batch of synthetic rows as columns, and what both layers share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import shapely
from numpy.random import Generator
from numpy.typing import NDArray

from geodata.ingest.copy import GEOMETRY, row_schema
from layers.layer import Layer

Objects = NDArray[np.object_]
Indices = NDArray[np.intp]
Flags = NDArray[np.bool_]

FIRST_DAY = date(1996, 1, 1)
LAST_DAY = date(2015, 12, 31)
"""Between these lie the days on which synthetic features begin."""

ENDED = 0.06
"""Part of the features that are no longer valid."""


@dataclass(frozen=True)
class Batch:
    """Rows as columns: texts, numbers or None by attribute name; `geom` holds shapely shapes."""

    columns: Mapping[str, Objects]

    def __len__(self) -> int:
        return len(self.columns["id"])

    def rows(self, layer: Layer) -> pa.RecordBatch:
        """As an import takes them."""
        schema = row_schema(layer)
        fields = [each for each in schema if each.name in self.columns]
        arrays = [_arrow(self.columns[each.name], each) for each in fields]
        return pa.RecordBatch.from_arrays(arrays, schema=pa.schema(fields))

    def head(self, count: int) -> "Batch":
        """The first rows."""
        return Batch({name: column[:count] for name, column in self.columns.items()})


def _arrow(column: Objects, field: pa.Field) -> pa.Array:
    if field.name == GEOMETRY:
        column = np.asarray(shapely.to_wkb(column), dtype=object)
    if pa.types.is_date(field.type):
        return pa.array(column, pa.string()).cast(field.type)
    return pa.array(column, field.type)


def source(seed: int) -> str:
    """What `source` says of every synthetic row."""
    return f"合成数据 synthetic (seed {seed})"


def constant(size: int, value: str | float | None) -> Objects:
    """A column of one value."""
    return np.full(size, value, dtype=object)


def pick(random: Generator, size: int, weights: Sequence[float] | NDArray[np.float64]) -> Indices:
    """Positions drawn in proportion to their weights."""
    steps = np.cumsum(weights)
    drawn: Indices = np.searchsorted(steps, random.random(size) * steps[-1], side="right")
    return np.minimum(drawn, len(steps) - 1)


def pick_any(random: Generator, size: int, values: Sequence[str]) -> Objects:
    """Values drawn with equal chance."""
    drawn: Objects = np.array(values, dtype=object)[random.integers(len(values), size=size)]
    return drawn


def but_for(column: Objects, absent: Flags) -> Objects:
    """The column with None where the value is absent."""
    result = column.copy()
    result[absent] = None
    return result


def life_spans(random: Generator, size: int) -> dict[str, Objects]:
    """Dates: when a feature began, ended (most have not) and was last looked at."""
    first, last = np.datetime64(FIRST_DAY), np.datetime64(LAST_DAY)
    days = (last - first).astype(int)
    # Ever more begin each year, as firms and land grants did.
    began = first + (np.sqrt(random.random(size)) * days).astype(int)
    ended = np.minimum(began + random.integers(200, 4000, size), last)
    seen = np.maximum(last - random.integers(0, 700, size), began)
    return {
        "valid_from": _texts(began),
        "valid_to": but_for(_texts(ended), random.random(size) >= ENDED),
        "as_of": _texts(seen),
    }


def _texts(days: NDArray[np.datetime64]) -> Objects:
    return days.astype("datetime64[D]").astype(str).astype(object)


def serials(prefix: str, first: int, size: int) -> Objects:
    """Ids that sort in the order of their numbers."""
    numbers = range(first, first + size)
    return np.array([f"{prefix}{number:09d}" for number in numbers], dtype=object)
