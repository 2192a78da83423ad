"""The plan's areas as synthetic features see them: where they lie, in which district."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geodata.ingest.validation import Feature
from geodata.plan.load import Inventory
from geodata.synthetic.batch import Indices, Objects
from geodata.synthetic.frame import Numbers, to_metres

PARK_LAYERS = ("sub_parks", "bases")

DEVELOPMENT_AREA_DISTRICT = "110115"
"""The Beijing economic-technological development area has no county code of its own."""


@dataclass(frozen=True)
class Areas:
    """Areas of the plan in the plane, smallest first.

    Args:
        ids: feature ids.
        districts: county codes.
        industries: the industry that the plan gives an area, or None.
        shapes: polygons, metres.
    """

    ids: Objects
    districts: Objects
    industries: Objects
    shapes: NDArray[np.object_]

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree(self.shapes)

    def holding(self, points: Numbers) -> Indices:
        """Position of the smallest area that holds each point, -1 where none does."""
        point, area = self._tree.query(shapely.points(points), predicate="intersects")
        found = np.full(len(points), len(self.ids), dtype=np.intp)
        np.minimum.at(found, point, area)
        found[found == len(self.ids)] = -1
        return found

    def districts_at(self, points: Numbers, holding: Indices) -> Objects:
        """County codes: of the area that holds a point, else of the nearest one."""
        area = holding.copy()
        outside = holding < 0
        area[outside] = self.nearest(points[outside])[0]
        codes: Objects = self.districts[area]
        return codes

    def nearest(self, points: Numbers) -> tuple[Indices, Numbers]:
        """Position of an area nearest to each point and its distance in metres, 0 inside."""
        shapes = shapely.points(points)
        found = self._tree.query_nearest(shapes, all_matches=False)[1]
        return found, shapely.distance(shapes, self.shapes[found])


def parks(inventory: Inventory) -> Areas:
    """Parks and bases whose outline is known, but for a park that consists of others."""
    features = [each for name in PARK_LAYERS for each in inventory.features[name]]
    wholes = {each.values["parent"] for each in inventory.features["sub_parks"]}
    leaves = [each for each in features if each.geometry is not None and each.id not in wholes]
    return _areas(leaves)


def _areas(features: Sequence[Feature]) -> Areas:
    shapes = [_flat(feature.geometry) for feature in features if feature.geometry is not None]
    order = np.argsort([shape.area for shape in shapes], kind="stable")
    rows = [features[position] for position in order]
    return Areas(
        np.array([row.id for row in rows], dtype=object),
        np.array([row.values["district"] or DEVELOPMENT_AREA_DISTRICT for row in rows], object),
        np.array([row.values["industry"] for row in rows], dtype=object),
        np.array([shapes[position] for position in order], dtype=object),
    )


def _flat(geometry: BaseGeometry) -> BaseGeometry:
    shape: BaseGeometry = shapely.transform(geometry, to_metres)
    return shape
