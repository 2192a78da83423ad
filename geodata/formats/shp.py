"""Shapefile (ESRI, 1998) in a zip, with what the format cannot hold put beside it.

- Names of fields have at most 10 characters: `fields.csv` says which attribute each one is.
- Texts have at most 254 bytes, here of UTF-8: longer ones are cut between two characters, and
  `truncated.csv` holds them in full.
- The empty text and no text are the same; a feature without geometry has a null shape.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import IO, BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile

import pyarrow as pa
import pyarrow.compute as pc

from geodata.formats.ogr import write_ogr
from geodata.formats.rows import Rows
from layers.attribute import Attribute, ValueType

NAME_LENGTH = 10
TEXT_BYTES = 254
UTF8 = "utf-8-sig"
"""Of the tables: Excel asks for the byte order mark."""

FIELD_COLUMNS = ("field", "attribute", "title_zh", "title_en", "type", "unit")
TRUNCATED_COLUMNS = ("id", "field", "text")


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


def short_names(names: list[str]) -> list[str]:
    """Names of at most 10 characters, each once: of alike ones, later ones end in a number."""
    taken: list[str] = []
    for name in names:
        taken.append(next(each for each in _candidates(name) if each not in taken))
    return taken


def _candidates(name: str) -> Iterator[str]:
    yield name[:NAME_LENGTH]
    for number in range(1, 1000):
        ending = f"_{number}"
        yield name[: NAME_LENGTH - len(ending)] + ending


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
    """Cuts texts that are too long and writes them down in full."""

    def __init__(self, fields: Mapping[str, Attribute], table: IO[str]) -> None:
        self._texts = [
            (position, name)
            for position, (name, each) in enumerate(fields.items())
            if each.type is ValueType.TEXT
        ]
        self._table = csv.writer(table)
        self._table.writerow(TRUNCATED_COLUMNS)
        self.truncated = 0

    def fit(self, batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
        """A batch as the format can hold it."""
        columns = list(batch.columns)
        for position, name in self._texts:
            if _is_too_long(columns[position]):
                columns[position] = self._cut(columns[0], columns[position], name)
        return pa.record_batch(columns, schema=schema)

    def _cut(self, ids: pa.Array, texts: pa.Array, name: str) -> pa.Array:
        fitting = []
        for id_, text in zip(ids.to_pylist(), texts.to_pylist(), strict=True):
            short = None if text is None else cut(text)
            if short != text:
                self._table.writerow((id_, name, text))
                self.truncated += 1
            fitting.append(short)
        return pa.array(fitting, pa.string())


def _is_too_long(texts: pa.Array) -> bool:
    longest = pc.max(pc.binary_length(texts)).as_py()
    return longest is not None and longest > TEXT_BYTES
