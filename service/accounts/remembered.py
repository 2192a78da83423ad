"""Principals that were looked up a moment ago: a map asks for dozens of tiles a second."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

from geodata.accounts.secret import digest
from service.accounts.principal import Principal

REMEMBERED_S = 1.0
"""Longest that a change made elsewhere (command line, another worker) may go unnoticed."""

MOST = 1000

Find = Callable[[], Awaitable[Principal | None]]


class Remembered:
    """Principals by the hash of what showed them; changes of this process forget them at once.

    Args:
        seconds: how long one is remembered.
    """

    def __init__(self, seconds: float = REMEMBERED_S) -> None:
        self._seconds = seconds
        self._found: dict[bytes, tuple[float, Principal]] = {}
        self._under_way: dict[bytes, asyncio.Task[Principal | None]] = {}

    def now(self, shown: Sequence[str]) -> Principal | None:
        """The principal that a secret showed a moment ago.

        Args:
            shown: the secret behind its kind, so that a session's is no token.
        """
        held = self._found.get(_key(shown))
        return held[1] if held is not None and time.monotonic() < held[0] else None

    def ever(self, shown: Sequence[str]) -> bool:
        """Whether a secret showed a principal since the last change of this process."""
        key = _key(shown)
        return key in self._found

    async def of(self, shown: Sequence[str], find: Find) -> Principal | None:
        """The principal that a secret shows; nobody, and errors, are not remembered.

        Whoever asks while it is being looked up waits for the same answer.

        Args:
            shown: as for `now`.
            find: looks it up.
        """
        held = self.now(shown)
        if held is not None:
            return held
        key = _key(shown)
        task = self._under_way.get(key)
        if task is None:
            task = self._under_way[key] = asyncio.create_task(self._look_up(key, find))
        return await asyncio.shield(task)

    def forget(self) -> None:
        """Whatever was looked up may have changed; what is being looked up too."""
        self._found.clear()
        self._under_way.clear()

    async def _look_up(self, key: bytes, find: Find) -> Principal | None:
        this = asyncio.current_task()
        try:
            found = await find()
            if found is not None and self._under_way.get(key) is this:
                self._keep(key, found)
            return found
        finally:
            if self._under_way.get(key) is this:
                del self._under_way[key]

    def _keep(self, key: bytes, principal: Principal) -> None:
        if len(self._found) >= MOST:
            self._found.clear()
        self._found[key] = (time.monotonic() + self._seconds, principal)


def _key(shown: Sequence[str]) -> bytes:
    return digest(" ".join(shown))
