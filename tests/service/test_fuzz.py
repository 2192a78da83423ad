"""Whatever a stranger sends: no 5xx, and every refusal is a problem document.

Requests go through a real socket as bytes, since client libraries mend what they send.
"""

import json
import random
import re
import socket
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st

from service.app import create_app
from service.body import DRAINED_BYTES
from service.settings import Settings

PROPERTY = settings(derandomize=True, deadline=None, max_examples=400)

UNPARSED = b"Invalid HTTP request received."
"""The server's own answer to what is no HTTP; the application never sees it."""

METHODS = ("GET", "GET", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW")

NASTY = (
    "", "%", "%0", "%zz", "%00", "%ff%fe", "%c0%af", "%ed%a0%80", "%2F", "%2e%2e%2f", "..", ".",
    "%0d%0aX:1", "%25", "'", '"', "%3Cscript%3E", "%E5%8C%97", "null", "-1", "0", "1e999", "NaN",
    "';DROP TABLE clusters;--", "$1", "{id}", "%F0%9F%98%80", "%F0%9F", "\\", "a" * 3000,
    "%EF%BC%91", ";", "+", "%20", "%E2%80%AE", "*", "(", "north%00", "north%0A", "%7F", "%C2%80",
)  # fmt: skip

VALUES = (
    "1", "10", "99999999999999999999", "116,39,117,40", "117,39,116,40", "-180,-90,180,90",
    "nan,1,1,1", "1e308,1,1,1", "2011-01-01", "2011-01-01/..", "9999-12-31", "../..",
    "0001-01-01/9999-12-31", "2011-01-01T00:00:00Z", "9999-12-31T23:59:59-23:59",
    "0001-01-01T00:00:00+23:59", "north", "true", "name_zh", "-as_of,name_zh", "0.5", "1e308",
    "holder", "id", "EPSG:4490", "http://www.opengis.net/def/crs/EPSG/0/4548",
)  # fmt: skip

HEADERS = (
    "Accept: */*", "Accept: \xff", "Accept: text/html",
    "Host: [::1", "Host: a b", "Host: \xe9", "Host: evil/..?#",
    "Cookie: lang=\xff;;=", "If-None-Match: W/", "X-Forwarded-Proto: javascript",
    "X-Forwarded-For: \xfe", "Content-Type: text/\x80", "Authorization: Bearer \xff",
    "Range: bytes=9-0", "Accept-Language: zh;q=x", "Accept-Encoding: \xe9",
)  # fmt: skip

PATHS = create_app(Settings()).openapi()["paths"]
"""What the service says it has; requests are near enough to it to get far into the code."""

NOWHERE = ("/api/{}", "/{}", "//{}", "/openapi.json", "/ogc/{}/{}", "/problems/{}")

FITTING = {
    "layer": ("clusters", "enterprises", "axes", "parcels"),
    "id": ("north", "zgc-zone", "baidu"),
    "tileMatrixSet": ("WebMercatorQuad", "WorldCRS84Quad"),
    "tileMatrix": ("0", "11", "30", "-1"),
    "tileRow": ("0", "775", "99999999999"),
    "tileCol": ("0", "1686", "1e3"),
}

STRANGE_NAMES = ("foo", "%00", "limit%00", "%ff", "", "LIMIT")

strange = st.sampled_from(NASTY) | st.from_regex(r"[!-~]{0,30}", fullmatch=True)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


@st.composite
def targets(draw: st.DrawFn) -> str:
    path = draw(st.sampled_from((*PATHS, *NOWHERE)))
    rows = PATHS.get(path, {}).get("get", {}).get("parameters", ())
    known = {row["name"]: row["schema"] for row in rows if row["in"] == "query"}
    names = st.sampled_from((*known, *known, *known, *STRANGE_NAMES))
    parameters = draw(st.lists(names, max_size=4))
    query = "&".join(f"{name}={draw(_values(known.get(name, {})))}" for name in parameters)
    path = re.sub(r"{(\w*)}", lambda found: draw(_segments(found[1])), path)
    return f"{path}?{query}" if query else path


def _segments(name: str) -> st.SearchStrategy[str]:
    fitting = FITTING.get(name, ())
    return st.sampled_from(fitting) | st.sampled_from(fitting) | strange if fitting else strange


def _values(schema: dict[str, Any]) -> st.SearchStrategy[str]:
    listed = schema.get("enum") or schema.get("items", {}).get("enum") or VALUES
    return st.sampled_from([str(value) for value in listed]) | st.sampled_from(VALUES) | strange


@st.composite
def requests(draw: st.DrawFn) -> bytes:
    method, body = draw(st.sampled_from(METHODS)), draw(st.binary(max_size=60))
    target = draw(targets()).replace(" ", "%20").replace("\n", "%0A")
    extra = draw(st.lists(st.sampled_from(HEADERS), max_size=3))
    lines = [f"{method} {target} HTTP/1.1", *extra, f"Content-Length: {len(body)}"]
    if not any(line.startswith("Host") for line in extra):
        lines.append("Host: localhost")
    return "\r\n".join((*lines, "Connection: close", "", "")).encode("latin-1") + body


def exchange(base: str, request: bytes) -> Answer:
    """Sends bytes and reads what comes back until the server closes."""
    address = urlsplit(base)
    with socket.create_connection((address.hostname, address.port), timeout=20) as connection:
        connection.sendall(request)
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)}
    return Answer(int(status.split()[1]), headers, body)


