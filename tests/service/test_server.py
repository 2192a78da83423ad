"""The server gathers no more of a request's head than anybody needs."""

import socket
from contextlib import suppress

import pytest

from service.server import MOST_HEAD_BYTES

GET = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"


def _connected(server: str) -> socket.socket:
    host, port = server.removeprefix("http://").split(":")
    client = socket.create_connection((host, int(port)))
    client.settimeout(5)
    return client


@pytest.mark.parametrize(
    "start",
    [GET + b"X-Endless: ", GET + b"X-Many: 1\r\n", b"GET /"],
    ids=["a header", "headers", "an address"],
)
def test_a_head_without_an_end_is_cut_off(live_server: str, start: bytes) -> None:
    part = b"X-Many: 1\r\n" * 500 if start.endswith(b"\r\n") else b"x" * 5_500
    with _connected(live_server) as client:
        answer = b""
        with suppress(ConnectionError):
            client.sendall(start + part * (2 * MOST_HEAD_BYTES // len(part)))
            answer = client.recv(1_000)
    assert not answer or answer.startswith(b"HTTP/1.1 431 ")


def test_many_requests_on_a_connection_do_not_add_up(live_server: str) -> None:
    request = GET + b"X-Filler: " + b"x" * 20_000 + b"\r\n\r\n"
    with _connected(live_server) as client:
        for _ in range(2 * MOST_HEAD_BYTES // len(request)):
            client.sendall(request)
            answer = b""
            while b"ok" not in answer:
                answer += client.recv(1_000)
            assert answer.startswith(b"HTTP/1.1 200 ")


def test_a_body_is_no_head(live_server: str) -> None:
    body = b" " * (2 * MOST_HEAD_BYTES)
    with _connected(live_server) as client:
        client.sendall(b"POST /api/statistics HTTP/1.1\r\nHost: localhost\r\nContent-Length: ")
        client.sendall(b"%d\r\n\r\n" % len(body) + body)
        assert client.recv(1_000).startswith(b"HTTP/1.1 400 ")
