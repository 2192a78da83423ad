"""Inspection: a file under check, and what is told to it; and what a check comes to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from geodata.ingest.copy import ARROW_TYPES, GEOMETRY
from geodata.ingest.crs import FileCrs
from geodata.ingest.ledger import Ledger
from geodata.ingest.located import NOTED
from geodata.ingest.mapping import Columns
from geodata.ingest.modes import Mode
from geodata.ingest.present import Present
from geodata.ingest.source import BATCH_ROWS, Encoding, Source
from layers.attribute import Attribute
from layers.layer import Layer
from layers.text import Text

REQUIRED = Text("必填", "is required")


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
        for _, batch in self.positions():
            yield batch

    def positions(self) -> Iterator[tuple[NDArray[np.intp], pa.RecordBatch]]:
        """The rows that can be loaded, with their positions in the file, counted from 0."""
        accepted, start = self.accepted, 0
        for batch in self.rows.to_batches(BATCH_ROWS):
            wanted = accepted[start : start + batch.num_rows]
            if wanted.any():
                yield start + np.flatnonzero(wanted), batch.filter(pa.array(wanted))
            start += batch.num_rows


@dataclass(frozen=True)
class Inspection:
    """A file under check.

    Args:
        layer: whose declaration it is held to.
        source: the file.
        columns: which of its columns is what.
        options: how it is taken.
        present: what is there already.
        ledger: takes the findings.
    """

    layer: Layer
    source: Source
    columns: Columns
    options: CheckOptions
    present: Present
    ledger: Ledger

    @cached_property
    def blank(self) -> NDArray[np.bool_]:
        """Rows without any value, as far as they have been read."""
        return np.zeros(self.source.table.num_rows, dtype=bool)

    @cached_property
    def attributes(self) -> list[Attribute]:
        """Those that the file, the operator or the geocoder has values of."""
        return [each for each in self.layer.all_attributes if self.is_given(each)]

    def is_given(self, attribute: Attribute) -> bool:
        """Whether anybody has values of it."""
        name = attribute.name
        if name in self.columns.fields or name in self.options.constants:
            return True
        return name in NOTED and self.columns.place.encoding is Encoding.ADDRESS

    @property
    def is_placed(self) -> bool:
        """Whether rows say where they are."""
        return self.columns.place.encoding is not Encoding.NONE

    @cached_property
    def schema(self) -> pa.Schema:
        """`id`, the attributes that the file has, and `geom` where it has places."""
        fields = [pa.field(each.name, ARROW_TYPES[each.type]) for each in self.attributes]
        places = [pa.field(GEOMETRY, pa.binary())] if self.is_placed else []
        return pa.schema([pa.field("id", pa.string()), *fields, *places])

    def add(self, row: int, name: str, value: str, rule: str, message: Text) -> None:
        """A finding on a field of a row, counted from 0; none of blank rows."""
        if not self.blank[row]:
            self.ledger.add(row, self.columns.fields.get(name, name), value, rule, message)

    def checked(self, rows: pa.Table) -> Checked:
        """What the check came to."""
        return Checked(self.source, self.columns, self.options, rows, self.blank, self.ledger)
