"""Loader of the plan's inventory: reviewed data files in `geodata/plan/data`."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Table, delete, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from geodata.database.engine import open_engine, recorded
from geodata.ingest.finding import Finding, RefusedError
from geodata.ingest.geojson import RawFeature, read_geojson
from geodata.ingest.sync import remove_absent, sync_features
from geodata.ingest.validation import Feature, validate
from geodata.plan.rows import Known, Row, check_rows, read_rows, typed_rows
from geodata.plan.tables import PLAN_METADATA
from layers.catalog import CATALOG
from layers.text import Text

DATA = Path(__file__).parent / "data"

OWNER = "plan"
"""Actor in the history: rows it wrote follow the files, rows others changed stay."""

PLAN_LAYERS = tuple(layer for layer in CATALOG if (DATA / f"{layer.id}.geojson").exists())
"""The layers that the plan itself has features of: those with a file in the inventory."""

PLAN_TABLES = tuple(
    PLAN_METADATA.tables[name]
    for name in ("indicators", "assignments", "growth_targets", "mentions")
)

Report = Callable[[str], None]


@dataclass(frozen=True)
class Inventory:
    """The plan's inventory, checked: features by layer and rows by table."""

    features: Mapping[str, tuple[Feature, ...]]
    rows: Mapping[str, tuple[Row, ...]]


@dataclass(frozen=True)
class Changes:
    """What a load did: to the features, and how many table rows wait for a deleted feature."""

    written: int
    removed: int
    kept: int
    left_out: int


def load_plan(url: str, report: Report, data: Path = DATA) -> None:
    """Bring a database's plan features to what the files say, in one transaction.

    Raises:
        RefusedError: a file breaks a rule of the declaration; nothing is written.
    """
    inventory = read_inventory(data)
    engine = open_engine(url)
    try:
        with recorded(engine, actor=OWNER, reason="规划 2011-2015") as connection:
            changes = write_inventory(connection, inventory)
    finally:
        engine.dispose()
    report(_summary(inventory, changes))


def write_inventory(connection: Connection, inventory: Inventory) -> Changes:
    """Make the plan's rows equal to the inventory; removals first, as an id may change layers."""
    removed = sum(
        remove_absent(connection, layer, inventory.features[layer.id], OWNER)
        for layer in PLAN_LAYERS
    )
    loaded = [
        sync_features(connection, layer, inventory.features[layer.id], OWNER)
        for layer in PLAN_LAYERS
    ]
    left_out = sum(
        _sync_rows(connection, table, inventory.rows[table.name]) for table in PLAN_TABLES
    )
    written, kept = (sum(getattr(each, name) for each in loaded) for name in ("written", "kept"))
    return Changes(written, removed, kept, left_out)


def read_inventory(data: Path = DATA) -> Inventory:
    """Read and validate every file of the inventory.

    Raises:
        UnreadableFileError: a file is missing, is not GeoJSON or CSV, or has other columns.
        RefusedError: lists every breach of every file.
    """
    raw = {layer.id: read_geojson(data / f"{layer.id}.geojson") for layer in PLAN_LAYERS}
    areas = _area_layers(raw)
    checked = {layer.id: validate(layer, raw[layer.id], areas) for layer in PLAN_LAYERS}
    rows = {table.name: read_rows(data / f"{table.name}.csv", table) for table in PLAN_TABLES}
    findings = [found for result in checked.values() for found in result.findings]
    findings += _shared_ids(raw)
    for table in PLAN_TABLES:
        findings += check_rows(table, rows[table.name], _known(raw))
    if findings:
        raise RefusedError(findings)
    return Inventory(
        {layer_id: result.features for layer_id, result in checked.items()},
        {table.name: typed_rows(table, rows[table.name]) for table in PLAN_TABLES},
    )


def _area_layers(raw: Mapping[str, Sequence[RawFeature]]) -> dict[str, str]:
    return {
        str(item.id): layer.id for layer in PLAN_LAYERS if layer.is_area for item in raw[layer.id]
    }


def _shared_ids(raw: Mapping[str, Sequence[RawFeature]]) -> Iterator[Finding]:
    """Area ids that two layers use: references could not tell which is meant."""
    layer_of: dict[object, str] = {}
    for layer in filter(lambda layer: layer.is_area, PLAN_LAYERS):
        for item in raw[layer.id]:
            first = layer_of.setdefault(str(item.id), layer.id)
            if first != layer.id:
                yield Finding(
                    file=item.file,
                    row=item.row,
                    field="id",
                    value=repr(item.id),
                    rule="unique",
                    message=Text(f"已用于图层 {first}", f"is already used in layer {first}"),
                )


def _known(raw: Mapping[str, Sequence[RawFeature]]) -> Known:
    """Ids that the tables' columns may name."""
    ids = {layer_id: {str(item.id) for item in items} for layer_id, items in raw.items()}
    return {
        "area": set(_area_layers(raw)),
        "enterprise": ids["enterprises"],
        "feature": set().union(*ids.values()),
    }


def _sync_rows(connection: Connection, table: Table, declared: Sequence[Row]) -> int:
    """Make a plan table equal to its file; rows already equal are not touched.

    A row that names a feature which somebody deleted stays out; how many do.
    """
    rows = _without_dangling(connection, table, declared)
    keys = [column.name for column in table.primary_key]
    present = [tuple(row[name] for name in keys) for row in rows]
    connection.execute(
        delete(table).where(tuple_(*(table.c[name] for name in keys)).not_in(present))
    )
    left_out = len(declared) - len(rows)
    if not rows:
        return left_out
    statement = insert(table).values([dict(row) for row in rows])
    fresh = statement.excluded
    rest = [column.name for column in table.c if column.name not in keys]
    differs = tuple_(*(table.c[name] for name in rest)).is_distinct_from(
        tuple_(*(fresh[name] for name in rest))
    )
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=keys, set_={name: fresh[name] for name in rest}, where=differs
        )
    )
    return left_out


def _without_dangling(connection: Connection, table: Table, rows: Sequence[Row]) -> list[Row]:
    present = {
        key.parent.name: set(connection.execute(select(key.column)).scalars())
        for key in table.foreign_keys
    }
    return [
        row
        for row in rows
        if all(row[name] is None or row[name] in ids for name, ids in present.items())
    ]


def _summary(inventory: Inventory, changes: Changes) -> str:
    total = sum(len(features) for features in inventory.features.values())
    left_out = f"; {changes.left_out} table rows name deleted features" if changes.left_out else ""
    return (
        f"plan: {total} features, {len(inventory.rows['indicators'])} indicators"
        f" ({changes.written} written, {changes.removed} removed,"
        f" {changes.kept} kept as others changed them{left_out})"
    )
