"""What is read is written first, together with others; what is refused is counted."""

import asyncio
import threading
import time
from collections.abc import Sequence

import pytest

from geodata.audit.actions import Action, Outcome
from geodata.audit.asker import Asker
from geodata.audit.errors import AuditUnavailableError
from geodata.audit.event import Event
from service.audit import journal
from service.audit.journal import MOST_KINDS, Journal

pytestmark = pytest.mark.anyio

READ = Event(action=Action.READ, who=Asker("wang"), layer="parcels")


def refusal(address: str, status: int = 401) -> Event:
    return Event(
        action=Action.REQUEST_REFUSED,
        who=Asker(address=address),
        outcome=Outcome.REFUSED,
        detail={"status": status},
    )


class Store:
    """Takes events as the database does, as long as it takes any."""

    def __init__(self) -> None:
        self.batches: list[list[Event]] = []
        self.fails = False
        self.gate = threading.Event()
        self.gate.set()

    def __call__(self, events: Sequence[Event]) -> None:
        self.gate.wait(10)
        if self.fails:
            raise RuntimeError("connection refused\nis the server running?")
        self.batches.append(list(events))

    @property
    def events(self) -> list[Event]:
        return [event for batch in self.batches for event in batch]


@pytest.fixture
def store():
    return Store()


@pytest.fixture
def book(store):
    book = Journal(store, patience_s=1, gathered_s=0.05)
    yield book
    store.gate.set()
    book.close()


async def test_an_event_is_there_when_its_keeping_returns(store, book):
    await book.keep(READ)
    assert store.events == [READ]


async def test_events_that_come_together_are_written_together(store, book):
    store.gate.clear()
    first = asyncio.create_task(book.keep(READ))
    await asyncio.sleep(0.05)
    others = [asyncio.create_task(book.keep(READ)) for _ in range(50)]
    await asyncio.sleep(0.05)
    store.gate.set()
    await asyncio.gather(first, *others)
    assert [len(batch) for batch in store.batches] == [1, 50]


async def test_who_waits_too_long_is_refused(store):
    book = Journal(store, patience_s=0.05, gathered_s=0.05)
    store.gate.clear()
    with pytest.raises(AuditUnavailableError):
        await book.keep(READ)
    store.gate.set()
    book.close()


async def test_who_gave_up_before_it_was_written_is_left_out(store, book):
    store.gate.clear()
    first = asyncio.create_task(book.keep(READ))
    await asyncio.sleep(0.05)
    second = asyncio.create_task(book.keep(READ))
    await asyncio.sleep(0.05)
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    store.gate.set()
    await first
    await book.keep(READ)
    assert len(store.events) == 2


async def test_without_a_database_reading_is_refused_at_once_and_goes_on_after(store, book, caplog):
    store.fails = True
    begun = time.monotonic()
    with pytest.raises(AuditUnavailableError):
        await book.keep(READ)
    assert time.monotonic() - begun < 0.5
    assert "the audit cannot be written: connection refused" in caplog.text
    store.fails = False
    await book.keep(READ)
    assert store.events == [READ]


async def test_a_queue_that_is_full_refuses(store, book, monkeypatch):
    monkeypatch.setattr(journal, "MOST_WAITING", 3)
    store.gate.clear()
    tasks = [asyncio.create_task(book.keep(READ)) for _ in range(10)]
    await asyncio.sleep(0.1)
    store.gate.set()
    ended = await asyncio.gather(*tasks, return_exceptions=True)
    refused = [each for each in ended if isinstance(each, AuditUnavailableError)]
    assert len(refused) in (6, 7)
    assert len(store.events) == 10 - len(refused)


async def test_equal_refusals_are_one_event_that_counts_them(store, book):
    for _ in range(5):
        book.gather(refusal("192.0.2.1"))
    book.gather(refusal("192.0.2.2"))
    book.gather(refusal("192.0.2.1", 403))
    book.close()
    assert sorted((each.who.address, each.times) for each in store.events) == [
        ("192.0.2.1", 1),
        ("192.0.2.1", 5),
        ("192.0.2.2", 1),
    ]


async def test_a_flood_of_refusals_makes_few_events_and_loses_none(store):
    book = Journal(store, gathered_s=60)
    book.gather(refusal("192.0.2.1"))
    await asyncio.sleep(0.05)
    for number in range(5_000):
        book.gather(refusal(f"2001:db8::{number:x}"))
    book.close()
    assert len(store.events) <= MOST_KINDS + 2
    assert sum(each.times for each in store.events) == 5_001


async def test_refusals_wait_for_the_database_and_are_counted_meanwhile(store, book):
    store.fails = True
    for _ in range(3):
        book.gather(refusal("192.0.2.1"))
        await asyncio.sleep(0.08)
    store.fails = False
    await asyncio.sleep(0.2)
    assert sum(each.times for each in store.events) == 3


async def test_what_is_left_is_written_at_the_end_and_nothing_after(store):
    book = Journal(store, gathered_s=60)
    await book.keep(READ)
    book.gather(refusal("192.0.2.1"))
    book.close()
    assert store.events == [READ, refusal("192.0.2.1")]
    with pytest.raises(AuditUnavailableError):
        await book.keep(READ)
