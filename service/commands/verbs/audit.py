"""`./zgc audit ...`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

ASKED = (
    click.option("--person", help="Account that acted, or that it concerned."),
    click.option("--action", help="As sign-in, read.features or user.role."),
    click.option("--outcome", help="done, refused or failed."),
    click.option("--layer", help="Layer concerned."),
    click.option("--feature", help="Id of a feature."),
    click.option("--address", help="Address of the client, or how it begins."),
    click.option("--since", help="Day (Beijing) or instant from which on."),
    click.option("--until", help="Day (Beijing) or instant up to which."),
)


def searched(verb: Callable[..., None]) -> Callable[..., None]:
    """With the options of a search."""
    for option in reversed(ASKED):
        verb = option(verb)
    return verb


@click.group()
def audit() -> None:
    """The audit: who read, changed and exported what, and who was refused."""


@audit.command("list")
@searched
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True)
def audit_list(limit: int, **asked: Any) -> None:
    """List events, newest first."""
    from service.commands.audit import show as run

    run(asked, limit)


@audit.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@searched
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
def audit_export(file: Path, force: bool, **asked: Any) -> None:
    """Write all events, or those searched for, to FILE: .csv or .json."""
    from service.commands.audit import export as run

    run(file, asked, force=force)


@audit.command("verify")
@click.option(
    "--head", help="NUMBER:HASH, as an earlier run printed it: the chain must lead through it."
)
def audit_verify(head: str | None) -> None:
    """Go along the whole chain, and print its head, to be kept elsewhere.

    Exit code 1: an event was changed or taken away, or the guards do not stand.
    """
    import sys

    from service.commands.audit import verify as run

    sys.exit(0 if run(head) else 1)


@audit.command("prune")
def audit_prune() -> None:
    """Delete events older than ZGC_AUDIT_DAYS; the service does it once a day."""
    from service.commands.audit import prune as run

    run()
