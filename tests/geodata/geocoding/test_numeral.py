"""Numerals as addresses write them."""

import pytest

from geodata.geocoding.numeral import numeral, whole_number

PAIRS = [
    ("一", 1),
    ("十", 10),
    ("十四", 14),
    ("二十", 20),
    ("二十七", 27),
    ("九十九", 99),
]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *PAIRS,
        ("27", 27),
        ("007", 7),
        ("两", 2),
        ("一百", 100),
        ("一百零五", 105),
        ("一百一十五", 115),
        ("三百二", 302),
        ("一千二百三十四", 1234),
        ("二〇三", 203),
        ("一八八", 188),
        ("〇", 0),
    ],
)
def test_a_numeral_has_its_value(text: str, value: int) -> None:
    assert whole_number(text) == value


@pytest.mark.parametrize(("text", "value"), PAIRS)
def test_street_numbers_are_written_back(text: str, value: int) -> None:
    assert numeral(value) == text


def test_every_street_number_survives_there_and_back() -> None:
    assert [whole_number(numeral(number)) for number in range(1, 100)] == list(range(1, 100))


@pytest.mark.parametrize("text", ["甲", "十四街", "x"])
def test_what_is_no_numeral_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"no sign of a numeral|invalid literal"):
        whole_number(text)
