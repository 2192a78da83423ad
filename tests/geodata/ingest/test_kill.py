"""`kill -9` of the loader or of PostgreSQL at any moment leaves all of an import, or nothing."""

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import psycopg
import pytest

from geodata.database import migrate
from geodata.database.cluster import running_cluster

ROOT = Path(__file__).parents[3]
ROWS = 12_000
"""Enough that the first load makes the spatial index anew."""

MOMENTS = (0.1, 0.4, 0.7, 0.95)
"""Parts of the time that a load takes; each a little earlier or later, by chance."""

LOADERS = """
import os, sys
from datetime import date
import pyarrow as pa, shapely
from geodata.database.engine import open_engine
from geodata.ingest.batch import ImportBatch
from geodata.ingest.load import import_rows
from geodata.ingest.modes import Mode
from layers.catalog import CATALOG

def load(url, name, count):
    rows = pa.RecordBatch.from_pydict({
        "id": [f"made-up-{number:06d}" for number in range(count)],
        "name_zh": [name] * count,
        "source": ["test"] * count,
        "as_of": pa.array([date(2011, 1, 1)] * count, pa.date32()),
        "boundary_status": ["schematic"] * count,
        "geom": pa.array([shapely.Point(116.3, 40).wkb] * count),
    })
    batches = [rows.slice(start, 1000) for start in range(0, count, 1000)]
    batch = ImportBatch(file=name, sha256="0" * 64, actor="loader", reason="test")
    layer = CATALOG.get("enterprises")
    import_rows(open_engine(url), layer, batches, mode=Mode.UPDATE, batch=batch)

for line in sys.stdin:
    url, name, count = line.split()
    child = os.fork()
    if child == 0:
        sys.stderr.close()
        load(url, name, int(count))
        os._exit(0)
    print(child, flush=True)
    print(os.waitpid(child, 0)[1], flush=True)
"""
"""For each line a process of its own that loads rows; tells its number, then how it ended."""

STATE = """
SELECT (SELECT count(*) FROM enterprises),
       (SELECT count(DISTINCT (name_zh, recorded_import)) FROM enterprises),
       (SELECT min(name_zh) FROM enterprises),
       (SELECT count(*) FROM history.enterprises),
       (SELECT count(DISTINCT (name_zh, superseded_import)) FROM history.enterprises),
       (SELECT coalesce(max(version), 0) FROM layer_versions WHERE layer = 'enterprises'),
       (SELECT count(*) FROM imports),
       (SELECT coalesce(sum(inserted + updated), 0) FROM imports),
       (SELECT count(*) FROM enterprises WHERE feature NOT LIKE '%"' || name_zh || '"%'),
       (SELECT count(*) FROM pg_class WHERE relname LIKE 'incoming%'),
       (SELECT count(*) FROM pg_trigger WHERE tgenabled = 'D'),
       (SELECT count(*) FROM pg_indexes WHERE indexname = 'ix_enterprises_geom')
"""


class State(NamedTuple):
    rows: int
    kinds: int
    name: str | None
    past: int
    past_kinds: int
    version: int
    imports: int
    counted: int
    untrue: int
    staging: int
    disabled: int
    indexes: int


def after(loads: int, name: str | None) -> State:
    """What so many whole loads leave, each of which writes every row."""
    written, replaced = loads > 0, max(loads - 1, 0)
    return State(
        rows=ROWS * written,
        kinds=int(written),
        name=name,
        past=ROWS * replaced,
        past_kinds=replaced,
        version=loads,
        imports=loads,
        counted=ROWS * loads,
        untrue=0,
        staging=0,
        disabled=0,
        indexes=1,
    )


def state(url: str) -> State:
    """Once no other session is at work: one whose client is gone may take a moment to notice."""
    others = "SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = %s"
    with psycopg.connect(url, autocommit=True) as connection:
        deadline = time.monotonic() + 30
        while connection.execute(others, [connection.info.dbname]).fetchone() != (0,):
            assert time.monotonic() < deadline, "a session whose client was killed goes on"
            time.sleep(0.02)
        row = connection.execute(STATE).fetchone()
    assert row is not None
    return State(*row)


