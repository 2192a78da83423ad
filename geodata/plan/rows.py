"""Rows of the plan's CSV files, read and checked by the declaration of their tables."""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Column, Double, Table

from geodata.ingest.finding import Finding
from geodata.ingest.geojson import UnreadableFileError
from layers.text import Text

NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")

FIRST_ROW = 2
"""As a spreadsheet counts: the header is row 1."""

Row = Mapping[str, str | float | None]
Known = Mapping[str, Set[str]]
"""Column name -> ids that its values may name."""


@dataclass(frozen=True)
class RawRows:
    """Rows of one file as text; an empty field is None."""

    file: str
    rows: Sequence[Mapping[str, str | None]]


def read_rows(path: Path, table: Table) -> RawRows:
    """Rows of a CSV file with exactly the table's columns, in any order.

    Raises:
        UnreadableFileError: absent, not UTF-8, not CSV, or other columns; names the place.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            return RawRows(path.name, list(_rows(path.name, csv.reader(lines, strict=True), table)))
    except OSError as error:
        raise UnreadableFileError(f"{path.name}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UnreadableFileError(f"{path.name}: not UTF-8 at byte {error.start}") from error
    except csv.Error as error:
        raise UnreadableFileError(f"{path.name}: not CSV: {error}") from error


def check_rows(table: Table, raw: RawRows, known: Known) -> Iterator[Finding]:
    """Breaches of the table's declaration, and references to ids that are not known."""
    seen: set[tuple[str | None, ...]] = set()
    for position, row in enumerate(raw.rows, start=FIRST_ROW):
        found = [each for column in table.c if (each := _breach(column, row, known)) is not None]
        found += _order_breaches(row)
        found += _repetitions(table, row, seen)
        for breach in found:
            value = repr(row[breach.field])
            yield Finding(
                file=raw.file,
                row=position,
                field=breach.field,
                value=value,
                rule=breach.rule,
                message=breach.message,
            )


def typed_rows(table: Table, raw: RawRows) -> tuple[Row, ...]:
    """Values of checked rows in the types of their columns."""
    return tuple(
        {name: _typed(table.c[name], value) for name, value in row.items()} for row in raw.rows
    )


@dataclass(frozen=True)
class _Breach:
    field: str
    rule: str
    message: Text


def _rows(
    file: str, lines: Iterator[list[str]], table: Table
) -> Iterator[Mapping[str, str | None]]:
    header = next(lines, [])
    _check_header(file, header, table)
    for position, fields in enumerate(lines, start=FIRST_ROW):
        if len(fields) != len(header):
            raise UnreadableFileError(
                f"{file}, row {position}: {len(fields)} fields; must be {len(header)}"
            )
        yield {name: value or None for name, value in zip(header, fields, strict=True)}


def _check_header(file: str, header: list[str], table: Table) -> None:
    declared = [column.name for column in table.c]
    if sorted(header) != sorted(declared):
        raise UnreadableFileError(
            f"{file}, row 1: the columns are {', '.join(header)}; must be {', '.join(declared)}"
        )


def _breach(column: Column[object], row: Mapping[str, str | None], known: Known) -> _Breach | None:
    value = row[column.name]
    if value is None:
        message = Text("必填", "is required")
        return None if column.nullable else _Breach(column.name, "required", message)
    for rule, allowed in (
        ("type", _type_broken(column, value)),
        ("codes", _codes_broken(column, value)),
        ("reference", _reference_broken(column, value, known)),
    ):
        if allowed is not None:
            return _Breach(column.name, rule, allowed)
    return None


def _type_broken(column: Column[object], value: str) -> Text | None:
    if isinstance(column.type, Double):
        return None if NUMBER.fullmatch(value) else Text("须为数值", "must be a number")
    return Text("含空字符", "must not hold the character NUL") if "\0" in value else None


def _codes_broken(column: Column[object], value: str) -> Text | None:
    codes = column.info.get("codes")
    if codes is None or value in codes:
        return None
    names = ", ".join(codes)
    return Text(f"须为 {names} 之一", f"must be one of {names}")


def _reference_broken(column: Column[object], value: str, known: Known) -> Text | None:
    if column.name not in known or value in known[column.name]:
        return None
    return Text("须为规划清单中的标识", "must be an id of the inventory")


def _order_breaches(row: Mapping[str, str | None]) -> Iterator[_Breach]:
    low, high = row.get("value_low"), row.get("value_high")
    if _is_number(low) and _is_number(high) and float(low or 0) > float(high or 0):
        message = Text(f"不得小于 value_low {low}", f"must not be less than value_low {low}")
        yield _Breach("value_high", "range", message)


def _is_number(value: str | None) -> bool:
    return value is not None and NUMBER.fullmatch(value) is not None


def _repetitions(
    table: Table, row: Mapping[str, str | None], seen: set[tuple[str | None, ...]]
) -> Iterator[_Breach]:
    names = [column.name for column in table.primary_key]
    key = tuple(row[name] for name in names)
    if key in seen:
        columns = ", ".join(names)
        message = Text(f"{columns} 重复", f"occurs twice in the file: {columns}")
        yield _Breach(names[0], "unique", message)
    seen.add(key)


def _typed(column: Column[object], value: str | None) -> str | float | None:
    return float(value) if value is not None and isinstance(column.type, Double) else value
