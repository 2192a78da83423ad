"""Files as they come: told apart by content, or refused in a sentence."""

import io
import struct
import zipfile
from pathlib import Path

import geopandas
import openpyxl
import pyogrio
import pytest
import shapely

from geodata.ingest.geojson import UnreadableFileError
from geodata.ingest.readers.catalog import read_source
from geodata.ingest.request import ReadOptions
from geodata.ingest.source import Encoding

ROWS = geopandas.GeoDataFrame(
    {"name": ["中关村", "上地"], "count": [1, 2]},
    geometry=[shapely.Point(116.31, 39.98), shapely.Point(116.3, 40.03)],
    crs="EPSG:4490",
)


def read(path: Path, folder: Path, **options):
    work = folder / "work"
    work.mkdir(exist_ok=True)
    return read_source(path, path.name, ReadOptions(**options), work)


def written(folder: Path, name: str, without: tuple[str, ...] = ("cpg",)) -> Path:
    """Files of other programs: GDAL through GeoPandas, Arrow; a zip without some parts."""
    path = folder / name
    if name.endswith(".parquet"):
        ROWS.to_parquet(path)
    elif name.endswith(".zip"):
        (folder / "parts").mkdir()
        ROWS.to_file(folder / "parts" / "名.shp", encoding="gb18030")
        for part in without:
            (folder / "parts" / f"名.{part}").unlink()
        with zipfile.ZipFile(path, "w") as archive:
            for part in sorted((folder / "parts").iterdir()):
                archive.write(part, f"folder/{part.name}")
    else:
        driver = {".gpkg": "GPKG", ".fgb": "FlatGeobuf", ".geojson": "GeoJSON"}[path.suffix]
        ROWS.to_file(path, driver=driver)
    return path


@pytest.mark.parametrize(
    ("name", "format", "encoding"),
    [
        ("a.gpkg", "gpkg", Encoding.WKB),
        ("a.fgb", "fgb", Encoding.WKB),
        ("a.geojson", "geojson", Encoding.GEOJSON),
        ("a.parquet", "parquet", Encoding.WKB),
        ("a.zip", "shp", Encoding.WKB),
    ],
)
def test_files_of_other_programs_are_read_with_their_reference_system(
    tmp_path, name, format, encoding
):
    source = read(written(tmp_path, name), tmp_path)
    assert (source.format, source.place.encoding) == (format, encoding)
    assert source.table.column("name").to_pylist() == ["中关村", "上地"]
    assert "4490" in source.crs


def test_a_shapefile_without_code_page_is_read_by_its_bytes(tmp_path):
    source = read(written(tmp_path, "a.zip"), tmp_path)
    assert source.facts["encoding"] == "gb18030"


def test_a_shapefile_without_index_is_read_and_the_next_one_needs_none_made(tmp_path):
    source = read(written(tmp_path, "a.zip", without=("cpg", "shx")), tmp_path)
    assert source.table.column("name").to_pylist() == ["中关村", "上地"]
    (tmp_path / "whole").mkdir()
    whole = written(tmp_path / "whole", "b.zip")
    assert len(pyogrio.read_dataframe(f"/vsizip/{whole}/folder/名.shp", encoding="gb18030")) == 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_encoding_and_delimiter_of_a_table_are_found_out(tmp_path, encoding, delimiter):
    path = tmp_path / "a.csv"
    lines = [delimiter.join(row) for row in (("名称", "x"), ("中关村，北", "1"), ("上地", "2"))]
    path.write_text("\n".join(lines), encoding=encoding)
    source = read(path, tmp_path)
    assert source.facts == {"encoding": encoding, "delimiter": delimiter, "header_row": "1"}
    assert source.table.column("名称").to_pylist() == ["中关村，北", "上地"]


