"""Slips: names with one sign mistyped, told from other names that differ by one sign.

Most Beijing roads have neighbours one sign apart, 学院路 and 学清路, 东路 and 西路. So a sign is
taken for a slip only where it sounds the same, which is how input methods err, or where the
name's ending is written with a sign that ends no name; in long names, with doubt, where it rhymes.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from geodata.geocoding.gazetteer import Gazetteer
from geodata.geocoding.numeral import NUMERAL
from geodata.geocoding.part import DIRECTIONAL, PART_OF, Reading
from geodata.geocoding.place import Kind

SHORTEST, LONGER, LONGEST = 3, 4, 8
"""Signs of names that slips are looked for in."""

WORTH, COST = 1.4, 1.0

SLIP, DOUBTFUL_SLIP = 0.75, 0.6
"""Likeness of a name with a sign that sounds the same or is no ending, and with one that rhymes."""

TAILS = frozenset("路街道巷厦里园苑村区桥院店场站楼号")
"""Endings of names: one of them is not mistyped for another."""

NUMBER = re.compile(f"[0-9]|{NUMERAL}")


def slips(text: str, first: int, last: int, begin: int, gazetteer: Gazetteer) -> Iterator[Reading]:
    """Readings between two signs of a normal text as names with a slip.

    Args:
        text: the address.
        first: sign from which on they may stand.
        last: sign before which they end.
        begin: sign at which the address begins, where its district stands.
        gazetteer: whose names they are.
    """
    for start in range(first, last - SHORTEST + 1):
        for end in range(start + SHORTEST, min(start + LONGEST, last) + 1):
            likely = _likely(text[start:end], gazetteer, at_start=start == begin)
            if found := _only(likely, gazetteer, numbered=text[end : end + 1].isdecimal()):
                name, likeness = found
                names = gazetteer.named(name)
                worth = (end - start) * WORTH - COST
                kind = PART_OF[names[0].place.kind]
                yield Reading(start, end, kind, worth, names, likeness)


def _likely(text: str, gazetteer: Gazetteer, *, at_start: bool) -> dict[str, float]:
    """Names that the text may be a slip of, and how surely."""
    return {
        name: likeness
        for name in gazetteer.one_sign_apart(text)
        if (likeness := _likeness(text, name, gazetteer, at_start=at_start))
    }


def _only(
    likely: dict[str, float], gazetteer: Gazetteer, *, numbered: bool
) -> tuple[str, float] | None:
    """The one name that comes into question; before a house number that of a road."""
    if len(likely) > 1 and numbered:
        likely = {
            name: likeness
            for name, likeness in likely.items()
            if gazetteer.named(name)[0].place.kind is Kind.ROAD
        }
    return next(iter(likely.items())) if len(likely) == 1 else None


def _likeness(text: str, name: str, gazetteer: Gazetteer, *, at_start: bool) -> float:
    """How surely a sign was mistyped; 0 where another place is meant."""
    at = next(index for index in range(len(name)) if name[index] != text[index])
    written, meant = text[at], name[at]
    named = gazetteer.named(name)[0]
    if named.place.kind is Kind.DISTRICT:
        return SLIP if at_start and text[-1] == name[-1] == "区" else 0
    if len(name) <= SHORTEST and not named.official:
        return 0
    if _tells_apart(written) or _tells_apart(meant):
        return 0
    if share_sound(written, meant):
        return SLIP
    if len(name) < LONGER:
        return 0
    if at == len(name) - 1:
        return SLIP if meant in TAILS and written not in TAILS else 0
    if len(name) == LONGER:
        return 0
    return DOUBTFUL_SLIP if share_sound(written, meant, rhyming=True) else 0


def _tells_apart(sign: str) -> bool:
    """Whether places are told from each other by such a sign."""
    return not sign.isalpha() or sign in DIRECTIONAL or NUMBER.fullmatch(sign) is not None


@lru_cache(maxsize=4096)
def share_sound(some: str, other: str, *, rhyming: bool = False) -> bool:
    """Whether two characters are read alike, tones apart, or merely rhyme."""
    # Takes a third of a second to load, and most addresses have no slip.
    from pypinyin import Style, pinyin

    style = Style.FINALS if rhyming else Style.NORMAL
    readings = [
        set(pinyin(sign, style=style, heteronym=True, strict=False)[0]) for sign in (some, other)
    ]
    return not readings[0].isdisjoint(readings[1])
