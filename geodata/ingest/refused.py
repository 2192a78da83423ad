"""Refused rows in the format they came in, with the reasons: to be mended and sent again."""

import csv
import json
import warnings
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter
from pyogrio.raw import write_arrow
from pyproj import CRS

from geodata.formats.dbase import TEXT_BYTES
from geodata.formats.fields import short_names
from geodata.formats.kml import FORBIDDEN
from geodata.formats.xlsx import CELL_CHARACTERS, OPTIONS, sheet_name
from geodata.ingest.inspection import Checked
from geodata.ingest.readers.documents import Documents, Json
from geodata.ingest.readers.text import FORMULA
from geodata.ingest.source import GEOMETRY, REASON_COLUMNS, Source
from geodata.ingest.values import NUMBER

Reasons = Mapping[int, tuple[str, str]]
"""Row, counted from 0 -> reasons in Chinese and in English."""

MOST_CHARACTERS = 2_000
"""Of the reasons of one row."""

GEOMETRY_NAME = "geom"


def write_refused(checked: Checked, folder: Path) -> Path | None:
    """Write the refused rows beside the report; None where there are none.

    A drawing has no place for reasons, nor a shapefile for long texts: then it is a GeoPackage.
    """
    rows = np.flatnonzero(checked.refused).tolist()
    if not rows:
        return None
    source, reasons = checked.source, reasons_of(checked)
    stem = f"refused-{Path(source.file).name.partition('.')[0]}"
    ending, write = WRITERS[source.format]
    if source.format == "shp" and _has_long_texts(source.table.take(pa.array(rows))):
        ending, write = WRITERS["gpkg"]
    path = folder / f"{stem}{ending}"
    write(source, rows, reasons, path)
    return path


def reasons_of(checked: Checked) -> Reasons:
    """What is to be mended in each row; what refuses the whole file stands in all."""
    whole: list[Any] = []
    single: dict[int, list[Any]] = {}
    for finding in filter(lambda each: each.is_error, checked.ledger.findings):
        row = finding.row - checked.source.first_row
        (whole if finding.row == 0 else single.setdefault(row, [])).append(finding)
    refused = np.flatnonzero(checked.refused).tolist()
    return {row: _joined([*whole, *single.get(row, [])]) for row in refused}


def _joined(findings: Sequence[Any]) -> tuple[str, str]:
    zh = "；".join(f"{each.field}：{each.message.zh}" for each in findings)
    en = "; ".join(f"{each.field}: {each.message.en}" for each in findings)
    return zh[:MOST_CHARACTERS], en[:MOST_CHARACTERS]


def _table(source: Source, rows: Sequence[int], reasons: Reasons) -> pa.Table:
    """The rows as they were, with two columns more."""
    kept = [*([GEOMETRY] if GEOMETRY in source.table.column_names else []), *source.columns]
    table = source.table.select(kept).take(pa.array(rows))
    for position, name in enumerate(REASON_COLUMNS):
        texts = pa.array([reasons[row][position] for row in rows], pa.large_string())
        table = table.append_column(name, texts)
    return table


def _tuples(table: pa.Table) -> Iterator[tuple[Any, ...]]:
    yield from zip(*(column.to_pylist() for column in table.columns), strict=True)


def _write_csv(source: Source, rows: Sequence[int], reasons: Reasons, path: Path) -> None:
    table = _table(source, rows, reasons)
    encoding = source.facts["encoding"].replace("utf-8-sig", "utf-8")
    encoding = "utf-8-sig" if encoding == "utf-8" else encoding
    with path.open("w", encoding=encoding, newline="") as file:
        lines = csv.writer(file, delimiter=source.facts["delimiter"])
        lines.writerow(table.column_names)
        for row in _tuples(table):
            lines.writerow([_defused(cell) for cell in row])


def _defused(cell: str | None) -> str:
    """An apostrophe keeps a spreadsheet from taking a text for a formula; the reader drops it."""
    if cell and cell[0] in FORMULA and not NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell or ""


def _write_xlsx(source: Source, rows: Sequence[int], reasons: Reasons, path: Path) -> None:
    table = _table(source, rows, reasons)
    with xlsxwriter.Workbook(str(path), OPTIONS) as book:
        sheet = book.add_worksheet(sheet_name(source.facts["sheet"]))
        for number, row in enumerate([tuple(table.column_names), *_tuples(table)]):
            for column, cell in enumerate(row):
                if cell is not None:
                    sheet.write_string(number, column, cell[:CELL_CHARACTERS])


def _write_geojson(source: Source, rows: Sequence[int], reasons: Reasons, path: Path) -> None:
    """The very features of the file, whose own texts are all that can be wrong with them."""
    documents = Documents(source.path, source.file)
    texts = map(orjson.dumps, _with_reasons(documents, set(rows), reasons))
    with path.open("wb") as file:
        if documents.is_sequence:
            file.writelines(b"\x1e" + text + b"\n" for text in texts)
        else:
            file.write(orjson.dumps(documents.members)[:-1] + b',"features":[')
            file.writelines(b",\n" * bool(at) + text for at, text in enumerate(texts))
            file.write(b"]}")


def _with_reasons(documents: Documents, rows: Container[int], reasons: Reasons) -> Iterator[Json]:
    for row, feature in enumerate(documents):
        if row in rows:
            told = dict(zip(REASON_COLUMNS, reasons[row], strict=True))
            yield feature | {"properties": (feature.get("properties") or {}) | told}


