"""Rows of a file in the layer's types: what can be told of each row by itself."""

from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray

from geodata.geocoding.candidate import Geocoder
from geodata.ingest.copy import GEOMETRY
from geodata.ingest.inspection import REQUIRED, Inspection
from geodata.ingest.located import located
from geodata.ingest.shapes import Fault, Read, ShapeOptions, read_shapes
from geodata.ingest.source import BATCH_ROWS, Encoding
from geodata.ingest.validation import shown
from geodata.ingest.values import Judged, judge_column, judge_ids
from layers.attribute import Attribute
from layers.text import Text

Progress = Callable[[int], None]
"""Told how many rows more are done."""

FAULTS = {
    "formula": Text("单元格是公式", "the cell holds a formula"),
    "type": Text("单元格是错误值", "the cell holds an error"),
    "row-width": Text("单元格多于表头", "has more cells than the header"),
}
"""Of rows that could be read only in part."""


def typed_batches(
    file: Inspection, geocoder: Geocoder | None, progress: Progress
) -> Iterator[pa.RecordBatch]:
    """Typed rows, batch by batch, of the schema of the inspection; findings go to its ledger.

    Args:
        geocoder: for rows placed by address.
    """
    _tell_of_file(file)
    typing, start = _Typing(file, geocoder), 0
    for batch in file.source.table.to_batches(BATCH_ROWS):
        file.blank[start : start + batch.num_rows] = _blank(batch)
        yield typing.typed(batch, start)
        start += batch.num_rows
        progress(batch.num_rows)


def _tell_of_file(file: Inspection) -> None:
    for column in file.columns.ignored:
        message = Text("未导入", "is not imported")
        file.ledger.add(None, column, "", "column-ignored", message)
    for row, (rule, detail) in file.source.faults.items():
        message = FAULTS.get(rule, Text("无法读取", "cannot be read"))
        column, _, value = detail.rpartition(": ")
        file.ledger.add(row - file.source.first_row, column, shown(value), rule, message)


class _Typing:
    """Types one batch after the other; `start` is the position of a batch in the file."""

    def __init__(self, file: Inspection, geocoder: Geocoder | None) -> None:
        self._file = file
        self._geocoder = geocoder
        self._areas = file.present.areas()

    def typed(self, batch: pa.RecordBatch, start: int) -> pa.RecordBatch:
        file = self._file
        judged = {each.name: self._judge(each, batch, start) for each in file.attributes}
        values = {name: column.values for name, column in judged.items()}
        self._check_periods(judged, start)
        ids = self._ids(batch, judged, start)
        if file.is_placed:
            read = self._read(batch)
            values[GEOMETRY] = self._geometry(read, start)
            values |= {name: _filled(values[name], notes) for name, notes in read.notes.items()}
        columns = [ids, *(values[name] for name in file.schema.names[1:])]
        return pa.record_batch(columns, schema=file.schema)

    def _judge(self, attribute: Attribute, batch: pa.RecordBatch, start: int) -> Judged:
        name = attribute.name
        judged = judge_column(attribute, self._column(batch, name), self._areas)
        self._tell(judged, name, start)
        if attribute.required:
            self._tell_missing(judged, name, start)
        return judged

    def _column(self, batch: pa.RecordBatch, name: str) -> pa.Array:
        """A field's column, with the constant where a row has nothing."""
        constant = self._file.options.constants.get(name)
        if (column := self._file.columns.fields.get(name)) is None:
            return pa.array([constant] * batch.num_rows, pa.large_string())
        array = batch.column(column)
        if constant is None:
            return array
        return pc.fill_null(array.cast(pa.large_string()), constant)

    def _tell(self, judged: Judged, name: str, start: int) -> None:
        for row, complaint in judged.rows():
            self._file.add(start + row, name, complaint.value, complaint.rule, complaint.message)

    def _tell_missing(self, judged: Judged, name: str, start: int) -> None:
        for row in np.flatnonzero(judged.codes < 0).tolist():
            self._file.add(start + row, name, "", "required", REQUIRED)

    def _check_periods(self, judged: Mapping[str, Judged], start: int) -> None:
        if not {"valid_from", "valid_to"} <= judged.keys():
            return
        since, until = (judged[name].values for name in ("valid_from", "valid_to"))
        wrong = pc.fill_null(pc.greater(since, until), False)
        for row in np.flatnonzero(np.asarray(wrong)).tolist():
            first, last = since[row].as_py(), until[row].as_py()
            message = Text("不得早于生效日期", f"must not be before {first}")
            self._file.add(start + row, "valid_to", str(last), "valid-period", message)

    def _ids(self, batch: pa.RecordBatch, judged: Mapping[str, Judged], start: int) -> pa.Array:
        """As given; else those of features with the same unique value; else made from it."""
        if (column := self._file.columns.fields.get("id")) is None:
            return pa.array(self._made_ids(judged, batch.num_rows), pa.string())
        given = judge_ids(batch.column(column))
        self._tell(given, "id", start)
        self._tell_missing(given, "id", start)
        return given.values

    def _made_ids(self, judged: Mapping[str, Judged], size: int) -> list[str | None]:
        ids: list[str | None] = [None] * size
        for attribute in self._file.attributes:
            if attribute.unique:
                values = judged[attribute.name].values.to_pylist()
                wanted = [each for each in values if each]
                there = self._file.present.owners(attribute.name, wanted)
                found = (there.get(value, value) if value else None for value in values)
                ids = [old or new for old, new in zip(ids, found, strict=True)]
        names = judged["name_zh"].values.to_pylist() if "name_zh" in judged else [None] * size
        return [old or _id_of(name) for old, name in zip(ids, names, strict=True)]

    def _geometry(self, read: Read, start: int) -> pa.Array:
        file = self._file
        label = ", ".join(file.columns.place.columns)
        if file.columns.place == file.source.place:
            label = "geometry"
        for row, fault in read.faults.items():
            self._add_fault(start + row, label, fault)
        if file.layer.geometry_required:
            missing = np.flatnonzero(shapely.is_missing(read.shapes))
            for row in set(missing.tolist()) - read.faults.keys():
                file.add(start + row, "geometry", "", "required", REQUIRED)
        return pa.array(shapely.to_wkb(read.shapes), pa.binary())

    def _read(self, batch: pa.RecordBatch) -> Read:
        place, options = self._file.columns.place, self._file.options
        if place.encoding is Encoding.ADDRESS:
            assert self._geocoder is not None
            return located(batch.column(place.columns[0]).to_pylist(), self._geocoder)
        assert options.crs is not None
        shaped = ShapeOptions(options.crs, options.swap, options.close_rings)
        return read_shapes(batch, place, self._file.layer.geometry, shaped)

    def _add_fault(self, row: int, label: str, fault: Fault) -> None:
        if not self._file.blank[row]:
            self._file.ledger.add(row, label, fault.value, fault.rule, fault.message)


def _blank(batch: pa.RecordBatch) -> NDArray[np.bool_]:
    """Rows in which every column is null."""
    nothing = np.ones(batch.num_rows, dtype=bool)
    for column in batch.columns:
        nothing &= np.asarray(pc.is_null(column))
    return nothing


def _filled(values: pa.Array, notes: Mapping[int, object]) -> pa.Array:
    """Values, with notes where there are none."""
    noted = pa.array([notes.get(row) for row in range(len(values))], values.type)
    return pc.coalesce(values, noted)


def _id_of(name: str | None) -> str | None:
    """An id that stays the same as long as the name does."""
    return None if name is None else f"n-{sha256(name.encode()).hexdigest()[:16]}"