def assert_sane(request: bytes, answer: Answer) -> None:
    assert answer.status < 500
    if answer.status < 400 or answer.body == UNPARSED:
        return
    if answer.headers["content-type"] == "text/html; charset=utf-8":
        assert b"Accept: text/html" in request or b"f=html" in request, "people get a page"
        return
    assert answer.headers["content-type"] == "application/problem+json"
    if not request.startswith(b"HEAD"):
        document = json.loads(answer.body)
        assert document["status"] == answer.status
        assert document["type"].startswith("/problems/")


@PROPERTY
@given(request=requests())
def test_no_request_breaks_the_service(request: bytes, live_server: str) -> None:
    assert_sane(request, exchange(live_server, request))


def _mutated(chance: random.Random, request: bytes) -> bytes:
    """A request with a few bytes changed, so that hardly any is HTTP still."""
    damaged = bytearray(request)
    for _ in range(chance.randint(1, 4)):
        damaged[chance.randrange(len(damaged))] = chance.randrange(256)
    return bytes(damaged)


def test_no_damaged_request_breaks_the_service(live_server: str) -> None:
    chance = random.Random(2011)
    line = b"GET /ogc/collections/clusters/items?limit=1 HTTP/1.1\r\n"
    request = line + b"Host: a\r\nConnection: close\r\n\r\n"
    for _ in range(200):
        damaged = _mutated(chance, request)
        if damaged.endswith(b"\r\nConnection: close\r\n\r\n"):
            assert_sane(damaged, exchange(live_server, damaged))
    assert exchange(live_server, request).status == 200


numbers = st.floats(-400, 400) | st.integers() | st.sampled_from([0, 116, 39.5, 1e300, -0.0])
junk = st.none() | st.booleans() | numbers | st.text(max_size=3)
positions = st.lists(numbers, min_size=2, max_size=3) | st.lists(junk, max_size=4) | junk
rings = st.lists(positions, max_size=6).map(lambda ring: ring + ring[:1]) | junk
polygons = st.lists(rings, max_size=3) | junk
kinds = st.sampled_from(("Polygon", "MultiPolygon", "Point", "Feature", "polygon", "", None, 1, []))
geometries = st.fixed_dictionaries(
    {"type": kinds}, optional={"coordinates": polygons | st.lists(polygons, max_size=3)}
)
features = st.fixed_dictionaries(
    {"type": st.just("Feature")}, optional={"geometry": geometries | junk}
)


@PROPERTY
@given(body=geometries | features | st.recursive(junk, st.lists, max_leaves=5))
def test_no_body_breaks_the_statistics(body: Any, client: TestClient) -> None:
    answer = client.post("/api/statistics", content=json.dumps(body))
    assert answer.status_code in (200, 400)
    if answer.status_code == 400:
        assert answer.json()["type"] in ("/problems/invalid-body", "/problems/invalid-geometry")


@PROPERTY
@given(
    corners=st.lists(
        st.tuples(st.integers(-18, 18), st.integers(-9, 9)), min_size=3, max_size=6, unique=True
    )
)
def test_no_valid_polygon_breaks_the_statistics(
    corners: list[tuple[int, int]], client: TestClient
) -> None:
    """Coarse corners make polygons through poles and antipodes likely; at a pole area may be 0."""
    ring = [[10 * x, 10 * y] for x, y in (*corners, corners[0])]
    answer = client.post("/api/statistics", json={"type": "Polygon", "coordinates": [ring]})
    assert answer.status_code in (200, 400)
    if answer.status_code == 200:
        assert answer.json()["land_area_m2"] >= 0


@pytest.mark.parametrize("size", [2_000_001, 9_000_000, 60_000_000])
@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_too_large_is_answered_and_not_swallowed(
    size: int, chunked: bool, live_server: str
) -> None:
    """Clients that send everything before they read get the answer, up to a point."""
    length = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: %d" % size
    head = (
        b"POST /api/statistics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + length + b"\r\n\r\n"
    )
    address = urlsplit(live_server)
    with socket.create_connection((address.hostname, address.port), timeout=20) as connection:
        connection.sendall(head)
        sent = 0
        try:
            while sent < size:
                piece = b" " * min(65536, size - sent)
                connection.sendall(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
                sent += len(piece)
            connection.sendall(b"0\r\n\r\n" if chunked else b"")
        except (BrokenPipeError, ConnectionResetError):
            assert sent >= 2_000_000 - 65536
        answer = _received(connection)
    if answer or size < DRAINED_BYTES:
        assert b" 413 " in answer.splitlines()[0]


def _received(connection: socket.socket) -> bytes:
    answer = b""
    try:
        while chunk := connection.recv(65536):
            answer += chunk
    except ConnectionResetError:
        pass
    return answer
