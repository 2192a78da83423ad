"""GeoJSON, whole and as a sequence, read by Python's json and by GDAL."""

import json
from datetime import date

import pyogrio
import pytest
import shapely
from shapely.geometry import shape
from sqlalchemy import select

from geodata.formats.catalog import find_format
from layers.attribute import ValueType

GEOJSON, SEQUENCE = find_format("geojson"), find_format("geojsonseq")


def rows_of(store, features):
    """Rows as the database has them; JSON has no dates, and one kind of number."""
    kinds = {each.name: each.type for each in store.public}
    return {
        feature["id"]: {
            "id": feature["id"],
            "geom": feature["geometry"] and shape(feature["geometry"]),
            **{name: _typed(value, kinds[name]) for name, value in feature["properties"].items()},
        }
        for feature in features
    }


def _typed(value, kind):
    if value is not None and kind is ValueType.DATE:
        return date.fromisoformat(value)
    if kind is ValueType.NUMBER and type(value) is int:
        return float(value)
    return value


def texts_of(file):
    assert file == b"" or file.startswith(b"\x1e")
    assert file == b"" or file.endswith(b"\n")
    return file.split(b"\x1e")[1:]


def test_a_collection_holds_every_value(every_store):
    collection = json.loads(every_store.export(GEOJSON))
    assert collection["type"] == "FeatureCollection"
    every_store.check(rows_of(every_store, collection["features"]))


def test_a_sequence_holds_every_value(every_store):
    features = [json.loads(text) for text in texts_of(every_store.export(SEQUENCE))]
    every_store.check(rows_of(every_store, features))


def test_text_is_not_escaped(store):
    file = store.export(GEOJSON)
    assert all(row["name_zh"].encode() in file for row in store.rows().values())


@pytest.mark.parametrize("format", [GEOJSON, SEQUENCE], ids=lambda each: each.name)
def test_gdal_reads_it(store, format, tmp_path):
    path = tmp_path / f"layer.{format.extension}"
    path.write_bytes(store.export(format))
    info = pyogrio.read_info(path, force_total_bounds=True)
    shapes = [row["geom"] for row in store.rows().values()]
    assert info["features"] == len(shapes)
    if any(shapes):
        bounds = tuple(shapely.total_bounds(shapes))
        assert info["total_bounds"] == pytest.approx(bounds, abs=1e-8)


def test_nothing_is_an_empty_collection(hard):
    nothing = hard.all.where(hard.metadata.tables[hard.layer.id].c.id == "none")
    assert json.loads(hard.export(GEOJSON, nothing))["features"] == []
    assert hard.export(SEQUENCE, nothing) == b""


@pytest.mark.parametrize("format", [GEOJSON, SEQUENCE], ids=lambda each: each.name)
def test_one_feature_needs_no_separator(hard, format):
    file = hard.export(format, hard.all.limit(1))
    if format is GEOJSON:
        assert len(json.loads(file)["features"]) == 1
    else:
        assert [json.loads(text)["id"] for text in texts_of(file)] == ["row-000"]


def test_chosen_attributes_in_a_chosen_order(hard):
    table = hard.metadata.tables[hard.layer.id]
    chosen = select(table.c.height, table.c.remark).order_by(table.c.id.desc()).limit(3)
    features = json.loads(hard.export(GEOJSON, chosen))["features"]
    expected = [{"remark": row["remark"], "height": row["height"]} for row in hard.rows().values()][
        ::-1
    ][:3]
    assert [feature["properties"] for feature in features] == expected
    assert all(set(feature) == {"type", "id", "geometry", "properties"} for feature in features)


def test_what_the_public_may_not_read_stays(hard):
    table = hard.metadata.tables[hard.layer.id]
    chosen = select(table.c.id, table.c.owner, table.c.recorded_by)
    assert json.loads(hard.export(GEOJSON, chosen.limit(1)))["features"][0]["properties"] == {}
