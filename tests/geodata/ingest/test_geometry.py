"""Geometries of incoming features: promoted and flattened, or refused with the place."""

import pytest
import shapely

from geodata.errors import InvalidGeometryError
from geodata.ingest.geometry import check_geometry, read_area, read_geometry
from layers.layer import Geometry

RING = [[116, 40], [117, 40], [117, 41], [116, 41], [116, 40]]
HOLE = [[116.2, 40.2], [116.2, 40.4], [116.4, 40.4], [116.4, 40.2], [116.2, 40.2]]
BOW = [[116, 40], [117, 41], [117, 40], [116, 41], [116, 40]]
LINE = [[116, 40], [117, 41]]


def geojson(kind, coordinates):
    return {"type": kind, "coordinates": coordinates}


def raised(ring, height):
    return [[*position, height] for position in ring]


@pytest.mark.parametrize(
    ("geometry", "declared", "wkt"),
    [
        (geojson("Point", [116, 40]), Geometry.POINT, "POINT (116 40)"),
        (geojson("Point", [116.5, 40, 55]), Geometry.POINT, "POINT (116.5 40)"),
        (geojson("LineString", LINE), Geometry.LINE, "MULTILINESTRING ((116 40, 117 41))"),
        (geojson("MultiLineString", [LINE]), Geometry.LINE, "MULTILINESTRING ((116 40, 117 41))"),
        (
            geojson("Polygon", [RING, HOLE]),
            Geometry.AREA,
            "MULTIPOLYGON (((116 40, 117 40, 117 41, 116 41, 116 40),"
            " (116.2 40.2, 116.2 40.4, 116.4 40.4, 116.4 40.2, 116.2 40.2)))",
        ),
        (
            geojson("MultiPolygon", [[raised(RING, 9)]]),
            Geometry.AREA,
            "MULTIPOLYGON (((116 40, 117 40, 117 41, 116 41, 116 40)))",
        ),
        (geojson("Point", [-180, -90]), Geometry.POINT, "POINT (-180 -90)"),
        (geojson("Point", (180, 90)), Geometry.POINT, "POINT (180 90)"),
    ],
)
def test_a_geometry_becomes_the_declared_type_in_two_dimensions(geometry, declared, wkt):
    shape = read_geometry(geometry, declared)
    assert shapely.to_wkt(shape, rounding_precision=-1) == wkt
    assert not shape.has_z


