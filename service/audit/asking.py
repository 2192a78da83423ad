"""Who makes a request, as the audit tells it."""

from starlette.requests import Request
from starlette.types import Scope

from geodata.audit.asker import Asker
from service.accounts.address import client_address
from service.accounts.principal import principal_of
from service.metrics import MATCHED


def asker_of(scope: Scope) -> Asker:
    """Account, role and address of who makes a request.

    Args:
        scope: of the request, as any part of the service has it.
    """
    principal = principal_of(innermost(scope))
    role = None if principal.account is None else principal.role.value
    return Asker(principal.account, role, client_address(Request(scope)))


def innermost(scope: Scope) -> Scope:
    """The scope with which a route was looked for, once one was."""
    found: Scope = scope.get(MATCHED, {}).get("scope", scope)
    return found
