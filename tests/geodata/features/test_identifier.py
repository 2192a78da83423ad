"""What may be the id of a feature."""

import pytest

from geodata.features.identifier import is_feature_id


@pytest.mark.parametrize(
    ("text", "may_be"),
    [
        ("north", True),
        ("2010.a_b-c", True),
        ("A" * 120, True),
        ("A" * 121, False),
        ("", False),
        ("-north", False),
        ("north\n", False),
        ("north\x00", False),
        ("no rth", False),
        ("no'rth", False),
        ("a/b", False),
        ("北部", False),
        ("１", False),
    ],
)
def test_an_id_is_what_the_table_accepts(text: str, may_be: bool) -> None:
    assert is_feature_id(text) is may_be
