"""The GeoJSON reader: features as the file has them, or the place where it is wrong."""

import json

import pytest

from geodata.errors import GeodataError
from geodata.ingest.geojson import RawFeature, UnreadableFileError, read_geojson

POINT = {"type": "Point", "coordinates": [116, 40]}


def collection(*features, **members):
    return json.dumps({"type": "FeatureCollection", "features": features} | members).encode()


def feature(**members):
    return {"type": "Feature", "id": "a", "properties": {}, "geometry": None} | members


def written(folder, content):
    path = folder / "parks.geojson"
    path.write_bytes(content)
    return path


def test_features_come_in_file_order_with_their_row(tmp_path):
    content = collection(
        feature(id="b", properties={"name_zh": "园"}, geometry=POINT),
        feature(id=7, properties=None),
    )
    assert read_geojson(written(tmp_path, content)) == [
        RawFeature("parks.geojson", 1, "b", {"name_zh": "园"}, POINT),
        RawFeature("parks.geojson", 2, 7, {}, None),
    ]


@pytest.mark.parametrize(
    "crs",
    [
        None,
        {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}},
        {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}},
    ],
)
def test_a_reference_system_in_degrees_is_taken(tmp_path, crs):
    assert len(read_geojson(written(tmp_path, collection(feature(), crs=crs)))) == 1


def test_a_byte_order_mark_is_no_fault(tmp_path):
    assert read_geojson(written(tmp_path, b"\xef\xbb\xbf" + collection())) == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "parks.geojson, line 1, column 1: Expecting value"),
        (b'{"a": "\xff"}', "parks.geojson: not UTF-8 at byte 7"),
        ("{}".encode("utf-16"), "parks.geojson: not UTF-8 at byte 0"),
        (b'{\n  "type": x}', "parks.geojson, line 2, column 11: Expecting value"),
        (b'{"a": 1} x', "parks.geojson, line 1, column 10: Extra data"),
        (b"[1" + b"0" * 5000 + b"]", "parks.geojson: Exceeds the limit"),
        (b"[" * 100_000, "parks.geojson: nested too deeply"),
        (b'{"a":' * 100_000, "parks.geojson: nested too deeply"),
        (b"[]", "parks.geojson: must be a GeoJSON FeatureCollection"),
        (b"null", "parks.geojson: must be a GeoJSON FeatureCollection"),
        (json.dumps(feature()).encode(), "parks.geojson: must be a GeoJSON FeatureCollection"),
        (b'{"type": ["FeatureCollection"]}', "parks.geojson: must be a GeoJSON FeatureCollection"),
        (b'{"type": "FeatureCollection"}', "parks.geojson: 'features' must be a list"),
        (collection(feature(), 5), "parks.geojson, feature 2: must be a GeoJSON Feature"),
        (collection(None), "parks.geojson, feature 1: must be a GeoJSON Feature"),
        (collection({"type": "Point"}), "parks.geojson, feature 1: must be a GeoJSON Feature"),
        (collection(feature(properties=[])), "feature 1: properties must be an object or null"),
        (collection(feature(properties=False)), "feature 1: properties must be an object or null"),
        (collection(feature(geometry="POINT")), "feature 1: geometry must be an object or null"),
        (collection(feature(geometry=[])), "feature 1: geometry must be an object or null"),
        (
            collection(crs={"type": "name", "properties": {"name": "EPSG:4548"}}),
            "parks.geojson: crs 'EPSG:4548'; must be urn:ogc:def:crs:OGC:1.3:CRS84 or",
        ),
        (collection(crs={"type": "link"}), "parks.geojson: crs None; must be"),
        (collection(crs="EPSG:4326"), "parks.geojson: crs None; must be"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_unreadable_file_is_refused_with_the_place_and_what_is_wrong(tmp_path, content, message):
    with pytest.raises(UnreadableFileError) as caught:
        read_geojson(written(tmp_path, content))
    assert message in str(caught.value)


def test_a_missing_file_is_refused_by_name(tmp_path):
    with pytest.raises(UnreadableFileError, match=r"parks\.geojson: No such file"):
        read_geojson(tmp_path / "parks.geojson")


def test_a_folder_is_refused_by_name(tmp_path):
    with pytest.raises(UnreadableFileError, match="Is a directory"):
        read_geojson(tmp_path)


def test_an_unreadable_file_is_something_the_operator_can_put_right():
    assert issubclass(UnreadableFileError, GeodataError)
