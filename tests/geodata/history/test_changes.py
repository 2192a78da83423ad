"""Changes between states: what happened, field by field, with distances and areas."""

import math
from datetime import UTC, datetime, timedelta

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geodata.history.changes import ChangeKind, changes

START = datetime(2015, 3, 1, tzinfo=UTC)
CREATED, CHANGED, REMOVED = ChangeKind


def state(number, operation=None, geometry=None, **values):
    """The state that lasted from one day to the next."""
    return {
        "operation": operation,
        "began": START + timedelta(days=number),
        "ended": None if operation is None else START + timedelta(days=number + 1),
        "recorded_by": f"writer {number}",
        "recorded_reason": f"reason {number}",
        "recorded_import": number,
        "superseded_by": f"writer {number + 1}",
        "superseded_reason": f"reason {number + 1}",
        "superseded_import": number + 1,
        "geom": None if geometry is None else shapely.to_wkb(geometry),
        **values,
    }


STORIES = {
    "made": ([state(0, a=1)], [(CREATED, 0)]),
    "changed once": ([state(0, "update", a=1), state(1, a=2)], [(CREATED, 0), (CHANGED, 1)]),
    "removed": ([state(0, "delete", a=1)], [(CREATED, 0), (REMOVED, 1)]),
    "made again": (
        [state(0, "delete", a=1), state(5, a=1)],
        [(CREATED, 0), (REMOVED, 1), (CREATED, 5)],
    ),
    "id given away": ([state(0, "update", a=1)], [(CREATED, 0), (REMOVED, 1)]),
}


@pytest.mark.parametrize(("states", "expected"), STORIES.values(), ids=STORIES)
def test_each_state_tells_what_happened_when_and_by_whom(states, expected):
    found = changes(states, ["a"])
    assert [(change.kind, change.at) for change in found] == [
        (kind, START + timedelta(days=day)) for kind, day in expected
    ]
    for change, (_, day) in zip(found, expected, strict=True):
        told = (change.by, change.reason, change.import_id)
        assert told == (f"writer {day}", f"reason {day}", day)


def test_only_fields_that_differ_are_told_with_both_values():
    states = [state(0, "update", a=1, b="x", c=None), state(1, a=1, b=None, c=2.5)]
    made, changed = changes(states, ["a", "b", "c"])
    assert [(each.name, each.old, each.new) for each in made.fields] == [
        ("a", None, 1),
        ("b", None, "x"),
    ]
    assert [(each.name, each.old, each.new) for each in changed.fields] == [
        ("b", "x", None),
        ("c", None, 2.5),
    ]


@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.integers(0, 2)), min_size=1))
def test_replayed_changes_lead_to_each_state(values):
    names = ["a", "b", "c"]
    *earlier, last = values
    states = [
        state(number, None if each is last and number == len(earlier) else "update", **each)
        for number, each in enumerate([*earlier, last])
    ]
    now = dict.fromkeys(names)
    for change, each in zip(changes(states, names), values, strict=True):
        for field in change.fields:
            assert now[field.name] == field.old != field.new
            now[field.name] = field.new
        assert now == {name: each.get(name) for name in names}


SQUARE = shapely.MultiPolygon([shapely.box(116, 40, 116.01, 40.01)])


def geometry_change(old, new):
    _, change = changes([state(0, "update", old), state(1, None, new)], [])
    return change.geometry


def test_a_moved_point_tells_the_geodesic_distance():
    """Reference: the usual series for the length of a degree of latitude, at 40.005 degrees."""
    found = geometry_change(shapely.Point(116.3, 40), shapely.Point(116.3, 40.01))
    middle = math.radians(40.005)
    degree = 111132.954 - 559.822 * math.cos(2 * middle) + 1.175 * math.cos(4 * middle)
    assert found.moved_m == pytest.approx(degree / 100, abs=0.001)
    assert (found.old_area_m2, found.new_area_m2) == (None, None)


def test_areas_are_ellipsoidal_and_holes_are_left_out():
    hole = shapely.box(116.002, 40.002, 116.004, 40.004)
    found = geometry_change(SQUARE, shapely.MultiPolygon([SQUARE.geoms[0].difference(hole)]))
    assert found.new_area_m2 == pytest.approx(found.old_area_m2 * (1 - 0.04), rel=1e-5)


@pytest.mark.parametrize(
    ("old", "new"), [(None, SQUARE), (SQUARE, None)], ids=["place found", "place lost"]
)
def test_a_place_found_or_lost_is_a_change_without_distance(old, new):
    found = geometry_change(old, new)
    assert (found.old is None, found.new is None) == (old is None, new is None)
    assert found.moved_m is None


@pytest.mark.parametrize("shape", [None, SQUARE, shapely.Point(116, 40)])
def test_an_equal_geometry_is_no_change(shape):
    assert geometry_change(shape, shape) is None
