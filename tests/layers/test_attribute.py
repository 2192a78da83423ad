"""An attribute's declaration: what cannot be meant is refused where it is written."""

import re

import pytest

from layers.attribute import Attribute, Role, ValueType
from layers.codelist import BOUNDARY_STATUS
from layers.text import Text

TITLE = Text("属性", "Attribute")


def declared(name="height", **rules):
    return Attribute(name=name, title=TITLE, **rules)


def test_an_attribute_is_optional_public_text_unless_it_says_otherwise():
    attribute = declared()
    assert (attribute.type, attribute.required, attribute.reader) == (
        ValueType.TEXT,
        False,
        Role.PUBLIC,
    )


@pytest.mark.parametrize("name", ["", "Height", "1st", "_hidden", "a b", "a-b", "高", "a" * 64])
def test_a_name_that_is_no_plain_column_name_is_refused_and_shown(name):
    with pytest.raises(ValueError, match=re.escape(repr(name))):
        declared(name)


@pytest.mark.parametrize(
    ("rules", "named"),
    [
        ({"codes": BOUNDARY_STATUS, "references": ("bases",)}, "codes and references"),
        ({"type": ValueType.INTEGER, "codes": BOUNDARY_STATUS}, "codes on a integer"),
        ({"type": ValueType.NUMBER, "references": ("bases",)}, "references on a number"),
        ({"type": ValueType.DATE, "pattern": "2.*"}, "pattern on a date"),
        ({"type": ValueType.TEXT, "minimum": 0}, "minimum on a text"),
        ({"type": ValueType.DATE, "maximum": 9}, "maximum on a date"),
        ({"type": ValueType.BOOLEAN, "unit": "m"}, "unit on a boolean"),
        ({"type": ValueType.NUMBER, "minimum": 2, "maximum": 1}, "minimum 2 exceeds maximum 1"),
    ],
)
def test_rules_that_no_value_of_the_type_can_keep_are_refused(rules, named):
    with pytest.raises(ValueError, match=f"'height'.*{named}"):
        declared(**rules)


def test_a_pattern_that_is_no_regular_expression_is_refused():
    with pytest.raises(re.error):
        declared(pattern="[0-9")


@pytest.mark.parametrize(
    "bounds", [{}, {"minimum": 0}, {"maximum": 0}, {"minimum": 1, "maximum": 1}]
)
@pytest.mark.parametrize("type_", [ValueType.INTEGER, ValueType.NUMBER])
def test_numbers_take_one_bound_two_or_none(type_, bounds):
    assert declared(type=type_, unit="m", **bounds).unit == "m"


def test_each_role_reads_what_those_before_it_read():
    assert list(Role) == ["public", "planner", "land_officer", "admin"]


@pytest.mark.parametrize("role", Role)
def test_each_role_includes_itself_and_those_before_it(role: Role) -> None:
    order = ["public", "planner", "land_officer", "admin"]
    included = [name for name in order if role.includes(Role(name))]
    assert included == order[: order.index(role) + 1]
