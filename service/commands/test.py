"""`./zgc test`: every check that a change must pass, each with its name and duration."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click

from geodata.database import migrate
from geodata.errors import GeodataError
from service.commands.database import throw_away_database

ROOT = Path(__file__).parents[2]
TOOLS = Path(sys.executable).parent
PYTEST = (sys.executable, "-m", "pytest")
ON_ALL_CORES = ("-n", "auto", "--dist", "loadfile")
KEPT_SETTINGS = frozenset({"ZGC_PG_BIN"})


@dataclass(frozen=True)
class Step:
    """One check; `run` returns its exit code."""

    name: str
    run: Callable[[], int]


@dataclass(frozen=True)
class Outcome:
    """What became of a step."""

    name: str
    code: int
    seconds: float


def test(arguments: tuple[str, ...]) -> int:
    """Runs all checks, or only pytest with the arguments; returns the exit code."""
    with throw_away_database() as url:
        if arguments:
            return _command(*PYTEST, *arguments, database=url)()
        outcomes = [_perform(step) for step in _steps(url)]
    _summarise(outcomes)
    return max(outcome.code != 0 for outcome in outcomes)


def _steps(url: str) -> tuple[Step, ...]:
    python = sys.executable
    return (
        Step("ruff check", _command(python, "-m", "ruff", "check", ".")),
        Step("ruff format", _command(python, "-m", "ruff", "format", "--check", ".")),
        Step("mypy", _command(python, "-m", "mypy")),
        Step("import-linter", _command(str(TOOLS / "lint-imports"))),
        Step("alembic check", lambda: _schema_check(url)),
        Step("pytest", _command(*PYTEST, *ON_ALL_CORES, database=url)),
    )


def _command(*words: str, database: str | None = None) -> Callable[[], int]:
    return lambda: subprocess.call(words, cwd=ROOT, env=_environment(database))


def _environment(database: str | None) -> dict[str, str]:
    """Ours without the operator's settings: tests decide on their own."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("ZGC_") or name in KEPT_SETTINGS
    }
    return kept | ({"ZGC_TEST_DATABASE_URL": database} if database else {})


def _schema_check(url: str) -> int:
    """The migrations lead to what the layers declare."""
    try:
        migrate.upgrade(url, click.echo)
        migrate.check(url)
    except GeodataError as error:
        click.echo(str(error))
        return 1
    return 0


def _perform(step: Step) -> Outcome:
    click.secho(f"== {step.name}", bold=True)
    start = time.monotonic()
    code = step.run()
    return Outcome(step.name, code, time.monotonic() - start)


def _summarise(outcomes: list[Outcome]) -> None:
    click.secho("== summary", bold=True)
    for outcome in outcomes:
        verdict = "ok" if outcome.code == 0 else f"FAILED (exit code {outcome.code})"
        click.echo(f"{outcome.name:<15}{outcome.seconds:7.1f} s  {verdict}")
