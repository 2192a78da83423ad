"""The recipe "add a layer" of CONTRIBUTING.md, followed to the letter on a copy of the tree."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PARTS = ("layers", "geodata", "service", "alembic", "pyproject.toml", "package-lock.json")
BLOCK = re.compile(r"```python\n\s*# (?P<path>layers/\S+\.py)\n(?P<code>.*?)```", re.DOTALL)

USE_THE_LAYER = """
import json, sys
from datetime import date
import shapely
from fastapi.testclient import TestClient
from geodata.database import migrate
from geodata.database.engine import open_engine, recorded
from geodata.ingest.sync import sync_features
from geodata.ingest.validation import validate
from geodata.ingest.geojson import RawFeature
from geodata.plan.load import load_plan
from layers.catalog import CATALOG
from service.app import create_app
from service.settings import Settings

url = sys.argv[1]
migrate.upgrade(url, print)
migrate.check(url)
load_plan(url, print)
layer = CATALOG.get("metro_stations")

def station(**properties):
    known = {"name_zh": "知春路站", "source": "test", "as_of": "2011-01-01",
             "boundary_status": "schematic", "line": "13号线", "opened_year": 2002}
    place = {"type": "Point", "coordinates": [116.335, 39.976]}
    return RawFeature("stations.geojson", 1, "zhichunlu", known | properties, place)

refused = validate(layer, [station(opened_year=1900)])
accepted = validate(layer, [station()])
with recorded(open_engine(url), actor="test", reason="recipe") as connection:
    sync_features(connection, layer, accepted.features, "test")
with TestClient(create_app(Settings(database_url=url))) as client:
    result = {
        "refused": [finding.field for finding in refused.findings],
        "items": client.get("/ogc/collections/metro_stations/items").json(),
        "collections": [c["id"] for c in client.get("/ogc/collections").json()["collections"]],
        "statistics": client.get("/api/statistics/science_cities/zgc-science-city").json(),
        "map": client.get("/map/zh.js").text,
    }
print("RESULT " + json.dumps(result))
"""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the program with the recipe's layer declared and entered in the catalog."""
    copy = tmp_path_factory.mktemp("tree")
    for name in PARTS:
        source = ROOT / name
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "node_modules")
            shutil.copytree(source, copy / name, ignore=ignored)
        else:
            shutil.copy(source, copy / name)
    recipe = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    declaration, entry = BLOCK.finditer(recipe)
    (copy / declaration["path"]).write_text(_dedented(declaration["code"]), encoding="utf-8")
    _enter(copy / entry["path"], _dedented(entry["code"]))
    return copy


def _dedented(code: str) -> str:
    return "\n".join(line.removeprefix("   ") for line in code.splitlines()) + "\n"


def _enter(catalog: Path, code: str) -> None:
    """The import to the imports, the row to the rows: what a person does with the two lines."""
    import_line, row = (line for line in code.splitlines() if line.strip() not in ("", "..."))
    text = catalog.read_text(encoding="utf-8")
    text = text.replace("from layers import (", f"{import_line}\nfrom layers import (", 1)
    last = "        parcels.LAYER,\n"
    assert last in text
    catalog.write_text(text.replace(last, f"{last}        {row.strip()}\n"), encoding="utf-8")


def _run(tree: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, *words],
        cwd=tree,
        env=os.environ | {"PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_recipe_leads_to_a_served_layer(tree: Path, new_database: Callable[[], str]) -> None:
    written = _run(tree, "-m", "service.cli", "db", "revision", "-m", "add metro stations")
    assert "add_metro_stations" in written
    out = _run(tree, "-c", USE_THE_LAYER, new_database())
    result = json.loads(out.rsplit("RESULT ", 1)[1])
    assert result["refused"] == ["opened_year"]
    assert [f["properties"]["line"] for f in result["items"]["features"]] == ["13号线"]
    assert "metro_stations" in result["collections"]
    counted = {row["layer"]: row["located"] for row in result["statistics"]["by_layer"]}
    assert counted["metro_stations"] == 1
    assert "metro_stations" in result["map"]
