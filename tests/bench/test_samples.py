"""Samples repeat, lie where the data are, and name real tiles."""

import pytest

from bench.samples import COUNT, Samples, draw, tile_at
from bench.workload import Sample


def test_the_same_database_gives_the_same_samples(bench_url: str, samples: Samples) -> None:
    assert draw(bench_url, 3_000) == samples


def test_there_are_as_many_as_declared(samples: Samples) -> None:
    for kind in (Sample.PARCEL, Sample.PARCEL_BOX, Sample.ENTERPRISE_BOX):
        assert len(samples[kind]) == COUNT
    (deep,) = samples[Sample.DEEP]
    assert deep["offset"] == "2700"
    # The plan's own enterprises come before the synthetic ones.
    assert "syn-e000002600" < deep["after"] <= "syn-e000002700"


@pytest.mark.parametrize(
    ("lon", "lat", "zoom", "tile"),
    [
        (0.0, 0.0, 0, (0, 0)),
        (-180.0, 85.0511, 4, (0, 0)),
        (179.999, -85.051, 4, (15, 15)),
        (116.391, 39.907, 12, (3372, 1552)),
    ],
)
def test_tiles_are_those_of_the_web_mercator_quad(
    lon: float, lat: float, zoom: int, tile: tuple[int, int]
) -> None:
    assert tile_at(lon, lat, zoom) == tile


def test_no_tile_comes_twice(samples: Samples) -> None:
    for kind in (Sample.TILE_12, Sample.TILE_14):
        tiles = [tuple(sample.values()) for sample in samples[kind]]
        assert len(set(tiles)) == len(tiles) > 1
