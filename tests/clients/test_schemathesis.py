"""Schemathesis makes requests of the API definitions: no 5xx, nothing that they do not tell of."""

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from geodata.accounts.scope import parse_scopes
from geodata.accounts.tokens import NewToken, create_token
from geodata.accounts.users import add_user
from geodata.database.engine import open_engine
from geodata.plan.load import load_plan

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance"
SECONDS = "12"
SECONDS_A_ROLE = "4"

PROGRAM = Path(sys.executable).with_name("schemathesis")


def run(address: str, folder: Path, seconds: str, *words: str) -> None:
    bounds = ("--max-examples", "2", "--max-time", seconds, "--generation-deterministic")
    done = subprocess.run(
        (PROGRAM, "run", address, "--checks", CHECKS, "--phases", "fuzzing", *bounds, *words),
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
        cwd=folder,
    )
    assert done.returncode == 0, done.stdout[-5000:]


@pytest.mark.parametrize("definition", ["/ogc/api", "/openapi.json"])
def test_answers_are_as_documented(definition: str, server: Any, tmp_path: Path) -> None:
    root = server.ogc.removesuffix("/ogc")
    run(f"{root}{definition}", tmp_path, SECONDS, "--no-color")


@pytest.fixture(scope="module")
def tokens(migrated_database: Callable[[], str], serve: Callable[[str], str]) -> dict[str, str]:
    """Tokens that read and write, by role, and the address of a service that knows them."""
    url, now = migrated_database(), datetime.now(UTC)
    load_plan(url, lambda _: None)
    engine, scopes = open_engine(url), parse_scopes(["*:read", "*:write"])
    made = {"": serve(url)}
    with engine.begin() as connection:
        for role in ("planner", "land_officer", "admin"):
            add_user(connection, role, role, password=None, now=now)
            made[role] = create_token(connection, NewToken(role, "fuzz", scopes, 1), now)
    engine.dispose()
    return made


@pytest.mark.parametrize("role", ["planner", "land_officer", "admin"])
def test_answers_to_who_may_write_are_as_documented(
    role: str, tokens: dict[str, str], tmp_path: Path
) -> None:
    who = ("--header", f"Authorization: Bearer {tokens[role]}", "--no-color")
    writing = [
        word for name in ("POST", "PUT", "PATCH", "DELETE") for word in ("--include-method", name)
    ]
    run(f"{tokens['']}/openapi.json", tmp_path, SECONDS_A_ROLE, *who, *writing)
