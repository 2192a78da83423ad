"""The states that a feature went through, as its layer's tables keep them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Text,
    bindparam,
    cast,
    func,
    null,
    select,
    union_all,
)

from geodata.database.tables import METADATA, told_tables
from layers.attribute import Role
from layers.layer import Layer

WHO = ("by", "reason", "import")
"""What of a change is for staff alone: `recorded_*` and `superseded_*`."""

AnySelect = Select[*tuple[Any, ...]]


def states(
    layer: Layer, names: Sequence[str], reader: Role = Role.PUBLIC, *, with_who: bool
) -> AnySelect:
    """States of the feature `:id`, oldest first; the present one, if any, comes last.

    A row tells when the state began (`began`) and, unless it is the present one, when and how
    (`operation`) it ended; `*_by`, `*_reason` and `*_import` are left out for the public.
    """
    present, past = told_tables(METADATA, layer, reader)
    given = bindparam("id", type_=Text)
    told = WHO if with_who else ()
    ended: tuple[ColumnElement[Any], ...] = (
        past.c.revision,
        past.c.operation,
        past.c.superseded_at.label("ended"),
        *(past.c[f"superseded_{name}"] for name in told),
    )
    lasting: tuple[ColumnElement[Any], ...] = (
        cast(null(), BigInteger).label("revision"),
        cast(null(), Text).label("operation"),
        cast(null(), past.c.superseded_at.type).label("ended"),
        *(
            cast(null(), past.c[f"superseded_{name}"].type).label(f"superseded_{name}")
            for name in told
        ),
    )
    both = []
    for rows, end in ((past, ended), (present, lasting)):
        columns: list[ColumnElement[Any]] = [
            *end,
            rows.c.recorded_at.label("began"),
            *(rows.c[f"recorded_{name}"] for name in told),
            func.ST_AsBinary(rows.c.geom).label("geom"),
            *(rows.c[name] for name in names),
        ]
        both.append(select(*columns).where(rows.c.id == given))
    every = union_all(*both).subquery("states")
    return select(every).order_by(every.c.revision.asc().nulls_last())
