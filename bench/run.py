"""A run from databases to tables."""

import shutil
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import click

from bench.database import add_peers_tables, describe
from bench.exports import measure_exports
from bench.loads import measure_loads
from bench.measure import Table, Target, measure
from bench.peers import all_servers
from bench.record import Run, conditions
from bench.report import Exports
from bench.samples import draw
from bench.workload import EXPORTS, POSTGRESQL, SERVERS, WORKLOADS, Workload
from geodata.database import migrate
from geodata.synthetic.label import Recipe
from service.commands.database import reachable_synthetic_database, report
from service.commands.synth import prepare_synthetic
from service.settings import Settings

LOADS = "zgc_synthetic_bench_loads"
"""Database that loads are measured in."""

GROWING = ("zgc", "tipg")
"""Servers whose cost is followed as the data grow, besides PostgreSQL."""


@dataclass(frozen=True)
class Plan:
    """What to run.

    Args:
        size: enterprises of the comparison; parcels are half as many.
        sizes: enterprises of the databases that show how cost grows.
        rounds: interleaved rounds.
        seconds: length of each load.
        only: workloads to compare, and nothing else; none: everything.
    """

    size: int
    sizes: tuple[int, ...]
    rounds: int
    seconds: int
    only: tuple[Workload, ...] = ()


def require_tools() -> None:
    """Refuse to begin without the load generator."""
    if shutil.which("wrk") is None:
        raise click.ClickException("wrk is missing: install it (Debian: apt-get install wrk).")


def run(plan: Plan, settings: Settings) -> Run:
    """Everything, on the machine's private cluster or the operator's server."""
    require_tools()
    folder = settings.data.resolve() / "bench"
    with ExitStack() as stack:
        urls = _databases(stack, plan, settings)
        loads_url = None if plan.only else _database_for_loads(stack, settings)
        with ExitStack() as servers:
            targets = _targets(servers, urls[plan.size], plan.size, SERVERS, folder, "")
            table = _compared(plan.only or WORKLOADS, targets, plan)
            exports = {} if plan.only else _exports(targets, plan)
        grown = _growth(plan, urls, folder)
        loads = (
            {} if loads_url is None else measure_loads(loads_url, plan.size, plan.rounds, report)
        )
        rows = f"{plan.size:,} enterprises and {plan.size // 2:,} parcels"
        facts = conditions(describe(urls[plan.size]), rows, plan.rounds, plan.seconds)
    return Run(facts, table, exports, plan.sizes, grown, (*GROWING, POSTGRESQL), loads)


def _compared(workloads: Sequence[Workload], targets: Sequence[Target], plan: Plan) -> Table:
    return measure(workloads, targets, rounds=plan.rounds, seconds=plan.seconds, progress=report)


def _exports(targets: Sequence[Target], plan: Plan) -> Exports:
    running = [target.server for target in targets if target.server is not None]
    report("Whole layers")
    return measure_exports(EXPORTS, running, plan.size, min(plan.rounds, 3))


def _database_for_loads(stack: ExitStack, settings: Settings) -> str:
    """At the newest revision before anything is measured: what fails there fails at once."""
    url = stack.enter_context(reachable_synthetic_database(settings, LOADS))
    migrate.upgrade(url, report)
    return url


def _databases(stack: ExitStack, plan: Plan, settings: Settings) -> dict[int, str]:
    """A database for each size, made unless it is there."""
    urls = {}
    for size in sorted({plan.size, *plan.sizes}):
        name = f"zgc_synthetic_bench_{size}"
        url = stack.enter_context(reachable_synthetic_database(settings, name))
        prepare_synthetic(url, Recipe(size, size // 2))
        add_peers_tables(url, report)
        urls[size] = url
    return urls


def _targets(
    stack: ExitStack, url: str, size: int, names: Sequence[str], folder: Path, suffix: str
) -> list[Target]:
    samples = draw(url, size)
    servers = stack.enter_context(all_servers(tuple(names), url, folder, report))
    targets = [Target(f"{each.name}{suffix}", url, samples, each) for each in servers]
    return [*targets, Target(f"{POSTGRESQL}{suffix}", url, samples, None)]


def _growth(plan: Plan, urls: dict[int, str], folder: Path) -> Table:
    if len(plan.sizes) < 2:
        return {}
    with ExitStack() as servers:
        targets = [
            target
            for size in plan.sizes
            for target in _targets(servers, urls[size], size, GROWING, folder, f" {size}")
        ]
        return _compared([workload for workload in WORKLOADS if workload.grows], targets, plan)
