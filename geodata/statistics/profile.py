"""Profile of an area: what lies in it and what the plan says of it.

Two counts stand side by side and are never mixed: `declared` follows the plan's own words (its
hierarchy and its assignments of enterprises), `located` follows positions on the ground.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from geodata.database.pool import Pool
from geodata.database.statement import Statement
from geodata.errors import FeatureNotFoundError, InvalidGeometryError, NoAreaError
from geodata.features.identifier import is_feature_id
from geodata.statistics import queries
from geodata.statistics.partition import area_holds
from layers.catalog import CATALOG
from layers.layer import Geometry, Layer

Tally = Mapping[str | None, int]

WIDEST = 180
"""Degrees of longitude or latitude."""


@dataclass(frozen=True, kw_only=True)
class Area:
    """The area a profile is of, as its layer holds it."""

    layer: str
    id: str
    name_zh: str
    name_en: str | None
    boundary_status: str
    parent: str | None
    counted_in: str | None
    published_area_km2: float | None
    published_area_source: str | None


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A figure of the plan, in the plan's unit."""

    value_low: float
    value_high: float
    qualifier: str
    year: str
    section: str
    quote: str


@dataclass(frozen=True, kw_only=True)
class Indicator:
    """An indicator of the plan for this very area: baseline, target or both."""

    key: str
    name_zh: str
    name_en: str
    figures: Mapping[str, Figure]
    units: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class GrowthTarget:
    """Enterprises that the plan names by revenue class."""

    name: str
    enterprise: str | None
    target: str
    kind: str
    section: str
    quote: str


@dataclass(frozen=True, kw_only=True)
class Profile:
    """Counts by layer and industry, land area and the plan's indicators.

    Args:
        area: the area, None for a drawn polygon.
        land_area_m2: ellipsoidal area of the boundary (CGCS2000), None without a boundary.
        declared: features by layer as the plan declares them, None for a drawn polygon.
        located: features by layer whose position lies in the boundary, None without one.
        declared_industries: assigned enterprises by industry code, likewise.
        located_industries: located enterprises by industry code, likewise.
        indicators: of this area only; the plan's figures are never broken down.
        growth_targets: of the whole zone only.
    """

    area: Area | None
    land_area_m2: float | None
    declared: Tally | None
    located: Tally | None
    declared_industries: Tally | None
    located_industries: Tally | None
    indicators: tuple[Indicator, ...] = field(default=())
    growth_targets: tuple[GrowthTarget, ...] = field(default=())


async def profile_of_area(
    pool: Pool, layer: Layer, feature_id: str, as_known: datetime | None = None
) -> Profile:
    """Profile of a feature of an area or district layer.

    Args:
        as_known: as the books stood at that instant; None: now. What is the plan's text and not
            a layer (assignments of enterprises, indicators, targets) has no former state.

    Raises:
        FeatureNotFoundError: no such feature.
        NoAreaError: the layer holds no areas.
    """
    if not _is_area(layer):
        raise NoAreaError(layer.id, [other.id for other in CATALOG if _is_area(other)])
    if not is_feature_id(feature_id):
        raise FeatureNotFoundError(layer.id, feature_id)
    books = _Books(pool, as_known)
    row = await pool.fetchrow(*books.ask(queries.area(layer, books.past), {"id": feature_id}))
    if row is None:
        raise FeatureNotFoundError(layer.id, feature_id)
    boundary = shapely.from_wkb(row["boundary"]) if row["boundary"] else None
    area = Area(layer=layer.id, **{name: row[name] for name in queries.AREA_COLUMNS})
    located, industries = await _located(books, boundary, own=(layer.id, feature_id))
    return Profile(
        area=area,
        land_area_m2=row["land_area_m2"],
        declared=await _declared(books, layer, feature_id),
        located=located,
        declared_industries=await _declared_industries(books, layer, feature_id),
        located_industries=industries,
        indicators=await _indicators(pool, feature_id),
        growth_targets=await _growth_targets(pool, area),
    )


async def profile_of_polygon(
    pool: Pool, polygon: BaseGeometry, as_known: datetime | None = None
) -> Profile:
    """Profile of any polygon.

    Args:
        polygon: valid Polygon or MultiPolygon, degrees, longitude first.
        as_known: as the books stood at that instant; None: now.

    Raises:
        InvalidGeometryError: it is so wide that its ellipsoidal area has no clear meaning.
    """
    _check_width(polygon)
    located, industries = await _located(_Books(pool, as_known), polygon, own=None)
    row = await pool.fetchrow(queries.LAND_AREA, {"boundary": shapely.to_wkb(polygon)})
    return Profile(
        area=None,
        land_area_m2=row["land_area_m2"] if row is not None else None,
        declared=None,
        located=located,
        declared_industries=None,
        located_industries=industries,
    )


