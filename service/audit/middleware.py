"""Says who asks to whatever is done for a request, and tells the audit of what was refused."""

from functools import partial
from http import HTTPStatus

from starlette.types import ASGIApp, Receive, Scope, Send

from geodata.audit.actions import Action, Outcome
from geodata.audit.asker import ASKING
from geodata.audit.event import Event
from service.audit.asking import asker_of, innermost
from service.metrics import MATCHED, NOWHERE, STATUS

REFUSED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS)

FIRST_ERROR = 400

SAFE = ("GET", "HEAD", "OPTIONS")

OF_THEIR_OWN = frozenset(
    {("POST", "/login"), ("GET", "/login/openid/callback"), ("POST", "/account/password")}
)
"""Routes whose refusals the accounts tell of themselves, with the account that was meant."""

LONGEST_PATH = 200


class Audited:
    """Stands within `Measured`, which knows the status, and outside whatever may refuse."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI; costs a public reader next to nothing."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        before = ASKING.set(partial(asker_of, scope))
        try:
            await self._app(scope, receive, send)
        finally:
            ASKING.reset(before)
            status = scope[MATCHED].get(STATUS, 0)
            if status >= FIRST_ERROR:
                _tell(scope, status)


def _tell(scope: Scope, status: int) -> None:
    """Of refusals, whoever is refused, and of what known people could not do."""
    if (event := _event(scope, status)) is not None:
        scope["app"].state.audit.journal.gather(event)


def _event(scope: Scope, status: int) -> Event | None:
    refused = status in REFUSED
    if not refused and scope["method"] in SAFE:
        return None
    who, found = asker_of(scope), innermost(scope)
    route = scope["app"].state.metrics.route_of(found)
    if (scope["method"], route) in OF_THEIR_OWN or (who.account is None and not refused):
        return None
    places = found.get("path_params", {})
    layer = places.get("layer")
    return Event(
        action=Action.REQUEST_REFUSED if refused else Action.REQUEST_FAILED,
        who=who,
        outcome=Outcome.REFUSED if refused else Outcome.FAILED,
        layer=layer,
        features=(places["id"],) if layer is not None and "id" in places else (),
        detail={
            "method": scope["method"],
            "route": scope["path"][:LONGEST_PATH] if route == NOWHERE else route,
            "status": status,
        },
    )
