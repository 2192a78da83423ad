"""Synthetic parcels tile their blocks, carry valid codes and areas near the drawn ones."""

import numpy as np
import pytest
import shapely
from pyproj import Geod

from geodata.synthetic.areas import Areas
from geodata.synthetic.batch import Objects
from geodata.synthetic.blocks import BLOCKS, centres, nearest_blocks
from geodata.synthetic.parcels import MOST, TooManyParcelsError, check_count, parcels
from layers.codelist import DISTRICT, SUPPLY_MODE

ELLIPSOID = Geod(ellps="GRS80")


@pytest.fixture(scope="module")
def columns(areas: Areas) -> dict[str, Objects]:
    batches = list(parcels(areas, 3, 20_000))
    return {
        name: np.concatenate([each.columns[name] for each in batches])
        for name in batches[0].columns
    }


def test_parcels_never_overlap(columns: dict[str, Objects]) -> None:
    shapes = columns["geom"]
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = first < second
    shared = shapely.area(shapely.intersection(shapes[first[pairs]], shapes[second[pairs]]))
    assert shapely.is_valid(shapes).all()
    assert pairs.sum() > 10_000
    assert shared.max() < 1e-15


def test_neighbours_share_their_border(columns: dict[str, Objects]) -> None:
    """A block has no gaps: its lots leave no hole when they are joined."""
    blocks = {code[:12] for code in columns["parcel_code"][:600]}
    for block in sorted(blocks)[:50]:
        lots = [
            shape
            for shape, code in zip(columns["geom"], columns["parcel_code"], strict=True)
            if code[:12] == block
        ]
        joined = shapely.union_all(lots)
        assert joined.geom_type == "Polygon"
        assert len(joined.interiors) == 0


def test_parcels_have_five_to_twelve_vertices(columns: dict[str, Objects]) -> None:
    vertices = shapely.get_num_coordinates(columns["geom"]) - 1
    assert vertices.min() >= 5
    assert vertices.max() <= 12
    assert 8 <= vertices.mean() <= 10


def test_codes_are_unique_and_agree_with_county_and_ownership(columns: dict[str, Objects]) -> None:
    codes = columns["parcel_code"]
    assert len(set(codes)) == len(codes)
    for code, district, ownership in zip(
        codes, columns["district"], columns["land_ownership"], strict=True
    ):
        assert code[:6] == district
        assert code[12:14] == f"{ownership}B"
        assert district in set(DISTRICT)


def test_the_registered_area_is_near_the_drawn_one(columns: dict[str, Objects]) -> None:
    drawn = np.array(
        [abs(ELLIPSOID.geometry_area_perimeter(shape)[0]) for shape in columns["geom"][:2000]]
    )
    ratio = columns["area_registered_m2"][:2000].astype(float) / drawn
    assert np.abs(ratio - 1).max() < 0.02
    assert np.median(ratio) == pytest.approx(1, abs=5e-4)


def test_every_mode_of_supply_occurs_and_some_facts_are_missing(
    columns: dict[str, Objects],
) -> None:
    assert set(columns["supply_mode"]) == set(SUPPLY_MODE)
    for name in ("holder", "land_use"):
        assert 0 < np.mean([value is None for value in columns[name]]) < 0.1


def test_blocks_nearest_to_the_parks_come_first(areas: Areas) -> None:
    distances = areas.nearest(centres(nearest_blocks(areas, 20_000)))[1]
    assert len(distances) == 20_000
    assert (np.diff(distances) >= 0).all()
    assert distances[0] == 0


def test_no_block_comes_twice(areas: Areas) -> None:
    blocks = nearest_blocks(areas, 30_000)
    assert len(set(blocks.tolist())) == 30_000
    assert blocks.max() < BLOCKS < 1_000_000


def test_more_parcels_than_there_is_room_for_are_refused() -> None:
    check_count(MOST)
    with pytest.raises(TooManyParcelsError, match=str(MOST)):
        check_count(MOST + 1)
