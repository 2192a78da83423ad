"""Reading of histories through the pool of a role, and of imports as the owner."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Row, Select, bindparam, func, select

from geodata.database.engine import open_engine
from geodata.database.pool import Pool
from geodata.database.representation import readable
from geodata.database.statement import Statement, compile_statement
from geodata.errors import FeatureNotFoundError
from geodata.features.identifier import is_feature_id
from geodata.history.changes import Change, ChangeKind, changes
from geodata.history.states import states
from geodata.ingest.batch import IMPORTS
from geodata.ingest.undo import ImportNotFoundError
from layers.attribute import Role
from layers.layer import Layer

PAGE = 50
"""Imports of one page of the list."""


@dataclass(frozen=True)
class ImportsPage:
    """Imports, newest first; `next_before` is what to ask for next, None at the end."""

    imports: tuple[Row[Any], ...]
    next_before: int | None


async def read_history(
    pool: Pool,
    layer: Layer,
    feature_id: str,
    reader: Role = Role.PUBLIC,
    *,
    with_who: bool = False,
) -> tuple[Change, ...]:
    """Changes of a feature in what a role may read.

    Args:
        pool: connections as the serving role of the reader.
        layer: of the feature.
        feature_id: its id.
        reader: who reads.
        with_who: also who made them, why and by which import: for planners and above.

    Raises:
        FeatureNotFoundError: no feature bears or ever bore that id.
    """
    _check_id(layer, feature_id)
    rows = await pool.fetch(_states(layer, reader, with_who), {"id": feature_id})
    return _visible(_changes(layer, feature_id, rows, readable(layer, reader)))


def imports_page(url: str, before: int | None = None) -> ImportsPage:
    """Imports below a number, newest first."""
    query = _imports().order_by(IMPORTS.c.id.desc()).limit(PAGE + 1)
    if before is not None:
        query = query.where(IMPORTS.c.id < before)
    rows = _fetch(url, query, {})
    return ImportsPage(tuple(rows[:PAGE]), rows[PAGE - 1].id if len(rows) > PAGE else None)


def read_import(url: str, number: int) -> Row[Any]:
    """One import.

    Raises:
        ImportNotFoundError: no such import.
    """
    rows = _fetch(url, _imports().where(IMPORTS.c.id == bindparam("number")), {"number": number})
    if not rows:
        raise ImportNotFoundError(number, None)
    return rows[0]


def _imports() -> Select[*tuple[Any, ...]]:
    """Imports with the last one that took each back."""
    undoing = IMPORTS.alias("undoing")
    undone = select(func.max(undoing.c.id)).where(undoing.c.undoes == IMPORTS.c.id)
    return select(IMPORTS, undone.scalar_subquery().label("undone_by"))


@lru_cache(maxsize=64)
def _states(layer: Layer, reader: Role, with_who: bool) -> Statement:
    return compile_statement(states(layer, readable(layer, reader), reader, with_who=with_who))


def _visible(found: Iterable[Change]) -> tuple[Change, ...]:
    """A change of what only others may read is not told of at all."""
    return tuple(
        change
        for change in found
        if change.kind is not ChangeKind.CHANGED or change.fields or change.geometry
    )


def _check_id(layer: Layer, feature_id: str) -> None:
    if not is_feature_id(feature_id):
        raise FeatureNotFoundError(layer.id, feature_id)


def _changes(
    layer: Layer, feature_id: str, rows: Sequence[Any], names: Sequence[str]
) -> tuple[Change, ...]:
    if not rows:
        raise FeatureNotFoundError(layer.id, feature_id)
    return changes(rows, names)


def _fetch(
    url: str, query: Select[*tuple[Any, ...]], values: dict[str, object]
) -> Sequence[Row[Any]]:
    engine = open_engine(url)
    try:
        with engine.connect() as connection:
            return connection.execute(query, values).all()
    finally:
        engine.dispose()
