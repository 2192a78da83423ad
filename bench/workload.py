"""Workloads as declarations: what each server is asked, and the SQL behind it.

A template names fields of a sample (`bench.samples`): every request of a run takes the next one.
Servers that are not named in `paths` have no such resource.
"""

from dataclasses import dataclass
from enum import StrEnum

KEEPING = "zgc_keeping"
OURS = ("zgc", KEEPING)
"""Twice: without memory for answers, so that each is made anew, and as it comes."""

KNOWN = "zgc_known"
"""Once more as it comes, asked with a token: what it costs to know who asks."""

PEERS = ("tipg", "pygeoapi")
SERVERS = (*OURS, KNOWN, *PEERS)
POSTGRESQL = "postgresql"

SRID = 4490


class Sample(StrEnum):
    """Kinds of samples that a workload draws on."""

    NONE = "none"
    PARCEL = "parcel"
    PARCEL_BOX = "parcel_box"
    ENTERPRISE_BOX = "enterprise_box"
    DEEP = "deep"
    TILE_14 = "tile_14"
    TILE_12 = "tile_12"


@dataclass(frozen=True)
class Workload:
    """One kind of request.

    Args:
        name: key in results.
        title: row of the table.
        sample: what its templates are filled with.
        paths: path template by server.
        sql: template of the equivalent statement; None where there is none.
        kept: ours may answer from memory.
        conditional: sends the entity tag of the first answer.
        grows: measured at several sizes too.
    """

    name: str
    title: str
    sample: Sample
    paths: dict[str, str]
    sql: str | None = None
    kept: bool = False
    conditional: bool = False
    grows: bool = False


def items(layer: str, query: str, *, zgc: str | None = None) -> dict[str, str]:
    """The same query on each server's items; `zgc` where ours is worded otherwise."""
    return {
        "zgc": f"/ogc/collections/{layer}/items?{zgc or query}",
        "tipg": f"/collections/peers.{layer}/items?{query}",
        "pygeoapi": f"/collections/{layer}/items?{query}",
    }


def item(layer: str) -> dict[str, str]:
    """One feature by its id."""
    return {
        "zgc": f"/ogc/collections/{layer}/items/{{id}}",
        "tipg": f"/collections/peers.{layer}/items/{{id}}",
        "pygeoapi": f"/collections/{layer}/items/{{id}}",
    }


def tile(layer: str) -> dict[str, str]:
    """A vector tile with all attributes."""
    place = "tiles/WebMercatorQuad/{z}"
    return {
        "zgc": f"/ogc/collections/{layer}/{place}/{{row}}/{{col}}?properties=*",
        "tipg": f"/collections/peers.{layer}/{place}/{{col}}/{{row}}",
        "pygeoapi": f"/collections/{layer}/{place}/{{row}}/{{col}}?f=mvt",
    }


def page_sql(layer: str, condition: str, limit: int) -> str:
    """What a page is for PostgreSQL: texts that are stored beside the rows."""
    return f"SELECT feature FROM {layer} {condition} ORDER BY id LIMIT {limit};"


def inside(box: str) -> str:
    """Condition that a geometry meets a box."""
    envelope = f"ST_MakeEnvelope({box}, {SRID})"
    return f"WHERE geom && {envelope} AND ST_Intersects(geom, {envelope})"


TILE_COLUMNS = (
    "id, name_zh, name_en, source, as_of::text, valid_from::text, valid_to::text, accuracy_m,"
    " boundary_status, location_source, parcel_code, land_ownership, land_use, supply_mode,"
    " area_registered_m2, park, district"
)
# The buffer of 64 units on each side of 4096.
NEAR_TILE = "ST_TileEnvelope({z}, {col}, {row}, margin => 0.015625)"
TILE = "ST_TileEnvelope({z}, {col}, {row})"
IN_METRES = "ST_Transform(geom, 3857)"
IN_DEGREES = "geom"


def tile_sql(drawn: str, frame: str) -> str:
    """A tile of all attributes: how geometries are drawn, and the tile's rectangle likewise."""
    return (
        f"SELECT ST_AsMVT(t, 'parcels', 4096, 'geom') FROM (SELECT {TILE_COLUMNS},"
        f" ST_AsMVTGeom({drawn}, {frame}, 4096, 64, true) AS geom FROM parcels"
        f" WHERE geom && ST_Transform({NEAR_TILE}, {SRID})) AS t;"
    )


