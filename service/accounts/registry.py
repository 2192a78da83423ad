"""The accounts of a running service: a few connections as their owner, apart from serving."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, TypeVar

from anyio import CapacityLimiter, to_thread
from fastapi import FastAPI
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError
from starlette.requests import Request

from geodata.accounts.identity import Identity
from geodata.accounts.sessions import Lifetime, clear_sessions, find_session
from geodata.accounts.signin import check_credentials, sign_in
from geodata.accounts.tokens import find_token
from geodata.audit.ascribe import ascribe
from geodata.database.engine import open_engine
from geodata.errors import DatabaseBusyError
from service.accounts.principal import Principal
from service.accounts.remembered import Remembered
from service.settings import Settings

CONNECTIONS = 4
HASHINGS = 2
"""Passwords looked at together: each takes 19 MiB and a core for some 50 ms."""

Result = TypeVar("Result")


class Kind(StrEnum):
    """What tells who asks."""

    TOKEN = "token"
    SESSION = "session"


class Shown(NamedTuple):
    """A secret that tells who asks."""

    kind: Kind
    secret: str


class Accounts:
    """Who is who.

    Args:
        engine: as the owner of the schema.
        lifetime: of sessions.
        clock: what time it is.
    """

    def __init__(
        self,
        engine: Engine,
        lifetime: Lifetime,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._engine = engine
        self._lifetime = lifetime
        self.clock = clock
        self._connections = CapacityLimiter(CONNECTIONS)
        self._hashings = CapacityLimiter(HASHINGS)
        self._remembered = Remembered()

    async def run(self, work: Callable[[Connection, datetime], Result]) -> Result:
        """One transaction, in a thread; it may change who may come in."""

        def ascribed(connection: Connection, now: datetime) -> Result:
            ascribe(connection)
            return work(connection, now)

        try:
            return await self._transaction(ascribed)
        finally:
            self._remembered.forget()

    async def _transaction(self, work: Callable[[Connection, datetime], Result]) -> Result:

        def transaction() -> Result:
            try:
                with self._engine.begin() as connection:
                    return work(connection, self.clock())
            except OperationalError as error:
                raise DatabaseBusyError("the database of accounts does not answer") from error

        return await to_thread.run_sync(transaction, limiter=self._connections)

    def remembered(self, shown: Shown) -> Principal | None:
        """Who it was of a moment ago."""
        return self._remembered.now(shown)

    def was_good(self, shown: Shown) -> bool:
        """Whether it has been somebody's lately, so that it is no guess."""
        return self._remembered.ever(shown)

    async def find(self, shown: Shown) -> Principal | None:
        """Who a token or session is of.

        Raises:
            InvalidTokenError: a token that is worth nothing.
        """

        def work(connection: Connection, now: datetime) -> Identity | None:
            if shown.kind is Kind.TOKEN:
                return find_token(connection, shown.secret, now)
            return find_session(connection, shown.secret, self._lifetime, now)

        async def look_up() -> Principal | None:
            identity = await self._transaction(work)
            return None if identity is None else Principal(*identity)

        return await self._remembered.of(shown, look_up)

    async def sign_in(self, name: str, password: str, address: str) -> str:
        """A new session; errors as `geodata.accounts.signin.sign_in` has them."""
        await self.run(lambda connection, now: clear_sessions(connection, self._lifetime, now))
        return await to_thread.run_sync(
            lambda: sign_in(self._engine, name, password, address, self.clock()),
            limiter=self._hashings,
        )

    async def check_password(self, name: str, password: str, address: str) -> None:
        """Whether it is that of the account; errors as `sign_in`."""
        await to_thread.run_sync(
            lambda: check_credentials(self._engine, name, password, address, self.clock()),
            limiter=self._hashings,
        )


def lifetime_of(settings: Settings) -> Lifetime:
    """How long sessions last, as the operator set it."""
    return Lifetime(
        idle=timedelta(minutes=settings.session_idle_minutes),
        absolute=timedelta(hours=settings.session_hours),
    )


@asynccontextmanager
async def accounts_lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Opens the accounts of a service."""
    settings: Settings = app.state.service.settings
    engine = open_engine(settings.database_url or "")
    app.state.accounts = Accounts(engine, lifetime_of(settings))
    yield
    engine.dispose()


def accounts_of(request: Request) -> Accounts:
    """The accounts of the running service."""
    accounts: Accounts = request.app.state.accounts
    return accounts
