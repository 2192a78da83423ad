"""Gazetteer: places by name, with the house numbers known along each road, all in memory."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from geodata.geocoding.distance import centre_of, distance_m
from geodata.geocoding.normalise import normal_text
from geodata.geocoding.numeral import NUMERAL, numeral, whole_number
from geodata.geocoding.pinyin import Romanised, romanised_names
from geodata.geocoding.place import Kind, Place, built_in_files, read_places

DISTRICTS_OF = {"北京经济技术开发区": frozenset(("大兴区", "通州区"))}
"""Of what is stated like a district and lies in several."""

CITY = "北京"
"""What a railway station is called too; in an address it is the city."""

ROAD_MARGIN_M = 500
"""By how much a road goes on beyond the house numbers known of it."""

TOWN_SHARE = 0.7
"""Of a town's radius within which what is no road may still lie in it."""

UNNAMED = (Kind.ROAD_POINT, Kind.NEIGHBOUR)
"""Places that no address is looked for by."""

NAMED_AFTER_PLACES = (Kind.PARK, Kind.BUILDING, Kind.LANDMARK)
SHORTEST_WITHOUT_DIVISION = 4
"""Signs that a name keeps at least when city and district are left out."""

TOWN_RANKS = ("街道", "街道办事处", "地区", "镇", "乡")
TOWN_RANK = re.compile("(?:街道|地区|镇|乡)$")

STREET_NUMERAL = re.compile(f"{NUMERAL}+(?=[街路条巷])|[0-9]+(?=[街路条巷])")


class Named(NamedTuple):
    """A place under one of its names; `official` where that is the name in force."""

    place: Place
    official: bool


class Gazetteer:
    """Places by name."""

    def __init__(self, places: Iterable[Place]) -> None:
        rows = tuple(places)
        anchors = [place for place in rows if place.kind is Kind.ROAD_POINT]
        named = [place for place in rows if place.kind not in UNNAMED]
        self.neighbours = tuple(place for place in rows if place.kind is Kind.NEIGHBOUR)
        self.points, loose = _points_of_roads(named, anchors)
        self.places = (*named, *loose)
        self.anchors = tuple(anchors)
        self._names = _names(self.places)
        self._lengths = _lengths(self._names)

    def names_at(self, text: str, start: int) -> Iterator[tuple[int, tuple[Named, ...]]]:
        """Names that stand in a normal text from `start` on: where each ends, and whose it is."""
        for length in self._lengths.get(text[start : start + 2], ()):
            name = text[start : start + length]
            if len(name) == length and (found := self._names.get(name)):
                yield start + length, found

    def named(self, name: str) -> tuple[Named, ...]:
        """Places of a name in normal form."""
        return self._names.get(name, ())

    def one_sign_apart(self, text: str) -> set[str]:
        """Names that differ from a normal text in exactly one sign."""
        blanked = (f"{text[:at]}?{text[at + 1 :]}" for at in range(len(text)))
        return {name for key in blanked for name in self._blanked.get(key, ())} - {text}

    @cached_property
    def _blanked(self) -> dict[str, list[str]]:
        names: defaultdict[str, list[str]] = defaultdict(list)
        for name in self._names:
            for at in range(len(name)):
                names[f"{name[:at]}?{name[at + 1 :]}"].append(name)
        return dict(names)

    @cached_property
    def romanised(self) -> Romanised:
        """Its names in Latin letters."""
        return romanised_names(self.places)

    @cached_property
    def towns(self) -> dict[str, tuple[Place, ...]]:
        """Towns by district."""
        grouped: defaultdict[str, list[Place]] = defaultdict(list)
        for place in self.places:
            if place.kind is Kind.TOWN:
                grouped[place.district].append(place)
        return {district: tuple(places) for district, places in grouped.items()}

    @cached_property
    def district_names(self) -> tuple[str, ...]:
        """Official names of the districts, and of what is stated like one."""
        return tuple(place.name for place in self.places if place.kind is Kind.DISTRICT)

    def district(self, name: str) -> Place | None:
        """The district of a name, short and abolished ones too."""
        found = (named.place for named in self.named(normal_text(name)))
        return next((place for place in found if place.kind is Kind.DISTRICT), None)

    def reaches(self, place: Place, district: str) -> bool:
        """Whether a place may lie, wholly or in part, in another district too."""
        at = (place.lon, place.lat)
        share = 1 if place.kind is Kind.ROAD else TOWN_SHARE
        return any(
            distance_m(at, (town.lon, town.lat)) < place.accuracy_m + share * town.accuracy_m
            for town in self.towns.get(district, ())
        )


def open_gazetteer(own: Sequence[Path] = ()) -> Gazetteer:
    """The built-in places and an operator's own; an own row replaces a built-in one of its id.

    Args:
        own: files, or folders of files, with the columns of `place.COLUMNS`.

    Raises:
        RefusedError: rows that are wrong, by file, row and field.
    """
    given = [place for file in built_in_files() for place in read_places(file)]
    given += [place for path in own for place in read_own(path)]
    return Gazetteer({place.id: place for place in given}.values())


