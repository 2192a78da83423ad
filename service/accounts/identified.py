"""Tells who asks, once a request; costs nothing where neither a token nor a session is shown."""

from starlette.types import ASGIApp, Receive, Scope, Send

from geodata.accounts.errors import InvalidTokenError
from geodata.errors import DatabaseBusyError
from service import limits
from service.accounts.cookie import cookie_name
from service.accounts.principal import KEY, Principal
from service.accounts.registry import Accounts, Kind, Shown
from service.errors import HEADERS, PROBLEMS, TooManyRequestsError, problem_response

BEARER = b"bearer"


class Identified:
    """A token that is worth nothing ends the request; a session that has ended is the public."""

    def __init__(self, app: ASGIApp, counted: limits.Limits) -> None:
        self._app = app
        self._limits = counted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == "http":
            for name, value in scope["headers"]:
                if name == b"authorization" or (name == b"cookie" and b"zgc_session=" in value):
                    await self._identified(scope, receive, send)
                    return
        await self._app(scope, receive, send)

    async def _identified(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if (shown := _shown(scope)) is not None:
                accounts: Accounts = scope["app"].state.accounts
                principal = accounts.remembered(shown)
                if principal is None:
                    principal = await self._found(accounts, scope, shown)
                if principal is not None:
                    scope[KEY] = principal
        except (InvalidTokenError, DatabaseBusyError) as error:
            problem = PROBLEMS[type(error)]
            root = scope["root_path"]
            headers = HEADERS[problem.status]
            answer = problem_response(problem, str(error), scope["path"], headers, root=root)
            await answer(scope, receive, send)
        except TooManyRequestsError as error:
            await limits.too_many(scope, error)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _found(self, accounts: Accounts, scope: Scope, shown: Shown) -> Principal | None:
        """A token that nobody has shown may be a guess, of which an address has not many."""
        if shown.kind is Kind.SESSION or accounts.was_good(shown):
            return await accounts.find(shown)
        address = self._limits.address(scope)
        self._limits.check_before(limits.Kind.TOKENS, address)
        try:
            return await accounts.find(shown)
        except InvalidTokenError:
            self._limits.check(limits.Kind.TOKENS, address)
            raise


def _shown(scope: Scope) -> Shown | None:
    """The bearer token (RFC 6750, 2.1), else the session; other schemes are those of proxies.

    Raises:
        InvalidTokenError: two tokens are given, or none behind the scheme's name.
    """
    token: bytes | None = None
    for name, value in scope["headers"]:
        if name == b"authorization":
            scheme, _, given = value.strip().partition(b" ")
            if scheme.lower() == BEARER:
                if token is not None or not given.strip():
                    raise InvalidTokenError
                token = given.strip()
    if token is not None:
        return Shown(Kind.TOKEN, token.decode("latin-1"))
    session = session_of(scope)
    return None if session is None else Shown(Kind.SESSION, session)


def session_of(scope: Scope) -> str | None:
    """The session's id in the cookie, if there is one."""
    wanted = cookie_name(scope)
    for name, value in scope["headers"]:
        if name != b"cookie":
            continue
        text: str = value.decode("latin-1")
        for part in text.split(";"):
            key, _, given = part.strip().partition("=")
            if key == wanted and given:
                return given
    return None
