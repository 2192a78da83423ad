"""`./zgc geocode` as people at a terminal meet it."""

import csv
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from geodata.ingest.finding import RefusedError
from service.cli import Commands
from service.commands.serve import serve
from service.commands.verbs.geocode import geocode
from service.settings import Settings

ROOT = Path(__file__).parents[3]

HEADER = "id,kind,name_zh,district,lon,lat,accuracy_m,source\n"


CLI = Commands(commands={"geocode": geocode})
"""Without the signal handlers of the whole command line, which tests must not set."""


def run(*arguments: str | Path, **settings: str) -> tuple[int, str]:
    ours = {name: None for name in os.environ if name.startswith("ZGC_")}
    done = CliRunner().invoke(CLI, ["geocode", *map(str, arguments)], env=ours | settings)
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.output


def start(*arguments: str | Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "service.cli", "geocode", *map(str, arguments)]
    return subprocess.Popen(command, stderr=subprocess.DEVNULL, cwd=ROOT)


def table(path: Path, *addresses: str) -> Path:
    rows = [f"{row},{address}" for row, address in enumerate(addresses)]
    path.write_text("\n".join(["编号,地址", *rows]) + "\n", encoding="utf-8")
    return path


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_same_rows_come_back_with_positions(tmp_path: Path) -> None:
    given = table(tmp_path / "a.csv", "海淀区中关村大街59号", "海淀区")
    code, said = run(given)
    assert code == 0, said
    assert "2 rows, 2 with a position, 1 need review" in said
    house, district = rows_of(tmp_path / "a_geocoded.csv")
    assert (house["地址"], house["level"], house["district"]) == (
        "海淀区中关村大街59号",
        "house",
        "海淀区",
    )
    assert (house["provider"], house["needs_review"]) == ("gazetteer", "false")
    assert (district["level"], district["needs_review"]) == ("district", "true")
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_rows_without_an_address_are_told_and_the_rest_is_done(tmp_path: Path) -> None:
    code, said = run(table(tmp_path / "a.csv", "海淀区学院路", ""), "-o", tmp_path / "b.csv")
    assert code == 1
    assert "a.csv, row 3, 地址 = '': must be an address" in said
    assert [row["level"] for row in rows_of(tmp_path / "b.csv")] == ["road", ""]


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("none.csv",), 2, "does not exist"),
        (("a.csv", "--column", "住址"), 2, "no column '住址' There are 编号, 地址"),
        (("a.csv", "-o", "a.xlsx"), 2, "a.xlsx must end in .csv"),
        (("a.csv", "-o", "b.csv"), 1, "is there already; --force replaces it"),
        (("a.csv", "--gazetteer", "own.csv"), 1, "own.csv, row 2, lon = 0: must be 115.4 to 117.6"),
        (("a.txt",), 1, "no rows"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    tmp_path: Path, arguments: tuple[str, ...], code: int, sentence: str
) -> None:
    table(tmp_path / "a.csv", "海淀区学院路")
    table(tmp_path / "b.csv")
    table(tmp_path / "a.txt")
    (tmp_path / "own.csv").write_text(f"{HEADER}a,park,甲园,海淀区,0,39.9,100,test\n", "utf-8")
    paths = [tmp_path / each if "." in each else each for each in arguments]
    returned, said = run(*paths)
    assert returned == code
    assert sentence in " ".join(said.split())
    assert "Traceback" not in said


@pytest.mark.parametrize("by_setting", [False, True])
def test_own_places_join_the_built_in_ones(tmp_path: Path, by_setting: bool) -> None:
    own = tmp_path / "places"
    own.mkdir()
    (own / "own.csv").write_text(
        f"{HEADER}a,building,自有样板楼,海淀区,116.3,39.98,50,test\n", encoding="utf-8"
    )
    given = table(tmp_path / "a.csv", "海淀区自有样板楼2层")
    options = () if by_setting else ("--gazetteer", own)
    settings = {"ZGC_GAZETTEER": str(own)} if by_setting else {}
    code, said = run(given, *options, **settings)
    assert code == 0, said
    (row,) = rows_of(tmp_path / "a_geocoded.csv")
    assert (row["lon"], row["lat"], row["level"]) == ("116.3", "39.98", "building")


def test_the_service_does_not_start_with_wrong_places_of_its_own(tmp_path: Path) -> None:
    own = tmp_path / "own.csv"
    own.write_text(f"{HEADER}a,park,甲园,海淀区,0,39.9,100,test\n", encoding="utf-8")
    with pytest.raises(RefusedError, match=r"own\.csv, row 2, lon = 0"):
        serve(Settings(gazetteer=own))


def test_a_killed_run_goes_on_and_ends_with_the_same_result(tmp_path: Path) -> None:
    given = table(tmp_path / "a.csv", *(f"海淀区中关村大街{each}号" for each in range(1, 4001)))
    journal, result = tmp_path / ".a_geocoded.csv.journal", tmp_path / "a_geocoded.csv"
    process = start(given)
    while process.poll() is None and (not journal.exists() or lines_of(journal) < 3):
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL, "it was done before it could be killed"
    assert not result.exists()
    kept = journal.read_bytes()
    assert lines_of(journal) < 5
    code, said = run(given)
    assert code == 0, said
    assert not journal.exists()
    assert lines_of(result) == 4001
    assert run(given, "-o", tmp_path / "at_once.csv")[0] == 0
    assert result.read_bytes() == (tmp_path / "at_once.csv").read_bytes()
    assert kept.count(b'"chunk"') >= 2


def lines_of(path: Path) -> int:
    return path.read_bytes().count(b"\n")
