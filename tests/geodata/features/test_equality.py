"""Plain attribute parameters over HTTP, against Python over the same features."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from layers.catalog import CATALOG
from layers.layer import Layer

WITH_FEATURES = [layer for layer in CATALOG if layer.id != "parcels"]


def _features(client: TestClient, layer: Layer, **parameters: Any) -> list[dict[str, Any]]:
    answer = client.get(f"/ogc/collections/{layer.id}/items", params={"limit": 1000, **parameters})
    assert answer.status_code == 200, answer.text
    features: list[dict[str, Any]] = answer.json()["features"]
    return features


def _as_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize("layer", WITH_FEATURES, ids=lambda layer: layer.id)
def test_every_attribute_selects_the_features_that_have_its_value(
    client: TestClient, layer: Layer
) -> None:
    everything = _features(client, layer)
    for name in everything[0]["properties"]:
        values = {_as_text(f["properties"][name]) for f in everything} - {"None"}
        for value in sorted(values)[:3]:
            expected = [f for f in everything if _as_text(f["properties"][name]) == value]
            assert _features(client, layer, **{name: value}) == expected


def test_several_attributes_must_all_hold(client: TestClient) -> None:
    layer = CATALOG.get("enterprises")
    found = _features(client, layer, industry="biology", area="south")
    assert found
    expected = [
        f
        for f in _features(client, layer)
        if (f["properties"]["industry"], f["properties"]["area"]) == ("biology", "south")
    ]
    assert found == expected


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("enterprises/items?industry=bio", "must be one of electronic_information"),
        ("enterprises/items?as_of=2011", "must be a date"),
        ("sub_parks/items?level=1.5", "must be a whole number"),
        ("sub_parks/items?level=99999999999", "must be a whole number"),
        ("sub_parks/items?in_regulation=yes", "must be true or false"),
        ("sub_parks/items?accuracy_m=nan", "must be a finite number"),
        ("sub_parks/items?name_zh=", "must be text"),
        ("sub_parks/items?name_zh=%00", "must be text"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(client: TestClient, path: str, allowed: str) -> None:
    answer = client.get(f"/ogc/collections/{path}")
    assert answer.status_code == 400
    assert allowed in answer.json()["detail"]


def test_a_restricted_attribute_is_no_parameter(client: TestClient) -> None:
    answer = client.get("/ogc/collections/parcels/items?holder=x")
    assert answer.status_code == 400
    assert answer.json()["type"] == "/problems/unknown-parameter"
