"""A client of the four protocols, over real sockets on loopback."""

import json
import logging
import shutil
import ssl
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine

from geodata.geocoding.providers import amap
from geodata.geocoding.providers.client import Answer, Client, pause_s
from geodata.geocoding.providers.provider import Account, Outcome
from geodata.geocoding.quota import Allowance, Quota, StoppedError

NAMES = ("tianditu", "amap", "baidu", "tencent")
LEVELS = {"tianditu": "门址", "amap": "门牌号", "baidu": "门址", "tencent": 9}
HOUSE = "北京市海淀区中关村大街1号"
NOWHERE = "北京市海淀区无此路1号"

NewClient = Callable[..., Client]


def ask(client: Client, *addresses: str) -> list[Answer]:
    return [answer for answers in client.ask(addresses) for answer in answers]


def outcomes(client: Client, *addresses: str) -> dict[str, Outcome]:
    return {answer.address: answer.outcome for answer in ask(client, *addresses)}


@pytest.fixture
def known(server: Any) -> Any:
    """The server with one house that every provider knows."""
    for name in NAMES:
        server.place(name, HOUSE, 116.32, 39.98, level=LEVELS[name])
    return server


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("signed", [False, True])
def test_an_address_is_found_or_not(
    name: str, signed: bool, server: Any, new_client: NewClient
) -> None:
    server.signed = signed
    client = new_client(name, secret="right-secret" if signed else None)
    assert outcomes(client, HOUSE, NOWHERE) == {HOUSE: Outcome.FOUND, NOWHERE: Outcome.NOTHING}
    (found,) = (each for each in ask(client, HOUSE))
    (candidate,) = client.provider.candidates(HOUSE, found.part)
    assert (candidate.lon, candidate.lat) == pytest.approx((116.32, 39.98), abs=0.02)


@pytest.mark.parametrize("name", ["amap", "baidu", "tencent"])
@pytest.mark.parametrize("address", ["中关村大街1号 A&B座 (东门)", "某街+1号#2/3~4*5"])
def test_signatures_hold_for_odd_characters(
    name: str, address: str, server: Any, new_client: NewClient
) -> None:
    server.signed = True
    given = f"北京{address}"
    server.place(name, given, 116.32, 39.98, level=LEVELS[name])
    assert outcomes(new_client(name, secret="right-secret"), given) == {given: Outcome.FOUND}


@pytest.mark.parametrize("name", ["amap", "baidu", "tencent"])
def test_a_wrong_secret_stops_at_once(name: str, server: Any, new_client: NewClient) -> None:
    server.signed = True
    with pytest.raises(StoppedError, match=f"{name} is stopped: .*ZGC_{name.upper()}_KEY"):
        ask(new_client(name, secret="wrong"), HOUSE, NOWHERE)
    assert len(server.asked) == 1


@pytest.mark.parametrize("name", NAMES)
def test_a_wrong_key_stops_at_once_and_stays_out_of_the_error(
    name: str, server: Any, new_client: NewClient
) -> None:
    client = new_client(name, key="stolen-key")
    for _ in range(2):
        with pytest.raises(StoppedError, match=name) as stop:
            ask(client, HOUSE)
        assert "stolen" not in str(stop.value)
    assert len(server.asked) <= 1


def test_amap_is_asked_ten_at_a_time_in_order(server: Any, new_client: NewClient) -> None:
    addresses = [f"北京市某街{number}号" for number in range(23)]
    for number in range(0, 23, 2):
        server.place("amap", addresses[number], 116 + number / 100, 39.9, level="门牌号")
    answers = ask(new_client("amap"), *addresses)
    assert [len(batch) for batch in server.batches("amap")] == [10, 10, 3]
    assert [answer.address for answer in answers] == addresses
    found = [Outcome.FOUND if number % 2 == 0 else Outcome.NOTHING for number in range(23)]
    assert [answer.outcome for answer in answers] == found
    (twelfth,) = answers[12].part["geocodes"]
    assert twelfth["location"] == "116.12,39.9"


def test_a_batch_whose_answers_cannot_be_told_apart_is_asked_singly(
    known: Any, new_client: NewClient
) -> None:
    known.short_batches = True
    assert outcomes(new_client("amap"), HOUSE, NOWHERE) == {
        HOUSE: Outcome.FOUND,
        NOWHERE: Outcome.NOTHING,
    }
    assert known.batches("amap") == [(HOUSE, NOWHERE), (HOUSE,), (NOWHERE,)]


def test_a_refused_batch_is_asked_singly(
    known: Any, protocol: ModuleType, new_client: NewClient
) -> None:
    refusal = {"status": "0", "info": "INVALID_PARAMS", "infocode": "20000"}
    known.instead.append(protocol.Reply(json.dumps(refusal).encode()))
    assert outcomes(new_client("amap"), HOUSE, NOWHERE)[HOUSE] is Outcome.FOUND


