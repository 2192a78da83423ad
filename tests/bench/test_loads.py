"""Loaders beside each other: each really loads the points, and ratios are ours over theirs."""

from collections.abc import Callable

import pytest

from bench import loads
from bench.loads import LOADERS, OURS, loading, measure_loads


def test_every_loader_loads_every_point_in_each_round(
    migrated_database: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, told = migrated_database(), []
    checked = [loader._replace(load=_checked(loader.load, told)) for loader in LOADERS]
    monkeypatch.setattr(loads, "LOADERS", tuple(checked))
    seconds = measure_loads(url, 300, 2, lambda _: None)
    assert set(map(len, seconds.values())) == {2}
    assert told == [300] * 2 * len(seconds)


def _checked(load: Callable[..., None], told: list[int]) -> Callable[..., None]:
    """Loads, then counts what is there, in whichever table."""

    def checked(url: str, points: loads.Points) -> None:
        load(url, points)
        told.append(loads.count_loaded(url))

    return checked


def test_a_ratio_is_how_many_times_faster_ours_is() -> None:
    lines = list(loading({OURS: [1.0, 2.0, 4.0], "other": [2.0, 2.0, 2.0]}))
    assert lines[2:] == ["| other | 1.00 | 0.50, 2.00 |"]
