"""Where the features of a file lie: in Beijing, their park and district, beside each other."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from geodata.geocoding.datum import Points
from geodata.geocoding.gazetteer import Gazetteer, open_gazetteer
from geodata.geocoding.normalise import normal_text
from geodata.ingest.copy import GEOMETRY
from geodata.ingest.ledger import Ledger
from geodata.ingest.neighbours import (
    AREA_LEAST_M2,
    AREA_SHARE,
    NEAR_M,
    Overlap,
    alike,
    area_differs,
    metres_apart,
    overlaps_between,
    overlaps_within,
    projected,
    slivers,
)
from geodata.ingest.present import Present
from geodata.ingest.shapes import BEIJING
from geodata.ingest.shift import find_shift
from layers.attribute import Attribute
from layers.layer import Geometry, Layer
from layers.text import Text

Shapes = NDArray[np.object_]
Rows = NDArray[np.intp]

ENOUGH_NAMES = 20_000
"""Names that are looked up for evidence of a shift; of more, every so many-th."""

KNOWN_TO_M = 500.0
"""Places known less well than this prove no shift of datum."""


def check_surroundings(
    layer: Layer,
    rows: pa.Table,
    live: Rows,
    present: Present,
    ledger: Ledger,
    *,
    crs_named: bool,
) -> None:
    """Findings on the places of all rows that have one.

    Args:
        rows: typed rows with `geom`.
        live: positions of rows that are not blank.
        crs_named: the operator named the reference system: a shift of datum is then a warning.
    """
    shapes = shapely.from_wkb(np.array(rows.column(GEOMETRY).to_pylist(), dtype=object))
    at = np.array([row for row in live.tolist() if shapes[row] is not None], dtype=np.intp)
    if not len(at):
        return
    places = _Places(layer, rows, at, shapes[at], present, ledger)
    places.check_city()
    places.check_areas_named()
    places.check_districts()
    places.check_namesakes()
    places.check_datum(crs_named=crs_named)
    if layer.geometry is Geometry.AREA:
        places.check_registered()
        if layer.disjoint:
            places.check_slivers()
            places.check_overlaps()


@dataclass
class _Places:
    """Rows that have a place.

    Args:
        at: their positions in the file.
        shapes: one for each of them.
    """

    layer: Layer
    rows: pa.Table
    at: Rows
    shapes: Shapes
    present: Present
    ledger: Ledger

    @cached_property
    def points(self) -> Points:
        """A point on each."""
        if self.layer.geometry is Geometry.POINT:
            return shapely.get_coordinates(self.shapes)
        return shapely.get_coordinates(shapely.point_on_surface(self.shapes))

    @cached_property
    def flat(self) -> Shapes:
        """In metres, areas true."""
        return projected(self.shapes)

    def values(self, name: str) -> list[Any]:
        """A column's values of these rows; all None where the file lacks it."""
        if name not in self.rows.column_names:
            return [None] * len(self.at)
        values: list[Any] = self.rows.column(name).take(pa.array(self.at)).to_pylist()
        return values

    @cached_property
    def ids(self) -> list[Any]:
        """Ids of these rows."""
        return self.values("id")

    def add(self, index: int, rule: str, value: str, message: Text) -> None:
        """A finding on the place of one of these rows."""
        self.ledger.add(int(self.at[index]), "geometry", value, rule, message)

    def check_city(self) -> None:
        west, south, east, north = BEIJING
        x, y = self.points.T
        outside = (x < west) | (x > east) | (y < south) | (y > north)
        message = Text(
            f"北京市在 {west}–{east}°E、{south}–{north}°N 之内",
            f"Beijing lies within {west}..{east} E, {south}..{north} N",
        )
        for index in np.flatnonzero(outside).tolist():
            self.add(index, "outside-beijing", _place(self.points[index]), message)

    def check_areas_named(self) -> None:
        """Features outside the areas that they say they belong to."""
        for attribute in self.layer.attributes:
            if attribute.references and not self.layer.is_area:
                self._check_inside(attribute, "outside-park", self._outlines(attribute))

    def _outlines(self, attribute: Attribute) -> Mapping[str, Any]:
        return self.present.area_shapes({each for each in self.values(attribute.name) if each})

    def check_districts(self) -> None:
        district = [each for each in self.layer.attributes if each.name == "district"]
        for attribute in district:
            if any(self.values(attribute.name)):
                self._check_inside(attribute, "outside-district", self.present.districts())
        self._check_parcel_codes()

    def _check_inside(self, attribute: Attribute, rule: str, outlines: Mapping[str, Any]) -> None:
        named = np.array(self.values(attribute.name), dtype=object)
        for area, outline in outlines.items():
            members = np.flatnonzero(named == area)
            shapely.prepare(outline)
            away = ~shapely.contains_xy(outline, self.points[members])
            for index in members[away].tolist():
                message = Text(
                    f"不在 {area} 的边界（可能为示意）之内",
                    f"not within the boundary, perhaps a schematic one, of {area}",
                )
                self.add(index, rule, _place(self.points[index]), message)

    def _check_parcel_codes(self) -> None:
        pairs = zip(self.values("parcel_code"), self.values("district"), strict=True)
        for index, (code, district) in enumerate(pairs):
            if code and district and not code.startswith(district):
                message = Text(f"所在区为 {district}", f"the district is {district}")
                self.add(index, "parcel-district", code, message)

    def check_namesakes(self) -> None:
        """Features of one name near each other, in the file and in the layer."""
        names = [_plain(name) for name in self.values("name_zh")]
        for one, other, apart in alike(names, self.points):
            row = self.ledger_row(one)
            message = Text(
                f"与第 {row} 行同名，相距 {apart:.0f} 米",
                f"has the name of row {row}, {apart:.0f} m away",
            )
            self.add(other, "duplicate", str(names[other]), message)
        self._check_present_namesakes()

    def ledger_row(self, index: int) -> int:
        """Number of a row as the user counts."""
        return self.ledger.first_row + int(self.at[index])

    def _check_present_namesakes(self) -> None:
        names = self.values("name_zh")
        present: dict[str, list[Any]] = {}
        for each in self.present.namesakes(sorted({name for name in names if name})):
            present.setdefault(each.name, []).append(each)
        mine = set(self.ids)
        for index, name in enumerate(names):
            for each in present.get(name, ()):
                apart = metres_apart(self.points[index], np.array([each.lon, each.lat]))
                if each.id not in mine and apart < NEAR_M:
                    message = Text(
                        f"图层已有同名要素 {each.id}，相距 {apart:.0f} 米",
                        f"the layer has {each.id} of that name, {apart:.0f} m away",
                    )
                    self.add(index, "duplicate", name, message)

    def check_datum(self, *, crs_named: bool) -> None:
        names, given, known = self._known_places()
        evidence = find_shift(names, given, known)
        if evidence is not None:
            rule = "datum-doubt" if crs_named else "datum-shift"
            self.ledger.add(None, "geometry", evidence.datum.upper(), rule, evidence.message)

    def _known_places(self) -> tuple[list[str], Points, Points]:
        """Names, where the file has them, and where other features or the gazetteer do."""
        names = self.values("name_zh")
        known_names = sorted({name for name in names if name})
        wanted = known_names[:: len(known_names) // ENOUGH_NAMES + 1]
        places = {
            each.name: (each.lon, each.lat)
            for each in self.present.known_places(wanted)
            if each.accuracy_m is not None and each.accuracy_m <= KNOWN_TO_M
        }
        gazetteer = _gazetteer()
        for name in wanted:
            found = gazetteer.named(normal_text(name))
            exact = [each.place for each in found if each.place.accuracy_m <= KNOWN_TO_M]
            if len(exact) == 1 and name not in places:
                places[name] = (exact[0].lon, exact[0].lat)
        rows = [index for index, name in enumerate(names) if name in places]
        known = np.array([places[names[index]] for index in rows]).reshape(-1, 2)
        return [names[index] for index in rows], self.points[rows], known

    def check_registered(self) -> None:
        name = self.layer.registered_area
        if name is None or name not in self.rows.column_names:
            return
        registered = np.array(
            [np.nan if value is None else value for value in self.values(name)], dtype=float
        )
        computed = shapely.area(self.flat)
        for index in area_differs(computed, registered).tolist():
            message = Text(
                f"图形椭球面积 {computed[index]:.1f} 平方米；容差 {AREA_SHARE:.0%} 且不小于"
                f" {AREA_LEAST_M2:g} 平方米",
                f"the shape has {computed[index]:.1f} m2 on the ellipsoid; tolerated are"
                f" {AREA_SHARE:.0%}, at least {AREA_LEAST_M2:g} m2",
            )
            self.add(index, "area", f"{registered[index]:g}", message)

    def check_slivers(self) -> None:
        for index in slivers(self.flat).tolist():
            width = 2 * shapely.area(self.flat[index]) / shapely.length(self.flat[index])
            message = Text(f"平均宽度 {width:.2f} 米", f"{width:.2f} m wide in the mean")
            self.add(index, "sliver", _place(self.points[index]), message)

    def check_overlaps(self) -> None:
        """With each other, and with features of the layer that the file does not bring anew."""
        for each in overlaps_within(self.flat):
            row = self.ledger_row(each.one)
            self._add_overlap(each, each.other, "overlap", Text(f"第 {row} 行", f"row {row}"))
        ids, shapes = self.present.shapes(shapely.total_bounds(self.shapes).tolist())
        mine = set(self.ids)
        others = [index for index, id_ in enumerate(ids) if id_ not in mine]
        if others:
            for each in overlaps_between(self.flat, projected(shapes[others])):
                other = ids[others[each.other]]
                self._add_overlap(each, each.one, "overlap-layer", Text(other, other))

    def _add_overlap(self, each: Overlap, index: int, rule: str, other: Text) -> None:
        message = Text(
            f"与{other.zh}重叠 {each.area_m2:.2f} 平方米",
            f"shares {each.area_m2:.2f} m2 with {other.en}",
        )
        place = f"{each.lon:.6f}, {each.lat:.6f}"
        self.add(index, "overlap-sliver" if each.is_narrow else rule, place, message)


@cache
def _gazetteer() -> Gazetteer:
    """The built-in places: read once."""
    return open_gazetteer()


def _place(point: Sequence[float]) -> str:
    return f"{point[0]:.6f}, {point[1]:.6f}"


def _plain(name: str | None) -> str | None:
    return None if name is None else unicodedata.normalize("NFKC", name).casefold().strip()
