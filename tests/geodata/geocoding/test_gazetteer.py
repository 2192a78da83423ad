"""Places by name."""

import time
from dataclasses import replace
from pathlib import Path

import pytest

from geodata.geocoding.gazetteer import Gazetteer, open_gazetteer
from geodata.geocoding.place import Kind, Parity, Place

BUILT_IN = open_gazetteer()

ROAD = Place(
    id="road",
    kind=Kind.ROAD,
    name="科创十四街",
    name_en="",
    aliases=("KC街",),
    district="大兴区",
    town="",
    lon=116.55,
    lat=39.78,
    accuracy_m=900,
    numbers=None,
    parity=Parity.BOTH,
    source="test",
)
POINT = replace(ROAD, id="point", kind=Kind.ROAD_POINT, aliases=(), numbers=(99, 99), lon=116.56)


def ids(gazetteer: Gazetteer, name: str) -> list[str]:
    return [named.place.id for named in gazetteer.named(name)]


@pytest.mark.parametrize("name", ["科创十四街", "科创14街", "KC街"])
def test_a_road_is_found_by_each_of_its_names_and_numerals(name: str) -> None:
    assert ids(Gazetteer([ROAD]), name) == ["road"]


def test_names_in_a_text_come_longest_first() -> None:
    town = replace(ROAD, id="town", kind=Kind.TOWN, name="科创", aliases=())
    found = list(Gazetteer([ROAD, town]).names_at("大兴科创十四街99号", 2))
    assert [(end, [named.place.id for named in names]) for end, names in found] == [
        (7, ["road"]),
        (4, ["town"]),
    ]


def test_an_official_name_comes_before_an_alias() -> None:
    other = replace(ROAD, id="other", name="别名街", aliases=("科创十四街",))
    assert ids(Gazetteer([other, ROAD]), "科创十四街") == ["road", "other"]


def test_house_numbers_belong_to_the_road_of_their_district() -> None:
    twin = replace(ROAD, id="twin", district="通州区")
    gazetteer = Gazetteer([ROAD, twin, POINT])
    assert {road: [point.id for point in points] for road, points in gazetteer.points.items()} == {
        "road": ["point"]
    }


def test_a_road_of_which_only_numbers_are_known_is_as_wide_as_they_are_apart() -> None:
    far = replace(POINT, id="far", lon=116.57, numbers=(1, 1))
    gazetteer = Gazetteer([POINT, far])
    (named,) = gazetteer.named("科创十四街")
    assert named.place.kind is Kind.ROAD
    assert named.place.lon == pytest.approx(116.565)
    assert named.place.accuracy_m > 400 + POINT.accuracy_m
    assert len(gazetteer.points[named.place.id]) == 2


def test_one_wrong_sign_leads_to_the_names_it_may_be() -> None:
    gazetteer = Gazetteer([ROAD])
    assert gazetteer.one_sign_apart("科创十五街") == {"科创十四街"}
    assert gazetteer.one_sign_apart("科创十四街") == set()
    assert gazetteer.one_sign_apart("科创四街") == set()


def test_a_place_reaches_into_a_district_whose_towns_it_overlaps() -> None:
    near = replace(ROAD, id="a", kind=Kind.TOWN, district="通州区", lon=116.57, accuracy_m=2000)
    far = replace(near, id="b", district="平谷区", lon=117.1)
    gazetteer = Gazetteer([ROAD, near, far])
    assert gazetteer.reaches(ROAD, "通州区")
    assert not gazetteer.reaches(ROAD, "平谷区")


def test_an_own_row_replaces_the_built_in_one_of_its_id(tmp_path: Path) -> None:
    replaced = next(place for place in BUILT_IN.places if place.kind is Kind.PARK)
    (tmp_path / "own.csv").write_text(
        "id,kind,name_zh,lon,lat,accuracy_m,source\n"
        f"{replaced.id},park,自有园区,116.3,39.9,100,own\n"
        "own-1,park,另一自有园区,116.3,39.9,100,own\n",
        encoding="utf-8",
    )
    own = open_gazetteer([tmp_path])
    assert len(own.places) == len(BUILT_IN.places) + 1
    assert ids(own, "自有园区") == [replaced.id]


@pytest.mark.parametrize(
    ("name", "district"),
    [
        ("海淀区", "海淀区"),
        ("海淀", "海淀区"),
        ("崇文区", "东城区"),
        ("宣武", "西城区"),
        ("亦庄", "大兴区"),
        ("BDA", "大兴区"),
    ],
)
def test_districts_are_found_by_short_and_abolished_names(name: str, district: str) -> None:
    found = BUILT_IN.district(name)
    assert found is not None
    assert found.district == district


def test_the_built_in_gazetteer_opens_in_a_moment() -> None:
    start = time.process_time()
    assert len(open_gazetteer().places) > 900
    assert time.process_time() - start < 0.9  # meant is 0.3 s; three times that on a slow machine