WORKLOADS = (
    *(
        Workload(
            f"items_{limit}",
            f"items, first page of {limit}",
            Sample.NONE,
            items("enterprises", f"limit={limit}"),
            page_sql("enterprises", "", limit),
            grows=limit == 100,
        )
        for limit in (10, 100, 1000)
    ),
    Workload(
        "items_deep",
        "items, a page of 100 at nine tenths",
        Sample.DEEP,
        items("enterprises", "limit=100&offset={offset}", zgc="limit=100&after={after}"),
        page_sql("enterprises", "WHERE id > '{after}'", 100),
        grows=True,
    ),
    Workload(
        "bbox",
        "box of about 500 parcels",
        Sample.PARCEL_BOX,
        items("parcels", "limit=1000&bbox={box}"),
        page_sql("parcels", inside("{box}"), 1000),
        grows=True,
    ),
    Workload(
        "attribute_bbox",
        "industry and box, 100 enterprises",
        Sample.ENTERPRISE_BOX,
        items("enterprises", "limit=100&industry=biology&bbox={box}"),
        page_sql("enterprises", inside("{box}") + " AND industry = 'biology'", 100),
    ),
    Workload(
        "cql2_bbox",
        "the same by a CQL2 filter",
        Sample.ENTERPRISE_BOX,
        items(
            "enterprises",
            "limit=100&filter=industry%3D%27biology%27&bbox={box}",
        ),
        page_sql("enterprises", inside("{box}") + " AND industry = 'biology'", 100),
    ),
    Workload(
        "point",
        "parcel at a point",
        Sample.PARCEL,
        items("parcels", "bbox={point}"),
        page_sql("parcels", inside("{point}"), 10),
    ),
    Workload(
        "by_id",
        "one parcel by id",
        Sample.PARCEL,
        item("parcels"),
        "SELECT feature FROM parcels WHERE id = '{id}';",
        grows=True,
    ),
    Workload(
        "tile_14",
        "parcel tile z14, all attributes",
        Sample.TILE_14,
        tile("parcels"),
        tile_sql(IN_DEGREES, f"ST_Transform({TILE}, {SRID})"),
    ),
    Workload(
        "tile_12",
        "parcel tile z12, all attributes",
        Sample.TILE_12,
        tile("parcels"),
        tile_sql(IN_METRES, TILE),
    ),
    Workload(
        "tile_14_again",
        "parcel tile z14, asked for again",
        Sample.TILE_14,
        tile("parcels"),
        kept=True,
    ),
    Workload(
        "tile_14_held",
        "parcel tile z14 that the client holds (If-None-Match)",
        Sample.TILE_14,
        tile("parcels"),
        kept=True,
        conditional=True,
    ),
    Workload(
        "items_100_again",
        "items, first page of 100, asked for again",
        Sample.NONE,
        items("enterprises", "limit=100"),
        kept=True,
    ),
    Workload(
        "bbox_again",
        "box of about 500 parcels, asked for again",
        Sample.PARCEL_BOX,
        items("parcels", "limit=1000&bbox={box}"),
        kept=True,
    ),
    Workload(
        "point_again",
        "parcel at a point, asked for again",
        Sample.PARCEL,
        items("parcels", "bbox={point}"),
        kept=True,
    ),
    Workload(
        "by_id_again",
        "one parcel by id, asked for again",
        Sample.PARCEL,
        item("parcels"),
        kept=True,
    ),
    Workload(
        "items_held",
        "page of 100 that the client holds (If-None-Match)",
        Sample.NONE,
        items("enterprises", "limit=100"),
        kept=True,
        conditional=True,
    ),
)


@dataclass(frozen=True)
class Export:
    """A whole layer in one answer."""

    name: str
    title: str
    paths: dict[str, str]


EXPORTS = (
    Export(
        "export_json",
        "all enterprises as GeoJSON",
        items("enterprises", "f=geojson&limit={count}", zgc="f=geojsonseq")
        | {"pygeoapi": "/collections/enterprises/items?f=json&limit={count}"},
    ),
    Export(
        "export_csv",
        "all enterprises as CSV",
        items("enterprises", "f=csv&limit={count}", zgc="f=csv"),
    ),
)
