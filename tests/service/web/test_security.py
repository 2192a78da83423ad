"""Every answer tells the browser what it may load and do."""

import re
from collections.abc import Mapping

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from service.app import API_ROUTERS, PAGE_ROUTERS, create_app
from service.gate import MOST_ADDRESS_BYTES
from service.ogc import items, tiles
from service.settings import Settings
from service.web.security import EVERY_ANSWER, HEADERS, POLICY, headers_of


def test_policy_allows_nothing_unsafe() -> None:
    policy = HEADERS["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "http:" not in policy
    assert "https:" not in policy


def test_policy_lets_only_the_service_itself_run_and_style() -> None:
    assert POLICY["default-src"] == POLICY["script-src"] == POLICY["style-src"] == "'self'"
    assert POLICY["object-src"] == POLICY["base-uri"] == "'none'"
    assert POLICY["frame-ancestors"] == POLICY["form-action"] == "'self'"


PATHS = sorted(
    {
        re.sub(r"\{[^}]*\}", "enterprises", route.path)
        for router in (*API_ROUTERS, *PAGE_ROUTERS)
        for route in router.routes
        if isinstance(route, APIRoute)
    }
    | {
        route.path.replace("{collectionId}", "enterprises")
        for route in (*items.ROUTES, *tiles.ROUTES)
    }
)
ASKED = [(verb, path) for path in PATHS for verb in ("GET", "HEAD", "OPTIONS", "POST", "TRACE")]
PREFLIGHT = {"Origin": "https://other.example", "Access-Control-Request-Method": "POST"}
OTHERS = [
    ("GET", "/nothing/here", {}, 404),
    ("GET", "/ogc/collections/enterprises/items?limit=x", {}, 400),
    ("GET", "/ogc/collections/enterprises/items", {"Authorization": "Bearer zgc_wrong"}, 401),
    ("GET", f"/ogc/collections?{'x' * MOST_ADDRESS_BYTES}", {}, 414),
    ("GET", "/ogc", {"Host": "a b"}, 400),
    ("GET", "/static/zgc/map.js", {}, 200),
    ("GET", "/static/nothing.js", {}, 404),
    ("OPTIONS", "/ogc/collections/enterprises/items", PREFLIGHT, 200),
    ("GET", "/ogc/collections/sub_parks/tiles/WebMercatorQuad/4/6/13", {}, 200),
    ("GET", "/ogc/collections/parcels/tiles/WebMercatorQuad/11/775/1686", {}, 204),
]


@pytest.mark.parametrize(("verb", "path"), ASKED)
def test_every_route_answers_with_the_headers(client: TestClient, verb: str, path: str) -> None:
    answer = client.request(verb, path, follow_redirects=False)
    _assert_protected(answer.headers)
    assert verb != "TRACE" or answer.status_code == 405


@pytest.mark.parametrize(("verb", "path", "headers", "status"), OTHERS)
def test_every_kind_of_answer_has_the_headers(
    client: TestClient, verb: str, path: str, headers: dict[str, str], status: int
) -> None:
    answer = client.request(verb, path, headers=headers)
    assert answer.status_code == status
    _assert_protected(answer.headers)


@pytest.mark.parametrize("path", ["/ogc/collections/enterprises/items", "/static/zgc/map.js"])
def test_an_unchanged_answer_has_the_headers(client: TestClient, path: str) -> None:
    tag = client.get(path).headers["etag"]
    answer = client.get(path, headers={"If-None-Match": tag})
    assert answer.status_code == 304
    _assert_protected(answer.headers)


def test_an_unexpected_error_has_the_headers(plan_url: str) -> None:
    app = create_app(Settings(database_url=plan_url, public_url="https://gis.example.cn"))

    @app.get("/broken")
    def broken() -> None:
        raise RuntimeError("secret")

    with TestClient(app, raise_server_exceptions=False) as client:
        answer = client.get("/broken")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    _assert_protected(answer.headers)
    assert answer.headers["strict-transport-security"].startswith("max-age=31536000")


@pytest.mark.parametrize(
    ("public_url", "tls"),
    [(None, False), ("http://gis.example.cn", False), ("https://gis.example.cn/zgc", True)],
)
def test_tls_is_demanded_only_where_the_public_address_has_it(
    public_url: str | None, tls: bool
) -> None:
    assert ("Strict-Transport-Security" in headers_of(public_url)) == tls


def test_pages_state_their_own_policy_and_data_a_barer_one(client: TestClient) -> None:
    page, data = client.get("/map").headers, client.get("/ogc").headers
    assert page["content-security-policy"] == HEADERS["Content-Security-Policy"]
    assert data["content-security-policy"] == EVERY_ANSWER["Content-Security-Policy"]
    assert "default-src 'none'" in data["content-security-policy"]
    assert page["cross-origin-resource-policy"] == "same-origin"


def test_over_tls_the_language_is_remembered_for_this_host_alone(plan_url: str) -> None:
    app = create_app(Settings(database_url=plan_url, public_url="https://gis.example.cn/zgc"))
    with TestClient(app, base_url="https://gis.example.cn") as client:
        cookie = client.get("/zgc/?lang=en").headers["set-cookie"]
        assert cookie.startswith("__Host-lang=en;")
        assert {"Secure", "HttpOnly", "Path=/"} <= {part.strip() for part in cookie.split(";")}
        assert '<html lang="en"' in client.get("/zgc/").text


def _assert_protected(headers: Mapping[str, str]) -> None:
    """Each header of ours once, with nothing unsafe."""
    for name, value in EVERY_ANSWER.items():
        found = headers.get(name)
        assert found in (value, HEADERS.get(name)), (name, found)
