"""Place: a row of the gazetteer, and how files of them are read.

The built-in rows lie in `gazetteer/*.csv`; an operator's own come from any file of these columns.
"""

import csv
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from geodata.geocoding.level import Level
from geodata.ingest.finding import Finding, RefusedError
from layers.codelist import DISTRICT
from layers.text import Text

FOLDER = Path(__file__).parent / "gazetteer"

COLUMNS = (
    *("id", "kind", "name_zh", "name_en", "aliases", "district", "town"),
    *("lon", "lat", "accuracy_m", "number_from", "number_to", "parity"),
    *("source", "as_of", "note"),
)

REQUIRED = ("id", "kind", "name_zh", "lon", "lat", "accuracy_m", "source")

WEST, SOUTH, EAST, NORTH = 115.4, 39.4, 117.6, 41.1
"""Beijing, degrees."""

MAXIMUM_ACCURACY_M = 100_000

HOUSE_NUMBER = re.compile("[1-9][0-9]{0,4}")
NUMBER_RANGE = Text("须为 1 至 99999 的整数", "must be a whole number from 1 to 99999")

DISTRICTS = ("", *(title.zh for title in DISTRICT.codes.values()))
"""Official names; a place that lies in several has none."""


class Kind(StrEnum):
    """What a place is."""

    DISTRICT = "district"
    TOWN = "town"
    VILLAGE = "village"
    ROAD = "road"
    ROAD_POINT = "road_point"
    PARK = "park"
    BUILDING = "building"
    LANDMARK = "landmark"
    JUNCTION = "junction"
    NEIGHBOUR = "neighbour"

    @property
    def level(self) -> Level:
        """How fine an answer such a place is."""
        return LEVELS[self]


LEVELS = {
    Kind.DISTRICT: Level.DISTRICT,
    Kind.TOWN: Level.TOWN,
    Kind.VILLAGE: Level.TOWN,
    Kind.ROAD: Level.ROAD,
    Kind.ROAD_POINT: Level.HOUSE,
    Kind.PARK: Level.PARK,
    Kind.BUILDING: Level.BUILDING,
    Kind.LANDMARK: Level.LANDMARK,
    Kind.JUNCTION: Level.LANDMARK,
    Kind.NEIGHBOUR: Level.TOWN,
}


class Parity(StrEnum):
    """The side of a road by its house numbers."""

    ODD = "odd"
    EVEN = "even"
    BOTH = "both"

    def has(self, number: int) -> bool:
        """Whether a number stands on this side."""
        return self is Parity.BOTH or (self is Parity.ODD) == bool(number % 2)


@dataclass(frozen=True, slots=True)
class Place:
    """A named place.

    Args:
        id: of the row.
        kind: what it is.
        name: official name; of a road point that of its road.
        name_en: name in English, or empty.
        aliases: other names: everyday, old, short.
        district: official name of the district today, or empty.
        town: street or town, or empty.
        lon: degrees, CGCS2000.
        lat: degrees, CGCS2000.
        accuracy_m: metres within which the true place lies nine times in ten.
        numbers: first and last house number of a road point.
        parity: of those numbers.
        source: where the row comes from.
    """

    id: str
    kind: Kind
    name: str
    name_en: str
    aliases: tuple[str, ...]
    district: str
    town: str
    lon: float
    lat: float
    accuracy_m: float
    numbers: tuple[int, int] | None
    parity: Parity
    source: str

    @property
    def title(self) -> str:
        """Its name, with the house numbers of a road point."""
        if self.numbers is None:
            return self.name
        first, last = self.numbers
        return f"{self.name}{first}号" if first == last else f"{self.name}{first}-{last}号"


def built_in_files() -> tuple[Path, ...]:
    """The files that come with the program."""
    return tuple(sorted(FOLDER.glob("*.csv")))


