"""Tokens: how programs come in, as a user, limited to scopes, for a time."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, insert, or_, select, update

from geodata.accounts.errors import AccountError, InvalidTokenError, UnknownAccountError
from geodata.accounts.identity import Identity
from geodata.accounts.scope import Scopes, parse_scopes
from geodata.accounts.secret import PREFIX_LENGTH, TOKEN_START, digest, new_secret
from geodata.accounts.sessions import WRITTEN_EVERY
from geodata.accounts.tables import TOKENS, USERS
from geodata.accounts.users import areas_of, require_user
from layers.attribute import Role
from layers.text import Text

MOST_DAYS = 366
LONGEST_TITLE = 100
LAST_NUMBER = 2**63 - 1
"""Of those that the database gives out."""


class NewToken(NamedTuple):
    """What a token is to be.

    Args:
        user: whose it is; it can do no more than they.
        title: what it is for.
        scopes: what it is limited to.
        days: how long it lasts.
    """

    user: str
    title: str
    scopes: Scopes
    days: int


def create_token(connection: Connection, new: NewToken, now: datetime) -> str:
    """A token, told this once.

    Raises:
        UnknownAccountError: there is no such user.
        AccountError: names what cannot be so, and what is allowed.
    """
    _check(connection, new)
    secret = new_secret(TOKEN_START)
    connection.execute(
        insert(TOKENS).values(
            hash=secret.hash,
            prefix=secret.text[:PREFIX_LENGTH],
            user=new.user,
            title=new.title.strip(),
            scopes=sorted(map(str, new.scopes)),
            created_at=now,
            expires_at=now + timedelta(days=new.days),
        )
    )
    return secret.text


def list_tokens(connection: Connection, user: str | None = None) -> Sequence[Row[Any]]:
    """Tokens of a user, or of all, oldest first; without their hashes."""
    query = select(*(each for each in TOKENS.c if each is not TOKENS.c.hash))
    if user is not None:
        query = query.where(TOKENS.c.user == user)
    return connection.execute(query.order_by(TOKENS.c.id)).all()


def revoke_token(
    connection: Connection, number: int, now: datetime, *, user: str | None = None
) -> None:
    """Make a token worth nothing; one that is revoked stays so.

    Args:
        number: as `list_tokens` shows it.
        user: whose it must be.

    Raises:
        UnknownAccountError: there is none of that number, or it is somebody else's.
    """
    mine = [TOKENS.c.id == number] + ([TOKENS.c.user == user] if user is not None else [])
    known = 0 < number <= LAST_NUMBER and connection.scalar(select(TOKENS.c.id).where(*mine))
    if not known:
        raise UnknownAccountError(Text(f"没有令牌 {number}", f"there is no token {number}"))
    revoked = update(TOKENS).where(*mine, TOKENS.c.revoked_at.is_(None))
    connection.execute(revoked.values(revoked_at=now))


def find_token(connection: Connection, token: str, now: datetime) -> Identity:
    """Who a token stands for.

    Raises:
        InvalidTokenError: it is unknown, expired or revoked, or its user is disabled.
    """
    key = digest(token)
    query = (
        select(USERS.c.name, USERS.c.role, TOKENS.c.scopes)
        .join(USERS, USERS.c.name == TOKENS.c.user)
        .where(
            TOKENS.c.hash == key,
            TOKENS.c.expires_at > now,
            TOKENS.c.revoked_at.is_(None),
            USERS.c.disabled_at.is_(None),
        )
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        raise InvalidTokenError
    _note_use(connection, key, now)
    role, scopes = Role(row.role), parse_scopes(row.scopes)
    return Identity(row.name, role, areas_of(connection, row.name), scopes)


def _note_use(connection: Connection, key: bytes, now: datetime) -> None:
    old = or_(TOKENS.c.used_at.is_(None), TOKENS.c.used_at <= now - WRITTEN_EVERY)
    connection.execute(update(TOKENS).where(TOKENS.c.hash == key, old).values(used_at=now))


def _check(connection: Connection, new: NewToken) -> None:
    user = require_user(connection, new.user)
    if user.disabled_at is not None:
        raise AccountError(
            Text(
                f"账户 {new.user} 已停用，不能有新令牌",
                f"{new.user} is disabled and can have no new token",
            )
        )
    if not 0 < len(new.title.strip()) <= LONGEST_TITLE or not new.title.isprintable():
        raise AccountError(
            Text(
                f"用途 {new.title[:40]!r}：须为一行，1 至 {LONGEST_TITLE} 个字符",
                f"title {new.title[:40]!r}: must say in 1 to {LONGEST_TITLE} characters, on one"
                " line, what the token is for",
            )
        )
    if not 0 < new.days <= MOST_DAYS:
        raise AccountError(
            Text(
                f"有效天数 {new.days}：须为 1 至 {MOST_DAYS}",
                f"days = {new.days}: must be from 1 to {MOST_DAYS}",
            )
        )
    if not new.scopes:
        raise AccountError(
            Text(
                "令牌须有范围，如 *:read 或 parcels:write",
                "a token needs a scope, as *:read or parcels:write",
            )
        )
