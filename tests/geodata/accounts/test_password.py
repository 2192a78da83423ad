import re

import pytest
from argon2 import extract_parameters
from argon2.low_level import Type

from geodata.accounts.errors import WeakPasswordError
from geodata.accounts.password import check_password, hash_password, is_password

GOOD = "correct horse battery"


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short-pass1", "11 characters"),
        ("x" * 201, "201 characters"),
        ("abababababab", "different"),
        ("password1234", "commonest"),
        ("PassWord!2026", "commonest"),
        ("1q2w3e4r5t6y", "commonest"),
        ("ZhongGuanCun2026", "commonest"),
        ("wangxiaoming-in-haidian", "account"),
    ],
)
def test_what_is_guessed_first_is_refused_and_never_repeated(password: str, why: str) -> None:
    with pytest.raises(WeakPasswordError, match=why) as caught:
        check_password(password, "wangxiaoming")
    assert password not in str(caught.value)


@pytest.mark.parametrize("password", [GOOD, "京张铁路遗址公园春日花开时", "xK9#mQ2$vL7!"])
def test_others_are_taken(password: str) -> None:
    check_password(password, "wang")


def test_what_is_kept_is_argon2id_with_a_salt_of_its_own() -> None:
    one, other = hash_password(GOOD), hash_password(GOOD)
    assert one != other
    assert re.match(r"\$argon2id\$v=19\$", one)
    kept = extract_parameters(one)
    assert kept.type is Type.ID
    # OWASP Password Storage Cheat Sheet: at least 19 MiB, 2 iterations, 1 lane.
    assert (kept.memory_cost, kept.time_cost, kept.parallelism) >= (19 * 1024, 2, 1)
    assert is_password(GOOD, one)
    assert not is_password(GOOD + " ", one)


def test_full_width_signs_of_a_chinese_keyboard_are_the_same_password() -> None:
    assert is_password("ｃｏｒｒｅｃｔ horse battery", hash_password(GOOD))


@pytest.mark.parametrize("password", ["", GOOD])
def test_no_password_fits_an_account_that_has_none(password: str) -> None:
    assert not is_password(password, None)
