"""Parts of an address (GB/T 23705-2009) and the patterns of those that no gazetteer lists."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from geodata.geocoding.gazetteer import Named
from geodata.geocoding.numeral import NUMERAL
from geodata.geocoding.place import Kind
from layers.text import Text


class PartKind(StrEnum):
    """What a part of an address tells."""

    CITY = "city"
    DISTRICT = "district"
    TOWN = "town"
    VILLAGE = "village"
    ROAD = "road"
    PARK = "park"
    COMPOUND = "compound"
    NUMBER = "number"
    BUILDING = "building"
    LANDMARK = "landmark"
    JUNCTION = "junction"
    UNIT = "unit"
    ROOM = "room"
    POSITION = "position"
    REST = "rest"


class Element(StrEnum):
    """The three elements of an address in GB/T 23705-2009, 4."""

    DIVISION = "行政区域地名"
    BASIC_LIMIT = "基本区域限定物名称"
    LOCAL_POINT = "局部点位描述"


ELEMENTS = {
    Element.DIVISION: (PartKind.CITY, PartKind.DISTRICT, PartKind.TOWN),
    Element.BASIC_LIMIT: (PartKind.VILLAGE, PartKind.ROAD, PartKind.PARK, PartKind.COMPOUND),
    Element.LOCAL_POINT: (
        *(PartKind.NUMBER, PartKind.BUILDING, PartKind.LANDMARK, PartKind.JUNCTION),
        *(PartKind.UNIT, PartKind.ROOM, PartKind.POSITION),
    ),
}
ELEMENT_OF = {kind: element for element, kinds in ELEMENTS.items() for kind in kinds}

PART_OF = {
    Kind.DISTRICT: PartKind.DISTRICT,
    Kind.TOWN: PartKind.TOWN,
    Kind.VILLAGE: PartKind.VILLAGE,
    Kind.ROAD: PartKind.ROAD,
    Kind.PARK: PartKind.PARK,
    Kind.BUILDING: PartKind.BUILDING,
    Kind.LANDMARK: PartKind.LANDMARK,
    Kind.JUNCTION: PartKind.JUNCTION,
}
"""What a place of the gazetteer is in an address."""

TITLES = {
    PartKind.CITY: Text("城市", "City"),
    PartKind.DISTRICT: Text("区", "District"),
    PartKind.TOWN: Text("街道、镇、乡", "Street or town"),
    PartKind.VILLAGE: Text("社区、村", "Community or village"),
    PartKind.ROAD: Text("道路", "Road"),
    PartKind.PARK: Text("园区", "Park"),
    PartKind.COMPOUND: Text("小区", "Compound"),
    PartKind.NUMBER: Text("门牌号", "House number"),
    PartKind.BUILDING: Text("楼宇", "Building"),
    PartKind.LANDMARK: Text("标志物", "Landmark"),
    PartKind.JUNCTION: Text("路口、桥", "Junction"),
    PartKind.UNIT: Text("楼、座、单元", "Building number or unit"),
    PartKind.ROOM: Text("层、室", "Floor or room"),
    PartKind.POSITION: Text("方位", "Position"),
    PartKind.REST: Text("其他", "Rest"),
}

ROAD_TAILS = frozenset("路街巷胡")

STEM = "[甲乙丙丁戊己庚辛壬癸]"
NUMBER = f"(?:[0-9]{{1,5}}|{NUMERAL}{{1,7}})"
SIDE = "[东西南北中]"
METRES = "(?:约?[0-9]+(?:米|公里|KM|M))"


@dataclass(frozen=True)
class Rule:
    """A pattern of a part.

    Args:
        kind: of the part.
        weight: what each sign of it is worth against other readings.
        cost: what the part costs as a whole, so that one long part beats two short ones.
        pattern: of the part.
    """

    kind: PartKind
    weight: float
    cost: float
    pattern: re.Pattern[str]


RULES = tuple(
    Rule(kind, weight, cost, re.compile(pattern))
    for kind, weight, cost, pattern in (
        (
            PartKind.NUMBER,
            2.0,
            0.5,
            f"{STEM}?{NUMBER}(?:[-至,]{STEM}?{NUMBER})*{STEM}?(?:号(?:大?院|门(?!诊))?(?![楼线栋幢])|院|弄)",
        ),
        (
            PartKind.UNIT,
            1.8,
            0.5,
            f"(?:{STEM}?{NUMBER}(?:-{NUMBER})*号?|[A-Z]-?[0-9]{{0,3}}|{STEM}|[主副配]|{SIDE}{{1,2}})"
            "(?:号?楼|座|栋|幢|塔楼?|单元|门|区(?!域))",
        ),
        (
            PartKind.ROOM,
            1.5,
            0.5,
            f"(?:地[上下])?[BF]?{NUMBER}(?:-{NUMBER})*[层F]|[A-Z]?-?[0-9]{{1,5}}[A-Z]?(?:[-,][0-9]{{1,5}})*"
            f"(?:室|房间?|户|内)|{NUMBER}室|B[0-9]|[A-Z]?[0-9]{{3,6}}(?![0-9号院街路条巷弄米])",
        ),
        (
            PartKind.POSITION,
            2.5,
            0.5,
            f"(?:地铁)?(?:{NUMBER}号|昌平|亦庄|大兴|房山|燕房|八通|西郊|首都机场|S1)线|[A-Z][0-9]?出?口",
        ),
        (
            PartKind.POSITION,
            1.2,
            0.5,
            "(?:[与和](?=.{2,12}(?:交|路口)))?(?:十字路口|交[叉汇]口?处?|路口)|"
            f"{SIDE}{{1,2}}(?:[侧边角面口]|门(?!外|内|大|路|街))|[路街]{SIDE}{{1,2}}(?![侧边角面口门路街])|"
            f"(?:[以往向]{SIDE}{{1,2}})?{METRES}|[以往向]{SIDE}{{1,2}}|对面|对过|附近|旁边?|院内|楼上|内|近",
        ),
    )
)

BARRED = frozenset("号楼层室座栋幢市县区镇乡院近")
"""Signs that no unlisted road's name goes across."""


