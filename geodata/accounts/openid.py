"""Accounts of people whom an OpenID provider knows: linked by issuer and subject, by nothing else.

A name or an e-mail address may pass to somebody else at the provider; a subject never does
(OpenID Connect Core, 5.7).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, delete, func, insert, select

from geodata.accounts.errors import AccountError, InvitationGoneError, UnknownAccountError
from geodata.accounts.invitations import invited
from geodata.accounts.openid_errors import AccountDisabledError, UnlinkedError
from geodata.accounts.openid_token import LONGEST_SUBJECT
from geodata.accounts.secret import digest
from geodata.accounts.sessions import open_session
from geodata.accounts.tables import INVITATIONS, OPENID_IDENTITIES, SESSIONS, USERS
from geodata.accounts.users import NAME, add_user, require_user, set_role
from layers.attribute import Role
from layers.text import Text

ENROLLED_AS = Role.PLANNER
"""Who is enrolled without a claim that says otherwise: the least of an account."""

LONGEST_ISSUER = 500
NAME_LENGTH = 12
"""Hexadecimal digits in the name of who is enrolled without a name that can be an account's."""

_LINKING = 0x7A676F69
"""Advisory lock: one subject is linked, or enrolled, at a time."""


class Person(NamedTuple):
    """Whom the provider has signed in.

    Args:
        issuer: of the provider.
        subject: what the provider calls the person.
        name: that the person goes by there, at most a proposal; empty: none.
        role: that a claim gives them; None: no claim gives any.
    """

    issuer: str
    subject: str
    name: str = ""
    role: Role | None = None


class Arrival(NamedTuple):
    """How somebody comes in.

    Args:
        id_token: with which the provider said who it is.
        enrol: whether who has no account gets one.
        invitation: secret of a one-time link that was opened before; empty: none.
    """

    id_token: str
    enrol: bool = False
    invitation: str = ""


def enter(connection: Connection, person: Person, arrival: Arrival, now: datetime) -> str:
    """A new session for whom the provider has signed in.

    Args:
        connection: in a transaction; a refusal leaves everything as it was.
        person: who.
        arrival: how.
        now: when.

    Returns:
        The session's id.

    Raises:
        UnlinkedError: no account is linked, and none is made.
        AccountDisabledError: the one that is linked may not come in.
        InvitationGoneError: the link was used, has expired or never was.
        AccountError: the person is linked to another account than the link is for, or the role
            that the provider gives would leave nobody to administer.
    """
    connection.execute(select(func.pg_advisory_xact_lock(_LINKING)))
    if arrival.invitation:
        _accept(connection, person, arrival.invitation, now)
    user = linked_user(connection, person.issuer, person.subject)
    if user is None:
        if not arrival.enrol:
            raise UnlinkedError(person.issuer, person.subject)
        user = _enrol(connection, person, now)
    if person.role not in (None, require_user(connection, user).role):
        set_role(connection, user, str(person.role))
    # Whoever disables the account at this moment ends sessions after that: this one must be there
    # by then, or not come to be.
    may = select(USERS.c.name).where(USERS.c.name == user, USERS.c.disabled_at.is_(None))
    if connection.scalar(may.with_for_update(read=True)) is None:
        raise AccountDisabledError(user)
    return open_session(connection, user, now, id_token=arrival.id_token)


def link(connection: Connection, user: str, issuer: str, subject: str, now: datetime) -> None:
    """Let a user in as whom the provider calls by that subject; who is linked so stays so.

    Raises:
        UnknownAccountError: there is no such user.
        AccountError: the subject is another account's, or cannot be one.
    """
    require_user(connection, user)
    _check(issuer, subject)
    connection.execute(select(func.pg_advisory_xact_lock(_LINKING)))
    present = linked_user(connection, issuer, subject)
    if present is None:
        row = {"issuer": issuer, "subject": subject, "user": user, "linked_at": now}
        connection.execute(insert(OPENID_IDENTITIES).values(row))
    elif present != user:
        raise AccountError(
            Text(
                f"{issuer} 的标识 {subject!r} 已关联到 {present}",
                f"subject {subject!r} of {issuer} is linked to {present} already",
            )
        )


