"""QGIS, where it is installed (Debian: `apt-get install python3-qgis`), reads layers to the end."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

SCRIPT = Path(__file__).with_name("qgis_reads.py")
PYTHON = shutil.which("python3", path="/usr/bin")
BOX = "116.2,39.9,116.4,40.1"
LAYERS = ("sub_parks", "enterprises", "axes")


def run_qgis(*arguments: str) -> subprocess.CompletedProcess[str]:
    assert PYTHON is not None
    surroundings = {"QT_QPA_PLATFORM": "offscreen", "PATH": os.environ["PATH"], "HOME": "/tmp"}
    return subprocess.run(
        [PYTHON, *arguments], capture_output=True, text=True, env=surroundings, timeout=120
    )


@pytest.fixture(scope="module")
def found(running: Any) -> dict[str, dict[str, Any]]:
    if PYTHON is None or run_qgis("-c", "import qgis.core").returncode:
        pytest.skip("QGIS is not installed")
    done = run_qgis(str(SCRIPT), running.ogc, "20", *LAYERS)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("layer", LAYERS)
def test_qgis_reads_a_layer_to_its_end(
    layer: str, found: dict[str, dict[str, Any]], client: TestClient
) -> None:
    address = f"/ogc/collections/{layer}/items?limit=1000"
    features = client.get(address).json()["features"]
    assert found[layer]["valid"]
    assert sorted(found[layer]["ids"]) == sorted(each["id"] for each in features)
    assert set(found[layer]["names"]) == {"id", *features[0]["properties"]}


@pytest.mark.parametrize("layer", LAYERS)
def test_qgis_finds_in_a_box_and_by_an_expression_what_we_do(
    layer: str, found: dict[str, dict[str, Any]], client: TestClient
) -> None:
    for name, query in (("in_box", f"bbox={BOX}"), ("schematic", "boundary_status=schematic")):
        address = f"/ogc/collections/{layer}/items?limit=1000&{query}"
        ids = [each["id"] for each in client.get(address).json()["features"]]
        assert sorted(found[layer][name]) == sorted(ids)
