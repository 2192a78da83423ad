"""Where synthetic enterprises are, what they do, and what is not known of some."""

from collections import Counter

import numpy as np
import pytest
import shapely

from geodata.plan.load import Inventory
from geodata.synthetic.areas import Areas
from geodata.synthetic.batch import Objects
from geodata.synthetic.credit_code import ALPHABET, credit_codes
from geodata.synthetic.enterprises import enterprises
from geodata.synthetic.frame import to_metres


@pytest.fixture(scope="module")
def columns(inventory: Inventory, areas: Areas) -> dict[str, Objects]:
    batches = list(enterprises(inventory, areas, 3, 20_000))
    return {
        name: np.concatenate([each.columns[name] for each in batches])
        for name in batches[0].columns
    }


@pytest.mark.parametrize(
    ("name", "part"),
    [("geom", 0.03), ("accuracy_m", 0.03), ("industry", 0.05), ("uscc", 0.1)],
)
def test_some_facts_are_missing(columns: dict[str, Objects], name: str, part: float) -> None:
    missing = np.array([value is None for value in columns[name]])
    assert missing.mean() == pytest.approx(part, abs=0.01)


def test_accuracy_and_its_source_go_with_the_position(columns: dict[str, Objects]) -> None:
    for name in ("accuracy_m", "location_source"):
        for shape, value in zip(columns["geom"], columns[name], strict=True):
            assert (shape is None) == (value is None)


def test_most_are_in_parks_and_along_axes_and_some_are_anywhere(
    columns: dict[str, Objects], areas: Areas
) -> None:
    placed = columns["geom"][[shape is not None for shape in columns["geom"]]]
    distance = areas.nearest(to_metres(shapely.get_coordinates(placed)))[1]
    assert 0.6 < (distance < 500).mean() < 0.85
    assert (distance > 5000).mean() > 0.05


def test_a_park_is_said_only_of_those_inside(columns: dict[str, Objects], areas: Areas) -> None:
    shapes = dict(zip(areas.ids, areas.shapes, strict=True))
    for shape, park in zip(columns["geom"][:3000], columns["area"], strict=False):
        if shape is not None and park is not None:
            assert shapes[park].distance(shapely.transform(shape, to_metres)) < 0.01


def test_the_industries_of_places_differ(columns: dict[str, Objects]) -> None:
    mix = {
        park: Counter(columns["industry"][columns["area"] == park]).most_common(1)[0][0]
        for park in ("shunyi-aviation-park", "daxing-biomedicine-base", "dianzicheng")
    }
    assert mix == {
        "shunyi-aviation-park": "aerospace",
        "daxing-biomedicine-base": "biology",
        "dianzicheng": "electronic_information",
    }


def test_credit_codes_are_unique_and_their_check_characters_right() -> None:
    codes = credit_codes(1, 5000)
    assert len(set(codes)) == 5000
    values = {letter: value for value, letter in enumerate(ALPHABET.tolist())}
    for code in codes[:500]:
        digits = zip(code[8:16], (3, 7, 9, 10, 5, 8, 4, 2), strict=True)
        check = (11 - sum(int(digit) * weight for digit, weight in digits)) % 11
        assert code[16] == ("X" if check == 10 else str(check))
        total = sum(values[letter] * pow(3, place, 31) for place, letter in enumerate(code[:17]))
        assert (total + values[code[17]]) % 31 == 0
