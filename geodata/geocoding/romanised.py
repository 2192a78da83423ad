"""Romanised: addresses in English or pinyin, put into Chinese signs and into the Chinese order.

`No. 10 Shangdi 10th Street, Haidian District` is 海淀区上地十街10号.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from geodata.geocoding.normalise import Normalised
from geodata.geocoding.pinyin import IGNORED, RANKS, WAYS, WORD, Romanised, letters

HAN = re.compile(r"[\u3400-\u9fff]")

GENERIC = frozenset(
    ("station", "railway", "park", "university", "hospital", "hotel", "museum", "airport", "plaza")
)

EMPTY = IGNORED | GENERIC | frozenset(WAYS)
"""Words that alone name nothing."""

UNITS = {
    **dict.fromkeys(("building", "bldg"), "号楼"),
    **dict.fromkeys(("tower", "block"), "座"),
    **dict.fromkeys(("floor", "f"), "层"),
    **dict.fromkeys(("room", "rm", "suite", "unit", "apt"), "室"),
}

UNIT = re.compile(
    r"\b(?P<word>building|bldg|tower|block|floor|room|rm|suite|unit|apt)\.?\s*(?:no\.?\s*)?"
    r"(?P<mark>[0-9]+[A-Z]?|[A-Z])\b|\b(?P<nth>[0-9]+)(?:st|nd|rd|th)?\s*/?\s*(?P<floor>floor|F)\b",
    re.I,
)

HOUSE = re.compile(
    r"\b(?:no|number|#)\.?\s*(?P<stem>jia|yi|bing|a|b)?[-\s]*(?P<said>[0-9]{1,5}(?:-[0-9]{1,5})?)\b"
    r"|(?:^|,)\s*(?:(?P<mark>jia|yi|a|b)[-\s]*)?(?P<bare>[0-9]{1,4}(?:-[0-9]{1,4})?)[A-D]?"
    r"(?=\s+[A-Za-z])"
    r"|(?<=[A-Za-z])\s+(?P<after>[0-9]{1,4})(?=\s*(?:,|$))",
    re.I,
)

STEMS = {"jia": "甲", "a": "甲", "yi": "乙", "b": "乙", "bing": "丙"}

LONGEST_NAME = 8
"""Words."""


class Piece(NamedTuple):
    """A piece of the Chinese address, and where its words stand in the input."""

    rank: int
    text: str
    start: int
    end: int


class Word(NamedTuple):
    """A word in small letters, and where it stands."""

    text: str
    start: int
    end: int


def is_in_chinese(address: str) -> bool:
    """Whether an address holds Chinese signs, so that it needs no index of names in pinyin."""
    return HAN.search(address) is not None


def in_chinese(address: str, names: Romanised) -> Normalised | None:
    """A romanised address in Chinese; None where it holds Chinese signs, or no known name.

    Args:
        address: as given.
        names: of places.
    """
    if is_in_chinese(address):
        return None
    units = list(_units(address))
    rest = _blanked(address, units)
    house = _house(rest)
    places = list(_places(_blanked(rest, [house]) if house else rest, names))
    if not places:
        return None
    pieces = sorted((*places, *([house] if house else ()), *units))
    text = "".join(piece.text for piece in pieces)
    origins = [
        at for piece in pieces for at in (*[piece.start] * (len(piece.text) - 1), piece.end - 1)
    ]
    return Normalised(text, tuple(origins))


HOUSE_RANK = 4

UNIT_RANKS = {"号楼": 6, "座": 6, "层": 7, "室": 8}


def _places(text: str, names: Romanised) -> Iterator[Piece]:
    """Places named between commas, longest names first."""
    start = 0
    for phrase in re.split(r"([,;()])", text):
        words = [
            Word(found[0].lower(), start + found.start(), start + found.end())
            for found in WORD.finditer(phrase)
        ]
        yield from _named(words, names)
        start += len(phrase)


def _named(words: Sequence[Word], names: Romanised) -> Iterator[Piece]:
    at = 0
    while at < len(words):
        for end in range(min(len(words), at + LONGEST_NAME), at, -1):
            said = words[at:end]
            if all(word.text in EMPTY for word in said):
                continue
            place = names.place([letters(word.text) for word in said if word.text not in IGNORED])
            if place:
                yield Piece(RANKS[place.kind], place.name, said[0].start, said[-1].end)
                at = end - 1
                break
        at += 1


def _house(text: str) -> Piece | None:
    """The house number: said to be one, or at the head of a phrase before a name."""
    found = HOUSE.search(text)
    if found is None:
        return None
    stem = STEMS.get((found["stem"] or found["mark"] or "").lower(), "")
    number = found["said"] or found["bare"] or found["after"]
    return Piece(HOUSE_RANK, f"{stem}{number}号", *_inner(found))


def _inner(found: re.Match[str]) -> tuple[int, int]:
    text = found[0]
    return found.start() + len(text) - len(text.lstrip(", ")), found.end()


def _units(address: str) -> Iterator[Piece]:
    for found in UNIT.finditer(address):
        word, mark = (found["word"] or found["floor"]).lower(), found["mark"] or found["nth"]
        unit = UNITS[word]
        if unit == "号楼" and not mark[0].isdigit():
            unit = "座"
        yield Piece(UNIT_RANKS[unit], f"{mark.upper()}{unit}", *found.span())


def _blanked(text: str, pieces: Iterable[Piece]) -> str:
    for piece in pieces:
        text = text[: piece.start] + " " * (piece.end - piece.start) + text[piece.end :]
    return text
