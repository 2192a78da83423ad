"""Throttling: after failed attempts the next one has to wait, for an account and for an address.

The wait doubles with each failure. It comes off by itself, so that nobody can lock somebody else
out for good; an attempt that comes too early is not looked at and does not lengthen it.
"""

import ipaddress
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select

from geodata.accounts.errors import TooManyFailuresError
from geodata.accounts.secret import digest
from geodata.accounts.tables import FAILURES

REMEMBERED = timedelta(days=1)
KEPT = timedelta(days=30)
"""How long failures are shown to administrators."""

LONGEST_WAIT = timedelta(minutes=15)

FREE_FOR_ACCOUNT = 4
FREE_FOR_ADDRESS = 20
"""Failures before the first wait; many people may share an address."""

NETWORK_BITS = 64
"""Of an IPv6 address: what one customer has at least (RFC 6177)."""

_LOCK = 0x7A676674


def begin_attempt(
    connection: Connection, name: str, address: str, user: str | None, now: datetime
) -> None:
    """Count an attempt as failed until it succeeds: thus many at once are no way round.

    Args:
        connection: its transaction must end before the password is looked at.
        name: as given.
        address: of the client.
        user: the account of that name, if there is one.
        now: when.

    Raises:
        TooManyFailuresError: too early.
    """
    key, source = digest(name), network_of(address)
    connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    connection.execute(delete(FAILURES).where(FAILURES.c.failed_at < now - KEPT))
    waits = (
        _wait(connection, FAILURES.c.key == key, FREE_FOR_ACCOUNT, now),
        _wait(connection, FAILURES.c.address == source, FREE_FOR_ADDRESS, now),
    )
    if max(waits) > timedelta(0):
        raise TooManyFailuresError(ceil(max(waits).total_seconds()))
    connection.execute(insert(FAILURES).values(key=key, user=user, address=source, failed_at=now))


def forgive(connection: Connection, name: str) -> None:
    """An attempt succeeded: failures under that name count no more."""
    connection.execute(delete(FAILURES).where(FAILURES.c.key == digest(name)))


def list_failures(connection: Connection, most: int = 50) -> Any:
    """The latest failures, newest first: when, from where, and at which account."""
    query = select(FAILURES.c.failed_at, FAILURES.c.address, FAILURES.c.user)
    return connection.execute(query.order_by(FAILURES.c.id.desc()).limit(most)).all()


def delay(failures: int, free: int) -> timedelta:
    """How long after the last of so many failures the next attempt has to wait."""
    if failures < free:
        return timedelta(0)
    return min(timedelta(seconds=2 ** min(failures - free, 20)), LONGEST_WAIT)


def network_of(address: str) -> str:
    """What counts as one client: an IPv4 address, or the network of an IPv6 address."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:100]
    if isinstance(parsed, ipaddress.IPv6Address):
        mapped = parsed.ipv4_mapped
        if mapped is not None:
            return str(mapped)
        return str(ipaddress.ip_network((int(parsed), NETWORK_BITS), strict=False))
    return str(parsed)


def _wait(connection: Connection, of: ColumnElement[bool], free: int, now: datetime) -> timedelta:
    query = select(func.count(), func.max(FAILURES.c.failed_at)).where(
        of, FAILURES.c.failed_at > now - REMEMBERED
    )
    count, last = connection.execute(query).one()
    return timedelta(0) if last is None else last + delay(count, free) - now
