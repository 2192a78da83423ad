"""The text that the program makes of points is the one that PostgreSQL would write."""

import json
from datetime import date

import numpy as np
import pyarrow as pa
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from geodata.database.record import public_text
from geodata.ingest.copy import copy_rows, row_schema
from geodata.ingest.merge import create_staging
from geodata.ingest.public_text import has_texts, public_texts
from layers.attribute import ValueType
from layers.catalog import CATALOG

POINTS = [layer for layer in CATALOG if has_texts(layer)]

ODD: dict[ValueType, list[object]] = {
    ValueType.TEXT: [
        "",
        " ",
        '"',
        "\\",
        "\b\f\n\r\t\v\x01\x1f\x7f",
        "“八(一)”/</script>",
        "𠮷🙂",
        "null",
    ],
    ValueType.INTEGER: [0, -1, 2**31 - 1, -(2**31)],
    ValueType.NUMBER: [
        *(0.0, -0.0, 1.0, 0.1, 1 / 3, 100.0, 123456789.125, 999999999999999.0, 1e15, 1.5e15),
        *(
            9007199254740993.0,
            1e16,
            1e-4,
            0.00012345,
            1e-5,
            9.99e-5,
            5e-324,
            1.7976931348623157e308,
        ),
    ],
    ValueType.DATE: [date(1, 1, 1), date(2011, 1, 26), date(9999, 12, 31)],
    ValueType.BOOLEAN: [True, False],
}

SHAPES = [
    *(
        shapely.Point(116.3, 39.98),
        shapely.Point(116.12345678, 39.87654321),
        shapely.Point(116, 40),
    ),
    *(shapely.Point(-0.0, 0.0), shapely.Point(1e-9, -1e-9), shapely.Point(0.00001234, 1e-8)),
    *(shapely.Point(116.123456785, 0.001953125), shapely.Point(179.999999999, -89.999999995)),
    *(None, shapely.Point()),
]


def odd_rows(layer):
    """Each column with each of its odd values and none, in as many rows as that takes."""
    schema, size = row_schema(layer), 25
    kinds = {each.name: each.type for each in layer.all_attributes} | {"id": ValueType.TEXT}
    columns = {}
    for place, name in enumerate(schema.names):
        values = shapely.to_wkb(SHAPES).tolist() if name == "geom" else [*ODD[kinds[name]], None]
        columns[name] = [values[(row + place) % len(values)] for row in range(size)]
    columns["id"] = [f'made-up-"{row}' for row in range(size)]
    return pa.RecordBatch.from_pydict(columns, schema=schema)


def of_the_database(connection, layer, batch):
    staging = create_staging(connection, layer, batch.schema.names)
    copy_rows(connection, staging.name, batch.schema.names, [batch], lambda _: None)
    absent = set(row_schema(layer).names) - set(batch.schema.names)
    written = dict(
        connection.execute(select(staging.c.id, public_text(staging, layer, absent))).all()
    )
    staging.drop(connection)
    return [written[id_] for id_ in batch.column("id").to_pylist()]


@pytest.mark.parametrize("layer", POINTS, ids=lambda layer: layer.id)
def test_odd_values_of_every_kind_are_written_as_the_database_writes_them(connection, layer):
    batch = odd_rows(layer)
    assert public_texts(layer, batch).to_pylist() == of_the_database(connection, layer, batch)
    few = batch.select(["id", "name_zh"])
    assert public_texts(layer, few).to_pylist() == of_the_database(connection, layer, few)


def test_slices_of_a_batch_have_the_texts_of_their_rows():
    layer = POINTS[0]
    batch = odd_rows(layer)
    texts = public_texts(layer, batch).to_pylist()
    assert public_texts(layer, batch.slice(3, 5)).to_pylist() == texts[3:8]
    assert public_texts(layer, batch.slice(0, 0)).to_pylist() == []


def test_any_number_is_written_as_the_database_writes_it(connection):
    """Doubles of all sizes, by their bits; and coordinates with more digits than are kept."""
    chance = np.random.default_rng(7)
    numbers = chance.integers(0, 2**63, 4000, dtype=np.uint64).view(np.float64)
    numbers = np.concatenate([numbers[np.isfinite(numbers)], 10 ** chance.uniform(-7, 24, 8000)])
    layer = POINTS[0]
    count = len(numbers)
    places = shapely.points(chance.uniform(-180, 180, count), chance.uniform(-90, 90, count))
    columns = {
        "id": [f"made-up-{row}" for row in range(count)],
        "accuracy_m": numbers,
        "geom": pa.array(shapely.to_wkb(places), pa.binary()),
    }
    batch = pa.RecordBatch.from_pydict(columns)
    assert public_texts(layer, batch).to_pylist() == of_the_database(connection, layer, batch)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20))
def test_any_text_is_json(value):
    batch = pa.RecordBatch.from_pydict({"id": ["a"], "name_zh": [value]})
    (written,) = public_texts(POINTS[0], batch).to_pylist()
    assert json.loads(written)["properties"]["name_zh"] == value
