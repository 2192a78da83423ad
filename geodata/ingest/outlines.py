"""Outlines of the districts: from an optional package or the operator's own file.

No source of Beijing's district outlines may clearly be redistributed, so none lies in this
repository. The operator chooses one; it is drawn as schematic with its source named.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, or_, update

from geodata.database.engine import open_engine, recorded
from geodata.database.tables import METADATA, SRID
from geodata.errors import GeodataError
from geodata.ingest.finding import Finding, RefusedError
from geodata.ingest.geojson import RawFeature, read_geojson
from geodata.ingest.validation import Feature, validate
from layers.codelist import DISTRICT
from layers.districts import LAYER
from layers.text import Text

PACKAGE = "geotool-cn"

PACKAGE_ACCURACY_M = 200.0
"""Measured against an independent outline of Beijing: 24 m in the median; kept well above."""

PACKAGE_DIGITS = 1e-5

OWNER = "districts"

Report = Callable[[str], None]


class PackageMissingError(GeodataError):
    """The optional package is not installed."""


@dataclass(frozen=True)
class Outline:
    """Outline of one district.

    Args:
        code: GB/T 2260 code.
        geometry: MultiPolygon in degrees, longitude first.
        source: where it comes from.
        accuracy_m: None where the source does not state one.
        boundary_status: schematic or authoritative.
    """

    code: str
    geometry: BaseGeometry
    source: str
    accuracy_m: float | None
    boundary_status: str = "schematic"


def load_outlines(url: str, source: str, report: Report) -> None:
    """Give the districts their outlines, in one transaction.

    Args:
        url: database with the plan loaded.
        source: `geotool-cn`, or the path of a GeoJSON file whose features carry `code`.
        report: takes a line that says what was done.

    Raises:
        PackageMissingError: the package is not installed; says how to install it.
        UnreadableFileError: the file is no GeoJSON FeatureCollection.
        RefusedError: features without a known code or with unusable geometries; nothing written.
    """
    outlines = list(_from_package() if source == PACKAGE else _from_file(Path(source)))
    engine = open_engine(url)
    try:
        with recorded(engine, actor=OWNER, reason=source) as connection:
            changed = sum(_write(connection, outline) for outline in outlines)
    finally:
        engine.dispose()
    report(f"districts: {len(outlines)} outlines from {source}, {changed} written")


def _write(connection: Connection, outline: Outline) -> int:
    districts = METADATA.tables["districts"]
    values = {
        "geom": f"SRID={SRID};{shapely.to_wkt(outline.geometry, rounding_precision=-1)}",
        "location_source": outline.source,
        "accuracy_m": outline.accuracy_m,
        "boundary_status": outline.boundary_status,
    }
    differs = or_(*(districts.c[name].is_distinct_from(values[name]) for name in values))
    statement = update(districts).where(districts.c.code == outline.code, differs).values(values)
    return connection.execute(statement).rowcount


def _from_file(path: Path) -> Iterable[Outline]:
    items = [_district(item) for item in read_geojson(path)]
    checked = validate(LAYER, items)
    findings = [*checked.findings, *_missing(items)]
    if findings:
        raise RefusedError(findings)
    return [_outline(feature) for feature in checked.features]


def _district(item: RawFeature) -> RawFeature:
    """The whole feature that the outline makes of a district: judged by the layer's rules."""
    given = item.properties
    code = given.get("code")
    properties = {
        "name_zh": str(code),
        "source": item.file,
        "as_of": "2011-01-01",
        "code": code,
        "location_source": given.get("source") or item.file,
        "accuracy_m": given.get("accuracy_m"),
        "boundary_status": given.get("boundary_status", "schematic"),
    }
    return RawFeature(item.file, item.row, f"district-{item.row}", properties, item.geometry)


def _missing(items: Iterable[RawFeature]) -> Iterator[Finding]:
    """What the layer itself does not ask: a known district, and an outline at all."""
    for item in items:
        if isinstance(code := item.properties["code"], str) and code not in DISTRICT.codes:
            names = ", ".join(DISTRICT)
            allowed = Text(f"须为 {names} 之一", f"must be one of {names}")
            yield _finding(item, "code", code, "codes", allowed)
        if item.geometry is None:
            yield _finding(item, "geometry", None, "required", Text("必填", "is required"))


def _outline(feature: Feature) -> Outline:
    """Of a checked feature, whose values thus have their types."""
    accuracy = feature.values["accuracy_m"]
    return Outline(
        code=str(feature.values["code"]),
        geometry=feature.geometry or shapely.MultiPolygon(),
        source=str(feature.values["location_source"]),
        accuracy_m=accuracy if isinstance(accuracy, float) else None,
        boundary_status=str(feature.values["boundary_status"]),
    )


def _finding(item: RawFeature, field: str, value: object, rule: str, allowed: Text) -> Finding:
    return Finding(
        file=item.file, row=item.row, field=field, value=repr(value), rule=rule, message=allowed
    )


def _from_package() -> Iterator[Outline]:
    """The package has no public way to its geometry; its version is pinned by the lock file."""
    try:
        from GeoToolCN.core import GeoTool
    except ImportError:
        raise PackageMissingError(
            f"{PACKAGE} is not installed. Its outlines are for learning and exchange only, by"
            " their provider's terms; if these suit you: .venv/bin/pip install --require-hashes"
            " -r requirements/districts.txt"
        ) from None
    name = f"{PACKAGE} {metadata.version(PACKAGE)} (DataV.GeoAtlas, learning and exchange only)"
    with GeoTool() as tool:
        for code in DISTRICT:
            _, polygons = tool._data.geometry(tool._data.index_of(code))
            yield Outline(code, _multipolygon(polygons), name, PACKAGE_ACCURACY_M)


def _multipolygon(polygons: list[list[tuple[list[float], list[float]]]]) -> BaseGeometry:
    """Rings of integer coordinates in units of 1e-5 degree."""
    parts = []
    for rings in polygons:
        shell, *holes = (
            [(x * PACKAGE_DIGITS, y * PACKAGE_DIGITS) for x, y in zip(xs, ys, strict=True)]
            for xs, ys in rings
        )
        parts.append(shapely.Polygon(shell, holes))
    merged = shapely.make_valid(shapely.MultiPolygon(parts))
    areas = [part for part in shapely.get_parts(merged) if part.geom_type == "Polygon"]
    return shapely.orient_polygons(shapely.MultiPolygon(areas))
