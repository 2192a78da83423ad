"""Romanised: addresses in English or pinyin, put into Chinese signs and into the Chinese order.

`No. 10 Shangdi 10th Street, Haidian District` is 海淀区上地十街10号. Roads are found by their
pinyin, in which words for directions, numbers and the kind of road may be English and stand in any
order; other places by their pinyin or by their English name.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from geodata.geocoding.normalise import Normalised
from geodata.geocoding.numeral import whole_number
from geodata.geocoding.place import Kind, Place

HAN = re.compile(r"[\u3400-\u9fff]")
WORD = re.compile(
    r"[A-Za-z]+(?:['’`][A-Za-z]+)*|[0-9]+(?:-[0-9]+)?(?:st|nd|rd|th)?(?![A-Za-z])", re.I
)

DIRECTIONS = {
    **{"north": "bei", "south": "nan", "east": "dong", "west": "xi", "middle": "zhong"},
    **{"central": "zhong", "inner": "nei", "outer": "wai"},
    **{word: word for word in ("bei", "nan", "dong", "xi", "zhong", "nei", "wai")},
}
SIGNS = dict(
    zip("北南东西中内外", ("bei", "nan", "dong", "xi", "zhong", "nei", "wai"), strict=True)
)

WAYS = {
    **dict.fromkeys(("road", "rd", "lu"), "路"),
    **dict.fromkeys(("street", "st", "str", "jie", "dajie", "avenue", "ave", "av", "blvd"), "街"),
    **dict.fromkeys(("hutong", "alley"), "胡同"),
    **dict.fromkeys(("lane", "xiang"), "巷"),
}
"""Kinds of road by their words; 大街 is a 街."""

ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
NUMBERS = {word: at for at, word in enumerate(ORDINALS, 1)}
ORDINAL = re.compile(r"([0-9]+)(?:st|nd|rd|th)$", re.I)
ENDING = re.compile("(?:大街|街|路|胡同|巷)$")
NUMERALS = re.compile("[一二三四五六七八九十]+$|[一二三四五六七八九十]+(?=环)")
MEANT = {"ring": "huan", "park": "gongyuan", "bridge": "qiao", "temple": "si"}
"""English words within the names of roads."""

IGNORED = frozenset(
    (
        *("no", "number", "beijing", "city", "municipality", "china", "pr", "prc", "p", "r"),
        *("the", "of", "district", "dist", "town", "township", "subdistrict", "area", "da"),
        *("subway", "metro", "near"),
    )
)
GENERIC = frozenset(
    ("station", "railway", "park", "university", "hospital", "hotel", "museum", "airport", "plaza")
)
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

K = TypeVar("K")

LONGEST_NAME = 8
"""Words."""


class Key(NamedTuple):
    """What a romanised road name says, whatever the order of its words."""

    stem: str
    directions: tuple[str, ...]
    number: int


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


@dataclass(frozen=True)
class Romanised:
    """Names of the gazetteer by how they are written in Latin letters."""

    roads: dict[Key, tuple[Place, ...]]
    others: dict[str, tuple[Place, ...]]

    def place(self, words: Sequence[str]) -> Place | None:
        """The place that some words name."""
        plain = [word for word in words if word != "da"]
        if found := self.others.get("".join(words)):
            return found[0]
        way = next((WAYS[word] for word in plain if word in WAYS), None)
        rest = [word for word in plain if word not in WAYS]
        roads = self.roads.get(_key(rest), ()) if rest else ()
        fitting = [road for road in roads if way is None or way in road.name]
        return next(iter(fitting or roads), None)


def romanised_names(places: Iterable[Place]) -> Romanised:
    """All ways to write the names of some places."""
    roads: defaultdict[Key, list[Place]] = defaultdict(list)
    others: defaultdict[str, list[Place]] = defaultdict(list)
    for place in places:
        for name in (place.name, *place.aliases):
            others[_pinyin(name)].append(place)
            if HAN.search(name):
                for key in _keys(name) if place.kind is Kind.ROAD else ():
                    roads[key].append(place)
        if place.name_en:
            others["".join(_plain(place.name_en))].append(place)
        if place.kind is Kind.DISTRICT:
            others[_pinyin(place.name.removesuffix("区"))].append(place)
    return Romanised(_ranked(roads), _ranked(others))


def in_chinese(address: str, names: Romanised) -> Normalised | None:
    """A romanised address in Chinese; None where it holds Chinese signs, or no known name.

    Args:
        address: as given.
        names: of places.
    """
    if HAN.search(address):
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


RANKS = {
    kind: rank
    for rank, kinds in enumerate(
        (
            (Kind.DISTRICT,),
            (Kind.TOWN,),
            (Kind.VILLAGE, Kind.PARK),
            (Kind.ROAD,),
            (),
            (Kind.LANDMARK, Kind.BUILDING, Kind.JUNCTION),
        )
    )
    for kind in kinds
}
"""The order of a Chinese address, from the whole to its parts."""

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
            if all(word.text in IGNORED | GENERIC or word.text in WAYS for word in said):
                continue
            place = names.place([_letters(word.text) for word in said if word.text not in IGNORED])
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


def _key(words: Sequence[str]) -> Key:
    directions = [DIRECTIONS[word] for word in words if word in DIRECTIONS]
    number, stem = 0, ""
    for word in words:
        if found := ORDINAL.match(word):
            number = int(found[1])
        elif word.isdecimal():
            number = int(word)
        elif word in NUMBERS:
            number = NUMBERS[word]
        elif word not in DIRECTIONS:
            stem += MEANT.get(word, word)
    return Key(stem, tuple(directions), number)


def _keys(road: str) -> Iterator[Key]:
    """A road's keys: with the directions at its ends within the stem, or apart."""
    stem = ENDING.sub("", road)
    if stem == road or len(stem) < 2:
        return
    for head in (0, 1):
        for tail in (0, 1, 2):
            last = len(stem) - tail
            apart = stem[:head] + stem[last:]
            if last - head >= 1 and all(sign in SIGNS for sign in apart):
                yield from _keys_of(stem[head:last], tuple(SIGNS[sign] for sign in apart))


def _keys_of(stem: str, apart: tuple[str, ...]) -> Iterator[Key]:
    """With the number as a number, and as a part of the name: 4th Ring, Sihuan."""
    yield Key(_pinyin(stem), apart, 0)
    if (found := NUMERALS.search(stem)) and found[0] != stem:
        rest = stem[: found.start()] + stem[found.end() :]
        yield Key(_pinyin(rest), apart, whole_number(found[0]))


def _pinyin(name: str) -> str:
    # Takes a third of a second to load, and most addresses are Chinese.
    from pypinyin import lazy_pinyin

    return _letters("".join(lazy_pinyin(name)).lower())


def _plain(name_en: str) -> Iterator[str]:
    """The words of an English name that tell it from others."""
    for word in WORD.findall(name_en.lower()):
        if word not in IGNORED:
            yield _letters(word)


def _letters(text: str) -> str:
    return re.sub("[^a-z0-9]", "", text.replace("ü", "v"))


def _ranked(grouped: dict[K, list[Place]]) -> dict[K, tuple[Place, ...]]:
    """The coarser first, as a name without more words means it."""
    return {
        key: tuple(sorted(found, key=lambda place: RANKS[place.kind]))
        for key, found in grouped.items()
        if key
    }
