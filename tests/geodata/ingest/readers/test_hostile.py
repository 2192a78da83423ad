"""Files that mean harm: refused in a sentence, or read as what they are, and nothing else."""

import io
import sqlite3
import struct
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas
import pyarrow as pa
import pyarrow.parquet
import pytest
import shapely

from geodata.ingest import source
from geodata.ingest.geojson import UnreadableFileError
from geodata.ingest.readers import archive
from geodata.ingest.readers.catalog import read_source
from geodata.ingest.request import ReadOptions
from geodata.ingest.source import Source

POINT = geopandas.GeoDataFrame(
    {"name": ["甲"]}, geometry=[shapely.Point(116.31, 39.98)], crs="EPSG:4490"
)
MOST_S = 10


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Source]:
    """Reads content as a file of a name, into a folder from which nothing may escape."""

    def run(name: str, content: bytes) -> Source:
        work = tmp_path / "inner" / "work"
        work.mkdir(parents=True)
        path = tmp_path / name
        path.write_bytes(content)
        began = time.monotonic()
        try:
            return read_source(path, name, ReadOptions(), work)
        finally:
            assert time.monotonic() - began < MOST_S
            assert {each.name for each in tmp_path.iterdir()} == {"inner", name}
            assert [each.name for each in (tmp_path / "inner").iterdir()] == ["work"]

    return run


def read_or_refused(read: Callable[..., Source], name: str, content: bytes) -> Source | str:
    """What was read, or the sentence of the refusal, which names the file."""
    try:
        return read(name, content)
    except UnreadableFileError as refusal:
        return str(refusal)


def packed(*members: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members:
            file.writestr(name, content)
    return buffer.getvalue()


def shapefile(tmp_path: Path) -> dict[str, bytes]:
    folder = tmp_path.parent / f"{tmp_path.name}-parts"
    folder.mkdir()
    POINT.to_file(folder / "a.shp", encoding="utf-8")
    return {each.name: each.read_bytes() for each in folder.iterdir()}


def link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, 0o120777 << 16
    return info


def encrypted(name: str) -> bytes:
    content = bytearray(packed((name, b"x")))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + at] |= 1
    return bytes(content)


def claiming(content: bytes, size: int) -> bytes:
    """An archive that says its directory has so many bytes."""
    at = content.rindex(b"PK\x05\x06") + 12
    return content[:at] + struct.pack("<I", size) + content[at + 4 :]


def overlapping(copies: int) -> bytes:
    """Many names for one packed member, which then unpacks as often."""
    content = packed(("a.shp", bytes(1 << 20)))
    start, end = content.index(b"PK\x01\x02"), content.rindex(b"PK\x05\x06")
    entry = content[start:end]
    directory = entry * copies
    tail = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, copies, copies, len(directory), start, 0)
    return content[:start] + directory + tail


ARCHIVES: dict[str, tuple[str, bytes, str]] = {
    "climbs out": ("a.zip", packed(("x/../../../../tmp/a.shp", b"x")), "leads out"),
    "climbs out the other way": ("a.zip", packed(("..\\..\\a.shp", b"x")), "leads out"),
    "an absolute name": ("a.zip", packed(("/etc/cron.d/a.shp", b"x")), "leads out"),
    "a name with a drive": ("a.zip", packed(("C:/a.shp", b"x")), "leads out"),
    "a link": ("a.zip", packed((link("a.shp"), b"/etc/passwd")), "is a link"),
    "encrypted": ("a.zip", encrypted("a.shp"), "is encrypted"),
    "a bomb": ("a.zip", packed(("a.shp", bytes(30 << 20))), "as a zip bomb does"),
    "a bomb beside": ("a.zip", packed(("a.shp", b""), ("b", bytes(30 << 20))), "zip bomb"),
    "a bomb in a workbook": ("a.xlsx", packed(("xl/workbook.xml", bytes(30 << 20))), "zip bomb"),
    "an archive in an archive": ("a.zip", packed(("b.zip", packed(("a.shp", b"")))), "without"),
    "many members": ("a.zip", packed(*((f"{n}", b"") for n in range(2001))), "2001 members"),
    "many names of one": ("a.zip", overlapping(1999), "damaged|Overlapped|lacks|one shapefile"),
    "a directory of 4 GB": ("a.zip", claiming(packed(("a.shp", b"")), 2**32 - 1), "whole zip"),
}


@pytest.mark.parametrize(("name", "content", "words"), ARCHIVES.values(), ids=ARCHIVES)
def test_an_archive_that_means_harm_is_refused(
    read: Callable[..., Source], name: str, content: bytes, words: str
) -> None:
    with pytest.raises(UnreadableFileError, match=words) as refusal:
        read(name, content)
    assert str(refusal.value).startswith(name)