class _Books:
    """The layers, now or as they were known at an instant."""

    def __init__(self, pool: Pool, as_known: datetime | None) -> None:
        self.pool = pool
        self.past = as_known is not None
        self._instant = {"as_known": as_known}

    def ask(
        self, statement: Statement, values: Mapping[str, object]
    ) -> tuple[Statement, Mapping[str, object]]:
        """A statement with its values and the instant."""
        return statement, {**values, **self._instant}


def _check_width(polygon: BaseGeometry) -> None:
    """Half the globe and more: which side is inside is not clear, and edges may be antipodal."""
    west, south, east, north = polygon.bounds
    span = max(east - west, north - south)
    if span >= WIDEST:
        raise InvalidGeometryError(f"spans {span:g} degrees; must be less than {WIDEST}")


def _is_area(layer: Layer) -> bool:
    return layer.is_area or layer.geometry is Geometry.AREA


async def _located(
    books: _Books, boundary: BaseGeometry | None, own: tuple[str, str] | None
) -> tuple[Tally | None, Tally | None]:
    if boundary is None or not queries.is_areal(boundary):
        return None, None
    counts: dict[str | None, int] = {}
    industries: Tally = {}
    for layer in CATALOG:
        tally = await _located_in_layer(books, layer, boundary, own)
        counts[layer.id] = sum(tally.values())
        if layer.id == "enterprises":
            industries = tally
    return counts, industries


async def _located_in_layer(
    books: _Books, layer: Layer, boundary: BaseGeometry, own: tuple[str, str] | None
) -> Tally:
    """Features by industry: clear of the border as PostGIS says, near it by the exact rule."""
    excluded = own[1] if own is not None and own[0] == layer.id else ""
    arguments = {"boundary": shapely.to_wkb(boundary), "own": excluded}
    tally = Counter[str | None]()
    for row in await books.pool.fetch(*books.ask(queries.inside(layer, books.past), arguments)):
        tally[row["industry"]] += row["count"]
    border = queries.near_border(layer, books.past)
    for row in await books.pool.fetch(*books.ask(border, arguments)):
        tally[row["industry"]] += area_holds(boundary, row["x"], row["y"]) - row["inside"]
    return +tally


async def _declared(books: _Books, layer: Layer, feature_id: str) -> Tally | None:
    if not layer.is_area:
        return None
    declared = queries.declared(books.past)
    rows = await books.pool.fetch(*books.ask(declared, {"area": feature_id}))
    return {other.id: 0 for other in CATALOG} | {row["layer"]: row["count"] for row in rows}


async def _declared_industries(books: _Books, layer: Layer, feature_id: str) -> Tally | None:
    if not layer.is_area:
        return None
    industries = queries.declared_industries(books.past)
    rows = await books.pool.fetch(*books.ask(industries, {"area": feature_id}))
    return {row["industry"]: row["count"] for row in rows}


async def _indicators(pool: Pool, feature_id: str) -> tuple[Indicator, ...]:
    grouped: dict[str, list[Mapping[str, Any]]] = {}
    for row in await pool.fetch(queries.INDICATORS, {"area": feature_id}):
        grouped.setdefault(row["key"], []).append(row)
    return tuple(_indicator(rows) for rows in grouped.values())


def _indicator(rows: Sequence[Mapping[str, Any]]) -> Indicator:
    first = rows[0]
    names = tuple(Figure.__dataclass_fields__)
    return Indicator(
        key=str(first["key"]),
        name_zh=str(first["name_zh"]),
        name_en=str(first["name_en"]),
        figures={str(row["kind"]): Figure(**{name: row[name] for name in names}) for row in rows},
        units={str(row["kind"]): str(row["unit"]) for row in rows},
    )


async def _growth_targets(pool: Pool, area: Area) -> tuple[GrowthTarget, ...]:
    if area.layer != "demonstration_zone" or area.parent is not None:
        return ()
    rows = await pool.fetch(queries.GROWTH_TARGETS)
    names = tuple(GrowthTarget.__dataclass_fields__)
    return tuple(GrowthTarget(**{name: row[name] for name in names}) for row in rows)
