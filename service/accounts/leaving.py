"""Leaving: the session that the browser holds ends."""

from starlette.requests import Request

from geodata.accounts.sessions import end_session
from service.accounts.identified import session_of
from service.accounts.registry import accounts_of


async def end_own_session(request: Request) -> None:
    """Whatever session the browser held, it is over."""
    session = session_of(request.scope)
    if session is not None:
        await accounts_of(request).run(lambda connection, _: end_session(connection, session))
