"""Checking of a whole file: every rule of the declaration on every row, batch by batch.

What passes lies in an Arrow file on disk with the columns of the layer that the file has, ready
to be loaded. Findings name row and field as the user's file has them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray

from geodata.geocoding.candidate import Candidate, Geocoder, issues_of
from geodata.ingest.copy import ARROW_TYPES, GEOMETRY
from geodata.ingest.crs import FileCrs
from geodata.ingest.ledger import Ledger
from geodata.ingest.mapping import Columns, title_of
from geodata.ingest.modes import Mode
from geodata.ingest.present import Present
from geodata.ingest.shapes import Fault, Read, ShapeOptions, read_shapes
from geodata.ingest.source import BATCH_ROWS, Encoding, Source, spooled
from geodata.ingest.surroundings import check_surroundings
from geodata.ingest.validation import shown
from geodata.ingest.values import Judged, judge_column, judge_ids
from layers.attribute import Attribute
from layers.layer import Layer
from layers.text import Text

REQUIRED = Text("必填", "is required")

Progress = Callable[[int], None]
"""Told how many rows more are done."""


@dataclass(frozen=True, kw_only=True)
class CheckOptions:
    """How a file is to be taken.

    Args:
        mode: what becomes of rows that are there.
        crs: reference system of the file; None where no row has a place.
        constants: field -> value of all rows that have none of their own.
        swap: exchange the two coordinates.
        close_rings: add the missing last position of rings.
    """

    mode: Mode
    crs: FileCrs | None = None
    constants: Mapping[str, str] = field(default_factory=dict)
    swap: bool = False
    close_rings: bool = False


@dataclass(frozen=True)
class Checked:
    """What a check came to.

    Args:
        source: the file.
        columns: which of its columns is what.
        options: how it was taken.
        rows: typed rows on disk, all of them, columns as the layer's.
        blank: rows without any value; they count for nothing.
        ledger: findings and refused rows.
    """

    source: Source
    columns: Columns
    options: CheckOptions
    rows: pa.Table
    blank: NDArray[np.bool_]
    ledger: Ledger

    @property
    def refused(self) -> NDArray[np.bool_]:
        """Rows that cannot be loaded."""
        if self.ledger.file_refused:
            return ~self.blank
        return self.ledger.refused & ~self.blank

    @property
    def accepted(self) -> NDArray[np.bool_]:
        """Rows that can."""
        return ~self.refused & ~self.blank

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows that can be loaded, in file order."""
        start = 0
        for batch in self.rows.to_batches(BATCH_ROWS):
            wanted = self.accepted[start : start + batch.num_rows]
            start += batch.num_rows
            if wanted.any():
                yield batch.filter(pa.array(wanted))


def check_source(
    layer: Layer,
    source: Source,
    columns: Columns,
    options: CheckOptions,
    present: Present,
    folder: Path,
    geocoder: Geocoder | None = None,
    progress: Progress = lambda _: None,
) -> Checked:
    """Hold a file to the layer's declaration and to what is there.

    Args:
        folder: where the typed rows are put.
        geocoder: for rows placed by address.
        progress: told how many rows of each batch are read.
    """
    ledger = Ledger(source.file, source.first_row, source.table.num_rows)
    check = _Check(layer, source, columns, options, present, ledger, geocoder)
    schema = check.schema
    rows = spooled(folder / "rows.arrow", schema, check.batches(progress))
    check.check_whole(rows)
    return Checked(source, columns, options, rows, check.blank, ledger)


