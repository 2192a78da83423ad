"""What an address may mean, and how well each place explains it."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.geocoding.candidate import Candidate, Issue, issues_of
from geodata.geocoding.gazetteer import Gazetteer, open_gazetteer
from geodata.geocoding.geocode import LONGEST_ADDRESS, GazetteerGeocoder
from geodata.geocoding.level import Level
from geodata.geocoding.place import Kind, Parity, Place

METRE = 1e-5


def place(
    id: str,
    kind: Kind,
    name: str,
    district: str,
    *,
    at: tuple[float, float],
    accuracy_m: float = 300,
    aliases: tuple[str, ...] = (),
    town: str = "",
    numbers: tuple[int, int] | None = None,
) -> Place:
    return Place(
        id=id,
        kind=kind,
        name=name,
        name_en="",
        aliases=aliases,
        district=district,
        town=town,
        lon=at[0],
        lat=at[1],
        accuracy_m=accuracy_m,
        numbers=numbers,
        parity=Parity.BOTH,
        source="test",
    )


WEST, EAST, SOUTH = (116.30, 39.98), (116.47, 39.93), (116.50, 39.79)

PLACES = (
    place("d1", Kind.DISTRICT, "海淀区", "海淀区", at=WEST, accuracy_m=15000, aliases=("海淀",)),
    place("d2", Kind.DISTRICT, "朝阳区", "朝阳区", at=EAST, accuracy_m=15000, aliases=("朝阳",)),
    place("d3", Kind.DISTRICT, "大兴区", "大兴区", at=SOUTH, accuracy_m=24000),
    place(
        "d4",
        Kind.DISTRICT,
        "北京经济技术开发区",
        "大兴区",
        at=SOUTH,
        accuracy_m=7000,
        aliases=("亦庄", "经开区", "BDA"),
    ),
    place("t1", Kind.TOWN, "中关村街道", "海淀区", at=(116.32, 39.98), accuracy_m=1500),
    place("t2", Kind.TOWN, "望京街道", "朝阳区", at=(116.47, 39.995), accuracy_m=1700),
    place("r1", Kind.ROAD, "中关村大街", "海淀区", at=(116.312, 39.979), accuracy_m=1900),
    place("n1", Kind.ROAD_POINT, "中关村大街", "海淀区", at=(116.3123, 39.9838), numbers=(1, 1)),
    place("n2", Kind.ROAD_POINT, "中关村大街", "海淀区", at=(116.3123, 39.9700), numbers=(59, 59)),
    place("r2", Kind.ROAD, "建设路", "海淀区", at=(116.20, 40.05), accuracy_m=800),
    place("r3", Kind.ROAD, "建设路", "大兴区", at=(116.33, 39.73), accuracy_m=800),
    place("r4", Kind.ROAD, "北五环路", "海淀区", at=(116.38, 40.02), accuracy_m=12000),
    place("r5", Kind.ROAD, "荣华中路", "大兴区", at=SOUTH, accuracy_m=1300),
    place("r6", Kind.ROAD, "经海路", "通州区", at=(116.56, 39.78), accuracy_m=3000),
    place("p1", Kind.PARK, "上地信息产业基地", "海淀区", at=(116.303, 40.037), accuracy_m=1500),
    place("l1", Kind.LANDMARK, "北京大学", "海淀区", at=(116.305, 39.99), accuracy_m=900),
    place(
        "b1",
        Kind.BUILDING,
        "海龙大厦",
        "海淀区",
        at=(116.3125, 39.984),
        accuracy_m=150,
        aliases=("海龙电子城",),
    ),
)  # fmt: skip
GEOCODER = GazetteerGeocoder(Gazetteer(PLACES))
BUILT_IN = GazetteerGeocoder(open_gazetteer())


def candidates(address: str) -> list[Candidate]:
    return GEOCODER.geocode([address])[0]


def best(address: str) -> Candidate:
    return candidates(address)[0]


@pytest.mark.parametrize(
    ("address", "level", "name", "district"),
    [
        ("北京市海淀区中关村大街1号", Level.HOUSE, "中关村大街1号", "海淀区"),
        ("中关村大街59号", Level.HOUSE, "中关村大街59号", "海淀区"),
        ("海淀区中关村大街300号", Level.ROAD, "中关村大街", "海淀区"),
        ("海淀区中关村大街", Level.ROAD, "中关村大街", "海淀区"),
        ("海淀区海龙大厦B座", Level.BUILDING, "海龙大厦", "海淀区"),
        ("海淀区海龙电子城三层", Level.BUILDING, "海龙大厦", "海淀区"),
        ("海淀区无名路5号海龙大厦", Level.BUILDING, "海龙大厦", "海淀区"),
        ("海淀区上地信息产业基地无名路7号", Level.PARK, "上地信息产业基地", "海淀区"),
        ("海淀区北京大学理科一号楼", Level.LANDMARK, "北京大学", "海淀区"),
        ("海淀区北京大学人民医院", Level.DISTRICT, "海淀区", "海淀区"),
        ("海淀区中关村街道", Level.TOWN, "中关村街道", "海淀区"),
        ("海淀区无名路7号", Level.DISTRICT, "海淀区", "海淀区"),
        ("亦庄荣华中路8号", Level.ROAD, "荣华中路", "大兴区"),
        ("北京经济技术开发区经海路2号", Level.ROAD, "经海路", "通州区"),
        ("BDA", Level.DISTRICT, "北京经济技术开发区", "大兴区"),
        ("朝阳区北五环路", Level.ROAD, "北五环路", "朝阳区"),
        ("海淀区北五环路7号", Level.ROAD, "北五环路", "海淀区"),
        ("海淀区中关村街道北五环路7号", Level.TOWN, "中关村街道", "海淀区"),
        ("海淀区中关村街道中关村大街300号", Level.ROAD, "中关村大街", "海淀区"),
        ("海淀区中关村大衔1号", Level.HOUSE, "中关村大街1号", "海淀区"),
    ],
)
def test_the_finest_place_that_explains_the_address_comes_first(
    address: str, level: Level, name: str, district: str
) -> None:
    found = best(address)
    assert (found.level, found.name, found.district) == (level, name, district)


@pytest.mark.parametrize("address", ["海淀区", "海淀区无名路7号", "望京街道", "亦庄"])
def test_a_mere_town_or_district_is_never_passed_as_an_address(address: str) -> None:
    found = candidates(address)
    assert found[0].level.is_coarse
    assert found[0].accuracy_m >= 1500
    assert Issue.COARSE in issues_of(found)


def test_a_number_between_two_known_ones_is_placed_between_them_with_an_honest_radius() -> None:
    found = best("海淀区中关村大街30号")
    assert found.level is Level.ROAD or found.accuracy_m <= 600
    assert 39.9700 < found.lat < 39.9838
    half = (39.9838 - 39.9700) / 2 * 111_320
    assert found.accuracy_m >= half - 60
    assert [match.name for match in found.matched] == [
        "海淀区",
        "中关村大街",
        "中关村大街1号, 中关村大街59号",
    ]
    assert [match.exact for match in found.matched] == [True, True, False]


def test_a_conflict_of_districts_costs_score_and_is_told() -> None:
    right, wrong = best("海淀区中关村大街1号"), best("朝阳区中关村大街1号")
    assert wrong.district == "海淀区"
    assert wrong.score < right.score * 0.6
    assert wrong.issues == (Issue.DISTRICT_CONFLICT,)
    assert Issue.DISTRICT_CONFLICT in issues_of([wrong])


def test_a_common_name_of_another_district_does_not_beat_the_district_stated() -> None:
    found = candidates("朝阳区建设路5号")
    assert (found[0].level, found[0].district) == (Level.DISTRICT, "朝阳区")
    assert {candidate.district for candidate in found[1:]} == {"海淀区", "大兴区"}
    assert Issue.DISTRICT_CONFLICT in issues_of(found)


def test_a_namesake_far_away_makes_no_doubt_where_the_district_is_stated() -> None:
    assert issues_of(candidates("大兴区建设路")) == ()


def test_metres_away_from_a_place_widen_its_radius() -> None:
    near, away = best("海淀区海龙大厦"), best("海淀区海龙大厦南侧200米")
    assert away.accuracy_m == near.accuracy_m + 200


def test_a_name_in_two_districts_gives_both_and_no_certainty() -> None:
    found = candidates("建设路5号")
    assert {candidate.district for candidate in found[:2]} == {"海淀区", "大兴区"}
    assert found[0].score == found[1].score < 0.6
    assert {Issue.AMBIGUOUS, Issue.LOW_SCORE} <= set(issues_of(found))


@pytest.mark.parametrize("district", ["海淀区", "大兴区"])
def test_a_stated_district_decides_between_namesakes(district: str) -> None:
    found = candidates(f"{district}建设路5号")
    assert found[0].district == district
    assert Issue.AMBIGUOUS not in issues_of(found)


def test_a_slip_costs_score() -> None:
    assert best("海淀区中关村大衔1号").score < best("海淀区中关村大街1号").score * 0.8


def test_what_cannot_be_placed_is_left_out_of_the_score() -> None:
    assert best("海淀区中关村大街300号").score < best("海淀区中关村大街").score


def test_a_town_that_lies_elsewhere_costs_score() -> None:
    assert best("望京街道中关村大街1号").score < best("中关村街道中关村大街1号").score


def test_a_house_takes_the_position_of_the_building_named_beside_it() -> None:
    plain, named = best("海淀区中关村大街1号"), best("海淀区中关村大街1号海龙大厦")
    assert named.level is Level.HOUSE
    assert (named.lon, named.lat, named.accuracy_m) == (116.3125, 39.984, 150)
    assert named.accuracy_m < plain.accuracy_m
    assert named.matched[-1].name == "海龙大厦"


def test_coarser_views_of_the_same_place_are_not_repeated() -> None:
    assert len(candidates("海淀区中关村街道中关村大街1号海龙大厦")) == 1


@pytest.mark.parametrize("address", ["", "???", "上海市浦东新区世纪大道100号", "长" * 301])
def test_what_is_no_address_in_beijing_has_no_candidate(address: str) -> None:
    answer = GEOCODER.answer(address)
    assert answer.candidates == []
    assert answer.issues in ((Issue.NO_CANDIDATE,), (Issue.OUTSIDE_BEIJING,))


def test_a_district_asked_for_filters_and_decides() -> None:
    haidian = GEOCODER.gazetteer.district("海淀")
    assert haidian is not None
    found = GEOCODER.answer("建设路5号", haidian).candidates
    assert {candidate.district for candidate in found} == {"海淀区"}
    assert found[0].score > 0.6
    assert GEOCODER.answer("大兴区荣华中路8号", haidian).candidates == []


WORDS = st.sampled_from(
    (
        *("北京市", "海淀区", "朝阳区", "中关村大街", "建设路"),
        *("1号", "30号院", "海龙大厦", "3层", "无名", "(近)"),
    )
)


@given(st.lists(WORDS, max_size=8).map("".join))
def test_whatever_is_found_is_ordered_and_within_bounds(address: str) -> None:
    found = candidates(address)
    assert all(some.score >= other.score for some, other in pairwise(found))
    for candidate in found:
        assert 0 < candidate.score <= 1
        assert candidate.accuracy_m >= 150
        assert candidate.matched
        assert candidate.level.is_coarse or candidate.district


@given(st.text(max_size=LONGEST_ADDRESS))
def test_no_text_is_too_strange(text: str) -> None:
    GEOCODER.geocode([text])


@pytest.mark.parametrize(
    ("address", "level", "district"),
    [
        ("北京市海淀区中关村大街59号中国人民大学", Level.HOUSE, "海淀区"),
        ("北京市丰台区南四环西路188号总部基地18区21号楼", None, "丰台区"),
        ("海淀區上地十街10號百度大廈", None, "海淀区"),
        ("宣武区广安门内大街6号", None, "西城区"),
        ("北京经济技术开发区荣华中路22号", None, "大兴区"),
    ],
)
def test_the_built_in_gazetteer_knows_its_way(
    address: str, level: Level | None, district: str
) -> None:
    found = BUILT_IN.geocode([address])[0]
    assert found[0].district == district
    assert not found[0].level.is_coarse
    assert level in (None, found[0].level)
