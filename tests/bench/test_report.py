"""Tables say what was measured, what is absent and what failed."""

import click
import pytest

from bench.__main__ import read_sizes, read_workloads
from bench.exports import Exported
from bench.load import Rate
from bench.measure import Cell
from bench.probe import Probe
from bench.record import Run
from bench.report import comparison, exported, growth, known, problems


def cell(*rates: float, status: int = 200, errors: int = 0) -> Cell:
    probe = Probe(status, bytes=1000, features=10, first_ms=6, next_ms=2)
    return Cell(probe, [Rate(rate, errors=errors) for rate in rates])


TABLE = {
    "by_id": {
        "zgc": cell(100, 110, 90),
        "tipg": cell(10, 10, 10),
        "pygeoapi": cell(status=404),
        "postgresql": cell(200, 200, 200),
    }
}


def test_ratios_come_with_their_spread_and_what_is_absent_says_so() -> None:
    row = list(comparison(TABLE))[2]
    assert row == (
        "| one parcel by id | 10.0 (9.0–11.0) | absent (404) | 50% | 1,000 / 1,000 / – |"
        " 10 / 10 / – |"
    )


def test_our_own_absence_is_no_win() -> None:
    table = {"by_id": {"zgc": cell(status=400), "tipg": cell(10)}}
    assert "ours absent (400)" in list(comparison(table))[2]


def test_what_a_token_costs_is_told_where_it_was_measured() -> None:
    kept = {"zgc_keeping": cell(100, 90, 110), "zgc_known": cell(95, 95, 90)}
    table = {"items_100_again": kept, "by_id": {"zgc": cell(1), "zgc_known": cell(status=0)}}
    assert list(known(table))[2:] == ["| items, first page of 100, asked for again | 95% |"]


def test_growth_is_relative_to_the_smallest() -> None:
    table = {"by_id": {"zgc 10": cell(100), "zgc 100": cell(50)}}
    assert list(growth(table, (10, 100), ("zgc", "tipg")))[2:] == [
        "| one parcel by id | zgc | 1.00 | 2.00 |",
        "| one parcel by id | tipg | – | – |",
    ]


def test_exports_show_time_memory_and_size() -> None:
    rows = {
        "export_csv": {"zgc": Exported(2, 70, 120), "tipg": Exported(30, 90, 800), "pygeoapi": None}
    }
    assert list(exported(rows))[2:] == [
        "| all enterprises as CSV | zgc | 1.0 | 120 | 70 |",
        "| all enterprises as CSV | tipg | 15.0 | 800 | 90 |",
        "| all enterprises as CSV | pygeoapi | absent |  |  |",
    ]


def test_failed_answers_are_told() -> None:
    assert list(problems({"by_id": {"zgc": cell(5, 5, errors=2)}})) == [
        "- by_id, zgc: 4 answers failed"
    ]


def test_a_run_is_a_page_and_a_document() -> None:
    run = Run({"date": "2026-01-01"}, TABLE, {}, (10, 100), {}, ("zgc",))
    page = run.markdown()
    assert page.startswith("date 2026-01-01.\n\n### Answers a second")
    assert "### Cost of an answer as the data grow" in page
    assert run.document()["comparison"]


@pytest.mark.parametrize(
    ("text", "sizes"), [("10000,1000", (1000, 10_000)), ("5000", (5000,)), ("", ())]
)
def test_sizes_are_read_in_ascending_order(text: str, sizes: tuple[int, ...]) -> None:
    assert read_sizes(text) == sizes


@pytest.mark.parametrize("text", ["many", "10", "1000,x"])
def test_other_sizes_are_refused(text: str) -> None:
    with pytest.raises(click.BadParameter):
        read_sizes(text)


def test_workloads_are_chosen_by_name_in_the_order_of_the_table() -> None:
    assert [each.name for each in read_workloads("by_id,items_10")] == ["items_10", "by_id"]
    with pytest.raises(click.BadParameter, match="no workload 'tile_99'; there are items_10,"):
        read_workloads("by_id,tile_99")
