"""Which features a member of an office may change: the rule, as SQL, and as row-level security.

An office is a group of accounts that looks after areas, such as a park's. Its members change what
lies in these areas or in areas below them (`parent`, never by overlap: boundaries are schematic),
and nothing else. A feature lies in an area before a change and after it, so that none is moved
out of another's area or into it. Of the areas themselves, an office changes its own and those
below; only those below it makes, removes or puts elsewhere.

PostgreSQL looks up itself who the acting account is (`zgc.actor`), which role it has and which
groups: where the service says nothing, or names nobody, nothing is changed.
See docs/decisions/0016-areas-and-rows.md.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    Connection,
    Text,
    and_,
    any_,
    cast,
    column,
    false,
    func,
    literal,
    null,
    or_,
    select,
    true,
    tuple_,
)

from geodata.accounts.tables import ROLES
from geodata.accounts.tables import SCHEMA as ACCOUNTS
from geodata.database.statement import sql_text
from geodata.database.tables import METADATA
from layers.layer import Layer

AREAS = METADATA.tables["areas"]

Values = Callable[[str], ColumnElement[str]]
"""The value of an attribute, or of `id`, of the row in question."""

Held = ColumnElement[Sequence[str]]
"""Ids of the areas that somebody looks after, with those below."""


# --- the rule ---


def may_add(layer: Layer, row: Values, held: Held) -> ColumnElement[bool]:
    """Whether a feature may be added by whoever looks after some areas."""
    if layer.is_area:
        counted = row("counted_in")
        return and_(_within(row("parent"), held), or_(counted.is_(None), _within(counted, held)))
    return _inside(layer, row, held)


def may_change(layer: Layer, row: Values, held: Held) -> ColumnElement[bool]:
    """Whether a feature as it is may be changed."""
    return _within(row("id"), held) if layer.is_area else _inside(layer, row, held)


def may_become(layer: Layer, row: Values, held: Held) -> ColumnElement[bool]:
    """Whether a feature that may be changed may become so; `areas` holds what it was."""
    if not layer.is_area:
        return _inside(layer, row, held)
    counted = AREAS.c.counted_in
    return and_(
        _within(row("id"), held),
        _stays(row, "parent", held, _within(AREAS.c.parent, held)),
        _stays(row, "counted_in", held, or_(counted.is_(None), _within(counted, held))),
    )


def may_remove(layer: Layer, row: Values, held: Held) -> ColumnElement[bool]:
    """Whether a feature may be removed."""
    return _inside(layer, row, held)


def place(layer: Layer, row: Values) -> ColumnElement[str]:
    """The area that a feature lies in; null where nothing tells it."""
    name = place_name(layer)
    return cast(null(), Text) if name is None else row(name)


def place_name(layer: Layer) -> str | None:
    """The attribute that tells in which area a feature lies."""
    return "parent" if layer.is_area else layer.area


def _inside(layer: Layer, row: Values, held: Held) -> ColumnElement[bool]:
    name = place_name(layer)
    return false() if name is None else _within(row(name), held)


def _within(area: ColumnElement[str], held: Held) -> ColumnElement[bool]:
    return area == any_(held)


def _stays(row: Values, name: str, held: Held, former: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a reference of an area is what it was, or leads from one's own areas to one's own."""
    value, was = row(name), AREAS.c[name]
    same = tuple_(row("id"), func.coalesce(value, "")).in_(
        select(AREAS.c.id, func.coalesce(was, ""))
    )
    own = _within(value, held) if name == "parent" else or_(value.is_(None), _within(value, held))
    return or_(same, and_(own, row("id").in_(select(AREAS.c.id).where(former))))


# --- the areas that somebody looks after ---


def held_areas(connection: Connection, bound: Sequence[str]) -> list[str]:
    """Areas with all below them, by id."""
    start = select(AREAS.c.id).where(AREAS.c.id == any_(literal(list(bound), ARRAY(Text))))
    held = start.cte("held", recursive=True)
    held = held.union(select(AREAS.c.id).where(AREAS.c.parent == held.c.id))
    return list(connection.execute(select(held.c.id).order_by(held.c.id)).scalars())


@dataclass(frozen=True)
class Function:
    """A function of the database that policies ask; nobody may call it by its name.

    It stands in a schema that no role but its owner may enter, and reads as that owner.

    Args:
        name: without schema.
        arguments: with their types.
        returns: type.
        language: and how it may be called.
        body: source text as PostgreSQL keeps it.
    """

    name: str
    arguments: str
    returns: str
    language: str
    body: str

    @property
    def create(self) -> str:
        """DDL that makes or replaces it."""
        return (
            f"CREATE OR REPLACE FUNCTION {ACCOUNTS}.{self.name}({self.arguments})"
            f" RETURNS {self.returns} LANGUAGE {self.language} SECURITY DEFINER"
            f" SET search_path = pg_catalog, pg_temp AS $${self.body}$$"
        )

    @property
    def drop(self) -> str:
        """DDL that removes it."""
        return f"DROP FUNCTION {ACCOUNTS}.{self.name}({self.arguments})"


_RANKS = "ARRAY[" + ", ".join(f"'{role}'" for role in ROLES) + "]"

