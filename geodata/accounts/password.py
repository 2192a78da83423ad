"""Passwords: what is too weak, and how they are kept (Argon2id, RFC 9106)."""

import re
import unicodedata
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from geodata.accounts.errors import WeakPasswordError
from layers.text import Text

SHORTEST = 12
LONGEST = 200
LEAST_VARIETY = 5
"""Different characters."""

COMMON_FILE = Path(__file__).parent / "common_passwords.txt"
NO_LETTERS = re.compile(r"[\W\d_]+")

HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""Argon2id with the least memory that OWASP's Password Storage Cheat Sheet allows (19 MiB): the
database and the tiles share this machine's memory with every attempt to sign in."""


def check_password(password: str, account: str) -> None:
    """Refuse what is guessed first.

    Raises:
        WeakPasswordError: says what is wrong with it, and never repeats it.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        number = len(password)
        raise WeakPasswordError(
            Text(
                f"密码有 {number} 个字符，须为 {SHORTEST} 至 {LONGEST} 个",
                f"the password has {number} characters; must have {SHORTEST} to {LONGEST}",
            )
        )
    if len(set(password)) < LEAST_VARIETY:
        raise WeakPasswordError(
            Text(
                f"密码只重复少数字符，须有 {LEAST_VARIETY} 种不同的字符",
                f"the password repeats few characters; must have {LEAST_VARIETY} different ones",
            )
        )
    plain = _normal(password).casefold()
    letters = NO_LETTERS.sub("", plain)
    if {plain, letters} & common_passwords():
        raise WeakPasswordError(
            Text(
                "密码是最常见的密码，或仅添加了符号",
                "the password is one of the commonest, or one with signs added",
            )
        )
    if account in plain:
        raise WeakPasswordError(Text("密码含账户名", "the password contains the account's name"))


def hash_password(password: str) -> str:
    """What is kept of a password: its PHC string, with parameters and salt."""
    return HASHER.hash(_normal(password))


def is_password(password: str, kept: str | None) -> bool:
    """Whether a password is the one kept; takes as long where none is kept."""
    try:
        matches = HASHER.verify(kept or _nobodys(), _normal(password))
    except (VerificationError, InvalidHashError):
        return False
    return matches and kept is not None


@cache
def common_passwords() -> frozenset[str]:
    """The commonest passwords, and the words that the commonest are made of, in lower case."""
    lines = COMMON_FILE.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


@cache
def _nobodys() -> str:
    """What passwords are compared with where there is no account: the same work, never right."""
    return HASHER.hash("")


def _normal(password: str) -> str:
    """One spelling for what looks alike, whichever keyboard it came from (NIST SP 800-63B)."""
    return unicodedata.normalize("NFKC", password)
