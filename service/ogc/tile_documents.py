"""Documents about tiles: tile matrix sets, tilesets, TileJSON (20-057; 17-083r4, JSON encoding)."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from geodata.database.representation import readable
from geodata.features.bbox import BBox
from geodata.tiles.matrix_sets import (
    MATRIX_SETS,
    REGISTER,
    TILE_SIZE,
    TileMatrixSet,
    find_matrix_set,
)
from geodata.tiles.rules import (
    FEATURE_COUNT,
    POINT_COUNT,
    rule_text,
    shown_attributes,
    zoom_rules,
)
from layers.attribute import Attribute, Role, ValueType
from layers.catalog import CATALOG
from layers.layer import Geometry, Layer
from service.accounts.reader import reader_of
from service.errors import InvalidParameterError
from service.ogc.links import GEOJSON, HTML, JSON, DocumentResponse, Link, link, own_links
from service.ogc.tiles import MVT
from service.parameters import Parameter
from service.state import Service, ServiceDep

REL = f"{REGISTER}/rel/ogc/1.0"
TILESETS = f"{REL}/tilesets-vector"
CRS84 = f"{REGISTER}/crs/OGC/1.3/CRS84"
TILEJSON_SET = "WebMercatorQuad"
LAST_ZOOM = 18
"""Of styles and TileJSON: a unit is then 4 cm; clients enlarge these tiles beyond it."""

TILES = "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf"
MATRIX = "http://www.opengis.net/spec/tms/2.0/conf"

CONFORMANCE = (
    f"{TILES}/core",
    f"{TILES}/tileset",
    f"{TILES}/tilesets-list",
    f"{TILES}/dataset-tilesets",
    f"{TILES}/geodata-tilesets",
    f"{TILES}/collections-selection",
    f"{TILES}/datetime",
    f"{TILES}/mvt",
    f"{TILES}/oas30",
    f"{MATRIX}/tilematrixset",
    f"{MATRIX}/tilematrixsetlimits",
    f"{MATRIX}/json-tilematrixset",
)

DIMENSIONS = {Geometry.POINT: 0, Geometry.LINE: 1, Geometry.AREA: 2}

SCHEMAS: dict[ValueType, dict[str, str]] = {
    ValueType.TEXT: {"type": "string"},
    ValueType.INTEGER: {"type": "integer"},
    ValueType.NUMBER: {"type": "number"},
    ValueType.DATE: {"type": "string", "format": "date"},
    ValueType.BOOLEAN: {"type": "boolean"},
}

Document = dict[str, Any]
Format = Annotated[
    Literal["json", "tilejson"] | None,
    Query(alias="f", description="json (default) or tilejson, as also by Accept"),
]

FORMAT_PARAMETER = Parameter(
    "f",
    "json, tilejson or html; wins over Accept",
    {"type": "string", "enum": ["json", "tilejson", "html"], "default": "json"},
    str,
)
"""The same for the definition for OGC clients; html is answered before a route is looked for."""

GridName = Annotated[str, Path(alias="tileMatrixSet")]

router = APIRouter(tags=["OGC API"], default_response_class=DocumentResponse)


@router.get("/ogc/tileMatrixSets", summary="Tile matrix sets")
def tile_matrix_sets(request: Request) -> Document:
    """Every tile matrix set (17-083r4, /req/tilematrixset)."""
    path = "/ogc/tileMatrixSets"
    rows = [
        {
            "id": grid.id,
            "title": _title(grid),
            **({"uri": grid.uri} if grid.uri else {}),
            "crs": grid.crs,
            "links": [link(request, f"{path}/{grid.id}", "self", JSON, grid.title.en)],
        }
        for grid in MATRIX_SETS.values()
    ]
    return {"links": own_links(request, path), "tileMatrixSets": rows}


@router.get("/ogc/tileMatrixSets/{tileMatrixSet}", summary="One tile matrix set")
def tile_matrix_set(name: GridName) -> Document:
    """Definition of a tile matrix set (17-083r4, /req/json-tilematrixset)."""
    grid = find_matrix_set(name)
    known = {"uri": grid.uri, "wellKnownScaleSet": grid.scale_set}
    return {
        "id": grid.id,
        "title": _title(grid),
        **{name: value for name, value in known.items() if value},
        "crs": grid.crs,
        "orderedAxes": list(grid.axes),
        "tileMatrices": [_matrix(grid, level) for level in grid.levels],
    }


@router.get("/ogc/tiles", summary="Tilesets of all layers")
def dataset_tilesets(request: Request) -> Document:
    """Tilesets with every layer, one for each tile matrix set (/req/dataset-tilesets)."""
    return _tilesets(request, "/ogc/tiles", "ZGC-GIS")


@router.get("/ogc/collections/{layer}/tiles", summary="Tilesets of a layer")
def layer_tilesets(request: Request, layer: str) -> Document:
    """Tilesets of a layer, one for each tile matrix set (/req/geodata-tilesets)."""
    found = CATALOG.get(layer)
    return _tilesets(request, f"/ogc/collections/{layer}/tiles", found.title.en)


@router.get("/ogc/tiles/{tileMatrixSet}", summary="Tileset of all layers", response_model=None)
async def dataset_tileset(
    request: Request, name: GridName, service: ServiceDep, f: Format = None
) -> Document | Response:
    """Metadata of the tiles with every layer (/req/tileset/success)."""
    grid = find_matrix_set(name)
    return await tileset(request, service, grid, tuple(CATALOG), "/ogc/tiles", f)


@router.get(
    "/ogc/collections/{layer}/tiles/{tileMatrixSet}",
    summary="Tileset of a layer",
    response_model=None,
)
async def layer_tileset(
    request: Request, layer: str, name: GridName, service: ServiceDep, f: Format = None
) -> Document | Response:
    """Metadata of the tiles of a layer (/req/tileset/success)."""
    found, grid = CATALOG.get(layer), find_matrix_set(name)
    path = f"/ogc/collections/{layer}/tiles"
    return await tileset(request, service, grid, (found,), path, f)


def tile_links(request: Request) -> list[Link]:
    """What the landing page says of tiles (/req/dataset-tilesets/landing-page)."""
    return [
        link(request, "/ogc/tiles", TILESETS, JSON, "Vector tiles of all layers"),
        link(request, "/ogc/tileMatrixSets", f"{REL}/tiling-schemes", JSON, "Tile matrix sets"),
        link(request, "/ogc/styles", f"{REL}/styles", JSON, "Styles"),
    ]


def layer_tile_links(request: Request, layer: Layer) -> list[Link]:
    """What a collection says of its tiles (/req/geodata-tilesets/desc-links)."""
    path = f"/ogc/collections/{layer.id}"
    return [
        link(request, f"{path}/tiles", TILESETS, JSON, "Vector tiles"),
        link(request, f"{path}/styles", f"{REL}/styles", JSON, "Styles"),
    ]


async def tileset(
    request: Request,
    service: Service,
    grid: TileMatrixSet,
    layers: tuple[Layer, ...],
    path: str,
    wanted: str | None,
) -> Document | Response:
    """Metadata of a tileset, as 17-083r4 or as TileJSON has it.

    Raises:
        InvalidParameterError: TileJSON of a grid that it cannot express.
    """
    box = joined([(await service.extents.of(layer)).bbox for layer in layers])
    if not _is_tilejson(request, wanted):
        return _tileset(request, grid, layers, path, box)
    if grid.id != TILEJSON_SET:
        raise InvalidParameterError("f", "tilejson", f"TileJSON knows no grid but {TILEJSON_SET}")
    return _tilejson(request, layers, path, box)


def joined(boxes: list[BBox | None]) -> BBox | None:
    """The box around boxes; None around none."""
    found = [box for box in boxes if box is not None]
    if not found:
        return None
    west, south, east, north = zip(*found, strict=True)
    return BBox(min(west), min(south), max(east), max(north))


def tile_address(request: Request, path: str, grid: str, places: tuple[str, str, str]) -> str:
    """Address of the tiles with places for level, row and column."""
    base = str(request.base_url).rstrip("/")
    return f"{base}{path}/{grid}/" + "/".join(f"{{{place}}}" for place in places)


XYZ = ("z", "y", "x")
OGC = ("tileMatrix", "tileRow", "tileCol")


def _title(grid: TileMatrixSet) -> str:
    return f"{grid.title.zh} {grid.title.en}"


def _is_tilejson(request: Request, wanted: str | None) -> bool:
    """`f` decides; without it, a client that names no other JSON."""
    accept = request.headers.get("accept", "")
    return wanted == "tilejson" or (wanted is None and "tilejson" in accept)


def _matrix(grid: TileMatrixSet, level: int) -> Document:
    size = grid.size(level)
    return {
        "id": str(level),
        "scaleDenominator": grid.scale_denominator(level),
        "cellSize": grid.cell_size(level),
        "cornerOfOrigin": "topLeft",
        "pointOfOrigin": list(grid.origin),
        "tileWidth": TILE_SIZE,
        "tileHeight": TILE_SIZE,
        "matrixWidth": size.columns,
        "matrixHeight": size.rows,
    }


def _tilesets(request: Request, path: str, title: str) -> Document:
    rows = [
        _described(grid, title) | {"links": _links(request, path, grid)}
        for grid in MATRIX_SETS.values()
    ]
    return {"links": own_links(request, path), "tilesets": rows}


def _described(grid: TileMatrixSet, title: str) -> Document:
    uri = {"tileMatrixSetURI": grid.uri} if grid.uri else {}
    return {"title": title, "dataType": "vector", "crs": grid.crs, **uri}


def _links(request: Request, path: str, grid: TileMatrixSet) -> list[Document]:
    tiles = {
        "href": tile_address(request, path, grid.id, OGC),
        "rel": "item",
        "type": MVT,
        "templated": True,
    }
    scheme = f"/ogc/tileMatrixSets/{grid.id}"
    return [
        dict(link(request, f"{path}/{grid.id}", "self", JSON)),
        dict(link(request, scheme, f"{REL}/tiling-scheme", JSON, grid.title.en)),
        tiles,
    ]


def _tileset(
    request: Request, grid: TileMatrixSet, layers: tuple[Layer, ...], path: str, box: BBox | None
) -> Document:
    title = layers[0].title.en if len(layers) == 1 else "ZGC-GIS"
    document = _described(grid, title) | {
        "description": "A tile without features is answered with 204. Feature ids are the low 53"
        " bits of a hash of the property `id`.",
        "tileMatrixSetId": grid.id,
        "links": _links(request, path, grid) + _more_links(request, grid, layers, path),
        "layers": [_layer(grid, layer, reader_of(request, layer)) for layer in layers],
    }
    if box is None:
        return document
    corners = {"lowerLeft": [box.west, box.south], "upperRight": [box.east, box.north]}
    limits = [_limits(grid, level, box) for level in grid.levels]
    return document | {
        "boundingBox": corners | {"crs": CRS84, "orderedAxes": ["Lon", "Lat"]},
        "tileMatrixSetLimits": limits,
    }


def _more_links(
    request: Request, grid: TileMatrixSet, layers: tuple[Layer, ...], path: str
) -> list[Document]:
    links = [
        link(request, f"/ogc/collections/{layer.id}/items", f"{REL}/geodata", GEOJSON, layer.id)
        for layer in layers
    ]
    own = f"{path}/{grid.id}"
    links.append(link(request, own, "alternate", HTML, query={"f": "html"}))
    if grid.id == TILEJSON_SET:
        links.append(link(request, own, "alternate", JSON, "TileJSON", query={"f": "tilejson"}))
    return [dict(row) for row in links]


def _layer(grid: TileMatrixSet, layer: Layer, reader: Role) -> Document:
    return {
        "id": layer.id,
        "title": f"{layer.title.zh} {layer.title.en}",
        "description": f"{layer.description.zh} {layer.description.en} {rule_text(layer)}",
        "dataType": "vector",
        "geometryDimension": DIMENSIONS[layer.geometry],
        "minTileMatrix": str(grid.first),
        "maxTileMatrix": str(grid.last),
        "propertiesSchema": {"type": "object", "properties": _properties(layer, reader)},
        "zoomRules": zoom_rules(layer),
    }


def _properties(layer: Layer, reader: Role = Role.PUBLIC) -> Document:
    count = POINT_COUNT if layer.geometry is Geometry.POINT else FEATURE_COUNT
    return {
        "id": {"type": "string"},
        **{name: _property(layer.attribute(name)) for name in readable(layer, reader)},
        count: {"type": "integer", "minimum": 1},
    }


def _property(attribute: Attribute) -> Document:
    title = f"{attribute.title.zh} {attribute.title.en}"
    codes = {"enum": list(attribute.codes)} if attribute.codes else {}
    return {"title": title, **SCHEMAS[attribute.type], **codes}


def _limits(grid: TileMatrixSet, level: int, box: BBox) -> Document:
    return {
        "tileMatrix": str(level),
        "minTileRow": grid.row(level, box.north),
        "maxTileRow": grid.row(level, box.south),
        "minTileCol": grid.column(level, box.west),
        "maxTileCol": grid.column(level, box.east),
    }


def _tilejson(request: Request, layers: tuple[Layer, ...], path: str, box: BBox | None) -> Document:
    """TileJSON 3.0."""
    document = {
        "tilejson": "3.0.0",
        "name": layers[0].title.en if len(layers) == 1 else "ZGC-GIS",
        "scheme": "xyz",
        "tiles": [tile_address(request, path, TILEJSON_SET, XYZ)],
        "minzoom": 0,
        "maxzoom": LAST_ZOOM,
        "vector_layers": [_vector_layer(layer) for layer in layers],
    }
    if box is None:
        return document
    centre = [(box.west + box.east) / 2, (box.south + box.north) / 2, 10]
    return document | {"bounds": list(box), "center": centre}


def _vector_layer(layer: Layer) -> Document:
    shown = ("id", *shown_attributes(layer, LAST_ZOOM))
    titles = {name: row.get("title", "") for name, row in _properties(layer).items()}
    count = POINT_COUNT if layer.geometry is Geometry.POINT else FEATURE_COUNT
    return {
        "id": layer.id,
        "description": rule_text(layer),
        "minzoom": 0,
        "maxzoom": LAST_ZOOM,
        "fields": {name: titles[name] for name in (*shown, count)},
    }
