"""CSV and its kin: encoding, delimiter and header row are found out and can be overridden."""

import csv
import itertools
import statistics
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa

from geodata.ingest.geojson import UnreadableFileError
from geodata.ingest.readers.encoding import detect_encoding, known_encoding
from geodata.ingest.request import ReadOptions
from geodata.ingest.source import BATCH_ROWS, Source, checked_columns, spooled

DELIMITERS = (",", "\t", ";", "|", "，")
LOOKED_AT = 50
"""Rows from which delimiter and header are judged."""

MOST_CHARACTERS = 20_000_000
"""Of one cell: the geometry of a large area as text."""

FORMULA = "'=+-@\t\r\n＝＋－＠"
"""Behind an apostrophe, what our own CSV defuses (`geodata.formats.csv`)."""

Row = list[str]


def read_text(path: Path, file: str, options: ReadOptions, folder: Path) -> Source:
    """Rows of a delimited text, all cells as texts; an empty cell is no value.

    Raises:
        UnreadableFileError: unknown encoding or delimiter, no header, broken quoting.
    """
    encoding = known_encoding(options.encoding) if options.encoding else detect_encoding(path, file)
    head = list(itertools.islice(_lines(path, file, encoding), LOOKED_AT))
    delimiter = options.delimiter or _delimiter(head)
    if len(delimiter) != 1:
        raise UnreadableFileError(f"{file}: delimiter {delimiter!r}; must be one character")
    rows = _rows(path, file, encoding, delimiter)
    header_row = options.header_row or _header_row(csv.reader(head, delimiter=delimiter))
    header = next(itertools.islice(rows, header_row - 1, None), None)
    if header is None or not any(cell.strip() for cell in header):
        raise UnreadableFileError(f"{file}: row {header_row} has no column names")
    names = checked_columns(file, _names(header))
    faults: dict[int, tuple[str, str]] = {}
    table = spooled(
        folder / "source.arrow", _schema(names), _batches(rows, names, faults, header_row + 1)
    )
    facts = {"encoding": encoding, "delimiter": delimiter, "header_row": str(header_row)}
    return Source(
        path=path,
        file=file,
        format="csv",
        table=table,
        first_row=header_row + 1,
        facts=facts,
        faults=faults,
    )


def text_batches(rows: Iterable[list[str | None]], names: list[str]) -> Iterator[pa.RecordBatch]:
    """Batches of text columns."""
    rows = iter(rows)
    while batch := list(itertools.islice(rows, BATCH_ROWS)):
        arrays = [pa.array(column, pa.large_string()) for column in zip(*batch, strict=True)]
        yield pa.record_batch(arrays, schema=_schema(names))


def _schema(names: list[str]) -> pa.Schema:
    return pa.schema([(name, pa.large_string()) for name in names])


def _batches(
    rows: Iterator[Row], names: list[str], faults: dict[int, tuple[str, str]], first: int
) -> Iterator[pa.RecordBatch]:
    return text_batches(_padded(rows, len(names), faults, first), names)


def _padded(
    rows: Iterator[Row], width: int, faults: dict[int, tuple[str, str]], first: int
) -> Iterator[list[str | None]]:
    """Rows as wide as the header; blank rows stay, so that numbers count as spreadsheets do."""
    for number, row in enumerate(rows, start=first):
        cells = [_plain(cell) for cell in row]
        if any(cells[width:]):
            faults[number] = ("row-width", f"{len(row)} / {width}")
        yield [*cells[:width], *[None] * (width - len(cells))]


def _plain(cell: str) -> str | None:
    if len(cell) > 1 and cell[0] == "'" and cell[1] in FORMULA:
        return cell[1:]
    return cell or None


def _lines(path: Path, file: str, encoding: str) -> Iterator[str]:
    try:
        with path.open(encoding=encoding, newline="") as stream:
            yield from stream
    except UnicodeError as error:
        raise UnreadableFileError(f"{file}: not {encoding}: {error}") from error


def _rows(path: Path, file: str, encoding: str, delimiter: str) -> Iterator[Row]:
    csv.field_size_limit(MOST_CHARACTERS)
    reader = csv.reader(_lines(path, file, encoding), delimiter=delimiter)
    try:
        yield from reader
    except csv.Error as error:
        raise UnreadableFileError(f"{file}, line {reader.line_num}: {error}") from error


def _delimiter(head: list[str]) -> str:
    """The one that cuts most rows into the same number of cells, two or more."""
    return max(DELIMITERS, key=lambda each: _agreement(head, each))


def _agreement(head: list[str], delimiter: str) -> tuple[int, int]:
    widths = [len(row) for row in csv.reader(head, delimiter=delimiter)]
    usual = statistics.mode(widths) if widths else 1
    return (widths.count(usual) if usual > 1 else 0, usual)


def _header_row(rows: Iterable[Row]) -> int:
    """The first row as wide as most: titles above a table fill one cell or two."""
    filled = [len([cell for cell in row if cell.strip()]) for row in rows]
    most = max(filled, default=0)
    return next((number for number, n in enumerate(filled, 1) if 2 * n > most), 1)


def _names(header: Row) -> list[str]:
    return [cell.strip() or f"column {number}" for number, cell in enumerate(header, start=1)]
