"""Addresses taken apart."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.geocoding.address import Address, parse
from geodata.geocoding.gazetteer import Gazetteer, open_gazetteer
from geodata.geocoding.part import PartKind

GAZETTEER = open_gazetteer()


def told(address: str, gazetteer: Gazetteer = GAZETTEER) -> str:
    """Parts as `kind:text`, a `*` behind what the gazetteer lists."""
    return " ".join(
        f"{part.kind}:{part.text}{'*' if part.names else ''}"
        for part in parse(address, gazetteer).parts
    )


@pytest.mark.parametrize(
    ("address", "parts"),
    [
        ("北京市海淀区中关村大街1号", "city:北京市 district:海淀区* road:中关村大街* number:1号"),
        ("海淀区中关村大街1号", "district:海淀区* road:中关村大街* number:1号"),
        ("100080 中国北京市海淀区学院路", "city:北京市 district:海淀区* road:学院路*"),
        ("北京海淀中关村大街1号", "city:北京 district:海淀* road:中关村大街* number:1号"),
        ("北京市北京海淀區後屯路", "city:北京市 city:北京 district:海淀区* road:后屯路*"),
        (
            "北京市北京经济技术开发区荣华中路22号院",
            "city:北京市 district:北京经济技术开发区* road:荣华中路* number:22号院",
        ),
        ("亦庄荣华中路8号", "district:亦庄* road:荣华中路* number:8号"),
        ("BDA荣华中路8号", "district:BDA* road:荣华中路* number:8号"),
        ("崇文区广渠门内大街27号", "district:崇文区* road:广渠门内大街* number:27号"),
        (
            "海淀区学院路甲12号院3号楼5层501室",
            "district:海淀区* road:学院路* number:甲12号院 unit:3号楼 room:5层 room:501室",
        ),
        (
            "海淀区知春路乙6号2单元十二层1203",
            "district:海淀区* road:知春路* number:乙6号 unit:2单元 room:十二层 room:1203",
        ),
        ("海淀区知春路二十七号", "district:海淀区* road:知春路* number:二十七号"),
        ("海淀区知春路1-3号", "district:海淀区* road:知春路* number:1-3号"),
        ("海淀区知春路1、3号", "district:海淀区* road:知春路* number:1,3号"),
        (
            "海淀区学院路与苏州街交叉口东北角",
            "district:海淀区* road:学院路* rest:与 road:苏州街* position:交叉口 position:东北角",
        ),
        (
            "海淀区苏州街南侧100米",
            "district:海淀区* road:苏州街* position:南侧 position:100米",
        ),
        (
            "丰台区南四环西路188号总部基地18区21号楼",
            "district:丰台区* road:南四环西路* number:188号 park:总部基地* unit:18区 unit:21号楼",
        ),
        (
            "朝阳区无名路5号无名大厦B座8层",
            "district:朝阳区* road:无名路 number:5号 building:无名大厦 unit:B座 room:8层",
        ),
        (
            "昌平区中关村生命科学园生命科学园路18号",
            "district:昌平区* park:中关村生命科学园* road:生命科学园路 number:18号",
        ),
        ("中国北京市海淀区", "city:北京市 district:海淀区*"),
        ("北京西站南广场", "landmark:北京西站* building:南广场"),
        ("亦庄线无名站A口", "position:亦庄线 rest:无名站 position:A口"),
        ("地铁13号线无名站", "position:地铁13号线 rest:无名站"),
        ("大兴区亦庄镇无名村", "district:大兴区* town:亦庄镇* compound:无名村"),
        (
            "（100080）注册地址：北京市海淀区知春路乙6号12层（集群注册）",
            "city:北京市 district:海淀区* road:知春路* number:乙6号 room:12层 room:100080",
        ),
        (
            "海淀区知春路6号（自主申报）邮编：100080 电话：010-62334455",
            "district:海淀区* road:知春路* number:6号",
        ),
        (
            "中国（北京）自由贸易试验区科技创新片区海淀组团知春路6号",
            "district:海淀* road:知春路* number:6号",
        ),
        ("上地十街10号(近无名站)", "road:上地十街* number:10号 position:近 rest:无名站"),
    ],
)  # fmt: skip
def test_an_address_falls_into_its_parts(address: str, parts: str) -> None:
    assert told(address) == parts


@pytest.mark.parametrize("road", ["科创十四街", "科创14街"])
def test_numbered_streets_are_known_in_both_numerals(road: str) -> None:
    assert told(f"亦庄{road}99号") == f"district:亦庄* road:{road}* number:99号"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("海定区中关村大街1号", "海淀区"),
        ("海淀区中关村大衔1号", "中关村大街"),
        ("海淀区学苑路30号", "学院路"),
        ("朝阳区酒仙侨路4号", "酒仙桥路"),
    ],
)
def test_a_slip_of_one_sign_is_understood_and_not_taken_as_certain(
    written: str, meant: str
) -> None:
    (slip,) = [part for part in parse(written, GAZETTEER).parts if part.likeness < 1]
    assert slip.names[0].place.name == meant


@pytest.mark.parametrize(
    "road",
    ["学院东路", "学院后街", "中关村东街", "上地九十街", "成寿寺东路"],
)
def test_a_road_of_another_name_is_no_slip(road: str) -> None:
    parts = parse(f"平谷区{road}1号", GAZETTEER).of(PartKind.ROAD)
    assert all(part.likeness == 1 for part in parts)


@pytest.mark.parametrize(
    ("address", "province"),
    [
        ("上海市浦东新区世纪大道100号", "上海市"),
        ("河北省廊坊市三河市燕郊", "河北省"),
        ("内蒙古自治区呼和浩特市", "内蒙古自治区"),
        ("北京市上海路1号", None),
    ],
)
def test_another_province_is_named(address: str, province: str | None) -> None:
    assert parse(address, GAZETTEER).elsewhere == province


@pytest.mark.parametrize(
    ("text", "number"), [("甲12号", 12), ("二十七号", 27), ("1-3号", 1), ("12号院", 12)]
)
def test_a_part_has_its_first_number(text: str, number: int) -> None:
    (part,) = parse(f"海淀区学院路{text}", GAZETTEER).of(PartKind.NUMBER)
    assert part.number == number


def spans(address: Address) -> list[tuple[int, int]]:
    return [(part.start, part.end) for part in address.parts if not part.in_brackets]


SIGNS = "北京市海淀朝阳区中关村学院路大街号楼层座单元室甲东西南北侧米与 (（)）12345０A-、，上地"


@given(st.text(st.sampled_from(SIGNS), max_size=40))
def test_any_text_falls_into_parts_that_lie_in_it_in_order(text: str) -> None:
    address = parse(text, GAZETTEER)
    found = spans(address)
    assert all(0 <= start < end <= len(text) for start, end in found)
    assert all(before[1] <= after[0] for before, after in pairwise(found))


@given(st.text(max_size=60))
def test_no_text_is_too_strange(text: str) -> None:
    parse(text, GAZETTEER)