def read_own(path: Path) -> list[Place]:
    """The rows of an operator's file, or of the files of a folder.

    Raises:
        RefusedError: rows that are wrong, by file, row and field.
    """
    files = sorted(path.glob("*.csv")) if path.is_dir() else [path]
    return [place for file in files for place in read_places(file)]


def districts_of(place: Place) -> frozenset[str]:
    """Districts that a place which is stated like a district lies in."""
    return DISTRICTS_OF.get(place.name, frozenset((place.district,)))


def _points_of_roads(
    places: Sequence[Place], anchors: Sequence[Place]
) -> tuple[dict[str, tuple[Place, ...]], list[Place]]:
    """House numbers by the id of their road, and roads of which only house numbers are known."""
    roads = _roads_by_name(places)
    points: defaultdict[str, list[Place]] = defaultdict(list)
    loose: defaultdict[tuple[str, str], list[Place]] = defaultdict(list)
    for point in anchors:
        name = normal_text(point.name)
        same = roads.get(name, [])
        here = [road for road in same if road.district == point.district] or same
        if len(here) == 1:
            points[here[0].id].append(point)
        else:
            loose[name, point.district].append(point)
    made = [_road_of(rows) for rows in loose.values()]
    points |= {road.id: rows for road, rows in zip(made, loose.values(), strict=True)}
    return {road: tuple(rows) for road, rows in points.items()}, made


def _roads_by_name(places: Sequence[Place]) -> dict[str, list[Place]]:
    roads: defaultdict[str, list[Place]] = defaultdict(list)
    for place in places:
        if place.kind is Kind.ROAD:
            for name in _names_of(place):
                roads[name].append(place)
    return roads


def _road_of(points: Sequence[Place]) -> Place:
    """A road that only its house numbers tell of: their middle, as wide as they are apart."""
    lon, lat = centre_of([(point.lon, point.lat) for point in points])
    reach = max(distance_m((lon, lat), (point.lon, point.lat)) for point in points)
    return replace(
        points[0],
        id=f"road-of-{points[0].id}",
        kind=Kind.ROAD,
        name_en="",
        aliases=(),
        town="",
        lon=lon,
        lat=lat,
        accuracy_m=reach + max(point.accuracy_m for point in points) + ROAD_MARGIN_M,
        numbers=None,
    )


def _names(places: Iterable[Place]) -> dict[str, tuple[Named, ...]]:
    names: defaultdict[str, list[Named]] = defaultdict(list)
    for place in places:
        for index, name in enumerate(_names_of(place)):
            names[name].append(Named(place, index == 0))
    return {name: tuple(_officials_first(found)) for name, found in names.items() if len(name) > 1}


def _officials_first(found: list[Named]) -> list[Named]:
    return sorted(found, key=lambda each: not each.official) if len(found) > 1 else found


def _names_of(place: Place) -> dict[str, None]:
    """Normal forms of all its names, the official one first."""
    names = dict.fromkeys(normal_text(name) for name in (place.name, *place.aliases))
    names.pop(CITY, None)
    if place.kind is Kind.ROAD:
        names |= dict.fromkeys(_with_other_numeral(name) for name in tuple(names))
    elif place.kind is Kind.TOWN:
        names |= dict.fromkeys(_with_other_rank(next(iter(names))))
    elif place.kind in NAMED_AFTER_PLACES:
        names |= dict.fromkeys(_without_division(name, place) for name in tuple(names))
    return names


def _with_other_rank(town: str) -> Iterator[str]:
    """回龙观镇 became 回龙观街道 and is still called so."""
    stem = TOWN_RANK.sub("", town)
    if len(stem) > 1:
        yield from (stem + rank for rank in TOWN_RANKS)


def _without_division(name: str, place: Place) -> str:
    """北京大兴生物医药产业基地 is 生物医药产业基地 in an address that names city and district."""
    short = name.removeprefix(CITY).removeprefix(place.district.removesuffix("区"))
    return short if len(short) >= SHORTEST_WITHOUT_DIVISION else name


def _with_other_numeral(road: str) -> str:
    """科创十四街 is 科创14街 too, and the other way round."""
    found = STREET_NUMERAL.search(road)
    if found is None or found.start() == 0:
        return road
    sign = found[0]
    other = str(whole_number(sign)) if not sign.isascii() else _chinese(int(sign))
    return road[: found.start()] + other + road[found.end() :]


def _chinese(number: int) -> str:
    return numeral(number) if 0 < number < 100 else str(number)


def _lengths(names: Iterable[str]) -> dict[str, tuple[int, ...]]:
    """Lengths of the names that begin with the same two signs, longest first."""
    lengths: defaultdict[str, set[int]] = defaultdict(set)
    for name in names:
        lengths[name[:2]].add(len(name))
    return {head: tuple(sorted(found, reverse=True)) for head, found in lengths.items()}
