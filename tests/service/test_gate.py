"""Links lead to where clients reach the service, whoever stands between, and nowhere else."""

import re
from collections.abc import Iterator
from html import unescape
from ipaddress import ip_network
from typing import Any
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient
from starlette.types import Scope

from layers.catalog import CATALOG
from service.app import create_app
from service.errors import PROBLEMS
from service.gate import MOST_ADDRESS_BYTES, MOST_HEADER_BYTES, Gate
from service.settings import Settings
from service.web.twin import DOCUMENTS

PUBLIC = "https://gis.example.cn/zgc"
PROXY = "192.0.2.7"
ADDRESSES = ("href", "url", "uri", "$id", "tiles")
"""Members that hold addresses of documents."""

OF_A_KIND = re.compile(rf"\b({'|'.join(CATALOG.ids)}|World\w+|CGCS\w+)\b")
ATTRIBUTE = re.compile(r'\b(?:href|src|action)="([^"]*)"')


@pytest.fixture(scope="module")
def public(plan_url: str) -> Iterator[TestClient]:
    """The application that knows its public address, asked at another one."""
    app = create_app(Settings(database_url=plan_url, public_url=f"{PUBLIC}/"))
    with TestClient(app, base_url="http://10.0.0.1:8000", raise_server_exceptions=False) as client:
        yield client


def _addresses(document: Any, member: str = "") -> Iterator[str]:
    if isinstance(document, dict):
        for name, value in document.items():
            yield from _addresses(value, name)
    elif isinstance(document, list):
        for value in document:
            yield from _addresses(value, member)
    elif member in ADDRESSES and isinstance(document, str):
        yield document


def _is_of_ours(address: str) -> bool:
    """Registers of OGC have addresses too, and are no documents of ours."""
    return urlsplit(address).netloc != "www.opengis.net"


@pytest.mark.parametrize("prefix", ["", "/zgc"], ids=["stripped by the proxy", "passed on"])
def test_no_link_of_any_document_leaves_the_public_address(public: TestClient, prefix: str) -> None:
    pending, seen, met = ["/ogc", "/openapi.json"], set(), set()
    while pending:
        path = pending.pop()
        answer = public.get(f"{prefix}{path}", headers={"Accept-Encoding": "identity"})
        assert answer.status_code in (200, 204), path
        assert "10.0.0.1" not in answer.text + str(answer.headers), path
        if not answer.headers.get("content-type", "").partition(";")[0].endswith(DOCUMENTS):
            continue
        for address in filter(_is_of_ours, _addresses(answer.json())):
            if path == "/openapi.json":
                assert address in ("/zgc", "https://www.apache.org/licenses/LICENSE-2.0.html")
                continue
            assert address.startswith(f"{PUBLIC}/"), f"{path}: {address}"
            met.add(address)
            found = address.removeprefix(PUBLIC).partition("#")[0]
            kind = OF_A_KIND.sub("{}", found)
            if "{" not in found and kind not in seen:
                seen.add(kind)
                pending.append(found)
    assert len(seen) > 20
    assert {f"{PUBLIC}/ogc/collections/axes/items", f"{PUBLIC}/docs"} <= met


@pytest.mark.parametrize(
    "path", ["/", "/map", "/statistics", "/docs", "/ogc?f=html", "/ogc/collections/axes?f=html"]
)
def test_all_that_a_page_leads_to_or_loads_lies_below_the_prefix(
    public: TestClient, path: str
) -> None:
    page = public.get(path)
    assert page.status_code == 200
    found = [unescape(each) for each in ATTRIBUTE.findall(page.text) if each[0] != "#"]
    assert found
    assert [each for each in found if not each.startswith(("/zgc/", f"{PUBLIC}/"))] == []
    person = {"accept": "text/html"}  # who is led to sign in where a page is not the public's
    answers = [public.get(each.removeprefix(PUBLIC), headers=person) for each in found]
    assert {answer.status_code for answer in answers} == {200}


def test_a_page_knows_itself_in_the_navigation(public: TestClient) -> None:
    assert 'href="/zgc/map" aria-current="page"' in public.get("/map").text
    assert "; Path=/;" in public.get("/map?lang=en").headers["set-cookie"]


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/problems/unknown-layer", "/zgc/docs#unknown-layer"),
        ("/ogc/collections/", f"{PUBLIC}/ogc/collections"),
    ],
)
def test_a_redirect_stays_below_the_prefix(public: TestClient, path: str, target: str) -> None:
    assert public.get(path, follow_redirects=False).headers["location"] == target


def test_a_problem_is_explained_below_the_prefix(public: TestClient) -> None:
    problem = public.get("/ogc/collections/rivers").json()
    assert problem["type"] == "/zgc/problems/unknown-layer"
    assert problem["instance"] == "/zgc/ogc/collections/rivers"


def test_what_a_client_says_of_the_host_changes_nothing_where_the_operator_has(
    public: TestClient,
) -> None:
    headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    assert "evil" not in public.get("/ogc", headers=headers).text


@pytest.fixture(scope="module")
def behind(plan_url: str) -> Iterator[TestClient]:
    """The application behind a proxy that it trusts."""
    app = create_app(Settings(database_url=plan_url, trusted_proxies="10.1.0.0/16, 192.0.2.7"))
    with TestClient(app, client=(PROXY, 1), raise_server_exceptions=False) as client:
        yield client


def _home(client: TestClient, headers: list[tuple[str, str]]) -> str:
    links = client.get("/ogc", headers=headers).json()["links"]
    return next(str(link["href"]) for link in links if link["rel"] == "self")


