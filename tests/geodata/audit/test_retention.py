"""The audit is kept as long as the operator wants, and never shorter than the law does."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine

from geodata.audit.actions import Action
from geodata.audit.asker import Asker
from geodata.audit.chain import seal_all
from geodata.audit.event import Event
from geodata.audit.guards import LEAST_DAYS
from geodata.audit.retention import RetentionTooShortError, prune

EVENT = Event(action=Action.SIGN_OUT, who=Asker("wang"))

Told = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def three(
    owner: Engine,
    write: Callable[..., None],
    told: Told,
    age: Callable[[int, int], None],
) -> list[int]:
    """Events of 500, 300 and 0 days, in the chain."""
    write(EVENT)
    write(EVENT)
    write(EVENT)
    ids = [row["id"] for row in told()]
    for event, days in zip(ids, (500, 300, 0), strict=True):
        if days:
            age(event, days)
    seal_all(owner)
    return ids


@pytest.mark.parametrize("days", [LEAST_DAYS - 1, 1, 0, -5])
def test_less_than_the_law_wants_is_refused(owner: Engine, days: int) -> None:
    with pytest.raises(RetentionTooShortError, match=r"art\. 21"), owner.begin() as connection:
        prune(connection, days)


def test_what_is_older_goes_and_the_audit_says_so(
    owner: Engine, three: list[int], told: Told
) -> None:
    with owner.connect() as connection:
        assert prune(connection, 200) == 2
        connection.rollback()
    assert [row["id"] for row in told()] == three
    with owner.begin() as connection:
        assert prune(connection, 365) == 1
    rows = told()
    assert [row["id"] for row in rows[:-1]] == three[1:]
    assert rows[-1]["action"] == "audit.pruned"
    assert {name: rows[-1]["detail"][name] for name in ("events", "days")} == {
        "events": 1,
        "days": 365,
    }
    with owner.begin() as connection:
        assert prune(connection, 365) == 0
    assert told() == rows
