"""Where the features of a file lie: in Beijing, their park and district, near their like."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from geodata.ingest.ground import check_ground
from geodata.ingest.ledger import Ledger
from geodata.ingest.neighbours import NEAR_M, alike, metres_apart
from geodata.ingest.placed import Placed, is_one_of, where
from geodata.ingest.present import PIECE, Named, Present
from geodata.ingest.references import check_datum
from geodata.ingest.shapes import BEIJING
from layers.attribute import Attribute
from layers.layer import Geometry, Layer
from layers.text import Text

NAME = "name_zh"


def check_surroundings(
    layer: Layer, rows: pa.Table, present: Present, ledger: Ledger, *, crs_named: bool
) -> None:
    """Findings on the places of all rows that have one.

    Args:
        rows: typed rows with `geom`.
        crs_named: the operator named the reference system: a shift of datum is then a warning.
    """
    placed = Placed(layer, rows, ledger)
    if not len(placed.at):
        return
    _check_city(placed)
    _check_areas_named(placed, present)
    _check_districts(placed, present)
    _check_namesakes(placed)
    _check_present_namesakes(placed, present)
    check_datum(placed, present, crs_named=crs_named)
    if layer.geometry is Geometry.AREA:
        check_ground(placed, present)


def _check_city(placed: Placed) -> None:
    west, south, east, north = BEIJING
    x, y = placed.points.T
    message = Text(
        f"北京市在 {west}–{east}°E、{south}–{north}°N 之内",
        f"Beijing lies within {west}..{east} E, {south}..{north} N",
    )
    for index in where((x < west) | (x > east) | (y < south) | (y > north)):
        placed.add_at_point(index, "outside-beijing", message)


def _check_areas_named(placed: Placed, present: Present) -> None:
    """Features outside the areas that they say they belong to."""
    for attribute in placed.layer.attributes:
        if attribute.references and not placed.layer.is_area:
            named = placed.column(attribute.name).unique().drop_null().to_pylist()
            _check_inside(placed, attribute, "outside-park", present.area_shapes(named))


def _check_districts(placed: Placed, present: Present) -> None:
    for attribute in placed.layer.attributes:
        if attribute.name == "district" and placed.column("district").null_count < len(placed.at):
            _check_inside(placed, attribute, "outside-district", present.districts())
    _check_parcel_codes(placed)


def _check_inside(
    placed: Placed, attribute: Attribute, rule: str, outlines: Mapping[str, Any]
) -> None:
    column = placed.column(attribute.name)
    for area, outline in outlines.items():
        members = np.array(where(pc.equal(column, area)), dtype=np.intp)
        shapely.prepare(outline)
        away = ~shapely.contains_xy(outline, placed.points[members])
        message = Text(
            f"不在 {area} 的边界（可能为示意）之内",
            f"not within the boundary, perhaps a schematic one, of {area}",
        )
        for index in members[away].tolist():
            placed.add_at_point(index, rule, message)


def _check_parcel_codes(placed: Placed) -> None:
    codes, districts = placed.column("parcel_code"), placed.column("district")
    county = pc.utf8_slice_codeunits(codes, 0, 6)
    for index in where(pc.not_equal(county, districts)):
        district = districts[index].as_py()
        message = Text(f"所在区为 {district}", f"the district is {district}")
        placed.add(index, "parcel-district", codes[index].as_py(), message)


def _check_namesakes(placed: Placed) -> None:
    """Features of one name near each other in the file."""
    plain = pc.utf8_trim_whitespace(pc.utf8_lower(pc.utf8_normalize(placed.column(NAME), "NFKC")))
    encoded = pc.dictionary_encode(plain).combine_chunks()
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    times = np.bincount(codes[codes >= 0], minlength=1)
    members = np.flatnonzero((codes >= 0) & (times[codes] > 1))
    names = encoded.take(pa.array(members)).to_pylist()
    for one, other, apart in alike(names, placed.points[members]):
        row = placed.in_file(int(members[one]))
        message = Text(
            f"与第 {row} 行同名，相距 {apart:.0f} 米",
            f"has the name of row {row}, {apart:.0f} m away",
        )
        placed.add(int(members[other]), "duplicate", names[other], message)


def _check_present_namesakes(placed: Placed, present: Present) -> None:
    names = placed.column(NAME)
    there: dict[str, list[Named]] = {}
    for piece in _pieces(names.unique().drop_null()):
        for each in present.namesakes(piece):
            there.setdefault(each.name, []).append(each)
    known = (each.id for group in there.values() for each in group)
    mine = _among(known, placed.column("id"))
    for index in where(is_one_of(names, list(there))) if there else ():
        for each in there[names[index].as_py()]:
            apart = metres_apart(placed.points[index], np.array([each.lon, each.lat]))
            if each.id not in mine and apart < NEAR_M:
                message = Text(
                    f"图层已有同名要素 {each.id}，相距 {apart:.0f} 米",
                    f"the layer has {each.id} of that name, {apart:.0f} m away",
                )
                placed.add(index, "duplicate", each.name, message)


def _among(values: Iterable[str], column: pa.ChunkedArray) -> set[str]:
    """Those of the values that a column has."""
    given = pa.array(list(values), pa.string())
    return set(given.filter(pc.is_in(given, value_set=column.combine_chunks())).to_pylist())


def _pieces(values: pa.Array) -> Iterator[list[str]]:
    return (values.slice(at, PIECE).to_pylist() for at in range(0, len(values), PIECE))
