"""`./zgc geocode --online` and `--review`: the same table, placed by more than the gazetteer."""

import csv
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from geodata.geocoding.level import Level
from geodata.geocoding.review import Decision, Placement, Queue
from geodata.geocoding.tables import GEOCODING_METADATA

ROOT = Path(__file__).resolve().parents[3]

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
    command = [sys.executable, "-m", "service.cli", "geocode", str(table), "--force", *options]
    environment = os.environ | {"ZGC_DATABASE_URL": database_url} | variables
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


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
