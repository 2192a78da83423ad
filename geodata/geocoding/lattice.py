"""Lattice: all ways to read an address, and the chain of readings that explains most of it.

Names of the gazetteer, patterns of numbers and units, and names known only by their endings
compete; the best chain is found by dynamic programming over the signs (Viterbi 1967). What then
stays unexplained is looked at again for slips.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from geodata.geocoding.gazetteer import Gazetteer, Named
from geodata.geocoding.part import (
    PART_OF,
    ROAD_TAILS,
    PartKind,
    Reading,
    readings_by_rule,
    readings_of_unlisted,
)
from geodata.geocoding.slip import slips

CITY = re.compile(r"(?:北京市(?:市辖区)?|北京|BEIJING),?")

OFFICIAL_WORTH, ALIAS_WORTH, SHORT_WORTH = 2.0, 1.6, 1.3
"""Of each sign of a name from the gazetteer; short are aliases of `SHORT` signs."""

SHORT = 2
NAME_COST = 1.0
SKIP_COST = 0.1

ROAD_NAME_SHARE = 0.5
"""Of the worth of a place's name where a road's ending follows it."""

PIECE_COST = 2.0
"""Of a listed name that begins within a word, where it hardly does."""

CONNECTORS = frozenset("与和及的在于处距至")
"""Characters that stand between names and belong to none."""

WITHOUT_WITHIN = frozenset("外内")

Lattice = list[list[Reading]]
"""Readings by where they end."""


class _Step(NamedTuple):
    """The best chain that ends somewhere: its worth, and its last reading."""

    total: float
    reading: Reading


def best_chain(text: str, begin: int, gazetteer: Gazetteer) -> list[Reading]:
    """The readings that explain most of a normal text, first to last, without gaps.

    Args:
        text: in normal form.
        begin: sign at which the address begins.
        gazetteer: whose names are known.
    """
    lattice: Lattice = [[] for _ in range(len(text) + 1)]
    _add(lattice, _listed(text, begin, gazetteer))
    _add(lattice, readings_by_rule(text), begin)
    _add(lattice, readings_of_unlisted(text), begin)
    chain = _chain(text, begin, lattice)
    doubtful = [
        reading
        for first, last in _unexplained(chain)
        for reading in slips(text, first, last, begin, gazetteer)
    ]
    if not doubtful:
        return chain
    _add(lattice, doubtful)
    return _chain(text, begin, lattice)


def goes_on(sign: str) -> bool:
    """Whether a sign beside a name can belong to it."""
    return sign.isalnum() and sign not in CONNECTORS


def runs_into(sign: str) -> bool:
    """Whether a sign before a name can belong to it; 东直门外 is a word of its own."""
    return goes_on(sign) and sign not in WITHOUT_WITHIN


def _add(lattice: Lattice, readings: Iterable[Reading], begin: int = 0) -> None:
    for reading in readings:
        if reading.start >= begin:
            lattice[reading.end].append(reading)


def _chain(text: str, begin: int, lattice: Lattice) -> list[Reading]:
    steps = _best_steps(text, begin, lattice)
    chain: list[Reading] = []
    end = len(text)
    while end > begin:
        reading = steps[end - begin].reading
        end = reading.start
        if chain and reading.is_rest and chain[-1].is_rest:
            reading = reading._replace(end=chain.pop().end)
        chain.append(reading)
    return chain[::-1]


def _best_steps(text: str, begin: int, lattice: Lattice) -> list[_Step]:
    """The best chain up to each sign, counted from `begin`."""
    steps = [_Step(0.0, Reading(begin, begin, PartKind.CITY, 0.0))]
    for end in range(begin + 1, len(text) + 1):
        best = _Step(steps[-1].total - SKIP_COST, Reading(end - 1, end, PartKind.REST, 0.0))
        for reading in lattice[end]:
            before = steps[reading.start - begin]
            total = before.total + reading.worth
            if reading.names and before.reading.is_rest and runs_into(text[reading.start - 1]):
                total -= PIECE_COST
            if total > best.total:
                best = _Step(total, reading)
        steps.append(best)
    return steps


def _listed(text: str, begin: int, gazetteer: Gazetteer) -> Iterator[Reading]:
    """Names of the gazetteer; districts by their short names only where districts stand."""
    division_ends = {begin}
    after = begin
    while city := CITY.match(text, after):
        each = OFFICIAL_WORTH if "市" in city[0] else SHORT_WORTH
        yield Reading(after, city.end(), PartKind.CITY, each * len(city[0]))
        after = city.end()
        division_ends.add(after)
    for start in range(begin, len(text) - 1):
        for end, found in gazetteer.names_at(text, start):
            for kind, names in _by_part(found).items():
                if kind is PartKind.DISTRICT:
                    if not names[0].official and start not in division_ends:
                        continue
                    division_ends.add(end)
                worth = _worth(kind, names[0].official, end - start)
                if _names_a_road(text, end, kind):
                    worth *= ROAD_NAME_SHARE
                yield Reading(start, end, kind, worth, names)


def _by_part(found: tuple[Named, ...]) -> dict[PartKind, tuple[Named, ...]]:
    """Places of a name by what they would be in an address."""
    if len(found) == 1:
        return {PART_OF[found[0].place.kind]: found}
    grouped: dict[PartKind, list[Named]] = {}
    for each in found:
        grouped.setdefault(PART_OF[each.place.kind], []).append(each)
    return {kind: tuple(names) for kind, names in grouped.items()}


def _names_a_road(text: str, end: int, kind: PartKind) -> bool:
    """Whether a road called after the place is meant: 生命科学园路 is not 生命科学园."""
    return (
        kind is not PartKind.ROAD
        and text[end : end + 1] in ROAD_TAILS
        and not text.startswith("街道", end)
    )


def _worth(kind: PartKind, official: bool, length: int) -> float:
    """Of a name; a district is said by its short name only where districts stand."""
    if official or kind is PartKind.DISTRICT:
        return OFFICIAL_WORTH * length - NAME_COST
    return (SHORT_WORTH if length <= SHORT else ALIAS_WORTH) * length - NAME_COST


EXPLAINED = frozenset(
    (PartKind.CITY, PartKind.NUMBER, PartKind.UNIT, PartKind.ROOM, PartKind.POSITION)
)


def _unexplained(chain: Sequence[Reading]) -> Iterator[tuple[int, int]]:
    """Stretches with no listed name, and the name before them, which may be a piece of one."""
    open_from: int | None = None
    for before, reading in zip([None, *chain], [*chain, None], strict=True):
        if reading is None or reading.names or reading.kind in EXPLAINED:
            if open_from is not None and before is not None:
                yield open_from, before.end
            open_from = None
        elif open_from is None:
            joins = before is not None and before.names and before.kind is not PartKind.DISTRICT
            open_from = before.start if before is not None and joins else reading.start
