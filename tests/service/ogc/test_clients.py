"""GDAL, an independent client, reads what is there. It is no dependency: absent, tests skip."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

pytestmark = pytest.mark.skipif(
    shutil.which("ogr2ogr") is None, reason="GDAL is not installed (apt install gdal-bin)"
)

BOX = ("116.2", "39.8", "116.6", "40.1")


def _run(*command: str) -> str:
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 0, run.stderr
    assert "ERROR" not in run.stderr
    return run.stdout


def _count(summary: str) -> int:
    [count] = re.findall(r"Feature Count: (\d+)", summary)
    return int(count)


def test_ogrinfo_finds_a_layer_with_its_fields_and_extent(live_server: str) -> None:
    summary = _run("ogrinfo", "-ro", "-al", "-so", f"OAPIF:{live_server}/ogc", "clusters")
    assert _count(summary) == 2
    assert "Geometry: Multi Polygon" in summary
    assert "Extent: (115." in summary
    assert "name_zh: String" in summary
    assert "as_of: Date" in summary


@pytest.mark.parametrize("box", [(), BOX], ids=["whole", "box"])
def test_ogr2ogr_reads_all_pages(
    box: tuple[str, ...], live_server: str, client: TestClient, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.gpkg"
    spatial = ("-spat", *box) if box else ()
    source = f"OAPIF:{live_server}/ogc"
    _run("ogr2ogr", "-f", "GPKG", str(copy), source, "enterprises", "-oo", "PAGE_SIZE=10", *spatial)
    query = f"?bbox={','.join(box)}&limit=10000" if box else "?limit=10000"
    expected = client.get(f"/ogc/collections/enterprises/items{query}").json()["numberMatched"]
    assert expected > 10
    assert _count(_run("ogrinfo", "-ro", "-al", "-so", str(copy))) == expected
