"""Pages beside the documents of `/ogc`: the same content, for people."""

import pytest
from fastapi.testclient import TestClient

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
PATHS = [
    "/ogc",
    "/ogc/conformance",
    "/ogc/api",
    "/ogc/collections",
    "/ogc/collections/clusters",
    "/ogc/collections/clusters/items",
    "/ogc/collections/parcels/items",
    "/ogc/collections/clusters/items/north",
    "/ogc/collections/clusters/tiles",
    "/ogc/tileMatrixSets/WebMercatorQuad",
]


@pytest.mark.parametrize("path", PATHS)
def test_a_browser_gets_a_page_and_a_program_the_document(client: TestClient, path: str) -> None:
    page = client.get(path, headers=BROWSER)
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "Accept" in page.headers["vary"]
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert "json" in client.get(path).headers["content-type"]


@pytest.mark.parametrize("path", PATHS)
def test_f_wins_over_accept(client: TestClient, path: str) -> None:
    answer = client.get(f"{path}?f=html", headers={"Accept": "application/json"})
    assert answer.headers["content-type"].startswith("text/html")


def test_the_page_of_items_shows_them_with_a_picture_and_the_way_on(client: TestClient) -> None:
    html = client.get("/ogc/collections/sub_parks/items?limit=2", headers=BROWSER).text
    document = client.get("/ogc/collections/sub_parks/items?limit=2").json()
    for feature in document["features"]:
        assert feature["properties"]["name_zh"] in html
    assert "<svg" in html
    assert "after=" in html


def test_an_error_keeps_its_status_and_says_what_is_allowed(client: TestClient) -> None:
    answer = client.get("/ogc/collections/rivers", headers=BROWSER)
    assert answer.status_code == 404
    assert "the layers are demonstration_zone" in answer.text


def test_files_pass_through(client: TestClient) -> None:
    answer = client.get("/ogc/collections/clusters/items?f=csv", headers=BROWSER)
    assert answer.headers["content-type"].startswith("text/csv")


def test_the_language_switch_works_on_pages(client: TestClient) -> None:
    html = client.get("/ogc/collections?lang=en", headers=BROWSER).text
    assert '<html lang="en">' in html
    client.cookies.clear()


def test_names_from_data_are_text(client: TestClient) -> None:
    answer = client.get("/ogc/collections/%3Cscript%3E", headers=BROWSER)
    assert "<script>" not in answer.text.replace('<script type="module"', "")