def test_titles_above_a_table_are_no_header(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("企业名录,,\n制表：某处,,\n名称,地址,年份\n甲,乙,2011\n")
    source = read(path, tmp_path)
    assert (source.facts["header_row"], source.first_row) == ("3", 4)
    assert source.columns == ["名称", "地址", "年份"]


def test_what_the_operator_says_counts_more(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("x\n名稱;地址\n甲;乙\n".encode("big5"))
    source = read(path, tmp_path, encoding="big5", delimiter=";", header_row=2)
    assert source.table.to_pylist() == [{"名稱": "甲", "地址": "乙"}]


def test_an_apostrophe_that_keeps_a_spreadsheet_from_computing_is_taken_off(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,b\n'=1+1,''x\n'y,-5\n")
    assert read(path, tmp_path).table.to_pylist() == [
        {"a": "=1+1", "b": "'x"},
        {"a": "'y", "b": "-5"},
    ]


def workbook(path: Path) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "企业"
    sheet.append(["名称", "数", "日", "对"])
    sheet.append(["甲", 3, __import__("datetime").date(2011, 1, 2), True])
    sheet.append(["=A2", 2.5, None, None])
    book.create_sheet("别的").append(["x"])
    book.save(path)
    return path


def test_cells_of_a_workbook_become_texts_and_formulas_stay_formulas(tmp_path):
    source = read(workbook(tmp_path / "a.xlsx"), tmp_path)
    assert source.table.to_pylist() == [
        {"名称": "甲", "数": "3", "日": "2011-01-02", "对": "true"},
        {"名称": "=A2", "数": "2.5", "日": None, "对": None},
    ]
    assert source.faults == {3: ("formula", "名称: =A2")}
    assert source.facts["sheets"] == "企业\n别的"


KML = """<?xml version="1.0"?>{doctype}<kml xmlns="http://www.opengis.net/kml/2.2"><Document>
<Placemark><name>甲{entity}</name>
<ExtendedData><Data name="数"><value>1</value></Data></ExtendedData>
<MultiGeometry><Point><coordinates>116.3,39.9,0</coordinates></Point></MultiGeometry></Placemark>
<Placemark><Polygon><outerBoundaryIs><LinearRing><coordinates>
116,39 117,39 117,40 116,39</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>
</Document></kml>"""


def test_placemarks_are_read_with_data_and_shape(tmp_path):
    path = tmp_path / "a.kml"
    path.write_text(KML.format(doctype="", entity=""))
    source = read(path, tmp_path)
    assert source.table.select(["name", "数"]).to_pylist() == [
        {"name": "甲", "数": "1"},
        {"name": None, "数": None},
    ]
    shapes = shapely.from_geojson(source.table.column(source.place.columns[0]).to_pylist())
    assert [shape.geom_type for shape in shapes] == ["MultiPoint", "Polygon"]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_closed_polylines_of_a_drawing_are_areas(tmp_path, encoding):
    path = tmp_path / "a.dxf"
    vertices = "".join(f"10\n{x}\n20\n{y}\n" for x, y in ((0, 0), (9, 0), (9, 9)))
    path.write_text(
        "0\nSECTION\n2\nHEADER\n9\n$ACADVER\n1\nAC1027\n0\nENDSEC\n"
        "0\nSECTION\n2\nENTITIES\n0\nLWPOLYLINE\n8\n宗地\n100\nAcDbEntity\n100\nAcDbPolyline\n"
        f"90\n3\n70\n1\n{vertices}0\nPOINT\n8\n点\n10\n1\n20\n2\n0\nENDSEC\n0\nEOF\n",
        encoding=encoding,
    )
    source = read(path, tmp_path)
    shapes = shapely.from_wkb(source.table.column(source.place.columns[0]).to_pylist())
    assert [shape.geom_type for shape in shapes] == ["Polygon", "Point"]
    assert source.crs is None
    assert source.table.column("Layer").to_pylist() == ["宗地", "点"]
    assert pyogrio.get_gdal_config_option("DXF_ENCODING") is None


def zipped(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "."), content)
    return buffer.getvalue()


BOMB = "<!DOCTYPE kml [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>]>"
OUTSIDE = "<!DOCTYPE kml [<!ENTITY b SYSTEM 'file:///etc/passwd'>]>"
SQLITE = b"SQLite format 3\0"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", b"", "is empty"),
        ("a.csv", b"\xef\xbb\xbf \n", "is empty"),
        ("a.csv", b"a,b\n", "no rows in it"),
        ("a.csv", b"a,b\n\xff\xff,1\n", "neither UTF-8 .byte 4. nor GB18030"),
        ("a.csv", b'a,b\n"x', None),
        ("a.geojson", b"a,b\n1,2\n", "its content is CSV; such a file ends in .csv"),
        ("a.csv", SQLITE + bytes(100), "its content is GeoPackage; such a file ends in .gpkg"),
        ("a.gpkg", SQLITE + bytes(100), "cannot be read"),
        ("a.fgb", b"fgb\x03fgb\x01" + bytes(20), "no layer in it"),
        ("a.parquet", b"PAR1" + bytes(20), "cannot be read as Parquet"),
        ("a.geojson", b'{"type":"FeatureCollection","features":[', "line 1, column 41"),
        ("a.geojson", b'{"type":"FeatureCollection","features":[1]}', "feature 1: must be"),
        ("a.geojson", b"{}", "must be a GeoJSON FeatureCollection"),
        ("a.geojson", b"[" * 100_000, "a.geojson"),
        ("a.kml", b"<kml><Document><Placemark>", "line 1, column 27: no element found"),
        ("a.kml", KML.format(doctype=BOMB, entity="&b;").encode(), "has a document type"),
        ("a.kml", KML.format(doctype=OUTSIDE, entity="&b;").encode(), "has a document type"),
        ("a.xml", b"<OGRVRTDataSource/>", "a GDAL virtual format"),
        ("a.vrt", b"<OGRVRTDataSource/>", "a GDAL virtual format"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(50), "save it as .xlsx"),
        ("a.shp", struct.pack(">i", 9994) + bytes(96), "zip it with its .dbf"),
        ("a.dwg", b"AC1032" + bytes(50), "save it as DXF"),
        ("a.bin", bytes(range(1, 30)) + b"\0" * 9, "no known format; read are GeoPackage"),
        ("a.zip", b"PK\x03\x04" + bytes(50), "cut off or damaged"),
        ("a.zip", zipped(a__txt=b"x"), "a zip archive without shapefile"),
        ("a.zip", zipped(a__shp=b"x"), "a lacks .dbf"),
        ("a.zip", zipped(a__shp=b"", b__shp=b"", a__dbf=b""), "one shapefile, .* in it: a, b"),
        ("a.zip", zipped(**{"../../a__shp": b"x"}), "its name leads out of the archive"),
        ("a.zip", zipped(**{"/etc/a__shp": b"x"}), "its name leads out of the archive"),
        ("a.zip", zipped(a__shp=bytes(60 << 20)), "unpacks to 200 times its size or more"),
        ("a.xlsx", zipped(**{"xl/workbook__xml": b"<x"}), "cannot be read as a workbook"),
        ("a.xlsx", zipped(**{"xl/workbook__xml": bytes(60 << 20)}), "200 times its size"),
    ],
)
def test_what_is_no_file_of_ours_is_refused_in_a_sentence(tmp_path, name, content, words):
    path = tmp_path / name
    path.write_bytes(content)
    if words is None:
        assert read(path, tmp_path).table.num_rows == 1
        return
    with pytest.raises(UnreadableFileError, match=words) as refusal:
        read(path, tmp_path)
    assert str(refusal.value).startswith(name)
    assert str(tmp_path) not in str(refusal.value)


