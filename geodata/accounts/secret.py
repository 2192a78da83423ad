"""Secrets that are handed out once: random, 256 bits, of which only the hash is kept."""

import hashlib
import secrets
from typing import NamedTuple

BYTES = 32

TOKEN_START = "zgc_"
"""Of tokens, so that scanners of source code can find one that was committed."""

PREFIX_LENGTH = 12
"""Characters that are kept of a token in the clear: 48 of its 256 bits."""


class Secret(NamedTuple):
    """A secret, and what is kept of it."""

    text: str
    hash: bytes


def new_secret(start: str = "") -> Secret:
    """A secret that nobody had before."""
    text = start + secrets.token_urlsafe(BYTES)
    return Secret(text, digest(text))


def digest(text: str) -> bytes:
    """SHA-256; enough for what is random, far too little for passwords."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
