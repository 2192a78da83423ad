"""Names in Latin letters."""

from dataclasses import replace

import pytest

from geodata.geocoding.pinyin import romanised_names
from geodata.geocoding.place import Kind, Parity, Place

ROAD = Place(
    *("r", Kind.ROAD, "中关村南大街", "", (), "海淀区", "", 116.3, 39.96, 900, None),
    *(Parity.BOTH, "test"),
)
PLACES = (
    ROAD,
    replace(ROAD, id="1", name="北四环西路"),
    replace(ROAD, id="2", name="西四环北路"),
    replace(ROAD, id="3", name="上地十街"),
    replace(ROAD, id="4", name="学院路"),
    replace(ROAD, id="5", name="学院街"),
    replace(ROAD, id="6", name="海淀区", kind=Kind.DISTRICT),
    replace(ROAD, id="7", name="北京大学", kind=Kind.LANDMARK, name_en="Peking University"),
)
NAMES = romanised_names(PLACES)


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("zhongguancun south street", "中关村南大街"),
        ("south zhongguancun street", "中关村南大街"),
        ("zhongguancun nan da jie", "中关村南大街"),
        ("zhongguancunnan street", "中关村南大街"),
        ("north 4th ring road west", "北四环西路"),
        ("north fourth ring west road", "北四环西路"),
        ("west 4th ring road north", "西四环北路"),
        ("beisihuan xi lu", "北四环西路"),
        ("shangdi 10th street", "上地十街"),
        ("shangdi shi jie", "上地十街"),
        ("xueyuan road", "学院路"),
        ("xueyuan street", "学院街"),
        ("haidian", "海淀区"),
        ("peking university", "北京大学"),
        ("beijingdaxue", "北京大学"),
        ("south street", None),
        ("zhongguancun north street", None),
        ("shangdi 9th street", None),
    ],
)
def test_words_name_a_place(words: str, name: str | None) -> None:
    found = NAMES.place(words.split())
    assert (found.name if found else None) == name