@pytest.mark.parametrize(
    ("geometry", "declared", "message"),
    [
        # another type
        (geojson("Point", [116, 40]), Geometry.AREA, "is a Point; must be a MultiPolygon"),
        (geojson("MultiPoint", [[116, 40]]), Geometry.POINT, "is a MultiPoint; must be a Point"),
        (geojson("Polygon", [RING]), Geometry.LINE, "is a Polygon; must be a MultiLineString"),
        (geojson("LineString", LINE), Geometry.AREA, "is a LineString; must be a MultiPolygon"),
        ({"type": "GeometryCollection", "geometries": []}, Geometry.AREA, "is a 'GeometryCollect"),
        (geojson("POINT", [116, 40]), Geometry.POINT, "is a 'POINT'; must be one of Point"),
        (geojson("LinearRing", RING), Geometry.LINE, "is a 'LinearRing'; must be one of"),
        (geojson(None, [116, 40]), Geometry.POINT, "is a None; must be one of"),
        (geojson(["Point"], [116, 40]), Geometry.POINT, "is a ['Point']; must be one of"),
        ({}, Geometry.POINT, "is a None; must be one of"),
        # no coordinates
        ({"type": "Point"}, Geometry.POINT, "has None where a list of coordinates belongs"),
        (geojson("Point", "116 40"), Geometry.POINT, "has '116 40' where a list"),
        (geojson("Point", {"x": 1}), Geometry.POINT, "has {'x': 1} where a list"),
        (geojson("Polygon", RING), Geometry.AREA, "has 116 where a list"),
        (geojson("Point", ["116", "40"]), Geometry.POINT, "has the position ['116', '40']; must"),
        (geojson("Point", [True, 40]), Geometry.POINT, "has the position [True, 40]; must"),
        (geojson("Point", [None, 40]), Geometry.POINT, "has the position [None, 40]; must"),
        (geojson("Point", [116]), Geometry.POINT, "has the position [116]; must be two or three"),
        (geojson("Point", [1, 2, 3, 4]), Geometry.POINT, "has the position [1, 2, 3, 4]; must"),
        (geojson("Point", [[116, 40]]), Geometry.POINT, "has the position [[116, 40]]; must"),
        (geojson("Point", [float("nan"), 40]), Geometry.POINT, "has the position [nan, 40]; must"),
        (geojson("Point", [116, float("inf")]), Geometry.POINT, "has the position [116, inf]"),
        (geojson("Point", [10**400, 40]), Geometry.POINT, "cannot be read as a Point: int too"),
        (geojson("LineString", [[116, 40]]), Geometry.LINE, "cannot be read as a LineString"),
        (geojson("LineString", [[1, 2], [1, 2, 3]]), Geometry.LINE, "cannot be read as a LineS"),
        (
            geojson("Polygon", [RING[:2]]),
            Geometry.AREA,
            "has 2 positions in ring 1; must be 4 or more",
        ),
        # empty
        (geojson("Point", []), Geometry.POINT, "is empty; use null"),
        (geojson("Polygon", []), Geometry.AREA, "is empty; use null"),
        (geojson("MultiPolygon", []), Geometry.AREA, "is empty; use null"),
        # off the globe: most often latitude first, or metres
        (geojson("Point", [40, 116]), Geometry.POINT, "reaches 40..40, 116..116; must be degrees"),
        (geojson("Point", [180.1, 0]), Geometry.POINT, "reaches 180.1..180.1"),
        (
            geojson("Point", [447000, 4428000]),
            Geometry.POINT,
            "must be degrees, longitude -180..180 first, latitude -90..90",
        ),
        # invalid, with the place
        (geojson("Polygon", [BOW]), Geometry.AREA, "is invalid: Self-intersection[116.5 40.5]"),
        (
            geojson("MultiPolygon", [[RING], [RING]]),
            Geometry.AREA,
            "is invalid: Self-intersection[117 41]",
        ),
        (
            geojson("Polygon", [HOLE, RING]),
            Geometry.AREA,
            "is invalid: Hole lies outside shell[116 40]",
        ),
        (geojson("LineString", [LINE[0], LINE[0]]), Geometry.LINE, "is invalid: Too few points"),
    ],
)
def test_an_unusable_geometry_is_refused_with_what_it_is_and_must_be(geometry, declared, message):
    with pytest.raises(InvalidGeometryError) as caught:
        read_geometry(geometry, declared)
    assert message in str(caught.value)


def test_a_geometry_nested_without_end_is_refused():
    deep = geojson("Point", [116, 40])
    for _ in range(2000):
        deep = {"type": "GeometryCollection", "geometries": [deep]}
    with pytest.raises(InvalidGeometryError, match="is a 'GeometryCollection'"):
        read_geometry(deep, Geometry.AREA)
    flat = [116, 40]
    for _ in range(900):
        flat = [flat]
    with pytest.raises(InvalidGeometryError, match="has the position"):
        read_geometry(geojson("MultiPolygon", flat), Geometry.AREA)


def test_an_area_may_be_drawn_as_polygon_or_multipolygon():
    assert read_area(geojson("Polygon", [RING])).equals(
        read_area(geojson("MultiPolygon", [[RING]]))
    )
    with pytest.raises(InvalidGeometryError, match="must be a MultiPolygon"):
        read_area(geojson("LineString", LINE))


def test_a_geometry_of_shapely_is_checked_alike():
    check_geometry(shapely.Point(116, 40))
    with pytest.raises(InvalidGeometryError, match="is empty"):
        check_geometry(shapely.Point())
