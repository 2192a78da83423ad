"""Changes of a feature, field by field, from the states it went through."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import pairwise
from typing import Any

import shapely
from pyproj import Geod
from shapely.geometry.base import BaseGeometry

CGCS2000 = Geod(a=6378137, rf=298.257222101)
"""Ellipsoid of CGCS2000 (GB 22021-2008)."""


Value = str | int | float | bool | date | None


class ChangeKind(StrEnum):
    """What happened to a feature."""

    CREATED = "created"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True)
class FieldChange:
    """A value before and after; None: no value."""

    name: str
    old: Value
    new: Value


@dataclass(frozen=True)
class GeometryChange:
    """A geometry before and after, in CGCS2000 lon-lat degrees; None: no place.

    Args:
        moved_m: geodesic distance of the points or middles, metres; None without both.
        old_area_m2, new_area_m2: ellipsoidal areas; None for what has none.
    """

    old: BaseGeometry | None
    new: BaseGeometry | None
    moved_m: float | None
    old_area_m2: float | None
    new_area_m2: float | None


@dataclass(frozen=True, kw_only=True)
class Change:
    """One change, with all values that it touched.

    Args:
        by, reason, import_id: None where they are not known or not for the reader.
    """

    kind: ChangeKind
    at: datetime
    by: str | None
    reason: str | None
    import_id: int | None
    fields: tuple[FieldChange, ...]
    geometry: GeometryChange | None


Row = Mapping[str, Any]
"""A state, as :func:`geodata.history.states.states` selects it."""


def changes(states: Sequence[Row], names: Sequence[str]) -> tuple[Change, ...]:
    """Changes between the states of a feature, oldest first.

    A feature that was removed and made again has a gap between two of its states.
    """
    found: list[Change] = []
    for before, after in pairwise((None, *states, None)):
        if before is not None and _is_removal(before, after):
            found.append(_change(ChangeKind.REMOVED, names, before, None))
            before = None
        if after is not None:
            kind = ChangeKind.CREATED if before is None else ChangeKind.CHANGED
            found.append(_change(kind, names, before, after))
    return tuple(found)


def _is_removal(before: Row, after: Row | None) -> bool:
    """A change of the id itself ends the row's history under the former id."""
    return before["operation"] == "delete" or (before["operation"] is not None and after is None)


def _change(
    kind: ChangeKind, names: Sequence[str], before: Row | None, after: Row | None
) -> Change:
    if after is not None:
        told, prefix, at = after, "recorded", after["began"]
    else:
        told, prefix, at = before or {}, "superseded", (before or {})["ended"]
    return Change(
        kind=kind,
        at=at,
        by=told.get(f"{prefix}_by"),
        reason=told.get(f"{prefix}_reason"),
        import_id=told.get(f"{prefix}_import"),
        fields=tuple(_field_changes(names, before or {}, after or {})),
        geometry=_geometry_change(_shape(before), _shape(after)),
    )


def _field_changes(names: Sequence[str], before: Row, after: Row) -> list[FieldChange]:
    pairs = [FieldChange(name, before.get(name), after.get(name)) for name in names]
    return [pair for pair in pairs if pair.old != pair.new]


def _shape(state: Row | None) -> BaseGeometry | None:
    if state is None or state["geom"] is None:
        return None
    return shapely.from_wkb(bytes(state["geom"]))


def _geometry_change(old: BaseGeometry | None, new: BaseGeometry | None) -> GeometryChange | None:
    if old is None and new is None:
        return None
    if old is not None and new is not None and shapely.to_wkb(old) == shapely.to_wkb(new):
        return None
    return GeometryChange(old, new, _moved(old, new), _area(old), _area(new))


def _moved(old: BaseGeometry | None, new: BaseGeometry | None) -> float | None:
    if old is None or new is None or old.is_empty or new.is_empty:
        return None
    a, b = old.centroid, new.centroid
    return float(CGCS2000.inv(a.x, a.y, b.x, b.y)[2])


def _area(shape: BaseGeometry | None) -> float | None:
    if shape is None or not shape.geom_type.endswith("Polygon"):
        return None
    return abs(float(CGCS2000.geometry_area_perimeter(shapely.normalize(shape))[0]))
