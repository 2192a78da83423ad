"""The comparison explains itself and refuses early."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "service.cli", "bench", *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | environment,
    )


def test_it_explains_itself() -> None:
    done = run("--help")
    assert done.returncode == 0
    assert done.stdout.startswith("Usage: zgc bench")
    assert "--quick" in done.stdout


@pytest.mark.parametrize("arguments", [("--wings",), ("--sizes", "many"), ("--rounds", "0")])
def test_wrong_usage_is_exit_code_2(arguments: tuple[str, ...]) -> None:
    assert run(*arguments).returncode == 2


def test_a_missing_load_generator_is_said_before_anything_slow(tmp_path: Path) -> None:
    done = run("--quick", PATH=str(tmp_path), ZGC_DATA=str(tmp_path / "data"))
    assert done.returncode == 1
    assert "wrk is missing: install it" in done.stderr
    assert not (tmp_path / "data").exists()
