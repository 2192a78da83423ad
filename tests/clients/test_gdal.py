"""GDAL's OGC API - Features driver: the one installed beside QGIS, and a newer one in a wheel.

The programs are no dependency: absent, their tests skip.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
import shapely
from fastapi.testclient import TestClient
from shapely.geometry import shape

BOX = (116.2, 39.8, 116.6, 40.1)

BY_WHEEL = """
import json, sys, pyogrio
source, layer, asked = json.loads(sys.argv[1])
asked = {name: tuple(value) if name == "bbox" else value for name, value in asked.items()}
print(pyogrio.read_dataframe(source, layer=layer, **asked).to_json(default=str))
"""

Read = Callable[..., list[dict[str, Any]]]

needs_programs = pytest.mark.skipif(
    shutil.which("ogr2ogr") is None, reason="GDAL is not installed (apt install gdal-bin)"
)


def _run(*command: str) -> str:
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 0, run.stderr
    assert "ERROR" not in run.stderr
    return run.stdout


def _by_programs(source: str, layer: str, options: dict[str, str], **asked: Any) -> list[Any]:
    words = [part for name, value in options.items() for part in ("-oo", f"{name}={value}")]
    if "bbox" in asked:
        words += ["-spat", *map(str, asked["bbox"])]
    if "where" in asked:
        words += ["-where", asked["where"]]
    out = _run("ogr2ogr", "-f", "GeoJSON", "/vsistdout/", source, layer, *words)
    features: list[Any] = json.loads(out)["features"]
    return features


def _by_wheel(source: str, layer: str, options: dict[str, str], **asked: Any) -> list[Any]:
    """In a process of its own: GDAL keeps Python's lock while it waits for the service."""
    call = json.dumps([source, layer, options | asked])
    features: list[Any] = json.loads(_run(sys.executable, "-c", BY_WHEEL, call))["features"]
    return features


@pytest.fixture(
    params=[pytest.param(_by_programs, marks=needs_programs), _by_wheel],
    ids=["programs", "wheel"],
)
def read(request: pytest.FixtureRequest, running: Any) -> Read:
    def features(layer: str, options: dict[str, str] | None = None, **asked: Any) -> list[Any]:
        found: list[Any] = request.param(f"OAPIF:{running.ogc}", layer, options or {}, **asked)
        return found

    return features


def _names(features: list[Any]) -> list[str]:
    return sorted(feature["properties"]["name_zh"] for feature in features)


def _expected(client: TestClient, query: str = "") -> list[str]:
    path = f"/ogc/collections/enterprises/items?limit=10000{query}"
    return _names(client.get(path).json()["features"])


@needs_programs
def test_ogrinfo_finds_a_layer_with_its_fields_and_extent(server: Any) -> None:
    summary = _run("ogrinfo", "-ro", "-al", "-so", f"OAPIF:{server.ogc}", "clusters")
    assert "Feature Count: 2\n" in summary
    assert "Geometry: Multi Polygon" in summary
    assert "Extent: (115." in summary
    assert "name_zh: String" in summary
    assert "as_of: Date" in summary


def test_it_pages_to_the_end(read: Read, server: Any, client: TestClient) -> None:
    names = _names(read("enterprises", {"PAGE_SIZE": "10"}))
    assert names == _expected(client)
    pages = server.item_queries()
    assert len([page for page in pages if "after" in page]) == (len(names) - 1) // 10
    assert {page["limit"] for page in pages} == {"10"}


def test_a_box_is_asked_of_the_service(read: Read, server: Any, client: TestClient) -> None:
    names = _names(read("enterprises", bbox=BOX))
    assert names == _expected(client, f"&bbox={','.join(map(str, BOX))}")
    assert 0 < len(names) < len(_expected(client))
    assert any("bbox" in query for query in server.item_queries())


def test_a_value_is_asked_of_the_service(read: Read, server: Any, client: TestClient) -> None:
    names = _names(read("enterprises", where="industry = 'biology'"))
    assert names == _expected(client, "&industry=biology")
    assert 0 < len(names) < len(_expected(client))
    assert any(
        query.get("industry") == "biology" or "biology" in query.get("filter", "")
        for query in server.item_queries()
    )


def test_what_it_evaluates_itself_comes_out_the_same(read: Read, client: TestClient) -> None:
    names = _names(read("enterprises", where="name_zh LIKE '%北京%'"))
    assert names == [name for name in _expected(client) if "北京" in name]
    assert names


def test_a_newer_one_asks_for_a_crs_and_gets_it(server: Any, client: TestClient) -> None:
    """GDAL has asked for a CRS since 3.7 (Part 2); it puts the easting first."""
    uri = "http://www.opengis.net/def/crs/EPSG/0/4548"
    found = _by_wheel(f"OAPIF:{server.ogc}", "clusters", {"CRS": "EPSG:4548"})
    answer = client.get(f"/ogc/collections/clusters/items?crs={uri}").json()
    expected = {
        each["properties"]["name_zh"]: shape(each["geometry"]) for each in answer["features"]
    }
    assert len(found) == len(expected) == 2
    for each in found:
        drawn = shapely.transform(
            expected[each["properties"]["name_zh"]], lambda points: points[:, ::-1]
        )
        assert shape(each["geometry"]).normalize().equals_exact(drawn.normalize(), 0.01)
