"""`python -m bench`, as `./zgc bench` calls it."""

import click

from bench.record import publish, save
from bench.run import Plan, run
from geodata.errors import GeodataError
from service.commands.settings import read_settings

QUICK = Plan(size=10_000, sizes=(2_000, 10_000), rounds=1, seconds=1)
SIZES = (10_000, 100_000, 1_000_000)


@click.command()
@click.option("--quick", is_flag=True)
@click.option("--size", type=click.IntRange(1_000), default=200_000)
@click.option("--sizes", default=",".join(map(str, SIZES)))
@click.option("--rounds", type=click.IntRange(1), default=5)
@click.option("--seconds", type=click.IntRange(1), default=2)
@click.option("--publish", "publishes", is_flag=True)
def main(quick: bool, size: int, sizes: str, rounds: int, seconds: int, publishes: bool) -> None:
    """Compare the service with its peers and with PostgreSQL itself."""
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
    main()
