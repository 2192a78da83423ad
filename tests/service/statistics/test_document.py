"""The document of a profile: nulls stay nulls, zeros stay zeros."""

import pytest

from geodata.statistics.profile import Profile
from layers.catalog import CATALOG
from layers.codelist import INDUSTRY
from service.statistics.document import profile_document

NO_LAYERS = dict.fromkeys(CATALOG.ids, 0)
CODE = next(iter(INDUSTRY.codes))


def _profile(
    land_area_m2: float | None = None,
    located: dict[str | None, int] | None = None,
    industries: dict[str | None, int] | None = None,
) -> Profile:
    return Profile(
        area=None,
        land_area_m2=land_area_m2,
        declared=None,
        located=located,
        declared_industries=None,
        located_industries=industries,
    )


@pytest.mark.parametrize(
    ("located", "land_area_m2", "density"),
    [
        (None, None, None),
        (None, 1e6, None),
        (6, None, None),
        (6, 0.0, None),
        (0, 1e6, 0),
        (6, 2e6, 3),
    ],
)
def test_density_needs_a_count_and_an_area(
    located: int | None, land_area_m2: float | None, density: float | None
) -> None:
    counts = None if located is None else NO_LAYERS | {"enterprises": located}
    assert profile_document(_profile(land_area_m2, counts)).density_per_km2 == density


@pytest.mark.parametrize(
    ("industries", "unknown"),
    [(None, None), ({}, None), ({CODE: 2}, None), ({CODE: 2, None: 3}, 3), ({None: 0}, None)],
)
def test_unclassified_enterprises_get_a_row_only_when_there_are_some(
    industries: dict[str | None, int] | None, unknown: int | None
) -> None:
    rows = profile_document(_profile(None, NO_LAYERS, industries)).by_industry
    found = {row.industry: row.located for row in rows}
    assert found.get(None) == unknown
    assert (None in found) is (unknown is not None)
    assert set(INDUSTRY.codes) <= set(found)
    if industries is not None:
        assert sum(count or 0 for count in found.values()) == sum(industries.values())
