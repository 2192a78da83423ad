"""The security page and its walk along OWASP ASVS 5.0.0 are whole, and lead to what is there."""

import ast
import csv
import re
from collections import Counter
from pathlib import Path

import pytest

HERE = Path(__file__).parent.parent
TABLE = HERE / "docs" / "security-asvs.csv"

with TABLE.open(encoding="utf-8", newline="") as _file:
    ROWS = list(csv.DictReader(_file))

STATES = {"met", "not met", "operator's", "does not apply"}

PUBLISHED = {
    "1": 27, "2": 11, "3": 19, "4": 10, "5": 9, "6": 35, "7": 18, "8": 7, "9": 7,
    "10": 29, "11": 14, "12": 9, "13": 13, "14": 9, "15": 13, "16": 16, "17": 7,
}  # fmt: skip
"""Requirements of levels 1 and 2 in each chapter of version 5.0.0, as OWASP publishes it."""


def test_each_requirement_of_levels_1_and_2_is_there_once() -> None:
    assert Counter(row["level"] for row in ROWS) == {"1": 70, "2": 183}
    assert Counter(row["id"].split(".")[0] for row in ROWS) == PUBLISHED
    assert len({row["id"] for row in ROWS}) == len(ROWS) == 253
    numbers = [tuple(map(int, row["id"].split("."))) for row in ROWS]
    assert numbers == sorted(numbers)


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_a_row_says_how_it_stands_and_leads_to_what_is_there(row: dict[str, str]) -> None:
    assert row["state"] in STATES
    assert row["asks"]
    assert row["where"] or row["why"], "neither where nor why"
    assert row["why"] or row["state"] == "met", "why it is not met, is not said"
    for place in row["where"].split():
        _check(place)


def test_the_page_names_tests_that_are_there() -> None:
    page = (HERE / "docs" / "security.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[^`]+)`", page)
    assert len(named) > 15
    for place in named:
        _check(place)


def _check(place: str) -> None:
    name, _, test = place.partition("::")
    path = HERE / name
    assert path.is_file(), f"no file {name}"
    if test:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {node.name for node in ast.walk(tree) if hasattr(node, "name")}
        assert test in names, f"no test {test} in {name}"
