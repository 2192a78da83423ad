"""GeoPackage, FlatGeobuf and Shapefile, read by GDAL and what else knows them."""

import csv
import io
import sqlite3
import zipfile
from datetime import datetime

import pyogrio.raw
import pytest
import shapely
from pyproj import CRS

from geodata.formats import measure
from geodata.formats.catalog import find_format
from geodata.formats.dbase import TEXT_BYTES
from geodata.formats.errors import TooManyFeaturesError
from geodata.formats.shp import GREATEST, cut
from layers.attribute import ValueType

GPKG, FGB, SHP = (find_format(name) for name in ("gpkg", "fgb", "shp"))


def rows_of(store, path, names=None):
    """Rows as GDAL reads them."""
    meta, table = pyogrio.raw.read_arrow(path, force_2d=False)
    assert CRS.from_user_input(meta["crs"]) == CRS.from_epsg(4490)
    kinds = {each.name: each.type for each in store.public} | {"id": ValueType.TEXT}
    shape_column = meta["geometry_name"] or "wkb_geometry"
    short = names is not None
    names = names or {name: name for name in kinds}
    rows = {}
    for line in table.to_pylist():
        row = {names[k]: v for k, v in line.items() if k in names}
        shape = line[shape_column] and shapely.from_wkb(line[shape_column])
        values = {name: _typed(row[name], kind, short) for name, kind in kinds.items()}
        rows[row["id"]] = values | {"geom": shape}
    return rows


def _typed(value, kind, short):
    if isinstance(value, datetime):
        return value.date()
    if kind is ValueType.NUMBER and value is not None and short:
        return rounded(value)
    if kind is ValueType.BOOLEAN and value is not None:
        return bool(value)
    return value


@pytest.fixture
def written(store, tmp_path):
    def write(format):
        path = tmp_path / f"layer.{format.extension}"
        path.write_bytes(store.export(format))
        return path

    return write


def test_a_geopackage_holds_every_value(store, written):
    store.check(rows_of(store, written(GPKG)))


def test_a_geopackage_is_whole(store, written):
    """Requirements 1-13 of OGC 12-128r18, as SQLite sees them."""
    with sqlite3.connect(written(GPKG)) as database:
        ask = lambda sql: database.execute(sql).fetchall()  # noqa: E731
        assert ask("PRAGMA integrity_check") == [("ok",)]
        assert ask("PRAGMA foreign_key_check") == []
        assert ask("PRAGMA application_id") == [(0x47504B47,)]
        tables = {name for (name,) in ask("SELECT name FROM sqlite_master")}
        assert {"gpkg_spatial_ref_sys", "gpkg_contents", "gpkg_geometry_columns"} <= tables
        assert f"rtree_{store.layer.id}_geom" in tables
        [(kind, srs)] = ask("SELECT data_type, srs_id FROM gpkg_contents")
        assert (kind, srs) == ("features", 4490)
        title = ask("SELECT name FROM gpkg_data_columns WHERE column_name = 'name_zh'")
        assert title == [("中文名称",)]
    database.close()


def test_a_flatgeobuf_holds_every_value(store, written):
    path = written(FGB)
    assert path.read_bytes()[:3] == b"fgb"
    store.check(rows_of_one_by_one(store, path))


def rows_of_one_by_one(store, path):
    """GDAL 3.12 takes FlatGeobuf features without geometry for broken when it reads columns."""
    meta, _, shapes, columns = pyogrio.raw.read(path)
    assert CRS.from_user_input(meta["crs"]) == CRS.from_epsg(4490)
    kinds = {each.name: each.type for each in store.public} | {"id": ValueType.TEXT}
    rows = {}
    for shape, *values in zip(shapes, *columns, strict=True):
        row = dict(zip(meta["fields"], values, strict=True))
        row = {name: _from_numpy(row[name], kind) for name, kind in kinds.items()}
        rows[row["id"]] = row | {"geom": None if shape is None else shapely.from_wkb(shape)}
    return rows


