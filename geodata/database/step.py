"""A step of a migration."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """Statements that bring one thing up to the declaration, and those that take it back."""

    upgrade: tuple[str, ...] = ()
    downgrade: tuple[str, ...] = ()
