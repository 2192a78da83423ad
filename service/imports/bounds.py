"""How far the process that reads files may go: one takes neither the machine nor the day."""

import os
import resource
import signal
from dataclasses import dataclass

LEAST_MEMORY = 1 << 30


@dataclass(frozen=True)
class Bounds:
    """What a file may take.

    Args:
        memory: bytes that the process may hold; None: half of the machine's.
        reading_s: seconds until a file is read.
        working_s: seconds of all that is done with it.
    """

    memory: int | None = None
    reading_s: int = 600
    working_s: int = 3600


BOUNDS = Bounds()
_bounds = BOUNDS


def be_bounded(bounds: Bounds) -> None:
    """Of this process; memory is what it allocates, not what it maps of files."""
    global _bounds
    _bounds = bounds
    pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    most = bounds.memory or max(LEAST_MEMORY, pages * size // 2)
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))


def begin_reading() -> None:
    """From now on the time for reading runs."""
    _be_done_in(_bounds.reading_s)


def begin_working() -> None:
    """From now on the time for all the rest runs."""
    _be_done_in(_bounds.working_s)


def end() -> None:
    """No time runs any more."""
    _be_done_in(0)


def _be_done_in(seconds: int) -> None:
    """The default action of the alarm ends a process wherever it is, in foreign code too."""
    signal.alarm(seconds)
