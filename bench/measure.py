"""One interleaved run: round by round, workload by workload, every target in turn.

What slows the machine for a while then slows all alike, and ratios hold.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median

from bench.load import Rate, one_by_one, pgbench, wrk
from bench.probe import Probe, paths_of, probe
from bench.samples import Samples
from bench.server import Running
from bench.workload import POSTGRESQL, Workload

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Target:
    """Something that is put under load: a server, or the database itself.

    Args:
        label: column of results, such as `zgc` or `zgc 100000`.
        url: of the database behind it.
        samples: drawn from that database.
        server: None for the database itself.
    """

    label: str
    url: str
    samples: Samples
    server: Running | None


@dataclass
class Cell:
    """What was measured of one workload on one target."""

    probe: Probe
    rounds: list[Rate] = field(default_factory=list)

    @property
    def per_second(self) -> float | None:
        """Median rate, None where the target cannot do it."""
        return median(rate.per_second for rate in self.rounds) if self.rounds else None

    @property
    def errors(self) -> int:
        """Answers that failed."""
        return sum(rate.errors for rate in self.rounds)


Table = dict[str, dict[str, Cell]]
"""Cells by workload and target."""


def measure(
    workloads: Sequence[Workload],
    targets: Sequence[Target],
    *,
    rounds: int,
    seconds: int,
    progress: Progress,
) -> Table:
    """Probe everything once, then load everything in turn, several times."""
    table = {
        workload.name: {target.label: _looked_at(workload, target) for target in targets}
        for workload in workloads
    }
    for turn in range(rounds):
        for workload in workloads:
            progress(f"round {turn + 1} of {rounds}: {workload.title}")
            for target in targets:
                cell = table[workload.name][target.label]
                if cell.probe.is_there:
                    cell.rounds.append(_loaded(workload, target, cell.probe, seconds, turn))
    return table


def _looked_at(workload: Workload, target: Target) -> Cell:
    if target.server is None:
        return Cell(Probe(200 if workload.sql else 0))
    return Cell(probe(target.server, _paths(workload, target)))


def _loaded(workload: Workload, target: Target, seen: Probe, seconds: int, turn: int) -> Rate:
    if target.server is None:
        return pgbench(target.url, _statements(workload, target), seconds=seconds)
    paths = _paths(workload, target)
    if seen.is_slow:
        return one_by_one(target.server, paths, seconds=seconds, turn=turn)
    tag = seen.tag if workload.conditional else ""
    return wrk(target.server, paths, seconds=seconds, turn=turn, tag=tag)


def _paths(workload: Workload, target: Target) -> list[str]:
    name = POSTGRESQL if target.server is None else target.server.name
    return paths_of(workload, name, target.samples[workload.sample])


def _statements(workload: Workload, target: Target) -> list[str]:
    template = workload.sql or ""
    return [template.format(**sample) for sample in target.samples[workload.sample]]
