"""Tiles out of the database."""

from collections.abc import Callable, Mapping
from functools import lru_cache

from geodata.database.pool import Pool
from geodata.database.statement import Statement, StatementCache
from geodata.features.selection import WHOLE_LAYER, Selection, shape_of, values_of
from geodata.tiles.matrix_sets import TileMatrixSet
from geodata.tiles.rules import CLUSTER_CELLS, MERGED_CELLS, merged_span, thin_width
from geodata.tiles.statement import Form, Part, tiles_query
from geodata.tiles.tile import Tile

STATEMENTS = StatementCache()


async def read_tiles(
    pool: Pool, tile: Tile, parts: tuple[Part, ...], selection: Selection = WHOLE_LAYER
) -> list[bytes]:
    """The tile of each part, in order; an empty one where the layer has nothing there."""
    statement = tile_statement(tile, parts, selection)
    values = {**values_of(selection), **tile_values(tile, statement)}
    row = await pool.fetchrow(statement, values)
    return [] if row is None else [bytes(layer or b"") for layer in row.values()]


def tile_statement(
    tile: Tile, parts: tuple[Part, ...], selection: Selection = WHOLE_LAYER
) -> Statement:
    """The query for a tile, compiled once for all tiles of a zoom and grid."""
    form = Form(parts, tile.zoom, tile.srid)
    return STATEMENTS.get((form, shape_of(selection)), lambda: tiles_query(form, selection))


def tile_values(tile: Tile, statement: Statement) -> Mapping[str, object]:
    """Values of the parameters that hang on the tile, as far as the statement has them."""
    edges = {name: EDGES[name](tile) for name in statement.parameters if name in EDGES}
    return {
        **tile.box._asdict(),
        **tile.frame._asdict(),
        **edges,
        "small": merged_span(tile.zoom),
        "thin": thin_width(tile.zoom),
    }


def _edges(name: str, cells: int) -> Mapping[str, Callable[[Tile], list[float]]]:
    return {
        f"{name}_longitudes": lambda tile: _longitudes(
            tile.matrix_set, tile.level, tile.column, cells
        ),
        f"{name}_latitudes": lambda tile: _latitudes(tile.matrix_set, tile.level, tile.row, cells),
    }


@lru_cache(maxsize=4096)
def _longitudes(grid: TileMatrixSet, level: int, column: int, cells: int) -> list[float]:
    return Tile(grid, level, 0, column).longitudes(cells)


@lru_cache(maxsize=4096)
def _latitudes(grid: TileMatrixSet, level: int, row: int, cells: int) -> list[float]:
    """Kept, since a Mercator grid's cost a tenth of a small tile."""
    return Tile(grid, level, row, 0).latitudes(cells)


EDGES = {**_edges("cluster", CLUSTER_CELLS), **_edges("merged", MERGED_CELLS)}
"""Edges of cells by parameter: only lists that a statement asks for are made."""
