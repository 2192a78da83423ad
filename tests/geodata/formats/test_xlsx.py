"""Excel workbooks, read by openpyxl."""

import io
from dataclasses import replace
from datetime import date, datetime

import openpyxl
import pytest
import shapely
from openpyxl.utils.escape import unescape

from geodata.formats.catalog import XLSX_ROWS, find_format
from geodata.formats.errors import TooManyFeaturesError
from geodata.formats.xlsx import CELL_CHARACTERS, FIRST_DAY
from layers.attribute import ValueType
from layers.layer import Geometry

XLSX = find_format("xlsx")


def book_of(file):
    return openpyxl.load_workbook(io.BytesIO(file))


def rows_of(store, sheet):
    kinds = [ValueType.TEXT, *(each.type for each in store.public)]
    names = ["id", *(each.name for each in store.public)]
    rows = {}
    for line in sheet.iter_rows(min_row=2, values_only=True):
        values = [_typed(value, kind) for value, kind in zip(line, kinds, strict=False)]
        wkt = line[-1]
        shape = wkt and shapely.from_wkt(wkt)
        if store.layer.geometry is Geometry.POINT and shape:
            assert (shape.x, shape.y) == pytest.approx(line[-3:-1], abs=1e-8)
        rows[line[0]] = dict(zip(names, values, strict=True)) | {"geom": shape}
    return rows


def _typed(value, kind):
    if isinstance(value, str):
        return unescape(value)
    if isinstance(value, datetime):
        return value.date()
    if kind is ValueType.NUMBER and type(value) is int:
        return float(value)
    return value


def as_cell(value):
    """What a cell can hold."""
    if isinstance(value, str):
        fits = len(value) <= CELL_CHARACTERS
        return value if fits else None
    if isinstance(value, float):
        return float(f"{value:.16g}")
    if isinstance(value, date) and value < FIRST_DAY:
        return value.isoformat()
    return value


def test_it_holds_every_value(store):
    sheet = book_of(store.export(XLSX)).worksheets[0]
    store.check(rows_of(store, sheet), as_cell)


def test_its_header_is_bilingual_and_stays(store):
    book = book_of(store.export(XLSX))
    sheet = book.worksheets[0]
    assert sheet.freeze_panes == "B2"
    header = [cell.value for cell in sheet[1]]
    titles = [f"{each.title.zh}\n{each.title.en}" for each in store.public]
    assert header[1 : len(titles) + 1] == titles
    attributes = [row[2] for row in book.worksheets[1].iter_rows(min_row=2, values_only=True)]
    assert attributes == ["id", *(each.name for each in store.public)]


def test_nothing_is_a_formula(store):
    sheet = book_of(store.export(XLSX)).worksheets[0]
    kinds = {cell.data_type for row in sheet.iter_rows() for cell in row}
    assert "f" not in kinds
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.hyperlink]


def test_what_is_too_long_for_a_cell_is_listed(hard):
    notes = book_of(hard.export(XLSX)).worksheets[2]
    listed = [row[:3] for row in notes.iter_rows(min_row=3, values_only=True)]
    assert listed == [
        (row["id"], "备注", len(row["remark"]))
        for row in hard.rows().values()
        if len(row["remark"] or "") > CELL_CHARACTERS
    ]
    assert len(listed) == 1


def test_more_rows_than_a_sheet_has_are_refused_before_any_work(hard):
    assert XLSX.most == XLSX_ROWS - 1
    count = len(hard.rows())
    assert (
        len(rows_of(hard, book_of(hard.export(replace(XLSX, most=count))).worksheets[0])) == count
    )
    with pytest.raises(TooManyFeaturesError, match=f"at most {count - 1} features"):
        hard.export(replace(XLSX, most=count - 1))


def test_nothing_is_a_header(hard):
    nothing = hard.all.where(hard.metadata.tables[hard.layer.id].c.id == "none")
    assert book_of(hard.export(XLSX, nothing)).worksheets[0].max_row == 1
