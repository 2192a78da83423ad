"""Identities are looked up once a second, and at once after a change of this process."""

import asyncio

import pytest

from geodata.accounts.identity import Identity
from layers.attribute import Role
from service.accounts.remembered import Remembered

WANG = Identity("wang", Role.PLANNER, frozenset())


class Lookup:
    """Counts how often it is asked."""

    def __init__(self, found):
        self.found, self.times = found, 0

    async def __call__(self):
        self.times += 1
        await asyncio.sleep(0)
        return self.found


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("seconds", "found", "between", "times"),
    [
        (60, WANG, None, 1),
        (60, WANG, Remembered.forget, 2),
        (0, WANG, None, 2),
        (60, None, None, 2),
    ],
    ids=["remembered", "changed here", "too old", "nobody"],
)
async def test_how_often_an_identity_is_looked_up(seconds, found, between, times):
    remembered, lookup = Remembered(seconds), Lookup(found)
    assert await remembered.of("token", lookup) == found
    if between is not None:
        between(remembered)
    assert await remembered.of("token", lookup) == found
    assert lookup.times == times


@pytest.mark.anyio
async def test_secrets_are_not_mistaken_for_each_other():
    remembered = Remembered(60)
    await remembered.of("token", Lookup(WANG))
    assert await remembered.of("other", Lookup(None)) is None


@pytest.mark.anyio
async def test_what_was_being_looked_up_when_something_changed_is_not_kept():
    remembered, lookup = Remembered(60), Lookup(WANG)
    under_way = asyncio.create_task(remembered.of("token", lookup))
    await asyncio.sleep(0)
    remembered.forget()
    await under_way
    await remembered.of("token", lookup)
    assert lookup.times == 2


@pytest.mark.anyio
async def test_an_error_reaches_whoever_asks_and_is_not_kept():
    remembered = Remembered(60)

    async def fails():
        raise LookupError

    with pytest.raises(LookupError):
        await remembered.of("token", fails)
    assert await remembered.of("token", Lookup(WANG)) == WANG
