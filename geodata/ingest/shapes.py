"""Shapes of a batch: read from whatever a file holds, led to the store's CRS, judged."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray

from geodata.errors import InvalidGeometryError
from geodata.geocoding.datum import COORDINATE_DIGITS, Points
from geodata.ingest.crs import FileCrs
from geodata.ingest.geometry import parse_geometry
from geodata.ingest.source import Encoding, Place
from layers.layer import Geometry
from layers.text import Text

Shapes = NDArray[np.object_]

Rows = NDArray[np.intp]
"""Positions in a batch."""

BEIJING = (115.3, 39.3, 117.7, 41.2)
"""West, south, east, north: the municipality with some kilometres about it, in degrees."""

OPEN_RING = "form a closed linestring"
"""What GEOS says of a ring that is not closed."""

PARTS = {Geometry.AREA: "Polygon", Geometry.LINE: "LineString"}


@dataclass(frozen=True)
class Fault:
    """What is wrong with one shape.

    Args:
        rule: name of a row of `RULES`.
        value: what stands there, short.
        message: what would be right.
    """

    rule: str
    value: str
    message: Text


FaultOf = Callable[[str], Fault]
"""The fault of a value."""


@dataclass(frozen=True)
class ShapeOptions:
    """How shapes are read.

    Args:
        crs: of the file.
        swap: exchange the two coordinates first.
        close_rings: add the missing last position of a ring.
    """

    crs: FileCrs
    swap: bool = False
    close_rings: bool = False


@dataclass
class Read:
    """Shapes of a batch.

    Args:
        shapes: None where there is none or a faulty one.
        faults: what is wrong, by row.
        notes: attribute -> row -> what is known of a place beside its shape.
    """

    shapes: Shapes
    faults: dict[int, Fault] = field(default_factory=dict)
    notes: dict[str, dict[int, object]] = field(default_factory=dict)

    def drop(self, row: int, fault: Fault) -> None:
        """Leave a shape out for a fault; of several, the first is told."""
        self.shapes[row] = None
        self.faults.setdefault(row, fault)


def read_shapes(
    batch: pa.RecordBatch, place: Place, declared: Geometry, options: ShapeOptions
) -> Read:
    """Valid shapes of the declared type in the store's CRS.

    Coordinates are rounded to 8 decimals of a degree, about a millimetre, as they are served.
    """
    columns = [batch.column(name) for name in place.columns]
    read = READERS[place.encoding](columns, options)
    _convert(read, options)
    _promote(read, declared)
    _judge(read, declared)
    return read


def _objects(column: pa.Array) -> NDArray[np.object_]:
    return np.array(column.to_pylist(), dtype=object)


def _read_wkb(columns: Sequence[pa.Array], options: ShapeOptions) -> Read:
    values = _objects(columns[0])
    if options.close_rings:
        read = Read(shapely.from_wkb(values, on_invalid="fix"))
    else:
        read = Read(shapely.from_wkb(values, on_invalid="ignore"))
    _explain(read, values, _one_wkb)
    return read


def _read_wkt(columns: Sequence[pa.Array], options: ShapeOptions) -> Read:
    values = _objects(columns[0])
    if options.close_rings:
        read = Read(shapely.from_wkt(values, on_invalid="fix"))
    else:
        read = Read(shapely.from_wkt(values, on_invalid="ignore"))
    _explain(read, values, _one_wkt)
    return read


def _one_wkb(value: bytes) -> object:
    return shapely.from_wkb(value)


def _one_wkt(value: str) -> object:
    return shapely.from_wkt(value)


def _explain(read: Read, values: NDArray[np.object_], reader: Callable[[Any], object]) -> None:
    """Read again, one by one, what could not be read, for the reason."""
    for row in _unread(read, values):
        try:
            reader(values[row])
        except (shapely.errors.ShapelyError, TypeError, ValueError) as error:
            read.drop(row, _unreadable(values[row], str(error)))


def _unread(read: Read, values: NDArray[np.object_]) -> list[int]:
    given = np.array([value is not None for value in values], dtype=bool)
    return [int(row) for row in np.flatnonzero(given & shapely.is_missing(read.shapes))]


def _unreadable(value: object, reason: str) -> Fault:
    if OPEN_RING in reason:
        return _open_ring(_short(value))
    reason = reason.splitlines()[0]
    return Fault(
        "geometry", _short(value), Text(f"无法读取：{reason}", f"cannot be read: {reason}")
    )


def _open_ring(value: str) -> Fault:
    message = Text("首尾两点须相同", "first and last position must be the same")
    return Fault("ring-open", value, message)


def _read_geojson(columns: Sequence[pa.Array], options: ShapeOptions) -> Read:
    """Quickly where all is well; what GEOS cannot read, or reads too kindly, is read by hand."""
    texts = columns[0]
    values = _objects(texts)
    read = Read(shapely.from_geojson(values, on_invalid="ignore"))
    doubtful = np.asarray(pc.fill_null(pc.match_substring(texts, "[]"), False))
    for row in {*np.flatnonzero(doubtful).tolist(), *_unread(read, values)}:
        _read_by_hand(read, row, values[row], options)
    return read


def _read_by_hand(read: Read, row: int, text: str, options: ShapeOptions) -> None:
    try:
        document = orjson.loads(text)
        if not isinstance(document, dict):
            raise InvalidGeometryError(f"is {text[:40]}; must be a GeoJSON geometry object")
        read.shapes[row] = parse_geometry(document, close_rings=options.close_rings)
    except orjson.JSONDecodeError as error:
        read.drop(row, _unreadable(text, f"no JSON: {error}"))
    except InvalidGeometryError as error:
        if "not closed" in str(error):
            read.drop(row, _open_ring(_short(text)))
        else:
            read.drop(row, Fault("geometry", _short(text), Text(f"几何错误：{error}", str(error))))


def _read_xy(columns: Sequence[pa.Array], _: ShapeOptions) -> Read:
    x, y = (_numbers(column) for column in columns)
    missing = [np.asarray(pc.is_null(column)) for column in columns]
    shapes = np.full(len(x), None, dtype=object)
    whole = ~np.isnan(x) & ~np.isnan(y)
    shapes[whole] = shapely.points(x[whole], y[whole])
    read = Read(shapes)
    for row in np.flatnonzero(~whole & ~(missing[0] & missing[1])):
        values = ", ".join(str(column[int(row)].as_py()) for column in columns)
        message = Text("须为两个数值", "must be two numbers")
        read.drop(int(row), Fault("type", values, message))
    return read


def _numbers(column: pa.Array) -> NDArray[np.float64]:
    """Numbers, NaN where there is none."""
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return np.array([_number(text) for text in column.to_pylist()], dtype=np.float64)
    numbers: NDArray[np.float64] = column.cast(pa.float64()).to_numpy(zero_copy_only=False)
    return numbers


def _number(text: str | None) -> float:
    try:
        value = float(text) if text is not None else np.nan
    except ValueError:
        return np.nan
    return value if np.isfinite(value) else np.nan


READERS = {
    Encoding.WKB: _read_wkb,
    Encoding.WKT: _read_wkt,
    Encoding.GEOJSON: _read_geojson,
    Encoding.XY: _read_xy,
}


def _convert(read: Read, options: ShapeOptions) -> None:
    """All coordinates at once; shapes that land nowhere are dropped, exchanged ones recognised."""
    rows = np.flatnonzero(~shapely.is_missing(read.shapes))
    shapes = shapely.force_2d(read.shapes[rows])
    points, owner = shapely.get_coordinates(shapes, return_index=True)
    finite = np.isfinite(points).all(axis=1)
    for index in np.unique(owner[~finite]):
        message = Text("坐标须为有限数值", "coordinates must be finite numbers")
        read.drop(int(rows[index]), Fault("geometry", _short_of(shapes[index]), message))
    points[~finite] = 0
    if options.swap:
        points = points[:, ::-1].copy()
    placed = options.crs.convert(points).round(COORDINATE_DIGITS)
    lost = ~_on_globe(placed) & finite
    exchanged = np.zeros(len(points), dtype=bool)
    outside = finite & ~_in_beijing(placed)
    if outside.any():
        other = options.crs.convert(points[outside][:, ::-1].copy())
        exchanged[outside] = _in_beijing(other)
    shapes = shapely.set_coordinates(shapes, placed)
    kept = ~shapely.is_missing(read.shapes[rows])
    read.shapes[rows[kept]] = shapes[kept]
    _drop_owners(read, rows, owner, points, exchanged, _exchanged)
    _drop_owners(read, rows, owner, points, lost, _off_globe)


def _on_globe(points: Points) -> NDArray[np.bool_]:
    with np.errstate(invalid="ignore"):
        inside: NDArray[np.bool_] = (np.abs(points[:, 0]) <= 180) & (np.abs(points[:, 1]) <= 90)
    return inside


def _in_beijing(points: Points) -> NDArray[np.bool_]:
    west, south, east, north = BEIJING
    x, y = points[:, 0], points[:, 1]
    inside: NDArray[np.bool_] = (x >= west) & (x <= east) & (y >= south) & (y <= north)
    return inside


def _drop_owners(
    read: Read,
    rows: Rows,
    owner: Rows,
    points: Points,
    wrong: NDArray[np.bool_],
    fault: FaultOf,
) -> None:
    owners, first = np.unique(owner[wrong], return_index=True)
    at = np.flatnonzero(wrong)[first]
    for index, point in zip(owners, at, strict=True):
        x, y = points[point]
        read.drop(int(rows[index]), fault(f"{x:.10g}, {y:.10g}"))


def _exchanged(value: str) -> Fault:
    message = Text(
        "两个坐标互换后落在北京：须经度（东坐标）在前",
        "lies in Beijing once its two coordinates are exchanged: longitude (easting) comes first",
    )
    return Fault("swapped", value, message)


def _off_globe(value: str) -> Fault:
    message = Text(
        "换算后须为经度 -180..180、纬度 -90..90",
        "must lead to longitudes -180..180, latitudes -90..90",
    )
    return Fault("outside-globe", value, message)


def _promote(read: Read, declared: Geometry) -> None:
    """A single part becomes a Multi of one, a Multi of one point that point."""
    ids = shapely.get_type_id(read.shapes)
    if declared is Geometry.POINT:
        single = (ids == shapely.GeometryType.MULTIPOINT) & (
            shapely.get_num_geometries(read.shapes) == 1
        )
        read.shapes[single] = shapely.get_geometry(read.shapes[single], 0)
        return
    kind = shapely.GeometryType[PARTS[declared].upper()]
    many = shapely.multipolygons if declared is Geometry.AREA else shapely.multilinestrings
    rows = np.flatnonzero(ids == kind)
    if len(rows):
        read.shapes[rows] = many(read.shapes[rows], indices=np.arange(len(rows)))
    if declared is Geometry.AREA:
        read.shapes[:] = shapely.orient_polygons(read.shapes)


def _judge(read: Read, declared: Geometry) -> None:
    present = ~shapely.is_missing(read.shapes)
    wanted = shapely.GeometryType[declared.value.upper()]
    ids = shapely.get_type_id(read.shapes)
    for row in np.flatnonzero(present & (ids != wanted)):
        kind = read.shapes[row].geom_type
        message = Text(f"须为 {declared.value}", f"must be a {declared.value}")
        read.drop(int(row), Fault("geometry", kind, message))
    for row in np.flatnonzero(present & shapely.is_empty(read.shapes)):
        message = Text("几何为空；无几何时应留空", "is empty; leave it out where there is none")
        read.drop(int(row), Fault("geometry", declared.value, message))
    invalid = ~shapely.is_missing(read.shapes) & ~shapely.is_valid(read.shapes)
    reasons = shapely.is_valid_reason(read.shapes[invalid])
    for row, reason in zip(np.flatnonzero(invalid), reasons, strict=True):
        message = Text(f"几何无效：{_in_chinese(reason)}", f"is invalid: {reason}")
        read.drop(int(row), Fault("geometry", declared.value, message))


REASONS: Mapping[str, str] = {
    "Self-intersection": "自相交",
    "Ring Self-intersection": "环自相交",
    "Hole lies outside shell": "内环在外环之外",
    "Holes are nested": "内环嵌套",
    "Interior is disconnected": "内部不连通",
    "Nested shells": "外环嵌套",
    "Duplicate Rings": "重复的环",
    "Too few points in geometry component": "点数不足",
    "Invalid Coordinate": "坐标无效",
}
"""Words of GEOS."""


def _in_chinese(reason: str) -> str:
    word, bracket, place = reason.partition("[")
    return f"{REASONS.get(word, word)}{bracket}{place}"


def _short(value: object) -> str:
    text = value if isinstance(value, str) else type(value).__name__
    return text if len(text) <= 60 else f"{text[:59]}…"


def _short_of(shape: object) -> str:
    return _short(str(shape))
