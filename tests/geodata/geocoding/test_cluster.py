"""Geocoding on a real Dask cluster, on loopback."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from geodata.geocoding.batch import work_here
from geodata.geocoding.cluster import ClusterError, work_on_cluster
from geodata.geocoding.gazetteer import Gazetteer
from geodata.geocoding.geocode import GazetteerGeocoder
from geodata.geocoding.place import read_places

ROOT = Path(__file__).parents[3]

ADDRESSES = ("北京市海淀区中关村大街59号", None, "自有样板楼3层", "上海市南京路1号")
CHUNKS = [(number, ADDRESSES) for number in range(6)]


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """A scheduler and a worker in processes of their own: the scheduler's address."""
    pytest.importorskip("distributed", reason="the optional Dask is not installed")
    processes = [_start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")]
    address = _wait_for(processes[0], "Scheduler at:").split()[-1]
    processes.append(_start("worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard"))
    yield address
    for process in reversed(processes):
        process.terminate()
        process.communicate()


def _start(role: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "distributed.cli.dask_" + role, *arguments],
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


def _wait_for(process: subprocess.Popen[str], words: str) -> str:
    assert process.stderr is not None
    for line in process.stderr:
        if words in line:
            return line
    raise AssertionError(f"ended without saying {words!r}")


def test_a_cluster_gives_the_same_outcomes(scheduler: str, tmp_path: Path) -> None:
    own = tmp_path / "own.csv"
    own.write_text(
        "id,kind,name_zh,district,lon,lat,accuracy_m,source\n"
        "own,building,自有样板楼,海淀区,116.3,39.98,50,test\n"
        "road,road,中关村大街,海淀区,116.3,39.98,900,test\n",
        encoding="utf-8",
    )
    gazetteer = Gazetteer(read_places(own))
    here = dict(work_here(GazetteerGeocoder(gazetteer))(CHUNKS))
    there = dict(work_on_cluster(scheduler, gazetteer)(CHUNKS))
    assert there == here
    assert [outcome.level for outcome in there[0]] == ["road", None, "building", None]


def test_a_scheduler_that_does_not_answer_is_named() -> None:
    pytest.importorskip("distributed", reason="the optional Dask is not installed")
    work = work_on_cluster("tcp://127.0.0.1:1", Gazetteer([]), timeout_s=0.2)
    with pytest.raises(ClusterError, match=r"ZGC_DASK_SCHEDULER=tcp://127\.0\.0\.1:1"):
        list(work(CHUNKS))
