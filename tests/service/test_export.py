"""`./zgc export` as people meet it: a whole file or none."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import text

ROOT = Path(__file__).parents[2]


def start(url: str, *arguments: str) -> subprocess.Popen[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("ZGC_")}
    return subprocess.Popen(
        [sys.executable, "-m", "service.cli", "export", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=environment | {"ZGC_DATABASE_URL": url},
    )


def run(url: str, *arguments: str) -> tuple[int, str]:
    process = start(url, *arguments)
    out, err = process.communicate(timeout=60)
    assert out == ""
    return process.returncode, err


def test_a_layer_becomes_a_file(plan_url, plan_engine, tmp_path):
    path = tmp_path / "中关村.geojson"
    code, said = run(plan_url, "axes", str(path))
    with plan_engine.connect() as connection:
        count = connection.scalar(text("SELECT count(*) FROM axes"))
    assert (code, len(json.loads(path.read_text())["features"])) == (0, count)
    assert f"{count} features of axes, GeoJSON" in said
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_a_format_can_be_named_and_a_box_chooses(plan_url, plan_engine, tmp_path):
    path = tmp_path / "some.txt"
    code, _ = run(
        plan_url, "enterprises", str(path), "--format", "csv", "--bbox", "116,39,116.3,41"
    )
    box = "ST_MakeEnvelope(116, 39, 116.3, 41, 4490)"
    with plan_engine.connect() as connection:
        query = f"SELECT count(*) FROM enterprises WHERE ST_Intersects(geom, {box})"
        count = connection.scalar(text(query))
    assert code == 0
    assert 0 < count == path.read_text(encoding="utf-8-sig").count("\n") - 1


def test_a_file_is_replaced_only_by_force(plan_url, tmp_path):
    path = tmp_path / "axes.csv"
    path.write_text("mine")
    code, said = run(plan_url, "axes", str(path))
    assert (code, path.read_text()) == (1, "mine")
    assert "is there already; --force replaces it" in said
    assert run(plan_url, "axes", str(path), "--force")[0] == 0
    assert path.read_text(encoding="utf-8-sig").startswith("id,name_zh,")


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("nothing", "a.csv"), 2, "no layer 'nothing'; the layers are "),
        (("axes", "a.doc"), 1, "no format 'a.doc'; the formats are geojson, "),
        (("axes", "a.csv", "--format", "doc"), 1, "no format 'doc'; the formats are geojson, "),
        (("axes", "a.csv", "--bbox", "1,2,3"), 2, "has 3 numbers"),
        (("axes", "a.csv", "--bbox", "0,1,2,91"), 2, "latitudes within 90"),
        (("axes", "no/such/folder/a.csv"), 1, "a.csv: No such file or directory"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(plan_url, tmp_path, arguments, code, sentence):
    layer, name, *options = arguments
    done, said = run(plan_url, layer, str(tmp_path / name), *options)
    assert done == code
    assert sentence in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a.geojson", "a.gpkg"])
def test_an_export_that_is_stopped_leaves_nothing(plan_url, plan_engine, tmp_path, name):
    """A lock on the table holds the export in its midst."""
    with plan_engine.connect() as connection:
        connection.execute(text("LOCK TABLE axes IN ACCESS EXCLUSIVE MODE"))
        process = start(plan_url, "axes", str(tmp_path / name))
        while not list(tmp_path.iterdir()):
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
        connection.rollback()
    assert process.returncode == 128 + signal.SIGTERM
    assert list(tmp_path.iterdir()) == []
