"""Decisions, gazetteer, providers in order: who is asked, what is kept, what a person must see."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import Engine

from geodata.geocoding.address import Address
from geodata.geocoding.cache import Cache
from geodata.geocoding.candidate import Candidate, Issue, Match
from geodata.geocoding.chain import Chain, disagree, is_enough, located, merged
from geodata.geocoding.geocode import Answer
from geodata.geocoding.level import Level
from geodata.geocoding.providers.client import Client
from geodata.geocoding.review import Decision, Placement, Queue

ROOT = Path(__file__).resolve().parents[3]

HAIDIAN = Match(part="district", text="海淀区", name="海淀区")

NewClient = Callable[..., Client]


def candidate(
    level: Level = Level.HOUSE,
    *,
    provider: str = "gazetteer",
    lon: float = 116.32,
    lat: float = 39.98,
    score: float = 0.9,
    accuracy_m: float = 150,
    **others: Any,
) -> Candidate:
    return Candidate(
        lon=lon,
        lat=lat,
        level=level,
        accuracy_m=accuracy_m,
        score=score,
        provider=provider,
        **others,
    )


class Known:
    """A gazetteer of a few addresses."""

    def __init__(self, places: dict[str, list[Candidate]]) -> None:
        self._places = places

    def answer(self, address: str) -> Answer:
        elsewhere = "上海市" if address.startswith("上海市") else None
        return Answer(Address(address, (), elsewhere), self._places.get(address, []))


NewChain = Callable[..., Chain]


@pytest.fixture
def new_chain(cache: Cache, queue: Queue, new_client: NewClient) -> NewChain:
    def create(
        *names: str, places: dict[str, list[Candidate]] | None = None, **options: Any
    ) -> Chain:
        clients = [new_client(name, **options) for name in names]
        return Chain(Known(places or {}), clients, cache, queue)

    return create


def test_a_good_answer_of_the_gazetteer_asks_nobody(
    server: Any, queue: Queue, new_chain: NewChain
) -> None:
    house = candidate()
    chain = new_chain("amap", "baidu", places={"北京市甲街1号": [house]})
    assert chain.geocode(["北京市甲街1号"]) == [[house]]
    assert (server.asked, queue.count()) == ([], 0)


def test_providers_are_asked_in_order_until_one_is_good_enough(
    server: Any, queue: Queue, new_chain: NewChain
) -> None:
    server.place("baidu", "北京市甲街1号", 116.3277, 39.9901, level="门址")
    server.place("tencent", "北京市甲街1号", 116.3211, 39.9843, level=9)
    chain = new_chain("amap", "baidu", "tencent")
    ((best, *_),) = chain.geocode(["北京市甲街1号"])
    assert best.provider == "baidu"
    assert [name for name, _ in server.asked] == ["amap", "baidu"]
    assert queue.count() == 0


@pytest.mark.parametrize("level", [Level.ROAD, Level.TOWN, Level.DISTRICT])
def test_a_coarse_answer_of_the_gazetteer_is_not_enough(
    level: Level, server: Any, new_chain: NewChain
) -> None:
    server.place("amap", "北京市甲街1号", 116.3261, 39.9814, level="门牌号")
    chain = new_chain("amap", places={"北京市甲街1号": [candidate(level, accuracy_m=3000)]})
    ((best, second),) = chain.geocode(["北京市甲街1号"])
    assert (best.provider, second.provider) == ("amap", "gazetteer")


def test_an_address_in_another_province_is_asked_of_nobody(
    server: Any, queue: Queue, new_chain: NewChain
) -> None:
    assert new_chain("amap").geocode(["上海市甲街1号"]) == [[]]
    assert server.asked == []
    assert [item.issues for item in queue.waiting()] == [(Issue.OUTSIDE_BEIJING,)]


def test_each_address_is_asked_once_however_often_and_however_it_is_written(
    server: Any, new_chain: NewChain
) -> None:
    server.place("amap", "北京市甲街１号", 116.32, 39.98, level="门牌号")
    chain = new_chain("amap")
    answers = chain.geocode(["北京市甲街１号", "北京市甲街1号", " 北京市甲街 1号"])
    assert [len(each) for each in answers] == [1, 1, 1]
    assert chain.geocode(["北京市甲街1号"]) == answers[:1]
    assert server.batches("amap") == [("北京市甲街１号",)]


def test_an_address_with_what_is_no_character_is_asked_without_it(
    server: Any, queue: Queue, new_chain: NewChain
) -> None:
    server.place("amap", "北京市甲街1号", 116.32, 39.98, level="乡镇")
    given = ["北京市甲街\x001号", "北京市甲街1号\ud800"]
    first, second = new_chain("amap").geocode(given)
    assert [each.provider for each in first] == ["amap"]
    assert first == second
    assert server.batches("amap") == [("北京市甲街1号",)]
    assert [item.address for item in queue.waiting()] == ["北京市甲街1号"]


def test_what_nobody_knows_is_not_asked_again_and_goes_to_a_person(
    server: Any, queue: Queue, new_chain: NewChain
) -> None:
    chain = new_chain("amap", "baidu")
    assert chain.geocode(["北京市无此街1号"]) == chain.geocode(["北京市无此街1号"]) == [[]]
    assert len(server.asked) == 2
    (item,) = queue.waiting()
    assert item.issues == (Issue.NO_CANDIDATE,)


def test_terms_that_forbid_storing_are_kept(server: Any, queue: Queue, new_chain: NewChain) -> None:
    server.place("amap", "北京市甲街1号", 116.32, 39.98, level="道路")
    chain = new_chain("amap", may_store=False)
    for _ in range(2):
        ((best,),) = chain.geocode(["北京市甲街1号"])
        assert best.provider == "amap"
    assert len(server.asked) == 2, "nothing was kept, so it is asked again"
    chain = new_chain("amap", may_store=False)
    chain.geocode(["北京市无此街1号"])
    assert [item.candidates for item in queue.waiting()] == [()]


def test_failures_are_not_kept_and_send_nobody_to_look(
    server: Any, protocol: ModuleType, queue: Queue, new_chain: NewChain
) -> None:
    server.place("tencent", "北京市甲街1号", 116.3211, 39.9843, level=9)
    server.instead.extend([protocol.Reply(b"", 500)] * 4)
    chain = new_chain("tencent")
    assert chain.geocode(["北京市甲街1号"]) == [[]]
    assert queue.count() == 0
    assert len(chain.geocode(["北京市甲街1号"])[0]) == 1


def test_an_address_that_a_provider_cannot_take_goes_to_a_person(
    server: Any, cache: Cache, queue: Queue, new_chain: NewChain
) -> None:
    longest = "北京市" + "甲" * 26
    assert new_chain("baidu").geocode([longest]) == [[]]
    assert [item.address for item in queue.waiting()] == [longest]
    assert cache.get("baidu", [longest]) == {}
    assert server.asked == []


def test_a_stopped_provider_is_told_and_the_next_takes_over(
    server: Any, cache: Cache, queue: Queue, new_client: NewClient
) -> None:
    server.place("baidu", "北京市甲街1号", 116.3277, 39.9901, level="门址")
    chain = Chain(Known({}), [new_client("amap", key="wrong"), new_client("baidu")], cache, queue)
    ((best,),) = chain.geocode(["北京市甲街1号"])
    assert best.provider == "baidu"
    assert "ZGC_AMAP_KEY" in chain.stopped["amap"]
    chain.geocode(["北京市乙街1号"])
    assert "乙" not in str(server.batches("amap"))


def test_what_was_answered_before_a_stop_counts(
    server: Any, queue: Queue, new_chain: NewChain
) -> None:
    addresses = [f"北京市甲街{number}号" for number in range(1, 6)]
    for address in addresses:
        server.place("tencent", address, 116.3211, 39.9843, level=9)
    chain = new_chain("tencent", per_day=3)
    assert [len(each) for each in chain.geocode(addresses)] == [1, 1, 1, 0, 0]
    assert "3 addresses asked today" in chain.stopped["tencent"]
    assert queue.count() == 0, "tomorrow they can be asked"


def test_a_decision_answers_for_good(server: Any, queue: Queue, new_chain: NewChain) -> None:
    chain = new_chain("amap")
    chain.geocode(["北京市无此街1号", "北京市无此街2号"])
    first, second = queue.waiting()
    place = Placement(lon=116.3, lat=39.9, level=Level.HOUSE, accuracy_m=20)
    queue.decide(first.id, Decision(placement=place, by="王工", reason="现场核对"), seen=0)
    queue.decide(second.id, Decision(placement=None, by="王工", reason="已拆除"), seen=0)
    before = len(server.asked)
    ((best,), nothing) = chain.geocode(["北京市无此街 1号", "北京市无此街2号"])
    assert (best.provider, best.lon, best.accuracy_m) == ("review", 116.3, 20)
    assert nothing == []
    assert (len(server.asked), queue.count()) == (before, 0)


def test_disagreeing_providers_go_to_a_person_with_all_candidates(
    server: Any, queue: Queue, new_chain: NewChain
) -> None:
    server.place("amap", "北京市甲街1号", 116.4, 39.9, level="道路")
    server.place("tencent", "北京市甲街1号", 116.5, 39.9, level=9)
    chain = new_chain("amap", "tencent")
    ((best, _),) = chain.geocode(["北京市甲街1号"])
    assert Issue.PROVIDERS_DISAGREE in best.issues
    (item,) = queue.waiting()
    assert Issue.PROVIDERS_DISAGREE in item.issues
    assert {each.provider for each in item.candidates} == {"amap", "tencent"}


@pytest.mark.parametrize(
    ("lon", "district", "issues"),
    [
        (116.32, "海淀区", ()),
        (116.32, None, ()),
        (116.32, "朝阳区", (Issue.DISTRICT_CONFLICT,)),
        (121.47, "海淀区", (Issue.OUTSIDE_BEIJING,)),
        (121.47, "黄浦区", (Issue.OUTSIDE_BEIJING, Issue.DISTRICT_CONFLICT)),
    ],
)
def test_a_place_outside_beijing_or_its_district_is_doubted(
    lon: float, district: str | None, issues: tuple[Issue, ...]
) -> None:
    given = candidate(provider="amap", lon=lon, district=district)
    placed = located(given, frozenset({"海淀区"}))
    assert placed.issues == issues
    assert placed.score == (0.45 if issues else 0.9)


def test_the_district_is_the_one_that_the_address_states(
    server: Any, queue: Queue, new_chain: NewChain
) -> None:
    address = "北京市海淀区甲街1号"
    server.place("amap", address, 116.45, 39.93, level="门牌号", district="朝阳区")
    coarse = candidate(Level.DISTRICT, accuracy_m=15000, matched=(HAIDIAN,))
    new_chain("amap", places={address: [coarse]}).geocode([address])
    (item,) = queue.waiting()
    assert Issue.DISTRICT_CONFLICT in {issue for each in item.candidates for issue in each.issues}


@pytest.mark.parametrize(
    ("candidates", "enough"),
    [
        ([], False),
        ([candidate(Level.PARK)], True),
        ([candidate(Level.ROAD)], False),
        ([candidate(score=0.59)], False),
        ([candidate(), candidate(lon=116.5, score=0.85)], False),
        ([candidate(), candidate(lon=116.5, score=0.7)], True),
        ([candidate(issues=(Issue.DISTRICT_CONFLICT,))], False),
    ],
)
def test_when_nobody_else_needs_to_be_asked(candidates: list[Candidate], enough: bool) -> None:
    assert is_enough(candidates) is enough


@pytest.mark.parametrize(
    ("other", "apart"),
    [
        (candidate(provider="baidu", lon=116.323), False),
        (candidate(provider="baidu", lon=116.324), True),
        (candidate(provider="baidu", lon=116.324, accuracy_m=400), False),
        (candidate(provider="baidu", lon=117, score=0.5), False),
        (candidate(Level.DISTRICT, provider="baidu", lon=117), False),
        (candidate(provider="gazetteer", lon=117), False),
    ],
)
def test_providers_disagree_beyond_their_accuracies(other: Candidate, apart: bool) -> None:
    """0.0035 degrees of longitude are 300 m there."""
    assert disagree([candidate(), other]) is apart


def test_candidates_are_merged_best_first_and_merging_again_changes_nothing() -> None:
    doubted = candidate(provider="baidu", score=0.95, issues=(Issue.OUTSIDE_BEIJING,))
    road = candidate(Level.ROAD, score=0.99, accuracy_m=1500)
    house = candidate(provider="amap", score=0.8)
    once = merged([doubted, road, house])
    assert once == [house, road, doubted]
    assert merged(once) == once
    apart = merged([house, replace(house, provider="baidu", lon=117.0)])
    assert [each.issues for each in apart] == [(Issue.PROVIDERS_DISAGREE,), ()]
    assert merged(apart) == apart
    assert merged([]) == []


BATCH = """
import sys
from pydantic import SecretStr
from geodata.database.engine import open_engine
from geodata.geocoding.address import Address
from geodata.geocoding.cache import Cache
from geodata.geocoding.chain import Chain
from geodata.geocoding.geocode import Answer
from geodata.geocoding.providers import amap, tencent
from geodata.geocoding.providers.client import Client
from geodata.geocoding.providers.provider import Account
from geodata.geocoding.quota import Allowance, Quota
from geodata.geocoding.review import Queue