class Loaders:
    """Starts loaders by forking, since the imports of one take longer than the load."""

    def __init__(self) -> None:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        command = [sys.executable, "-c", LOADERS]
        self.process = subprocess.Popen(command, text=True, cwd=ROOT, **pipes)

    def start(self, url: str, name: str) -> int:
        """Process id of a loader that has begun."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{url} {name} {ROWS}\n")
        self.process.stdin.flush()
        return int(self._line())

    def wait(self) -> bool:
        """Whether the loader came to its end."""
        return self._line() == "0\n"

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()


@pytest.fixture(scope="module")
def loaders() -> Iterator[Loaders]:
    loaders = Loaders()
    yield loaders
    loaders.process.communicate()


class Story:
    """Loads one after the other, each killed by chance somewhere; what is to be found."""

    def __init__(self, loaders: Loaders) -> None:
        self.seed = random.randrange(2**32)
        self.chance = random.Random(self.seed)
        self.loaders = loaders
        self.loads = 0
        self.name: str | None = None
        self.takes = 0.0

    def whole(self, url: str) -> None:
        """A load that nothing disturbs."""
        begun = time.monotonic()
        self.loaders.start(url, "undisturbed")
        assert self.loaders.wait()
        self.takes = time.monotonic() - begun
        self.loads, self.name = 1, "undisturbed"

    def killed(self, url: str, moment: float, kill: Callable[[int], None]) -> tuple[str, bool]:
        """A load that is killed; its name, and whether it came to its end before."""
        name = f"killed-at-{moment}"
        loader = self.loaders.start(url, name)
        time.sleep(self.takes * moment * self.chance.uniform(0.8, 1.2))
        kill(loader)
        return name, self.loaders.wait()

    def check(self, url: str, name: str, *, ended: bool) -> None:
        """All of it or nothing."""
        found = state(url)
        if found.imports > self.loads:
            self.loads, self.name = self.loads + 1, name
        assert found == after(self.loads, self.name), f"seed {self.seed}, {name}"
        assert found.name == name or not ended


def kill_process(number: int) -> None:
    """One that has ended already is no loss."""
    with suppress(ProcessLookupError):
        os.kill(number, signal.SIGKILL)


@pytest.mark.parametrize("first", [True, False], ids=["first load", "changes"])
def test_an_import_whose_loader_is_killed_is_whole_or_nothing(
    migrated_database: Callable[[], str], loaders: Loaders, first: bool
) -> None:
    url = migrated_database()
    story = Story(loaders)
    if first:
        scrap = migrated_database()
        story.whole(scrap)
        story.loads, story.name = 0, None
    else:
        story.whole(url)
    for moment in MOMENTS:
        name, ended = story.killed(url, moment, kill_process)
        story.check(url, name, ended=ended)


def test_an_import_whose_database_is_killed_is_whole_or_nothing(
    data: Path, loaders: Loaders
) -> None:
    story = Story(loaders)
    with running_cluster(data, lambda _: None, throw_away=True) as url:
        migrate.upgrade(url, lambda _: None)
        with psycopg.connect(url) as connection:
            # A throw-away cluster may lose what it has just committed; a real one must not.
            connection.execute("ALTER ROLE CURRENT_USER SET synchronous_commit = on")
        story.whole(url)
    for moment in MOMENTS[1::2]:
        with running_cluster(data, lambda _: None, throw_away=True) as url:
            name, ended = story.killed(url, moment, lambda _: _kill_server(data))
        with running_cluster(data, lambda _: None, throw_away=True) as url:
            story.check(url, name, ended=ended)


def _kill_server(data: Path) -> None:
    """The postmaster first, so that it restarts none; then every process of the cluster."""
    folder = data / "postgres"
    kill_process(int((folder / "postmaster.pid").read_text().splitlines()[0]))
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if Path(os.readlink(entry / "cwd")) == folder:
                kill_process(int(entry.name))


@pytest.fixture
def data() -> Iterator[Path]:
    """A data folder that the service user may enter, unlike pytest's own."""
    made = Path(tempfile.mkdtemp(prefix="zgc-test-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)
