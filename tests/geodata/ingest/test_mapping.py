"""Columns by their headers, as the bureaux' tables word them."""

from pathlib import Path

import pyarrow as pa
import pytest

from geodata.ingest.mapping import UnknownColumnError, map_columns
from geodata.ingest.source import Encoding, Place, Source
from layers.catalog import CATALOG


def source(*names, **values):
    table = pa.table({name: [values.get(name, "x")] for name in names})
    return Source(path=Path("a.csv"), file="a.csv", format="csv", table=table)


def mapped(layer, *names, named=None, **values):
    return map_columns(CATALOG.get(layer), source(*names, **values), named or {})


@pytest.mark.parametrize(
    ("layer", "header", "field"),
    [
        ("enterprises", "name_zh", "name_zh"),
        ("enterprises", "NAME_ZH", "name_zh"),
        ("enterprises", "中文名称", "name_zh"),
        ("enterprises", "中文名称\nChinese name", "name_zh"),
        ("enterprises", "Chinese name", "name_zh"),
        ("enterprises", "企业名称", "name_zh"),
        ("enterprises", " 单位 名称* ", "name_zh"),
        ("enterprises", "社会信用代码", "uscc"),
        ("enterprises", "行政区", "district"),
        ("enterprises", "注册地址", "address"),
        ("enterprises", "标识\nId", "id"),
        ("enterprises", "OBJECTID", "id"),
        ("parcels", "宗地面积（平方米）", "area_registered_m2"),
        ("parcels", "宗地代码", "parcel_code"),
        ("parcels", "ZDDM", "parcel_code"),
        ("parcels", "boundary_s", "boundary_status"),
    ],
)
def test_a_header_leads_to_its_field(layer, header, field):
    assert mapped(layer, header).fields == {field: header}


def test_of_two_columns_for_one_field_the_nearer_name_is_taken_and_the_other_told():
    columns = mapped("enterprises", "名称", "name_zh")
    assert columns.fields == {"name_zh": "name_zh"}
    assert columns.ignored == ("名称",)


@pytest.mark.parametrize(
    ("layer", "names", "values", "place"),
    [
        ("enterprises", ("经度", "纬度"), {}, Place(Encoding.XY, ("经度", "纬度"))),
        ("enterprises", ("LNG", "Lat"), {}, Place(Encoding.XY, ("LNG", "Lat"))),
        ("enterprises", ("地址",), {}, Place(Encoding.ADDRESS, ("地址",))),
        ("enterprises", ("地址", "lon", "lat"), {}, Place(Encoding.XY, ("lon", "lat"))),
        ("parcels", ("地址",), {}, Place(Encoding.NONE)),
        ("parcels", ("wkt",), {"wkt": "POINT(1 2)"}, Place(Encoding.WKT, ("wkt",))),
        (
            "parcels",
            ("geometry",),
            {"geometry": ' {"type"'},
            Place(Encoding.GEOJSON, ("geometry",)),
        ),
        ("enterprises", ("lon",), {}, Place(Encoding.NONE)),
    ],
)
def test_the_place_is_found_by_the_names_of_columns(layer, names, values, place):
    assert mapped(layer, *names, **values).place == place


def test_coordinates_of_a_point_count_more_than_its_text():
    """Who mends a table mends the numbers."""
    columns = mapped("enterprises", "lon", "lat", "wkt", wkt="POINT(1 2)")
    assert columns.place == Place(Encoding.XY, ("lon", "lat"))


def test_what_the_operator_names_counts_most():
    columns = mapped("enterprises", "a", "名称", named={"a": "name_zh", "名称": ""})
    assert columns.fields == {"name_zh": "a"}
    assert columns.ignored == ()


@pytest.mark.parametrize(
    ("named", "words"),
    [
        ({"b": "name_zh"}, "no column 'b'; there are a"),
        ({"a": "height"}, "enterprises has no field 'height'; there are id, name_zh"),
    ],
)
def test_what_is_not_there_is_refused_with_what_is(named, words):
    with pytest.raises(UnknownColumnError, match=words):
        mapped("enterprises", "a", named=named)


def test_two_columns_cannot_be_one_field():
    with pytest.raises(UnknownColumnError, match="two columns are named for name_zh"):
        mapped("enterprises", "a", "b", named={"a": "name_zh", "b": "name_zh"})
