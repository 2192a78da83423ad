"""Rows to be appended that the layer has already: the same ones pass, others are refused."""

import pytest

from geodata.ingest.modes import Mode

KNOWN = {"source": "测试", "as_of": "2012-01-01", "boundary_status": "schematic"}
HEADER = "编号,名称,经度,纬度\n"
ROWS = ("a,甲,116.31,39.98", "b,乙,,", "c,丙,116.4,39.9")


@pytest.fixture
def desk(empty_desk):
    """On a layer that has the rows."""
    empty_desk.load(check(empty_desk, *ROWS, mode=Mode.REPLACE), dry_run=False)
    return empty_desk


def check(desk, *rows, mode=Mode.APPEND):
    path = desk.write("企业.csv", HEADER + "\n".join(rows) + "\n")
    return desk.check("enterprises", path, crs="EPSG:4490", constants=KNOWN, mode=mode)


def test_the_same_rows_pass_and_change_nothing(desk):
    checked = check(desk, *ROWS)
    assert checked.ledger.findings == []
    loaded = desk.load(checked)
    assert (loaded.unchanged, loaded.inserted) == (3, 0)


def test_each_row_that_differs_is_refused_by_row_field_and_both_values(desk):
    checked = check(desk, "a,甲,116.31,39.98", "b,改,116.5,39.9", "d,丁,,", "c,丙,116.4,39.90001")
    assert [(each.row, each.field, each.rule) for each in checked.ledger.findings] == [
        (3, "名称", "exists"),
        (3, "geometry", "exists"),
        (5, "geometry", "exists"),
    ]
    name, place, moved = checked.ledger.findings
    assert (name.value, name.message.en) == ("'改'", "the layer has '乙'")
    assert (place.value, place.message.en) == ("'POINT (116.5 39.9)'", "the layer has None")
    assert moved.message.zh == "图层中为 'POINT (116.4 39.9)'"
    assert checked.refused.tolist() == [False, True, False, True]
    loaded = desk.load(checked, accept_valid=True)
    assert (loaded.unchanged, loaded.inserted) == (1, 1)


@pytest.mark.parametrize("mode", [Mode.UPDATE, Mode.REPLACE])
def test_rows_that_are_to_be_changed_are_not_refused(desk, mode):
    assert check(desk, "b,改,,", mode=mode).ledger.findings == []
