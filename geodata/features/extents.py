"""Number of features and bounding box of a layer, found once a version."""

import math
from dataclasses import dataclass, field
from functools import lru_cache

from sqlalchemy import func, select

from geodata.database.pool import Pool
from geodata.database.statement import Statement, compile_statement
from geodata.database.tables import METADATA, told_tables
from geodata.database.versions import LayerVersions
from geodata.features.bbox import BBox
from layers.attribute import Role
from layers.layer import Layer

SCALE = 1_000_000
"""Steps a degree that the corners of a box are rounded to: about 0.1 m."""


@dataclass(frozen=True)
class Extent:
    """How many features a layer holds, and their box, rounded outward; None without positions.

    Args:
        count: features.
        bbox: box in degrees.
        heaviest: bytes of the longest public text of a feature.
    """

    count: int
    bbox: BBox | None
    heaviest: int = field(default=0, compare=False)


class Extents:
    """Extents of whole layers, cached by layer version."""

    def __init__(self, pool: Pool, versions: LayerVersions) -> None:
        self._pool = pool
        self._versions = versions
        self._extents: dict[str, tuple[int, Extent]] = {}

    async def of(self, layer: Layer) -> Extent:
        """Count and box of a layer."""
        version = await self._versions.current(layer)
        cached = self._extents.get(layer.id)
        if cached is None or cached[0] != version:
            cached = (version, await self._read(layer))
            self._extents[layer.id] = cached
        return cached[1]

    async def known(self, layer: Layer) -> Extent | None:
        """The extent of a layer if it has been found already, without finding it."""
        version = await self._versions.current(layer)
        cached = self._extents.get(layer.id)
        return cached[1] if cached is not None and cached[0] == version else None

    async def _read(self, layer: Layer) -> Extent:
        row = await self._pool.fetchrow(extent_statement(layer))
        if row is None:
            return Extent(0, None)
        corners = row["west"], row["south"], row["east"], row["north"]
        box = None if row["west"] is None else _outward(*corners)
        return Extent(row["count"], box, row["heaviest"])


@lru_cache(maxsize=256)
def extent_statement(layer: Layer) -> Statement:
    """Count and exact corners of a layer."""
    table, _ = told_tables(METADATA, layer, Role.PUBLIC)
    box = func.ST_Extent(table.c.geom)
    return compile_statement(
        select(
            func.count().label("count"),
            func.coalesce(func.max(func.octet_length(table.c.feature)), 0).label("heaviest"),
            func.ST_XMin(box).label("west"),
            func.ST_YMin(box).label("south"),
            func.ST_XMax(box).label("east"),
            func.ST_YMax(box).label("north"),
        ).select_from(table)
    )


def _outward(west: float, south: float, east: float, north: float) -> BBox:
    """Rounded so that the box still holds every coordinate."""
    return BBox(_below(west), _below(south), -_below(-east), -_below(-north))


def _below(degrees: float) -> float:
    """Rounded down; one step further where the product itself was rounded up."""
    steps = math.floor(degrees * SCALE)
    return (steps if steps / SCALE <= degrees else steps - 1) / SCALE
