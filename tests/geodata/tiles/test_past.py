"""Tiles as the books stood: what was changed, moved and removed since is as it was."""

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime
from typing import Any

import mapbox_vector_tile
import pytest
from sqlalchemy import Engine, select, text

from geodata.database.engine import open_engine
from geodata.database.pool import Pool, open_pool
from geodata.database.statement import compile_statement
from geodata.features.selection import Selection, rows_of
from geodata.tiles.matrix_sets import MATRIX_SETS
from geodata.tiles.read import read_tiles, tile_statement, tile_values
from geodata.tiles.rules import shown_attributes
from geodata.tiles.statement import Part
from geodata.tiles.tile import Tile
from layers.catalog import CATALOG

WEB = MATRIX_SETS["WebMercatorQuad"]
LAYERS = tuple(CATALOG.get(name) for name in ("enterprises", "parcels"))
ZOOMS = (9, 12, 15)
"""Clusters and merged shapes, then single ones."""

BEFORE = (
    """INSERT INTO enterprises (id, name_zh, source, as_of, boundary_status, geom)
    SELECT 'e' || i, '企业' || i, 'test', '2020-01-01', 'schematic',
        ST_SetSRID(ST_MakePoint(116.2 + 0.2 * power(random(), 3), 39.9 + 0.1 * random()), 4490)
    FROM generate_series(1, 6000) i""",
    """INSERT INTO parcels (id, name_zh, source, as_of, boundary_status, parcel_code, geom)
    SELECT 'p' || i, '宗地' || i, 'test', '2020-01-01', 'schematic',
        '110108001001GB' || lpad(i::text, 5, '0'),
        ST_Multi(ST_Expand(ST_SetSRID(
            ST_MakePoint(116.2 + 0.2 * random(), 39.9 + 0.1 * random()), 4490), 0.0003))
    FROM generate_series(1, 300) i""",
)
SINCE = (
    "DELETE FROM enterprises WHERE id LIKE '%1'",
    "DELETE FROM parcels WHERE id LIKE '%1'",
    "UPDATE enterprises SET name_zh = '改名' WHERE id LIKE '%2'",
    "UPDATE parcels SET geom = ST_Translate(geom, 0.01, 0.01) WHERE id LIKE '%2'",
    "UPDATE enterprises SET geom = NULL WHERE id LIKE '%3'",
    "UPDATE enterprises SET geom = NULL WHERE id LIKE '%2'",
)


@pytest.fixture(scope="module")
def engine(migrated_database: Callable[[], str]) -> Iterator[Engine]:
    url = migrated_database()
    engine = open_engine(url)
    run(engine, "SELECT setseed(0.5)", *BEFORE)
    yield engine
    engine.dispose()


@pytest.fixture
async def pool(engine: Engine) -> AsyncIterator[Pool]:
    url = engine.url.set(drivername="postgresql").render_as_string(False)
    pool = await open_pool(url, size=2, statement_timeout_s=30)
    yield pool
    await pool.close()


def run(engine: Engine, *statements: str) -> None:
    """Each in a transaction of its own."""
    for statement in statements:
        with engine.begin() as connection:
            connection.execute(text(statement))


def tile_at(zoom: int) -> Tile:
    return Tile(WEB, zoom, WEB.row(zoom, 39.95), WEB.column(zoom, 116.22))


async def features(pool: Pool, zoom: int, as_known: datetime | None) -> list[Any]:
    parts = tuple(Part(layer, shown_attributes(layer, zoom)) for layer in LAYERS)
    tiles = await read_tiles(pool, tile_at(zoom), parts, Selection(as_known=as_known))
    layers = [mapbox_vector_tile.decode(tile) for tile in tiles if tile]
    found = [feature for layer in layers for each in layer.values() for feature in each["features"]]
    return sorted(map(repr, found))


@pytest.mark.anyio
async def test_tiles_as_known_are_what_they_were(pool: Pool, engine: Engine) -> None:
    with engine.connect() as connection:
        instant = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    before = {zoom: await features(pool, zoom, None) for zoom in ZOOMS}
    assert all(before.values())
    run(engine, *SINCE)
    for zoom in ZOOMS:
        assert await features(pool, zoom, None) != before[zoom]
        assert await features(pool, zoom, instant) == before[zoom]
    assert await features(pool, 9, datetime.fromisoformat("2000-01-01T00:00:00Z")) == []


@pytest.mark.anyio
async def test_both_present_and_past_rows_are_found_by_the_spatial_index(pool: Pool) -> None:
    tile = tile_at(15)
    selection = Selection(as_known=datetime.fromisoformat("2020-01-01T00:00:00Z"))
    statement = tile_statement(tile, (Part(LAYERS[0], ()),), selection)
    values = {"as_known": selection.as_known, **tile_values(tile, statement)}
    async with pool.connection() as connection:
        await connection.execute("SET enable_seqscan = off")
        plan = await connection.fetch(f"EXPLAIN {statement.sql}", *statement.arguments(values))
        await connection.execute("RESET enable_seqscan")
    lines = "\n".join(row[0] for row in plan)
    assert "ix_enterprises_geom" in lines
    assert "ix_history_enterprises_geom" in lines
    assert "Seq Scan" not in lines


@pytest.mark.anyio
async def test_a_page_of_what_was_known_is_read_in_order_without_sorting(pool: Pool) -> None:
    instant = datetime.fromisoformat("2020-01-01T00:00:00Z")
    rows = rows_of(LAYERS[0], Selection(as_known=instant))
    statement = compile_statement(select(rows.c.id).order_by(rows.c.id).limit(10))
    async with pool.connection() as connection:
        arguments = statement.arguments({"as_known": instant})
        plan = await connection.fetch(f"EXPLAIN {statement.sql}", *arguments)
    lines = "\n".join(row[0] for row in plan)
    assert "Merge Append" in lines
    assert "Sort  (" not in lines
