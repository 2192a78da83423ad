"""Samples: the ids, points, boxes and tiles that requests ask for, drawn from the data."""

import math
from collections.abc import Iterator

import psycopg

from bench.workload import SRID, Sample

Fields = dict[str, str]
Samples = dict[Sample, list[Fields]]

COUNT = 50
CENTIMETRE = 1e-7
"""In degrees."""
PARCELS_IN_BOX = 500
ENTERPRISES_IN_BOX = 2000

# A hash of the id picks the same features at each run and none by its place in the table.
PLACES = """
SELECT id, ST_X(p), ST_Y(p)
FROM (SELECT id, ST_PointOnSurface(geom) AS p FROM parcels ORDER BY md5(id) LIMIT %s) AS chosen
"""
BOX = """
SELECT ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e)
FROM (SELECT ST_Extent(geom) AS e FROM
      (SELECT geom FROM {layer} ORDER BY geom <-> ST_SetSRID(ST_MakePoint(%s, %s), %s)
       LIMIT %s) AS near) AS box
"""
DEEP = "SELECT id FROM enterprises ORDER BY id OFFSET %s LIMIT 1"

Connection = psycopg.Connection[tuple[float, ...]]


def draw(url: str, enterprises: int) -> Samples:
    """Samples of a database."""
    with psycopg.connect(url) as connection:
        places = connection.execute(PLACES, (COUNT,)).fetchall()
        points = [(float(x), float(y)) for _, x, y in places]
        return {
            Sample.NONE: [{}],
            Sample.PARCEL: [{"id": str(i), "point": _point(x, y)} for i, x, y in places],
            Sample.PARCEL_BOX: list(_boxes(connection, "parcels", points, PARCELS_IN_BOX)),
            Sample.ENTERPRISE_BOX: list(
                _boxes(connection, "enterprises", points, ENTERPRISES_IN_BOX)
            ),
            Sample.DEEP: _deep(connection, enterprises * 9 // 10),
            Sample.TILE_14: _tiles(points, 14),
            Sample.TILE_12: _tiles(points, 12),
        }


def _point(x: float, y: float) -> str:
    """A box of a centimetre: peers find nothing in one without width."""
    return f"{x - CENTIMETRE:.8f},{y - CENTIMETRE:.8f},{x + CENTIMETRE:.8f},{y + CENTIMETRE:.8f}"


def _boxes(
    connection: Connection, layer: str, points: list[tuple[float, float]], count: int
) -> Iterator[Fields]:
    """Boxes of the features nearest to each point: of equal yield however dense they lie."""
    for x, y in points:
        row = connection.execute(BOX.format(layer=layer), (x, y, SRID, count)).fetchone()
        if row is not None:
            yield {"box": ",".join(f"{edge:.6f}" for edge in row)}


def _deep(connection: Connection, offset: int) -> list[Fields]:
    row = connection.execute(DEEP, (offset - 1,)).fetchone()
    return [{"after": str(row[0]), "offset": str(offset)}] if row else []


def _tiles(points: list[tuple[float, float]], zoom: int) -> list[Fields]:
    tiles = dict.fromkeys(tile_at(x, y, zoom) for x, y in points)
    return [{"z": str(zoom), "col": str(col), "row": str(row)} for col, row in tiles]


def tile_at(lon: float, lat: float, zoom: int) -> tuple[int, int]:
    """Column and row of the WebMercatorQuad tile at a place."""
    across = 2**zoom
    latitude = math.radians(lat)
    col = (lon + 180) / 360 * across
    row = (1 - math.asinh(math.tan(latitude)) / math.pi) / 2 * across
    return int(col), int(row)
