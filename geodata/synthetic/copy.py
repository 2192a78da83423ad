"""Straight COPY of checked batches into a layer's table: no staging, no merge.

Rows enter through the same triggers and constraints as any other; what is left out is the
comparison with rows that are there, which a table of synthetic data has none of.
"""

from collections.abc import Callable, Iterable, Iterator

import numpy as np
import psycopg
import shapely
from psycopg import sql

from geodata.database.tables import SRID
from geodata.synthetic.batch import Batch, Objects
from layers.layer import Layer

ABSENT = r"\N"

Progress = Callable[[int], None]


def copy_batches(
    connection: psycopg.Connection[tuple[object, ...]],
    layer: Layer,
    batches: Iterable[Batch],
    progress: Progress,
) -> None:
    """Write batches, all with the same columns, telling how many rows each had."""
    rows = iter(batches)
    first = next(rows, None)
    if first is None:
        return
    names = tuple(first.columns)
    with connection.cursor() as cursor, cursor.copy(_statement(layer, names)) as copy:
        for batch in _chain(first, rows):
            copy.write(_lines(batch, names))
            progress(len(batch))


def _chain(first: Batch, rest: Iterator[Batch]) -> Iterator[Batch]:
    yield first
    yield from rest


def _statement(layer: Layer, names: tuple[str, ...]) -> sql.Composed:
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    return sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(layer.id), columns)


def _lines(batch: Batch, names: tuple[str, ...]) -> str:
    """COPY text format; the word lists hold no character that it would have to escape."""
    columns = [_texts(name, batch.columns[name]) for name in names]
    return "\n".join(map("\t".join, zip(*columns, strict=True))) + "\n"


def _texts(name: str, column: Objects) -> list[str]:
    if name == "geom":
        column = _hex(column)
    return [ABSENT if value is None else str(value) for value in column.tolist()]


def _hex(shapes: Objects) -> Objects:
    """Extended WKB; None stays."""
    labelled = shapely.set_srid(shapes, SRID)
    written = shapely.to_wkb(labelled, hex=True, include_srid=True, byte_order=1)
    return np.asarray(written, dtype=object)
