"""House numbers: where a number stands along a road of which some numbers are known.

Odd and even numbers stand on opposite sides and need not keep pace with each other, so a number
is placed between neighbours of its own side. How far off it may be is stated, not hidden: houses
are not evenly spaced.
"""

from collections.abc import Sequence
from typing import NamedTuple

from geodata.geocoding.distance import Position, between, distance_m
from geodata.geocoding.place import Parity, Place

STEP_M = 60
"""Metres of road that one number may take up: many of Beijing's numbers are whole compounds."""

UNEVEN = 0.15
"""Share of the stretch between two known numbers by which those between stray."""

FARTHEST_STEPS = 10
"""Numbers beyond the last known one that are still placed beside it."""

STEM_M = 200
"""From a number to the one with a stem that was let in beside it."""

OTHER_SIDE_M = 80
"""What the width of a road adds."""

HOUSE_ACCURACY_M = 1000
"""Beyond it a number is no house any more but a stretch of the road."""


class Placed(NamedTuple):
    """Where a house number stands.

    Args:
        position: longitude, latitude in degrees.
        accuracy_m: metres within which it lies nine times in ten.
        anchors: known numbers that it was placed by; one that holds it is exact.
        exact: whether the number itself is known.
    """

    position: Position
    accuracy_m: float
    anchors: tuple[Place, ...]
    exact: bool


def place_number(points: Sequence[Place], number: int, *, stemmed: bool = False) -> Placed | None:
    """The place of a house number, or None where too little is known near it.

    Args:
        points: known house numbers of the road.
        number: the one looked for.
        stemmed: it bears a stem, as 甲12号 does, which stands near 12号 and is not the same.
    """
    placed = _place(points, number)
    if placed is None or not stemmed:
        return placed
    return placed._replace(accuracy_m=placed.accuracy_m + STEM_M, exact=False)


def _place(points: Sequence[Place], number: int) -> Placed | None:
    if holding := [point for point in points if _holds(point, number)]:
        best = min(holding, key=lambda point: point.accuracy_m)
        return Placed(_position(best), best.accuracy_m, (best,), True)
    side = Parity.ODD if number % 2 else Parity.EVEN
    same = [point for point in points if point.parity is not _other(side)]
    return (
        _between_or_beside(same, number, 0)
        or _opposite(points, number)
        or _between_or_beside(points, number, OTHER_SIDE_M)
    )


def _holds(point: Place, number: int) -> bool:
    first, last = _numbers(point)
    return first <= number <= last and (first == last or point.parity.has(number))


def _opposite(points: Sequence[Place], number: int) -> Placed | None:
    """Across the road from a section that the number would lie in."""
    for point in points:
        first, last = _numbers(point)
        if first < number < last:
            return Placed(_position(point), point.accuracy_m + OTHER_SIDE_M, (point,), False)
    return None


def _between_or_beside(points: Sequence[Place], number: int, margin_m: float) -> Placed | None:
    below = max((p for p in points if _numbers(p)[1] < number), key=_last, default=None)
    above = min((p for p in points if _numbers(p)[0] > number), key=_first, default=None)
    found = (
        _between(below, above, number)
        if below and above
        else _beside(above or below, number)
    )  # fmt: skip
    return found and found._replace(accuracy_m=found.accuracy_m + margin_m)


def _between(below: Place, above: Place, number: int) -> Placed:
    """A share of the way; it may be off by more than it lies from the nearer of the two."""
    low, high = _numbers(below)[1], _numbers(above)[0]
    share = (number - low) / (high - low)
    apart = distance_m(_position(below), _position(above))
    accuracy = max(below.accuracy_m, above.accuracy_m) + apart * (min(share, 1 - share) + UNEVEN)
    position = between(_position(below), _position(above), share)
    return Placed(position, accuracy, (below, above), False)


def _beside(point: Place | None, number: int) -> Placed | None:
    """At the last number known, while that is near."""
    if point is None:
        return None
    first, last = _numbers(point)
    steps = max(first - number, number - last)
    if steps > FARTHEST_STEPS:
        return None
    return Placed(_position(point), point.accuracy_m + steps * STEP_M, (point,), False)


def _other(side: Parity) -> Parity:
    return Parity.EVEN if side is Parity.ODD else Parity.ODD


def _numbers(point: Place) -> tuple[int, int]:
    assert point.numbers is not None
    return point.numbers


def _first(point: Place) -> int:
    return _numbers(point)[0]


def _last(point: Place) -> int:
    return _numbers(point)[1]


def _position(place: Place) -> Position:
    return place.lon, place.lat