_ACTOR = f"""u.name = current_setting('zgc.actor', true) AND u.disabled_at IS NULL
    AND array_position({_RANKS}, u.role) >= array_position({_RANKS}, at_least)"""

WRITES_ALL = Function(
    "writes_all",
    "at_least text",
    "boolean",
    "sql STABLE",
    f"""
  SELECT EXISTS (SELECT FROM {ACCOUNTS}.users AS u WHERE {_ACTOR}
    AND NOT EXISTS (SELECT FROM {ACCOUNTS}.memberships AS m WHERE m."user" = u.name))
""",
)
"""Whether the acting account has a role at least and belongs to no office."""

HELD_AREAS = Function(
    "held_areas",
    "at_least text",
    "text[]",
    "sql STABLE",
    f"""
  WITH RECURSIVE held(id) AS (
    SELECT b.area FROM {ACCOUNTS}.users AS u
      JOIN {ACCOUNTS}.memberships AS m ON m."user" = u.name
      JOIN {ACCOUNTS}.group_areas AS b ON b."group" = m."group"
      WHERE {_ACTOR}
    UNION SELECT a.id FROM public.areas AS a JOIN held ON a.parent = held.id)
  SELECT coalesce(array_agg(id), ARRAY[]::text[]) FROM held
""",
)
"""Areas of the acting account's offices with all below them; none for a lesser role."""

REFUSE_OFFICES = Function(
    "refuse_offices",
    "",
    "trigger",
    "plpgsql",
    f"""
BEGIN
  IF EXISTS (SELECT FROM {ACCOUNTS}.memberships AS m WHERE m."user" = new.decided_by) THEN
    RAISE EXCEPTION '% belongs to an office, and a decision counts everywhere', new.decided_by
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN new;
END
""",
)
"""Keeps members of offices from deciding where an address lies: it counts in every area."""

FUNCTIONS = (WRITES_ALL, HELD_AREAS, REFUSE_OFFICES)

DECISIONS_TRIGGER = (
    f"CREATE TRIGGER {REFUSE_OFFICES.name} BEFORE INSERT OR UPDATE ON geocoding.decisions"
    f" FOR EACH ROW EXECUTE FUNCTION {ACCOUNTS}.{REFUSE_OFFICES.name}()"
)
"""As `pg_get_triggerdef` words it."""


# --- row-level security ---


@dataclass(frozen=True)
class Policy:
    """A rule of row-level security; it holds for everyone but the table's owner.

    Args:
        table: of a layer.
        name: of the rule.
        command: `SELECT`, `INSERT`, `UPDATE` or `DELETE`.
        using: which present rows may be met.
        check: which new rows may be written.
    """

    table: str
    name: str
    command: str
    using: str | None = None
    check: str | None = None

    @property
    def create(self) -> str:
        """DDL that makes it."""
        using = "" if self.using is None else f" USING ({self.using})"
        check = "" if self.check is None else f" WITH CHECK ({self.check})"
        return f"CREATE POLICY {self.name} ON {self.table} FOR {self.command}{using}{check}"

    @property
    def drop(self) -> str:
        """DDL that removes it."""
        return f"DROP POLICY {self.name} ON {self.table}"


def policies(layer: Layer) -> Iterator[Policy]:
    """The rules of a layer: what everyone may read is for grants to say."""
    held = _held(layer)

    def rule(clause: Callable[[Layer, Values, Held], ColumnElement[bool]]) -> str:
        return sql_text(or_(_writes_all(layer), clause(layer, _of_table, held)))

    yield Policy(layer.id, "read", "SELECT", using=sql_text(true()))
    yield Policy(layer.id, "add", "INSERT", check=rule(may_add))
    yield Policy(layer.id, "change", "UPDATE", using=rule(may_change), check=rule(may_become))
    yield Policy(layer.id, "remove", "DELETE", using=rule(may_remove))


def secure(layer_id: str) -> str:
    """DDL that makes the rules of a layer count."""
    return f"ALTER TABLE {layer_id} ENABLE ROW LEVEL SECURITY"


def expose(layer_id: str) -> str:
    """DDL that makes them count no more."""
    return f"ALTER TABLE {layer_id} DISABLE ROW LEVEL SECURITY"


def writes_all(connection: Connection, layer: Layer) -> bool:
    """Whether the acting account may change every feature of a layer, as PostgreSQL has it.

    Args:
        connection: as the owner, in a transaction that says who acts.
    """
    return connection.execute(select(_writes_all(layer))).scalar_one()


def _of_table(name: str) -> ColumnElement[str]:
    return column(name, Text)


def _writes_all(layer: Layer) -> ColumnElement[bool]:
    """In a query of its own: PostgreSQL then asks once a statement, not once a row."""
    function = func.accounts.writes_all
    return select(function(layer.least_writer(bound=False).value, type_=Boolean)).scalar_subquery()


def _held(layer: Layer) -> Held:
    function = func.accounts.held_areas
    asked = select(function(layer.least_writer(bound=True).value, type_=ARRAY(Text)))
    return cast(asked.scalar_subquery(), ARRAY(Text))