@pytest.mark.parametrize(
    ("headers", "home"),
    [
        ([], "http://testserver/ogc"),
        ([("X-Forwarded-Proto", "https")], "https://testserver/ogc"),
        (
            [
                ("X-Forwarded-Proto", "HTTPS"),
                ("X-Forwarded-Host", "gis.example.cn:8443"),
                ("X-Forwarded-Prefix", "/a/zgc/"),
            ],
            "https://gis.example.cn:8443/a/zgc/ogc",
        ),
        ([("X-Forwarded-Host", "evil.example, gis.example.cn")], "http://gis.example.cn/ogc"),
        ([("Forwarded", "for=1.2.3.4;proto=https;host=a.cn")], "https://a.cn/ogc"),
        ([("Forwarded", 'host="a.cn:81"; proto=http')], "http://a.cn:81/ogc"),
        ([("Forwarded", "host=evil.example, host=a.cn")], "http://a.cn/ogc"),
        ([("Forwarded", "host=a.cn"), ("X-Forwarded-Host", "b.cn")], "http://a.cn/ogc"),
        ([("X-Forwarded-Host", "[2001:db8::1]:80")], "http://[2001:db8::1]:80/ogc"),
    ],
)
def test_a_trusted_proxy_says_where_clients_are(
    behind: TestClient, headers: list[tuple[str, str]], home: str
) -> None:
    assert _home(behind, headers) == home


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Forwarded-Host", "a.cn/evil"),
        ("X-Forwarded-Host", "user@a.cn"),
        ("X-Forwarded-Proto", "javascript"),
        ("X-Forwarded-Prefix", "//evil.example"),
        ("X-Forwarded-Prefix", "zgc"),
        ("Forwarded", 'host="a.cn?x"'),
    ],
)
def test_nonsense_of_a_trusted_proxy_is_refused_by_name(
    behind: TestClient, name: str, value: str
) -> None:
    answer = behind.get("/ogc", headers={name: value})
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/invalid-host")
    assert value.rpartition("=")[2].strip('"') in answer.json()["detail"]


@pytest.mark.parametrize("name", ["X-Forwarded-Host", "Forwarded", "X-Forwarded-Prefix"])
def test_from_anybody_else_such_headers_mean_nothing(client: TestClient, name: str) -> None:
    value = {"Forwarded": "host=evil.example;proto=https"}.get(name, "evil.example")
    assert _home(client, [(name, value)]) == "http://testserver/ogc"


@pytest.mark.parametrize(
    "host",
    [
        "evil.example/path",
        "user@evil.example",
        "a b",
        "",
        "a.cn:port",
        "a.cn:1234567",
        "a<b>",
        "[]",
    ],
)
def test_no_link_is_made_of_a_host_that_is_none(client: TestClient, host: str) -> None:
    answer = client.get("/ogc", headers={"Host": host})
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/invalid-host")


@pytest.mark.parametrize("host", ["gis.example.cn", "GIS_1.local:8000", "[::1]:8000", "10.0.0.1"])
def test_a_host_that_may_be_one_is_taken(client: TestClient, host: str) -> None:
    assert _home(client, [("Host", host)]) == f"http://{host}/ogc"


def test_tags_tell_addresses_apart(behind: TestClient) -> None:
    """An answer with links to one address is no answer at another."""
    path = "/ogc/collections/axes/items"
    forwarded: list[dict[str, str]] = [
        {},
        {"X-Forwarded-Proto": "https"},
        {"X-Forwarded-Host": "a.cn"},
        {"X-Forwarded-Prefix": "/zgc"},
    ]
    tags = {behind.get(path, headers=headers).headers["etag"] for headers in forwarded}
    assert len(tags) == len(forwarded)


@pytest.mark.parametrize(
    ("size", "status"), [(MOST_ADDRESS_BYTES, 400), (MOST_ADDRESS_BYTES + 1, 414)]
)
def test_path_and_query_have_a_limit(client: TestClient, size: int, status: int) -> None:
    path = "/ogc/collections/axes/items"
    answer = client.get(f"{path}?{'x' * (size - len(path))}")
    assert answer.status_code == status
    if status == 414:
        assert answer.json()["type"] == "/problems/address-too-long"
        assert str(MOST_ADDRESS_BYTES) in answer.json()["detail"]


def test_headers_have_a_limit(client: TestClient) -> None:
    answer = client.get("/ogc", headers={"X-Filler": "x" * MOST_HEADER_BYTES})
    assert (answer.status_code, answer.json()["type"]) == (431, "/problems/headers-too-large")


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("headers", "problem"),
    [
        ([(b"host", b"a.cn"), (b"host", b"b.cn")], "invalid-host"),
        ([], None),
    ],
    ids=["two hosts", "none, as HTTP/1.0 may"],
)
async def test_there_is_one_host_or_none(
    headers: list[tuple[bytes, bytes]], problem: str | None
) -> None:
    statuses, seen = [], []

    async def app(scope: Scope, _receive: object, _send: object) -> None:
        seen.append(scope)

    async def send(message: Any) -> None:
        statuses.append(message.get("status"))

    scope = {"type": "http", "path": "/", "raw_path": b"/", "query_string": b""}
    scope |= {"headers": headers, "scheme": "http", "client": None, "method": "GET"}
    await Gate(app, None, (ip_network("10.0.0.0/8"),))(scope, None, send)  # type: ignore[arg-type]
    known = {row.name: row.status for row in PROBLEMS.values()}
    assert statuses[:1] == ([] if problem is None else [known[problem]])
    assert bool(seen) == (problem is None)
