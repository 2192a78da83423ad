"""The application is made by one call; importing it does nothing."""

import subprocess
import sys
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from service.app import create_app
from service.settings import Settings

ROOT = Path(__file__).resolve().parents[2]

IMPORT = """
import threading, sys
import service.app
from fastapi import FastAPI
assert not [name for name, value in vars(service.app).items() if isinstance(value, FastAPI)]
assert threading.active_count() == 1
"""

SERVE = """
import sys
from fastapi.testclient import TestClient
from service.app import create_app
from service.settings import Settings

with TestClient(create_app(Settings(database_url=sys.argv[1]))) as client:
    answers = [client.get(path) for path in ("/readyz", "/ogc/collections/bases/items")]
heavy = {"geopandas", "openpyxl", "pandas", "pyarrow", "pyogrio", "xlsxwriter"}
print(*(answer.status_code for answer in answers), sorted(heavy & sys.modules.keys()))
"""


def test_without_a_database_the_service_does_not_start_and_says_why() -> None:
    app = create_app(Settings(database_url=None))
    with pytest.raises(ValueError, match="ZGC_DATABASE_URL is not set"), TestClient(app):
        pass


def test_a_database_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    app = create_app(Settings(database_url=f"postgresql://zgc@/zgc?host={tmp_path}"))
    with pytest.raises(OSError, match=r"No such file|connect"), TestClient(app):
        pass


def test_importing_the_application_reads_no_settings_and_opens_nothing() -> None:
    """Settings as wrong as these would be refused if anything read them."""
    environment = {"ZGC_PORT": "none", "ZGC_DATABASE_URL": "mysql://", "PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        [sys.executable, "-c", IMPORT],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


def test_a_service_that_answers_has_loaded_nothing_that_only_imports_need(plan_url: str) -> None:
    """They would take half of its memory."""
    run = subprocess.run(
        [sys.executable, "-c", SERVE, plan_url],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, "200 200 []\n", "")


def test_each_application_is_its_own(plan_url: str) -> None:
    first, second = (create_app(Settings(database_url=plan_url)) for _ in range(2))
    with TestClient(first) as one, TestClient(second) as two:
        assert one.get("/readyz").status_code == two.get("/readyz").status_code == 200
        assert first.state.service.pool is not second.state.service.pool
