"""Findings: one line says where, what, and what would be right."""

from geodata.ingest.finding import SHOWN, Finding, RefusedError
from layers.text import Text


def finding(row):
    return Finding(
        file="parks.geojson",
        row=row,
        field="level",
        value="12",
        rule="range",
        message=Text("须在 0..9 之内", "must lie in 0..9"),
    )


def test_a_finding_reads_as_one_line_with_place_value_and_what_is_allowed():
    assert str(finding(3)) == "parks.geojson, row 3, level = 12: must lie in 0..9"


def test_a_refusal_says_that_nothing_was_written_and_lists_what_is_wrong():
    refused = RefusedError([finding(1), finding(2)])
    assert str(refused).splitlines() == [
        "refused, nothing was written:",
        "parks.geojson, row 1, level = 12: must lie in 0..9",
        "parks.geojson, row 2, level = 12: must lie in 0..9",
    ]


def test_a_refusal_holds_every_finding_and_shows_the_first_ones():
    refused = RefusedError([finding(row) for row in range(1, SHOWN + 4)])
    assert len(refused.findings) == SHOWN + 3
    assert len(str(refused).splitlines()) == 1 + SHOWN + 1
    assert str(refused).endswith("... and 3 more")
