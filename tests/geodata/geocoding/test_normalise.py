"""One form for texts that mean the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.geocoding.normalise import normal_text, normalise


@pytest.mark.parametrize(
    ("given", "normal"),
    [
        ("海淀区 中关村大街 １ 号", "海淀区中关村大街1号"),
        ("海淀區中關村大街１號", "海淀区中关村大街1号"),
        ("臺灣飯店 5樓", "台湾饭店5楼"),
        ("Ａ座ｂ１５０３", "A座B1503"),
        ("1—3号", "1-3号"),
        ("1～3号", "1-3号"),
        ("3#楼", "3号楼"),
        ("大厦（近地铁）", "大厦(近地铁)"),
        ("大厦【北门】", "大厦(北门)"),
        ("路1号,2号；3号", "路1号,2号,3号"),
        ("12 501", "12 501"),
        ("TOWER A", "TOWER A"),
        ("A 座", "A座"),
        ("\u200b北京\u00a0市\t", "北京市"),
        ("乾清宫", "乾清宫"),
        ("一一一", "一一一"),
        ("", ""),
    ],
)
def test_texts_that_mean_the_same_get_one_form(given: str, normal: str) -> None:
    assert normal_text(given) == normal


def test_each_sign_remembers_where_it_came_from() -> None:
    text = " 海淀區 ㎡１号"
    normal = normalise(text)
    assert normal.text == "海淀区M21号"
    assert text[slice(*normal.span(0, 3))] == "海淀區"
    assert text[slice(*normal.span(3, 5))] == "㎡"
    assert text[slice(*normal.span(5, 7))] == "１号"


@given(st.text(max_size=60))
def test_the_form_is_stable_and_its_spans_lie_in_the_text(text: str) -> None:
    normal = normalise(text)
    assert len(normal.text) == len(normal.origins)
    assert list(normal.origins) == sorted(normal.origins)
    assert all(0 <= at < len(text) for at in normal.origins)
    again = normal_text(normal.text)
    assert normal_text(again) == again
