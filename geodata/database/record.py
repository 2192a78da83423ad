"""Record triggers: public representation, history and version of every layer row.

Whatever way a change comes (import, API, psql), the database itself writes the feature's
public GeoJSON text, keeps the row that is replaced and moves the layer's version on.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    MetaData,
    Table,
    Text,
    cast,
    column,
    func,
    literal,
    literal_column,
    select,
    table,
    true,
)

from geodata.audit.watch import NOTED
from geodata.database.representation import feature_text, geometry_text, public_names
from geodata.database.statement import sql_text
from geodata.database.tables import HISTORY, coarse, layer_table
from layers.catalog import Catalog
from layers.layer import Layer

VERSION_CHANNEL = "zgc_layer"
"""NOTIFY channel; the payload is `layer version`."""


AS_OWNER = {"register_area": " SECURITY DEFINER SET search_path = public, pg_temp"}
"""Functions that write what no writing role may: on the registry of areas hangs who may what."""


@dataclass(frozen=True)
class Routine:
    """A trigger function and the statements that install or remove it.

    Args:
        name: function name, without arguments.
        body: source text as PostgreSQL keeps it in `pg_proc.prosrc`.
    """

    name: str
    body: str

    @property
    def create(self) -> str:
        """DDL that makes or replaces the function."""
        head = f"CREATE OR REPLACE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql"
        return f"{head}{AS_OWNER.get(self.name, '')} AS $${self.body}$$"

    @property
    def drop(self) -> str:
        """DDL that removes the function."""
        return f"DROP FUNCTION {self.name}()"


@dataclass(frozen=True)
class Trigger:
    """A trigger of a layer table.

    Args:
        name: trigger name.
        table: table it belongs to.
        create: DDL worded as `pg_get_triggerdef` words it.
    """

    name: str
    table: str
    create: str

    @property
    def drop(self) -> str:
        """DDL that removes the trigger."""
        return f"DROP TRIGGER {self.name} ON {self.table}"


def _setting(name: str) -> ColumnElement[str]:
    """A setting of the session, null where it is not set or empty."""
    return func.nullif(func.current_setting(name, true(), type_=Text), "", type_=Text)


ACTOR = func.coalesce(_setting("zgc.actor"), literal_column("session_user"), type_=Text)
REASON = _setting("zgc.reason")
IMPORT = cast(_setting("zgc.import"), BigInteger)
"""Who changes rows, why, and by which import: what the session says of itself."""

NEXT_VERSION = (
    "INSERT INTO layer_versions AS v (layer, version, changed_at)"
    " VALUES ({layer}, 1, clock_timestamp())"
    " ON CONFLICT (layer) DO UPDATE SET version = v.version + 1, changed_at = clock_timestamp()"
)

RECORD_CHANGE = Routine(
    "record_change",
    f"""
DECLARE
  columns text;
  next_version bigint;
BEGIN
  IF NOT EXISTS (SELECT FROM changed) THEN
    RETURN NULL;
  END IF;
  IF TG_OP <> 'INSERT' THEN
    SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) INTO columns
      FROM pg_attribute WHERE attrelid = TG_RELID AND attnum > 0 AND NOT attisdropped;
    EXECUTE format(
      'INSERT INTO {HISTORY}.%I (operation, superseded_at, superseded_by, superseded_reason,'
      ' superseded_import, %s)'
      ' SELECT $1, greatest(now(), recorded_at), $2, $3, $4, %s FROM changed',
      TG_TABLE_NAME, columns, columns)
      USING lower(TG_OP), {sql_text(ACTOR)}, {sql_text(REASON)}, {sql_text(IMPORT)};
  END IF;
  {NEXT_VERSION.format(layer="TG_TABLE_NAME")}
    RETURNING version INTO next_version;
  PERFORM pg_notify('{VERSION_CHANNEL}', TG_TABLE_NAME || ' ' || next_version);
{NOTED}  RETURN NULL;
END
""",
)

REFUSE_TRUNCATE = Routine(
    "refuse_truncate",
    """
BEGIN
  RAISE EXCEPTION 'TRUNCATE % would lose its history; use DELETE', TG_TABLE_NAME;
END
""",
)

REGISTER_AREA = Routine(
    "register_area",
    """
BEGIN
  IF TG_OP = 'DELETE' OR (TG_OP = 'UPDATE' AND old.id <> new.id) THEN
    DELETE FROM areas WHERE id = old.id;
  END IF;
  IF TG_OP <> 'DELETE' THEN
    INSERT INTO areas (id, layer, parent, counted_in)
      VALUES (new.id, TG_TABLE_NAME, new.parent, new.counted_in)
      ON CONFLICT (id) DO UPDATE SET parent = excluded.parent, counted_in = excluded.counted_in
      WHERE areas.layer = excluded.layer;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'area id % is already used by another layer', new.id
        USING ERRCODE = 'unique_violation';
    END IF;
  END IF;
  RETURN NULL;
