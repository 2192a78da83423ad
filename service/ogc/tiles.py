"""Vector tiles of one layer or of several (OGC API - Tiles Part 1, 20-057).

The hot path, plain Starlette routes: what the client holds is confirmed without a look at the
data, what the cache holds is sent as it is.
"""

from collections.abc import Mapping
from functools import lru_cache, partial
from hashlib import blake2b
from typing import Any, NamedTuple
from zlib import crc32

from starlette.requests import Request
from starlette.types import ASGIApp

from geodata.database.representation import readable
from geodata.features.selection import WHOLE_LAYER, Selection
from geodata.tiles.matrix_sets import MATRIX_SETS, find_matrix_set
from geodata.tiles.read import read_tiles
from geodata.tiles.rules import shown_attributes, zoom_rules
from geodata.tiles.statement import Part
from geodata.tiles.tile import Tile, find_tile
from layers.attribute import Role
from layers.catalog import CATALOG
from layers.layer import Layer
from service.accounts.reader import reader_of
from service.audit.reading import keep_features
from service.cache import Answer, tag_for
from service.conditional import CACHE_RULES, not_modified
from service.endpoint import plain_route
from service.errors import InvalidParameterError
from service.openapi import parameter_document
from service.parameters import AS_KNOWN, DATETIME, Parameter, parse_names, read_parameters
from service.state import Service, service_of

MVT = "application/vnd.mapbox-vector-tile"

RULES = [(zoom_rules(layer), [readable(layer, role) for role in Role]) for layer in CATALOG]
FORMAT = crc32(repr((1, RULES)).encode())
"""In every tag: other rules make other tiles of the same data. The number is this code's."""

ALL = ("*",)
EVERY_LAYER = tuple(CATALOG)

KEPT = 5000
"""Addresses whose meaning is kept; about a kilobyte each."""


def _parse_layers(text: str) -> tuple[Layer, ...]:
    names = set(parse_names(text))
    if not names or (unknown := sorted(names.difference(CATALOG.ids))):
        wrong = f"no layer {unknown[0]!r}" if names else "names no layer"
        raise ValueError(f"{wrong}; the layers are {', '.join(CATALOG.ids)}")
    return tuple(layer for layer in CATALOG if layer.id in names)


def _parse_format(text: str) -> str:
    if text != "mvt":
        raise ValueError("must be mvt")
    return text


PROPERTIES = Parameter(
    "properties",
    "Attributes besides the id instead of those of the zoom, comma-separated; * for all",
    {"type": "array", "items": {"type": "string"}},
    parse_names,
)

COLLECTIONS = Parameter(
    "collections",
    "Layers in the tile, comma-separated; all by default",
    {"type": "array", "items": {"type": "string", "enum": list(CATALOG.ids)}},
    _parse_layers,
)

FORMAT_PARAMETER = Parameter(
    "f", "Format; there is but one", {"type": "string", "enum": ["mvt"]}, _parse_format
)

LAYER_PARAMETERS = (DATETIME, AS_KNOWN, PROPERTIES, FORMAT_PARAMETER)
DATASET_PARAMETERS = (COLLECTIONS, *LAYER_PARAMETERS)


class Asked(NamedTuple):
    """What a request asks for, without its parts' order or spelling.

    Args:
        tile: where.
        parts: layers and the attributes of each.
        selection: which features, and as which reader: the least that reads all those attributes.
    """

    tile: Tile
    parts: tuple[Part, ...]
    selection: Selection


async def layer_tile(request: Request) -> ASGIApp:
    """A tile of one layer (/req/core/tc-op)."""
    layers = (CATALOG.get(request.path_params["layer"]),)
    return await _answer(request, layers, LAYER_PARAMETERS)


async def dataset_tile(request: Request) -> ASGIApp:
    """A tile of several layers (/req/collections-selection/collections-parameter)."""
    return await _answer(request, EVERY_LAYER, DATASET_PARAMETERS)


