"""House numbers along a road."""

import pytest

from geodata.geocoding.distance import distance_m
from geodata.geocoding.house import place_number
from geodata.geocoding.place import Kind, Parity, Place


def point(first: int, lon: float, parity: Parity, last: int | None = None) -> Place:
    numbers = (first, last or first)
    return Place(
        id=f"p{first}",
        kind=Kind.ROAD_POINT,
        name="测试路",
        name_en="",
        aliases=(),
        district="海淀区",
        town="",
        lon=lon,
        lat=39.95 if parity is Parity.EVEN else 39.9505,
        accuracy_m=100,
        numbers=numbers,
        parity=parity,
        source="test",
    )


ROAD = [
    point(2, 116.300, Parity.EVEN),
    point(20, 116.310, Parity.EVEN),
    point(11, 116.320, Parity.ODD),
    point(31, 116.330, Parity.ODD, 41),
]


def test_a_known_number_is_exact() -> None:
    placed = place_number(ROAD, 20)
    assert placed is not None
    assert (placed.position, placed.accuracy_m, placed.exact) == ((116.310, 39.95), 100, True)


@pytest.mark.parametrize(("number", "exact"), [(31, True), (37, True), (36, False)])
def test_a_section_holds_the_numbers_of_its_side(number: int, exact: bool) -> None:
    placed = place_number(ROAD, number)
    assert placed is not None
    assert placed.exact is exact


def test_a_number_between_two_of_its_side_lies_between_them() -> None:
    placed = place_number(ROAD, 11 + 10)
    assert placed is not None
    assert placed.position == pytest.approx((116.325, 39.9505))
    assert [anchor.id for anchor in placed.anchors] == ["p11", "p31"]
    ends = [distance_m(placed.position, (anchor.lon, anchor.lat)) for anchor in placed.anchors]
    assert placed.accuracy_m >= max(ends)


def test_the_other_side_does_not_pull_a_number() -> None:
    placed = place_number(ROAD, 12)
    assert placed is not None
    assert placed.position == pytest.approx((116.300 + 0.010 * 10 / 18, 39.95))


def test_accuracy_grows_with_the_way_from_known_numbers() -> None:
    radii = [placed.accuracy_m for n in (2, 4, 8, 10) if (placed := place_number(ROAD, n))]
    assert radii == sorted(radii)
    assert len(set(radii)) == 4


def test_beyond_the_last_number_only_what_is_near_is_placed() -> None:
    near = place_number(ROAD, 45)
    assert near is not None
    assert near.accuracy_m > 100
    assert place_number(ROAD, 141) is None


def test_the_other_side_serves_where_a_side_is_unknown() -> None:
    placed = place_number(ROAD[:2], 9)
    assert placed is not None
    assert placed.accuracy_m > 100 + 80


def test_nothing_is_placed_where_nothing_is_known() -> None:
    assert place_number([], 1) is None
