"""COPY of Arrow batches into a staging table.

Rows travel as CSV that Arrow writes and PostgreSQL parses while the next batch is made.
"""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.csv
import shapely
from psycopg import sql
from sqlalchemy import Connection

from geodata.database.command import driver
from geodata.errors import GeodataError
from geodata.ingest.validation import Feature
from layers.attribute import ValueType
from layers.layer import Layer

Progress = Callable[[int], None]
"""Told how many rows each batch had."""

GEOMETRY = "geom"

ARROW_TYPES: dict[ValueType, pa.DataType] = {
    ValueType.TEXT: pa.string(),
    ValueType.INTEGER: pa.int32(),
    ValueType.NUMBER: pa.float64(),
    ValueType.DATE: pa.date32(),
    ValueType.BOOLEAN: pa.bool_(),
}

HEX_PAIRS = np.frombuffer(bytes(range(256)).hex().encode("ascii"), dtype=np.uint16)
"""The two hexadecimal digits of each byte."""


class RowShapeError(GeodataError):
    """Columns that a layer has not, that have another type, or that differ between batches."""


def row_schema(layer: Layer) -> pa.Schema:
    """Columns of a layer's rows: `id`, its attributes, `geom` (WKB, CGCS2000 lon-lat degrees)."""
    attributes = [
        pa.field(attribute.name, ARROW_TYPES[attribute.type]) for attribute in layer.all_attributes
    ]
    return pa.schema([pa.field("id", pa.string()), *attributes, pa.field(GEOMETRY, pa.binary())])


def feature_rows(layer: Layer, features: Sequence[Feature]) -> pa.RecordBatch:
    """Checked features as one batch, with every column of the layer."""
    schema = row_schema(layer)
    shapes = np.array([feature.geometry for feature in features], dtype=object)
    columns: dict[str, Sequence[object]] = {
        "id": [feature.id for feature in features],
        GEOMETRY: shapely.to_wkb(shapes).tolist() if len(shapes) else [],
    }
    for attribute in layer.all_attributes:
        columns[attribute.name] = [feature.values[attribute.name] for feature in features]
    arrays = [pa.array(columns[field.name], field.type) for field in schema]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def copy_rows(
    connection: Connection,
    target: str,
    schema: pa.Schema,
    batches: Iterable[pa.RecordBatch],
    progress: Progress,
) -> int:
    """Write batches to a table that has the schema's columns; how many rows there were."""
    names = sql.SQL(", ").join(map(sql.Identifier, schema.names))
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(
        sql.Identifier(target), names
    )
    total = 0
    with driver(connection).cursor() as cursor, cursor.copy(statement) as copy:
        for batch in batches:
            if batch.schema.names != schema.names:
                raise RowShapeError(
                    f"a batch has the columns {', '.join(batch.schema.names)};"
                    f" must be {', '.join(schema.names)} as in the first"
                )
            copy.write(_csv(batch))
            total += batch.num_rows
            progress(batch.num_rows)
    return total


def check_schema(layer: Layer, schema: pa.Schema) -> None:
    """Refuse columns that cannot go into the layer's table as they are.

    Raises:
        RowShapeError: names the column, and what is allowed.
    """
    allowed = row_schema(layer)
    if "id" not in schema.names:
        raise RowShapeError(f"{layer.id}: the rows have no column id; every row needs one")
    for name, given in zip(schema.names, schema.types, strict=True):
        if name not in allowed.names:
            raise RowShapeError(
                f"{layer.id} has no column {name!r}; columns are {', '.join(allowed.names)}"
            )
        if schema.names.count(name) > 1:
            raise RowShapeError(f"{layer.id}: column {name!r} stands twice")
        if given != allowed.field(name).type:
            wanted = allowed.field(name).type
            raise RowShapeError(f"{layer.id}, column {name!r} is {given}; must be {wanted}")


def _csv(batch: pa.RecordBatch) -> pa.Buffer:
    """Texts are quoted, nulls are empty: as COPY tells an empty text from none."""
    position = batch.schema.get_field_index(GEOMETRY)
    if position >= 0:
        batch = batch.set_column(position, GEOMETRY, _hex(batch.column(position)))
    sink = pa.BufferOutputStream()
    options = pyarrow.csv.WriteOptions(include_header=False)
    pyarrow.csv.write_csv(batch, sink, options)
    return sink.getvalue()


def _hex(column: pa.BinaryArray) -> pa.StringArray:
    """Hexadecimal digits of binary values, as PostGIS reads WKB; the whole column at once."""
    validity, offsets, data = column.buffers()
    ends = np.frombuffer(offsets, dtype=np.int32)[: column.offset + len(column) + 1]
    digits = HEX_PAIRS[np.frombuffer(data or b"", dtype=np.uint8)[: ends[-1]]]
    return pa.StringArray.from_buffers(
        len(column),
        pa.py_buffer(ends * np.int32(2)),
        pa.py_buffer(digits),
        validity,
        -1,
        column.offset,
    )
