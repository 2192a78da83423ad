"""The map of the zone: one Folium map with every layer of a catalog as an overlay."""

# Parts of Folium and branca carry no annotations.
# mypy: allow-untyped-calls

from functools import partial
from html import escape
from typing import Any

import folium
from folium.plugins import Draw, Fullscreen, MousePosition
from folium.utilities import JsCode

from layers.catalog import Catalog
from layers.layer import Layer
from service.maps.controls import Buttons, DrawWords, Handles
from service.maps.description import describe
from service.maps.figure import take_apart
from service.maps.parts import MapParts
from service.maps.symbol import symbol
from service.web.language import Language, texts, translate

# Latitude, longitude in degrees: the plain between Changping and Daxing, where the zone lies.
CENTRE = (39.95, 116.38)
START_ZOOM, MIN_ZOOM, MAX_ZOOM = 10, 8, 19

DRAW_WORDS = "drawLocal."


def zone_map(catalog: Catalog, language: Language) -> MapParts:
    """The parts of the map."""
    return take_apart(build(catalog, language))


def build(catalog: Catalog, language: Language) -> folium.Map:
    """The Folium map: an empty overlay per layer in the declared order, and its controls."""
    m = _base()
    overlays = {layer.id: _overlay(layer, language).add_to(m) for layer in _drawn_order(catalog)}
    _add_buttons(m, partial(translate, language=language))
    draw = _add_drawing(m, language)
    control = folium.LayerControl(collapsed=False).add_to(m)
    Handles(overlays, control, draw, describe(catalog, language)).add_to(m)
    return m


def _base() -> folium.Map:
    # One canvas for all layers: a second one on top would swallow the clicks of those beneath.
    return folium.Map(
        location=CENTRE,
        zoom_start=START_ZOOM,
        tiles=None,
        prefer_canvas=True,
        zoom_control=False,
        minZoom=MIN_ZOOM,
        maxZoom=MAX_ZOOM,
    )


def _drawn_order(catalog: Catalog) -> list[Layer]:
    """Nearest the reader first, as a legend lists them."""
    return sorted(catalog, key=lambda layer: layer.style.order, reverse=True)


def _overlay(layer: Layer, language: Language) -> folium.FeatureGroup:
    """An overlay whose name is its legend entry; Leaflet inserts that name as HTML."""
    name = (
        f'{symbol(layer)}<span class="title">{escape(language.of(layer.title))}</span>'
        f'<span class="count" data-layer="{layer.id}"></span>'
    )
    return folium.FeatureGroup(name=name, show=layer.style.visible)


def _add_buttons(m: folium.Map, t: "partial[str]") -> None:
    Buttons(t("map.zoom_in"), t("map.zoom_out")).add_to(m)
    Fullscreen(
        title=t("map.fullscreen"),
        title_cancel=t("map.fullscreen_exit"),
        fullscreen_element=JsCode('document.getElementById("workspace")'),
    ).add_to(m)
    five_decimals = "function (degrees) { return degrees.toFixed(5); }"
    MousePosition(
        prefix="CGCS2000",
        separator=", ",
        lng_first=True,
        num_digits=5,
        empty_string=escape(t("map.no_position")),
        lat_formatter=five_decimals,
        lng_formatter=five_decimals,
    ).add_to(m)


def _add_drawing(m: folium.Map, language: Language) -> Draw:
    DrawWords(_nested(texts(language, DRAW_WORDS))).add_to(m)
    shape = {"shapeOptions": {"color": "#1c2733", "weight": 2, "fillOpacity": 0.08}}
    polygon = shape | {"allowIntersection": False, "showArea": True, "metric": True}
    others = dict.fromkeys(("polyline", "circle", "marker", "circlemarker"), False)
    draw = Draw(
        show_geometry_on_click=False,
        draw_options={"polygon": polygon, "rectangle": shape | {"showArea": False}} | others,
    )
    m.add_child(draw)
    return draw


def _nested(words: dict[str, str]) -> dict[str, Any]:
    """`drawLocal.draw.toolbar.finish.text` -> the tree that Leaflet.draw expects."""
    tree: dict[str, Any] = {}
    for key, text in words.items():
        *path, last = key.removeprefix(DRAW_WORDS).split(".")
        node = tree
        for name in path:
            node = node.setdefault(name, {})
        node[last] = text
    return tree
