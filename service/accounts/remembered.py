"""Identities that were looked up a moment ago: a map asks for dozens of tiles a second."""

import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from geodata.accounts.identity import Identity
from geodata.accounts.secret import digest

REMEMBERED_S = 1.0
"""Longest that a change made elsewhere (command line, another worker) may go unnoticed."""

MOST = 1000

Found = TypeVar("Found", bound=Identity | None)


class Remembered:
    """Identities by the hash of what showed them; changes of this process forget them at once.

    Args:
        seconds: how long one is remembered.
    """

    def __init__(self, seconds: float = REMEMBERED_S) -> None:
        self._seconds = seconds
        self._found: dict[bytes, tuple[float, Identity]] = {}
        self._generation = 0

    async def of(self, secret: str, find: Callable[[], Awaitable[Found]]) -> Found | Identity:
        """The identity that a secret shows; nobody, and errors, are not remembered.

        Args:
            secret: with its kind, so that a session's is no token.
            find: looks it up.
        """
        key = digest(secret)
        held = self._found.get(key)
        if held is not None and time.monotonic() < held[0]:
            return held[1]
        generation = self._generation
        found = await find()
        if found is not None and generation == self._generation:
            self._keep(key, found)
        return found

    def forget(self) -> None:
        """Whatever was looked up may have changed; what is being looked up too."""
        self._found.clear()
        self._generation += 1

    def _keep(self, key: bytes, identity: Identity) -> None:
        if len(self._found) >= MOST:
            self._found.clear()
        self._found[key] = (time.monotonic() + self._seconds, identity)
