"""The journal: how a running service adds events that belong to no change of the database.

A reading of what is not public is answered when its event is written, and not before: without the
audit it is refused. Those that come together are written together. Refusals do not wait; the same
ones within seconds become one event that counts them, so that nobody can fill the audit by being
refused.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from threading import Condition, Thread

from geodata.audit.asker import NOBODY
from geodata.audit.errors import AuditUnavailableError
from geodata.audit.event import Event

LOG = logging.getLogger(__name__)

MOST_WAITING = 1_000
"""Events that wait to be written; who comes behind them is refused at once."""

PATIENCE_S = 5.0
"""Longest that an answer waits for its event."""

GATHERED_S = 5.0
"""Refusals of so many seconds are written together."""

MOST_KINDS = 100
"""Refusals told apart within that time; further ones are counted by action alone."""

Write = Callable[[Sequence[Event]], None]
Waiting = tuple[Event, Future[None]]


class Journal:
    """Adds events, from any thread; a thread of its own writes them.

    Args:
        write: writes events, all or none.
        patience_s: longest wait for it.
        gathered_s: how long refusals are gathered.
    """

    def __init__(
        self, write: Write, *, patience_s: float = PATIENCE_S, gathered_s: float = GATHERED_S
    ) -> None:
        self._write = write
        self._patience_s, self._gathered_s = patience_s, gathered_s
        self._changed = Condition()
        self._waiting: list[Waiting] = []
        self._gathered: dict[tuple[object, ...], Event] = {}
        self._due = 0.0
        self._closing = False
        self._thread = Thread(target=self._run, name="audit", daemon=True)
        self._thread.start()

    async def keep(self, event: Event) -> None:
        """Add an event; it is written when this returns.

        Raises:
            AuditUnavailableError: it is not.
        """
        written: Future[None] = Future()
        with self._changed:
            if self._closing or len(self._waiting) >= MOST_WAITING:
                raise AuditUnavailableError
            self._waiting.append((event, written))
            self._changed.notify()
        try:
            async with asyncio.timeout(self._patience_s):
                await asyncio.wrap_future(written)
        except TimeoutError:
            raise AuditUnavailableError from None

    def gather(self, event: Event) -> None:
        """Add an event soon, together with others of its kind."""
        with self._changed:
            self._gather(event)

    def close(self) -> None:
        """Write what is left, and end."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        while True:
            with self._changed:
                if not self._waiting and not self._closing:
                    self._changed.wait(self._gathered_s)
                closing = self._closing
                waiting, gathered = self._taken()
            self._keep(waiting, gathered)
            if closing:
                return

    def _taken(self) -> tuple[list[Waiting], list[Event]]:
        """What is to be written now; who gave up waiting is left out."""
        waiting = [row for row in self._waiting if row[1].set_running_or_notify_cancel()]
        self._waiting = []
        now = time.monotonic()
        if not self._closing and now < self._due:
            return waiting, []
        self._due = now + self._gathered_s
        gathered = list(self._gathered.values())
        self._gathered = {}
        return waiting, gathered

    def _keep(self, waiting: Sequence[Waiting], gathered: Sequence[Event]) -> None:
        """Write; on failure who waits is refused, and what was gathered is tried again."""
        if not waiting and not gathered:
            return
        try:
            self._write([*(event for event, _ in waiting), *gathered])
        except Exception as error:  # whatever it is, nobody may wait for ever
            LOG.error("the audit cannot be written: %s", (str(error).splitlines() or ["?"])[0])
            for _, written in waiting:
                written.set_exception(AuditUnavailableError())
            with self._changed:
                for event in gathered:
                    self._gather(event)
        else:
            for _, written in waiting:
                written.set_result(None)

    def _gather(self, event: Event) -> None:
        key = _kind(event)
        if key not in self._gathered and len(self._gathered) >= MOST_KINDS:
            event = Event(action=event.action, who=NOBODY, outcome=event.outcome, times=event.times)
            key = _kind(event)
        held = self._gathered.get(key)
        times = event.times + (0 if held is None else held.times)
        self._gathered[key] = replace(event, times=times)


def _kind(event: Event) -> tuple[object, ...]:
    """What makes events the same but for their number."""
    detail = tuple(sorted((name, str(value)) for name, value in event.detail.items()))
    return (
        event.action,
        event.outcome,
        event.who,
        event.subject,
        event.layer,
        event.features,
        detail,
    )
