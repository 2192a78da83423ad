"""Sessions: a browser that signed in, known by a random id of which only the hash is kept."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, or_, select, update

from geodata.accounts.identity import Identity
from geodata.accounts.secret import digest, new_secret
from geodata.accounts.tables import SESSIONS, USERS
from geodata.accounts.users import areas_of
from geodata.audit.actions import Action
from geodata.audit.asker import asker
from geodata.audit.event import Event, record
from layers.attribute import Role

WRITTEN_EVERY = timedelta(minutes=1)
"""Use of a session or token is written down at most so often."""


class Lifetime(NamedTuple):
    """How long a session lasts: without use, and at all."""

    idle: timedelta
    absolute: timedelta


def open_session(
    connection: Connection, user: str, now: datetime, *, id_token: str | None = None
) -> str:
    """A new session of a user: its id, which only the browser keeps.

    Args:
        connection: in a transaction.
        user: whose it is.
        now: when.
        id_token: with which an OpenID provider said so.
    """
    secret = new_secret()
    row = {"hash": secret.hash, "user": user, "created_at": now, "used_at": now}
    connection.execute(insert(SESSIONS).values(**row, id_token=id_token))
    return secret.text


def find_session(
    connection: Connection, session: str, lifetime: Lifetime, now: datetime
) -> Identity | None:
    """Who a session is of; None if it ended, or the account is disabled."""
    key = digest(session)
    query = (
        select(USERS.c.name, USERS.c.role, SESSIONS.c.used_at)
        .join(USERS, USERS.c.name == SESSIONS.c.user)
        .where(
            SESSIONS.c.hash == key,
            SESSIONS.c.used_at > now - lifetime.idle,
            SESSIONS.c.created_at > now - lifetime.absolute,
            USERS.c.disabled_at.is_(None),
        )
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    if now - row.used_at >= WRITTEN_EVERY:
        used = update(SESSIONS).where(SESSIONS.c.hash == key, SESSIONS.c.used_at < now)
        connection.execute(used.values(used_at=now))
    return Identity(row.name, Role(row.role), areas_of(connection, row.name))


def end_session(connection: Connection, session: str) -> None:
    """Sign out; a session that ended already stays ended."""
    ended = delete(SESSIONS).where(SESSIONS.c.hash == digest(session)).returning(SESSIONS.c.user)
    for user in connection.scalars(ended):
        who = asker()._replace(account=user)
        record(connection, Event(action=Action.SIGN_OUT, who=who, subject=user))


def clear_sessions(connection: Connection, lifetime: Lifetime, now: datetime) -> None:
    """Delete those that have ended."""
    ended = or_(
        SESSIONS.c.used_at <= now - lifetime.idle,
        SESSIONS.c.created_at <= now - lifetime.absolute,
    )
    connection.execute(delete(SESSIONS).where(ended))
