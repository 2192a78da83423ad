"""Rows of PostgreSQL's binary COPY as Arrow record batches, a few thousand at a time."""

import struct
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa

from geodata.formats.fields import ID
from geodata.formats.job import Job
from layers.attribute import Attribute, ValueType
from layers.layer import Layer

HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
"""Signature, flags, no extension (PostgreSQL, COPY, binary format)."""

BATCH_ROWS = 2000
BATCH_BYTES = 8 << 20
END = -1

NUMBER = struct.Struct(">i")
COUNT = struct.Struct(">h")

EPOCH_DAYS = 10_957
"""From 1970-01-01, where Arrow's days begin, to 2000-01-01, where PostgreSQL's do."""

Values = Sequence[bytes | None]

GEOMETRY = "geom"


class TruncatedError(Exception):
    """The rows ended before their end mark: the query was broken off."""


@dataclass(frozen=True)
class Rows:
    """What an encoder gets: rows once over, and a folder for temporary files."""

    job: Job
    stream: BinaryIO

    @property
    def layer(self) -> Layer:
        """Layer of the features."""
        return self.job.layer

    @property
    def folder(self) -> Path:
        """Folder for temporary files."""
        return Path(self.job.folder)

    @property
    def fields(self) -> tuple[Attribute, ...]:
        """The id and the attributes: all columns but the geometry."""
        return (ID, *self.job.attributes)

    @cached_property
    def schema(self) -> pa.Schema:
        """Arrow schema: the fields, then the geometry as WKB."""
        return pa.schema([*(arrow_field(each) for each in self.fields), (GEOMETRY, pa.binary())])

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Batches of all rows, told to standard error as numbers."""
        kinds = [*(each.type for each in self.fields), None]
        for rows in gathered(read_rows(self.stream, len(kinds))):
            columns = zip(*rows, strict=True)
            arrays = [READERS[kind](values) for kind, values in zip(kinds, columns, strict=True)]
            yield pa.record_batch(arrays, schema=self.schema)
            sys.stderr.write(f"{len(rows)}\n")
            sys.stderr.flush()

    def tuples(self) -> Iterator[tuple[object, ...]]:
        """Rows as Python values, the geometry last."""
        for batch in self.batches():
            yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def arrow_field(attribute: Attribute) -> pa.Field:
    """Type of an attribute, with what GDAL passes on to formats that have a place for it."""
    metadata = {"GDAL:OGR:alternative_name": attribute.title.zh}
    if attribute.description is not None:
        metadata["GDAL:OGR:comment"] = attribute.description.zh
    if attribute is ID:
        metadata["GDAL:OGR:unique"] = "true"
    return pa.field(attribute.name, ARROW_TYPES[attribute.type], metadata=metadata)


def gathered(rows: Iterator[list[bytes | None]]) -> Iterator[list[list[bytes | None]]]:
    """Batches limited in rows and, since one geometry may weigh megabytes, in bytes."""
    batch: list[list[bytes | None]] = []
    weight = 0
    for row in rows:
        batch.append(row)
        weight += len(row[-1] or b"")
        if len(batch) == BATCH_ROWS or weight > BATCH_BYTES:
            yield batch
            batch, weight = [], 0
    if batch:
        yield batch


def read_rows(stream: BinaryIO, width: int) -> Iterator[list[bytes | None]]:
    """Fields of each row as they were sent; None for NULL.

    Raises:
        TruncatedError: the end mark is missing.
    """
    if _read(stream, len(HEADER)) != HEADER:
        raise ValueError("no binary COPY")
    read, size_of = stream.read, NUMBER.unpack
    while (count := COUNT.unpack(_read(stream, 2))[0]) != END:
        if count != width:
            raise ValueError(f"a row of {count} columns, not {width}")
        row: list[bytes | None] = []
        for _ in range(width):
            (size,) = size_of(_read(stream, 4))
            row.append(None if size < 0 else read(size))
        yield row


def _read(stream: BinaryIO, size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise TruncatedError("the rows were broken off")
    return data


def _texts(values: Values) -> pa.Array:
    return pa.array(values, pa.string())


def _binaries(values: Values) -> pa.Array:
    return pa.array(values, pa.binary())


def _fixed(values: Values, kind: str) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of one size in network order, and where there are none."""
    missing = np.fromiter((value is None for value in values), bool, len(values))
    nothing = bytes(np.dtype(kind).itemsize)
    joined = b"".join(nothing if value is None else value for value in values)
    return np.frombuffer(joined, kind), missing


def _integers(values: Values) -> pa.Array:
    numbers, missing = _fixed(values, ">i4")
    return pa.array(numbers.astype("i4"), mask=missing)


def _numbers(values: Values) -> pa.Array:
    numbers, missing = _fixed(values, ">f8")
    return pa.array(numbers.astype("f8"), mask=missing)


def _dates(values: Values) -> pa.Array:
    days, missing = _fixed(values, ">i4")
    since_1970 = days.astype("i8") + EPOCH_DAYS
    return pa.array(since_1970, mask=missing).cast(pa.int32()).cast(pa.date32())


def _booleans(values: Values) -> pa.Array:
    flags, missing = _fixed(values, "?")
    return pa.array(flags, mask=missing)


READERS: dict[ValueType | None, Callable[[Values], pa.Array]] = {
    ValueType.TEXT: _texts,
    ValueType.INTEGER: _integers,
    ValueType.NUMBER: _numbers,
    ValueType.DATE: _dates,
    ValueType.BOOLEAN: _booleans,
    None: _binaries,
}
"""None is the geometry, WKB."""

ARROW_TYPES = {
    ValueType.TEXT: pa.string(),
    ValueType.INTEGER: pa.int32(),
    ValueType.NUMBER: pa.float64(),
    ValueType.DATE: pa.date32(),
    ValueType.BOOLEAN: pa.bool_(),
}
