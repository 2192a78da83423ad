"""A database with many points and small parcels, also on the borders of tiles."""

from collections.abc import AsyncIterator, Callable, Iterator

import pytest
from sqlalchemy import Engine, text

from geodata.database.engine import open_engine
from geodata.database.pool import Pool, open_pool

POINTS = 20_000
PARCELS = 3_000

ENTERPRISES = text(
    """
    INSERT INTO enterprises (id, name_zh, source, as_of, boundary_status, valid_from, geom)
    SELECT 'e' || i, '企业' || i, 'test', '2020-01-01', 'schematic',
        CASE WHEN i % 4 = 0 THEN date '2015-01-01' END,
        ST_SetSRID(ST_MakePoint(
            CASE WHEN i % 5 < 2 THEN -180 + 360 * (13488 + i % 7)::float8 / 16384
                 ELSE 116.2 + 0.3 * power(random(), 3) END,
            CASE WHEN i % 5 IN (1, 2) THEN 90 - 360 * (2280 + i % 5)::float8 / 16384
                 ELSE 39.85 + 0.2 * power(random(), 3) END), 4490)
    FROM generate_series(1, :count) i
    """
)
"""Two fifths on borders of columns, two fifths on borders of rows in degrees; valid from 2015."""

PARCEL_ROWS = text(
    """
    INSERT INTO parcels
        (id, name_zh, source, as_of, boundary_status, parcel_code, holder, area_registered_m2, geom)
    SELECT 'p' || i, '宗地' || i, 'test', '2020-01-01', 'authoritative',
        '110108001001GB' || lpad(i::text, 5, '0'), 'secret', i,
        ST_Multi(ST_MakeEnvelope(x, y, x + size, y + size, 4490))
    FROM (
        SELECT i, 116.2 + 0.3 * random() AS x, 39.85 + 0.2 * random() AS y,
            0.00002 + 0.0015 * power(random(), 2) AS size
        FROM generate_series(1, :count) i
    ) AS made
    """
)

ODD_SHAPES = text(
    """
    INSERT INTO parcels (id, name_zh, source, as_of, boundary_status, parcel_code, geom) VALUES
    ('sliver', '细条', 'test', '2020-01-01', 'schematic', '110108001001GB90001',
     ST_Multi(ST_MakeEnvelope(116.60001, 39.85, 116.60001 + 1e-9, 39.95, 4490))),
    ('speck', '微点', 'test', '2020-01-01', 'schematic', '110108001001GB90002',
     ST_Multi(ST_MakeEnvelope(116.65, 39.9, 116.65 + 1e-9, 39.9 + 1e-9, 4490)))
    """
)


@pytest.fixture(scope="session")
def crowd_url(migrated_database: Callable[[], str]) -> str:
    url = migrated_database()
    engine = open_engine(url)
    with engine.begin() as connection:
        connection.execute(text("SELECT setseed(0.5)"))
        connection.execute(ENTERPRISES, {"count": POINTS})
        connection.execute(PARCEL_ROWS, {"count": PARCELS})
        connection.execute(ODD_SHAPES)
    engine.dispose()
    return url


@pytest.fixture(scope="session")
def crowd_engine(crowd_url: str) -> Iterator[Engine]:
    engine = open_engine(crowd_url)
    yield engine
    engine.dispose()


@pytest.fixture
async def crowd(crowd_url: str) -> AsyncIterator[Pool]:
    pool = await open_pool(crowd_url, size=2, statement_timeout_s=30)
    yield pool
    await pool.close()
