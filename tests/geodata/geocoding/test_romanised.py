"""Addresses in English and in pinyin."""

import pytest

from geodata.geocoding.address import parse
from geodata.geocoding.gazetteer import open_gazetteer
from geodata.geocoding.geocode import GazetteerGeocoder
from geodata.geocoding.romanised import in_chinese

GEOCODER = GazetteerGeocoder(open_gazetteer())
NAMES = GEOCODER.gazetteer.romanised


@pytest.mark.parametrize(
    ("address", "chinese"),
    [
        ("No. 59 Zhongguancun Street, Haidian District, Beijing 100872", "海淀区中关村大街59号"),
        ("59 Zhongguancun Dajie, Haidian, Beijing, China", "海淀区中关村大街59号"),
        ("5 Zhongguancun South Street, Haidian", "海淀区中关村南大街5号"),
        ("5 South Zhongguancun Street, Haidian", "海淀区中关村南大街5号"),
        ("5 Zhongguancun Nan Da Jie", "中关村南大街5号"),
        ("Zhongguancunnandajie 5, Haidian", "海淀区中关村南大街5号"),
        ("No. 188 South 4th Ring West Road", "南四环西路188号"),
        ("15 Beisanhuan East Road, Chaoyang", "朝阳区北三环东路15号"),
        ("A-12 Guanghua Road, Chaoyang District", "朝阳区光华路甲12号"),
        ("Xierqi Subway Station", "西二旗站"),
        ("No.10 Shangdi 10th Street, Haidian District", "海淀区上地十街10号"),
        ("99 Kechuang 14th Street, BDA, Beijing", "北京经济技术开发区科创十四街99号"),
        ("No.58 North 4th Ring Road West", "北四环西路58号"),
        ("58 Beisihuan Xilu", "北四环西路58号"),
        ("138 Xizhimen Outer Street, Xicheng District", "西城区西直门外大街138号"),
        ("138 Xizhimenwai Avenue, Xicheng District", "西城区西直门外大街138号"),
        (
            "Room 1203, Building 3, No. A12 Jianguomen Outer Street, Chaoyang District",
            "朝阳区建国门外大街甲12号3号楼1203室",
        ),
        ("5/F, Tower B, 1 Jianguomenwai Dajie", "建国门外大街1号B座5层"),
        ("Peking University, Haidian District", "海淀区北京大学"),
        ("Wangjing SOHO", "望京SOHO"),
    ],
)
def test_an_address_in_latin_letters_is_put_into_chinese(address: str, chinese: str) -> None:
    found = in_chinese(address, NAMES)
    assert found is not None
    assert found.text == chinese


@pytest.mark.parametrize("address", ["海淀区Zhongguancun", "1600 Amphitheatre Parkway", "???", ""])
def test_what_holds_no_romanised_name_is_left_as_it_is(address: str) -> None:
    assert in_chinese(address, NAMES) is None


def test_parts_tell_where_their_words_stand_in_the_address_given() -> None:
    address = "No. 59 Zhongguancun Street, Haidian District, Beijing"
    parts = parse(address, GEOCODER.gazetteer).parts
    assert [(part.kind, address[part.start : part.end]) for part in parts] == [
        ("district", "Haidian District"),
        ("road", "Zhongguancun Street"),
        ("number", "No. 59"),
    ]


@pytest.mark.parametrize(
    ("address", "same"),
    [
        ("No. 59 Zhongguancun Street, Haidian District", "海淀区中关村大街59号"),
        ("Tsinghua University", "清华大学"),
        ("1 Jianguomenwai Avenue, Chaoyang District", "朝阳区建国门外大街1号"),
    ],
)
def test_it_is_placed_as_the_chinese_address_is(address: str, same: str) -> None:
    found, wanted = (GEOCODER.geocode([each])[0][0] for each in (address, same))
    assert (found.position, found.level, found.accuracy_m) == (
        wanted.position,
        wanted.level,
        wanted.accuracy_m,
    )
