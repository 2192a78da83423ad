import re
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from layers.attribute import Role
from layers.catalog import CATALOG
from service.app import create_app
from service.settings import Settings
from service.web.language import Language
from service.web.navigation import NAVIGATION
from service.web.security import HEADERS

PAGES = ("/", "/map", "/statistics", "/statistics?layer=clusters&id=north", "/docs", "/address")


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_under_the_content_security_policy(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    for name, value in HEADERS.items():
        assert answer.headers[name] == value


@pytest.mark.parametrize("path", PAGES)
def test_no_page_names_another_host_or_carries_inline_code(client: TestClient, path: str) -> None:
    html = client.get(path).text
    assert re.findall(r'(?:src|href|action)="(?:https?:)?//[^"]*"', html) == []
    assert re.findall(r"<style|\sstyle=|\son\w+=|javascript:", html) == []
    scripts = re.findall(r"<script([^>]*)>", html)
    assert all("src=" in script or "application/json" in script for script in scripts)


@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_the_shell(client: TestClient, path: str) -> None:
    html = client.get(path).text
    for entry in NAVIGATION:
        assert (f'<a href="{entry.path}"' in html) is (entry.least is Role.PUBLIC)
    assert '<a class="skip" href="#main">' in html
    assert '<main id="main"' in html
    assert "边界为示意" in html


@pytest.mark.parametrize("role", [role.value for role in Role if role is not Role.PUBLIC])
def test_the_header_leads_where_one_may_go_and_nowhere_else(
    client: TestClient, plan_url: str, session_for: Callable[..., dict[str, str]], role: str
) -> None:
    cookie = "; ".join(f"{name}={value}" for name, value in session_for(plan_url, role).items())
    signed = {"Cookie": cookie}
    html = client.get("/", headers=signed).text
    shown = {entry.path: f'<a href="{entry.path}"' in html for entry in NAVIGATION}
    statuses = {
        entry.path: client.get(entry.path, headers=signed).status_code for entry in NAVIGATION
    }
    assert shown == {path: status == 200 for path, status in statuses.items()}


@pytest.mark.parametrize(
    ("language", "tag", "word"), [("zh", "zh-Hans", "地图"), ("en", "en", "Map")]
)
@pytest.mark.parametrize("path", PAGES)
def test_every_page_speaks_the_language_asked_for(
    client: TestClient, path: str, language: str, tag: str, word: str
) -> None:
    html = client.get(path, params={"lang": language}).text
    client.cookies.clear()
    assert f'<html lang="{tag}">' in html
    assert re.search(rf'<a href="/map"[^>]*>{word}</a>', html)


def test_the_language_asked_for_is_remembered(client: TestClient) -> None:
    client.get("/", params={"lang": "en"})
    assert '<html lang="en">' in client.get("/statistics").text
    client.get("/", params={"lang": "zh"})
    assert '<html lang="zh-Hans">' in client.get("/statistics").text
    client.cookies.clear()


def test_the_language_switch_keeps_the_rest_of_the_address(client: TestClient) -> None:
    html = client.get("/statistics?layer=clusters&id=north").text
    assert 'href="/statistics?layer=clusters&amp;id=north&amp;lang=en"' in html


def test_the_approval_number_shows_only_where_there_is_one(
    client: TestClient, plan_url: str
) -> None:
    assert "审图号" not in client.get("/").text
    settings = Settings(database_url=plan_url, map_approval_number="京S(2024)001号")
    with TestClient(create_app(settings)) as approved:
        assert "审图号：京S(2024)001号" in approved.get("/map").text


def test_the_portal_counts_every_layer(client: TestClient) -> None:
    html = client.get("/").text
    for layer in CATALOG:
        matched = client.get(f"/ogc/collections/{layer.id}/items?limit=1").json()["numberMatched"]
        row = re.search(rf"{layer.title.zh}</th>.*?</tr>", html, re.DOTALL)
        assert row
        assert f'<td class="number">{matched:,}</td>' in row[0]


def test_the_statistics_page_lists_every_area(client: TestClient) -> None:
    html = client.get("/statistics").text
    for layer in CATALOG:
        listed = html.count(f'href="/statistics?layer={layer.id}&amp;')
        features = client.get(f"/ogc/collections/{layer.id}/items?limit=1000").json()["features"]
        assert listed == (len(features) if layer.is_area else 0), layer.id


def test_the_statistics_page_marks_the_chosen_area(client: TestClient) -> None:
    html = client.get("/statistics?layer=clusters&id=north").text
    assert re.findall(r'data-area="([^"]+)" aria-current="page"', html) == ["north"]


@pytest.mark.parametrize("language", list(Language))
def test_the_map_script_may_be_kept_only_under_its_version(
    client: TestClient, language: Language
) -> None:
    address = re.search(
        rf'src="(/map/{language.value}\.js\?version=\w+)"',
        client.get("/map", params={"lang": language.value}).text,
    )
    client.cookies.clear()
    assert address
    assert "immutable" in client.get(address[1]).headers["cache-control"]
    assert client.get(f"/map/{language.value}.js").headers["cache-control"] == "no-cache"


def test_the_icon_is_there_for_browsers_that_ask_unbidden(client: TestClient) -> None:
    assert client.get("/favicon.ico").headers["content-type"] == "image/svg+xml"


def test_pages_are_not_part_of_the_api_definition(client: TestClient) -> None:
    assert not {"/", "/map", "/statistics"} & set(client.get("/openapi.json").json()["paths"])
