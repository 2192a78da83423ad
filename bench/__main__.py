"""`python -m bench`, as `./zgc bench` calls it."""

from dataclasses import replace

import click

from bench.record import publish, save
from bench.run import Plan, run
from bench.workload import WORKLOADS, Workload
from geodata.errors import GeodataError
from service.commands.settings import read_settings

QUICK = Plan(size=10_000, sizes=(), rounds=1, seconds=1)
SIZES = (10_000, 100_000, 1_000_000)
NAMES = tuple(workload.name for workload in WORKLOADS)


@click.command()
@click.option("--quick", is_flag=True, help="A small run that shows that everything works.")
@click.option(
    "--size",
    type=click.IntRange(1_000),
    default=200_000,
    show_default=True,
    help="Enterprises of the comparison; parcels are half as many.",
)
@click.option(
    "--sizes",
    default=",".join(map(str, SIZES)),
    show_default=True,
    help="Enterprises of the databases that show how cost grows; empty: none.",
)
@click.option("--rounds", type=click.IntRange(1), default=5, show_default=True)
@click.option(
    "--seconds",
    type=click.IntRange(1),
    default=2,
    show_default=True,
    help="Of load on each target in each round.",
)
@click.option(
    "--only",
    default="",
    help=f"Workloads to compare and nothing else, comma-separated: {', '.join(NAMES)}.",
)
@click.option(
    "--publish", "publishes", is_flag=True, help="Write the tables into docs/performance.md."
)
def main(
    quick: bool, size: int, sizes: str, rounds: int, seconds: int, only: str, publishes: bool
) -> None:
    """Compare the service with its peers and with PostgreSQL itself, on synthetic data.

    Needs wrk; installs tipg and pygeoapi below the data folder. All runs on loopback.
    """
    plan = QUICK if quick else Plan(size, read_sizes(sizes), rounds, seconds)
    if only:
        if publishes:
            raise click.UsageError("--publish needs everything to be measured: leave out --only")
        plan = replace(plan, sizes=(), only=read_workloads(only))
    try:
        found = run(plan, read_settings())
    except GeodataError as error:
        raise click.ClickException(str(error)) from None
    suffix = "-part" if only else "-quick" if quick else ""
    page = save(found, f"{plan.size // 1000}k{suffix}")
    if publishes:
        publish(found)
    click.echo(page.read_text(encoding="utf-8"))


def read_workloads(text: str) -> tuple[Workload, ...]:
    """Workloads by name, in the order of the table."""
    names = set(filter(None, text.split(",")))
    if unknown := sorted(names.difference(NAMES)):
        raise click.BadParameter(f"no workload {unknown[0]!r}; there are {', '.join(NAMES)}")
    return tuple(workload for workload in WORKLOADS if workload.name in names)


def read_sizes(text: str) -> tuple[int, ...]:
    """Numbers of enterprises, ascending."""
    try:
        sizes = tuple(sorted({int(part) for part in text.split(",") if part}))
    except ValueError:
        raise click.BadParameter(f"{text!r} must be numbers, comma-separated") from None
    if any(size < 1_000 for size in sizes):
        raise click.BadParameter(f"{text!r}: 1000 is the least that boxes can be drawn from")
    return sizes


if __name__ == "__main__":
    main(prog_name="zgc bench")
