"""Rows to be appended whose ids the layer has already, with other values."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pyarrow as pa
import shapely

from geodata.ingest.copy import GEOMETRY
from geodata.ingest.inspection import Checked
from geodata.ingest.present import Present
from geodata.ingest.settle import Settling
from geodata.ingest.validation import shown
from layers.layer import Layer
from layers.text import Text

Values = Mapping[str, Any]


def check_existing(layer: Layer, checked: Checked, present: Present) -> None:
    """Refuse each row that an append would have to change: the fields, theirs and the layer's."""
    settling = Settling(layer, checked, present)
    for positions, batch in checked.positions():
        there = present.rows(batch.schema.names, batch.column("id").to_pylist())
        at = [row for row, id_ in enumerate(batch.column("id").to_pylist()) if id_ in there]
        rows = settling.settled(batch.take(pa.array(at, pa.int64()))).to_pylist() if at else []
        for position, row in zip(positions[at].tolist(), rows, strict=True):
            _compare(checked, position, row, there[row["id"]])


def _compare(checked: Checked, position: int, row: Values, kept: Sequence[Any]) -> None:
    for (name, given), old in zip(row.items(), kept, strict=True):
        if given != old:
            field = "geometry" if name == GEOMETRY else checked.columns.fields.get(name, name)
            message = Text(f"图层中为 {_told(old)}", f"the layer has {_told(old)}")
            checked.ledger.add(position, field, _told(given), "exists", message)


def _told(value: Any) -> str:
    if isinstance(value, bytes):
        return shown(shapely.to_wkt(shapely.from_wkb(value), rounding_precision=8))
    return shown(str(value) if isinstance(value, date) else value)