class _Check:
    """One check under way."""

    def __init__(
        self,
        layer: Layer,
        source: Source,
        columns: Columns,
        options: CheckOptions,
        present: Present,
        ledger: Ledger,
        geocoder: Geocoder | None,
    ) -> None:
        self._layer = layer
        self._source = source
        self._columns = columns
        self._options = options
        self._present = present
        self._ledger = ledger
        self._geocoder = geocoder
        self._areas = present.areas()
        self.blank: NDArray[np.bool_] = np.zeros(source.table.num_rows, dtype=bool)
        self._attributes = [each for each in layer.all_attributes if self._is_given(each)]

    def _is_given(self, attribute: Attribute) -> bool:
        """Whether the file, the operator or the geocoder has values of it."""
        name = attribute.name
        if name in self._columns.fields or name in self._options.constants:
            return True
        return name in NOTED and self._columns.place.encoding is Encoding.ADDRESS

    @property
    def _is_placed(self) -> bool:
        return self._columns.place.encoding is not Encoding.NONE

    @property
    def schema(self) -> pa.Schema:
        """`id`, the attributes that the file has, and `geom` where it has places."""
        fields = [pa.field(each.name, ARROW_TYPES[each.type]) for each in self._attributes]
        places = [pa.field(GEOMETRY, pa.binary())] if self._is_placed else []
        return pa.schema([pa.field("id", pa.string()), *fields, *places])

    def batches(self, progress: Progress) -> Iterator[pa.RecordBatch]:
        """Typed batches; findings go to the ledger."""
        self._check_file()
        start = 0
        for batch in self._source.table.to_batches(BATCH_ROWS):
            self.blank[start : start + batch.num_rows] = _blank(batch)
            yield self._typed(batch, start)
            start += batch.num_rows
            progress(batch.num_rows)

    def _check_file(self) -> None:
        for column in self._columns.ignored:
            message = Text("未导入", "is not imported")
            self._ledger.add(None, column, "", "column-ignored", message)
        for row, (rule, detail) in self._source.faults.items():
            index = row - self._source.first_row
            message = FAULTS.get(rule, Text("无法读取", "cannot be read"))
            column, _, value = detail.rpartition(": ")
            self._ledger.add(index, column, shown(value), rule, message)

    def _typed(self, batch: pa.RecordBatch, start: int) -> pa.RecordBatch:
        judged = {each.name: self._judge(each, batch, start) for each in self._attributes}
        values = {name: column.values for name, column in judged.items()}
        self._check_periods(judged, start)
        ids = self._ids(batch, judged, start)
        if self._is_placed:
            read = self._read(batch)
            values[GEOMETRY] = self._geometry(read, start)
            values |= {name: _filled(values[name], notes) for name, notes in read.notes.items()}
        columns = [ids, *(values[name] for name in self.schema.names[1:])]
        return pa.record_batch(columns, schema=self.schema)

    def _judge(self, attribute: Attribute, batch: pa.RecordBatch, start: int) -> Judged:
        name = attribute.name
        column = self._column(batch, name)
        judged = judge_column(attribute, column, self._areas)
        for row, complaint in judged.rows():
            self._add(start + row, name, complaint.value, complaint.rule, complaint.message)
        if attribute.required:
            for row in np.flatnonzero(judged.codes < 0).tolist():
                self._add(start + row, name, "", "required", REQUIRED)
        return judged

    def _column(self, batch: pa.RecordBatch, name: str) -> pa.Array:
        """A field's column, with the constant where a row has nothing."""
        constant = self._options.constants.get(name)
        if (column := self._columns.fields.get(name)) is None:
            return pa.array([constant] * batch.num_rows, pa.large_string())
        array = batch.column(column)
        if constant is None:
            return array
        return pc.fill_null(array.cast(pa.large_string()), constant)

    def _add(self, row: int, field: str, value: str, rule: str, message: Text) -> None:
        if self.blank[row]:
            return
        column = self._columns.fields.get(field, field)
        self._ledger.add(row, column, value, rule, message)

    def _check_periods(self, judged: Mapping[str, Judged], start: int) -> None:
        if not {"valid_from", "valid_to"} <= judged.keys():
            return
        since, until = (judged[name].values for name in ("valid_from", "valid_to"))
        wrong = pc.fill_null(pc.greater(since, until), False)
        for row in np.flatnonzero(np.asarray(wrong)).tolist():
            message = Text("不得早于生效日期", f"must not be before {since[row].as_py()}")
            self._add(start + row, "valid_to", str(until[row].as_py()), "valid-period", message)

    def _ids(self, batch: pa.RecordBatch, judged: Mapping[str, Judged], start: int) -> pa.Array:
        """As given; else those of features with the same unique value; else made from it."""
        if "id" in self._columns.fields:
            given = judge_ids(batch.column(self._columns.fields["id"]))
            for row, complaint in given.rows():
                self._add(start + row, "id", complaint.value, complaint.rule, complaint.message)
            for row in np.flatnonzero(given.codes < 0).tolist():
                self._add(start + row, "id", "", "required", REQUIRED)
            return given.values
        return pa.array(self._made_ids(judged, batch.num_rows), pa.string())

    def _made_ids(self, judged: Mapping[str, Judged], size: int) -> list[str | None]:
        ids: list[str | None] = [None] * size
        for attribute in self._attributes:
            if attribute.unique:
                values = judged[attribute.name].values.to_pylist()
                there = self._present.owners(attribute.name, [each for each in values if each])
                found = (there.get(value, value) if value else None for value in values)
                ids = [old or new for old, new in zip(ids, found, strict=True)]
        names = judged["name_zh"].values.to_pylist() if "name_zh" in judged else [None] * size
        return [old or _id_of(name) for old, name in zip(ids, names, strict=True)]

    def _geometry(self, read: Read, start: int) -> pa.Array:
        label = ", ".join(self._columns.place.columns)
        if self._columns.place == self._source.place:
            label = "geometry"
        for row, fault in read.faults.items():
            self._add_fault(start + row, label, fault)
        if self._layer.geometry_required:
            missing = np.flatnonzero(shapely.is_missing(read.shapes))
            for row in set(missing.tolist()) - read.faults.keys():
                self._add(start + row, "geometry", "", "required", REQUIRED)
        return pa.array(shapely.to_wkb(read.shapes), pa.binary())

    def _read(self, batch: pa.RecordBatch) -> Read:
        place, options = self._columns.place, self._options
        if place.encoding is Encoding.ADDRESS:
            return self._located(batch.column(place.columns[0]).to_pylist())
        assert options.crs is not None
        shaped = ShapeOptions(options.crs, options.swap, options.close_rings)
        return read_shapes(batch, place, self._layer.geometry, shaped)

    def _add_fault(self, row: int, label: str, fault: Fault) -> None:
        if not self.blank[row]:
            self._ledger.add(row, label, fault.value, fault.rule, fault.message)

    def _located(self, addresses: Sequence[Any]) -> Read:
        """Places of addresses by the geocoder; a town or district is no place of an address."""
        assert self._geocoder is not None
        wanted = [str(each) for each in dict.fromkeys(addresses) if each is not None]
        found = dict(zip(wanted, self._geocoder.geocode(wanted), strict=True))
        nowhere = np.full(len(addresses), None, dtype=object)
        read = Read(nowhere, notes={name: {} for name in NOTED})
        for row, address in enumerate(addresses):
            if address is not None:
                self._locate(read, row, str(address), found[str(address)])
        return read

    def _locate(self, read: Read, row: int, address: str, candidates: list[Candidate]) -> None:
        usable = [each for each in candidates if not each.level.is_coarse]
        if not usable:
            message = Text("未找到道路、门牌或地点", "no road, number or place of it is known")
            read.drop(row, Fault("address-unknown", shown(address), message))
            return
        best = usable[0]
        read.shapes[row] = shapely.Point(round(best.lon, 8), round(best.lat, 8))
        read.notes["accuracy_m"][row] = best.accuracy_m
        read.notes["location_source"][row] = f"{best.provider}: {best.name} ({best.level})"
        if issues := issues_of(candidates):
            why = ", ".join(issues)
            message = Text(
                f"定位到 {best.name}（{best.level}，±{best.accuracy_m:.0f} 米）；{why}",
                f"placed at {best.name} ({best.level}, ±{best.accuracy_m:.0f} m); {why}",
            )
            read.faults[row] = Fault("address-unsure", shown(address), message)

    def check_whole(self, rows: pa.Table) -> None:
        """What only the whole file shows: repetitions, neighbours, and what is there already."""
        live = np.flatnonzero(~self.blank)
        ids = rows.column("id").to_pylist()
        self._check_repeated(self._id_label, ids, live)
        there = self._present.values("id", [each for each in ids if each is not None])
        self._check_absent(ids, there, live)
        for attribute in self._attributes:
            if attribute.unique:
                values = rows.column(attribute.name).to_pylist()
                self._check_repeated(attribute.name, values, live)
                self._check_taken(attribute, values, ids, live)
        if self._is_placed:
            named = self._options.crs is not None and self._options.crs.named
            check_surroundings(
                self._layer, rows, live, self._present, self._ledger, crs_named=named
            )

    @property
    def _id_label(self) -> str:
        """What a repeated id is told of: names, where ids are made from them."""
        return "id" if "id" in self._columns.fields else "name_zh"

    def _check_repeated(self, name: str, values: Sequence[Any], live: NDArray[np.intp]) -> None:
        first: dict[Any, int] = {}
        for row in live.tolist():
            value = values[row]
            if value is not None and (earlier := first.setdefault(value, row)) != row:
                number = self._source.first_row + earlier
                message = Text(f"与第 {number} 行相同", f"is that of row {number} too")
                self._add(row, name, shown(value), "unique", message)

    def _check_absent(
        self, ids: Sequence[Any], there: Mapping[str, Any], live: NDArray[np.intp]
    ) -> None:
        """Required fields that the file lacks: new rows need them, known ones keep theirs."""
        lacking = [
            each.name
            for each in self._layer.all_attributes
            if each.required and not self._is_given(each)
        ]
        if self._layer.geometry_required and not self._is_placed:
            lacking.append("geometry")
        if not lacking:
            return
        kept = there if self._options.mode is not Mode.REPLACE else {}
        if any(ids[row] not in kept for row in live.tolist()):
            for name in lacking:
                title = title_of(self._layer, name)
                message = Text(
                    f"文件无此列：{title.zh}", f"no column of the file is it ({title.en})"
                )
                self._ledger.add(None, name, "", "required", message)

    def _check_taken(
        self,
        attribute: Attribute,
        values: Sequence[Any],
        ids: Sequence[Any],
        live: NDArray[np.intp],
    ) -> None:
        if self._options.mode is Mode.REPLACE:
            return
        owners = self._present.owners(attribute.name, [each for each in values if each])
        leaving = {ids[row] for row in live.tolist()}
        for row in live.tolist():
            owner = owners.get(values[row]) if values[row] else None
            if owner is not None and owner != ids[row] and owner not in leaving:
                message = Text(f"已属于要素 {owner}", f"belongs to the feature {owner}")
                name = attribute.name
                self._add(row, name, shown(values[row]), "unique-in-layer", message)


NOTED = ("accuracy_m", "location_source")
"""What a geocoder says of a place, where the file does not."""

FAULTS = {
    "formula": Text("单元格是公式", "the cell holds a formula"),
    "type": Text("单元格是错误值", "the cell holds an error"),
    "row-width": Text("单元格多于表头", "has more cells than the header"),
}


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
