"""Items in other formats: asked for by `f` or Accept, whole or by page."""

import csv
import io
import json

import pytest
from fastapi.testclient import TestClient

from geodata.formats.catalog import FORMATS
from geodata.formats.format import Format
from service.ogc.formats import GEOJSON

ITEMS = "/ogc/collections/enterprises/items"
FILES = [row for row in FORMATS if row is not GEOJSON]


def _rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


@pytest.mark.parametrize("row", FILES, ids=lambda row: row.name)
def test_a_format_is_asked_for_by_name_or_media_type(client: TestClient, row: Format) -> None:
    name, media_type = row.name, row.media_type
    by_name = client.get(f"{ITEMS}?f={name}&limit=3")
    by_type = client.get(f"{ITEMS}?limit=3", headers={"Accept": f"text/html;q=0.2, {media_type}"})
    for answer in (by_name, by_type):
        assert answer.status_code == 200
        assert answer.headers["content-type"].split(";")[0] == media_type
        assert 'filename="enterprises.' in answer.headers["content-disposition"]
        assert "filename*=UTF-8''%E4%BC%81%E4%B8%9A" in answer.headers["content-disposition"]
        assert "Accept" in answer.headers["vary"]
        assert len(answer.content) > 100


@pytest.mark.parametrize(
    "accept", ["*/*", "text/plain", "application/geo+json", "nonsense", "a;q=x"]
)
def test_geojson_is_what_nobody_else_asks_for(client: TestClient, accept: str) -> None:
    answer = client.get(ITEMS, headers={"Accept": accept})
    assert answer.headers["content-type"] == "application/geo+json"


def test_a_file_holds_the_whole_selection_and_with_a_limit_one_page(client: TestClient) -> None:
    whole = _rows(client.get(f"{ITEMS}?f=csv").text)
    assert len(whole) == 97
    page = client.get(f"{ITEMS}?f=csv&limit=5&sortby=-name_zh").text
    expected = client.get(f"{ITEMS}?limit=5&sortby=-name_zh").json()["features"]
    assert [row["id"] for row in _rows(page)] == [feature["id"] for feature in expected]


def test_a_selection_means_the_same_in_every_format(client: TestClient) -> None:
    query = "bbox=116.2,39.9,116.4,40.1&properties=name_zh,district"
    features = client.get(f"{ITEMS}?{query}&limit=1000").json()["features"]
    rows = _rows(client.get(f"{ITEMS}?{query}&f=csv").text)
    assert {row["id"]: row["name_zh"] for row in rows} == {
        feature["id"]: feature["properties"]["name_zh"] for feature in features
    }
    assert "industry" not in rows[0]
    sequence = client.get(f"{ITEMS}?{query}&f=geojsonseq").text
    assert [json.loads(line) for line in sequence.split("\x1e") if line.strip()] == features


def test_an_unknown_format_is_refused_with_those_there_are(client: TestClient) -> None:
    answer = client.get(f"{ITEMS}?f=gml")
    assert answer.status_code == 400
    detail = answer.json()["detail"]
    assert detail.startswith("no format 'gml'; f is one of geojson, geojsonseq, csv, ")


@pytest.mark.parametrize("query", ["crs=EPSG:4548", "skipGeometry=true", "max-allowable-offset=5"])
def test_what_only_geojson_can_do_is_refused_elsewhere(client: TestClient, query: str) -> None:
    answer = client.get(f"{ITEMS}?f=csv&{query}")
    assert answer.status_code == 400
    assert "for geojson" in answer.json()["detail"]
