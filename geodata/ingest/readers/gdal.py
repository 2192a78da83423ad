"""Files read through GDAL: GeoPackage, FlatGeobuf, Shapefile, DXF. Local files only, by content.

The catalog has looked at a file's first bytes, and the driver that GDAL then chooses must be the
one meant; so that nothing reads addresses, other files or other formats that a file may name.
"""

import csv
import io
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile, ZipInfo

import pyarrow as pa
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError
from pyogrio.raw import open_arrow

from geodata.ingest.geojson import UnreadableFileError
from geodata.ingest.readers.archive import open_archive, unpacked
from geodata.ingest.readers.dbf import dbf_encoding
from geodata.ingest.readers.encoding import detect_encoding, known_encoding
from geodata.ingest.readers.text import MOST_CHARACTERS
from geodata.ingest.request import ReadOptions
from geodata.ingest.source import (
    BATCH_ROWS,
    GEOMETRY,
    Encoding,
    Place,
    Source,
    checked_columns,
    spooled,
)

pyogrio.set_gdal_config_options(
    {
        "DXF_CLOSED_LINE_AS_POLYGON": True,
        "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": "{none}",
        "GDAL_HTTP_TIMEOUT": 1,
        # GDAL 3.12's own Arrow stream of FlatGeobuf breaks where a geometry is null.
        "OGR_FLATGEOBUF_STREAM_BASE_IMPL": True,
        "OGR_SQLITE_LIST_VIRTUAL_OGR": False,
        # Views of a file that is sent may call no function that reaches beyond it.
        "OGR_SQLITE_PRAGMA": "trusted_schema=0",
    }
)

DAMAGES = (
    BadZipFile,
    DataLayerError,
    DataSourceError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
    csv.Error,
    pa.ArrowException,
)

LONGEST_NAME = 100

PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
"""Parts of a shapefile that are read; a `.qix` or `.sbn` index is not needed."""


def read_gpkg(path: Path, file: str, options: ReadOptions, folder: Path) -> Source:
    """A layer of a GeoPackage."""
    return _read(path, file, options, folder, "gpkg", "GPKG")


def read_fgb(path: Path, file: str, options: ReadOptions, folder: Path) -> Source:
    """A FlatGeobuf file."""
    return _read(path, file, options, folder, "fgb", "FlatGeobuf")


def read_dxf(path: Path, file: str, options: ReadOptions, folder: Path) -> Source:
    """Entities of a drawing, closed polylines as polygons; its layers are the column `Layer`.

    GDAL goes by the code page of the header, which newer drawings, all in UTF-8, need not have.
    """
    named = options.encoding
    encoding = known_encoding(named) if named else detect_encoding(path, file)
    with _configured(DXF_ENCODING=encoding):
        source = _read(path, file, replace(options, encoding=None), folder, "dxf", "DXF")
    return replace(source, facts={**source.facts, "encoding": encoding})


def read_shp(path: Path, file: str, options: ReadOptions, folder: Path) -> Source:
    """The shapefile in a zip, with what our own writer puts beside it.

    Raises:
        UnreadableFileError: none or several in the archive, or parts of it are missing.
    """
    with open_archive(path, file) as archive, _damages_told(file):
        chosen = _chosen(archive, file, options.layer_name)
        for extension, member in chosen.items():
            unpacked(archive, file, member, folder, f"layer{extension}")
        names = _attribute_names(archive)
        whole = _whole_values(archive)
    encoding = _shapefile_encoding(folder, options)
    told, shapes = ReadOptions(encoding=encoding), folder / "layer.shp"
    # Left on, GDAL would write the index of every shapefile anew, and fail in archives.
    with _configured(SHAPE_RESTORE_SHX=".shx" not in chosen or None):
        source = _read(shapes, file, told, folder, "shp", "ESRI Shapefile")
    facts = {**source.facts, "encoding": encoding or _code_page(folder)}
    with _damages_told(file):
        table = _completed(source.table, names, whole)
    return Source(
        path=path,
        file=file,
        format="shp",
        table=table,
        place=source.place,
        crs=source.crs,
        facts=facts,
    )


@contextmanager
def _configured(**options: object) -> Iterator[None]:
    """GDAL's options of the whole process, for as long as one file is read."""
    former = {name: pyogrio.get_gdal_config_option(name) for name in options}
    pyogrio.set_gdal_config_options(options)
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options(former)


@contextmanager
def _damages_told(file: str) -> Iterator[None]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            yield
    except DAMAGES as error:
        raise UnreadableFileError(f"{file}: cannot be read: {error}") from error


