"""CSV, read by Python's csv and by pandas."""

import csv
import io
from datetime import date

import pandas as pd
import pytest
import shapely
from sqlalchemy import select

from geodata.formats.catalog import find_format
from geodata.formats.csv import FORMULA
from layers.attribute import ValueType
from layers.layer import Geometry

CSV = find_format("csv")

READ = {
    ValueType.TEXT: lambda text: text.removeprefix("'"),
    ValueType.INTEGER: int,
    ValueType.NUMBER: float,
    ValueType.DATE: date.fromisoformat,
    ValueType.BOOLEAN: {"true": True, "false": False}.__getitem__,
}


def table_of(file):
    """Rows with None where a field is empty."""
    text = file.decode("utf-8-sig")
    return [[value or None for value in row] for row in csv.reader(io.StringIO(text, newline=""))]


def rows_of(store, table):
    header, *lines = table
    readers = {each.name: READ[each.type] for each in store.public} | {"id": str}
    rows = {}
    for line in lines:
        row = dict(zip(header, line, strict=True))
        wkt, lon, lat = row.pop("wkt"), row.pop("lon", None), row.pop("lat", None)
        shape = wkt and shapely.from_wkt(wkt)
        if store.layer.geometry is Geometry.POINT and shape:
            assert (shape.x, shape.y) == pytest.approx((float(lon), float(lat)), abs=1e-8)
        values = {k: None if v is None else readers[k](v) for k, v in row.items()}
        rows[row["id"]] = values | {"geom": shape}
    return rows


def test_every_value_is_there_once_the_apostrophe_is_off(every_store):
    every_store.check(rows_of(every_store, table_of(every_store.export(CSV))), as_field)


def as_field(value):
    """Python 3.11's csv cannot tell the empty text from nothing."""
    return None if value == "" else value


def test_it_is_utf8_with_a_mark_and_ends_lines_as_rfc_4180_says(store):
    file = store.export(CSV)
    assert file.startswith(b"\xef\xbb\xbfid,name_zh,")
    text = file.decode("utf-8-sig")
    written = io.StringIO(newline="")
    csv.writer(written).writerows(csv.reader(io.StringIO(text, newline="")))
    ends = written.getvalue().count("\r\n")
    assert text.count("\r\n") == ends
    assert text.endswith("\r\n")


def test_no_text_begins_as_a_formula(hard):
    header, *lines = table_of(hard.export(CSV))
    for column in ("remark", "remark_of_the_second_kind"):
        values = [line[header.index(column)] or "" for line in lines]
        assert not [value for value in values if value[:1] and value[0] in FORMULA]


def test_numbers_stay_numbers(hard):
    header, *lines = table_of(hard.export(CSV))
    assert "-0.1" in [line[header.index("height")] for line in lines]


def test_pandas_tells_nothing_from_empty_text(hard):
    """PostgreSQL quotes the empty text; that NULL and 'NULL' differ is for every reader."""
    number = next(n for n, row in enumerate(hard.rows().values()) if row["remark"] == "NULL")
    file = hard.export(CSV)
    frame = pd.read_csv(io.BytesIO(file), keep_default_na=False, encoding="utf-8-sig", dtype=str)
    assert len(frame) == len(hard.rows())
    assert list(frame[frame.remark == "NULL"].id) == [f"row-{number:03}"]
    assert b',"",' in file


def test_nothing_is_a_header(hard):
    table = hard.metadata.tables[hard.layer.id]
    none = select(table.c.id, table.c.height).where(table.c.id == "none")
    assert hard.export(CSV, none) == b"\xef\xbb\xbfid,height,lon,lat,wkt\r\n"
