"""Principals are looked up once a second, and at once after a change of this process."""

import asyncio

import pytest

from layers.attribute import Role
from service.accounts.principal import Principal
from service.accounts.remembered import Remembered

TOKEN, OTHER = ("token", "a"), ("session", "a")
WANG = Principal("wang", Role.PLANNER)


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
async def test_how_often_a_principal_is_looked_up(seconds, found, between, times):
    remembered, lookup = Remembered(seconds), Lookup(found)
    assert await remembered.of(TOKEN, lookup) == found
    if between is not None:
        between(remembered)
    assert await remembered.of(TOKEN, lookup) == found
    assert lookup.times == times


@pytest.mark.anyio
async def test_secrets_are_not_mistaken_for_each_other():
    remembered = Remembered(60)
    await remembered.of(TOKEN, Lookup(WANG))
    assert await remembered.of(OTHER, Lookup(None)) is None
    assert (remembered.now(TOKEN), remembered.now(OTHER)) == (WANG, None)


@pytest.mark.anyio
async def test_a_secret_that_was_good_is_known_as_such_when_it_must_be_looked_up_again():
    remembered = Remembered(0)
    await remembered.of(TOKEN, Lookup(WANG))
    await remembered.of(OTHER, Lookup(None))
    assert (remembered.now(TOKEN), remembered.ever(TOKEN)) == (None, True)
    assert remembered.ever(OTHER) is False


@pytest.mark.anyio
async def test_all_who_ask_at_once_wait_for_one_look_up():
    remembered, lookup = Remembered(60), Lookup(WANG)
    found = await asyncio.gather(*(remembered.of(TOKEN, lookup) for _ in range(8)))
    assert (found, lookup.times) == ([WANG] * 8, 1)


@pytest.mark.anyio
async def test_who_gives_up_does_not_take_the_answer_from_others():
    remembered, lookup = Remembered(60), Lookup(WANG)
    first, second = (asyncio.create_task(remembered.of(TOKEN, lookup)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    assert await second == WANG
    assert lookup.times == 1


@pytest.mark.anyio
async def test_what_was_being_looked_up_when_something_changed_is_not_kept():
    remembered, lookup = Remembered(60), Lookup(WANG)
    under_way = asyncio.create_task(remembered.of(TOKEN, lookup))
    await asyncio.sleep(0)
    remembered.forget()
    await remembered.of(TOKEN, lookup)
    await under_way
    assert lookup.times == 2


@pytest.mark.anyio
async def test_an_error_reaches_whoever_asks_and_is_not_kept():
    remembered = Remembered(60)

    async def fails():
        raise LookupError

    with pytest.raises(LookupError):
        await remembered.of(TOKEN, fails)
    assert await remembered.of(TOKEN, Lookup(WANG)) == WANG
