"""Loader of the plan's inventory: reviewed data files in `geodata/plan/data`."""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Table, delete, tuple_
from sqlalchemy.dialects.postgresql import insert

from geodata.database.engine import open_engine, recorded
from geodata.ingest.finding import Finding, RefusedError
from geodata.ingest.geojson import RawFeature, UnreadableFileError, read_geojson
from geodata.ingest.load import Loaded, sync_features
from geodata.ingest.validation import Feature, validate
from geodata.plan.tables import PLAN_METADATA
from layers.catalog import CATALOG
from layers.layer import Layer
from layers.text import Text

DATA = Path(__file__).parent / "data"

OWNER = "plan"
"""Actor in the history: rows it wrote follow the files, rows others changed stay."""

PLAN_LAYERS = tuple(layer for layer in CATALOG if (DATA / f"{layer.id}.geojson").exists())
"""The layers that the plan itself has features of: those with a file in the inventory."""

PLAN_TABLES = ("indicators", "assignments", "growth_targets", "mentions")

Report = Callable[[str], None]


@dataclass(frozen=True)
class Inventory:
    """The plan's inventory, checked: features by layer and rows by table."""

    features: Mapping[str, tuple[Feature, ...]]
    rows: Mapping[str, tuple[Mapping[str, str | None], ...]]


def load_plan(url: str, report: Report, data: Path = DATA) -> None:
    """Bring a database's plan features to what the files say, in one transaction.

    Raises:
        RefusedError: a file breaks a rule of the declaration; nothing is written.
    """
    inventory = read_inventory(data)
    engine = open_engine(url)
    try:
        with recorded(engine, actor=OWNER, reason="规划 2011-2015") as connection:
            changes = [_sync_layer(connection, layer, inventory) for layer in PLAN_LAYERS]
            for name in PLAN_TABLES:
                _sync_rows(connection, PLAN_METADATA.tables[name], inventory.rows[name])
    finally:
        engine.dispose()
    report(_summary(inventory, changes))


def read_inventory(data: Path = DATA) -> Inventory:
    """Read and validate every file of the inventory.

    Raises:
        UnreadableFileError: a file is missing or is not GeoJSON or CSV.
        RefusedError: lists every breach of every file.
    """
    raw = {layer.id: read_geojson(data / f"{layer.id}.geojson") for layer in PLAN_LAYERS}
    areas = _area_layers(raw)
    checked = {layer.id: validate(layer, raw[layer.id], areas) for layer in PLAN_LAYERS}
    rows = {name: tuple(_read_csv(data / f"{name}.csv")) for name in PLAN_TABLES}
    enterprises = {str(item.id) for item in raw.get("enterprises", ())}
    findings = [found for result in checked.values() for found in result.findings]
    findings += _row_findings(rows, areas, enterprises)
    if findings:
        raise RefusedError(findings)
    features = {layer_id: result.features for layer_id, result in checked.items()}
    return Inventory(features, rows)


def _area_layers(raw: Mapping[str, Sequence[RawFeature]]) -> dict[str, str]:
    return {
        str(item.id): layer.id for layer in PLAN_LAYERS if layer.is_area for item in raw[layer.id]
    }


def _read_csv(path: Path) -> Iterator[dict[str, str | None]]:
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                yield {name: value or None for name, value in row.items()}
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableFileError(f"{path.name}: {error}") from error


def _row_findings(
    rows: Mapping[str, Sequence[Mapping[str, str | None]]],
    areas: Mapping[str, str],
    enterprises: set[str],
) -> Iterator[Finding]:
    """References of table rows; types and code lists are the database's constraints."""
    for name, records in rows.items():
        for position, record in enumerate(records, start=2):
            for field, known in (("area", set(areas)), ("enterprise", enterprises)):
                value = record.get(field)
                if value is not None and value not in known:
                    yield Finding(
                        file=f"{name}.csv",
                        row=position,
                        field=field,
                        value=repr(value),
                        rule="reference",
                        message=Text("须为规划清单中的标识", "must be an id of the inventory"),
                    )


def _sync_layer(connection: Connection, layer: Layer, inventory: Inventory) -> Loaded:
    return sync_features(connection, layer, inventory.features[layer.id], OWNER)


def _sync_rows(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, str | None]]
) -> None:
    """Make a plan table equal to its file; rows already equal are not touched."""
    keys = [column.name for column in table.primary_key]
    present = [tuple(row[name] for name in keys) for row in rows]
    connection.execute(
        delete(table).where(tuple_(*(table.c[name] for name in keys)).not_in(present))
    )
    if not rows:
        return
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


def _summary(inventory: Inventory, changes: Sequence[Loaded]) -> str:
    total = sum(len(features) for features in inventory.features.values())
    written, removed, kept = (
        sum(getattr(change, name) for change in changes) for name in ("written", "removed", "kept")
    )
    return (
        f"plan: {total} features, {len(inventory.rows['indicators'])} indicators"
        f" ({written} written, {removed} removed, {kept} kept as others changed them)"
    )
