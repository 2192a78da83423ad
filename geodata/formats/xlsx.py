"""Excel workbook (ISO/IEC 29500, SpreadsheetML), written row by row.

The header is bilingual and stays in sight; numbers (to 16 digits), dates and booleans are such
cells; texts are never formulas or links. Geometry: `lon` and `lat` for points, WKT for all.

A cell holds at most 32,767 characters: a longer text or WKT is left out, and the sheet of notes
lists it. Dates before 1900, where Excel's calendar begins, are texts.
"""

import re
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from typing import BinaryIO

import shapely
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from geodata.formats.fields import LAT, LON, WKT
from geodata.formats.rows import Rows
from layers.attribute import Attribute, ValueType
from layers.layer import Geometry
from layers.text import Text

CELL_CHARACTERS = 32_767
NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\]")
FIRST_DAY = date(1900, 1, 1)
WIDTHS = {ValueType.TEXT: 24, ValueType.DATE: 12}
WIDTH = 14

NOTES = Text("未能容纳的内容", "Left out: longer than a cell holds")
NOTE_HEADER = ("id", "column", "characters")

OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def encode(rows: Rows, file: BinaryIO) -> None:
    """A workbook of the features, the meaning of the columns, and what did not fit."""
    path = rows.folder / "layer.xlsx"
    with xlsxwriter.Workbook(str(path), OPTIONS | {"tmpdir": str(rows.folder)}) as book:
        sheet = Sheet(book, rows)
        for number, row in enumerate(rows.tuples(), start=1):
            sheet.write(number, row)
        _write_fields(book.add_worksheet("字段 Fields"), rows.fields)
        if sheet.left_out:
            _write_table(book.add_worksheet("注 Notes"), [NOTES, NOTE_HEADER, *sheet.left_out])
    with path.open("rb") as written:
        shutil.copyfileobj(written, file, 1 << 20)


class Sheet:
    """The sheet of features."""

    def __init__(self, book: xlsxwriter.Workbook, rows: Rows) -> None:
        self._sheet = book.add_worksheet(sheet_name(rows.layer.title.zh))
        self._day = book.add_format({"num_format": "yyyy-mm-dd"})
        self._titles = list(_titles(rows))
        self._digits = rows.job.digits
        self._writers = [WRITERS[each.type] for each in rows.fields]
        self.left_out: list[tuple[str, str, int]] = []
        self._write_header(rows, book.add_format({"bold": True, "text_wrap": True}))

    def _write_header(self, rows: Rows, style: Format) -> None:
        for column, title in enumerate(self._titles):
            kind = rows.fields[column].type if column < len(rows.fields) else None
            self._sheet.set_column(column, column, WIDTHS.get(kind or ValueType.NUMBER, WIDTH))
            self._sheet.write_string(0, column, f"{title.zh}\n{title.en}", style)
        self._sheet.freeze_panes(1, 1)

    def write(self, number: int, row: tuple[object, ...]) -> None:
        """A feature; nothing is an empty cell."""
        *values, wkb = row
        for column, (value, writer) in enumerate(zip(values, self._writers, strict=True)):
            if isinstance(value, str) and len(value) > CELL_CHARACTERS:
                self._leave_out(row, column, value)
            elif value is not None:
                writer(self._sheet, number, column, value, self._day)
        if isinstance(wkb, bytes):
            self._write_geometry(number, row, wkb)

    def _write_geometry(self, number: int, row: tuple[object, ...], wkb: bytes) -> None:
        column = len(self._writers)
        shape = shapely.from_wkb(wkb)
        if isinstance(shape, shapely.Point) and not shape.is_empty:
            self._sheet.write_number(number, column, shape.x)
            self._sheet.write_number(number, column + 1, shape.y)
        text = shapely.to_wkt(shape, rounding_precision=self._digits)
        if len(text) > CELL_CHARACTERS:
            self._leave_out(row, len(self._titles) - 1, text)
        else:
            self._sheet.write_string(number, len(self._titles) - 1, text)

    def _leave_out(self, row: tuple[object, ...], column: int, text: str) -> None:
        self.left_out.append((str(row[0]), self._titles[column].zh, len(text)))


def sheet_name(title: str) -> str:
    """A title as Excel allows it: without some characters, and at most 31."""
    return NOT_IN_NAMES.sub("_", title)[:31].strip("'") or "1"


def _titles(rows: Rows) -> Iterator[Text]:
    yield from (each.title for each in rows.fields)
    if rows.layer.geometry is Geometry.POINT:
        yield from (LON, LAT)
    yield WKT


Writer = Callable[[Worksheet, int, int, object, Format], object]


def _text(sheet: Worksheet, row: int, column: int, value: object, _: Format) -> object:
    return sheet.write_string(row, column, str(value))


def _number(sheet: Worksheet, row: int, column: int, value: object, _: Format) -> object:
    return sheet.write_number(row, column, value)


def _boolean(sheet: Worksheet, row: int, column: int, value: object, _: Format) -> object:
    return sheet.write_boolean(row, column, bool(value))


def _date(sheet: Worksheet, row: int, column: int, value: object, day: Format) -> object:
    if not isinstance(value, date) or value < FIRST_DAY:
        return sheet.write_string(row, column, str(value))
    return sheet.write_datetime(row, column, value, day)


WRITERS: dict[ValueType, Writer] = {
    ValueType.TEXT: _text,
    ValueType.INTEGER: _number,
    ValueType.NUMBER: _number,
    ValueType.DATE: _date,
    ValueType.BOOLEAN: _boolean,
}


def _write_fields(sheet: Worksheet, fields: tuple[Attribute, ...]) -> None:
    header = ("中文名称", "English", "attribute", "type", "unit", "说明", "description")
    _write_table(sheet, [header, *(_description(each) for each in fields)])


def _description(each: Attribute) -> tuple[str, ...]:
    meaning = each.description or Text("", "")
    return (each.title.zh, each.title.en, each.name, each.type, each.unit or "", *meaning)


def _write_table(sheet: Worksheet, table: list[tuple[object, ...]]) -> None:
    for row, values in enumerate(table):
        for column, value in enumerate(values):
            sheet.write(row, column, value)
