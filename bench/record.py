"""The record of a run: everything as JSON, the tables as Markdown, the newest in the manual."""

import json
import os
import platform
import subprocess
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bench import report
from bench.loads import Seconds, loading
from bench.measure import Cell, Table
from bench.peers import PYGEOAPI, ROOT, TIPG
from bench.report import Exports

RESULTS = Path(__file__).parent / "results"
MANUAL = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"


@dataclass(frozen=True)
class Run:
    """Everything that one run found."""

    conditions: dict[str, str]
    comparison: Table
    exports: Exports
    sizes: tuple[int, ...]
    growth: Table
    growing: tuple[str, ...]
    loads: Seconds = field(default_factory=dict)

    def markdown(self) -> str:
        """The tables, with what they rest on."""
        return "\n".join(self._lines()) + "\n"

    def _lines(self) -> Iterator[str]:
        yield "; ".join(f"{name} {value}" for name, value in self.conditions.items()) + "."
        yield from _section(
            "Answers a second, ours divided by theirs", report.comparison(self.comparison)
        )
        yield from _section(
            "Answers a second to who shows a token, of those to everyone",
            report.known(self.comparison),
        )
        if self.exports:
            yield from _section("Whole layer", report.exported(self.exports))
        yield from _section(
            "First answer after the start, as a multiple of the next",
            report.coldness(self.comparison),
        )
        if len(self.sizes) > 1:
            rows = report.growth(self.growth, self.sizes, self.growing)
            yield from _section("Cost of an answer as the data grow (enterprises)", rows)
        if self.loads:
            yield from _section("Loading plain points", loading(self.loads))
        found = list(report.problems(self.comparison, self.growth))
        if found:
            yield from _section("Failed answers", iter(found))

    def document(self) -> dict[str, object]:
        """Everything as plain data."""
        return {
            "conditions": self.conditions,
            "comparison": _plain(self.comparison),
            "exports": {
                name: {server: one and asdict(one) for server, one in rows.items()}
                for name, rows in self.exports.items()
            },
            "sizes": self.sizes,
            "growth": _plain(self.growth),
            "loads": self.loads,
        }


def conditions(described: dict[str, str], rows: str, rounds: int, seconds: int) -> dict[str, str]:
    """What the figures rest on; nothing that names the machine."""
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "commit": _commit(),
        "data": rows,
        "load": f"wrk -t1 -c8, pgbench -c8, {rounds} rounds of {seconds} s",
        "cores": str(os.cpu_count()),
        "Python": platform.python_version(),
        **described,
        "tipg": TIPG[0].partition("==")[2],
        "pygeoapi": PYGEOAPI[0].partition("==")[2],
    }


def save(run: Run, name: str) -> Path:
    """Write both files; the path of the Markdown."""
    RESULTS.mkdir(exist_ok=True)
    stem = f"{run.conditions['date']}-{name}"
    text = json.dumps(run.document(), indent=1, ensure_ascii=False)
    RESULTS.joinpath(f"{stem}.json").write_text(text + "\n", encoding="utf-8")
    page = RESULTS / f"{stem}.md"
    page.write_text(f"# Benchmark {stem}\n\n{run.markdown()}", encoding="utf-8")
    return page


def publish(run: Run) -> None:
    """Put the tables into the manual, between its marks."""
    text = MANUAL.read_text(encoding="utf-8")
    head, _, rest = text.partition(BEGIN)
    tail = rest.partition(END)[2]
    MANUAL.write_text(f"{head}{BEGIN}\n{run.markdown()}{END}{tail}", encoding="utf-8")


def _section(title: str, lines: Iterator[str]) -> Iterator[str]:
    yield ""
    yield f"### {title}"
    yield ""
    yield from lines


def _plain(table: Table) -> dict[str, dict[str, object]]:
    return {
        workload: {name: _plain_cell(cell) for name, cell in cells.items()}
        for workload, cells in table.items()
    }


def _plain_cell(cell: Cell) -> dict[str, object]:
    return {
        "probe": asdict(cell.probe) | {"tag": bool(cell.probe.tag)},
        "rounds": [asdict(rate) for rate in cell.rounds],
        "median_per_second": cell.per_second,
    }


def _commit() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True
    )
    return done.stdout.strip() or "unknown"