ADDRESS = "tiles/{tileMatrixSet}/{tileMatrix}/{tileRow}/{tileCol}"
LAYER_PATH = f"/ogc/collections/{{layer}}/{ADDRESS}"
DATASET_PATH = f"/ogc/{ADDRESS}"

ROUTES = (
    plain_route(LAYER_PATH, {"GET": layer_tile}),
    plain_route(DATASET_PATH, {"GET": dataset_tile}),
)


def _asked_by(request: Request, layers: tuple[Layer, ...], allowed: tuple[Parameter, ...]) -> Asked:
    path = request.path_params
    place = (path["tileMatrixSet"], path["tileMatrix"], path["tileRow"], path["tileCol"])
    readers = tuple(reader_of(request, layer) for layer in layers)
    return _asked(place, layers, readers, allowed, request.scope["query_string"])


@lru_cache(maxsize=KEPT)
def _asked(
    place: tuple[str, str, str, str],
    layers: tuple[Layer, ...],
    readers: tuple[Role, ...],
    allowed: tuple[Parameter, ...],
    query: bytes,
) -> Asked:
    grid = find_matrix_set(place[0])
    tile = find_tile(grid, *place[1:])
    if not query and all(layer.precision is None for layer in layers):
        return Asked(tile, _shown(layers, tile.zoom), WHOLE_LAYER)
    values: dict[str, Any] = read_parameters(query, allowed)
    reading = dict(zip(layers, readers, strict=True))
    chosen: tuple[Layer, ...] = values.get("collections", layers)
    parts = _shown(chosen, tile.zoom)
    if "properties" in values:
        parts = _wanted(chosen, tuple(reading[each] for each in chosen), values["properties"])
    parts = tuple(_placed(part, reading[part.layer]) for part in parts)
    selection = Selection(
        interval=values.get("datetime", (None, None)),
        as_known=values.get("as_known"),
        reader=_least_reader(parts),
    )
    return Asked(tile, parts, selection)


@lru_cache(maxsize=1000)
def _shown(layers: tuple[Layer, ...], zoom: int) -> tuple[Part, ...]:
    return tuple(Part(layer, shown_attributes(layer, zoom)) for layer in layers)


def _wanted(
    layers: tuple[Layer, ...], readers: tuple[Role, ...], names: tuple[str, ...]
) -> tuple[Part, ...]:
    """Names that at least one of the layers has; who may not read one is not told of it."""
    known = [readable(layer, reader) for layer, reader in zip(layers, readers, strict=True)]
    every = {"id"}.union(*known)
    if names != ALL and (unknown := sorted(set(names) - every)):
        allowed = f"no attribute {unknown[0]!r}; attributes are {', '.join(sorted(every))} or *"
        raise InvalidParameterError("properties", ",".join(names), allowed)
    return tuple(
        Part(layer, tuple(name for name in known_here if names == ALL or name in names))
        for layer, known_here in zip(layers, known, strict=True)
    )


def _placed(part: Part, reader: Role) -> Part:
    """With the least role that is told positions as the reader is."""
    precision = part.layer.precision
    if precision is None or not part.layer.tells_positions(reader):
        return part
    return part._replace(positions=precision.reader)


def _least_reader(parts: tuple[Part, ...]) -> Role:
    return next(role for role in Role if all(role.includes(_reader_of(part)) for part in parts))


@lru_cache(maxsize=1000)
def _reader_of(part: Part) -> Role:
    """The least role that reads a part: all its attributes, and positions as they are told."""
    return next(
        role
        for role in Role
        if role.includes(part.positions) and set(part.names) <= set(readable(part.layer, role))
    )


