"""Changes of single features: one transaction each, by whom and why, over no one else's work.

The transaction becomes the database's writing role of whoever asks, so that PostgreSQL itself
holds the declarations. Other writers of the layer wait until its end; readers do not. Members of
offices change features of their areas only: it is checked here, and PostgreSQL has the last word.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any, NamedTuple

import psycopg
from psycopg import errors
from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    RowMapping,
    Table,
    any_,
    delete,
    func,
    insert,
    literal,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import Text

from geodata.audit.asker import asker_settings
from geodata.database.author import Author, WriteRefusedError, become
from geodata.database.command import command
from geodata.database.representation import feature_text, geometry_text, readable
from geodata.database.tables import METADATA, SRID, coarse, layer_table
from geodata.errors import DatabaseBusyError, FeatureNotFoundError, GeodataError
from geodata.features.bounds import (
    ANYWHERE,
    Areas,
    check_added,
    check_changed,
    check_present,
    check_removed,
)
from geodata.features.crs import Crs
from geodata.features.identifier import is_feature_id
from geodata.features.tag import row_tag
from geodata.ingest.exclusive import refusals
from geodata.ingest.finding import Finding
from geodata.ingest.modes import Mode
from layers.attribute import Role
from layers.layer import Layer

MOST_FEATURES = 1000
"""Of one creation: their values are sent in one statement."""

KIND, TEXT, TAG = "-kind", "-text", "-tag"
"""GeoJSON type of its geometry, GeoJSON text and tag of a feature: no attribute has such names."""

WAITS = {"lock_timeout": "10s", "statement_timeout": "60s"}

Json = Mapping[str, Any]
"""A GeoJSON feature, or a part of one."""

Expected = Collection[str] | None
"""Tags (:func:`geodata.features.tag.row_tag`) one of which the feature must bear; None: any."""


class ExistingFeatureError(GeodataError):
    """New features whose ids the layer has."""

    def __init__(self, layer: Layer, ids: Sequence[str]) -> None:
        super().__init__(
            f"layer {layer.id!r} has features of these ids already: {', '.join(ids)};"
            " give the new ones others, or none"
        )


class KeptRowError(WriteRefusedError):
    """A feature that the database does not let the author change or remove."""

    def __init__(self, layer: Layer, feature_id: str) -> None:
        super().__init__(
            f"the database does not let you change feature {feature_id!r} of layer {layer.id!r}:"
            " it lies outside the areas of your groups; nothing was written"
        )


class LostUpdateError(GeodataError):
    """A change of a version of a feature that is no more.

    Args:
        present: the feature as it is, GeoJSON text, with what the reader may read.
        tag: its tag.
    """

    def __init__(self, layer: Layer, feature_id: str, present: str, tag: str) -> None:
        self.present, self.tag = present, tag
        super().__init__(
            f"feature {feature_id!r} of layer {layer.id!r} was changed since; nothing was written."
            f" Compare with the present version, whose tag is {tag}, and send the change again"
        )


class Written(NamedTuple):
    """A feature that was written, its new tag, and what asks for a second look."""

    id: str
    tag: str
    warnings: tuple[Finding, ...] = ()


@contextmanager
def changing(engine: Engine, layer: Layer, author: Author) -> Iterator[Connection]:
    """A transaction in which an author changes features; all of it or nothing.

    Raises:
        WriteRefusedError: the database lets the author not change the layer, or these features.
        RowsRefusedError: a rule of the database, in its words.
        DatabaseBusyError: another writer did not end in time.
    """
    with _refused(layer, author), engine.begin() as connection:
        _become(connection, author)
        with refusals(layer):
            command(connection, "LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE", layer.id)
            yield connection
            command(connection, "SET CONSTRAINTS ALL IMMEDIATE")


def create(
    connection: Connection,
    layer: Layer,
    features: Sequence[Json],
    crs: Crs,
    *,
    areas: Areas = ANYWHERE,
) -> list[Written]:
    """Add features; those without an id get one as imported rows do.

    Args:
        areas: that the author's groups look after.

    Raises:
        RefusedError: breaches of the layer's rules.
        OutsideAreasError: some lie in none of the areas.
        ExistingFeatureError: ids that are taken.
    """
    rows, warnings = _checked(connection, layer, features, crs, Mode.APPEND)
    check_added(connection, layer, rows, areas)
    table, ids = layer_table(METADATA, layer), [row["id"] for row in rows]
    if taken := connection.execute(select(table.c.id).where(_one_of(table, ids))).scalars().all():
        raise ExistingFeatureError(layer, sorted(taken))
    connection.execute(insert(table).values([_values(row) for row in rows]))
    return [
        each._replace(warnings=tuple(found for found in warnings if (found.row or 1) == position))
        for position, each in enumerate(_written(connection, table, ids), start=1)
    ]


def replace(
    connection: Connection,
    layer: Layer,
    feature_id: str,
    feature: Json,
    crs: Crs,
    *,
    reader: Role,
    expected: Expected,
    areas: Areas = ANYWHERE,
) -> Written:
    """Make a feature what is given; attributes that are not become null.

    Args:
        reader: whom a version is told of that was not expected.
        areas: that the author's groups look after.

    Raises:
        FeatureNotFoundError: no feature of that id.
        LostUpdateError: it bears none of the tags.
        RefusedError: breaches of the layer's rules.
        OutsideAreasError: it lies in none of the areas, or would.
        WriteRefusedError: as the database has it.
    """
    row = _expect(connection, layer, feature_id, reader, expected)
    return _change(connection, layer, row, feature, crs, areas, placed=True)


def merge(
    connection: Connection,
    layer: Layer,
    feature_id: str,
    patch: Json,
    crs: Crs,
    *,
    reader: Role,
    expected: Expected,
    areas: Areas = ANYWHERE,
) -> Written:
    """Change the members of a feature that a JSON merge patch names (RFC 7396).

    Raises:
        GeodataError: as :func:`replace`.
    """
    row = _expect(connection, layer, feature_id, reader, expected)
    names = [each.name for each in layer.all_attributes]
    present: dict[str, Any] = {
        "type": "Feature",
        "properties": {name: _plain(row[name]) for name in names},
    }
    if placed := "geometry" in patch:
        present["geometry"] = None if row[KIND] is None else {"type": row[KIND]}
    return _change(connection, layer, row, patched(present, patch), crs, areas, placed=placed)


def remove(
    connection: Connection,
    layer: Layer,
    feature_id: str,
    *,
    reader: Role,
    expected: Expected,
    areas: Areas = ANYWHERE,
) -> None:
    """Remove a feature; the history keeps it.

    Raises:
        FeatureNotFoundError: no feature of that id.
        LostUpdateError: it bears none of the tags.
        OutsideAreasError: it lies in none of the areas.
        WriteRefusedError: as the database has it.
    """
    row = _expect(connection, layer, feature_id, reader, expected)
    check_removed(connection, layer, row, areas)
    table = layer_table(METADATA, layer)
    removed = connection.execute(delete(table).where(table.c.id == feature_id)).rowcount
    if not removed:
        raise KeptRowError(layer, feature_id)


def patched(target: object, patch: object) -> Any:
    """A JSON value after a merge patch (RFC 7396, 2)."""
    if not isinstance(patch, Mapping):
        return patch
    found = dict(target) if isinstance(target, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            found.pop(name, None)
        else:
            found[name] = patched(found.get(name), value)
    return found


def _checked(
    connection: Connection,
    layer: Layer,
    features: Sequence[Json],
    crs: Crs,
    mode: Mode,
    *,
    placed: bool = True,
) -> tuple[list[dict[str, Any]], list[Finding]]:
    """Rows as :func:`geodata.features.submitted.submitted_rows` makes them.

    It checks as imports do, with Arrow: who only reads does without those 40 MB.
    """
    from geodata.features.submitted import submitted_rows

    return submitted_rows(connection, layer, features, crs, mode, placed=placed)


def _change(
    connection: Connection,
    layer: Layer,
    present: RowMapping,
    feature: Json,
    crs: Crs,
    areas: Areas,
    *,
    placed: bool,
) -> Written:
    """What is the same is not written, and keeps its tag."""
    feature_id = present["id"]
    check_present(connection, layer, present, areas)
    _take(connection, layer, feature_id)
    given = {**feature, "id": feature_id}
    (row,), warnings = _checked(connection, layer, [given], crs, Mode.UPDATE, placed=placed)
    check_changed(connection, layer, row, areas)
    table = layer_table(METADATA, layer)
    values = {name: value for name, value in _values(row).items() if name != "id"}
    columns = tuple_(*(table.c[name] for name in values))
    differs = columns.is_distinct_from(
        tuple_(*(_bound(table, name, value) for name, value in values.items()))
    )
    connection.execute(update(table).where(table.c.id == feature_id, differs).values(values))
    return _written(connection, table, [feature_id])[0]._replace(warnings=tuple(warnings))


def _expect(
    connection: Connection, layer: Layer, feature_id: str, reader: Role, expected: Expected
) -> RowMapping:
    """The row as it is, which the author must know."""
    row = _present(connection, layer, feature_id, reader)
    if expected is not None and row[TAG] not in expected:
        raise LostUpdateError(layer, feature_id, row[TEXT], row[TAG])
    return row


def _take(connection: Connection, layer: Layer, feature_id: str) -> None:
    """Row-level security passes over a row that may not be changed: here that is a refusal."""
    table = layer_table(METADATA, layer)
    mine = select(table.c.id).where(table.c.id == feature_id).with_for_update()
    if connection.execute(mine).one_or_none() is None:
        raise KeptRowError(layer, feature_id)


def _present(connection: Connection, layer: Layer, feature_id: str, reader: Role) -> RowMapping:
    table = layer_table(METADATA, layer)
    told = table.c.geom if layer.tells_positions(reader) else coarse(table.c.geom, layer)
    text = feature_text(table, readable(layer, reader), geometry_text(told, layer))
    kind = func.replace(func.ST_GeometryType(table.c.geom), "ST_", "")
    attributes = [table.c.id, *(table.c[each.name] for each in layer.all_attributes)]
    query = select(*attributes, kind.label(KIND), text.label(TEXT), row_tag(table).label(TAG))
    found = None
    if is_feature_id(feature_id):
        found = connection.execute(query.where(table.c.id == feature_id)).mappings().one_or_none()
    if found is None:
        raise FeatureNotFoundError(layer.id, feature_id)
    return found


def _written(connection: Connection, table: Table, ids: Sequence[str]) -> list[Written]:
    """In the order of the ids."""
    found = connection.execute(select(table.c.id, row_tag(table)).where(_one_of(table, ids)))
    tags = {row[0]: row[1] for row in found}
    return [Written(each, tags[each]) for each in ids]


def _one_of(table: Table, ids: Sequence[str]) -> ColumnElement[bool]:
    return table.c.id == any_(literal(list(ids), ARRAY(Text)))


def _values(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _shape(value) if name == "geom" else value for name, value in row.items()}


def _shape(wkb: bytes | None) -> ColumnElement[Any] | None:
    return None if wkb is None else func.ST_GeomFromWKB(wkb, SRID)


def _bound(table: Table, name: str, value: Any) -> ColumnElement[Any]:
    return value if isinstance(value, ColumnElement) else literal(value, table.c[name].type)


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def _become(connection: Connection, author: Author) -> None:
    settings = {
        **WAITS,
        **asker_settings(),
        "zgc.actor": author.actor,
        "zgc.reason": author.reason or "",
    }
    connection.execute(
        select(*(func.set_config(name, value, True) for name, value in settings.items()))
    )
    become(connection, author.role)


@contextmanager
def _refused(layer: Layer, author: Author) -> Iterator[None]:
    """The database's refusal to let somebody write, in our terms."""
    try:
        yield
    except DBAPIError as error:
        _raise_known(layer, author, error.orig, error)
        raise
    except psycopg.Error as error:
        _raise_known(layer, author, error, error)
        raise


def _raise_known(
    layer: Layer, author: Author, error: BaseException | None, cause: Exception
) -> None:
    if isinstance(error, errors.InsufficientPrivilege):
        raise WriteRefusedError(
            f"the database does not let {author.actor}, {author.role}, do this: layer"
            f" {layer.id!r} is for {layer.writer}, and for members of groups in their areas only"
        ) from cause
    if isinstance(error, errors.LockNotAvailable | errors.QueryCanceled):
        raise DatabaseBusyError(
            f"another change of layer {layer.id!r} did not end within {WAITS['lock_timeout']}"
        ) from cause
