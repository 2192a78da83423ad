"""Rows as PostgreSQL's binary COPY takes them, whole batches at once (PostgreSQL, COPY)."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from geodata.formats.rows import EPOCH_DAYS

BYTES = pa.large_binary()

COUNT = ">i2"
LENGTH = ">i4"

NULL = np.array(-1, LENGTH).tobytes()

END = np.array(-1, COUNT).tobytes()

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
"""Where PostgreSQL's times begin."""

Part: TypeAlias = bytes | Any
"""The same bytes in each row, or an Arrow array of bytes for each row."""

Constant = str | int | datetime | None

Numbers = NDArray[Any]


def encoded(batch: pa.RecordBatch, constants: Iterable[Constant] = ()) -> pa.Buffer:
    """The rows of a batch, without the stream's header and end.

    Args:
        batch: columns of texts, 32-bit integers, doubles, dates, booleans and binary values.
        constants: of further columns, the same in each row.
    """
    tail = [_constant(value) for value in constants]
    columns = [part for column in batch.columns for part in _fields(column)]
    count = np.array(batch.num_columns + len(tail), COUNT).tobytes()
    parts = list(_merged([count, *columns, *tail]))
    if len(parts) == 1:
        return pa.py_buffer(parts[0] * batch.num_rows)
    rows = pc.binary_join_element_wise(*map(_operand, parts), pa.scalar(b"", BYTES))
    _, offsets, data = rows.buffers()
    return data.slice(0, np.frombuffer(offsets, np.int64)[len(rows)])


def _merged(parts: Iterable[Part]) -> Iterator[Part]:
    """Constants that follow each other as one."""
    constant = b""
    for part in parts:
        if isinstance(part, bytes):
            constant += part
        else:
            yield from (constant, part)
            constant = b""
    yield constant


def _operand(part: Part) -> pa.Scalar | pa.Array:
    return pa.scalar(part, BYTES) if isinstance(part, bytes) else part


def _constant(value: Constant) -> bytes:
    if value is None:
        return NULL
    if isinstance(value, datetime):
        return _sized(np.array((value - EPOCH) // timedelta(microseconds=1), ">i8").tobytes())
    if isinstance(value, int):
        return _sized(np.array(value, ">i8").tobytes())
    return _sized(value.encode())


def _sized(value: bytes) -> bytes:
    return np.array(len(value), LENGTH).tobytes() + value


def _fields(column: pa.Array) -> Iterator[Part]:
    """Length and value of each row; a null has the length -1 and no value."""
    if column.null_count == len(column):
        yield NULL
        return
    values = _values(column)
    if column.type in FIXED and column.null_count == 0:
        yield np.array(np.dtype(FIXED[column.type]).itemsize, LENGTH).tobytes()
    else:
        lengths = pc.fill_null(pc.binary_length(values), -1)
        yield _fixed(np.asarray(lengths).astype(LENGTH))
    yield pc.fill_null(values, b"")


def _values(column: pa.Array) -> pa.Array:
    """Values as bytes; null stays null."""
    if column.type not in FIXED:
        return column.cast(BYTES)
    if pa.types.is_date32(column.type):
        numbers = np.asarray(pc.fill_null(column.cast(pa.int32()), 0)) - EPOCH_DAYS
    else:
        numbers = np.asarray(pc.fill_null(column, pa.scalar(0).cast(column.type)))
    values = _fixed(numbers.astype(FIXED[column.type]))
    return values if column.null_count == 0 else pc.if_else(column.is_valid(), values, None)


def _fixed(numbers: Numbers) -> pa.Array:
    """Numbers in network order, each as its bytes."""
    buffers = [None, pa.py_buffer(np.ascontiguousarray(numbers))]
    kind = pa.binary(numbers.dtype.itemsize)
    return pa.Array.from_buffers(kind, len(numbers), buffers).cast(BYTES)


FIXED = {pa.int32(): ">i4", pa.float64(): ">f8", pa.date32(): ">i4", pa.bool_(): "?"}
"""Types of one size, and how it is sent."""