def test_a_directory_is_not_read_beyond_the_limit(
    read: Callable[..., Source], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "MOST_LISTED", 1000)
    with pytest.raises(UnreadableFileError, match=r"a directory of .* at most 1000 are read"):
        read("a.zip", packed(*((f"{n}", b"") for n in range(100))))


PARTS: dict[str, tuple[str, bytes | Callable[[bytes], bytes]]] = {
    "a table that claims two thousand million rows": (
        "a.dbf",
        lambda dbf: dbf[:4] + struct.pack("<I", 2**31 - 1) + dbf[8:],
    ),
    "a table that claims long rows": (
        "a.dbf",
        lambda dbf: dbf[:10] + struct.pack("<H", 65535) + dbf[12:],
    ),
    "shapes that claim 4 GB": (
        "a.shp",
        lambda shp: shp[:24] + struct.pack(">I", 2**31 - 1) + shp[28:],
    ),
    "a code page that is none": ("a.cpg", b"\xff\xfe\xfa"),
    "a code page of a megabyte": ("a.cpg", b"UTF-8" + b" x" * 500_000),
    "a reference system that is none": ("a.prj", b"PROJCS[" * 1000),
    "names for no field": ("fields.csv", b"attribute,field\nx\n"),
    "too long a value": ("truncated.csv", b"id,field,value\n1,name," + b"x" * 200_000),
    "a value for no field": ("truncated.csv", b"id,field,value\n1,nothing,x\n"),
}


@pytest.mark.parametrize(("part", "content"), PARTS.values(), ids=PARTS)
def test_parts_of_a_shapefile_that_lie_are_refused_or_do_nothing(
    read: Callable[..., Source],
    tmp_path: Path,
    part: str,
    content: bytes | Callable[[bytes], bytes],
) -> None:
    parts = shapefile(tmp_path)
    parts[part] = content(parts[part]) if callable(content) else content
    found = read_or_refused(read, "a.zip", packed(*parts.items()))
    if isinstance(found, str):
        assert found.startswith("a.zip")
    else:
        assert found.table.num_rows == 1
        assert len(found.facts["encoding"]) <= 100


SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    "{dimension}<sheetData>{rows}</sheetData></worksheet>"
)
ROW = '<row r="{n}"><c r="A{n}" t="inlineStr"><is><t>{text}</t></is></c></row>'


def workbook(rows: str, dimension: str = "", doctype: str = "", **parts: bytes) -> bytes:
    head = '<?xml version="1.0"?>' + doctype
    types = (
        f'{head}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
        'relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.'
        'openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>'
    )
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="r1" Target="{target}" Type="http://schemas.openxmlformats.org/'
        'officeDocument/2006/relationships/{kind}"/></Relationships>'
    )
    book = (
        f'{head}<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
        ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
        '<sheets><sheet name="s" sheetId="1" r:id="r1"/></sheets></workbook>'
    )
    sheet = head + SHEET.format(dimension=dimension, rows=rows)
    first = relations.format(target="xl/workbook.xml", kind="officeDocument")
    members = {
        "[Content_Types].xml": types.encode(),
        "_rels/.rels": first.encode(),
        "xl/workbook.xml": book.encode(),
        "xl/_rels/workbook.xml.rels": relations.format(
            target="worksheets/sheet1.xml", kind="worksheet"
        ).encode(),
        "xl/worksheets/sheet1.xml": sheet.encode(),
        **parts,
    }
    return packed(*members.items())


LAUGHS = "<!DOCTYPE x [<!ENTITY a0 'ha'>{}]>".format(
    "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 12))
)
OUTSIDE = "<!DOCTYPE x [<!ENTITY a11 SYSTEM 'file:///etc/passwd'>]>"
TWO = ROW.format(n=1, text="name") + ROW.format(n=2, text="甲")


def test_a_workbook_of_that_make_is_read(read: Callable[..., Source]) -> None:
    assert read("a.xlsx", workbook(TWO)).table.to_pylist() == [{"name": "甲"}]


@pytest.mark.parametrize("doctype", [LAUGHS, OUTSIDE], ids=["laughs", "outside"])
def test_entities_of_a_workbook_are_not_expanded(read: Callable[..., Source], doctype: str) -> None:
    rows = ROW.format(n=1, text="name") + ROW.format(n=2, text="&a11;")
    found = read_or_refused(read, "a.xlsx", workbook(rows, doctype=doctype))
    assert "root:" not in (found if isinstance(found, str) else str(found.table.to_pylist()))


