"""KML, read as XML and by GDAL."""

from datetime import date
from xml.etree import ElementTree

import pyogrio
import shapely

from geodata.formats.catalog import find_format
from geodata.formats.kml import FORBIDDEN
from layers.attribute import ValueType

KML = find_format("kml")
SPACE = {"k": "http://www.opengis.net/kml/2.2"}

READ = {
    ValueType.TEXT: str,
    ValueType.INTEGER: int,
    ValueType.NUMBER: float,
    ValueType.DATE: date.fromisoformat,
    ValueType.BOOLEAN: {"true": True, "false": False}.__getitem__,
}


def placemarks(file):
    return ElementTree.fromstring(file).findall(".//k:Placemark", SPACE)


def rows_of(store, file):
    kinds = {each.name: each.type for each in store.public} | {"id": ValueType.TEXT}
    rows = {}
    for mark in placemarks(file):
        data = {
            each.get("name"): each.text or "" for each in mark.iterfind(".//k:SimpleData", SPACE)
        }
        values = {k: READ[kind](data[k]) if k in data else None for k, kind in kinds.items()}
        rows[values["id"]] = values | {"geom": _shape(mark)}
        assert mark.get("id") == f"{store.layer.id}.{values['id']}"
    return rows


def _shape(mark):
    polygons = [_polygon(each) for each in mark.iterfind(".//k:Polygon", SPACE)]
    lines = [shapely.LineString(_path(each)) for each in mark.iterfind(".//k:LineString", SPACE)]
    points = [shapely.Point(_path(each)) for each in mark.iterfind(".//k:Point", SPACE)]
    parts = [*polygons, *lines, *points]
    return shapely.GeometryCollection(parts) if parts else None


def _polygon(element):
    outer = element.find("k:outerBoundaryIs/k:LinearRing", SPACE)
    inner = element.iterfind("k:innerBoundaryIs/k:LinearRing", SPACE)
    return shapely.Polygon(_path(outer), [_path(each) for each in inner])


def _path(element):
    pairs = element.find("k:coordinates", SPACE).text.split()
    return [tuple(map(float, pair.split(","))) for pair in pairs]


def as_xml(value):
    """XML readers see one kind of line end (XML 1.0, 2.11)."""
    if isinstance(value, str):
        return value.replace("\r\n", "\n").replace("\r", "\n")
    return value


def test_it_holds_every_value(store):
    store.check(rows_of(store, store.export(KML)), as_xml)


def test_gdal_reads_it(store, tmp_path):
    path = tmp_path / "layer.kml"
    path.write_bytes(store.export(KML))
    frame = pyogrio.read_dataframe(path)
    assert frame.crs.to_epsg() == 4326
    assert len(frame) == len(store.rows())


def test_characters_that_xml_cannot_carry_are_replaced():
    assert FORBIDDEN.sub("\ufffd", "a\x01b\ufffe\tc\n𠮷") == "a\ufffdb\ufffd\tc\n𠮷"


def test_nothing_is_a_document_without_placemarks(hard):
    nothing = hard.all.where(hard.metadata.tables[hard.layer.id].c.id == "none")
    assert placemarks(hard.export(KML, nothing)) == []
