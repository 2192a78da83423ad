"""What a starting service says about its administrators."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from geodata.accounts.invitations import accept, invited
from geodata.database.engine import open_engine
from service.commands.serve import _invite_administrator
from service.settings import Settings

LINK = re.compile(r"https://gis\.example\.cn/zgc/set-up\?key=([\w-]{43})\n")


def test_while_there_is_no_administrator_each_start_gives_the_only_link_that_works(
    migrated_database: Callable[[], str], capsys: pytest.CaptureFixture[str]
) -> None:
    url = migrated_database()
    settings = Settings(database_url=url, public_url="https://gis.example.cn/zgc")
    keys = []
    for _ in range(2):
        _invite_administrator(settings, url)
        said = capsys.readouterr()
        assert said.out == "", "standard output is for the line that says ready"
        found = LINK.search(said.err)
        assert found is not None
        keys.append(found[1])
    engine, now = open_engine(url), datetime.now(UTC)
    with engine.begin() as connection:
        assert invited(connection, keys[1], now) is None
        accept(connection, keys[1], "li", "隔冬不凋 pine 42", now)
    engine.dispose()
    _invite_administrator(settings, url)
    assert capsys.readouterr().err == ""