def test_a_sheet_that_claims_to_be_full_is_as_large_as_it_is(read: Callable[..., Source]) -> None:
    found = read("a.xlsx", workbook(TWO, dimension='<dimension ref="A1:XFD1048576"/>'))
    assert found.table.to_pylist() == [{"name": "甲"}]


def test_a_row_of_any_number_does_not_make_those_before_it(
    read: Callable[..., Source], monkeypatch: pytest.MonkeyPatch
) -> None:
    from geodata.ingest.readers import workbook as reader

    monkeypatch.setattr(reader, "MOST_ROWS", 10_000)
    far = read("a.xlsx", workbook(TWO + ROW.format(n=2_000_000_000, text="z")))
    assert far.table.num_rows < 10_000


def gpkg(tmp_path: Path, *statements: str) -> bytes:
    path = tmp_path.parent / f"{tmp_path.name}.gpkg"
    POINT.to_file(path, layer="a", driver="GPKG")
    with sqlite3.connect(path) as database:
        for statement in statements:
            database.execute(statement)
    database.close()
    return path.read_bytes()


VIEW = (
    "CREATE VIEW v AS SELECT fid, geom, {} AS name FROM a",
    "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) SELECT 'v',"
    " data_type, 'v', srs_id FROM gpkg_contents WHERE table_name = 'a'",
    "INSERT INTO gpkg_geometry_columns SELECT 'v', column_name, geometry_type_name, srs_id, z, m"
    " FROM gpkg_geometry_columns WHERE table_name = 'a'",
    "DELETE FROM gpkg_geometry_columns WHERE table_name = 'a'",
    "DELETE FROM gpkg_contents WHERE table_name = 'a'",
)
REACHING = {
    "a file": "readfile('/etc/passwd')",
    "a library": "load_extension('/tmp/x.so')",
    "a pixel of a picture": "gdal_get_pixel_value('/etc/passwd', 1, 'pixel', 0, 0)",
    "an address": "ogr_geocode('Beijing')",
}


@pytest.mark.parametrize("call", REACHING.values(), ids=REACHING)
def test_a_view_reaches_nothing_beyond_its_file(
    read: Callable[..., Source], tmp_path: Path, call: str
) -> None:
    content = gpkg(tmp_path, *(each.format(call) for each in VIEW))
    found = read_or_refused(read, "a.gpkg", content)
    if isinstance(found, str):
        assert "root:" not in found
    else:
        assert found.table.column("name").to_pylist() == [None]


def test_a_trigger_of_a_file_is_never_fired(read: Callable[..., Source], tmp_path: Path) -> None:
    fires = "CREATE TRIGGER {0} {1} ON a BEGIN DELETE FROM a; END"
    times = ("AFTER INSERT", "AFTER UPDATE", "AFTER DELETE")
    content = gpkg(
        tmp_path, *(fires.format(f"t{number}", when) for number, when in enumerate(times))
    )
    assert read("a.gpkg", content).table.num_rows == 1
    assert (tmp_path / "a.gpkg").read_bytes() == content


def test_a_column_of_one_value_is_not_unpacked_without_end(
    read: Callable[..., Source], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "MOST_ROWS", 1_000_000)
    buffer = io.BytesIO()
    rows = 3_000_000
    pa.parquet.write_table(pa.table({"name": pa.repeat("甲", rows)}), buffer)
    assert len(buffer.getvalue()) < rows / 100
    with pytest.raises(UnreadableFileError, match="more than 1,000,000 rows"):
        read("a.parquet", buffer.getvalue())


KML = '<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{}</Document></kml>'
POLYGON = "<Polygon><MultiGeometry><Point/><LineString/></MultiGeometry></Polygon>"
PLACEMARKS = {
    "a shape in a shape": f"<Placemark><name>a</name>{POLYGON}</Placemark>",
    "a placemark in a shape": "<Placemark><name>a</name><Polygon><Placemark/></Polygon></Placemark>"
    "<Placemark><name>b</name><Point><coordinates>1,2</coordinates></Point></Placemark>",
    "a point of nothing": "<Placemark><name>a</name><Point><coordinates/></Point></Placemark>",
    "deep": f"<Placemark><name>a</name>{'<MultiGeometry>' * 5000}{'</MultiGeometry>' * 5000}"
    "</Placemark>",
}


@pytest.mark.parametrize("placemarks", PLACEMARKS.values(), ids=PLACEMARKS)
def test_shapes_that_make_no_sense_break_nothing(
    read: Callable[..., Source], placemarks: str
) -> None:
    found = read_or_refused(read, "a.kml", KML.format(placemarks).encode())
    assert found.startswith("a.kml") if isinstance(found, str) else found.table.num_rows >= 1
