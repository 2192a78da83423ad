"""`./zgc geocode --online` and `--review`: the same table, placed by more than the gazetteer."""

import csv
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine

from geodata.geocoding.level import Level
from geodata.geocoding.review import Decision, Placement, Queue
from geodata.geocoding.tables import GEOCODING_METADATA
from service.cli import Commands
from service.commands.verbs.geocode import geocode

CLI = Commands(commands={"geocode": geocode})
"""Without the signal handlers of the whole command line, which tests must not set."""

UNKNOWN = "北京市海淀区无此名街99号"


@pytest.fixture
def queue(plan_engine: Engine) -> Iterator[Queue]:
    yield Queue(plan_engine)
    with plan_engine.begin() as connection:
        for table in reversed(GEOCODING_METADATA.sorted_tables):
            connection.execute(table.delete())


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "firms.csv"
    path.write_text(f"名称,地址\n甲,{UNKNOWN}\n乙,{UNKNOWN}\n", encoding="utf-8")
    return path


def run(table: Path, database_url: str, *options: str, **variables: str) -> str:
    """What the command says at the terminal."""
    others = {name: None for name in os.environ if name.startswith("ZGC_")}
    arguments = ["geocode", str(table), "--force", *options]
    settings = others | {"ZGC_DATABASE_URL": database_url} | variables
    done = CliRunner().invoke(CLI, arguments, env=settings, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def rows(table: Path) -> list[dict[str, str]]:
    with table.with_name("firms_geocoded.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_providers_place_what_the_gazetteer_cannot_and_people_what_nobody_can(
    table: Path, plan_url: str, queue: Queue, server: Any
) -> None:
    account = {"ZGC_AMAP_KEY": "right-key", "ZGC_AMAP_URL": server.url}
    server.place("amap", UNKNOWN, 116.326, 39.981, level="乡镇", district="海淀区")
    said = run(table, plan_url, "--online", **account)
    assert "right-key" not in said
    assert [row["provider"] for row in rows(table)] == ["amap", "amap"]
    assert server.batches("amap") == [(UNKNOWN,)]
    (item,) = queue.waiting()
    place = Placement(lon=116.3, lat=39.9, level=Level.HOUSE, accuracy_m=20)
    queue.decide(item.id, Decision(placement=place, by="王工", reason="现场核对"), seen=0)
    run(table, plan_url, "--review")
    assert [(row["provider"], row["lon"], row["needs_review"]) for row in rows(table)] == [
        ("review", "116.3", "false"),
        ("review", "116.3", "false"),
    ]
    assert len(server.asked) == 1


def test_a_wrong_key_is_told_and_the_table_still_written(
    table: Path, plan_url: str, queue: Queue, server: Any
) -> None:
    account = {"ZGC_AMAP_KEY": "stolen-key", "ZGC_AMAP_URL": server.url}
    said = run(table, plan_url, "--online", **account)
    assert "amap is stopped" in said
    assert "stolen-key" not in said
    assert len(rows(table)) == 2
    assert queue.count() == 0


def test_progress_moves_while_providers_are_asked(
    tmp_path: Path, plan_url: str, queue: Queue, server: Any
) -> None:
    """Amap takes ten at a time; the journal holds each twenty."""
    table = tmp_path / "firms.csv"
    lines = [f"{number},北京市海淀区无此名街{number}号" for number in range(45)]
    table.write_text("\n".join(("名称,地址", *lines)), encoding="utf-8")
    account = {"ZGC_AMAP_KEY": "right-key", "ZGC_AMAP_URL": server.url}
    run(table, plan_url, "--online", **account, ZGC_AMAP_PER_SECOND="1000")
    assert [len(batch) for batch in server.batches("amap")] == [10, 10, 10, 10, 5]
    assert queue.count() == len(rows(table)) == 45
