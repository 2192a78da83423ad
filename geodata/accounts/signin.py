"""Signing in: name and password against what is kept, throttled, and told apart by nothing."""

import logging
from datetime import datetime

from sqlalchemy import Engine, select

from geodata.accounts.errors import SignInRefusedError, TooManyFailuresError
from geodata.accounts.password import LONGEST, is_password
from geodata.accounts.sessions import open_session
from geodata.accounts.tables import USERS
from geodata.accounts.throttle import begin_attempt, forgive
from geodata.accounts.users import NAME

LOG = logging.getLogger(__name__)


def sign_in(engine: Engine, name: str, password: str, address: str, now: datetime) -> str:
    """A new session for who knows the password.

    Returns:
        The session's id.

    Raises:
        TooManyFailuresError: the attempt comes too early and was not looked at.
        SignInRefusedError: name or password is wrong, or the account is disabled; it takes as
            long whichever it is.
    """
    kept = check_credentials(engine, name, password, address, now)
    with engine.begin() as connection:
        # Whoever changes the password or disables the account at this moment ends sessions after
        # that change: this one must be there by then, or not come to be.
        unchanged = select(USERS.c.name).where(
            USERS.c.name == name, USERS.c.password == kept, USERS.c.disabled_at.is_(None)
        )
        if connection.scalar(unchanged.with_for_update(read=True)) is None:
            raise SignInRefusedError
        forgive(connection, name)
        return open_session(connection, name, now)


def check_credentials(engine: Engine, name: str, password: str, address: str, now: datetime) -> str:
    """Whether a password is that of an account that may come in.

    Returns:
        What is kept of the password.

    Raises:
        TooManyFailuresError: as `sign_in`.
        SignInRefusedError: as `sign_in`.
    """
    kept = _begin(engine, name, address, now)
    # Whoever sends a megabyte would have us hash it.
    if not is_password(password[: LONGEST + 1], kept) or kept is None:
        # The name is not logged: it may be the password, in the wrong field.
        LOG.warning("failed attempt to sign in from %s", address)
        raise SignInRefusedError
    return kept


def _begin(engine: Engine, name: str, address: str, now: datetime) -> str | None:
    """What is kept of the password of an account that may come in."""
    with engine.begin() as connection:
        row = None
        if NAME.fullmatch(name):
            query = select(USERS.c.name, USERS.c.password, USERS.c.disabled_at)
            row = connection.execute(query.where(USERS.c.name == name)).one_or_none()
        try:
            begin_attempt(connection, name, address, None if row is None else row.name, now)
        except TooManyFailuresError:
            LOG.warning("too many failed attempts to sign in from %s or at one account", address)
            raise
    return None if row is None or row.disabled_at is not None else row.password
