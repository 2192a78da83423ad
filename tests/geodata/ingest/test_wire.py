"""Rows on their way to PostgreSQL: what the reader of its own stream makes of them."""

import io
from datetime import UTC, date, datetime

import pyarrow as pa
import pytest
from sqlalchemy import text

from geodata.formats.rows import HEADER, READERS, read_rows
from geodata.ingest.copy import ARROW_TYPES
from geodata.ingest.wire import END, encoded
from layers.attribute import ValueType

VALUES = {
    ValueType.TEXT: ["", "中", None, "𠮷\n"],
    ValueType.INTEGER: [0, -1, None, 2**31 - 1],
    ValueType.NUMBER: [0.1, None, -1e300, 5e-324],
    ValueType.DATE: [date(1, 1, 1), date(2000, 1, 1), None, date(9999, 12, 31)],
    ValueType.BOOLEAN: [True, None, False, True],
}


@pytest.mark.parametrize("nothing", [False, True])
@pytest.mark.parametrize("kind", VALUES)
def test_each_type_is_read_as_it_was_written(kind, nothing):
    values = [None] * 4 if nothing else VALUES[kind]
    batch = pa.RecordBatch.from_pydict({"value": pa.array(values, ARROW_TYPES[kind])})
    for part, expected in ((batch, values), (batch.slice(1, 2), values[1:3])):
        stream = io.BytesIO(HEADER + encoded(part).to_pybytes() + END)
        rows = list(read_rows(stream, 1))
        assert READERS[kind]([row[0] for row in rows]).to_pylist() == expected


def test_constants_stand_in_each_row(connection):
    batch = pa.RecordBatch.from_pydict({"id": ["a", "b"]})
    moment = datetime(2012, 10, 13, 1, 2, 3, 456789, tzinfo=UTC)
    rows = encoded(batch, (moment, "谁", None, 7)).to_pybytes()
    connection.execute(
        text("CREATE TEMPORARY TABLE kept (id text, at timestamptz, who text, no text, n bigint)")
    )
    driver = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy("COPY kept FROM STDIN (FORMAT binary)") as copy:
        copy.write(HEADER + rows + END)
    found = connection.execute(text("SELECT * FROM kept ORDER BY id")).all()
    assert found == [(each, moment, "谁", None, 7) for each in "ab"]


def test_no_row_is_no_byte():
    assert encoded(pa.RecordBatch.from_pydict({"id": pa.array([], pa.string())})).size == 0