class Unlisted(NamedTuple):
    """How names end that no gazetteer lists; `endings` apart by blanks."""

    kind: PartKind
    weight: float
    cost: float
    endings: str


UNLISTED = (
    Unlisted(PartKind.ROAD, 1.2, 1.2, "路 街 胡同 大道 巷 条"),
    Unlisted(
        PartKind.COMPOUND,
        1.0,
        1.3,
        "小区 社区 家园 花园 公寓 嘉园 新村 家属院 宿舍 大院 村 里 苑 园 庄园 别墅",
    ),
    Unlisted(
        PartKind.BUILDING,
        1.0,
        1.3,
        "大厦 大楼 广场 中心 写字楼 商厦 酒店 饭店 宾馆 国际 公馆 科技楼 综合楼",
    ),
    Unlisted(
        PartKind.LANDMARK,
        1.0,
        1.3,
        "大学 学院 中学 小学 医院 研究院 研究所 公园 车站 地铁站 市场 商场 公司 桥 厂",
    ),
)
ENDINGS = tuple((ending, row) for row in UNLISTED for ending in row.endings.split())
SHORTEST, LONGEST = 3, 10
"""Signs of an unlisted name."""

DIRECTIONAL = frozenset("东西南北中前后大小横斜正新老外内上下")
DIRECTIONAL_WEIGHT = 0.5
"""Of a road called only by its direction, such as 西大街: more likely the tail of a longer name."""


class Reading(NamedTuple):
    """A way to read the signs from `start` to before `end`.

    `worth` is measured against other ways, `names` are places of the gazetteer that it may mean,
    `likeness` is below 1 where the text is only like their name.
    """

    start: int
    end: int
    kind: PartKind
    worth: float
    names: tuple[Named, ...] = ()
    likeness: float = 1.0

    @property
    def is_rest(self) -> bool:
        """Whether nothing explains it."""
        return self.kind is PartKind.REST


def readings_by_rule(text: str) -> Iterator[Reading]:
    """Numbers, units, rooms and positions in a normal text."""
    for rule in RULES:
        for found in rule.pattern.finditer(text):
            start, end = found.span()
            yield Reading(start, end, rule.kind, (end - start) * rule.weight - rule.cost)


def readings_of_unlisted(text: str) -> Iterator[Reading]:
    """Names by their endings, wherever they may begin."""
    for ending, row in ENDINGS:
        end = text.find(ending)
        while end >= 0:
            end += len(ending)
            yield from _beginnings(text, end, len(ending), row)
            end = text.find(ending, end)


def _beginnings(text: str, end: int, tail: int, row: Unlisted) -> Iterator[Reading]:
    for start in range(end - tail - 1, max(end - LONGEST, 0) - 1, -1):
        sign = text[start]
        if sign in BARRED or not (sign.isalnum()):
            return
        if end - start >= SHORTEST:
            plain = DIRECTIONAL.issuperset(text[start : end - tail])
            weight = DIRECTIONAL_WEIGHT if plain else row.weight
            yield Reading(start, end, row.kind, (end - start) * weight - row.cost)
