"""Invitations: one-time links with which people set their passwords, so that no one else knows."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, insert, select

from geodata.accounts.errors import InvitationGoneError
from geodata.accounts.secret import digest, new_secret
from geodata.accounts.tables import INVITATIONS
from geodata.accounts.users import add_user, has_administrator, require_user, set_password
from layers.attribute import Role

FOR_USERS = timedelta(days=3)
FOR_FIRST_ADMINISTRATOR = timedelta(hours=1)

_LOCK = 0x7A676976


def invite(connection: Connection, user: str, now: datetime) -> str:
    """The secret of a link for a user; earlier ones are worth nothing.

    Raises:
        UnknownAccountError: there is no such user.
    """
    require_user(connection, user)
    connection.execute(delete(INVITATIONS).where(INVITATIONS.c.user == user))
    return _kept(connection, user, now + FOR_USERS)


def invite_first_administrator(connection: Connection, now: datetime) -> str | None:
    """The secret of a link to make the first administrator; None where there is one."""
    if has_administrator(connection):
        return None
    connection.execute(delete(INVITATIONS).where(INVITATIONS.c.user.is_(None)))
    return _kept(connection, None, now + FOR_FIRST_ADMINISTRATOR)


def invited(connection: Connection, secret: str, now: datetime) -> str | None:
    """Whom a link is for; None: whoever becomes the first administrator.

    Raises:
        InvitationGoneError: it was used, has expired or never was.
    """
    row = connection.execute(
        select(INVITATIONS.c.user).where(
            INVITATIONS.c.hash == digest(secret), INVITATIONS.c.expires_at > now
        )
    ).one_or_none()
    if row is None or (row.user is None and has_administrator(connection)):
        raise InvitationGoneError
    user: str | None = row.user
    return user


def accept(connection: Connection, secret: str, name: str, password: str, now: datetime) -> str:
    """Use a link up: its user gets the password, or the first administrator is made.

    Args:
        connection: in a transaction; a refusal leaves the link as it was.
        secret: of the link.
        name: of the first administrator; other links have their user.
        password: the new one.
        now: when.

    Returns:
        The user's name.

    Raises:
        InvitationGoneError: it was used, has expired or never was.
        AccountError: name or password is not allowed.
    """
    connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    user = invited(connection, secret, now)
    connection.execute(delete(INVITATIONS).where(INVITATIONS.c.hash == digest(secret)))
    if user is None:
        add_user(connection, name, Role.ADMIN.value, password=password, now=now)
        return name
    set_password(connection, user, password)
    return user


def _kept(connection: Connection, user: str | None, expires_at: datetime) -> str:
    secret = new_secret()
    connection.execute(
        insert(INVITATIONS).values(hash=secret.hash, user=user, expires_at=expires_at)
    )
    return secret.text
