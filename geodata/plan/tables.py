"""Tables of the plan that have no place on the map: indicators, assignments, targets, mentions."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    MetaData,
    Table,
    Text,
    column,
)

from geodata.database.tables import METADATA, SERVED

KINDS = ("baseline", "target")
QUALIFIERS = ("eq", "ge", "approx", "range")


def declare_plan_tables(metadata: MetaData) -> MetaData:
    """Add the plan's tables to the metadata of the layers they refer to."""
    _indicators(metadata)
    _assignments(metadata)
    _growth_targets(metadata)
    _mentions(metadata)
    return metadata


def _quoted(*columns: Column[str]) -> tuple[Column[str], ...]:
    """Columns, then the plan section and the plan's own words that they rest on."""
    return (
        *columns,
        Column("section", Text, nullable=False),
        Column("quote", Text, nullable=False),
    )


def _coded(name: str, codes: tuple[str, ...], *, primary_key: bool = False) -> Column[str]:
    """A column of a closed list of values; readers of files find the list in its `info`."""
    return Column(name, Text, nullable=False, primary_key=primary_key, info={"codes": codes})


def _code_check(name: str, codes: tuple[str, ...]) -> CheckConstraint:
    return CheckConstraint(column(name).in_(codes), name=name)


def _indicators(metadata: MetaData) -> Table:
    """One figure of the plan: a baseline or a target of an area, in the plan's own unit.

    `qualifier`: eq exactly, ge at least (超过, 以上), approx (约, 左右), range low to high.
    """
    return Table(
        "indicators",
        metadata,
        Column("key", Text, primary_key=True),
        Column("area", Text, _area(), primary_key=True),
        _coded("kind", KINDS, primary_key=True),
        Column("name_zh", Text, nullable=False),
        Column("name_en", Text, nullable=False),
        Column("value_low", Double, nullable=False),
        Column("value_high", Double, nullable=False),
        Column("unit", Text, nullable=False),
        _coded("qualifier", QUALIFIERS),
        Column("year", Text, nullable=False),
        Column("area_wording", Text, nullable=False),
        *_quoted(),
        _code_check("kind", KINDS),
        _code_check("qualifier", QUALIFIERS),
        CheckConstraint(column("value_low") <= column("value_high"), name="value"),
        comment="规划指标",
        info=SERVED,
    )


def _assignments(metadata: MetaData) -> Table:
    """Which area and cluster the plan assigns an enterprise to; an enterprise may have several."""
    return Table(
        "assignments",
        metadata,
        Column("enterprise", Text, _enterprise(), primary_key=True),
        Column("area", Text, _area(), primary_key=True, index=True),
        Column("plan_cluster", Text, primary_key=True),
        *_quoted(),
        comment="规划企业归属",
        info=SERVED,
    )


def _growth_targets(metadata: MetaData) -> Table:
    """Enterprises the plan names by revenue class; `enterprise` is null without an assignment."""
    return Table(
        "growth_targets",
        metadata,
        Column("name", Text, primary_key=True),
        _coded("kind", KINDS, primary_key=True),
        Column("enterprise", Text, _enterprise()),
        Column("target", Text, nullable=False),
        *_quoted(),
        _code_check("kind", KINDS),
        comment="企业规模目标",
        info=SERVED,
    )


def _mentions(metadata: MetaData) -> Table:
    """Whatever else the plan names: institutions, partner areas, mechanisms."""
    return Table(
        "mentions",
        metadata,
        Column("kind", Text, primary_key=True),
        Column("name_zh", Text, primary_key=True),
        Column("name_en", Text),
        Column("feature", Text),
        *_quoted(),
        comment="规划其他条目",
    )


def _area() -> ForeignKey:
    """Deferred: a reload removes an area before the rows that refer to it."""
    return ForeignKey("areas.id", deferrable=True, initially="DEFERRED")


def _enterprise() -> ForeignKey:
    return ForeignKey("enterprises.id", ondelete="CASCADE")


PLAN_METADATA = declare_plan_tables(METADATA)
