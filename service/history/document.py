"""Histories as JSON documents."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import shapely
from pydantic import BaseModel, Field
from shapely.geometry.base import BaseGeometry

from geodata.history.changes import Change, ChangeKind, GeometryChange, Value
from layers.layer import Layer


class FieldDocument(BaseModel):
    """A value before and after; null: no value."""

    name: str
    title_zh: str
    title_en: str
    old: Value
    new: Value


class GeometryDocument(BaseModel):
    """GeoJSON geometries (CRS84) before and after, with distance and ellipsoidal areas."""

    old: dict[str, Any] | None
    new: dict[str, Any] | None
    moved_m: float | None
    old_area_m2: float | None
    new_area_m2: float | None


class ChangeDocument(BaseModel):
    """A change; `by`, `reason` and `import` are null for the public, or where not known."""

    kind: ChangeKind
    at: datetime
    by: str | None
    reason: str | None
    import_id: int | None = Field(serialization_alias="import")
    fields: list[FieldDocument]
    geometry: GeometryDocument | None


class HistoryDocument(BaseModel):
    """What became of a feature, oldest change first."""

    layer: str
    id: str
    changes: list[ChangeDocument]


def history_document(layer: Layer, feature_id: str, changes: Sequence[Change]) -> HistoryDocument:
    """The document of a feature's history."""
    return HistoryDocument(
        layer=layer.id, id=feature_id, changes=[_change(layer, change) for change in changes]
    )


def _change(layer: Layer, change: Change) -> ChangeDocument:
    return ChangeDocument(
        kind=change.kind,
        at=change.at,
        by=change.by,
        reason=change.reason,
        import_id=change.import_id,
        fields=[
            FieldDocument(
                name=field.name,
                title_zh=layer.attribute(field.name).title.zh,
                title_en=layer.attribute(field.name).title.en,
                old=field.old,
                new=field.new,
            )
            for field in change.fields
        ],
        geometry=_geometry(change.geometry) if change.geometry else None,
    )


def _geometry(change: GeometryChange) -> GeometryDocument:
    return GeometryDocument(
        old=_geojson(change.old),
        new=_geojson(change.new),
        moved_m=change.moved_m,
        old_area_m2=change.old_area_m2,
        new_area_m2=change.new_area_m2,
    )


def _geojson(shape: BaseGeometry | None) -> dict[str, Any] | None:
    return None if shape is None else dict(shapely.geometry.mapping(shape))
