"""Order and paging by key against Python's own sort."""

import base64
import json
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from geodata.database.pool import Pool
from geodata.features.items import ItemsQuery, read_page
from geodata.features.order import (
    MOST_KEYS,
    InvalidKeyError,
    InvalidOrderError,
    SortKey,
    decode_key,
    parse_order,
    sortables,
)
from layers.catalog import CATALOG
from layers.layer import Layer

ENTERPRISES = CATALOG.get("enterprises")


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("name_zh", (SortKey("name_zh"),)),
        ("-accuracy_m,+name_zh", (SortKey("accuracy_m", True), SortKey("name_zh"))),
        (" accuracy_m", (SortKey("accuracy_m"),)),
        ("district,-id,name_zh", (SortKey("district"), SortKey("id", True))),
    ],
)
def test_an_order_is_read(text: str, keys: tuple[SortKey, ...]) -> None:
    assert parse_order(ENTERPRISES, text) == keys


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("height", "cannot sort by 'height'; sortable are id, name_zh"),
        ("", "cannot sort by ''"),
        ("geom", "cannot sort by 'geom'"),
        ("name_zh,-name_zh", "'name_zh' is given twice"),
        (",".join(sortables(ENTERPRISES)[1 : MOST_KEYS + 2]), f"at most {MOST_KEYS}"),
    ],
)
def test_a_wrong_order_is_refused(text: str, message: str) -> None:
    with pytest.raises(InvalidOrderError, match=message):
        parse_order(ENTERPRISES, text)


def test_a_restricted_attribute_is_no_sort_key() -> None:
    with pytest.raises(InvalidOrderError):
        parse_order(CATALOG.get("parcels"), "holder")


def _key(*values: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    ("order", "key"),
    [
        ("accuracy_m", "%%%"),
        ("accuracy_m", "bm90IGpzb24"),
        ("accuracy_m", _key("x", "id")),
        ("accuracy_m", _key(True, "id")),
        ("accuracy_m", _key(1.5)),
        ("accuracy_m", _key(1.5, 2)),
        ("as_of", _key("yesterday", "id")),
        ("name_zh", _key(["a"], "id")),
    ],
)
def test_a_wrong_key_is_refused(order: str, key: str) -> None:
    with pytest.raises(InvalidKeyError):
        decode_key(ENTERPRISES, parse_order(ENTERPRISES, order), key)


def _value(feature: dict[str, Any], key: SortKey) -> Any:
    return feature["id"] if key.name == "id" else feature["properties"][key.name]


def _sorted(features: list[dict[str, Any]], order: tuple[SortKey, ...]) -> list[str]:
    """Python's stable sort from the last key to the first; nulls last either way."""
    rows = sorted(features, key=lambda feature: feature["id"])
    for key in reversed(order):
        present = [row for row in rows if _value(row, key) is not None]
        absent = [row for row in rows if _value(row, key) is None]
        present.sort(key=partial(_value, key=key), reverse=key.descending)
        rows = present + absent
    return [row["id"] for row in rows]


async def _walk(pool: Pool, layer: Layer, query: ItemsQuery) -> list[dict[str, Any]]:
    features: list[dict[str, Any]] = []
    while True:
        page = await read_page(pool, layer, query)
        features += [json.loads(feature) for feature in page.features]
        if page.next_after is None:
            return features
        query = replace(query, after=page.next_after)


@pytest.mark.anyio
@pytest.mark.parametrize("limit", [1, 4, 1000])
@pytest.mark.parametrize(
    "text",
    [
        "name_zh",
        "-accuracy_m",
        "district,-accuracy_m",
        "-district,industry,-name_en",
        "as_of,-id",
        "emerging_industry,-valid_from,section",
    ],
)
async def test_pages_together_are_the_layer_in_pythons_order(
    text: str, limit: int, pool: Pool
) -> None:
    everything = await _walk(pool, ENTERPRISES, ItemsQuery(limit=1000))
    order = parse_order(ENTERPRISES, text)
    found = await _walk(pool, ENTERPRISES, ItemsQuery(limit=limit, order=order))
    assert [feature["id"] for feature in found] == _sorted(everything, order)
