"""Profiles as the books stood: whatever became of the layers since, they say what they said."""

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime

import pytest
import shapely
from sqlalchemy import Engine, text

from geodata.database.engine import open_engine
from geodata.database.pool import Pool, open_pool
from geodata.errors import FeatureNotFoundError
from geodata.plan.load import load_plan
from geodata.statistics.profile import profile_of_area, profile_of_polygon
from layers.catalog import CATALOG

AREAS = (
    ("demonstration_zone", "zgc-zone"),
    ("clusters", "north"),
)
SQUARE = shapely.box(116.2, 39.8, 116.6, 40.2)

SINCE = (
    "DELETE FROM enterprises WHERE id LIKE 'b%'",
    "UPDATE enterprises SET industry = NULL WHERE id LIKE 'a%' OR id LIKE 'd%'",
    "UPDATE enterprises SET geom = ST_Translate(geom, 1, 1) WHERE id LIKE 'c%'",
    "UPDATE bases SET parent = NULL",
    "UPDATE clusters SET geom = ST_Multi(ST_Buffer(geom, -0.01)) WHERE geom IS NOT NULL",
    "DELETE FROM projects",
)


@pytest.fixture(scope="module")
def engine(migrated_database: Callable[[], str]) -> Iterator[Engine]:
    url = migrated_database()
    load_plan(url, lambda _: None)
    engine = open_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture
async def books(engine: Engine) -> AsyncIterator[Pool]:
    url = engine.url.set(drivername="postgresql").render_as_string(False)
    pool = await open_pool(url, size=2, statement_timeout_s=30)
    yield pool
    await pool.close()


@pytest.mark.anyio
async def test_profiles_as_known_are_what_they_were(books: Pool, engine: Engine) -> None:
    areas = [(CATALOG.get(layer), feature_id) for layer, feature_id in AREAS]
    before = [await profile_of_area(books, *area) for area in areas]
    drawn = await profile_of_polygon(books, SQUARE)
    instant = datetime.now(UTC)
    assert [await profile_of_area(books, *area, instant) for area in areas] == before
    for statement in SINCE:
        with engine.begin() as connection:
            connection.execute(text(statement))
    for area, was in zip(areas, before, strict=True):
        now = await profile_of_area(books, *area)
        assert now != was
        then = await profile_of_area(books, *area, instant)
        assert (then.declared, then.located) == (
            {**(was.declared or {}), "enterprises": (now.declared or {})["enterprises"]},
            was.located,
        )
        assert (then.land_area_m2, then.area) == (was.land_area_m2, was.area)
        assert then.located_industries == was.located_industries
    assert await profile_of_polygon(books, SQUARE) != drawn
    assert await profile_of_polygon(books, SQUARE, instant) == drawn


@pytest.mark.anyio
async def test_before_the_plan_was_loaded_there_was_no_area(books: Pool) -> None:
    early = datetime(2000, 1, 1, tzinfo=UTC)
    with pytest.raises(FeatureNotFoundError):
        await profile_of_area(books, CATALOG.get("clusters"), "north", early)
