"""`./zgc user`: accounts and groups, for whoever runs the service."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import click
from sqlalchemy import Connection, Row

from geodata.accounts.groups import (
    add_group,
    bind_group,
    join_group,
    leave_group,
    list_groups,
    remove_group,
)
from geodata.accounts.openid import link, list_identities, unlink
from geodata.accounts.users import (
    add_user,
    disable,
    enable,
    list_users,
    require_user,
    set_password,
    set_role,
)
from geodata.audit.ascribe import ascribe
from geodata.database.engine import open_engine
from geodata.database.migrate import upgrade
from service.commands.database import reachable_database, report
from service.commands.settings import read_settings


@contextmanager
def accounts() -> Iterator[Connection]:
    """One transaction on the accounts of the service, its schema up to date."""
    with reachable_database(read_settings()) as url:
        upgrade(url, lambda _: None)
        engine = open_engine(url)
        try:
            with engine.begin() as connection:
                ascribe(connection)
                yield connection
        finally:
            engine.dispose()


def now() -> datetime:
    """This moment."""
    return datetime.now(UTC)


def read_password() -> str:
    """A password from the terminal, twice, or as the first line of standard input.

    Never an argument: those stand in the list of processes and in the shell's history.
    """
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    return sys.stdin.readline().rstrip("\r\n")


def show(header: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    """A table for people and for `cut`: tabs between columns."""
    for row in (header, *rows):
        click.echo("\t".join("-" if cell in (None, "") else str(cell) for cell in row))


def day(moment: datetime | None) -> str | None:
    """A moment to the minute, UTC."""
    return None if moment is None else f"{moment.astimezone(UTC):%Y-%m-%dT%H:%MZ}"


def add(name: str, role: str) -> None:
    """A new user, with a password."""
    password = read_password()
    with accounts() as connection:
        add_user(connection, name, role, password=password, now=now())
    report(f"{name} can sign in as {role}")


def add_linked(name: str, role: str, issuer: str, subject: str) -> None:
    """A new user, whom an OpenID provider knows; without a password."""
    with accounts() as connection:
        add_user(connection, name, role, password=None, now=now())
        link(connection, name, issuer, subject, now())
    report(f"{name} can sign in at {issuer} as {role}")
    _mind_issuer(issuer)


def link_identity(name: str, issuer: str, subject: str) -> None:
    """A user may sign in at an OpenID provider."""
    with accounts() as connection:
        link(connection, name, issuer, subject, now())
    report(f"{name} can sign in at {issuer} as {subject!r}")
    _mind_issuer(issuer)


def unlink_identity(name: str, issuer: str, subject: str) -> None:
    """They may no more."""
    with accounts() as connection:
        unlink(connection, name, issuer, subject)
    report(f"{name} is not linked to {subject!r} of {issuer} any more; sessions from there ended")


def _mind_issuer(issuer: str) -> None:
    present = read_settings().openid_issuer
    if issuer != present:
        report(
            f"Note: ZGC_OPENID_ISSUER is {present or 'not set'} here; {issuer} must be it exactly"
        )


def show_users() -> None:
    """All users."""
    with accounts() as connection:
        rows = list_users(connection)
        linked: dict[str, list[str]] = {}
        for each in list_identities(connection):
            linked.setdefault(each.user, []).append(f"{each.issuer} {each.subject}")
    show(
        ("name", "role", "state", "groups", "since", "openid"),
        (
            (
                each.name,
                each.role,
                state(each, linked=each.name in linked),
                ",".join(each.groups),
                day(each.created_at),
                "; ".join(linked.get(each.name, ())),
            )
            for each in rows
        ),
    )


def state(user: Row[Any], *, linked: bool) -> str:
    """Whether a user may come in."""
    if user.disabled_at is not None:
        return "disabled"
    return "active" if user.has_password or linked else "invited"


def change_role(name: str, role: str) -> None:
    """Another role."""
    with accounts() as connection:
        set_role(connection, name, role)
    report(f"{name} is {role} from the next request on")


def shut_out(name: str) -> None:
    """No entry any more."""
    with accounts() as connection:
        disable(connection, name, now())
    report(f"{name} is disabled; sessions have ended, and tokens are refused")


def let_in(name: str) -> None:
    """Entry again."""
    with accounts() as connection:
        enable(connection, name)
    report(f"{name} can come in again")


def reset_password(name: str) -> None:
    """Another password."""
    with accounts() as connection:
        require_user(connection, name)
    password = read_password()
    with accounts() as connection:
        set_password(connection, name, password)
    report(f"{name} has a new password; sessions have ended")


def new_group(name: str, areas: tuple[str, ...]) -> None:
    """A new group."""
    with accounts() as connection:
        add_group(connection, name, areas, now=now())
    report(f"group {name} looks after {', '.join(areas) or 'no area yet'}")


def change_areas(name: str, areas: tuple[str, ...]) -> None:
    """Other areas of a group."""
    with accounts() as connection:
        bind_group(connection, name, areas)
    report(f"group {name} looks after {', '.join(areas) or 'no area'}")


def show_groups() -> None:
    """All groups."""
    with accounts() as connection:
        rows = list_groups(connection)
    show(
        ("group", "areas", "users"),
        ((each.name, ",".join(each.areas), ",".join(each.users)) for each in rows),
    )


def drop_group(name: str) -> None:
    """A group less."""
    with accounts() as connection:
        remove_group(connection, name)
    report(f"group {name} is removed")


def join(group: str, user: str) -> None:
    """A user becomes a member."""
    with accounts() as connection:
        join_group(connection, user, group)
    report(f"{user} is in group {group}")


def leave(group: str, user: str) -> None:
    """A user is no member any more."""
    with accounts() as connection:
        leave_group(connection, user, group)
    report(f"{user} is no longer in group {group}")
