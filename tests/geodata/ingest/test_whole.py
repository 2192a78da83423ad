"""What only the whole file shows."""

import pyarrow as pa
import pytest

from geodata.ingest.whole import first_rows


@pytest.mark.parametrize(
    ("chunks", "first"),
    [
        ([["a", "b", "a"], ["a", "c", "b"]], [0, 1, 0, 0, 4, 1]),
        ([[None, "a"], [None, "a"]], [0, 1, 2, 1]),
        ([[None, None]], [0, 1]),
        ([[]], []),
    ],
)
def test_each_row_knows_the_first_with_its_value(chunks, first):
    column = pa.chunked_array([pa.array(chunk, pa.string()) for chunk in chunks])
    assert first_rows(column).tolist() == first
