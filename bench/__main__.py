"""`python -m bench`, as `./zgc bench` calls it."""

import click

from bench.record import publish, save
from bench.run import Plan, run
from geodata.errors import GeodataError
from service.commands.settings import read_settings

QUICK = Plan(size=10_000, sizes=(), rounds=1, seconds=1)
SIZES = (10_000, 100_000, 1_000_000)


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
    "--publish", "publishes", is_flag=True, help="Write the tables into docs/performance.md."
)
def main(quick: bool, size: int, sizes: str, rounds: int, seconds: int, publishes: bool) -> None:
    """Compare the service with its peers and with PostgreSQL itself, on synthetic data.

    Needs wrk; installs tipg and pygeoapi below the data folder. All runs on loopback.
    """
    plan = QUICK if quick else Plan(size, read_sizes(sizes), rounds, seconds)
    try:
        found = run(plan, read_settings())
    except GeodataError as error:
        raise click.ClickException(str(error)) from None
    page = save(found, f"{plan.size // 1000}k{'-quick' if quick else ''}")
    if publishes:
        publish(found)
    click.echo(page.read_text(encoding="utf-8"))


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
