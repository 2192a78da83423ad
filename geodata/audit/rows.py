"""Events as rows of a table or members of a document, for people and for other programs."""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

import orjson
from sqlalchemy import Row

from geodata.audit.chain import SEALED
from geodata.formats.csv import BYTE_ORDER_MARK, FORMULA


def document(event: Row[Any]) -> dict[str, Any]:
    """An event as JSON has it; times in UTC."""
    return {name: event._mapping[name] for name in SEALED}


def json_pieces(events: Iterable[Row[Any]]) -> Iterator[bytes]:
    """One JSON document, `{"events": [...]}`, piece by piece."""
    yield b'{"events":['
    for number, event in enumerate(events):
        yield (b",\n" if number else b"\n") + orjson.dumps(document(event), option=orjson.OPT_UTC_Z)
    yield b"\n]}\n"


def csv_pieces(events: Iterable[Row[Any]]) -> Iterator[bytes]:
    """CSV (RFC 4180), UTF-8 with the mark that Excel asks for; formulas are defused."""
    yield BYTE_ORDER_MARK + _csv_line(SEALED)
    for event in events:
        yield _csv_line(tuple(_cell(event._mapping[name]) for name in SEALED))


def _csv_line(cells: Iterable[str]) -> bytes:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(cells)
    return line.getvalue().encode()


def _cell(value: object) -> str:
    """Texts as they are, but for those that a spreadsheet would take for a formula."""
    if value is None:
        return ""
    if isinstance(value, int):
        return str(value)
    text = value if isinstance(value, str) else orjson.dumps(value).decode().strip('"')
    return f"'{text}" if text[:1] in tuple("'" + FORMULA) and text else text
