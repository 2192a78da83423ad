"""Address: a text taken apart into what its parts tell, each with where it stands in the text."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from geodata.geocoding.gazetteer import Gazetteer, Named
from geodata.geocoding.lattice import best_chain, goes_on, runs_into
from geodata.geocoding.normalise import Normalised, normalise
from geodata.geocoding.numeral import NUMERAL, whole_number
from geodata.geocoding.part import STEM, PartKind, Reading
from geodata.geocoding.romanised import in_chinese, is_in_chinese

LEAD = re.compile(
    r"(?:,|(?:注册|经营|办公|通讯|联系|详细)?地址|住所|坐落于?|[0-9]{6}(?![0-9号]))*"
    r"(?:(?:中华人民共和国|中国),?(?=北京))?"
)

NOISE = re.compile(
    r"(?:中国)?(?:\(北京\)|北京)?自由?贸易?试验区(?:(?:科技创新|国际商务服务|高端产业)片区)?|组团"
    r"|(?:住所|地址|场所)?(?:自主申报|申报承诺制?|集群注册|集群登记|一址多照|住所托管)(?:制|地址)?"
    r"|(?:集中|托管)办公区|商务秘书(?:企业|公司)?|(?:邮政编码|邮编),?[0-9]{6}|(?:电话|传真|TEL),?[0-9-]{7,}"
)
"""What registers add to an address and tells nothing of where it is."""

BEYOND = (
    "(?:廊坊|燕郊|三河市|三河燕郊|大厂回族|香河县|固安|永清|涿州|涞水|怀来|涿鹿|赤城县|丰宁|滦平|兴隆县"
    "|武清|蓟州|蓟县|保定|雄安|石家庄|唐山|张家口|承德|秦皇岛|沧州|衡水|邢台|邯郸)"
)
"""Places of Hebei and Tianjin that addresses name without the province."""

ELSEWHERE = re.compile(
    r"(?:[0-9]{6})?(?:中国)?(?:(?:河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南"
    r"|广东|海南|四川|贵州|云南|陕西|甘肃|青海|台湾)省|(?:内蒙古|广西|西藏|宁夏|新疆)[^,]{0,4}自治区"
    r"|(?:天津|上海|重庆)市|(?:香港|澳门)特别行政区"
    rf"|(?:河北|天津),?{BEYOND}|{BEYOND}(?![路街里园南东西北]))"
)

ROMAN = re.compile("[A-Za-z]{3}")
"""No address in Latin letters has less."""

BRACKETS = re.compile(r"\(([^()]*)\)?")
STEMS = re.compile(STEM)
FIRST_NUMBER = re.compile(rf"[0-9]+|{NUMERAL}+")


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

    @property
    def has_stem(self) -> bool:
        """Whether a house number bears a stem: 甲12号."""
        return STEMS.search(self.text) is not None


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
    normal = _without_noise(_normal(address, gazetteer))
    if found := ELSEWHERE.match(normal.text):
        return Address(address, (), found[0])
    outside = BRACKETS.sub(lambda found: "," * len(found[0]), normal.text)
    lead = LEAD.match(outside)
    parts = list(_parts(normal, outside, lead.end() if lead else 0, 0, gazetteer))
    for found in BRACKETS.finditer(normal.text):
        remarks = _parts(normal, found[1], 0, found.start(1), gazetteer)
        parts += [part._replace(in_brackets=True) for part in remarks]
    return Address(address, tuple(parts))


def _normal(address: str, gazetteer: Gazetteer) -> Normalised:
    """In normal form; in Chinese where it is in Latin letters and known."""
    if ROMAN.search(address) and not is_in_chinese(address):
        return in_chinese(address, gazetteer.romanised) or normalise(address)
    return normalise(address)


def _without_noise(normal: Normalised) -> Normalised:
    return replace(normal, text=NOISE.sub(lambda found: "," * len(found[0]), normal.text))


def _parts(
    normal: Normalised, text: str, begin: int, offset: int, gazetteer: Gazetteer
) -> Iterator[Part]:
    """Parts of a piece of the normal text, which begins at `offset` in it."""
    chain = best_chain(text, begin, gazetteer)
    for index, reading in enumerate(chain):
        piece = text[reading.start : reading.end]
        if not piece.strip(", -"):
            continue
        whole = _is_whole(chain, index, text)
        yield Part(
            reading.kind,
            piece,
            *normal.span(offset + reading.start, offset + reading.end),
            reading.names if whole or _keeps_names(reading) else (),
            reading.likeness,
            whole,
        )


GROWING = frozenset((PartKind.LANDMARK, PartKind.BUILDING, PartKind.JUNCTION))
"""Names that others are built from: 北京大学人民医院 is not at 北京大学."""

GROWN = frozenset((PartKind.REST, PartKind.LANDMARK, PartKind.ROAD, PartKind.COMPOUND))
"""What follows such a name within a longer one."""

GROUNDS = ("大学", "学院", "医院", "校区", "公园", "机场", "研究院", "研究所")
"""Endings of names of grounds, which unknown words after them lie in: 北京大学理科楼群."""


def _keeps_names(piece: Reading) -> bool:
    """Whether a piece of a longer name still tells where that is: a road or town may."""
    return piece.likeness == 1 and piece.kind not in (*GROWING, PartKind.PARK)


def _is_whole(chain: Sequence[Reading], index: int, text: str) -> bool:
    """Whether a listed name stands by itself and not inside a longer one."""
    reading = chain[index]
    if not reading.names:
        return True
    before = chain[index - 1] if index else None
    after = chain[index + 1] if index + 1 < len(chain) else None
    if before and before.is_rest and runs_into(text[before.end - 1]):
        return False
    if reading.kind not in GROWING or after is None:
        return True
    if after.kind in (PartKind.REST, PartKind.COMPOUND) and text[: reading.end].endswith(GROUNDS):
        return True
    return not (after.kind in GROWN and not after.names and goes_on(text[after.start]))
