"""Features of large files are read one by one, and are those that a whole reading finds."""

import json

import pytest

from geodata.ingest.geojson import UnreadableFileError
from geodata.ingest.readers import documents
from geodata.ingest.readers.documents import Documents

FEATURES = [
    {"type": "Feature", "id": "a", "properties": {"n": 1, "x": 0.1}, "geometry": None},
    {
        "type": "Feature",
        "properties": {"名": "“甲”\n𠮷", "list": [1, {"a": None}], "wide": 1e300},
        "geometry": {"type": "Point", "coordinates": [116.30000001, 39.98, -0.0]},
    },
    {"type": "Feature", "properties": None, "geometry": {"type": "Nonsense"}},
]
CRS = {"type": "name", "properties": {"name": "EPSG:4548"}}
COLLECTION = {"type": "FeatureCollection", "crs": CRS, "features": FEATURES}
LATE = {"features": FEATURES, "crs": CRS, "type": "FeatureCollection"}


@pytest.fixture(params=["small", "large"])
def read(request, tmp_path, monkeypatch):
    """The features of a text, and the name of its reference system."""
    if request.param == "large":
        monkeypatch.setattr(documents, "SMALL_BYTES", 0)
        monkeypatch.setattr(documents, "PIECE", 7)

    def reading(text):
        path = tmp_path / "a.geojson"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return Documents(path, "a.geojson")

    return reading


@pytest.mark.parametrize("text", [COLLECTION, LATE], ids=["usual", "features first"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_collection_is_read_as_often_as_needed(read, text, mark):
    found = read(mark + json.dumps(text, ensure_ascii=False, indent=1))
    assert list(found) == list(found) == FEATURES
    assert (found.is_sequence, found.members["crs"]) == (False, CRS)


@pytest.mark.parametrize("separator", ["\x1e", "\n\x1e", "\n"])
def test_a_sequence_is_read_record_by_record(read, separator):
    text = separator.join(["", *(json.dumps(each) for each in FEATURES)])
    found = read(text + "\n")
    assert found.is_sequence
    assert list(found) == list(found) == FEATURES


def test_a_lone_feature_is_a_collection_of_one(read):
    assert list(read(json.dumps(FEATURES[1]))) == FEATURES[1:2]


WHOLE = json.dumps(COLLECTION)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (WHOLE[:-1], "a.geojson"),
        (WHOLE[: WHOLE.index("Nonsense")], "a.geojson"),
        (WHOLE.replace('"n": 1', '"n": NaN'), "a.geojson"),
        (WHOLE.encode().replace(b"Nonsense", b"\xff\xfe"), "a.geojson"),
        ('{"type": "Topology"}', "must be a GeoJSON FeatureCollection"),
        (
            WHOLE.replace('"type": "Feature"', '"type": "F"', 1),
            "feature 1: must be a GeoJSON Feature",
        ),
        (WHOLE.replace('"properties": null', '"properties": 3'), "feature 3: properties must be"),
    ],
)
def test_what_is_no_geojson_is_refused_whole(read, text, words):
    with pytest.raises(UnreadableFileError, match=words):
        list(read(text))
