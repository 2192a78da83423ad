"""A first look at an answer: is it there, how large, how many features, how fast at first."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass

from bench.samples import Fields
from bench.server import Running
from bench.workload import KEEPING, KNOWN, OURS, Workload

LOOKED_AT = 5
TIMEOUT_S = 120
SLOW_S = 0.15
"""An answer that takes longer is timed one by one: load would only pile up requests, and some
servers work off those that were given up, at the cost of whoever is measured next."""


@dataclass(frozen=True)
class Answer:
    """One answer."""

    status: int
    body: bytes
    seconds: float
    tag: str


@dataclass(frozen=True)
class Probe:
    """What a server answers to a workload.

    Args:
        status: HTTP status of the first answer; 0 where the server has no such resource.
        bytes: mean size of the body.
        features: mean number of features, None where they cannot be counted.
        first_ms: time of the very first answer.
        next_ms: least time of those after it.
        tag: entity tag, empty where there is none.
    """

    status: int
    bytes: float = 0
    features: float | None = None
    first_ms: float = 0
    next_ms: float = 0
    tag: str = ""

    @property
    def is_there(self) -> bool:
        """Whether the server can do it."""
        return self.status in (200, 204)

    @property
    def is_slow(self) -> bool:
        """Whether load would pile up."""
        return self.next_ms > SLOW_S * 1000


def paths_of(workload: Workload, server: str, samples: list[Fields]) -> list[str]:
    """Paths of a workload; none where the server is not asked."""
    if server in OURS and server != ours(workload):
        return []
    if server == KNOWN and not workload.kept:
        return []
    template = workload.paths.get(OURS[0] if server in (*OURS, KNOWN) else server)
    return [] if template is None else [template.format(**sample) for sample in samples]


def ours(workload: Workload) -> str:
    """Which of our two servers a workload is asked of."""
    return KEEPING if workload.kept else OURS[0]


def probe(server: Running, paths: list[str]) -> Probe:
    """Ask for a few of the paths, one after the other."""
    if not paths:
        return Probe(0)
    answers = list(_look(server, paths))
    if answers[0].status not in (200, 204):
        return Probe(answers[0].status)
    return Probe(
        answers[0].status,
        sum(len(answer.body) for answer in answers) / len(answers),
        _features(answers),
        answers[0].seconds * 1000,
        min(answer.seconds for answer in answers[1:]) * 1000,
        answers[-1].tag,
    )


def _look(server: Running, paths: list[str]) -> Iterator[Answer]:
    """A few answers; two where they are slow, one where there is no such resource."""
    for turn in range(LOOKED_AT):
        answer = ask(server, paths[turn % len(paths)])
        yield answer
        if answer.status not in (200, 204) or (turn and answer.seconds > SLOW_S):
            return


def ask(server: Running, path: str) -> Answer:
    """One request, timed."""
    start = time.perf_counter()
    try:
        request = urllib.request.Request(server.base + path, headers=server.headers)
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as reply:
            body = reply.read()
            tag = str(reply.headers.get("ETag") or "")
            return Answer(reply.status, body, time.perf_counter() - start, tag)
    except urllib.error.HTTPError as error:
        return Answer(error.code, b"", time.perf_counter() - start, "")


def _features(answers: list[Answer]) -> float | None:
    if not answers[0].body.startswith(b"{"):
        return None
    counts = [len(json.loads(answer.body).get("features", [None])) for answer in answers]
    return sum(counts) / len(counts)
