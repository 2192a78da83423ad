"""KML 2.2 (OGC 07-147r2): placemarks with their data; WGS 84, longitude first.

Read with expat, which loads nothing from outside; a document type, which KML has no use for and
entity bombs need, is refused.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.parsers import expat

import orjson
import pyarrow as pa

from geodata.ingest.geojson import UnreadableFileError
from geodata.ingest.readers.text import text_batches
from geodata.ingest.request import ReadOptions
from geodata.ingest.source import GEOMETRY, Encoding, Place, Source, checked_columns, spooled

PIECE = 1 << 20
DEEPEST = 50
SHAPES = ("Point", "LineString", "LinearRing", "Polygon", "MultiGeometry")
TEXTS = ("name", "description", "begin", "end", "when", "value", "SimpleData", "coordinates")
OWN = ("name", "description", "begin", "end", "when")
"""Elements of a placemark that are data of it."""

Row = dict[str, str]


def read_kml(path: Path, file: str, _: ReadOptions, folder: Path) -> Source:
    """Placemarks, in their order.

    Raises:
        UnreadableFileError: not well-formed, with a document type, or without placemarks.
    """
    parser = _Placemarks(file)
    parser.read(path)
    names = list(dict.fromkeys(name for row in parser.rows for name in row if name != GEOMETRY))
    columns = [*checked_columns(file, names), GEOMETRY]
    rows = ([row.get(name) for name in (*names, GEOMETRY)] for row in parser.rows)
    schema = pa.schema([(name, pa.large_string()) for name in columns])
    return Source(
        path=path,
        file=file,
        format="kml",
        table=spooled(folder / "source.arrow", schema, text_batches(rows, columns)),
        place=Place(Encoding.GEOJSON, (GEOMETRY,)),
        crs="OGC:CRS84",
    )


class _Placemarks:
    """Listens to expat; keeps the placemark it is in, and the shapes that are open."""

    def __init__(self, file: str) -> None:
        self.rows: list[Row] = []
        self._file = file
        self._row: Row | None = None
        self._name = ""
        self._text: list[str] | None = None
        self._open: list[dict[str, Any]] = []
        self._path: list[str] = []
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters

    def read(self, path: Path) -> None:
        try:
            with path.open("rb") as stream:
                while piece := stream.read(PIECE):
                    self._parser.Parse(piece, False)
                self._parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise UnreadableFileError(
                f"{self._file}, line {error.lineno}, column {error.offset + 1}:"
                f" {expat.ErrorString(error.code)}"
            ) from error

    def _refuse(self, *_: object) -> None:
        raise UnreadableFileError(f"{self._file}: has a document type; KML needs none")

    def _start(self, qualified: str, attributes: dict[str, str]) -> None:
        name = qualified.rpartition(" ")[2]
        self._path.append(name)
        if name == "Placemark":
            self._row = {"id": attributes["id"]} if "id" in attributes else {}
            self._open.clear()
        elif self._row is None:
            return
        elif name in ("Data", "SimpleData"):
            self._name = attributes.get("name", name)
        elif name in SHAPES:
            if len(self._open) == DEEPEST:
                raise UnreadableFileError(f"{self._file}: more than {DEEPEST} shapes in each other")
            self._open.append({"type": name, "parts": [], "coordinates": []})
        if name in TEXTS:
            self._text = []

    def _characters(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)

    def _end(self, _: str) -> None:
        name = self._path.pop()
        if self._row is None:
            return
        if name in TEXTS and self._text is not None:
            self._take(name, "".join(self._text))
            self._text = None
        elif name in SHAPES:
            self._close()
        elif name == "Placemark":
            self._finish()

    def _take(self, name: str, text: str) -> None:
        assert self._row is not None
        if name == "coordinates" and self._open:
            self._open[-1]["coordinates"] = list(_positions(text))
        elif name in ("value", "SimpleData"):
            self._row[self._name] = text
        elif name in OWN and text and not self._open:
            self._row.setdefault(name, text)

    def _close(self) -> None:
        if not self._open:
            return
        shape = self._open.pop()
        geometry = _geometry(shape)
        if self._open:
            self._open[-1]["parts"].append(geometry)
        elif self._row is not None:
            self._row[GEOMETRY] = orjson.dumps(geometry).decode()

    def _finish(self) -> None:
        """Our own writer says the id once more, and truly, as data."""
        assert self._row is not None
        self.rows.append(self._row)
        self._row = None


def _positions(text: str) -> Iterator[list[float | str]]:
    """Tuples of coordinates (10.5); what is no number stays text, and is found out later."""
    for position in text.split():
        yield [_number(part) for part in position.split(",")]


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _geometry(shape: dict[str, Any]) -> dict[str, Any]:
    """GeoJSON of a KML shape; parts of one kind make a geometry of its Multi type."""
    kind, coordinates, parts = shape["type"], shape["coordinates"], shape["parts"]
    if kind == "Point":
        return {"type": "Point", "coordinates": coordinates[0] if coordinates else []}
    if kind == "LineString":
        return {"type": "LineString", "coordinates": coordinates}
    if kind == "LinearRing":
        return {"type": "Polygon", "coordinates": [coordinates]}
    if kind == "Polygon":
        rings = [ring for part in parts for ring in part.get("coordinates", ())]
        return {"type": "Polygon", "coordinates": rings}
    kinds = {part["type"] for part in parts}
    if kinds in ({"Point"}, {"LineString"}, {"Polygon"}):
        lists = [part["coordinates"] for part in parts]
        return {"type": f"Multi{kinds.pop()}", "coordinates": lists}
    return {"type": "GeometryCollection", "geometries": parts}
