"""Who asks: set once a request, before any endpoint runs, and read wherever it matters."""

from dataclasses import dataclass, field

from starlette.requests import HTTPConnection
from starlette.types import Scope as AsgiScope

from geodata.accounts.scope import EVERY, Scopes, Verb, covers
from layers.attribute import Role
from layers.layer import Layer

KEY = "zgc.principal"
"""In the ASGI scope; absent for the public."""

RANKS = {role: rank for rank, role in enumerate(Role)}


@dataclass(frozen=True)
class Principal:
    """Who asks, and what that allows.

    Args:
        account: log-in name; None for the public.
        role: role of the account; what a request may do is told by `role_for` and `may`.
        areas: ids of the areas that the account's groups look after, beyond which it changes
            nothing; None: it belongs to no group.
        scopes: what the token is limited to; None: signed in by a session, all that the role may.
        readers: as whom each layer is read, once `service.accounts.reader` has worked it out.
    """

    account: str | None
    role: Role
    areas: frozenset[str] | None = None
    scopes: Scopes | None = None
    readers: dict[str, Role] = field(default_factory=dict, init=False, compare=False, repr=False)

    def role_for(self, layer: str = EVERY, verb: Verb = Verb.READ) -> Role:
        """The role that counts for a layer: the public's, where a token's scopes leave it out."""
        allowed = self.scopes is None or covers(self.scopes, layer, verb)
        return self.role if allowed else Role.PUBLIC

    def may(self, least: Role, layer: str = EVERY, verb: Verb = Verb.WRITE) -> bool:
        """Whether what needs a role at least may be done with a layer."""
        return RANKS[self.role_for(layer, verb)] >= RANKS[least]

    def may_write(self, layer: Layer) -> bool:
        """Whether features of a layer may be changed; those of one's areas, where one has any."""
        return self.may(self.writer_of(layer), layer.id, Verb.WRITE)

    def writer_of(self, layer: Layer) -> Role:
        """The least role that changes features of a layer, here or in one's areas."""
        return layer.least_writer(bound=self.areas is not None)


PUBLIC = Principal(account=None, role=Role.PUBLIC)


def principal_of(asked: HTTPConnection | AsgiScope) -> Principal:
    """Who makes a request; `PUBLIC` without a session or token."""
    scope = asked.scope if isinstance(asked, HTTPConnection) else asked
    principal: Principal = scope.get(KEY, PUBLIC)
    return principal