def unlink(connection: Connection, user: str, issuer: str, subject: str) -> None:
    """Let a user in as that subject no more; what sessions the provider opened end.

    Raises:
        UnknownAccountError: there is no such user, or they are not linked so.
        AccountError: the subject cannot be one.
    """
    require_user(connection, user)
    _check(issuer, subject)
    linked = delete(OPENID_IDENTITIES).where(
        OPENID_IDENTITIES.c.user == user,
        OPENID_IDENTITIES.c.issuer == issuer,
        OPENID_IDENTITIES.c.subject == subject,
    )
    if connection.execute(linked).rowcount == 0:
        raise UnknownAccountError(
            Text(
                f"{user} 未关联到 {issuer} 的 {subject!r}",
                f"{user} is not linked to {subject!r} of {issuer}",
            )
        )
    opened = SESSIONS.c.id_token.is_not(None)
    connection.execute(delete(SESSIONS).where(SESSIONS.c.user == user, opened))


def linked_user(connection: Connection, issuer: str, subject: str) -> str | None:
    """The user whom a provider means by a subject."""
    query = select(OPENID_IDENTITIES.c.user).where(
        OPENID_IDENTITIES.c.issuer == issuer, OPENID_IDENTITIES.c.subject == subject
    )
    user: str | None = connection.scalar(query)
    return user


def list_identities(connection: Connection, user: str | None = None) -> Sequence[Row[Any]]:
    """Who is linked, of a user or of all: `user`, `issuer`, `subject`, `linked_at`."""
    query = select(OPENID_IDENTITIES)
    if user is not None:
        query = query.where(OPENID_IDENTITIES.c.user == user)
    order = (OPENID_IDENTITIES.c.user, OPENID_IDENTITIES.c.issuer, OPENID_IDENTITIES.c.subject)
    return connection.execute(query.order_by(*order)).all()


def id_token_of(connection: Connection, session: str) -> str | None:
    """With which a provider opened a session; None: a password did, or it has ended."""
    query = select(SESSIONS.c.id_token).where(SESSIONS.c.hash == digest(session))
    token: str | None = connection.scalar(query)
    return token


def _accept(connection: Connection, person: Person, invitation: str, now: datetime) -> None:
    """Use a link up: its user is linked. The first administrator needs a password."""
    user = invited(connection, invitation, now)
    used = delete(INVITATIONS).where(INVITATIONS.c.hash == digest(invitation))
    if user is None or connection.execute(used).rowcount == 0:
        raise InvitationGoneError
    link(connection, user, person.issuer, person.subject, now)


def _enrol(connection: Connection, person: Person, now: datetime) -> str:
    """An account of their own, under the name they go by if it can be one and is free."""
    name = person.name
    taken = select(USERS.c.name).where(USERS.c.name == name)
    if not NAME.fullmatch(name) or connection.scalar(taken) is not None:
        name = f"openid-{digest(f'{person.issuer} {person.subject}').hex()[:NAME_LENGTH]}"
    add_user(connection, name, str(person.role or ENROLLED_AS), password=None, now=now)
    link(connection, name, person.issuer, person.subject, now)
    return name


def _check(issuer: str, subject: str) -> None:
    if not (0 < len(issuer) <= LONGEST_ISSUER and issuer.isascii() and issuer.isprintable()):
        raise AccountError(
            Text(
                f"签发者 {issuer[:80]!r}：须为提供方的地址，如 https://id.example.cn",
                f"issuer {issuer[:80]!r}: must be the provider's, as https://id.example.cn",
            )
        )
    if not (0 < len(subject) <= LONGEST_SUBJECT and subject.isprintable()):
        raise AccountError(
            Text(
                f"标识 {subject[:80]!r}：须为提供方对此人的标识（sub），"
                f"1 至 {LONGEST_SUBJECT} 个字符",
                f"subject {subject[:80]!r}: must be what the provider calls the person (sub),"
                f" 1 to {LONGEST_SUBJECT} characters",
            )
        )
