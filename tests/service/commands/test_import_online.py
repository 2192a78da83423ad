"""`./zgc import --online`: rows placed by address, by more than the gazetteer."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine

from geodata.geocoding.review import Queue
from geodata.geocoding.tables import GEOCODING_METADATA
from service.cli import Commands
from service.commands.verbs.import_ import import_

CLI = Commands(commands={"import": import_})
"""Without the signal handlers of the whole command line, which tests must not set."""

UNKNOWN, NOWHERE = "北京市海淀区无此名街99号", "北京市海淀区亦无此名街1号"
KNOWN = ("source=测试", "as_of=2012-01-01", "boundary_status=schematic")


@pytest.fixture
def queue(plan_engine: Engine) -> Iterator[Queue]:
    yield Queue(plan_engine)
    with plan_engine.begin() as connection:
        for table in reversed(GEOCODING_METADATA.sorted_tables):
            connection.execute(table.delete())


@pytest.fixture
def zgc(tmp_path: Path, plan_url: str) -> Any:
    path = tmp_path / "企业.csv"
    path.write_text(f"名称,地址\n甲,{UNKNOWN}\n乙,{NOWHERE}\n", encoding="utf-8")
    others = {name: None for name in os.environ if name.startswith("ZGC_")}

    def run(*options: str, **variables: str) -> Result:
        sets = (part for each in KNOWN for part in ("--set", each))
        arguments = ["import", "enterprises", str(path), *sets, "--dry-run", *options]
        settings = others | {"ZGC_DATABASE_URL": plan_url} | variables
        return CliRunner().invoke(CLI, arguments, env=settings)

    return run


def test_providers_place_what_the_gazetteer_cannot_and_the_rest_is_queued(
    zgc: Any, queue: Queue, server: Any
) -> None:
    server.place("amap", UNKNOWN, 116.326, 39.981, level="门牌号", district="海淀区")
    account = {"ZGC_AMAP_KEY": "right-key", "ZGC_AMAP_URL": server.url}
    offline = zgc()
    assert offline.exit_code == 1
    assert "error: Address not found 地址未能定位, 2" in offline.output
    assert (queue.count(), len(server.asked)) == (0, 0)
    done = zgc("--online", "--accept-valid", **account)
    assert "error: Address not found 地址未能定位, 1" in done.output
    assert "1 inserted" in done.output
    assert [item.address for item in queue.waiting()] == [NOWHERE]


def test_without_an_account_nobody_is_asked(zgc: Any) -> None:
    done = zgc("--online")
    assert done.exit_code == 1
    assert "no provider has a key: set one of ZGC_TIANDITU_KEY" in done.output
