"""The address of a database: checked, and shown without its password."""

import re

import psycopg
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

SCHEMES = ("postgresql://", "postgres://")

SECRET = re.compile(r"(?<=://)(?P<user>[^:@/?#]*):.*@|(?P<name>[?&](?:ssl)?password=)[^&]*")
"""Between the first colon and the last @, since who forgets to escape a password may use any."""


def masked(url: str) -> str:
    """The address with `***` for its password, whatever the mistakes in it."""
    return SECRET.sub(
        lambda found: f"{found['name']}***" if found["name"] else f"{found['user']}:***@", url
    )


def check_address(url: str) -> None:
    """Refuse what is no address; the message never holds the password.

    Raises:
        ValueError: says what is wrong.
    """
    if not url.startswith(SCHEMES):
        raise ValueError(f"{masked(url)!r} must start with {' or '.join(SCHEMES)}")
    if not _is_address(url):
        raise ValueError(
            f"{masked(url)!r} is no address of a database; it looks like"
            " postgresql://user:password@host:5432/database, and any of : / ? # [ ] @ % in user"
            " or password is percent-encoded (@ as %40)"
        )


def _is_address(url: str) -> bool:
    """Both parsers must read it; libpq takes what follows a slash in a password for a name."""
    try:
        read = conninfo_to_dict(url)
        make_url(url)
    except (psycopg.ProgrammingError, ArgumentError, ValueError):
        return False
    ports = str(read.get("port") or "").split(",")
    names = f"{read.get('host')}{read.get('dbname')}"
    return all(port.isdigit() or not port for port in ports) and "@" not in names
