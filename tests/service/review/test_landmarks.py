"""Named places round the candidates, out of the built-in gazetteer."""

from dataclasses import replace

import pytest

from geodata.geocoding.candidate import Candidate
from geodata.geocoding.gazetteer import Gazetteer, open_gazetteer
from geodata.geocoding.level import Level
from service.review.landmarks import LARGEST_M, MOST, landmarks

HAIDIAN = Candidate(
    lon=116.3155, lat=39.9832, level=Level.HOUSE, accuracy_m=150, score=0.8, provider="amap"
)


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return open_gazetteer()


def test_the_nearest_come_first(gazetteer: Gazetteer) -> None:
    found = landmarks(gazetteer, [HAIDIAN])
    assert 20 < len(found) <= MOST
    squares = [
        ((float(str(each["lon"])) - HAIDIAN.lon) * 0.766) ** 2
        + (float(str(each["lat"])) - HAIDIAN.lat) ** 2
        for each in found
    ]
    assert squares == pytest.approx(sorted(squares), abs=1e-6)
    assert squares[-1] ** 0.5 * 111_320 < 4100
    assert any("海淀" in str(each["name"]) for each in found)


def test_places_as_large_as_districts_are_left_out(gazetteer: Gazetteer) -> None:
    names = {each["name"] for each in landmarks(gazetteer, [HAIDIAN])}
    large = {place.title for place in gazetteer.places if place.accuracy_m > LARGEST_M}
    small = {place.title for place in gazetteer.places if place.accuracy_m <= LARGEST_M}
    assert large
    assert not names & (large - small)


def test_each_candidate_has_its_surroundings(gazetteer: Gazetteer) -> None:
    far = replace(HAIDIAN, lon=116.506, lat=39.795)
    both = {each["name"] for each in landmarks(gazetteer, [HAIDIAN, far])}
    assert both & {each["name"] for each in landmarks(gazetteer, [far])}
    assert both & {each["name"] for each in landmarks(gazetteer, [HAIDIAN])}


def test_without_candidates_there_are_none(gazetteer: Gazetteer) -> None:
    assert landmarks(gazetteer, []) == []
