"""Signing in: name and password against what is kept, throttled, and told apart by nothing."""

import logging
from datetime import datetime, timedelta

from sqlalchemy import Engine, exists, func, select

from geodata.accounts.errors import SignInRefusedError, TooManyFailuresError
from geodata.accounts.password import LONGEST, is_password
from geodata.accounts.sessions import open_session
from geodata.accounts.tables import USERS
from geodata.accounts.throttle import begin_attempt, forgive
from geodata.accounts.users import NAME
from geodata.audit.actions import Action, Outcome
from geodata.audit.ascribe import ascribe
from geodata.audit.asker import Asker
from geodata.audit.event import Event, record
from geodata.audit.tables import EVENTS

LOG = logging.getLogger(__name__)

NOTED_EVERY = timedelta(minutes=1)


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
        ascribe(connection, Asker(account=name, address=address))
        return open_session(connection, name, now)


def check_credentials(engine: Engine, name: str, password: str, address: str, now: datetime) -> str:
    """Whether a password is that of an account that may come in.

    Returns:
        What is kept of the password.

    Raises:
        TooManyFailuresError: as `sign_in`.
        SignInRefusedError: as `sign_in`.
    """
    user, kept = _begin(engine, name, address, now)
    # Whoever sends a megabyte would have us hash it.
    if not is_password(password[: LONGEST + 1], kept) or kept is None:
        # The name is not logged: it may be the password, in the wrong field.
        LOG.warning("failed attempt to sign in from %s", address)
        with engine.begin() as connection:
            record(connection, _event(Outcome.FAILED, user, address))
        raise SignInRefusedError
    return kept


def _begin(engine: Engine, name: str, address: str, now: datetime) -> tuple[str | None, str | None]:
    """The account of that name, and what is kept of its password where it may come in."""
    user = kept = None
    try:
        with engine.begin() as connection:
            if NAME.fullmatch(name):
                query = select(USERS.c.name, USERS.c.password, USERS.c.disabled_at)
                row = connection.execute(query.where(USERS.c.name == name)).one_or_none()
                if row is not None:
                    user, kept = row.name, row.password if row.disabled_at is None else None
            begin_attempt(connection, name, address, user, now)
    except TooManyFailuresError:
        LOG.warning("too many failed attempts to sign in from %s or at one account", address)
        _note_throttled(engine, _event(Outcome.REFUSED, user, address))
        raise
    return user, kept


def _event(outcome: Outcome, user: str | None, address: str) -> Event:
    """An attempt without success: at an account, if there is one of that name, by nobody known."""
    who = Asker(address=address)
    return Event(action=Action.SIGN_IN, who=who, outcome=outcome, subject=user)


def _note_throttled(engine: Engine, event: Event) -> None:
    """Once a minute for an account and an address: attempts that are not looked at cost nothing."""
    just_now = exists().where(
        EVENTS.c.address == event.who.address,
        EVENTS.c.action == event.action.value,
        EVENTS.c.outcome == event.outcome.value,
        EVENTS.c.subject.is_not_distinct_from(event.subject),
        EVENTS.c.at > func.now() - NOTED_EVERY,
    )
    with engine.begin() as connection:
        if not connection.scalar(select(just_now)):
            record(connection, event)
