"""Address: a text taken apart into what its parts tell, each with where it stands in the text.

The text is read in the way that explains most of it: names of the gazetteer, patterns of numbers
and units, and names known only by their endings compete, and the best chain of readings wins
(the Viterbi algorithm on the lattice of readings).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from geodata.geocoding.gazetteer import Gazetteer, Named
from geodata.geocoding.normalise import Normalised, normalise
from geodata.geocoding.numeral import NUMERAL, whole_number
from geodata.geocoding.part import (
    DIRECTIONAL,
    PART_OF,
    ROAD_TAILS,
    PartKind,
    Reading,
    readings_by_rule,
    readings_of_unlisted,
)
from geodata.geocoding.place import Kind

LEAD = re.compile(r"(?:[0-9]{6}(?![0-9号]))?,?(?:中华人民共和国|中国)?,?")
CITY = re.compile(r"(?:北京市(?:市辖区)?|北京|BEIJING),?")

ELSEWHERE = re.compile(
    r"(?:[0-9]{6})?(?:中国)?(?:(?:河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南"
    r"|广东|海南|四川|贵州|云南|陕西|甘肃|青海|台湾)省|(?:内蒙古|广西|西藏|宁夏|新疆)[^,]{0,4}自治区"
    r"|(?:天津|上海|重庆)市|(?:香港|澳门)特别行政区)"
)

BRACKETS = re.compile(r"\(([^()]*)\)?")
FIRST_NUMBER = re.compile(rf"[0-9]+|{NUMERAL}+")

OFFICIAL_WORTH, ALIAS_WORTH, SHORT_WORTH = 2.0, 1.6, 1.3
"""Of each sign of a name from the gazetteer."""

NAME_COST = 1.0
ROAD_NAME_SHARE = 0.5
ALIKE_WORTH = 1.4
SKIP_COST = 0.1
SHORT = 2
ALIKE_LONGEST = 8
SURE_LENGTH = 5
"""From it on a name with one other sign may be a slip, whatever the sign."""

SLIP, DOUBTFUL_SLIP = 0.75, 0.6
"""Likeness of a name with a sign that sounds the same or is no ending, and with any other."""

TAILS = frozenset("路街道巷厦里园苑村区桥院店场站楼号")
"""Endings of names: one of them is not mistyped for another."""


class Part(NamedTuple):
    """A part of an address.

    Args:
        kind: what it tells.
        text: in normal form.
        start: where it begins in the input.
        end: where it ends in the input.
        names: places of the gazetteer that it may be.
        likeness: 1 where the text is their name, less where it is only like it.
        whole: False where it seems to be a piece of a longer, unknown name.
        in_brackets: whether it stands in brackets, as a remark.
    """

    kind: PartKind
    text: str
    start: int
    end: int
    names: tuple[Named, ...] = ()
    likeness: float = 1.0
    whole: bool = True
    in_brackets: bool = False

    @property
    def number(self) -> int | None:
        """The first number in it."""
        found = FIRST_NUMBER.search(self.text)
        return whole_number(found[0]) if found else None


@dataclass(frozen=True)
class Address:
    """An address taken apart.

    Args:
        text: as given.
        parts: in the order in which they stand; remarks in brackets come last.
        elsewhere: the province it names, where that is not Beijing.
    """

    text: str
    parts: tuple[Part, ...]
    elsewhere: str | None = None

    def of(self, *kinds: PartKind) -> list[Part]:
        """Parts of some kinds."""
        return [part for part in self.parts if part.kind in kinds]


def parse(address: str, gazetteer: Gazetteer) -> Address:
    """Take an address apart."""
    normal = normalise(address)
    if found := ELSEWHERE.match(normal.text):
        return Address(address, (), found[0])
    outside = BRACKETS.sub(lambda found: "," * len(found[0]), normal.text)
    parts = list(_parts(normal, outside, 0, gazetteer, in_brackets=False))
    for found in BRACKETS.finditer(normal.text):
        parts += _parts(normal, found[1], found.start(1), gazetteer, in_brackets=True)
    return Address(address, tuple(parts))


class _Step(NamedTuple):
    """The best reading that ends somewhere."""

    total: float
    reading: Reading | None
    names: tuple[Named, ...]
    likeness: float


def _parts(
    normal: Normalised, text: str, offset: int, gazetteer: Gazetteer, *, in_brackets: bool
) -> Iterator[Part]:
    """Parts of a piece of the normal text."""
    begin = 0 if in_brackets else _end_of_lead(text)
    steps = _best_steps(text, begin, gazetteer)
    chain = _chain(steps, begin)
    for index, step in enumerate(chain):
        reading = step.reading
        assert reading is not None
        piece = text[reading.start : reading.end]
        if not piece.strip(", -"):
            continue
        whole = _is_whole(chain, index, text)
        yield Part(
            reading.kind,
            piece,
            *normal.span(offset + reading.start, offset + reading.end),
            step.names if whole or step.likeness == 1 else (),
            step.likeness,
            whole,
            in_brackets,
        )


def _end_of_lead(text: str) -> int:
    found = LEAD.match(text)
    return found.end() if found else 0


Lattice = list[list[tuple[Reading, tuple[Named, ...], float]]]
"""Readings by where they end."""


def _best_steps(text: str, begin: int, gazetteer: Gazetteer) -> list[_Step]:
    lattice = _lattice(text, begin, gazetteer)
    steps = [_Step(0.0, None, (), 1.0)] * (begin + 1)
    for end in range(begin + 1, len(text) + 1):
        best = _Step(
            steps[end - 1].total - SKIP_COST,
            Reading(end - 1, end, PartKind.REST, 0.0),
            (),
            1.0,
        )
        for reading, names, likeness in lattice[end]:
            total = steps[reading.start].total + reading.worth
            if total > best.total:
                best = _Step(total, reading, names, likeness)
        steps.append(best)
    return steps


def _lattice(text: str, begin: int, gazetteer: Gazetteer) -> Lattice:
    lattice: Lattice = [[] for _ in range(len(text) + 1)]
    for reading, names in _listed(text, begin, gazetteer):
        lattice[reading.end].append((reading, names, 1.0))
    for reading in (*readings_by_rule(text), *readings_of_unlisted(text)):
        if reading.start >= begin:
            lattice[reading.end].append((reading, (), 1.0))
    for reading, names, likeness in _alike(text, begin, lattice, gazetteer):
        lattice[reading.end].append((reading, names, likeness))
    return lattice


def _listed(
    text: str, begin: int, gazetteer: Gazetteer
) -> Iterator[tuple[Reading, tuple[Named, ...]]]:
    """Names of the gazetteer; districts by their short names only where districts stand."""
    division_ends = {begin}
    if city := CITY.match(text, begin):
        division_ends.add(city.end())
        yield Reading(begin, city.end(), PartKind.CITY, OFFICIAL_WORTH * len(city[0])), ()
    for start in range(begin, len(text) - 1):
        for end, found in gazetteer.names_at(text, start):
            for kind, names in _by_part(found).items():
                official = names[0].official
                if kind is PartKind.DISTRICT:
                    if not official and start not in division_ends:
                        continue
                    division_ends.add(end)
                worth = (end - start) * _worth(kind, official, end - start) - NAME_COST
                if _names_a_road(text, end, kind):
                    worth *= ROAD_NAME_SHARE
                yield Reading(start, end, kind, worth), names


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
    """Of each sign; a district is said by its short name only where districts stand."""
    if official or kind is PartKind.DISTRICT:
        return OFFICIAL_WORTH
    return SHORT_WORTH if length <= SHORT else ALIAS_WORTH


def _alike(
    text: str, begin: int, lattice: Lattice, gazetteer: Gazetteer
) -> Iterator[tuple[Reading, tuple[Named, ...], float]]:
    """Names that one mistyped sign away would stand where nothing listed stands."""
    covered = bytearray(len(text))
    for readings in lattice:
        for reading, names, _ in readings:
            official = names and names[0].official
            if official or reading.kind in (PartKind.NUMBER, PartKind.UNIT, PartKind.ROOM):
                covered[reading.start : reading.end] = b"\1" * (reading.end - reading.start)
    for start, end in _gaps(covered, begin):
        yield from _alike_in(text, start, end, begin, gazetteer)


def _gaps(covered: bytearray, begin: int) -> Iterator[tuple[int, int]]:
    """Stretches of signs that no listed name covers."""
    start = begin
    for at in range(begin, len(covered) + 1):
        if at == len(covered) or covered[at]:
            if at - start >= SHORT + 1:
                yield start, at
            start = at + 1


def _alike_in(
    text: str, first: int, last: int, begin: int, gazetteer: Gazetteer
) -> Iterator[tuple[Reading, tuple[Named, ...], float]]:
    for start in range(first, last - SHORT):
        for end in range(start + SHORT + 1, min(start + ALIKE_LONGEST, last) + 1):
            if found := _like(text[start:end], gazetteer, at_start=start == begin):
                name, likeness = found
                names = gazetteer.named(name)
                kind = PART_OF[names[0].place.kind]
                worth = (end - start) * ALIKE_WORTH - NAME_COST
                yield Reading(start, end, kind, worth), names, likeness


def _like(text: str, gazetteer: Gazetteer, *, at_start: bool) -> tuple[str, float] | None:
    """The one name that the text is a slip of; none where it may be of two."""
    likely = {
        name: likeness
        for name in gazetteer.one_sign_apart(text)
        if (likeness := _likeness(text, name, gazetteer, at_start=at_start))
    }
    return likely.popitem() if len(likely) == 1 else None


def _likeness(text: str, name: str, gazetteer: Gazetteer, *, at_start: bool) -> float:
    """How surely a sign was mistyped; 0 where another place is meant: 东路 is no slip for 西路."""
    at = next(index for index in range(len(name)) if name[index] != text[index])
    written, meant = text[at], name[at]
    named = gazetteer.named(name)[0]
    if named.place.kind is Kind.DISTRICT:
        return SLIP if at_start and text[-1] == name[-1] == "区" else 0
    if (
        _tells_apart(written)
        or _tells_apart(meant)
        or not (named.official or len(name) > SHORT * 2)
    ):
        return 0
    if _sound_alike(written, meant):
        return SLIP
    if at == len(name) - 1:
        return SLIP if len(name) > SHORT + 1 and meant in TAILS and written not in TAILS else 0
    return DOUBTFUL_SLIP if len(name) >= SURE_LENGTH else 0


def _tells_apart(sign: str) -> bool:
    """Whether places are told from each other by such a sign."""
    return not sign.isalpha() or sign in DIRECTIONAL or FIRST_NUMBER.fullmatch(sign) is not None


@lru_cache(maxsize=4096)
def _sound_alike(some: str, other: str) -> bool:
    """Whether two characters are read alike, tones apart; most slips of input methods are such."""
    # Takes a third of a second to load, and most addresses have no slip.
    from pypinyin import Style, pinyin

    readings = [set(pinyin(sign, style=Style.NORMAL, heteronym=True)[0]) for sign in (some, other)]
    return not readings[0].isdisjoint(readings[1])


def _chain(steps: Sequence[_Step], begin: int) -> list[_Step]:
    """The readings of the best chain, first to last; skipped signs in a row are one."""
    chain: list[_Step] = []
    end = len(steps) - 1
    while end > begin:
        step = steps[end]
        assert step.reading is not None
        end = step.reading.start
        if chain and _both_skipped(step, chain[-1]):
            later = chain.pop().reading
            assert later is not None
            step = step._replace(reading=step.reading._replace(end=later.end))
        chain.append(step)
    return chain[::-1]


def _both_skipped(step: _Step, later: _Step) -> bool:
    assert step.reading is not None
    assert later.reading is not None
    return step.reading.kind is PartKind.REST and later.reading.kind is PartKind.REST


PIECE_AFTER = frozenset((PartKind.REST, PartKind.LANDMARK, PartKind.ROAD))
CONNECTORS = frozenset("与和及的在于处距至")

GROWING = frozenset((PartKind.LANDMARK, PartKind.BUILDING, PartKind.JUNCTION))
"""Names that others are built from: 北京大学人民医院 is not at 北京大学."""


def _is_whole(chain: Sequence[_Step], index: int, text: str) -> bool:
    """Whether a listed name stands by itself and not inside a longer one."""
    step = chain[index]
    reading = step.reading
    assert reading is not None
    if not step.names:
        return True
    before = chain[index - 1].reading if index else None
    after = chain[index + 1] if index + 1 < len(chain) else None
    if before and before.kind is PartKind.REST and _goes_on(text[before.end - 1]):
        return False
    if reading.kind not in GROWING or after is None or after.reading is None:
        return True
    grows = after.reading.kind in PIECE_AFTER and not after.names
    return not (grows and _goes_on(text[after.reading.start]))


def _goes_on(sign: str) -> bool:
    """Whether a sign beside a name can belong to it."""
    return sign.isalnum() and sign not in CONNECTORS
