"""Tile matrix sets against morecantile's and the published numbers."""

import math

import morecantile
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.tiles.matrix_sets import (
    MATRIX_SETS,
    UnknownTileMatrixSetError,
    find_matrix_set,
)

STANDARD = ("WebMercatorQuad", "WorldCRS84Quad")

TIANDITU = {1: 0.703125, 2: 0.3515625, 10: 0.001373291015625, 18: 0.703125 / 2**17}
"""Degrees a pixel of the matrices that Tianditu's WMTS capabilities publish (TILEMATRIXSET c)."""


@pytest.mark.parametrize("name", STANDARD)
def test_a_standard_set_is_as_another_library_has_it(name: str) -> None:
    ours, theirs = MATRIX_SETS[name], morecantile.tms.get(name)
    assert str(theirs.id) == ours.id
    assert len(theirs.tileMatrices) == len(ours.levels)
    for level, matrix in zip(ours.levels, theirs.tileMatrices, strict=True):
        assert matrix.id == str(level)
        assert ours.size(level) == (matrix.matrixWidth, matrix.matrixHeight)
        assert ours.cell_size(level) == pytest.approx(matrix.cellSize, rel=1e-9)
        assert ours.scale_denominator(level) == pytest.approx(matrix.scaleDenominator, rel=1e-9)
        assert list(ours.origin) == pytest.approx(list(matrix.pointOfOrigin), rel=1e-12)
        assert (matrix.tileWidth, matrix.tileHeight) == (256, 256)


@pytest.mark.parametrize(("level", "cell"), TIANDITU.items())
def test_the_cgcs2000_set_is_that_of_tianditu(level: int, cell: float) -> None:
    grid = MATRIX_SETS["CGCS2000Quad"]
    assert grid.cell_size(level) == cell
    assert grid.size(level) == (2**level, 2 ** (level - 1))
    assert grid.origin == (90, -180)
    assert (grid.first, grid.last, grid.axes) == (1, 18, ("Lat", "Lon"))


@pytest.mark.parametrize("grid", MATRIX_SETS.values(), ids=lambda grid: grid.id)
@given(data=st.data())
def test_a_place_lies_in_its_column_and_row(grid, data) -> None:
    level = data.draw(st.sampled_from(grid.levels))
    longitude = data.draw(st.floats(-179.9, 179.9))
    latitude = data.draw(st.floats(-84, 84))
    column, row = grid.column(level, longitude), grid.row(level, latitude)
    slack = 1e-9
    assert grid.longitude(level, column) <= longitude + slack
    assert longitude - slack <= grid.longitude(level, column + 1)
    assert grid.latitude(grid.y(level, row)) >= latitude - slack
    assert latitude + slack >= grid.latitude(grid.y(level, row + 1))


@pytest.mark.parametrize("grid", MATRIX_SETS.values(), ids=lambda grid: grid.id)
def test_places_beyond_the_edge_belong_to_the_outermost_tiles(grid) -> None:
    columns, rows = grid.size(5)
    assert (grid.column(5, -200), grid.column(5, 200)) == (0, columns - 1)
    assert (grid.row(5, 100), grid.row(5, -100)) == (0, rows - 1)


@pytest.mark.parametrize("grid", MATRIX_SETS.values(), ids=lambda grid: grid.id)
def test_zooms_mean_the_same_scale_in_all_sets(grid) -> None:
    for level in grid.levels:
        degrees = grid.longitude(level, 1) - grid.longitude(level, 0)
        assert grid.zoom(level) == round(math.log2(360 / degrees))


def test_an_unknown_set_is_refused_with_those_there_are() -> None:
    with pytest.raises(UnknownTileMatrixSetError, match=r"'Mercator'.*WebMercatorQuad, WorldCRS84"):
        find_matrix_set("Mercator")
