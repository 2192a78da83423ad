"""Excel workbooks (ISO/IEC 29500): values as texts, formulas as formulas, never computed."""

import itertools
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

import openpyxl

from geodata.formats.fields import WKT
from geodata.ingest.geojson import UnreadableFileError
from geodata.ingest.readers.archive import open_archive
from geodata.ingest.readers.text import LOOKED_AT, text_batches
from geodata.ingest.request import ReadOptions
from geodata.ingest.source import Source, checked_columns, spooled

NOTES = "注 Notes"
FIELDS = "字段 Fields"
"""Sheets that our own workbooks have beside the features."""

MOST_ROWS = 1_048_576
"""Of a sheet (Excel); a row may say any number, and those before it are empty rows."""

OWN_SHAPES = f"{WKT.zh}\n{WKT.en}"
"""Header of our own geometries, which says their reference system."""

DAMAGES = (
    BadZipFile,
    EOFError,
    IndexError,
    KeyError,
    OSError,
    ParseError,
    TypeError,
    ValueError,
)
"""What openpyxl raises on workbooks that are none."""


def read_workbook(path: Path, file: str, options: ReadOptions, folder: Path) -> Source:
    """Rows of one sheet, all cells as texts.

    Raises:
        UnreadableFileError: damaged, a bomb, no such sheet, no header.
    """
    open_archive(path, file).close()
    try:
        # Opened here, since openpyxl leaves open what it fails to read.
        with path.open("rb") as content:
            book = openpyxl.load_workbook(
                content, read_only=True, data_only=False, keep_links=False
            )
            try:
                return _read(book, path, file, options, folder)
            finally:
                book.close()
    except DAMAGES as error:
        raise UnreadableFileError(f"{file}: cannot be read as a workbook: {error}") from error


def _read(book: Any, path: Path, file: str, options: ReadOptions, folder: Path) -> Source:
    sheet = _sheet(book, file, options.sheet)
    sheet.reset_dimensions()  # said by the file, they would fill up each row to their width
    header_row = options.header_row or _header_row(sheet)
    rows = itertools.islice(sheet.iter_rows(min_row=header_row), MOST_ROWS)
    header = [_text(cell) or "" for cell in next(rows, ())]
    while header and not header[-1].strip():
        header.pop()
    if not header:
        raise UnreadableFileError(
            f"{file}, sheet {sheet.title!r}: row {header_row} has no column names"
        )
    named = [name.strip() or f"column {at}" for at, name in enumerate(header, start=1)]
    names = checked_columns(file, named)
    faults: dict[int, tuple[str, str]] = {}
    batches = text_batches(_cells(rows, names, faults, header_row + 1), names)
    first = next(batches, None)
    schema = first.schema if first is not None else _empty(names)
    table = spooled(
        folder / "source.arrow", schema, itertools.chain([first] if first else [], batches)
    )
    return Source(
        path=path,
        file=file,
        format="xlsx",
        table=table,
        crs="EPSG:4490" if OWN_SHAPES in names else None,
        first_row=header_row + 1,
        facts={
            "sheet": sheet.title,
            "sheets": "\n".join(_data_sheets(book)),
            "header_row": str(header_row),
        },
        left_out=_left_out(book),
        faults=faults,
    )


def _empty(names: list[str]) -> Any:
    return next(text_batches([[None] * len(names)], names)).schema


def _data_sheets(book: Any) -> list[str]:
    return [sheet.title for sheet in book.worksheets if sheet.title not in (NOTES, FIELDS)]


def _sheet(book: Any, file: str, name: str | None) -> Any:
    names = _data_sheets(book)
    if not names:
        raise UnreadableFileError(f"{file}: no sheet with cells")
    if name is None:
        return book[names[0]]
    if name not in book.sheetnames:
        raise UnreadableFileError(f"{file}: no sheet {name!r}; the sheets are {', '.join(names)}")
    return book[name]


def _header_row(sheet: Any) -> int:
    """The first row that is more than half as full as the fullest: titles stand above tables."""
    head = itertools.islice(sheet.iter_rows(values_only=True), LOOKED_AT)
    filled = [sum(1 for value in row if value is not None) for row in head]
    most = max(filled, default=0)
    return next((number for number, n in enumerate(filled, 1) if 2 * n > most), 1)


def _cells(
    rows: Iterator[Any], names: list[str], faults: dict[int, tuple[str, str]], first: int
) -> Iterator[list[str | None]]:
    width = len(names)
    for number, row in enumerate(rows, start=first):
        for name, cell in zip(names, row, strict=False):
            if cell.data_type == "f":
                faults[number] = ("formula", f"{name}: {_text(cell)}")
            elif cell.data_type == "e":
                faults[number] = ("type", f"{name}: {_text(cell)}")
        cells = [_text(cell) for cell in row[:width]]
        yield [*cells, *[None] * (width - len(cells))]


def _text(cell: Any) -> str | None:
    """A cell's value as text that loses nothing."""
    value = cell.value
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return value.isoformat() if isinstance(value, date | time) else str(value)


def _left_out(book: Any) -> frozenset[tuple[str, str]]:
    """Ids and columns that our own writer lists as too long for a cell."""
    if NOTES not in book.sheetnames:
        return frozenset()
    rows = book[NOTES].iter_rows(min_row=3, max_col=2, values_only=True)
    return frozenset((str(row[0]), str(row[1])) for row in rows if len(row) == 2 and row[0])
