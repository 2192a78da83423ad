"""Compression is negotiated, other origins may read, HEAD and 304 stay empty."""

import gzip

import pytest
import zstandard
from fastapi.testclient import TestClient

ITEMS = "/ogc/collections/enterprises/items"


def _raw(client: TestClient, encoding: str) -> tuple[bytes, dict[str, str]]:
    with client.stream("GET", ITEMS, headers={"Accept-Encoding": encoding}) as answer:
        return b"".join(answer.iter_raw()), dict(answer.headers)


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("identity", None),
        ("gzip", "gzip"),
        ("zstd", "zstd"),
        ("gzip, zstd", "zstd"),
        ("br", None),
        ("gzip;q=0", None),
    ],
)
def test_the_body_comes_in_the_best_encoding_asked_for(
    client: TestClient, asked: str, given: str | None
) -> None:
    plain, _ = _raw(client, "identity")
    body, headers = _raw(client, asked)
    assert headers.get("content-encoding") == given
    assert "Accept-Encoding" in headers["vary"]
    decoded = {
        None: lambda: body,
        "gzip": lambda: gzip.decompress(body),
        "zstd": lambda: zstandard.ZstdDecompressor().decompressobj().decompress(body),
    }[given]()
    assert len(decoded) == len(plain)
    assert given is None or len(body) < len(plain) / 3


def test_an_unchanged_answer_is_empty_in_any_encoding(client: TestClient) -> None:
    etag = client.get(ITEMS).headers["etag"]
    answer = client.get(ITEMS, headers={"If-None-Match": etag, "Accept-Encoding": "zstd"})
    assert (answer.status_code, answer.content) == (304, b"")


def test_other_origins_may_read(client: TestClient) -> None:
    answer = client.get(ITEMS, headers={"Origin": "https://other.example"})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "ETag" in answer.headers["access-control-expose-headers"]


def test_a_preflight_is_answered(client: TestClient) -> None:
    asked = {"Origin": "https://other.example", "Access-Control-Request-Method": "POST"}
    answer = client.options("/api/statistics", headers=asked)
    assert answer.status_code == 200
    assert "POST" in answer.headers["access-control-allow-methods"]


def test_a_problem_tells_other_origins_too(client: TestClient) -> None:
    answer = client.get(f"{ITEMS}?limit=0", headers={"Origin": "https://other.example"})
    assert answer.status_code == 400
    assert answer.headers["access-control-allow-origin"] == "*"
