"""Addresses of tiles, and edges that neighbours share."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.tiles.matrix_sets import MATRIX_SETS
from geodata.tiles.tile import EXTENT, NoSuchTileError, Tile, find_tile

GRIDS = list(MATRIX_SETS.values())
WEB = MATRIX_SETS["WebMercatorQuad"]

NO_TILES = [
    ("-1", "0", "0"),
    ("25", "0", "0"),
    ("1", "2", "0"),
    ("1", "0", "2"),
    ("1", "-1", "0"),
    ("1.0", "0", "0"),
    ("1", "0.5", "0"),
    ("one", "0", "0"),
    ("1", "", "0"),
    ("1", "0", "1e0"),
    ("1", "0", "+1"),
    ("1", "00", "1"),
    ("1", "0", "１"),
    ("1", "0", "9" * 5000),
    ("1", "0", "0x1"),
    ("1", " 0", "0"),
]


@pytest.mark.parametrize(("level", "row", "column"), NO_TILES)
def test_what_is_no_tile_is_refused_with_what_there_is(level, row, column) -> None:
    with pytest.raises(NoSuchTileError, match=r"must be a whole number from 0 to \d+"):
        find_tile(WEB, level, row, column)


def test_an_address_is_row_before_column() -> None:
    tile = find_tile(WEB, "12", "1550", "3370")
    assert (tile.level, tile.row, tile.column) == (12, 1550, 3370)
    west, south, east, north = tile.box
    assert west < 116.25 < east
    assert south < 40.0 < north


@st.composite
def tiles(draw: st.DrawFn) -> Tile:
    grid = draw(st.sampled_from(GRIDS))
    level = draw(st.sampled_from(grid.levels[1:]))
    columns, rows = grid.size(level)
    return Tile(
        grid,
        level,
        draw(st.integers(0, max(rows - 2, 0))),
        draw(st.integers(0, columns - 2)),
    )


@given(tiles(), st.sampled_from([1, 16, 64]))
def test_neighbours_share_their_edges_to_the_last_bit(tile: Tile, cells: int) -> None:
    east = Tile(tile.matrix_set, tile.level, tile.row, tile.column + 1)
    assert tile.longitudes(cells)[-1] == east.longitudes(cells)[0]
    if tile.row + 1 < tile.matrix_set.size(tile.level).rows:
        south = Tile(tile.matrix_set, tile.level, tile.row + 1, tile.column)
        assert tile.latitudes(cells)[0] == south.latitudes(cells)[-1]


@given(tiles(), st.sampled_from([1, 16, 64]))
def test_edges_ascend_and_lie_half_a_unit_before_the_tile(tile: Tile, cells: int) -> None:
    for edges in (tile.longitudes(cells), tile.latitudes(cells)):
        assert len(edges) == cells + 1
        assert edges == sorted(set(edges))
    unit = 360 / tile.matrix_set.size(tile.level).columns / EXTENT
    west = tile.matrix_set.longitude(tile.level, tile.column)
    assert tile.longitudes(cells)[0] == pytest.approx(west - unit / 2, abs=unit / 100 + 1e-12)


@pytest.mark.parametrize("grid", GRIDS, ids=lambda grid: grid.id)
def test_the_last_tile_holds_the_edge_of_the_world(grid) -> None:
    level = grid.first + 3
    columns, rows = grid.size(level)
    assert Tile(grid, level, 0, columns - 1).longitudes(4)[-1] > 180
    assert Tile(grid, level, rows - 1, 0).latitudes(4)[0] < grid.box.south
    assert Tile(grid, level, 0, 0).latitudes(4)[-1] > grid.box.north
