"""Values of files as the declaration's types."""

from datetime import date, datetime

import pyarrow as pa
import pytest

from geodata.ingest.values import judge_column, judge_ids
from layers.attribute import Attribute, ValueType
from layers.codelist import DISTRICT
from layers.text import Text

TITLE = Text("值", "Value")


def judged(value, **declared):
    attribute = Attribute(name="a", title=TITLE, **declared)
    column = judge_column(attribute, pa.array([value, None]), {"north": "clusters"})
    assert column.values[1].as_py() is None
    return column.values[0].as_py(), [each.rule for _, each in column.rows()]


@pytest.mark.parametrize(
    ("kind", "given", "value"),
    [
        (ValueType.TEXT, "中关村 ", "中关村 "),
        (ValueType.TEXT, 5, "5"),
        (ValueType.TEXT, 5.0, "5"),
        (ValueType.TEXT, 2.5, "2.5"),
        (ValueType.TEXT, "  ", None),
        (ValueType.TEXT, date(2011, 1, 2), "2011-01-02"),
        (ValueType.INTEGER, "12", 12),
        (ValueType.INTEGER, "１２", 12),
        (ValueType.INTEGER, "12.0", 12),
        (ValueType.INTEGER, 12.0, 12),
        (ValueType.NUMBER, " -1.5e3 ", -1500.0),
        (ValueType.NUMBER, 3, 3.0),
        (ValueType.DATE, "2011-1-2", date(2011, 1, 2)),
        (ValueType.DATE, "2011/01/02", date(2011, 1, 2)),
        (ValueType.DATE, "2011年1月2日", date(2011, 1, 2)),
        (ValueType.DATE, "2011-01-02T00:00:00Z", date(2011, 1, 2)),
        (ValueType.DATE, datetime(2011, 1, 2), date(2011, 1, 2)),
        (ValueType.BOOLEAN, "是", True),
        (ValueType.BOOLEAN, "FALSE", False),
        (ValueType.BOOLEAN, True, True),
    ],
)
def test_a_value_is_read_as_its_type(kind, given, value):
    assert judged(given, type=kind) == (value, [])


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        (ValueType.INTEGER, "1.5"),
        (ValueType.INTEGER, str(2**31)),
        (ValueType.INTEGER, "1,000"),
        (ValueType.NUMBER, "12 km"),
        (ValueType.NUMBER, "nan"),
        (ValueType.NUMBER, "1e999"),
        (ValueType.NUMBER, float("inf")),
        (ValueType.DATE, "2011-02-30"),
        (ValueType.DATE, "02/01/2011"),
        (ValueType.DATE, "2011-01-02T08:00:00"),
        (ValueType.BOOLEAN, "maybe"),
    ],
)
def test_what_is_none_of_the_type_is_never_guessed(kind, given):
    assert judged(given, type=kind) == (None, ["type"])


@pytest.mark.parametrize(
    ("declared", "given", "value", "rules"),
    [
        ({"codes": DISTRICT}, "海淀区", "110108", []),
        ({"codes": DISTRICT}, "Haidian District", "110108", []),
        ({"codes": DISTRICT}, 110108, "110108", []),
        ({"codes": DISTRICT}, "海淀", None, ["codes"]),
        ({"pattern": "[0-9]{2}"}, " 12 ", "12", []),
        ({"pattern": "[0-9]{2}"}, "123", None, ["pattern"]),
        ({"references": ("clusters",)}, "north", "north", []),
        ({"references": ("clusters",)}, "south", None, ["reference"]),
        ({"references": ("sub_parks",)}, "north", None, ["reference"]),
        ({"max_length": 2}, "甲乙丙", None, ["length"]),
        ({"type": ValueType.NUMBER, "minimum": 0}, "-1", None, ["range"]),
        ({}, "甲\0", None, ["encoding"]),
        ({}, "甲\ufffd", None, ["encoding"]),
    ],
)
def test_a_value_is_held_to_the_rules_of_its_declaration(declared, given, value, rules):
    assert judged(given, **declared) == (value, rules)


def test_every_row_with_a_wrong_value_is_told():
    column = judge_ids(pa.array(["a", "b c", None, "b c", "x" * 121]))
    assert [(row, each.rule) for row, each in column.rows()] == [(1, "id"), (3, "id"), (4, "id")]
    assert column.values.to_pylist() == ["a", None, None, None, None]
