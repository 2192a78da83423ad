"""Features as a client submits them, held to the same rules as the rows of a file."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import orjson
from sqlalchemy import Connection

from geodata.features.crs import CRS84, Crs
from geodata.ingest.check import check_source
from geodata.ingest.crs import file_crs
from geodata.ingest.finding import Finding, RefusedError
from geodata.ingest.inspection import REQUIRED, Checked, CheckOptions
from geodata.ingest.mapping import Columns, field_names
from geodata.ingest.modes import Mode
from geodata.ingest.present import Present
from geodata.ingest.readers.features import read_features
from geodata.ingest.request import ReadOptions
from geodata.ingest.settle import settled
from geodata.ingest.source import Encoding, Place
from geodata.ingest.validation import TYPE_RULES, shown
from layers.attribute import ValueType
from layers.layer import Layer
from layers.text import Text

BODY = "body"
"""What findings call the place where features were submitted."""

Json = Mapping[str, Any]
Row = dict[str, Any]


def submitted_rows(
    connection: Connection,
    layer: Layer,
    features: Sequence[Json],
    crs: Crs,
    mode: Mode,
    *,
    placed: bool = True,
) -> tuple[list[Row], list[Finding]]:
    """Typed rows, `geom` as WKB in the store's CRS, and warnings; attributes that lack are null.

    Args:
        connection: reads what is there already.
        features: GeoJSON features, coordinates in the order of the axes of the CRS.
        mode: whether features of known ids are meant (UPDATE) or new ones (APPEND).
        placed: geometries count; otherwise rows have none, and those that are there stay.

    Raises:
        RefusedError: names every breach, with the position of the feature in the body.
        UnreadableFileError: a member is no GeoJSON feature.
    """
    found = list(_misnamed(layer, features))
    with TemporaryDirectory() as folder:
        checked = _checked(connection, layer, features, crs, mode, placed, Path(folder))
        findings = checked.ledger.in_order()
        found += [each for each in findings if each.is_error]
        found += _empty(checked)
        if found:
            raise RefusedError(found)
        batches = settled(layer, checked, Present(connection, layer))
        rows = [row for batch in batches for row in batch.to_pylist()]
        return rows, [each for each in findings if not each.is_error]


def _checked(
    connection: Connection,
    layer: Layer,
    features: Sequence[Json],
    crs: Crs,
    mode: Mode,
    placed: bool,
    folder: Path,
) -> Checked:
    path = folder / "submitted.geojson"
    complete = [_complete(layer, each) for each in features]
    path.write_bytes(orjson.dumps({"type": "FeatureCollection", "features": complete}))
    source = read_features(path, BODY, ReadOptions(), folder)
    names = [name for name in field_names(layer) if name in source.columns]
    place = source.place if placed else Place(Encoding.NONE)
    named = None if crs is CRS84 else crs.uri
    options = CheckOptions(mode=mode, crs=file_crs(BODY, source.crs, named, None), swap=crs.flipped)
    columns = Columns({name: name for name in names}, place)
    return check_source(layer, source, columns, options, Present(connection, layer), folder)


def _complete(layer: Layer, feature: Json) -> Json:
    """A feature with every attribute of the layer and no other property."""
    given = feature.get("properties") or {}
    properties = {each.name: given.get(each.name) for each in layer.all_attributes}
    return {**feature, "properties": properties}


def _misnamed(layer: Layer, features: Sequence[Json]) -> Iterator[Finding]:
    """Properties that the layer has not, and values that no attribute can have."""
    types = {each.name: each.type for each in layer.all_attributes}
    unknown = Text(
        f"无此字段；字段为 {', '.join(types)}", f"no such field; there are {', '.join(types)}"
    )
    for row, feature in enumerate(features, start=1):
        for name, value in (feature.get("properties") or {}).items():
            if name not in types:
                yield _finding(row, name, value, "unknown-field", unknown)
            elif isinstance(value, dict | list):
                yield _finding(row, name, value, "type", TYPE_RULES[types[name]].allowed)
        if isinstance(feature.get("id"), dict | list):
            allowed = TYPE_RULES[ValueType.TEXT].allowed
            yield _finding(row, "id", feature["id"], "type", allowed)


def _empty(checked: Checked) -> Iterator[Finding]:
    for row in np.flatnonzero(checked.blank).tolist():
        yield _finding(row + 1, "properties", None, "required", REQUIRED)


def _finding(row: int, field: str, value: object, rule: str, message: Text) -> Finding:
    return Finding(
        file=BODY, row=row, field=shown(field)[1:-1], value=shown(value), rule=rule, message=message
    )
