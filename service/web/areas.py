"""The areas that have statistics, by layer, for the list on the statistics page."""

from typing import Any, NamedTuple
from urllib.parse import urlencode

import orjson

from geodata.features.items import ItemsQuery, read_page
from layers.catalog import Catalog
from layers.layer import Layer
from layers.text import Text
from service.state import Service

MOST_PER_LAYER = 500


class Area(NamedTuple):
    """An area of the plan."""

    id: str
    name: Text
    address: str


class AreaGroup(NamedTuple):
    """The areas of a layer; `complete` is False where the layer holds more than are listed."""

    layer: Layer
    areas: list[Area]
    complete: bool


async def area_groups(service: Service, catalog: Catalog) -> list[AreaGroup]:
    """The areas of every area layer, in catalog order."""
    return [await _group(service, layer) for layer in catalog if layer.is_area]


async def plan_as_of(service: Service, catalog: Catalog) -> str | None:
    """The day whose state the plan's data describe, as its zone says; None without a zone."""
    page = await read_page(service.pool, catalog.get("demonstration_zone"), ItemsQuery(limit=1))
    return orjson.loads(page.features[0])["properties"]["as_of"] if page.features else None


async def _group(service: Service, layer: Layer) -> AreaGroup:
    page = await read_page(service.pool, layer, ItemsQuery(limit=MOST_PER_LAYER))
    areas = [_area(layer, orjson.loads(feature)) for feature in page.features]
    return AreaGroup(layer, areas, complete=page.next_after is None)


def _area(layer: Layer, feature: dict[str, Any]) -> Area:
    feature_id, properties = feature["id"], feature["properties"]
    chinese = properties["name_zh"]
    return Area(
        id=feature_id,
        name=Text(chinese, properties.get("name_en") or chinese),
        address=f"/statistics?{urlencode({'layer': layer.id, 'id': feature_id})}",
    )