def test_baidu_takes_84_bytes_and_is_not_asked_for_more(known: Any, new_client: NewClient) -> None:
    longest, longer = "海" * 28, "海" * 29
    answers = {each.address: each for each in ask(new_client("baidu"), longer, longest, HOUSE)}
    assert answers[HOUSE].outcome is Outcome.FOUND
    assert answers[longest].outcome is Outcome.NOTHING
    assert answers[longer].outcome is Outcome.REFUSED
    assert "87 bytes; baidu takes 84" in answers[longer].why
    assert (longer,) not in known.batches("baidu")


PASSING = [
    ("an error page", {"body": b"<html>502</html>", "status": 502}),
    ("a page instead of JSON", {"body": b"<!DOCTYPE html><title>busy</title>"}),
    ("broken JSON", {"body": b'{"status": "1", "infocode":'}),
    ("a list", {"body": b"[]"}),
    ("a character that is none", {"body": b'{"status": "0", "msg": "\\u0000"}'}),
    ("bytes that are no text", {"body": b'{"status": "\xff"}'}),
    ("nothing", {"body": b""}),
    ("a cut line", {"body": None}),
    ("too many requests", {"body": b"{}", "status": 429}),
]


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("reply", [row[1] for row in PASSING], ids=[row[0] for row in PASSING])
def test_what_may_pass_is_asked_again_after_a_pause(
    name: str,
    reply: dict[str, Any],
    server: Any,
    protocol: ModuleType,
    new_client: NewClient,
    waits: list[float],
) -> None:
    server.instead.extend([protocol.Reply(**reply)] * 2)
    assert outcomes(new_client(name), HOUSE) == {HOUSE: Outcome.FOUND}
    assert len(server.asked) == 3
    assert sum(wait > 0.2 for wait in waits) == 2


@pytest.mark.parametrize(
    ("name", "busy"),
    [
        ("amap", {"status": "0", "infocode": "10021", "info": "CUQPS_HAS_EXCEEDED_THE_LIMIT"}),
        ("baidu", {"status": 401, "message": "并发量超限"}),
        ("tencent", {"status": 120, "message": "此key每秒请求量已达到上限"}),
    ],
)
@pytest.mark.usefixtures("known")
def test_a_busy_code_is_asked_again(
    name: str,
    busy: dict[str, Any],
    server: Any,
    protocol: ModuleType,
    new_client: NewClient,
) -> None:
    server.instead.append(protocol.Reply(json.dumps(busy).encode()))
    assert outcomes(new_client(name), HOUSE) == {HOUSE: Outcome.FOUND}


def test_retries_have_an_end_and_failures_stop_the_provider(
    known: Any, protocol: ModuleType, new_client: NewClient
) -> None:
    known.instead.extend([protocol.Reply(b"", 500)] * 12)
    client = new_client("tencent")
    with pytest.raises(StoppedError, match="HTTP 500, 3 requests in a row"):
        ask(client, *(f"北京市某街{number}号" for number in range(5)))
    assert len(known.asked) == 12


def test_one_failure_is_told_and_the_next_address_asked(
    known: Any, protocol: ModuleType, new_client: NewClient
) -> None:
    known.instead.extend([protocol.Reply(b"", 500)] * 4)
    first, second = ask(new_client("tencent"), NOWHERE, HOUSE)
    assert (first.outcome, first.why) == (Outcome.FAILED, "tencent: HTTP 500")
    assert second.outcome is Outcome.FOUND


@pytest.mark.parametrize("geocodes", [None, 5, {}, "", [None], [[]], [{"location": 7}]])
def test_parts_of_another_kind_are_no_place(
    geocodes: object, server: Any, protocol: ModuleType, new_client: NewClient
) -> None:
    document = {"status": "1", "infocode": "10000", "geocodes": geocodes}
    server.instead.append(protocol.Reply(json.dumps(document).encode()))
    assert outcomes(new_client("amap"), HOUSE) == {HOUSE: Outcome.NOTHING}


def test_positions_that_are_none_are_a_failure_not_a_place(
    server: Any, new_client: NewClient
) -> None:
    server.place("amap", HOUSE, "north", "by east", level="门牌号")
    (answer,) = ask(new_client("amap"), HOUSE)
    assert (answer.outcome, answer.why) == (Outcome.FAILED, "amap: malformed answer")


def test_a_redirect_is_not_followed(
    known: Any, protocol: ModuleType, new_client: NewClient
) -> None:
    elsewhere = (("Location", f"{known.url}/v3/geocode/geo?key=right-key&address=x"),)
    known.instead.extend([protocol.Reply(b"", 302, elsewhere)] * 4)
    (answer,) = ask(new_client("amap"), HOUSE)
    assert (answer.outcome, answer.why) == (Outcome.FAILED, "amap: HTTP 302")
    assert len(known.asked) == 4, "none of them at the other place"


