"""Schemathesis makes requests of the API definitions: no 5xx, nothing that they do not tell of."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance"
SECONDS = "12"

PROGRAM = Path(sys.executable).with_name("schemathesis")


@pytest.mark.parametrize("definition", ["/ogc/api", "/openapi.json"])
def test_answers_are_as_documented(definition: str, server: Any, tmp_path: Path) -> None:
    root = server.ogc.removesuffix("/ogc")
    words = ("run", f"{root}{definition}", "--checks", CHECKS, "--phases", "fuzzing")
    bounds = ("--max-examples", "2", "--max-time", SECONDS, "--generation-deterministic")
    run = subprocess.run(
        (PROGRAM, *words, *bounds, "--no-color"),
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
        cwd=tmp_path,
    )
    assert run.returncode == 0, run.stdout[-5000:]
