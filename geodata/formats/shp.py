"""Shapefile (ESRI, 1998) in a zip, with what the format cannot hold put beside it.

- Names of fields have at most 10 characters: `fields.csv` says which attribute each one is.
- Texts have at most 254 bytes, here of UTF-8: longer ones are cut between two characters, and
  `truncated.csv` holds them in full.
- Numbers have 24 characters, of which 15 behind the point: those from 1e15 on are left out, and
  `truncated.csv` holds them.
- Blanks around a text are padding; the empty text and no text are the same.
- A feature without geometry has a null shape.
- Table and shapes have at most 2 GB each: `dbase.py` refuses more before it begins.
"""

import csv
import io
from collections.abc import Callable, Mapping
from typing import IO, Any, BinaryIO, NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile

import pyarrow as pa
import pyarrow.compute as pc

from geodata.formats.dbase import TEXT_BYTES
from geodata.formats.fields import short_names
from geodata.formats.ogr import write_ogr
from geodata.formats.rows import Rows
from layers.attribute import Attribute, ValueType

GREATEST = 1e15
UTF8 = "utf-8-sig"
"""Of the tables: Excel asks for the byte order mark."""

FIELD_COLUMNS = ("field", "attribute", "title_zh", "title_en", "type", "unit")
TRUNCATED_COLUMNS = ("id", "field", "value")


def encode(rows: Rows, file: BinaryIO) -> None:
    """The layer's files and the two tables, zipped into the stream."""
    folder = rows.folder / "layer"
    folder.mkdir()
    fields = _fields(rows.fields)
    truncated = rows.folder / "truncated.csv"
    with truncated.open("w", encoding=UTF8, newline="") as table:
        fitting = Fitting(fields, table)
        path = folder / f"{rows.layer.id}.shp"
        schema = _schema(rows.schema, fields, rows.job.widths)
        batches = (fitting.fit(batch, schema) for batch in rows.batches())
        write_ogr(rows, schema, batches, path, "ESRI Shapefile", {"ENCODING": "UTF-8"})
    with ZipFile(file, "w", ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("fields.csv", _field_table(fields).encode(UTF8))
        for part in (*sorted(folder.iterdir()), *((truncated,) if fitting.truncated else ())):
            archive.write(part, part.name)
            part.unlink()


def cut(text: str) -> str:
    """The longest start of a text that takes at most 254 bytes."""
    return text.encode()[:TEXT_BYTES].decode(errors="ignore")


def _fields(attributes: tuple[Attribute, ...]) -> dict[str, Attribute]:
    """Attributes by the names of their fields."""
    names = short_names([each.name for each in attributes])
    return dict(zip(names, attributes, strict=True))


def _schema(
    schema: pa.Schema, fields: Mapping[str, Attribute], widths: Mapping[str, int]
) -> pa.Schema:
    """With the short names; texts as wide as the longest, since a field has one width."""
    short = [
        pa.field(name, schema.field(each.name).type, metadata=_width(each, widths))
        for name, each in fields.items()
    ]
    return pa.schema([*short, schema.field(len(schema) - 1)])


def _width(attribute: Attribute, widths: Mapping[str, int]) -> dict[str, str] | None:
    if attribute.name not in widths:
        return None
    return {"GDAL:OGR:width": str(min(widths[attribute.name], TEXT_BYTES))}


def _field_table(fields: Mapping[str, Attribute]) -> str:
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(FIELD_COLUMNS)
    for name, each in fields.items():
        table.writerow((name, each.name, each.title.zh, each.title.en, each.type, each.unit))
    return text.getvalue()


class Fitting:
    """Cuts texts and leaves out numbers that do not fit, and writes them down in full."""

    def __init__(self, fields: Mapping[str, Attribute], table: IO[str]) -> None:
        self._rules = [
            (position, name, RULES[each.type])
            for position, (name, each) in enumerate(fields.items())
            if each.type in RULES
        ]
        self._table = csv.writer(table)
        self._table.writerow(TRUNCATED_COLUMNS)
        self.truncated = 0

    def fit(self, batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
        """A batch as the format can hold it."""
        columns = list(batch.columns)
        for position, name, rule in self._rules:
            if rule.is_needed(columns[position]):
                columns[position] = self._fit(columns[0], columns[position], name, rule)
        return pa.record_batch(columns, schema=schema)

    def _fit(self, ids: pa.Array, values: pa.Array, name: str, rule: "Rule") -> pa.Array:
        fitting = []
        for id_, value in zip(ids.to_pylist(), values.to_pylist(), strict=True):
            fitting.append(None if value is None else rule.fit(value))
            if fitting[-1] != value:
                self._table.writerow((id_, name, value))
                self.truncated += 1
        return pa.array(fitting, values.type)


class Rule(NamedTuple):
    """Whether any value of a column does not fit, and what stands for one that does not."""

    is_needed: Callable[[pa.Array], bool]
    fit: Callable[[Any], Any]


def _is_too_long(texts: pa.Array) -> bool:
    longest = pc.max(pc.binary_length(texts)).as_py()
    return longest is not None and longest > TEXT_BYTES


def _is_too_great(numbers: pa.Array) -> bool:
    greatest = pc.max(pc.abs(numbers)).as_py()
    return greatest is not None and greatest >= GREATEST


def _if_small(number: float) -> float | None:
    return number if abs(number) < GREATEST else None


RULES = {
    ValueType.TEXT: Rule(_is_too_long, cut),
    ValueType.NUMBER: Rule(_is_too_great, _if_small),
}
