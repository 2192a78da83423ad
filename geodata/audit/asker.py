"""Who asks, as the work on a request finds it wherever it is done: in a thread, in a process."""

import getpass
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

TERMINAL = "terminal"
"""In place of an address: whoever sits at the machine."""


class Asker(NamedTuple):
    """Who asks for something.

    Args:
        account: its name, None for the public; at the terminal the machine's user.
        role: of the account.
        address: of the client.
    """

    account: str | None = None
    role: str | None = None
    address: str | None = None


NOBODY = Asker()

ASKING: ContextVar[Callable[[], Asker]] = ContextVar("asking", default=lambda: NOBODY)
"""Asked when somebody needs to know: finding out costs, and most requests never do."""


def asker() -> Asker:
    """Who asks for what is being done."""
    return ASKING.get()()


@contextmanager
def asked_by(who: Callable[[], Asker]) -> Iterator[None]:
    """What is done inside is done for somebody."""
    before = ASKING.set(who)
    try:
        yield
    finally:
        ASKING.reset(before)


def at_terminal() -> Asker:
    """The user of this machine; a container may have none by name."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = f"uid-{os.getuid()}"
    return Asker(account=name, address=TERMINAL)


def asker_settings(who: Asker | None = None) -> dict[str, str]:
    """Settings of a transaction that tell role and address of who asks; empty: not known."""
    who = asker() if who is None else who
    return {"zgc.role": who.role or "", "zgc.address": who.address or ""}
