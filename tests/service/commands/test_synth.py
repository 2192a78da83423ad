"""Synthetic data as people meet them: made beside the real ones, served, and said to be so."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


def environment(settings: dict[str, str]) -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith("ZGC_")}
    return ours | settings


def run(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "service.cli", *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment(settings),
    )


@pytest.fixture
def data() -> Iterator[Path]:
    """A data folder that the account which runs PostgreSQL may enter."""
    made = Path(tempfile.mkdtemp(prefix="zgc-test-"))
    made.chmod(0o755)
    yield made / "data"
    shutil.rmtree(made)


@pytest.fixture
def service(data: Path) -> Iterator[str]:
    """A service of 40 synthetic enterprises, from nothing: its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "service.cli", "serve", "--synthetic", "40", "--port", str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=environment({"ZGC_DATA": str(data)}),
    )
    assert process.stdout is not None
    assert process.stdout.readline() == f"ready: http://127.0.0.1:{port}\n"
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    said = process.communicate()[1]
    assert "SYNTHETIC data, nothing here is real: 40 enterprises, 20 parcels, seed 1" in said


def count(data: Path, database: str) -> str:
    query = f"\\connect {database}\nSELECT count(*) FROM pg_tables WHERE tablename = 'parcels'"
    shell = subprocess.run(
        [sys.executable, "-m", "service.cli", "db", "shell", "-qAt"],
        input=query,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment({"ZGC_DATA": str(data)}),
    )
    return shell.stdout.splitlines()[-1]


def test_synthetic_data_are_served_from_nothing_and_the_real_database_stays_empty(
    data: Path, service: str
) -> None:
    with urllib.request.urlopen(f"{service}/ogc/collections/parcels/items?limit=100") as answer:
        features = json.load(answer)["features"]
    assert len(features) == 20
    assert {feature["properties"]["source"] for feature in features} == {
        "合成数据 synthetic (seed 1)"
    }
    made = run("synth", "--enterprises", "6", "--database", "synthetic_b", ZGC_DATA=str(data))
    assert made.returncode == 0, made.stderr
    assert "Database synthetic_b: 6 enterprises, 3 parcels, seed 1" in made.stderr
    found = {name: count(data, name) for name in ("zgc", "zgc_synthetic", "synthetic_b")}
    assert found == {"zgc": "0", "zgc_synthetic": "2", "synthetic_b": "2"}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--database", "zgc"), "must contain the word synthetic"),
        (("--parcels", "49999999"), "there is room for"),
    ],
)
def test_what_cannot_be_made_is_one_sentence(
    data: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    done = run("synth", *arguments, ZGC_DATA=str(data))
    assert done.returncode == 1
    assert sentence in done.stderr.splitlines()[-1]
    assert done.stderr.splitlines()[-1].startswith("Error: ")


def test_synth_explains_itself() -> None:
    done = run("synth", "--help")
    assert done.returncode == 0
    assert "apart from the real one" in " ".join(done.stdout.split())