database, url = sys.argv[1:]
engine = open_engine(database)
account = Account(key=SecretStr("right-key"), url=url)
clients = [
    Client(each.PROVIDER, account, Quota(engine, each.PROVIDER.name, Allowance(10000, 10000)))
    for each in (amap, tencent)
]

class Nobody:
    def answer(self, address):
        return Answer(Address(address, ()), [])

chain = Chain(Nobody(), clients, Cache(engine), Queue(engine))
found = chain.geocode([f"北京市甲街{number}号" for number in range(60)])
print(sum(map(len, found)))
"""


def run(database: str, url: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", BATCH, database, url],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_killed_batch_goes_on_where_it_was_and_no_answer_is_asked_for_twice(
    server: Any, engine: Engine
) -> None:
    """The first run dies while it waits for Amap's fourth answer, and Tencent was not asked yet."""
    addresses = [f"北京市甲街{number}号" for number in range(60)]
    for number, address in enumerate(addresses):
        name, level = ("amap", "门牌号") if number % 2 else ("tencent", 9)
        server.place(name, address, 116.32, 39.98, level=level)
    server.held = {addresses[30]}
    database = engine.url.set(drivername="postgresql").render_as_string(False)
    with run(database, server.url) as first:
        assert server.holding.wait(60)
        first.send_signal(signal.SIGKILL)
    assert len(server.answered) == 30
    server.held = set()
    with run(database, server.url) as second:
        assert second.communicate()[0].split() == ["60"]
    asked_of_amap = [address for batch in server.batches("amap") for address in batch]
    twice = {address for address in addresses if asked_of_amap.count(address) > 1}
    assert twice == set(addresses[30:40]), "only the request that was never answered"
    asked_of_tencent = [address for batch in server.batches("tencent") for address in batch]
    assert sorted(asked_of_tencent) == sorted(addresses[::2])
