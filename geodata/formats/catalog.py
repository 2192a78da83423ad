"""Every format that features go out in."""

from functools import partial

from geodata.errors import GeodataError
from geodata.formats import csv, geojson, geojsonseq
from geodata.formats.format import Format
from geodata.formats.worker import write_in_worker
from layers.text import Text

XLSX_ROWS = 1_048_576
"""Of a sheet, the header included (Excel specifications and limits)."""

FORMATS = (
    Format(
        name="geojson",
        media_type="application/geo+json",
        extension="geojson",
        title=Text("GeoJSON", "GeoJSON"),
        streamed=True,
        write=geojson.write,
    ),
    Format(
        name="geojsonseq",
        media_type="application/geo+json-seq",
        extension="geojsons",
        title=Text("GeoJSON 文本序列", "GeoJSON text sequence"),
        streamed=True,
        write=geojsonseq.write,
    ),
    Format(
        name="csv",
        media_type="text/csv",
        extension="csv",
        title=Text("CSV 表格", "CSV"),
        streamed=True,
        write=csv.write,
    ),
    Format(
        name="gpkg",
        media_type="application/geopackage+sqlite3",
        extension="gpkg",
        title=Text("GeoPackage", "GeoPackage"),
        streamed=False,
        write=partial(write_in_worker, "gpkg"),
    ),
    Format(
        name="fgb",
        media_type="application/flatgeobuf",
        extension="fgb",
        title=Text("FlatGeobuf", "FlatGeobuf"),
        streamed=True,
        write=partial(write_in_worker, "fgb"),
    ),
    Format(
        name="parquet",
        media_type="application/vnd.apache.parquet",
        extension="parquet",
        title=Text("GeoParquet", "GeoParquet"),
        streamed=True,
        write=partial(write_in_worker, "parquet"),
    ),
    Format(
        name="shp",
        media_type="application/zip",
        extension="shp.zip",
        title=Text("Shapefile（压缩包）", "Shapefile (zipped)"),
        streamed=False,
        write=partial(write_in_worker, "shp"),
    ),
    Format(
        name="kml",
        media_type="application/vnd.google-earth.kml+xml",
        extension="kml",
        title=Text("KML", "KML"),
        streamed=True,
        write=partial(write_in_worker, "kml"),
    ),
    Format(
        name="xlsx",
        media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        extension="xlsx",
        title=Text("Excel 工作簿", "Excel workbook"),
        streamed=False,
        write=partial(write_in_worker, "xlsx"),
        most=XLSX_ROWS - 1,
    ),
)

_BY_NAME = {row.name: row for row in FORMATS}


class UnknownFormatError(GeodataError):
    """A name or an extension that is no format's."""

    def __init__(self, name: str) -> None:
        super().__init__(f"no format {name!r}; the formats are {', '.join(_BY_NAME)}")


def find_format(name: str) -> Format:
    """The format of that name.

    Raises:
        UnknownFormatError: no such format; lists those there are.
    """
    try:
        return _BY_NAME[name]
    except KeyError:
        raise UnknownFormatError(name) from None


def format_of_file(name: str) -> Format:
    """The format that a file's name ends in; of two endings the longer.

    Raises:
        UnknownFormatError: no format's.
    """
    endings = {**{row.extension: row for row in FORMATS}, "zip": find_format("shp")}
    for ending in sorted(endings, key=len, reverse=True):
        if name.lower().endswith(f".{ending}"):
            return endings[ending]
    raise UnknownFormatError(name)
