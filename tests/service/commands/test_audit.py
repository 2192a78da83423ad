"""`./zgc audit`: list, export, verify, prune, each on a real database."""

import json
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner, Result

from geodata.audit.actions import Action
from geodata.audit.asker import Asker
from geodata.audit.event import Event, keep
from geodata.database.engine import open_engine
from service.cli import main

Run = Callable[..., Result]


@pytest.fixture(scope="module")
def url(migrated_database: Callable[[], str]) -> str:
    url = migrated_database()
    engine = open_engine(url)
    with engine.begin() as connection:
        keep(
            connection,
            [
                Event(action=Action.SIGN_IN, who=Asker("wang", "planner", "192.0.2.1")),
                Event(action=Action.READ, who=Asker("wang"), layer="parcels", number=3),
                Event(action=Action.SIGN_IN, who=Asker("li")),
            ],
        )
    engine.dispose()
    return url


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, url: str) -> Run:
    monkeypatch.setenv("ZGC_DATABASE_URL", url)
    return lambda *words: CliRunner().invoke(main, ["audit", *words])


def test_events_are_listed_newest_first(run: Run) -> None:
    result = run("list", "--person", "wang")
    assert result.exit_code == 0, result.output
    rows = [line.split("\t") for line in result.stdout.splitlines()]
    assert [row[2] for row in rows] == ["action", "read.features", "sign-in"]
    assert rows[1][5:7] == ["parcels", "3"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("list", "--action", "peek"), 2, "must be one of"),
        (("list", "--since", "soon"), 2, "YYYY-MM-DD"),
        (("export", "audit.txt"), 2, ".csv or .json"),
        (("verify", "--head", "12"), 2, "NUMBER:HASH"),
    ],
    ids=str,
)
def test_what_cannot_be_is_wrong_usage(
    words: tuple[str, ...], code: int, said: str, run: Run
) -> None:
    result = run(*words)
    assert (result.exit_code, said in result.stderr) == (code, True), result.output


def test_a_file_holds_what_is_searched_and_is_told_of(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "audit.json"
    assert run("export", str(path), "--action", "sign-in").exit_code == 0
    events = json.loads(path.read_text(encoding="utf-8"))["events"]
    assert [event["actor"] for event in events] == ["li", "wang"]
    assert run("export", str(path)).exit_code == 1
    assert run("export", str(path), "--force").exit_code == 0
    told = json.loads(path.read_text(encoding="utf-8"))["events"][0]
    assert (told["action"], told["address"]) == ("export.audit", "terminal")


def test_a_chain_that_holds_is_told_with_its_head(run: Run, url: str) -> None:
    result = run("verify")
    assert result.exit_code == 0, result.output
    head = result.stdout.strip()
    assert run("list").exit_code == 0
    assert run("verify", "--head", head).exit_code == 0
    other = f"{head.partition(':')[0]}:{'0' * 64}"
    result = run("verify", "--head", other)
    assert (result.exit_code, "does not lead through" in result.stderr) == (1, True)
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("ALTER TABLE audit.events DISABLE TRIGGER refuse")
        owner.execute("UPDATE audit.events SET actor = 'bo' WHERE actor = 'li'")
        result = run("verify")
        owner.execute("UPDATE audit.events SET actor = 'li' WHERE actor = 'bo'")
        owner.execute("ALTER TABLE audit.events ENABLE ALWAYS TRIGGER refuse")
    assert result.exit_code == 1
    assert "is not what was written" in result.stderr
    assert "trigger refuse of audit.events" in result.stderr


def test_what_is_too_old_goes(run: Run, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("ALTER TABLE audit.events DISABLE TRIGGER stamp")
        owner.execute(
            "INSERT INTO audit.events (action, at, login) VALUES"
            " ('sign-out', now() - interval '300 days', 'x')"
        )
        owner.execute("ALTER TABLE audit.events ENABLE ALWAYS TRIGGER stamp")
    assert run("prune").stderr.splitlines()[-1].startswith("0 events older than 1095 days")
    monkeypatch.setenv("ZGC_AUDIT_DAYS", "200")
    assert run("prune").exit_code == 0
    monkeypatch.setenv("ZGC_AUDIT_DAYS", "183")
    result = run("prune")
    assert result.exit_code != 0
    assert "ZGC_AUDIT_DAYS" in result.output
    assert "art. 21" in result.output
