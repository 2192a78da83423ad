"""Styles from the declared portrayal (Mapbox style specification, version 8).

One style with all layers and one for each layer. Texts need no glyph files: MapLibre draws them
with the fonts of the reader's machine where a style names no glyphs.
"""

from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse

from geodata.tiles.rules import FEATURE_COUNT, POINT_COUNT
from layers.catalog import CATALOG, Catalog
from layers.layer import Geometry, Layer
from layers.style import SCHEMATIC_DASH, Style
from service.errors import UnknownStyleError
from service.ogc.links import DocumentResponse, link, own_links
from service.ogc.tile_documents import LAST_ZOOM, TILEJSON_SET, XYZ, tile_address

STYLE = "application/vnd.mapbox.style+json"
ALL_LAYERS = "zgc"
SOURCE = "zgc"
BACKGROUND = "#f5f5f2"
HALO = "#ffffff"

Document = dict[str, Any]
Condition = list[Any]


class StyleSheet(JSONResponse):
    """A style sheet as an answer."""

    media_type = STYLE


router = APIRouter(tags=["OGC API"], default_response_class=DocumentResponse)


@router.get("/ogc/styles", summary="Styles")
def styles(request: Request) -> Document:
    """The style with all layers, then one for each (OGC API - Styles, 20-009)."""
    rows = {ALL_LAYERS: "ZGC-GIS"} | {layer.id: _title(layer) for layer in CATALOG}
    return _list(request, "/ogc/styles", rows)


@router.get("/ogc/styles/{style}", summary="One style", response_class=StyleSheet)
def style_sheet(request: Request, style: str) -> StyleSheet:
    """A style sheet."""
    if style == ALL_LAYERS:
        return _sheet(request, "ZGC-GIS", tuple(CATALOG), "/ogc/tiles")
    if style not in CATALOG.ids:
        known = ", ".join((ALL_LAYERS, *CATALOG.ids))
        raise UnknownStyleError(f"no style {style!r}; the styles are {known}")
    return _layer_sheet(request, CATALOG.get(style))


@router.get("/ogc/collections/{layer}/styles", summary="Styles of a layer")
def layer_styles(request: Request, layer: str) -> Document:
    """The one style of a layer, named like it."""
    found = CATALOG.get(layer)
    return _list(request, f"/ogc/collections/{layer}/styles", {layer: _title(found)})


@router.get(
    "/ogc/collections/{layer}/styles/{style}",
    summary="One style of a layer",
    response_class=StyleSheet,
)
def layer_style_sheet(request: Request, layer: str, style: str) -> StyleSheet:
    """The style sheet of a layer."""
    found = CATALOG.get(layer)
    if style != layer:
        raise UnknownStyleError(f"layer {layer!r} has no style {style!r}; its style is {layer}")
    return _layer_sheet(request, found)


def style_layers(catalog: Catalog | tuple[Layer, ...]) -> list[Document]:
    """Style layers in drawing order, labels above all."""
    drawn = sorted(catalog, key=lambda layer: layer.style.order)
    shapes = [row for layer in drawn for row in DRAWN[layer.geometry](layer)]
    return [*shapes, *(_label(layer) for layer in drawn)]


def _title(layer: Layer) -> str:
    return f"{layer.title.zh} {layer.title.en}"


def _list(request: Request, path: str, rows: dict[str, str]) -> Document:
    found = [
        {
            "id": name,
            "title": title,
            "links": [link(request, f"{path}/{name}", "stylesheet", STYLE, title)],
        }
        for name, title in rows.items()
    ]
    return {
        "links": own_links(request, path),
        "styles": found,
        "default": next(iter(rows)),
    }


def _layer_sheet(request: Request, layer: Layer) -> StyleSheet:
    return _sheet(request, _title(layer), (layer,), f"/ogc/collections/{layer.id}/tiles")


def _sheet(request: Request, name: str, layers: tuple[Layer, ...], path: str) -> StyleSheet:
    background = {
        "id": "background",
        "type": "background",
        "paint": {"background-color": BACKGROUND},
    }
    source = {
        "type": "vector",
        "tiles": [tile_address(request, path, TILEJSON_SET, XYZ)],
        "minzoom": 0,
        "maxzoom": LAST_ZOOM,
    }
    document = {
        "version": 8,
        "name": name,
        "center": [116.38, 39.95],
        "zoom": 9,
        "sources": {SOURCE: source},
        "layers": [background, *style_layers(layers)],
    }
    return StyleSheet(document)


