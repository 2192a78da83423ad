"""HEAD says what GET says, without the body."""

import pytest
from fastapi.testclient import TestClient

PATHS = (
    "/",
    "/healthz",
    "/readyz",
    "/openapi.json",
    "/ogc",
    "/ogc/collections",
    "/ogc/collections/clusters",
    "/ogc/collections/clusters/items",
    "/ogc/collections/clusters/items?limit=1",
    "/ogc/collections/clusters/items/north",
    "/api/statistics/clusters/north",
)


@pytest.mark.parametrize("path", PATHS)
def test_head_has_the_headers_of_get_and_no_body(client: TestClient, path: str) -> None:
    head, get = client.head(path), client.get(path)
    assert (head.status_code, head.content) == (200, b"")
    assert get.content
    for name in ("content-type", "content-length"):
        assert head.headers[name] == get.headers[name]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nothing", 404),
        ("/ogc/collections/clusters/items/nobody", 404),
        ("/ogc/collections/clusters/items?limit=0", 400),
        ("/api/statistics", 405),
    ],
)
def test_head_has_the_status_of_an_error_and_no_body(
    client: TestClient, path: str, status: int
) -> None:
    head = client.head(path)
    assert (head.status_code, head.content) == (status, b"")
    assert head.headers["content-type"] == "application/problem+json"