@pytest.mark.parametrize("name", ["a.gpkg", "a.fgb", "a.parquet", "a.zip", "a.geojson"])
def test_a_file_that_is_cut_off_is_never_read_in_part(tmp_path, name):
    path = written(tmp_path, name)
    content = path.read_bytes()
    for share in (0.3, 0.6, 0.9):
        path.write_bytes(content[: int(len(content) * share)])
        with pytest.raises(UnreadableFileError):
            read(path, tmp_path)


def test_a_sheet_or_layer_that_is_not_there_is_refused_with_those_that_are(tmp_path):
    with pytest.raises(UnreadableFileError, match="no sheet 'x'; the sheets are 企业, 别的"):
        read(workbook(tmp_path / "a.xlsx"), tmp_path, sheet="x")
    path = written(tmp_path, "a.gpkg")
    ROWS.to_file(path, layer="second", driver="GPKG")
    with pytest.raises(UnreadableFileError, match=r"several layers; name one .*: a, second"):
        read(path, tmp_path)
    assert read(path, tmp_path, layer_name="second").table.num_rows == 2


@pytest.mark.parametrize("name", ["a.csv", "a.gpkg"])
def test_a_file_that_is_not_there_is_said_so(tmp_path, name):
    with pytest.raises(UnreadableFileError, match=f"{name}: No such file"):
        read(tmp_path / name, tmp_path)


def test_every_real_file_that_holds_features_is_read(shared, tmp_path):
    """As they lie in the reference data, but for one of several layers."""
    data = shared / "data"
    paths = [path for path in data.rglob("*.*") if path.suffix in (".geojson", ".gpkg", ".csv")]
    rows = {
        path.name: read(path, tmp_path).table.num_rows
        for path in paths
        if not path.name.startswith("momepy")
    }
    assert rows["beijing_compounds_bd09_raw.csv"] == 3703
    assert rows["dutch_addresses_28992.gpkg"] == rows["dutch_addresses_4326.gpkg"] == 2481
