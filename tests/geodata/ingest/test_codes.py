"""Codes with check characters, against codes that registrars have really given out."""

import pytest

from geodata.ingest.codes import breaches, credit_check, organisation_check
from layers.attribute import Scheme
from layers.land_use import LAND_USE_CODES


@pytest.mark.parametrize(
    "code",
    [
        "91110108551385082Q",  # 小米科技有限责任公司
        "91110000802100433B",  # 百度在线网络技术（北京）有限公司
    ],
)
def test_codes_of_real_enterprises_pass(code):
    assert list(breaches(Scheme.CREDIT_CODE, code)) == []
    assert credit_check(code[:17]) == code[17]
    assert organisation_check(code[8:16]) == code[16]


@pytest.mark.parametrize("position", range(17))
def test_one_wrong_character_never_passes(position):
    code = "91110108551385082Q"
    wrong = "1" if code[position] != "1" else "2"
    mistyped = code[:position] + wrong + code[position + 1 :]
    assert "credit-code" in [each.rule for each in breaches(Scheme.CREDIT_CODE, mistyped)]


@pytest.mark.parametrize(
    ("scheme", "code", "rules"),
    [
        (Scheme.PARCEL_CODE, "110108001002GB00123", []),
        (Scheme.PARCEL_CODE, "110108001002GK00123", ["parcel-code"]),
        (Scheme.PARCEL_CODE, "120101001002GB00123", ["parcel-county"]),
        (Scheme.LAND_USE, "GBT21010-2007:061", []),
        (Scheme.LAND_USE, "GBT21010-2017:061", ["land-use"]),
        (Scheme.LAND_USE, "GBT21010-2017:0601", []),
        (Scheme.LAND_USE, "GB50137-2011:M1", ["land-use-unchecked"]),
        (Scheme.INDUSTRY, "2011:6510", []),
        (Scheme.INDUSTRY, "2017:I65", []),
        (Scheme.INDUSTRY, "2017:I", []),
        (Scheme.INDUSTRY, "2011:J65", ["industry-code"]),
        (Scheme.INDUSTRY, "2002:38", ["industry-code"]),
        (Scheme.INDUSTRY, "2017:98", ["industry-code"]),
        (Scheme.INDUSTRY, "2017:6", ["industry-code"]),
        (Scheme.INDUSTRY, "2017:", ["industry-code"]),
    ],
)
def test_parts_of_codes_are_held_to_their_standard(scheme, code, rules):
    assert [each.rule for each in breaches(scheme, code)] == rules


def test_the_land_use_standards_have_as_many_classes_as_they_say():
    """GB/T 21010-2007: 12 classes, 57 uses; GB/T 21010-2017: 12 and 73 (clause 5)."""
    assert {name: len(codes) for name, codes in LAND_USE_CODES.items()} == {
        "GBT21010-2007": 12 + 57,
        "GBT21010-2017": 12 + 73,
    }
