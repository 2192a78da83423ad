"""Shifts of datum: found where they are, and nowhere else."""

import json

import numpy as np
import pytest
import shapely

from geodata.geocoding.datum import Datum, convert
from geodata.ingest.shift import find_named_shift, find_near_shift

DATUMS = (Datum.GCJ02, Datum.BD09)


def shifted(points, datum):
    return convert(points, Datum.CGCS2000, datum)


def scattered(count, seed, spread_m=0.0):
    """Places all over Haidian, and where somebody else has them."""
    chance = np.random.default_rng(seed)
    places = np.column_stack(
        [chance.uniform(116.2, 116.4, count), chance.uniform(39.9, 40.1, count)]
    )
    return places, places + chance.normal(0, spread_m / 1e5, (count, 2))


@pytest.mark.parametrize("datum", DATUMS)
@pytest.mark.parametrize(("count", "spread_m"), [(8, 0), (40, 10), (400, 40)])
def test_places_near_no_known_one_but_for_a_shift_show_it(datum, count, spread_m):
    known, others = scattered(count, 1, spread_m)
    evidence = find_near_shift(shifted(others, datum), known)
    assert evidence is not None
    assert evidence.datum is datum
    assert find_near_shift(others, known) is None


@pytest.mark.parametrize("datum", DATUMS)
def test_a_part_of_the_known_places_is_enough(datum):
    known, others = scattered(400, 2, 10)
    strange, _ = scattered(300, 3)
    given = np.concatenate([shifted(others[:80], datum), shifted(strange, datum)])
    assert find_near_shift(given, known).datum is datum


@pytest.mark.parametrize("step_m", [50, 100, 130, 200, 400])
@pytest.mark.parametrize("seed", range(6))
def test_a_regular_town_shows_no_shift(step_m, seed):
    """New blocks beside others of the same grid meet them by many a shift, thus by chance."""
    chance = np.random.default_rng(seed)
    step = step_m / 1e5
    nodes = np.stack(np.meshgrid(np.arange(40), np.arange(40)), axis=-1).reshape(-1, 2) * step
    turn = chance.uniform(0, np.pi)
    turned = nodes @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    city = turned + np.array([116.3, 39.95])
    are_old = chance.random(len(city)) < 0.5
    assert find_near_shift(city[~are_old], city[are_old]) is None


@pytest.mark.parametrize("seed", range(10))
def test_places_of_other_things_show_no_shift(seed):
    one, _ = scattered(500, 2 * seed + 100)
    other, _ = scattered(2000, 2 * seed + 101)
    assert find_near_shift(one, other) is None


OSM = ("buildings", "green")


def places_of(shared, layer):
    document = json.loads(
        (shared / "data" / f"osm_haidian_{layer}.geojson").read_text(encoding="utf-8")
    )
    shapes = [shapely.geometry.shape(each["geometry"]) for each in document["features"]]
    return shapely.get_coordinates(shapely.point_on_surface(shapes))


@pytest.mark.parametrize("layer", OSM)
def test_real_places_show_the_shift_that_they_were_given_and_no_other(shared, layer):
    """Every third place is known; the file brings the others and half of these."""
    places = places_of(shared, layer)
    known, given = places[::3], np.concatenate([places[1::3], places[::6]])
    assert find_near_shift(given, known) is None
    for datum in DATUMS:
        assert find_near_shift(shifted(given, datum), known).datum is datum


def test_few_places_prove_nothing():
    known, _ = scattered(4, 1)
    assert find_near_shift(shifted(known, Datum.GCJ02), known) is None
    assert find_named_shift(["a"] * 4, shifted(known, Datum.GCJ02), known) is None
    assert find_named_shift([], known[:0], known[:0]) is None


@pytest.mark.parametrize("datum", DATUMS)
def test_names_show_a_shift_through_the_scatter_of_their_places(datum):
    known, others = scattered(60, 4, 150)
    names = [f"地点{n}" for n in range(60)]
    evidence = find_named_shift(names, shifted(others, datum), known)
    assert evidence.datum is datum
    assert evidence.message.en.startswith("60 places of known names (such as 地点0、地点1、地点2)")
    assert find_named_shift(names, others, known) is None
