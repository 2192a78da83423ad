"""The review queue: what waits, what people decide, and that nothing of it is lost."""

from dataclasses import replace
from threading import Barrier, Thread

import pytest
from sqlalchemy import Engine, text

from geodata.geocoding.cache import Cache
from geodata.geocoding.candidate import Candidate, Issue, Match, issues_of
from geodata.geocoding.datum import Datum
from geodata.geocoding.level import Level
from geodata.geocoding.review import (
    NOT_FOUND,
    PLACED,
    DecidedMeanwhileError,
    Decision,
    Entry,
    InvalidDecisionError,
    NoSuchReviewError,
    Placement,
    Queue,
    decided,
)

CANDIDATE = Candidate(
    lon=116.32,
    lat=39.98,
    level=Level.HOUSE,
    accuracy_m=150,
    score=0.8,
    matched=(Match(part="road", text="甲街", name="甲街", id="r1"),),
    name="甲街1号",
    district="海淀区",
    provider="amap",
    datum=Datum.GCJ02,
    issues=(Issue.DISTRICT_CONFLICT,),
    raw={"secret": "stays in the cache"},
)
PLACE = Placement(lon=116.3, lat=39.9, level=Level.BUILDING, accuracy_m=30)
FOUND = Decision(placement=PLACE, by="王工", reason="现场核对")
GIVEN_UP = Decision(placement=None, by="李工", reason="该地址已拆除")


def entry(key: str = "甲街1号", *issues: Issue) -> Entry:
    return Entry(
        key=key,
        address=f"北京市{key}",
        issues=issues or (Issue.AMBIGUOUS,),
        candidates=(CANDIDATE,),
    )


@pytest.fixture
def number(queue: Queue) -> int:
    """Of an address that waits."""
    queue.put([entry()])
    return queue.waiting()[0].id


def test_an_address_waits_with_all_its_candidates(queue: Queue, number: int) -> None:
    item = queue.get(number)
    assert (item.address, item.issues, item.state) == ("北京市甲街1号", (Issue.AMBIGUOUS,), "open")
    assert item.candidates == (CANDIDATE,)
    assert item.candidates[0].raw is None


def test_the_longest_waiting_come_first_and_pages_follow_each_other(queue: Queue) -> None:
    queue.put(entry(f"甲街{number}号") for number in range(5))
    first = queue.waiting(limit=3)
    rest = queue.waiting(after=first[-1].id, limit=3)
    assert [item.key for item in (*first, *rest)] == [f"甲街{number}号" for number in range(5)]
    assert queue.count() == 5


def test_an_address_that_waits_is_not_queued_twice(queue: Queue, number: int) -> None:
    queue.put([entry("甲街1号", Issue.COARSE)])
    (item,) = queue.waiting()
    assert (item.id, item.issues) == (number, (Issue.COARSE,))


def test_a_decided_address_is_not_queued_again(queue: Queue, number: int) -> None:
    queue.decide(number, FOUND, seen=0)
    queue.put([entry("甲街1号", Issue.COARSE)])
    assert queue.waiting() == []
    assert queue.get(number).issues == (Issue.AMBIGUOUS,)


def test_a_decision_records_who_when_and_why_and_feeds_the_cache(
    queue: Queue, cache: Cache, number: int
) -> None:
    item = queue.decide(number, FOUND, seen=0)
    (decision,) = item.decisions
    assert replace(decision, at=None) == FOUND
    assert decision.at is not None
    assert item.state == PLACED
    assert queue.count() == 0
    (candidate,) = decided(cache.get("review", ["甲街1号"])["甲街1号"])
    assert (candidate.lon, candidate.lat, candidate.accuracy_m) == (116.3, 39.9, 30)
    assert (candidate.level, candidate.score, candidate.provider) == (Level.BUILDING, 1, "review")


def test_what_a_person_decided_needs_no_further_look(
    queue: Queue, cache: Cache, number: int
) -> None:
    coarse = replace(PLACE, level=Level.TOWN, accuracy_m=3000)
    queue.decide(number, replace(FOUND, placement=coarse), seen=0)
    assert issues_of(decided(cache.get("review", ["甲街1号"])["甲街1号"])) == ()


