"""Finding PostgreSQL: what is missing is said in one sentence."""

from pathlib import Path

import pytest

from geodata.database.binaries import BinariesError, find_binaries


def test_this_machine_has_a_server_with_postgis() -> None:
    found = find_binaries()
    assert found.has_postgis
    assert Path(found.program("initdb")).is_file()


@pytest.mark.parametrize(
    ("version", "postgis", "asked", "sentence"),
    [
        (None, False, None, r"No PostgreSQL server programs in ZGC_PG_BIN=.*: install the package"),
        ("13.4", True, None, r"PostgreSQL 13 in .* is too old, 15 is the oldest"),
        ("16.2", False, None, r"16 in .* has no PostGIS .* package postgresql-16-postgis-3\."),
        ("16.2", True, 15, r"written by PostgreSQL 15, installed is 16: .*postgresql-15-postgis-3"),
    ],
)
def test_an_unusable_installation_is_one_sentence(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    version: str | None,
    postgis: bool,
    asked: int | None,
    sentence: str,
) -> None:
    if version:
        _installation(tmp_path, version, postgis)
    monkeypatch.setenv("ZGC_PG_BIN", str(tmp_path))
    with pytest.raises(BinariesError, match=sentence) as raised:
        find_binaries(asked)
    assert str(raised.value).count("\n") == 0


def test_zgc_pg_bin_chooses_the_installation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _installation(tmp_path, "17beta1", postgis=True)
    monkeypatch.setenv("ZGC_PG_BIN", str(tmp_path))
    assert find_binaries().major == 17
    assert find_binaries().folder == tmp_path


def _installation(folder: Path, version: str, postgis: bool) -> None:
    """Programs that answer as PostgreSQL's do."""
    answers = {
        "initdb": version,
        "postgres": f"postgres (PostgreSQL) {version} (Debian)",
        "pg_config": str(folder / "share"),
    }
    for name, answer in answers.items():
        (folder / name).write_text(f"#!/bin/sh\necho '{answer}'\n")
        (folder / name).chmod(0o755)
    if postgis:
        (folder / "share" / "extension").mkdir(parents=True)
        (folder / "share" / "extension" / "postgis.control").touch()