END
""",
)

SHARED_ROUTINES = (RECORD_CHANGE, REFUSE_TRUNCATE, REGISTER_AREA)


FEATURE_SUFFIX = "_feature"

TEXT_ASSIGNMENT = re.compile(
    r"^  new\.feature := (?P<expression>.*);\n  new\.recorded_at", re.M | re.S
)


def routines(metadata: MetaData, catalog: Catalog) -> Iterator[Routine]:
    """Every trigger function the catalog needs."""
    yield from SHARED_ROUTINES
    for layer in catalog:
        yield feature_routine(metadata, layer)


def feature_routine(metadata: MetaData, layer: Layer) -> Routine:
    """The function that fills a row's public text and record columns before it is written.

    A transaction may change a row that a later one changed and committed first: its own time
    would then lie before the row it replaces, so record time never runs backwards in a row.
    """
    expression = sql_text(public_feature(layer_table(metadata, layer), layer))
    return Routine(
        f"{layer.id}{FEATURE_SUFFIX}",
        f"""
BEGIN
  new.feature := {expression};
  new.recorded_at := greatest(now(), old.recorded_at);
  new.recorded_by := {sql_text(ACTOR)};
  new.recorded_reason := {sql_text(REASON)};
  new.recorded_import := {sql_text(IMPORT)};
  RETURN new;
END
""",
    )


def triggers(layer: Layer) -> Iterator[Trigger]:
    """Every trigger of a layer's table."""
    yield _trigger(layer, "feature", "BEFORE INSERT OR UPDATE", "", "ROW", f"{layer.id}_feature")
    for event, rows in (("INSERT", "NEW"), ("UPDATE", "OLD"), ("DELETE", "OLD")):
        yield _trigger(
            layer,
            f"record_{event.lower()}",
            f"AFTER {event}",
            f" REFERENCING {rows} TABLE AS changed",
            "STATEMENT",
            RECORD_CHANGE.name,
        )
    yield _trigger(
        layer, "refuse_truncate", "BEFORE TRUNCATE", "", "STATEMENT", REFUSE_TRUNCATE.name
    )
    if layer.is_area:
        yield _trigger(
            layer, "register_area", "AFTER INSERT OR DELETE OR UPDATE", "", "ROW", "register_area"
        )


def is_feature_body(body: str) -> bool:
    """Whether a trigger function is one of :func:`feature_routine`'s."""
    return TEXT_ASSIGNMENT.search(body) is not None


def derive_again(layer_id: str, body: str) -> Iterator[str]:
    """Statements that write the public text of all rows, past ones too, as a function would.

    The rows themselves do not change, so no history is kept; but the version moves on, since
    whoever holds the former text should ask again. A table with deferred checks outstanding
    cannot be altered: they are made first.
    """
    found = TEXT_ASSIGNMENT.search(body)
    if found is None:
        return
    expression = found["expression"]
    yield "SET CONSTRAINTS ALL IMMEDIATE"
    yield f"ALTER TABLE {layer_id} DISABLE TRIGGER USER"
    for name in (layer_id, f"{HISTORY}.{layer_id}"):
        yield (
            f"UPDATE {name} AS new SET feature = {expression}"
            f" WHERE feature IS DISTINCT FROM {expression}"
        )
    yield f"ALTER TABLE {layer_id} ENABLE TRIGGER USER"
    yield "SET CONSTRAINTS ALL DEFERRED"
    yield move_version(layer_id)


def move_version(layer_id: str) -> str:
    """The statement that moves a layer's version on and tells those who listen."""
    next_version = NEXT_VERSION.format(layer=f"'{layer_id}'")
    return (
        f"WITH moved AS ({next_version} RETURNING layer, version)"
        f" SELECT pg_notify('{VERSION_CHANNEL}', layer || ' ' || version) FROM moved"
    )


def public_feature(rows: Table, layer: Layer) -> ColumnElement[str]:
    """GeoJSON text of the row a trigger sees, with the attributes that everyone may read."""
    row = table("new", *(column(each.name, each.type) for each in rows.c))
    return public_text(row, layer)


def public_text(rows: FromClause, layer: Layer, absent: Collection[str] = ()) -> ColumnElement[str]:
    """GeoJSON text of rows, with the attributes that everyone may read.

    Args:
        absent: columns that are null in every row, and which `rows` thus need not have.
    """
    geometry: ColumnElement[str] = literal("null", Text)
    if "geom" not in absent:
        geometry = geometry_text(coarse(rows.c.geom, layer), layer)
    return feature_text(rows, public_names(layer), geometry, absent)


def recorded_now(
    former: ColumnElement[datetime] | None = None,
) -> dict[str, ColumnElement[Any]]:
    """What the record trigger writes beside the text, by column; found out once a statement.

    Args:
        former: record time of the row that is replaced.
    """
    now = func.now() if former is None else func.greatest(func.now(), former)
    return {
        "recorded_at": now,
        "recorded_by": select(ACTOR).scalar_subquery(),
        "recorded_reason": select(REASON).scalar_subquery(),
        "recorded_import": select(IMPORT).scalar_subquery(),
    }


def _trigger(
    layer: Layer, name: str, when: str, referencing: str, each: str, routine: str
) -> Trigger:
    create = (
        f"CREATE TRIGGER {name} {when} ON {layer.id}{referencing}"
        f" FOR EACH {each} EXECUTE FUNCTION {routine}()"
    )
    return Trigger(name, layer.id, create)
