"""Rows of the gazetteer: read, or refused with file, row and field."""

from pathlib import Path

import pytest

from geodata.geocoding.place import COLUMNS, Kind, Parity, built_in_files, read_places
from geodata.ingest.finding import RefusedError

GOOD = {
    "id": "a",
    "kind": "road_point",
    "name_zh": "中关村大街",
    "aliases": "白颐路; 中大街 ;",
    "district": "海淀区",
    "lon": "116.312",
    "lat": "39.97",
    "accuracy_m": "300",
    "number_from": "59",
    "parity": "odd",
    "source": "test",
}


def write(path: Path, *rows: dict[str, str], columns: tuple[str, ...] = COLUMNS) -> Path:
    lines = [",".join(columns), *(",".join(row.get(name, "") for name in columns) for row in rows)]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_a_row_becomes_a_place(tmp_path: Path) -> None:
    (place,) = read_places(write(tmp_path / "own.csv", GOOD))
    assert (place.kind, place.name, place.aliases) == (
        Kind.ROAD_POINT,
        "中关村大街",
        ("白颐路", "中大街"),
    )
    assert (place.numbers, place.parity) == ((59, 59), Parity.ODD)
    assert place.title == "中关村大街59号"


@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [
        ({"id": ""}, "id", "must not be empty"),
        ({"id": "a"}, "id", "taken by an earlier row"),
        ({"district": "海定区"}, "district", "must be one of 东城区"),
        ({"number_from": "9" * 5000}, "number_from", "from 1 to 99999"),
        ({"kind": "tree"}, "kind", "must be one of district, town"),
        ({"parity": "left"}, "parity", "odd, even, both"),
        ({"lon": "39.97"}, "lon", "must be 115.4 to 117.6"),
        ({"lat": "nan"}, "lat", "must be 39.4 to 41.1"),
        ({"lat": "north"}, "lat", "must be 39.4 to 41.1"),
        ({"accuracy_m": "0"}, "accuracy_m", "must be 1 to"),
        ({"number_from": "甲1"}, "number_from", "whole number"),
        ({"number_from": ""}, "number_from", "must have a house number"),
        ({"number_to": "57"}, "number_to", "must not be below"),
    ],
)
def test_a_wrong_row_is_refused_by_file_row_and_field(
    tmp_path: Path, changed: dict[str, str], field: str, said: str
) -> None:
    path = write(tmp_path / "own.csv", GOOD, GOOD | {"id": "b"} | changed)
    with pytest.raises(RefusedError) as refused:
        read_places(path)
    (finding,) = refused.value.findings
    assert (finding.file, finding.row, finding.field) == ("own.csv", 3, field)
    assert said in finding.message.en
    assert finding.message.zh


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "own.csv", GOOD, columns=("id", "kind", "name_zh"))
    with pytest.raises(RefusedError, match="no such column") as refused:
        read_places(path)
    assert {finding.field for finding in refused.value.findings} == {
        "lon",
        "lat",
        "accuracy_m",
        "source",
    }


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", None])
def test_what_is_no_table_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "own.csv"
    if content:
        path.write_bytes(content)
    with pytest.raises(RefusedError, match="cannot be read"):
        read_places(path)


@pytest.mark.parametrize("path", built_in_files(), ids=lambda path: path.name)
def test_the_built_in_files_are_right(path: Path) -> None:
    assert read_places(path)
