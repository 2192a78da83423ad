"""Names that fields have in files."""

import pytest

from geodata.formats.fields import short_names


@pytest.mark.parametrize(
    ("names", "short"),
    [
        (["id", "name_zh"], ["id", "name_zh"]),
        (["boundary_status", "boundary_source"], ["boundary_s", "boundary_1"]),
        (
            ["boundary_s", "boundary_status", "boundary_1"],
            ["boundary_s", "boundary_1", "boundary_2"],
        ),
        ([f"remark_of_{n}" for n in "abc"], ["remark_of_", "remark_o_1", "remark_o_2"]),
    ],
)
def test_names_are_short_and_differ(names, short):
    assert short_names(names) == short