@pytest.mark.parametrize(
    ("status", "outcome", "requests"),
    [(400, Outcome.REFUSED, 1), (414, Outcome.REFUSED, 1), (404, Outcome.FAILED, 4)],
)
def test_only_what_is_wrong_with_the_address_itself_is_a_refusal(
    status: int,
    outcome: Outcome,
    requests: int,
    known: Any,
    protocol: ModuleType,
    new_client: NewClient,
) -> None:
    known.instead.extend([protocol.Reply(b"", status)] * 4)
    (answer,) = ask(new_client("tencent"), HOUSE)
    assert (answer.outcome, len(known.asked)) == (outcome, requests)


@pytest.mark.parametrize("status", [302, 404, 418, 500])
def test_a_service_that_never_answers_is_left_alone(
    status: int, known: Any, protocol: ModuleType, new_client: NewClient
) -> None:
    known.instead.extend([protocol.Reply(b"", status)] * 40)
    with pytest.raises(StoppedError, match=f"tianditu: HTTP {status}, 3 requests in a row"):
        ask(new_client("tianditu"), *(f"北京市某街{number}号" for number in range(10)))
    assert len(known.asked) == 12


def test_a_certificate_that_nobody_vouches_for_is_refused(
    protocol: ModuleType, engine: Engine, tmp_path: Path
) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl on this machine to make a certificate with")
    names = ("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1")
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "key.pem")
    make = (openssl, "req", "-x509", *key, *names, "-out", "certificate.pem", "-days", "2")
    subprocess.run(make, cwd=tmp_path, check=True, capture_output=True)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(tmp_path / "certificate.pem", tmp_path / "key.pem")
    with protocol.serve(tls) as server:
        account = Account(key=SecretStr("right-key"), url=server.url)
        quota = Quota(engine, "amap", Allowance(1000, 1000))
        client = Client(amap.PROVIDER, account, quota, sleep=lambda _: None)
        (answer,) = ask(client, HOUSE)
        client.close()
    assert (answer.outcome, answer.why) == (Outcome.FAILED, "amap: ConnectError")
    assert server.asked == []


def test_an_endless_answer_is_cut_off(
    known: Any, protocol: ModuleType, new_client: NewClient
) -> None:
    known.instead.append(protocol.Reply(b"[" * 2_000_000))
    assert outcomes(new_client("amap"), HOUSE) == {HOUSE: Outcome.FOUND}


def test_silence_has_an_end(
    known: Any,
    protocol: ModuleType,
    new_client: NewClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("geodata.geocoding.providers.client.TIMEOUT", 0.1)
    known.instead.append(protocol.Reply(b"{}", delay_s=5))
    start = time.monotonic()
    assert outcomes(new_client("amap"), HOUSE) == {HOUSE: Outcome.FOUND}
    assert time.monotonic() - start < 2


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(
    ("name", "spent"),
    [
        ("amap", {"status": "0", "infocode": "10044", "info": "USER_DAILY_QUERY_OVER_LIMIT"}),
        ("baidu", {"status": 302, "message": "天配额超限，限制访问"}),
        ("tencent", {"status": 121, "message": "此key每日调用量已达到上限"}),
    ],
)
def test_a_spent_quota_stops_every_client_until_tomorrow(
    name: str,
    spent: dict[str, Any],
    server: Any,
    protocol: ModuleType,
    new_client: NewClient,
) -> None:
    server.instead.append(protocol.Reply(json.dumps(spent).encode()))
    with pytest.raises(StoppedError, match="until tomorrow"):
        ask(new_client(name), HOUSE)
    with pytest.raises(StoppedError, match=f"{name} is stopped until .* 00:00"):
        ask(new_client(name), HOUSE)
    assert len(server.asked) == 1


def test_two_clients_together_keep_the_rate_and_outlast_a_server_that_counts_otherwise(
    known: Any, new_client: NewClient
) -> None:
    """Real waiting, and a server that refuses what comes sooner than it allows."""
    known.least_gap_s = 0.01
    clients = [new_client("tencent", per_second=25) for _ in range(2)]
    for client in clients:
        client._sleep = time.sleep
    start = time.monotonic()
    for number in range(6):
        (answer,) = ask(clients[number % 2], f"北京市某街{number}号")
        assert answer.outcome is Outcome.NOTHING
    assert time.monotonic() - start >= 5 / 25


@pytest.mark.parametrize("name", NAMES)
def test_no_log_shows_the_key(
    name: str,
    known: Any,
    protocol: ModuleType,
    new_client: NewClient,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    known.instead.extend([protocol.Reply(b"", 500), protocol.Reply(None)])
    client = new_client(name, secret="right-secret")
    ask(client, HOUSE)
    assert "HTTP 500" in caplog.text
    assert "right-" not in caplog.text
    assert "right-" not in repr(client.account)


def test_pauses_grow_and_are_drawn_at_random() -> None:
    longest = [pause_s(attempt, lambda _, high: high) for attempt in range(8)]
    assert longest[:3] == [0.75, 1.25, 2.25]
    assert longest[-1] == 20.25
    assert all(0.25 <= pause_s(3) <= 4.25 for _ in range(100))
    assert len({pause_s(3) for _ in range(10)}) > 1