def _read(
    path: Path, file: str, options: ReadOptions, folder: Path, format: str, driver: str
) -> Source:
    with _damages_told(file):
        layers = [str(name) for name, _ in pyogrio.list_layers(path)]
        layer = _layer(file, layers, options.layer_name)
        info = pyogrio.read_info(path, layer=layer, encoding=options.encoding)
        if info["driver"] != driver:
            raise UnreadableFileError(f"{file}: is {info['driver']}, not {driver}")
        with open_arrow(
            path, layer=layer, encoding=options.encoding, use_pyarrow=True, batch_size=BATCH_ROWS
        ) as (meta, reader):
            names = _names(file, reader.schema, meta)
            schema = _renamed(reader.schema, names)
            batches = (pa.record_batch(list(each.columns), schema=schema) for each in reader)
            table = spooled(folder / "source.arrow", schema, batches)
    facts = {"layer_name": layer, "layer_names": "\n".join(layers)} if len(layers) > 1 else {}
    place = Place(Encoding.WKB, (GEOMETRY,)) if GEOMETRY in names else Place(Encoding.NONE)
    crs = info["crs"] if format != "dxf" else None
    return Source(
        path=path, file=file, format=format, table=table, place=place, crs=crs, facts=facts
    )


def _layer(file: str, layers: list[str], wanted: str | None) -> str:
    if not layers:
        raise UnreadableFileError(f"{file}: no layer in it")
    if wanted is None and len(layers) > 1:
        raise UnreadableFileError(
            f"{file}: several layers; name one (--layer-name): {', '.join(layers)}"
        )
    if wanted is not None and wanted not in layers:
        raise UnreadableFileError(
            f"{file}: no layer {wanted!r}; the layers are {', '.join(layers)}"
        )
    return wanted or layers[0]


def _names(file: str, schema: pa.Schema, meta: Mapping[str, Any]) -> list[str]:
    geometry = meta["geometry_name"] or "wkb_geometry"
    return checked_columns(
        file, (GEOMETRY if name == geometry else str(name) for name in schema.names)
    )


def _renamed(schema: pa.Schema, names: list[str]) -> pa.Schema:
    return pa.schema(
        [pa.field(name, field.type) for name, field in zip(names, schema, strict=True)]
    )


def _chosen(archive: ZipFile, file: str, wanted: str | None) -> dict[str, ZipInfo]:
    """Parts of the wanted, or only, shapefile by their endings."""
    members = {each.filename: each for each in archive.infolist() if not each.is_dir()}
    stems = sorted(name[:-4] for name in members if name.lower().endswith(".shp"))
    stems = [stem for stem in stems if not stem.startswith("__MACOSX/")]
    if wanted is not None:
        stems = [stem for stem in stems if Path(stem).name == wanted] or stems
    if len(stems) != 1:
        names = ", ".join(Path(stem).name for stem in stems) or "none"
        raise UnreadableFileError(
            f"{file}: must hold one shapefile, or name one (--layer-name); in it: {names}"
        )
    parts = {
        name[-4:].lower(): each
        for name, each in members.items()
        if name[:-4] == stems[0] and name[-4:].lower() in PARTS
    }
    if missing := sorted({".shp", ".dbf"} - parts.keys()):
        raise UnreadableFileError(f"{file}: {stems[0]} lacks {', '.join(missing)}")
    return parts


def _shapefile_encoding(folder: Path, options: ReadOptions) -> str | None:
    """As named, as its .cpg says (None), or as its bytes say."""
    if options.encoding:
        return known_encoding(options.encoding)
    if (folder / "layer.cpg").exists():
        return None
    return dbf_encoding(folder / "layer.dbf")


def _code_page(folder: Path) -> str:
    """What the .cpg says: a name in one line."""
    with (folder / "layer.cpg").open(encoding="ascii", errors="replace") as file:
        return file.readline(LONGEST_NAME).strip()


def _rows(archive: ZipFile, name: str) -> list[dict[str, str]]:
    if name not in archive.namelist():
        return []
    csv.field_size_limit(MOST_CHARACTERS)
    text = archive.read(name).decode("utf-8-sig", errors="replace")
    rows = csv.DictReader(io.StringIO(text, newline=""))
    return [row for row in rows if None not in row and None not in row.values()]


def _attribute_names(archive: ZipFile) -> dict[str, str]:
    """Names of fields that our own writer had to shorten."""
    rows = _rows(archive, "fields.csv")
    return {row["field"]: row["attribute"] for row in rows if "attribute" in row and "field" in row}


def _whole_values(archive: ZipFile) -> dict[str, dict[str, str]]:
    """Field -> id -> value that did not fit, as our own writer puts them beside."""
    whole: dict[str, dict[str, str]] = {}
    for row in _rows(archive, "truncated.csv"):
        if {"id", "field", "value"} <= row.keys():
            whole.setdefault(row["field"], {})[row["id"]] = row["value"]
    return whole


def _completed(
    table: pa.Table, names: Mapping[str, str], whole: Mapping[str, Mapping[str, str]]
) -> pa.Table:
    if whole and "id" in table.column_names:
        ids = table.column("id").to_pylist()
        for field, values in whole.items():
            if field not in table.column_names:
                continue
            at = table.column_names.index(field)
            column = [
                values.get(id_, present)
                for id_, present in zip(ids, table.column(at).to_pylist(), strict=True)
            ]
            texts = [None if each is None else str(each) for each in column]
            table = table.set_column(at, field, pa.array(texts, pa.large_string()))
    return table.rename_columns([names.get(name, name) for name in table.column_names])
