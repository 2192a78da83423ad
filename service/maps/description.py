"""What the browser needs to know of each layer: names, style, attributes and their labels."""

from typing import Any

from layers.attribute import Attribute, Role
from layers.catalog import Catalog
from layers.common import ALIASES, COMMON
from layers.layer import Layer
from layers.style import SCHEMATIC_DASH
from service.web.language import Language

NAMES = frozenset({"name_zh", "name_en", ALIASES.name})


def describe(catalog: Catalog, language: Language) -> list[dict[str, Any]]:
    """Every layer in catalog order, as plain data in one language.

    What sets a layer apart comes before what all features carry.
    """
    return [_layer(layer, language) for layer in catalog]


def _layer(layer: Layer, language: Language) -> dict[str, Any]:
    style = layer.style
    return {
        "id": layer.id,
        "title": language.of(layer.title),
        "geometry": layer.geometry.value,
        "isArea": layer.is_area,
        "style": {
            "colour": style.colour,
            "fillOpacity": style.fill_opacity,
            "width": style.width,
            "radius": style.radius,
            "order": style.order,
            "visible": style.visible,
            "schematicDash": " ".join(map(str, SCHEMATIC_DASH)),
        },
        "attributes": [
            _attribute(attribute, language)
            for attribute in (*layer.attributes, *COMMON)
            if attribute.reader is Role.PUBLIC
        ],
        "searched": _searched(layer),
    }


def _searched(layer: Layer) -> list[str]:
    """Attributes by which a reader finds a feature: its names, and codes that only it has."""
    return [
        attribute.name
        for attribute in (*COMMON, *layer.attributes)
        if attribute.reader is Role.PUBLIC and (attribute.name in NAMES or attribute.unique)
    ]


def _attribute(attribute: Attribute, language: Language) -> dict[str, Any]:
    codes = attribute.codes
    return {
        "name": attribute.name,
        "title": language.of(attribute.title),
        "type": attribute.type.value,
        "unit": attribute.unit,
        "codes": {code: language.of(codes.label(code)) for code in codes} if codes else None,
        "references": list(attribute.references),
    }
