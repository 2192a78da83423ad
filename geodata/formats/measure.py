"""What a Shapefile must know before it begins: how wide its texts are, and that it fits."""

from collections.abc import Mapping
from typing import Any

import asyncpg
from sqlalchemy import ColumnElement, func, literal, select

from geodata.formats.dbase import LARGEST, record_bytes
from geodata.formats.errors import TooManyFeaturesError
from geodata.formats.format import Source
from layers.attribute import ValueType
from layers.layer import Geometry

POINT_BYTES = 28
"""Record of a point: header 8, type 4, two doubles."""


async def measured(connection: asyncpg.Connection, source: Source) -> Mapping[str, int]:
    """Most bytes that the values of each text column take; 1 where there are none.

    Raises:
        TooManyFeaturesError: the table or the shapes would be larger than 2 GB.
    """
    texts = ["id", *(each.name for each in source.attributes if each.type is ValueType.TEXT)]
    chosen = source.selection.with_only_columns(
        *source.columns(), source.rows.c["geom"], maintain_column_froms=True
    ).subquery()
    longest = [func.max(func.octet_length(chosen.c[name])).label(name) for name in texts]
    shapes = func.sum(_shape_bytes(source, chosen.c["geom"]))
    figures: list[ColumnElement[Any]] = [func.count(), shapes, *longest]
    row = await source.fetchrow(connection, select(*figures))
    count, shape_bytes, *widest = row if row is not None else (0, 0, *(0 for _ in texts))
    widths = {name: max(width or 0, 1) for name, width in zip(texts, widest, strict=True)}
    _refuse_too_large(
        {"shp": shape_bytes or 0, "dbf": count * record_bytes(source.attributes, widths)}
    )
    return widths


def _shape_bytes(source: Source, shape: ColumnElement[Any]) -> ColumnElement[int]:
    """A record of several parts: header 8, type 4, box 32, two counts 8, then parts and points."""
    if source.layer.geometry is Geometry.POINT:
        return literal(POINT_BYTES)
    parts = func.greatest(func.ST_NRings(shape), func.ST_NumGeometries(shape), 0)
    return 52 + 4 * parts + 16 * func.coalesce(func.ST_NPoints(shape), 0)


def _refuse_too_large(parts: Mapping[str, int]) -> None:
    for ending, size in parts.items():
        if size > LARGEST:
            raise TooManyFeaturesError(
                f"the .{ending} of the Shapefile would have {size / 2**30:.1f} GB, at most 2 fit;"
                " select fewer, by bbox, filter or properties, or choose gpkg, which has no limit"
            )
