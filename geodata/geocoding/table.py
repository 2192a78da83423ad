"""Tables of addresses: CSV, Excel and GeoJSON files, given back with what was found.

A file comes back as it was, in its own format and encoding, with columns more: cells, formulas,
order and blank rows stay. So each format is read once for its addresses, by the readers of the
import, and once more when the result is written.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

import openpyxl
import orjson
import pyarrow.compute as pc

from geodata.errors import GeodataError
from geodata.geocoding.outcome import COLUMNS, Outcome
from geodata.ingest.geojson import UnreadableFileError
from geodata.ingest.readers.catalog import read_source, reader_of
from geodata.ingest.request import ReadOptions
from geodata.ingest.source import Source

ADDRESS_COLUMNS = (
    *(
        "地址",
        "详细地址",
        "注册地址",
        "经营地址",
        "办公地址",
        "通讯地址",
        "通信地址",
        "住所",
        "坐落",
    ),
    *("地点", "位置", "address", "addr"),
)
"""Usual names of the column, the likeliest first."""

ENDINGS = (".csv", ".tsv", ".txt", ".xlsx", ".geojson", ".json", ".geojsonl", ".ndjson")
FORMATS = ("csv", "xlsx", "geojson", "geojsonseq")


class UnknownColumnError(GeodataError):
    """No column of addresses was found, or not the one that was named."""

    def __init__(self, file: str, wanted: str | None, columns: Sequence[str]) -> None:
        what = f"no column {wanted!r}" if wanted else "which column holds the addresses?"
        super().__init__(f"{file}: {what} There are {', '.join(columns)}; name one with --column.")


@dataclass(frozen=True)
class AddressTable:
    """The addresses of a file.

    Args:
        path: of the file.
        format: `csv`, `xlsx`, `geojson` or `geojsonseq`.
        column: that holds the addresses.
        columns: all of them.
        addresses: by row; None where the cell is empty.
        blank: rows that are empty altogether.
        first_row: number of the first row as spreadsheets count.
        facts: what was found out of the file: encoding, delimiter, header row, sheet.
    """

    path: Path
    format: str
    column: str
    columns: tuple[str, ...]
    addresses: tuple[str | None, ...]
    blank: frozenset[int]
    first_row: int
    facts: dict[str, str]

    @property
    def header_row(self) -> int:
        """1-based row of the column names."""
        return int(self.facts["header_row"])

    @property
    def result_names(self) -> tuple[str, ...]:
        """Names of the columns that the result has more; none is one that was there before."""
        return tuple(_free_name(name, self.columns) for name in COLUMNS)


def read_addresses(path: Path, column: str | None, sheet: str | None) -> AddressTable:
    """Read a file's addresses.

    Args:
        path: of the file.
        column: that holds them; None: the one of a usual name.
        sheet: of a workbook; None: the first.

    Raises:
        UnreadableFileError: absent, damaged, or of another format.
        UnknownColumnError: names the columns that there are.
    """
    reader = reader_of(path, path.name)
    if not path.name.lower().endswith(ENDINGS):
        raise UnreadableFileError(
            f"{path.name}: {reader.title.en} holds no table of addresses; taken are"
            " CSV, Excel (.xlsx) and GeoJSON"
        )
    with TemporaryDirectory(prefix="zgc-geocode-") as folder:
        options = ReadOptions(sheet=sheet)
        return _table(read_source(path, path.name, options, Path(folder)), column)


def _table(source: Source, column: str | None) -> AddressTable:
    columns = source.columns
    chosen = _column(source.file, column, columns)
    empty = reduce(pc.and_, (pc.is_null(source.table[name]) for name in columns))
    texts = source.table[chosen].to_pylist()
    return AddressTable(
        path=source.path,
        format=source.format,
        column=chosen,
        columns=tuple(columns),
        addresses=tuple(text.strip() or None if text else None for text in texts),
        blank=frozenset(row for row, is_empty in enumerate(empty.to_pylist()) if is_empty),
        first_row=source.first_row,
        facts=dict(source.facts),
    )


def _column(file: str, wanted: str | None, columns: Sequence[str]) -> str:
    plain = {name.strip().casefold(): name for name in reversed(columns)}
    for name in (wanted,) if wanted else ADDRESS_COLUMNS:
        if found := plain.get(name.strip().casefold()):
            return found
    raise UnknownColumnError(file, wanted, columns)


def _free_name(name: str, taken: Sequence[str]) -> str:
    while name in taken:
        name = f"geocoded_{name}"
    return name


def write_addresses(table: AddressTable, outcomes: Sequence[Outcome], file: IO[bytes]) -> None:
    """Write the file again with the outcome of each row."""
    WRITERS[table.format](table, outcomes, file)


def _write_csv(table: AddressTable, outcomes: Sequence[Outcome], file: IO[bytes]) -> None:
    encoding, delimiter = table.facts["encoding"], table.facts["delimiter"]
    with table.path.open(encoding=encoding, newline="") as given:
        rows = csv.reader(given, delimiter=delimiter)
        for row in _with_outcomes(table, rows, outcomes):
            line = _Line()
            csv.writer(line, delimiter=delimiter).writerow(row)
            file.write(line.text.encode(encoding if not file.tell() else _unmarked(encoding)))


class _Line:
    """Takes one written line."""

    text = ""

    def write(self, text: str) -> None:
        self.text += text


def _unmarked(encoding: str) -> str:
    """The encoding behind the byte order mark, which stands once at the start."""
    return {"utf-8-sig": "utf-8", "utf-16": "utf-16-le"}.get(encoding, encoding)


def _with_outcomes(
    table: AddressTable, rows: Iterator[list[str]], outcomes: Sequence[Outcome]
) -> Iterator[list[str]]:
    yield from islice(rows, table.header_row - 1)
    header = next(rows)
    yield [*header, *table.result_names]
    for row, outcome in zip(rows, outcomes, strict=True):
        padding = [""] * (len(header) - len(row))
        yield [*row, *padding, *map(_cell, outcome)] if row else row


def _cell(value: object) -> str:
    if value is None:
        return ""
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _write_xlsx(table: AddressTable, outcomes: Sequence[Outcome], file: IO[bytes]) -> None:
    book = openpyxl.load_workbook(table.path)
    sheet = book[table.facts["sheet"]]
    first_column = len(table.columns) + 1
    _fill(sheet, table.header_row, first_column, table.result_names)
    for row, outcome in enumerate(outcomes, table.first_row):
        if row - table.first_row not in table.blank:
            _fill(sheet, row, first_column, outcome)
    book.save(file)


def _fill(sheet: Any, row: int, first_column: int, values: Sequence[object]) -> None:
    for column, value in enumerate(values, first_column):
        cell = sheet.cell(row, column)
        cell.value = value
        if isinstance(value, str):
            cell.data_type = "s"


def _write_geojson(table: AddressTable, outcomes: Sequence[Outcome], file: IO[bytes]) -> None:
    document = orjson.loads(table.path.read_bytes().removeprefix(b"\xef\xbb\xbf"))
    features = [document] if document["type"] == "Feature" else document["features"]
    for feature, outcome in zip(features, outcomes, strict=True):
        _complete(feature, table, outcome)
    file.write(orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE))


def _write_sequence(table: AddressTable, outcomes: Sequence[Outcome], file: IO[bytes]) -> None:
    data = table.path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    mark = b"\x1e" if data.startswith(b"\x1e") else b""
    records = [record for record in data.split(mark or b"\n") if record.strip()]
    for record, outcome in zip(records, outcomes, strict=True):
        feature = orjson.loads(record)
        _complete(feature, table, outcome)
        file.write(mark + orjson.dumps(feature, option=orjson.OPT_APPEND_NEWLINE))


def _complete(feature: dict[str, Any], table: AddressTable, outcome: Outcome) -> None:
    """Give a feature its properties, and a geometry where it has none."""
    found = dict(zip(table.result_names, outcome, strict=True))
    feature["properties"] = (feature.get("properties") or {}) | found
    if feature.get("geometry") is None and outcome.lon is not None:
        feature["geometry"] = {"type": "Point", "coordinates": [outcome.lon, outcome.lat]}


WRITERS = {
    "csv": _write_csv,
    "xlsx": _write_xlsx,
    "geojson": _write_geojson,
    "geojsonseq": _write_sequence,
}
