"""An identity: what a session or a token says about who asks."""

from typing import NamedTuple

from geodata.accounts.scope import Scopes
from layers.attribute import Role


class Identity(NamedTuple):
    """An account that may act.

    Args:
        account: its name.
        role: its role.
        areas: areas that its groups look after; None: it belongs to no group.
        scopes: what a token is limited to; None for a session.
    """

    account: str
    role: Role
    areas: frozenset[str] | None
    scopes: Scopes | None = None
