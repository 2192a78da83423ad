"""Words of CQL2 text that are no names unless quoted (OGC 21-065r2, 8.2)."""

from geodata.features.cql2.operators import SPATIAL, TEMPORAL

GEOMETRIES = {
    "POINT": "Point",
    "LINESTRING": "LineString",
    "POLYGON": "Polygon",
    "MULTIPOINT": "MultiPoint",
    "MULTILINESTRING": "MultiLineString",
    "MULTIPOLYGON": "MultiPolygon",
    "GEOMETRYCOLLECTION": "GeometryCollection",
}
"""Word of the well-known text -> type of GeoJSON."""

ARRAY_FUNCTIONS = ("a_equals", "a_contains", "a_containedby", "a_overlaps")

KEYWORDS = frozenset(
    (
        *("AND", "OR", "NOT", "LIKE", "BETWEEN", "IN", "IS", "NULL", "TRUE", "FALSE", "DIV"),
        *("CASEI", "ACCENTI", "DATE", "TIMESTAMP", "INTERVAL", "BBOX"),
        *GEOMETRIES,
        *(op.upper() for op in (*ARRAY_FUNCTIONS, *SPATIAL, *TEMPORAL)),
    )
)
