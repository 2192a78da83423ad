"""The landing page leads everywhere; conformance claims only what is there."""

import pytest
from fastapi.testclient import TestClient

from service.ogc.landing import CONFORMANCE

OGC = "http://www.opengis.net/def/rel/ogc/1.0"
RELATIONS = {"self", "alternate", "service-desc", "service-doc", "conformance", "data"}
RELATIONS |= {
    f"{OGC}/{name}" for name in ("tilesets-vector", "tiling-schemes", "styles", "functions")
}


@pytest.mark.parametrize("path", ["/ogc", "/ogc/"])
def test_the_landing_page_links_to_what_it_names(path: str, client: TestClient) -> None:
    document = client.get(path, follow_redirects=False).json()
    links = {link["rel"]: link for link in document["links"]}
    assert set(links) == RELATIONS
    for link in links.values():
        answer = client.get(link["href"])
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith(link["type"].partition(";")[0])


def test_conformance_lists_each_class_once_by_its_address(client: TestClient) -> None:
    classes = client.get("/ogc/conformance").json()["conformsTo"]
    assert classes == list(CONFORMANCE)
    assert len(set(classes)) == len(classes)
    assert all(uri.startswith("http://www.opengis.net/spec/") for uri in classes)
    assert all("/conf/" in uri for uri in classes)
