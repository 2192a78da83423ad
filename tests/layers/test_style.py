"""Portrayal: what cannot be drawn is refused."""

import itertools

import pytest

from layers.catalog import CATALOG
from layers.style import Style

LEAST_DISTANCE = 25
"""Of 441 in all: below it two strokes on a map look alike."""


@pytest.mark.parametrize("colour", ["", "red", "#FFFFFF", "#fff", "ffffff", "#ffffff80", "#ggffff"])
def test_a_colour_that_is_not_rrggbb_in_lower_case_is_refused_and_shown(colour):
    with pytest.raises(ValueError, match=f"colour '{colour}'"):
        Style(colour=colour)


@pytest.mark.parametrize("opacity", [-0.1, 1.1, float("nan")])
def test_an_opacity_outside_0_to_1_is_refused_and_shown(opacity):
    with pytest.raises(ValueError, match=f"fill_opacity {opacity}"):
        Style(colour="#123456", fill_opacity=opacity)


def rgb(layer):
    return tuple(bytes.fromhex(layer.style.colour[1:]))


@pytest.mark.parametrize(
    ("one", "other"),
    list(itertools.combinations(CATALOG, 2)),
    ids=lambda layer: layer.id,
)
def test_any_two_layers_can_be_told_apart_by_colour(one, other):
    distance = sum((a - b) ** 2 for a, b in zip(rgb(one), rgb(other), strict=True)) ** 0.5
    assert distance >= LEAST_DISTANCE


def test_no_two_layers_claim_the_same_drawing_order():
    orders = [layer.style.order for layer in CATALOG]
    assert len(orders) == len(set(orders))


def test_points_are_drawn_above_areas_and_lines():
    def highest(kinds):
        return max(layer.style.order for layer in CATALOG if layer.geometry in kinds)

    points = [layer.style.order for layer in CATALOG if layer.geometry == "Point"]
    assert min(points) > highest({"MultiPolygon", "MultiLineString"})
