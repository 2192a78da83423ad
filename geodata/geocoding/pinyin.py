"""Pinyin: names of the gazetteer as they are written in Latin letters.

A road's name falls into a stem, words for directions and a number, so that their place and
language do not matter: 中关村南大街 is Zhongguancun South Street, South Zhongguancun Street and
Zhongguancun Nan Dajie. Other names are known by their whole pinyin and in English.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from geodata.geocoding.numeral import whole_number
from geodata.geocoding.place import Kind, Place

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

K = TypeVar("K")


class Key(NamedTuple):
    """What a romanised road name says, whatever the order of its words."""

    stem: str
    directions: tuple[str, ...]
    number: int


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
            sounds = _sounds(name)
            others["".join(sounds)].append(place)
            for key in _keys(name, sounds) if place.kind is Kind.ROAD else ():
                roads[key].append(place)
        if place.name_en:
            others["".join(_plain(place.name_en))].append(place)
        if place.kind is Kind.DISTRICT:
            others["".join(_sounds(place.name.removesuffix("区")))].append(place)
    return Romanised(_ranked(roads), _ranked(others))


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


def _keys(road: str, sounds: Sequence[str]) -> Iterator[Key]:
    """A road's keys: with the directions at its ends within the stem, or apart.

    Args:
        road: its name.
        sounds: of each of its signs.
    """
    stem = ENDING.sub("", road)
    if stem == road or len(stem) < 2 or len(sounds) != len(road):
        return
    for head in (0, 1):
        for tail in (0, 1, 2):
            last = len(stem) - tail
            apart = stem[:head] + stem[last:]
            if last - head >= 1 and all(sign in SIGNS for sign in apart):
                directions = tuple(SIGNS[sign] for sign in apart)
                yield from _keys_of(stem[head:last], sounds[head:last], directions)


def _keys_of(stem: str, sounds: Sequence[str], apart: tuple[str, ...]) -> Iterator[Key]:
    """With the number as a number, and as a part of the name: 4th Ring, Sihuan."""
    yield Key("".join(sounds), apart, 0)
    if (found := NUMERALS.search(stem)) and found[0] != stem:
        rest = (*sounds[: found.start()], *sounds[found.end() :])
        yield Key("".join(rest), apart, whole_number(found[0]))


def _sounds(name: str) -> list[str]:
    """Each sign in pinyin; signs that are not Chinese stay together."""
    # Takes a third of a second to load, and most addresses are Chinese.
    from pypinyin import lazy_pinyin

    return [letters(sound.lower()) for sound in lazy_pinyin(name)]


def _plain(name_en: str) -> Iterator[str]:
    """The words of an English name that tell it from others."""
    for word in WORD.findall(name_en.lower()):
        if word not in IGNORED:
            yield letters(word)


def letters(text: str) -> str:
    """Its small letters and digits alone."""
    return re.sub("[^a-z0-9]", "", text.replace("ü", "v"))


def _ranked(grouped: dict[K, list[Place]]) -> dict[K, tuple[Place, ...]]:
    """The coarser first, as a name without more words means it."""
    return {
        key: tuple(sorted(found, key=lambda place: RANKS[place.kind]))
        for key, found in grouped.items()
        if key
    }