def _write_kml(source: Source, rows: Sequence[int], reasons: Reasons, path: Path) -> None:
    table = _table(source, rows, reasons)
    with path.open("w", encoding="utf-8") as file:
        file.write('<?xml version="1.0" encoding="UTF-8"?>\n')
        file.write('<kml xmlns="http://www.opengis.net/kml/2.2">\n<Document>\n')
        for row in _tuples(table):
            values = dict(zip(table.column_names, row, strict=True))
            file.write(FORBIDDEN.sub("\ufffd", _placemark(values)))
        file.write("</Document>\n</kml>\n")


def _placemark(values: dict[str, str | None]) -> str:
    geometry = values.pop(GEOMETRY, None)
    data = "".join(
        f"<Data name={quoteattr(name)}><value>{escape(value)}</value></Data>"
        for name, value in values.items()
        if value is not None
    )
    shape = _kml_shape(orjson.loads(geometry)) if geometry else ""
    return f"<Placemark><ExtendedData>{data}</ExtendedData>{shape}</Placemark>\n"


def _kml_shape(geometry: Mapping[str, Any]) -> str:
    kind = geometry["type"]
    if kind == "GeometryCollection":
        parts = [_kml_shape(part) for part in geometry["geometries"]]
        return f"<MultiGeometry>{''.join(parts)}</MultiGeometry>"
    coordinates = geometry["coordinates"]
    if kind.startswith("Multi"):
        single = kind.removeprefix("Multi")
        parts = [_kml_shape({"type": single, "coordinates": part}) for part in coordinates]
        return f"<MultiGeometry>{''.join(parts)}</MultiGeometry>"
    if kind == "Point":
        return f"<Point>{_positions([coordinates])}</Point>"
    if kind == "LineString":
        return f"<LineString>{_positions(coordinates)}</LineString>"
    sides = ["outerBoundaryIs", *["innerBoundaryIs"] * len(coordinates)]
    rings = (
        f"<{side}><LinearRing>{_positions(ring)}</LinearRing></{side}>"
        for side, ring in zip(sides, coordinates, strict=False)
    )
    return f"<Polygon>{''.join(rings)}</Polygon>"


def _positions(positions: Sequence[Sequence[object]]) -> str:
    text = " ".join(",".join(str(part) for part in position) for position in positions)
    return f"<coordinates>{escape(text)}</coordinates>"


def _write_gpkg(source: Source, rows: Sequence[int], reasons: Reasons, path: Path) -> None:
    _write_ogr(source, _table(source, rows, reasons), path, "GPKG")


def _write_fgb(source: Source, rows: Sequence[int], reasons: Reasons, path: Path) -> None:
    _write_ogr(source, _table(source, rows, reasons), path, "FlatGeobuf", SPATIAL_INDEX="NO")


def _write_ogr(source: Source, table: pa.Table, path: Path, driver: str, **options: str) -> None:
    names = [GEOMETRY_NAME if name == GEOMETRY else name for name in table.column_names]
    has_geometry = GEOMETRY in table.column_names
    with warnings.catch_warnings():
        # What said no reference system says none again.
        warnings.filterwarnings("ignore", "'crs' was not provided", UserWarning)
        write_arrow(
            table.rename_columns(names),
            path,
            driver=driver,
            geometry_name=GEOMETRY_NAME if has_geometry else None,
            geometry_type="Unknown" if has_geometry else None,
            crs=source.crs,
            layer_options=options,
        )


def _write_shp(source: Source, rows: Sequence[int], reasons: Reasons, path: Path) -> None:
    table = _table(source, rows, reasons)
    others = [name for name in table.column_names if name != GEOMETRY]
    short = dict(zip(others, short_names(others), strict=True)) | {GEOMETRY: GEOMETRY}
    table = table.rename_columns([short[name] for name in table.column_names])
    folder = path.with_name(f".{path.stem}")
    folder.mkdir()
    try:
        _write_ogr(source, table, folder / "refused.shp", "ESRI Shapefile", ENCODING="UTF-8")
        with ZipFile(path, "w", ZIP_DEFLATED) as archive:
            for part in sorted(folder.iterdir()):
                archive.write(part, part.name)
    finally:
        for part in folder.iterdir():
            part.unlink()
        folder.rmdir()


def _has_long_texts(table: pa.Table) -> bool:
    return any(
        len(value.encode()) > TEXT_BYTES
        for column in table.columns
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
        for value in column.to_pylist()
        if value is not None
    )


def _write_parquet(source: Source, rows: Sequence[int], reasons: Reasons, path: Path) -> None:
    table = _table(source, rows, reasons)
    if GEOMETRY in table.column_names:
        names = [GEOMETRY_NAME if name == GEOMETRY else name for name in table.column_names]
        crs = CRS.from_user_input(source.crs).to_json_dict() if source.crs else None
        column: dict[str, Any] = {"encoding": "WKB", "geometry_types": [], "crs": crs}
        geo = {
            "version": "1.1.0",
            "primary_column": GEOMETRY_NAME,
            "columns": {GEOMETRY_NAME: column},
        }
        table = table.rename_columns(names).replace_schema_metadata({"geo": json.dumps(geo)})
    pq.write_table(table, path, compression="zstd")


Write = Callable[[Source, Sequence[int], Reasons, Path], None]

WRITERS: Mapping[str, tuple[str, Write]] = {
    "csv": (".csv", _write_csv),
    "xlsx": (".xlsx", _write_xlsx),
    "geojson": (".geojson", _write_geojson),
    "geojsonseq": (".geojsons", _write_geojson),
    "kml": (".kml", _write_kml),
    "gpkg": (".gpkg", _write_gpkg),
    "fgb": (".fgb", _write_fgb),
    "shp": (".shp.zip", _write_shp),
    "parquet": (".parquet", _write_parquet),
    "dxf": (".gpkg", _write_gpkg),
}
"""By the format of the source: ending and writer."""
