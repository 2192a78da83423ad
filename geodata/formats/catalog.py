"""Every format that features go out in."""

from geodata.formats import csv, geojson, geojsonseq
from geodata.formats.errors import UnknownFormatError
from geodata.formats.format import Format
from geodata.formats.measure import measured
from geodata.formats.worker import Encoder, as_kml
from layers.text import Text

XLSX_ROWS = 1_048_576
"""Of a sheet, the header included (Excel specifications and limits)."""

FORMATS = (
    Format(
        "geojson",
        "application/geo+json",
        Text("GeoJSON", "GeoJSON"),
        "geojson",
        geojson.write,
    ),
    Format(
        "geojsonseq",
        "application/geo+json-seq",
        Text("GeoJSON 文本序列", "GeoJSON text sequence"),
        "geojsons",
        geojsonseq.write,
    ),
    Format("csv", "text/csv", Text("CSV 表格", "CSV"), "csv", csv.write),
    Format(
        "gpkg",
        "application/geopackage+sqlite3",
        Text("GeoPackage", "GeoPackage"),
        "gpkg",
        Encoder("gpkg"),
        streamed=False,
    ),
    Format(
        "fgb",
        "application/flatgeobuf",
        Text("FlatGeobuf", "FlatGeobuf"),
        "fgb",
        Encoder("fgb"),
    ),
    Format(
        "parquet",
        "application/vnd.apache.parquet",
        Text("GeoParquet", "GeoParquet"),
        "parquet",
        Encoder("parquet"),
    ),
    Format(
        "shp",
        "application/zip",
        Text("Shapefile（压缩包）", "Shapefile (zipped)"),
        "shp.zip",
        Encoder("shp", measure=measured),
        streamed=False,
    ),
    Format(
        "kml",
        "application/vnd.google-earth.kml+xml",
        Text("KML", "KML"),
        "kml",
        Encoder("kml", shape=as_kml),
    ),
    Format(
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        Text("Excel 工作簿", "Excel workbook"),
        "xlsx",
        Encoder("xlsx"),
        streamed=False,
        most=XLSX_ROWS - 1,
    ),
)

_BY_NAME = {row.name: row for row in FORMATS}


def find_format(name: str) -> Format:
    """The format of that name.

    Raises:
        UnknownFormatError: no such format; lists those there are.
    """
    try:
        return _BY_NAME[name]
    except KeyError:
        raise _unknown(name) from None


def format_of_file(name: str) -> Format:
    """The format that a file's name ends in; of two endings the longer.

    Raises:
        UnknownFormatError: no format's.
    """
    endings = {**{row.extension: row for row in FORMATS}, "zip": find_format("shp")}
    for ending in sorted(endings, key=len, reverse=True):
        if name.lower().endswith(f".{ending}"):
            return endings[ending]
    raise _unknown(name)


def _unknown(name: str) -> UnknownFormatError:
    return UnknownFormatError(f"no format {name!r}; the formats are {', '.join(_BY_NAME)}")
