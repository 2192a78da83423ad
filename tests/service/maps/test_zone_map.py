import json
import re
from dataclasses import replace
from typing import Any

import pytest

from layers.attribute import Attribute, Role
from layers.catalog import CATALOG, Catalog
from layers.layer import Geometry, Layer
from layers.style import Style
from layers.text import Text
from service.maps.zone_map import build, zone_map
from service.web.language import Language

MADE_UP = Layer(
    id="bridges",
    title=Text("桥<梁>", "Bridges"),
    description=Text("桥", "Bridges"),
    geometry=Geometry.LINE,
    attributes=(
        Attribute(name="span", title=Text("跨度", "Span")),
        Attribute(name="owner", title=Text("业主", "Owner"), reader=Role.PLANNER),
    ),
    style=Style(colour="#123456", order=35, visible=False),
)


def described(script: str) -> list[dict[str, Any]]:
    """The layers as the script hands them to our modules."""
    start = re.search(r"layers: (?=\[)", script)
    assert start
    layers: list[dict[str, Any]] = json.JSONDecoder().raw_decode(script[start.end() :])[0]
    return layers


def by_order(catalog: Catalog) -> list[Layer]:
    return sorted(catalog, key=lambda layer: layer.style.order)


@pytest.mark.parametrize("language", list(Language))
def test_the_map_loads_nothing_from_another_host(language: Language) -> None:
    parts = zone_map(CATALOG, language)
    for text in (*parts.scripts, *parts.styles):
        assert text.startswith("/static/vendor/")
    assert "//" not in parts.html
    assert re.findall(r"https?://", parts.script) == []


@pytest.mark.parametrize("language", list(Language))
def test_every_layer_is_an_overlay_under_its_title(language: Language) -> None:
    script = zone_map(CATALOG, language).script
    entries = [json.loads(text) for text in re.findall(r'(".*?") : feature_group_', script)]
    for layer, entry in zip(reversed(by_order(CATALOG)), entries, strict=True):
        assert f">{language.of(layer.title)}<" in entry
        assert f'data-layer="{layer.id}"' in entry
    assert [layer["id"] for layer in described(script)] == list(CATALOG.ids)


def test_a_layer_added_to_a_catalog_shows_up() -> None:
    script = zone_map(CATALOG.with_layer(MADE_UP), Language.ZH).script
    layer = described(script)[-1]
    assert layer["id"] == "bridges"
    assert layer["style"]["colour"] == "#123456"
    assert "bridges" in re.findall(r'"(\w+)": feature_group_\d+', script)


def test_a_layer_that_opens_hidden_is_not_added_to_the_map() -> None:
    shown = zone_map(Catalog((MADE_UP,)), Language.ZH).script
    assert "feature_group_0.addTo(map_zgc)" not in shown


def test_a_title_is_text_also_where_leaflet_takes_html() -> None:
    script = zone_map(CATALOG.with_layer(MADE_UP), Language.ZH).script
    assert "桥<梁>" not in script


def test_attributes_that_the_public_may_not_read_are_not_described() -> None:
    layer = described(zone_map(CATALOG.with_layer(MADE_UP), Language.EN).script)[-1]
    names = [attribute["name"] for attribute in layer["attributes"]]
    assert "span" in names
    assert "owner" not in names


@pytest.mark.parametrize(
    ("layer_id", "searched"),
    [
        ("enterprises", ["name_zh", "name_en", "aliases", "uscc"]),
        ("parcels", ["name_zh", "name_en", "parcel_code"]),
        ("clusters", ["name_zh", "name_en", "aliases"]),
    ],
)
def test_features_are_found_by_their_names_and_by_codes_of_their_own(
    layer_id: str, searched: list[str]
) -> None:
    layers = described(zone_map(CATALOG, Language.ZH).script)
    layer = next(each for each in layers if each["id"] == layer_id)
    assert layer["searched"] == searched


def test_a_code_that_the_public_may_not_read_is_not_searched() -> None:
    secret = Attribute(
        name="contract", title=Text("合同", "Contract"), unique=True, reader=Role.PLANNER
    )
    layer = replace(MADE_UP, attributes=(secret,))
    described_layer = described(zone_map(Catalog((layer,)), Language.ZH).script)[0]
    assert "contract" not in described_layer["searched"]


def test_overlays_follow_the_declared_order() -> None:
    m = build(CATALOG, Language.ZH)
    overlays = [child for child in m._children.values() if child._name == "FeatureGroup"]
    for overlay, layer in zip(overlays, reversed(by_order(CATALOG)), strict=True):
        assert f'data-layer="{layer.id}"' in overlay.layer_name


def test_every_process_builds_the_same_script() -> None:
    assert zone_map(CATALOG, Language.ZH) == zone_map(CATALOG, Language.ZH)


def test_languages_differ() -> None:
    assert zone_map(CATALOG, Language.ZH).version != zone_map(CATALOG, Language.EN).version