async def _answer(
    request: Request, layers: tuple[Layer, ...], allowed: tuple[Parameter, ...]
) -> ASGIApp:
    """Versions first, data after: a tile is never older than its tag says.

    The tag of a layer that keeps more than it tells is of the content: its version would tell too.
    """
    asked, service = _asked_by(request, layers, allowed), service_of(request)
    versions = tuple([await service.versions.current(part.layer) for part in asked.parts])
    key = (asked, versions)
    if _keeps_more(asked):
        found = service.answers.get(key)
        if found is None:
            make = partial(_made, service, asked, versions, None)
            found = await service.answers.once(key, make)
        return not_modified(request.scope, tag_for(request.scope, found.etag)) or found
    etag = f'"{FORMAT:x}-{_tagged(asked)}{".".join(map(str, versions))}"'
    if (held := not_modified(request.scope, tag_for(request.scope, etag))) is not None:
        return held
    found = service.answers.get(key)
    if found is None:
        found = await service.answers.once(key, lambda: _made(service, asked, versions, etag))
    if asked.selection.reader is not Role.PUBLIC:
        for part in asked.parts:
            await keep_features(request, part.layer, _reader_of(part), part.names)
    return found


@lru_cache(maxsize=KEPT)
def _keeps_more(asked: Asked) -> bool:
    return any(part.layer.keeps_from(asked.selection.reader) for part in asked.parts)


def _tagged(asked: Asked) -> str:
    """What whoever asks gets beyond others at the same address: a token may leave layers out."""
    reader = asked.selection.reader
    if reader is Role.PUBLIC:
        return ""
    return f"{reader}-{crc32(repr([part[1:] for part in asked.parts]).encode()):x}-"


async def _made(
    service: Service, asked: Asked, versions: tuple[int, ...], etag: str | None
) -> Answer:
    """Layers concatenated, as the format allows; those that have not changed come as they were."""
    keys = {
        part: (asked._replace(parts=(part,)), version)
        for part, version in zip(asked.parts, versions, strict=True)
    }
    held = {part: service.tile_layers.get(key) for part, key in keys.items()}
    missing = tuple(part for part, content in held.items() if content is None)
    for part, content in zip(missing, await _read(service, asked, missing), strict=True):
        held[part] = content
        service.tile_layers.put(keys[part], content)
    body = b"".join(content for content in held.values() if content)
    etag = etag or f'"{FORMAT:x}-{_tagged(asked)}{blake2b(body, digest_size=16).hexdigest()}"'
    return Answer(body, MVT, etag, CACHE_RULES)


async def _read(service: Service, asked: Asked, parts: tuple[Part, ...]) -> list[bytes]:
    if not parts:
        return []
    pool = service.readings[asked.selection.reader].pool
    return await read_tiles(pool, asked.tile, parts, asked.selection)


def path_items() -> Mapping[str, Any]:
    """OpenAPI path items of the routes."""
    return {
        LAYER_PATH: _path_item("Tile of a layer", ("layer", *IN_PATH), LAYER_PARAMETERS),
        DATASET_PATH: _path_item("Tile of several layers", tuple(IN_PATH), DATASET_PARAMETERS),
    }


IN_PATH: Mapping[str, Mapping[str, Any]] = {
    "tileMatrixSet": {"type": "string", "enum": list(MATRIX_SETS)},
    "tileMatrix": {"type": "integer", "minimum": 0},
    "tileRow": {"type": "integer", "minimum": 0},
    "tileCol": {"type": "integer", "minimum": 0},
}


def _path_item(
    summary: str, names: tuple[str, ...], parameters: tuple[Parameter, ...]
) -> dict[str, Any]:
    schemas = {"layer": {"type": "string", "enum": list(CATALOG.ids)}, **IN_PATH}
    places = [
        {"name": name, "in": "path", "required": True, "schema": schemas[name]} for name in names
    ]
    tile = {"schema": {"type": "string", "format": "binary"}}
    return {
        "get": {
            "tags": ["OGC API"],
            "summary": summary,
            "operationId": summary.lower().replace(" ", "_"),
            "parameters": [*places, *map(parameter_document, parameters)],
            "responses": {
                "200": {"description": "Mapbox vector tile 2.1", "content": {MVT: tile}},
                "204": {"description": "Nothing there; the tile is empty"},
                "304": {"description": "The client's copy is current"},
            },
        }
    }
