"""Areas of a file against what is registered of them, and against each other's ground."""

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.ingest.neighbours import (
    AREA_LEAST_M2,
    AREA_SHARE,
    Overlap,
    area_differs,
    overlaps_between,
    overlaps_within,
    projected,
    slivers,
)
from geodata.ingest.placed import Placed
from geodata.ingest.present import Present
from layers.text import Text

Shapes = NDArray[np.object_]
"""In metres, areas true."""


def check_ground(placed: Placed, present: Present) -> None:
    """Findings on areas: sizes, and in layers whose areas share no ground, slivers and overlaps."""
    flat = projected(placed.shapes)
    _check_registered(placed, flat)
    if placed.layer.disjoint:
        _check_slivers(placed, flat)
        _check_overlaps(placed, flat, present)


def _check_registered(placed: Placed, flat: Shapes) -> None:
    name = placed.layer.registered_area
    if name is None or name not in placed.rows.column_names:
        return
    registered = placed.column(name).to_numpy().astype(float)
    computed = shapely.area(flat)
    for index in area_differs(computed, registered).tolist():
        message = Text(
            f"图形椭球面积 {computed[index]:.1f} 平方米；容差 {AREA_SHARE:.0%} 且不小于"
            f" {AREA_LEAST_M2:g} 平方米",
            f"the shape has {computed[index]:.1f} m2 on the ellipsoid; tolerated are"
            f" {AREA_SHARE:.0%}, at least {AREA_LEAST_M2:g} m2",
        )
        placed.add(index, "area", f"{registered[index]:g}", message)


def _check_slivers(placed: Placed, flat: Shapes) -> None:
    for index in slivers(flat).tolist():
        width = 2 * shapely.area(flat[index]) / shapely.length(flat[index])
        message = Text(f"平均宽度 {width:.2f} 米", f"{width:.2f} m wide in the mean")
        placed.add_at_point(index, "sliver", message)


def _check_overlaps(placed: Placed, flat: Shapes, present: Present) -> None:
    """With each other, and with features of the layer that the file does not bring anew."""
    for each in overlaps_within(flat):
        row = placed.in_file(each.one)
        _add(placed, each, each.other, "overlap", Text(f"第 {row} 行", f"row {row}"))
    ids, shapes = present.shapes(shapely.total_bounds(placed.shapes).tolist())
    mine = set(placed.column("id").to_pylist())
    others = [index for index, id_ in enumerate(ids) if id_ not in mine]
    if others:
        for each in overlaps_between(flat, projected(shapes[others])):
            other = ids[others[each.other]]
            _add(placed, each, each.one, "overlap-layer", Text(other, other))


def _add(placed: Placed, each: Overlap, index: int, rule: str, other: Text) -> None:
    message = Text(
        f"与{other.zh}重叠 {each.area_m2:.2f} 平方米",
        f"shares {each.area_m2:.2f} m2 with {other.en}",
    )
    place = f"{each.lon:.6f}, {each.lat:.6f}"
    placed.add(index, "overlap-sliver" if each.is_narrow else rule, place, message)
