"""Users: who there is, in which role, and whether they may come in."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from geodata.accounts.errors import AccountError, LastAdministratorError, UnknownAccountError
from geodata.accounts.password import check_password, hash_password
from geodata.accounts.tables import (
    GROUP_AREAS,
    INVITATIONS,
    MEMBERSHIPS,
    NAME_PATTERN,
    ROLES,
    SESSIONS,
    USERS,
)
from layers.attribute import Role
from layers.text import Text

NAME = re.compile(NAME_PATTERN)

_CHANGING = 0x7A676361
"""Advisory lock: that an administrator is left is decided by one change at a time."""


def add_user(
    connection: Connection, name: str, role: str, *, password: str | None, now: datetime
) -> None:
    """Make a user; without a password they need an invitation to come in.

    Raises:
        AccountError: names what cannot be so, and what is allowed.
    """
    check_name(name)
    _check_role(role)
    if _find(connection, name) is not None:
        raise AccountError(Text(f"已有账户 {name}", f"there is a user {name!r} already"))
    if password is not None:
        check_password(password, name)
    kept = None if password is None else hash_password(password)
    connection.execute(insert(USERS).values(name=name, role=role, password=kept, created_at=now))


def list_users(connection: Connection) -> Sequence[Row[Any]]:
    """Users by name, each with `groups`; what is kept of their passwords stays where it is."""
    groups = (
        select(func.array_agg(MEMBERSHIPS.c.group.distinct()))
        .where(MEMBERSHIPS.c.user == USERS.c.name)
        .scalar_subquery()
    )
    query = select(
        USERS.c.name,
        USERS.c.role,
        USERS.c.created_at,
        USERS.c.disabled_at,
        USERS.c.password.is_not(None).label("has_password"),
        func.coalesce(groups, []).label("groups"),
    )
    return connection.execute(query.order_by(USERS.c.name)).all()


def set_role(connection: Connection, name: str, role: str) -> None:
    """Give a user another role; it counts from the next request on.

    Raises:
        UnknownAccountError: there is no such user.
        AccountError: there is no such role.
        LastAdministratorError: it would take the last administrator away.
    """
    _check_role(role)
    _lock(connection)
    require_user(connection, name)
    if role != Role.ADMIN:
        _keep_an_administrator(connection, name)
    connection.execute(update(USERS).where(USERS.c.name == name).values(role=role))


def disable(connection: Connection, name: str, now: datetime) -> None:
    """Let a user in no more: sessions end, tokens and invitations are worth nothing.

    Raises:
        UnknownAccountError: there is no such user.
        LastAdministratorError: it would take the last administrator away.
    """
    _lock(connection)
    require_user(connection, name)
    _keep_an_administrator(connection, name)
    connection.execute(update(USERS).where(USERS.c.name == name).values(disabled_at=now))
    _forget(connection, name)


def enable(connection: Connection, name: str) -> None:
    """Let a user in again.

    Raises:
        UnknownAccountError: there is no such user.
    """
    require_user(connection, name)
    connection.execute(update(USERS).where(USERS.c.name == name).values(disabled_at=None))


def set_password(connection: Connection, name: str, password: str) -> None:
    """Give a user another password; all sessions end, and invitations are worth nothing.

    Raises:
        UnknownAccountError: there is no such user.
        WeakPasswordError: the password is too easy to guess.
    """
    require_user(connection, name)
    check_password(password, name)
    kept = hash_password(password)
    connection.execute(update(USERS).where(USERS.c.name == name).values(password=kept))
    _forget(connection, name)


def has_password(connection: Connection, name: str) -> bool:
    """Whether a user can sign in with a password."""
    kept = select(USERS.c.name).where(USERS.c.name == name, USERS.c.password.is_not(None))
    return connection.scalar(kept) is not None


def has_administrator(connection: Connection) -> bool:
    """Whether somebody can administer the service."""
    return connection.scalar(_administrators().limit(1)) is not None


def areas_of(connection: Connection, name: str) -> frozenset[str] | None:
    """Areas that a user's groups look after; None for a user who belongs to no group.

    A group that looks after no area leaves its members nothing to change.
    """
    query = (
        select(GROUP_AREAS.c.area)
        .select_from(MEMBERSHIPS)
        .outerjoin(GROUP_AREAS, MEMBERSHIPS.c.group == GROUP_AREAS.c.group)
        .where(MEMBERSHIPS.c.user == name)
    )
    found = list(connection.scalars(query))
    return frozenset(each for each in found if each is not None) if found else None


def check_name(name: str) -> None:
    """Refuse what cannot be the name of a user or group.

    Raises:
        AccountError: says what is allowed.
    """
    if not NAME.fullmatch(name):
        raise AccountError(
            Text(
                f"名称 {name[:60]!r}：须为 2 至 40 个字符 a-z 0-9 . _ -，以字母开头",
                f"name {name[:60]!r}: must have 2 to 40 characters of a-z 0-9 . _ -,"
                " a letter first",
            )
        )


def require_user(connection: Connection, name: str) -> Row[Any]:
    """A user.

    Raises:
        UnknownAccountError: there is none of that name.
    """
    row = _find(connection, name)
    if row is None:
        raise UnknownAccountError(
            Text(f"没有账户 {name[:60]!r}", f"there is no user {name[:60]!r}")
        )
    return row


def _find(connection: Connection, name: str) -> Row[Any] | None:
    # A name that can be none may hold what PostgreSQL takes in no text, such as NUL.
    if not NAME.fullmatch(name):
        return None
    return connection.execute(select(USERS).where(USERS.c.name == name)).one_or_none()


def _check_role(role: str) -> None:
    if role not in ROLES:
        roles = ", ".join(ROLES)
        raise AccountError(
            Text(
                f"角色 {role[:60]!r}：须为 {roles} 之一",
                f"role {role[:60]!r}: must be one of {roles}",
            )
        )


def _lock(connection: Connection) -> None:
    connection.execute(select(func.pg_advisory_xact_lock(_CHANGING)))


def _administrators() -> Any:
    return select(USERS.c.name).where(
        USERS.c.role == Role.ADMIN.value,
        USERS.c.disabled_at.is_(None),
        USERS.c.password.is_not(None),
    )


def _keep_an_administrator(connection: Connection, name: str) -> None:
    """Whoever could not sign in as one anyway may go."""
    present = set(connection.scalars(_administrators()))
    if present == {name}:
        raise LastAdministratorError(name)


def _forget(connection: Connection, name: str) -> None:
    connection.execute(delete(SESSIONS).where(SESSIONS.c.user == name))
    connection.execute(delete(INVITATIONS).where(INVITATIONS.c.user == name))
