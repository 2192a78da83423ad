"""Settling of rows with what the layer holds, so that what is the same stays the same.

Formats turn rings, start them elsewhere and cut long cells. A shape that is only told otherwise
keeps the words of the layer, and what a file says it could not hold is taken from there.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from geodata.formats.fields import WKT
from geodata.ingest.copy import GEOMETRY
from geodata.ingest.inspection import Checked
from geodata.ingest.mapping import title_of
from geodata.ingest.present import Present
from geodata.ingest.source import Encoding
from layers.layer import Layer

TOLERANCE = 1e-8
"""Degrees; coordinates have been rounded to so much."""

ADDRESS = "address"


def settled(layer: Layer, checked: Checked, present: Present) -> Iterator[pa.RecordBatch]:
    """The rows that can be loaded, with what is theirs already."""
    settling = Settling(layer, checked, present)
    for batch in checked.batches():
        yield settling.settled(batch)


class Settling:
    """Settles rows of a file that was checked."""

    def __init__(self, layer: Layer, checked: Checked, present: Present) -> None:
        self._checked = checked
        self._present = present
        self._left_out = _left_out(layer, checked)

    def settled(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Rows of one batch, with what is theirs already."""
        ids = batch.column("id").to_pylist()
        for name, wanted in self._left_out.items():
            rows = [row for row, id_ in enumerate(ids) if id_ in wanted]
            batch = _kept(batch, ids, name, rows, self._present)
        if GEOMETRY in batch.schema.names:
            batch = _same_shapes(batch, ids, self._checked, self._present)
        return batch


def _left_out(layer: Layer, checked: Checked) -> dict[str, set[str]]:
    """Field -> ids of rows whose value did not fit into the file."""
    fields = {title_of(layer, each.name).zh: each.name for each in layer.all_attributes}
    fields[WKT.zh] = GEOMETRY
    found: dict[str, set[str]] = {}
    for id_, title in checked.source.left_out:
        if (name := fields.get(title)) is not None and name in checked.rows.column_names:
            found.setdefault(name, set()).add(id_)
    return found


def _kept(
    batch: pa.RecordBatch, ids: list[str], name: str, rows: list[int], present: Present
) -> pa.RecordBatch:
    if not rows:
        return batch
    wanted = [ids[row] for row in rows]
    there: Mapping[str, Any]
    if name == GEOMETRY:
        there = {id_: shapely.to_wkb(each) for id_, each in present.geometries(wanted).items()}
    else:
        there = present.values(name, wanted)
    at = batch.schema.get_field_index(name)
    values = batch.column(at).to_pylist()
    for row in rows:
        values[row] = there.get(ids[row], values[row])
    return batch.set_column(at, batch.schema.field(at), pa.array(values, batch.schema.types[at]))


def _same_shapes(
    batch: pa.RecordBatch, ids: list[str], checked: Checked, present: Present
) -> pa.RecordBatch:
    there = present.geometries(ids)
    rows = [row for row, id_ in enumerate(ids) if id_ in there]
    if not rows:
        return batch
    at = batch.schema.get_field_index(GEOMETRY)
    values = np.array(batch.column(at).to_pylist(), dtype=object)
    old = np.array([there[ids[row]] for row in rows], dtype=object)
    new = shapely.from_wkb(values[rows])
    same = shapely.equals_exact(shapely.normalize(new), shapely.normalize(old), TOLERANCE)
    if checked.columns.place.encoding is Encoding.ADDRESS:
        same |= _same_addresses(batch, ids, rows, present)
    for row, is_same, shape in zip(rows, same, old, strict=True):
        if is_same:
            values[row] = shapely.to_wkb(shape)
    return batch.set_column(at, batch.schema.field(at), pa.array(values.tolist(), pa.binary()))


def _same_addresses(
    batch: pa.RecordBatch, ids: list[str], rows: list[int], present: Present
) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """A feature whose address is what it was is not placed anew."""
    if ADDRESS not in batch.schema.names:
        return np.zeros(len(rows), dtype=bool)
    given = batch.column(ADDRESS).to_pylist()
    there = present.values(ADDRESS, [ids[row] for row in rows])
    return np.array([given[row] == there.get(ids[row]) for row in rows], dtype=bool)