def _row(layer: Layer, part: str, kind: str, condition: Condition | None, **more: Any) -> Document:
    """A style layer; `more` holds paint, layout and zooms."""
    row = {"id": f"{layer.id}-{part}", "type": kind, "source": SOURCE, "source-layer": layer.id}
    return row | ({"filter": condition} if condition else {}) | more


def _has(name: str) -> Condition:
    return ["has", name]


def _without(name: str) -> Condition:
    return ["!", ["has", name]]


SCHEMATIC: Condition = ["==", ["get", "boundary_status"], "schematic"]
NOT_SCHEMATIC: Condition = ["!=", ["get", "boundary_status"], "schematic"]
IS_AREA: Condition = ["==", ["geometry-type"], "Polygon"]
IS_POINT: Condition = ["==", ["geometry-type"], "Point"]


def _lines(layer: Layer) -> Iterator[Document]:
    """Dashed where the boundary is schematic; cells of merged features have no outline."""
    yield from _cells(layer)
    paint = {"line-color": layer.style.colour, "line-width": layer.style.width}
    dash = {"line-dasharray": [part / layer.style.width for part in SCHEMATIC_DASH]}
    own = _without(FEATURE_COUNT)
    yield _row(layer, "line", "line", ["all", own, NOT_SCHEMATIC], paint=paint)
    yield _row(layer, "line-schematic", "line", ["all", own, SCHEMATIC], paint=paint | dash)


def _areas(layer: Layer) -> Iterator[Document]:
    """Fill, outline, and a dot for what is smaller than a unit of the tile."""
    fill = {"fill-color": layer.style.colour, "fill-opacity": layer.style.fill_opacity}
    yield _row(layer, "fill", "fill", ["all", IS_AREA, _without(FEATURE_COUNT)], paint=fill)
    yield from _lines(layer)
    dot = {"circle-color": layer.style.colour, "circle-radius": layer.style.width}
    yield _row(layer, "dot", "circle", IS_POINT, paint=dot)


def _cells(layer: Layer) -> Iterator[Document]:
    """Merged features: the more there are in a cell, the darker it is."""
    count = ["to-number", ["get", FEATURE_COUNT]]
    opacity = ["interpolate", ["linear"], ["log10", count], 0, 0.25, 2, 0.85]
    paint = {"fill-color": layer.style.colour, "fill-opacity": opacity}
    yield _row(layer, "cells", "fill", _has(FEATURE_COUNT), paint=paint)


def _points(layer: Layer) -> Iterator[Document]:
    style = layer.style
    yield _row(layer, "point", "circle", _without(POINT_COUNT), paint=_circle(style, style.radius))
    count = ["to-number", ["get", POINT_COUNT]]
    radius = ["interpolate", ["linear"], ["log10", count], 0, style.radius, 5, 22]
    yield _row(layer, "cluster", "circle", _has(POINT_COUNT), paint=_circle(style, radius))
    layout = {"text-field": ["to-string", ["get", POINT_COUNT]], "text-size": 11}
    paint = {"text-color": "#1c2733", "text-halo-color": HALO, "text-halo-width": 1.5}
    yield _row(layer, "count", "symbol", _has(POINT_COUNT), layout=layout, paint=paint)


def _circle(style: Style, radius: float | Condition) -> Document:
    return {
        "circle-color": style.colour,
        "circle-opacity": style.fill_opacity,
        "circle-radius": radius,
        "circle-stroke-color": HALO,
        "circle-stroke-width": 1,
    }


DRAWN = {Geometry.POINT: _points, Geometry.LINE: _lines, Geometry.AREA: _areas}


def _label(layer: Layer) -> Document:
    placement = {"symbol-placement": "line"} if layer.geometry is Geometry.LINE else {}
    offset = (
        {"text-offset": [0, 1], "text-anchor": "top"} if layer.geometry is Geometry.POINT else {}
    )
    layout = {"text-field": ["get", "name_zh"], "text-size": 12, **placement, **offset}
    paint = {"text-color": layer.style.colour, "text-halo-color": HALO, "text-halo-width": 1.5}
    names = layer.style.names_from
    row = _row(layer, "name", "symbol", _has("name_zh"), layout=layout, paint=paint)
    return row | {"minzoom": names}
