"""Tables of addresses: the same rows come back, with columns more."""

import csv
import io
from pathlib import Path
from typing import Any

import openpyxl
import orjson
import pytest

from geodata.geocoding.outcome import COLUMNS, NO_ROW, Outcome
from geodata.geocoding.table import (
    AddressTable,
    UnknownColumnError,
    read_addresses,
    write_addresses,
)
from geodata.ingest.geojson import UnreadableFileError

FOUND = Outcome(116.3, 39.9, "house", 150.0, 0.97, "路=路", "海淀区", "gazetteer", False, None)


def written(table: AddressTable, outcomes: list[Outcome]) -> bytes:
    file = io.BytesIO()
    write_addresses(table, outcomes, file)
    return file.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_a_csv_comes_back_in_its_own_encoding_and_delimiter(
    tmp_path: Path, encoding: str, delimiter: str
) -> None:
    path = tmp_path / "a.csv"
    rows = [["名称", "地址"], ["甲", "海淀区，学院路1号"], ["=1+1", "'引号"], ["乙", ""]]
    text = "".join(delimiter.join(row) + "\r\n" for row in rows)
    path.write_bytes(text.encode(encoding))
    table = read_addresses(path, None, None)
    assert (table.column, table.first_row) == ("地址", 2)
    assert table.addresses == ("海淀区，学院路1号", "'引号", None)
    back = written(table, [FOUND, FOUND, NO_ROW]).decode(encoding)
    found = list(csv.reader(io.StringIO(back), delimiter=delimiter))
    assert [row[:2] for row in found] == rows
    assert found[0][2:] == list(COLUMNS)
    assert found[1][2:] == [
        *("116.3", "39.9", "house", "150.0", "0.97", "路=路", "海淀区", "gazetteer", "false", ""),
    ]


def test_titles_above_a_table_and_blank_rows_stay(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("企业名录,\n编号,住所\n1,学院路1号\n\n2,学院路2号\n", encoding="utf-8")
    table = read_addresses(path, None, None)
    assert (table.header_row, table.first_row) == (2, 3)
    assert table.addresses == ("学院路1号", None, "学院路2号")
    assert table.blank == {1}
    lines = written(table, [FOUND, NO_ROW, FOUND]).decode().splitlines()
    assert lines[0] == "企业名录,"
    assert lines[1].startswith("编号,住所,lon,lat")
    assert lines[3] == ""
    assert lines[4].startswith("2,学院路2号,116.3")


def test_columns_that_are_there_already_are_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("地址,lon,geocoded_lon\n学院路1号,1,2\n", encoding="utf-8")
    table = read_addresses(path, None, None)
    assert table.result_names[:2] == ("geocoded_geocoded_lon", "lat")


def test_a_workbook_keeps_its_types_formulas_and_other_sheets(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "企业"
    for row in (["面积", "地址"], [12.5, "学院路1号"], [None, None], ["=A2*2", "学院路2号"]):
        sheet.append(row)
    book.create_sheet("其他")["A1"] = 7
    book.save(path)
    table = read_addresses(path, None, None)
    formula = FOUND._replace(matched="=1+1")
    back = openpyxl.load_workbook(io.BytesIO(written(table, [FOUND, NO_ROW, formula])))
    rows: list[Any] = list(back["企业"].values)
    assert rows[0][2:] == COLUMNS
    assert rows[1][:4] == (12.5, "学院路1号", 116.3, 39.9)
    assert set(rows[2]) == {None}
    assert rows[3][0] == "=A2*2"
    assert back["企业"]["H4"].data_type == "s"
    assert back["其他"]["A1"].value == 7


FEATURES = [
    {"type": "Feature", "id": 5, "properties": {"地址": "学院路1号", "n": 1.5}, "geometry": None},
    {
        "type": "Feature",
        "properties": {"地址": None},
        "geometry": {"type": "Point", "coordinates": [1, 2]},
    },
]


@pytest.mark.parametrize("sequence", [False, True])
def test_features_get_a_geometry_where_they_have_none(tmp_path: Path, sequence: bool) -> None:
    path = tmp_path / "a.geojson"
    if sequence:
        path.write_bytes(b"".join(orjson.dumps(each) + b"\n" for each in FEATURES))
    else:
        path.write_bytes(orjson.dumps({"type": "FeatureCollection", "features": FEATURES}))
    back = written(read_addresses(path, None, None), [FOUND, NO_ROW])
    features = (
        [orjson.loads(line) for line in back.splitlines()]
        if sequence
        else orjson.loads(back)["features"]
    )
    assert features[0]["id"] == 5
    assert features[0]["properties"]["n"] == 1.5
    assert features[0]["properties"]["level"] == "house"
    assert features[0]["geometry"] == {"type": "Point", "coordinates": [116.3, 39.9]}
    assert features[1]["geometry"] == FEATURES[1]["geometry"]


@pytest.mark.parametrize(
    ("header", "wanted", "column"),
    [
        ("注册地址,地址", None, "地址"),
        ("Address,n", None, "Address"),
        ("n, 详细地址 ", None, "详细地址"),
        ("n,where", "WHERE", "where"),
    ],
)
def test_the_column_is_found_or_named(
    tmp_path: Path, header: str, wanted: str | None, column: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"{header}\n1,2\n", encoding="utf-8")
    assert read_addresses(path, wanted, None).column == column


@pytest.mark.parametrize(("wanted", "said"), [(None, "which column"), ("地点", "no column '地点'")])
def test_without_a_column_those_that_there_are_are_named(
    tmp_path: Path, wanted: str | None, said: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("名称,编号\n1,2\n", encoding="utf-8")
    with pytest.raises(UnknownColumnError, match=f"{said}.*名称, 编号"):
        read_addresses(path, wanted, None)


def test_what_holds_no_table_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.kml"
    path.write_text('<kml xmlns="http://www.opengis.net/kml/2.2"/>', encoding="utf-8")
    with pytest.raises(UnreadableFileError, match="KML holds no table"):
        read_addresses(path, None, None)
