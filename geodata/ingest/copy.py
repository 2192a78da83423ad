"""COPY of Arrow batches into a table: PostgreSQL takes one in while the next is made."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import pyarrow as pa
import shapely
from psycopg import sql
from sqlalchemy import Connection

from geodata.database.command import driver
from geodata.errors import GeodataError
from geodata.formats.rows import HEADER
from geodata.ingest.validation import Feature
from geodata.ingest.wire import END, encoded
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

Encode = Callable[[pa.RecordBatch], pa.Buffer]
"""Rows of a batch as the binary COPY takes them."""

MOST_ROWS = 20_000
"""That are encoded at a time."""


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
    names: Sequence[str],
    batches: Iterable[pa.RecordBatch],
    progress: Progress,
    encode: Encode = encoded,
) -> int:
    """Write batches to a table; how many rows there were.

    Args:
        names: columns of the table, as `encode` gives their values.
    """
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(
        sql.Identifier(target), columns
    )
    total = 0
    with driver(connection).cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(HEADER)
        for size, rows in _ahead(_pieces(batches), encode):
            copy.write(rows)
            total += size
            progress(size)
        copy.write(END)
    return total


def _pieces(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Batches of moderate size, all with the columns of the first.

    Raises:
        RowShapeError: one has others.
    """
    names = None
    for batch in batches:
        names = names or batch.schema.names
        if batch.schema.names != names:
            raise RowShapeError(
                f"a batch has the columns {', '.join(batch.schema.names)};"
                f" must be {', '.join(names)} as in the first"
            )
        for start in range(0, batch.num_rows, MOST_ROWS):
            yield batch.slice(start, MOST_ROWS)


def _ahead(batches: Iterable[pa.RecordBatch], encode: Encode) -> Iterator[tuple[int, pa.Buffer]]:
    """Rows of each batch, with their number; those of the next are encoded meanwhile."""
    with ThreadPoolExecutor(1) as pool:
        pending: deque[tuple[int, Future[pa.Buffer]]] = deque()
        for batch in batches:
            pending.append((batch.num_rows, pool.submit(encode, batch)))
            if len(pending) > 1:
                size, rows = pending.popleft()
                yield size, rows.result()
        for size, rows in pending:
            yield size, rows.result()


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
