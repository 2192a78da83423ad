"""Formats that are read, told apart by content; a name that says otherwise is refused."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from zipfile import is_zipfile

from geodata.ingest.geojson import UnreadableFileError
from geodata.ingest.readers.archive import open_archive
from geodata.ingest.readers.features import read_features
from geodata.ingest.readers.gdal import read_dxf, read_fgb, read_gpkg, read_shp
from geodata.ingest.readers.kml import read_kml
from geodata.ingest.readers.parquet import read_parquet
from geodata.ingest.readers.text import read_text
from geodata.ingest.readers.workbook import read_workbook
from geodata.ingest.request import ReadOptions
from geodata.ingest.source import Source
from layers.text import Text

HEAD = 4096

Read = Callable[[Path, str, ReadOptions, Path], Source]


@dataclass(frozen=True)
class Reader:
    """A format that is read.

    Args:
        title: what people call it.
        endings: of its files' names.
        is_it: whether a file's first bytes are those of the format.
        read: reads it.
    """

    title: Text
    endings: tuple[str, ...]
    is_it: Callable[[bytes], bool]
    read: Read


def _starts(*marks: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(marks)


def _is_xml_with(word: bytes) -> Callable[[bytes], bool]:
    return lambda head: _plain(head).startswith(b"<") and word in head


def _is_json(head: bytes) -> bool:
    return _plain(head).startswith((b"{", b"[", b"\x1e"))


def _is_dxf(head: bytes) -> bool:
    lines = [line.strip() for line in head.split(b"\n")]
    return head.startswith(b"AutoCAD Binary DXF") or lines[:2] == [b"0", b"SECTION"]


def _plain(head: bytes) -> bytes:
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()


def _never(_: bytes) -> bool:
    """Of formats in zip archives, and of text, which is what remains."""
    return False


SHP = Reader(Text("Shapefile（压缩包）", "Shapefile (zipped)"), (".zip",), _never, read_shp)
XLSX = Reader(Text("Excel 工作簿", "Excel workbook"), (".xlsx", ".xlsm"), _never, read_workbook)
CSV = Reader(Text("CSV 表格", "CSV"), (".csv", ".tsv", ".txt"), _never, read_text)

READERS = (
    Reader(Text("GeoPackage", "GeoPackage"), (".gpkg",), _starts(b"SQLite format 3\0"), read_gpkg),
    Reader(Text("FlatGeobuf", "FlatGeobuf"), (".fgb",), _starts(b"fgb\x03"), read_fgb),
    Reader(
        Text("GeoParquet", "GeoParquet"),
        (".parquet", ".geoparquet"),
        _starts(b"PAR1"),
        read_parquet,
    ),
    Reader(Text("KML", "KML"), (".kml",), _is_xml_with(b"<kml"), read_kml),
    Reader(
        Text("GeoJSON", "GeoJSON"),
        (".geojson", ".json", ".geojsons", ".geojsonl", ".ndjson"),
        _is_json,
        read_features,
    ),
    Reader(Text("DXF", "DXF"), (".dxf",), _is_dxf, read_dxf),
    SHP,
    XLSX,
    CSV,
)

UNREAD = (
    (b"\xd0\xcf\x11\xe0", "an old Excel or Office file; save it as .xlsx"),
    (b"\x00\x00\x27\x0a", "a part of a shapefile; zip it with its .dbf, .shx and .prj"),
    (b"AC10", "a DWG drawing; save it as DXF"),
    (b"%PDF", "a PDF"),
    (b"<OGRVRT", "a GDAL virtual format, which may name other files"),
)
"""First bytes of what people send, and what it is."""


def read_source(path: Path, file: str, options: ReadOptions, folder: Path) -> Source:
    """Read a file.

    Args:
        path: where it lies.
        file: its name as the user knows it.
        options: what the operator says about it.
        folder: an empty folder for what is unpacked and for the rows; it outlives the source.

    Raises:
        UnreadableFileError: absent, empty, damaged, of another format than its name says, or
            of none that is read.
    """
    reader = reader_of(path, file)
    source = reader.read(path, file, options, folder)
    if source.table.num_rows == 0:
        raise UnreadableFileError(f"{file}: no rows in it")
    return source


def reader_of(path: Path, file: str) -> Reader:
    """The reader of a file, by its content.

    Raises:
        UnreadableFileError: see :func:`read_source`.
    """
    head = _head(path, file)
    for mark, what in UNREAD:
        if _plain(head).startswith(mark):
            raise UnreadableFileError(f"{file}: is {what}")
    reader = _by_content(path, file, head)
    if not file.lower().endswith(reader.endings):
        raise UnreadableFileError(
            f"{file}: its content is {reader.title.en}; such a file ends in"
            f" {', '.join(reader.endings)}"
        )
    return reader


def _head(path: Path, file: str) -> bytes:
    try:
        with path.open("rb") as stream:
            head = stream.read(HEAD)
    except OSError as error:
        raise UnreadableFileError(f"{file}: {error.strerror}") from error
    if not head.strip(b"\xef\xbb\xbf \t\r\n\0"):
        raise UnreadableFileError(f"{file}: is empty")
    return head


def _by_content(path: Path, file: str, head: bytes) -> Reader:
    if head.startswith(b"PK"):
        return _by_members(path, file)
    for reader in READERS:
        if reader.is_it(head):
            return reader
    if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        titles = ", ".join(each.title.en for each in READERS)
        raise UnreadableFileError(f"{file}: no known format; read are {titles}")
    return CSV


def _by_members(path: Path, file: str) -> Reader:
    if not is_zipfile(path):
        raise UnreadableFileError(f"{file}: a zip archive that is cut off or damaged")
    with open_archive(path, file) as archive:
        names = [name.lower() for name in archive.namelist()]
    if "xl/workbook.xml" in names:
        return XLSX
    if any(name.endswith(".shp") for name in names):
        return SHP
    raise UnreadableFileError(
        f"{file}: a zip archive without shapefile; other formats are sent as they are"
    )
