"""The page that finds an address."""

import html
import re

import pytest
from fastapi.testclient import TestClient

from geodata.geocoding.candidate import Candidate
from geodata.geocoding.geocode import LONGEST_ADDRESS
from geodata.geocoding.level import Level
from service.geocoding.pages import map_view


def found(client: TestClient, address: str, language: str = "zh") -> str:
    answer = client.get("/address", params={"address": address, "lang": language})
    client.cookies.clear()
    assert answer.status_code == 200
    return html.unescape(answer.text)


def test_the_portal_has_a_form_that_leads_to_the_page(client: TestClient) -> None:
    portal = client.get("/").text
    assert re.search(r'<form [^>]*role="search"[^>]*action="/address"', portal)
    assert re.search(r'<input [^>]*name="address"', portal)


def test_before_a_question_there_is_the_form_alone(client: TestClient) -> None:
    text = found(client, "  ")
    assert 'name="address"' in text
    assert "<table" not in text


@pytest.mark.parametrize(("language", "level"), [("zh", "门牌"), ("en", "House number")])
def test_an_address_is_answered_as_the_interface_does(
    client: TestClient, language: str, level: str
) -> None:
    address = "北京市海淀区中关村大街59号中国人民大学"
    text = found(client, address, language)
    best = client.get("/api/geocode", params={"address": address}).json()["features"][0]
    lon, lat = best["geometry"]["coordinates"]
    row = re.search(r"<tbody>\s*<tr>.*?</tr>", text, re.DOTALL)
    assert row
    assert best["properties"]["name"] in row[0]
    assert level in row[0]
    assert f"{best['properties']['score']:.2f}" in row[0]
    metres = best["properties"]["accuracy_m"]
    at = f"{lat:.5f}/{lon:.5f}"
    assert re.search(rf'href="/map#view=\d+/{at}&spot={at}/{metres:.0f}"', row[0])
    assert f'value="{address}"' in text


def test_what_is_doubtful_is_said(client: TestClient) -> None:
    assert "只到街道或区" in found(client, "海淀区无此路7号")
    assert "地名库中没有" in found(client, "???")
    assert "outside Beijing" in found(client, "上海市南京路1号", "en")


def test_what_is_looked_for_is_neither_kept_nor_run(client: TestClient) -> None:
    answer = client.get("/address", params={"address": '"><script>海淀区</script>'})
    assert answer.headers["cache-control"] == "no-store"
    assert "<script>海淀区" not in answer.text


def test_an_endless_address_is_refused_with_what_is_allowed(client: TestClient) -> None:
    answer = client.get("/address", params={"address": "长" * (LONGEST_ADDRESS + 1)})
    assert answer.status_code == 400
    assert str(LONGEST_ADDRESS) in answer.text


@pytest.mark.parametrize(
    ("accuracy_m", "zoom"), [(1, 17), (150, 17), (500, 15), (15_000, 10), (99_000, 9)]
)
def test_the_map_opens_as_near_as_the_place_is_known(accuracy_m: float, zoom: int) -> None:
    candidate = Candidate(
        lon=116.3,
        lat=39.98,
        level=Level.ROAD,
        accuracy_m=accuracy_m,
        score=1,
        provider="gazetteer",
    )
    at = "39.98000/116.30000"
    assert map_view(candidate) == f"view={zoom}/{at}&spot={at}/{accuracy_m}"