def read_places(path: Path) -> list[Place]:
    """The rows of a file.

    Raises:
        RefusedError: names each fault by file, row and field; nothing is taken then.
    """
    places: dict[str, Place] = {}
    findings: list[Finding] = []
    for row, values in _rows(path):
        faults = list(_faults(values))
        if values["id"] in places:
            faults.append(("id", "unique", TAKEN))
        findings += [_finding(path, row, values, *fault) for fault in faults]
        if not faults:
            places[values["id"]] = _place(values)
    if findings:
        raise RefusedError(findings)
    return list(places.values())


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows as spreadsheets count them: the header is row 1."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, restval="")
            absent = [name for name in REQUIRED if name not in (reader.fieldnames or ())]
            if absent:
                raise RefusedError([_no_column(path, name) for name in absent])
            for row, values in enumerate(reader, 2):
                yield row, {name: (values.get(name) or "").strip() for name in COLUMNS}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise RefusedError([_unreadable(path, error)]) from error


def _place(values: dict[str, str]) -> Place:
    kind = Kind(values["kind"])
    first, last = values["number_from"], values["number_to"]
    return Place(
        id=values["id"],
        kind=kind,
        name=values["name_zh"],
        name_en=values["name_en"],
        aliases=tuple(filter(None, map(str.strip, values["aliases"].split(";")))),
        district=values["district"],
        town=values["town"],
        lon=float(values["lon"]),
        lat=float(values["lat"]),
        accuracy_m=float(values["accuracy_m"]),
        numbers=(int(first), int(last or first)) if first else None,
        parity=Parity(values["parity"] or Parity.BOTH),
        source=values["source"],
    )


TAKEN = Text("本文件中已有此 id", "is taken by an earlier row of the file")

Fault = tuple[str, str, Text]
"""Field, rule and what is allowed."""


def _faults(values: dict[str, str]) -> Iterator[Fault]:
    for name in REQUIRED:
        if not values[name]:
            yield name, "required", Text("必填", "must not be empty")
    for name, kinds in (("kind", Kind), ("parity", Parity)):
        if values[name] and values[name] not in list(kinds):
            allowed = ", ".join(kinds)
            yield name, "code", Text(f"须为 {allowed} 之一", f"must be one of {allowed}")
    if values["district"] not in DISTRICTS:
        allowed = ", ".join(filter(None, DISTRICTS))
        yield (
            "district",
            "code",
            Text(f"须为 {allowed} 之一", f"must be one of {allowed}, or empty"),
        )
    for name, least, most in RANGES:
        if values[name] and not _within(values[name], least, most):
            yield name, "range", Text(f"须在 {least} 与 {most} 之间", f"must be {least} to {most}")
    yield from _number_faults(values)


RANGES = (
    ("lon", WEST, EAST),
    ("lat", SOUTH, NORTH),
    ("accuracy_m", 1, MAXIMUM_ACCURACY_M),
)


def _within(text: str, least: float, most: float) -> bool:
    try:
        number = float(text)
    except ValueError:
        return False
    return math.isfinite(number) and least <= number <= most


def _number_faults(values: dict[str, str]) -> Iterator[Fault]:
    given = [name for name in ("number_from", "number_to") if values[name]]
    wrong = [name for name in given if not HOUSE_NUMBER.fullmatch(values[name])]
    for name in wrong:
        yield name, "range", NUMBER_RANGE
    if wrong:
        return
    if len(given) == 2 and int(values["number_to"]) < int(values["number_from"]):
        yield "number_to", "order", Text("不得小于 number_from", "must not be below number_from")
    if given == ["number_to"] or (values["kind"] == Kind.ROAD_POINT and not given):
        yield "number_from", "required", Text("须有门牌号", "must have a house number")


def _finding(
    path: Path, row: int, values: dict[str, str], field: str, rule: str, message: Text
) -> Finding:
    return Finding(
        file=path.name, row=row, field=field, value=values[field][:80], rule=rule, message=message
    )


def _no_column(path: Path, name: str) -> Finding:
    wanted = ",".join(COLUMNS)
    message = Text(f"缺少此列；应有 {wanted}", f"there is no such column; there must be {wanted}")
    return Finding(file=path.name, row=0, field=name, value="", rule="column", message=message)


def _unreadable(path: Path, error: Exception) -> Finding:
    message = Text(
        f"无法读取：须为 UTF-8 的 CSV（{error}）", f"cannot be read as CSV in UTF-8: {error}"
    )
    return Finding(file=path.name, row=0, field="", value="", rule="readable", message=message)
