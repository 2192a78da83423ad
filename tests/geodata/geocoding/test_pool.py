"""Chunks in processes of this machine."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from geodata.geocoding.batch import work_here
from geodata.geocoding.gazetteer import Gazetteer
from geodata.geocoding.geocode import GazetteerGeocoder
from geodata.geocoding.place import read_places
from geodata.geocoding.pool import cores, work_in_processes

ROOT = Path(__file__).parents[3]

ADDRESSES = ("海淀区中关村大街59号", None, "自有样板楼3层", "上海市南京路1号", "长" * 301)
CHUNKS = [(number, (*ADDRESSES, f"中关村大街{number}号")) for number in range(6)]


@pytest.fixture
def gazetteer(tmp_path: Path) -> Gazetteer:
    own = tmp_path / "own.csv"
    own.write_text(
        "id,kind,name_zh,district,lon,lat,accuracy_m,number_from,source\n"
        "own,building,自有样板楼,海淀区,116.3,39.98,50,,test\n"
        "road,road,中关村大街,海淀区,116.3,39.98,900,,test\n"
        "point,road_point,中关村大街,海淀区,116.3,39.98,90,3,test\n",
        encoding="utf-8",
    )
    return Gazetteer(read_places(own))


def test_processes_give_the_same_outcomes(gazetteer: Gazetteer) -> None:
    here = dict(work_here(GazetteerGeocoder(gazetteer))(CHUNKS))
    there = dict(work_in_processes(gazetteer, 2, worthwhile=2)(CHUNKS))
    assert there == here
    assert [outcome.level for outcome in there[3]] == [
        *("road", None, "building", None, None, "house"),
    ]


@pytest.mark.parametrize(("processes", "worthwhile"), [(1, 2), (2, len(CHUNKS) + 1)])
def test_no_process_is_started_for_little(
    gazetteer: Gazetteer,
    processes: int,
    worthwhile: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("geodata.geocoding.pool.ProcessPoolExecutor", None)
    done = work_in_processes(gazetteer, processes, worthwhile)(CHUNKS)
    assert [number for number, _ in done] == list(range(len(CHUNKS)))


def test_the_cores_are_those_that_this_process_may_use() -> None:
    assert cores() == len(os.sched_getaffinity(0))


KILLED = """
import sys
from geodata.geocoding.gazetteer import Gazetteer
from geodata.geocoding.pool import work_in_processes

if __name__ == "__main__":
    chunks = [(number, ("海淀区",) * 2000) for number in range(300)]
    for number, _ in work_in_processes(Gazetteer([]), 2, worthwhile=2)(chunks):
        print(number, flush=True)
"""


def test_the_processes_of_a_killed_run_end_too(tmp_path: Path) -> None:
    script = tmp_path / "run.py"
    script.write_text(KILLED, encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, script],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as run:
        assert run.stdout is not None
        assert run.stdout.readline()
        children = _children(run.pid)
        run.send_signal(signal.SIGKILL)
    assert len(children) >= 2
    until = time.monotonic() + 5
    while any(map(_is_alive, children)) and time.monotonic() < until:
        time.sleep(0.02)
    assert not any(map(_is_alive, children))


def _children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [int(child) for task in tasks for child in (task / "children").read_text().split()]


def _is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"