def test_not_found_is_an_answer_too(queue: Queue, cache: Cache, number: int) -> None:
    assert queue.decide(number, GIVEN_UP, seen=0).state == NOT_FOUND
    assert decided(cache.get("review", ["甲街1号"])["甲街1号"]) == []


def test_decisions_do_not_expire(queue: Queue, engine: Engine, number: int) -> None:
    queue.decide(number, FOUND, seen=0)
    cache = Cache(engine, days=0)
    assert cache.remove_expired() == 0
    assert cache.get("review", ["甲街1号"])


def test_a_later_decision_counts_and_the_earlier_one_stays(
    queue: Queue, cache: Cache, number: int
) -> None:
    queue.decide(number, GIVEN_UP, seen=0)
    item = queue.decide(number, FOUND, seen=1)
    assert [each.by for each in item.decisions] == ["李工", "王工"]
    assert len(decided(cache.get("review", ["甲街1号"])["甲街1号"])) == 1


def test_who_comes_second_learns_of_the_first(queue: Queue, number: int) -> None:
    queue.decide(number, GIVEN_UP, seen=0)
    with pytest.raises(DecidedMeanwhileError, match=r"李工 decided it meanwhile \(该地址已拆除\)"):
        queue.decide(number, FOUND, seen=0)
    assert len(queue.get(number).decisions) == 1


def test_nobody_can_have_seen_decisions_that_are_not_there(queue: Queue, number: int) -> None:
    with pytest.raises(InvalidDecisionError, match="seen = 1: must be 0"):
        queue.decide(number, FOUND, seen=1)


def test_of_two_at_the_same_moment_one_decides(queue: Queue, number: int) -> None:
    barrier, conflicts = Barrier(2), []

    def decide(decision: Decision) -> None:
        barrier.wait()
        try:
            queue.decide(number, decision, seen=0)
        except DecidedMeanwhileError as error:
            conflicts.append(error)

    threads = [Thread(target=decide, args=(each,)) for each in (FOUND, GIVEN_UP)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(conflicts) == 1
    assert len(queue.get(number).decisions) == 1


def test_a_number_that_is_none_is_named(queue: Queue) -> None:
    for act in (lambda: queue.get(4711), lambda: queue.decide(4711, FOUND, seen=0)):
        with pytest.raises(NoSuchReviewError, match="4711"):
            act()


@pytest.mark.parametrize(
    ("field", "value", "allowed"),
    [
        ("lon", 39.9, "115.4 to 117.6"),
        ("lon", float("nan"), "115.4 to 117.6"),
        ("lat", 116.3, "39.4 to 41.1"),
        ("lat", float("inf"), "39.4 to 41.1"),
        ("accuracy_m", 0, "1 to 100000"),
        ("accuracy_m", float("inf"), "1 to 100000"),
    ],
)
def test_a_place_outside_beijing_is_refused(field: str, value: float, allowed: str) -> None:
    with pytest.raises(InvalidDecisionError, match=rf"{field} = {value}: must be from {allowed}"):
        replace(PLACE, **{field: value})


@pytest.mark.parametrize("field", ["by", "reason"])
@pytest.mark.parametrize("value", ["", "  ", "长" * 501, "两\n行", "\x00"])
def test_a_decision_without_author_or_reason_is_refused(field: str, value: str) -> None:
    with pytest.raises(InvalidDecisionError, match="1 to 500 characters"):
        replace(FOUND, **{field: value})


@pytest.mark.parametrize(
    "columns",
    [
        "verdict = 'placed', lon = NULL",
        "verdict = 'not_found', lon = 116",
        "lon = 'NaN'",
        "accuracy_m = 0",
        "verdict = 'perhaps'",
    ],
)
def test_the_database_itself_refuses_half_a_decision(
    queue: Queue, engine: Engine, number: int, columns: str
) -> None:
    queue.decide(number, FOUND, seen=0)
    with pytest.raises(Exception, match="check constraint"), engine.begin() as connection:
        connection.execute(text(f"UPDATE geocoding.decisions SET {columns}"))
