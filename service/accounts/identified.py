"""Tells who asks, once a request; costs nothing where neither a token nor a session is shown."""

from collections.abc import Sequence

from starlette.types import ASGIApp, Receive, Scope, Send

from geodata.accounts.errors import InvalidTokenError
from geodata.accounts.identity import Identity
from geodata.errors import DatabaseBusyError
from service.accounts.cookie import cookie_name
from service.accounts.principal import KEY, Principal
from service.accounts.registry import Accounts
from service.errors import HEADERS, PROBLEMS, problem_response

BEARER = b"bearer"

Headers = Sequence[tuple[bytes, bytes]]


class Identified:
    """A token that is worth nothing ends the request; a session that has ended is the public."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == "http":
            for name, value in scope["headers"]:
                if name == b"authorization" or (name == b"cookie" and b"zgc_session=" in value):
                    await self._identified(scope, receive, send)
                    return
        await self._app(scope, receive, send)

    async def _identified(self, scope: Scope, receive: Receive, send: Send) -> None:
        accounts: Accounts = scope["app"].state.accounts
        try:
            identity = await _identity(accounts, scope)
        except (InvalidTokenError, DatabaseBusyError) as error:
            problem = PROBLEMS[type(error)]
            root = scope["root_path"]
            headers = HEADERS[problem.status]
            answer = problem_response(problem, str(error), scope["path"], headers, root=root)
            await answer(scope, receive, send)
            return
        if identity is not None:
            scope = {**scope, KEY: Principal(*identity)}
        await self._app(scope, receive, send)


async def _identity(accounts: Accounts, scope: Scope) -> Identity | None:
    """By the token, else by the session."""
    token = _token(scope["headers"])
    if token is not None:
        return await accounts.by_token(token)
    session = session_of(scope)
    return None if session is None else await accounts.by_session(session)


def _token(headers: Headers) -> str | None:
    """The bearer token (RFC 6750, 2.1); other schemes are those of proxies before us.

    Raises:
        InvalidTokenError: two are given, or none behind the scheme's name.
    """
    found = [value for name, value in headers if name == b"authorization"]
    parts = [value.strip().partition(b" ") for value in found]
    tokens = [token.strip() for scheme, _, token in parts if scheme.lower() == BEARER]
    if not tokens:
        return None
    if len(tokens) > 1 or not tokens[0]:
        raise InvalidTokenError
    return tokens[0].decode("latin-1")


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
