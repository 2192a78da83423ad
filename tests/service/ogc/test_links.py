"""Links are absolute and safe in any client."""

import pytest
from fastapi.testclient import TestClient
from starlette.requests import Request

from service.ogc.links import GEOJSON, link


def _request(host: bytes = b"gis.example", root_path: str = "") -> Request:
    headers = [(b"host", host)]
    return Request(
        {"type": "http", "scheme": "https", "headers": headers, "root_path": root_path, "path": "/"}
    )


@pytest.mark.parametrize(
    ("path", "query", "href"),
    [
        ("/ogc", None, "https://gis.example/ogc"),
        ("/ogc", {}, "https://gis.example/ogc"),
        ("/a b/北", None, "https://gis.example/a%20b/%E5%8C%97"),
        ("/i", {"bbox": "1,2,3,4"}, "https://gis.example/i?bbox=1,2,3,4"),
        ("/i", {"datetime": "../2011-01-01"}, "https://gis.example/i?datetime=../2011-01-01"),
        ("/i", {"x": "a&b=c+d #%"}, "https://gis.example/i?x=a%26b%3Dc%2Bd+%23%25"),
    ],
)
def test_a_link_is_absolute_and_escaped(path: str, query: dict[str, str] | None, href: str) -> None:
    assert link(_request(), path, "self", GEOJSON, query=query) == {
        "href": href,
        "rel": "self",
        "type": GEOJSON,
    }


def test_a_link_keeps_the_path_under_which_a_proxy_serves() -> None:
    made = link(_request(root_path="/gis"), "/ogc", "self", GEOJSON, "Title")
    assert made["href"] == "https://gis.example/gis/ogc"
    assert made["title"] == "Title"


@pytest.mark.parametrize(
    "path",
    [
        "/ogc",
        "/ogc/collections",
        "/ogc/collections/clusters",
        "/ogc/tiles",
        "/ogc/tiles/WebMercatorQuad",
        "/ogc/tileMatrixSets",
        "/ogc/styles",
    ],
)
def test_the_links_of_a_document_are_in_the_header_too(path: str, client: TestClient) -> None:
    answer = client.get(path)
    header = answer.headers["link"]
    links = [row for row in answer.json()["links"] if not row.get("templated")]
    assert header.count("rel=") == len(links)
    for row in links:
        assert f'<{row["href"]}>; rel="{row["rel"]}"; type="{row["type"]}"' in header
    page = client.get(answer.links["alternate"]["url"])
    assert page.headers["content-type"].startswith(answer.links["alternate"]["type"])