def _from_numpy(value, kind):
    if value is None or value != value:
        return None
    if kind is ValueType.TEXT:
        return value
    return READ[kind](value.item() if hasattr(value, "item") else value)


READ = {
    ValueType.INTEGER: int,
    ValueType.NUMBER: float,
    ValueType.BOOLEAN: bool,
    ValueType.DATE: lambda value: value.date() if isinstance(value, datetime) else value,
}


def test_a_shapefile_holds_what_it_can(store, written):
    path = written(SHP)
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        names = {f"{store.layer.id}.{ending}" for ending in ("shp", "shx", "dbf", "prj", "cpg")}
        assert names <= set(archive.namelist())
        assert archive.read(f"{store.layer.id}.cpg") == b"UTF-8"
        fields = dict(row[:2] for row in table_of(archive, "fields.csv"))
        assert all(len(field) <= 10 for field in fields)
        check_truncated(store, archive, fields)
    store.check(rows_of(store, f"/vsizip/{path}", fields), fitting)


def fitting(value):
    """As a dBASE field can hold it."""
    if isinstance(value, str):
        return cut(value).strip(" ") or None
    if isinstance(value, float):
        return rounded(value) if abs(value) < GREATEST else None
    return value


def rounded(number):
    """A dBASE field of 24 characters has no room for more."""
    return float(f"{number:.13g}") if abs(number) > 1e-15 else 0.0


def table_of(archive, name):
    text = archive.read(name).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))[1:]


def check_truncated(store, archive, fields):
    listed = set()
    if "truncated.csv" in archive.namelist():
        listed = {
            (id, fields[field], text) for id, field, text in table_of(archive, "truncated.csv")
        }
    assert listed == {
        (row["id"], name, str(value))
        for row in store.rows().values()
        for name, value in row.items()
        if _does_not_fit(value)
    }


def _does_not_fit(value):
    if isinstance(value, float):
        return abs(value) >= GREATEST
    return isinstance(value, str) and len(value.encode()) > TEXT_BYTES


def test_the_size_of_a_shapefile_is_known_before_it_is_made(store, monkeypatch):
    """Or a little more: shapes that are missing take less."""
    told = {}
    monkeypatch.setattr(measure, "_refuse_too_large", told.update)
    with zipfile.ZipFile(io.BytesIO(store.export(SHP, store.all))) as archive:
        sizes = {part: len(archive.read(f"{store.layer.id}.{part}")) for part in ("dbf", "shp")}
    header = 32 * (len(store.public) + 3)
    rows = len(store.rows())
    assert told["dbf"] == pytest.approx(sizes["dbf"] - header, abs=header + 2 * rows)
    assert 0 <= told["shp"] - (sizes["shp"] - 100) <= 40 * rows


def test_a_shapefile_that_would_be_too_large_is_refused_before_it_is_made(hard, monkeypatch):
    monkeypatch.setattr(measure, "LARGEST", 1000)
    with pytest.raises(TooManyFeaturesError, match=r"the .shp of the Shapefile would have .* GB"):
        hard.export(SHP, hard.all)


@pytest.mark.parametrize("format", [GPKG, FGB, SHP], ids=lambda each: each.name)
def test_nothing_is_a_file_without_features(hard, format, tmp_path):
    nothing = hard.all.where(hard.metadata.tables[hard.layer.id].c.id == "none")
    path = tmp_path / f"layer.{format.extension}"
    path.write_bytes(hard.export(format, nothing))
    _, table = pyogrio.raw.read_arrow(f"/vsizip/{path}" if format is SHP else path)
    assert table.num_rows == 0


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("a" * 254, "a" * 254),
        ("a" * 255, "a" * 254),
        ("中" * 85, "中" * 84),
        ("a" + "中" * 85, "a" + "中" * 84),
        ("é" * 128, "é" * 127),
        ("😀" * 64, "😀" * 63),
    ],
)
def test_texts_are_cut_between_characters(text, start):
    assert cut(text) == start
