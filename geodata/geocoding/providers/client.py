"""Client: asks one provider over HTTPS, within its quota, and says what became of each address.

Keys travel in queries, so no query ever reaches a log, an error or the cache.
"""

import logging
import random
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus

import httpx2
import orjson

from geodata.geocoding.providers.provider import (
    Account,
    Document,
    Outcome,
    Provider,
    encoded,
    service_url,
)
from geodata.geocoding.quota import Quota

LOG = logging.getLogger(__name__)

TIMEOUT = httpx2.Timeout(10.0, connect=5.0)
MOST_BYTES = 1_000_000
"""Of an answer; a batch of ten has about 10 kB."""

NUL = b"\\u0000"
"""JSON may hold it, the database's JSON may not."""

TRIES = 4
MOST_FAILURES = 3
"""Requests in a row that failed for good; then the provider is left alone until the next start."""

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 20.0

STATUSES: dict[int, Outcome] = {
    HTTPStatus.BAD_REQUEST: Outcome.REFUSED,
    HTTPStatus.REQUEST_URI_TOO_LONG: Outcome.REFUSED,
    HTTPStatus.UNPROCESSABLE_ENTITY: Outcome.REFUSED,
    HTTPStatus.UNAUTHORIZED: Outcome.BAD_KEY,
    HTTPStatus.FORBIDDEN: Outcome.BAD_KEY,
    HTTPStatus.TOO_MANY_REQUESTS: Outcome.BUSY,
}
"""HTTP status codes of their own meaning; all else, a redirect too, which is not followed, is a
failure: were it no matter of the address, thousands would be asked in vain."""


@dataclass(frozen=True)
class Answer:
    """What became of an address.

    Args:
        address: as asked.
        outcome: found, nothing, or why there is no answer about this address.
        part: what the provider said about it, as given; empty where it said nothing.
        why: in words, where there is no answer.
    """

    address: str
    outcome: Outcome
    part: Document
    why: str = ""


@dataclass(frozen=True)
class _Reply:
    """What one request led to."""

    outcome: Outcome
    document: Document
    why: str


class Client:
    """One provider under one account; for one thread at a time."""

    def __init__(
        self,
        provider: Provider,
        account: Account,
        quota: Quota,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.provider = provider
        self.account = account
        self._quota = quota
        self._sleep = sleep
        self._failures = 0
        self._url = service_url(provider, account)
        # These write every request's address, key and all, at INFO and DEBUG.
        for name in ("httpx2", "httpcore2"):
            logging.getLogger(name).setLevel(logging.WARNING)
        self._http = httpx2.Client(verify=_tls(), timeout=TIMEOUT, follow_redirects=False)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def ask(self, addresses: Sequence[str]) -> Iterator[list[Answer]]:
        """Answers in the order of the addresses, one list a request, each before the next is sent.

        Raises:
            StoppedError: the key is refused, or today's quota is used up; no more is asked.
        """
        short = [address for address in addresses if not self._too_long(address)]
        yield [self._refusal(address) for address in addresses if self._too_long(address)]
        for start in range(0, len(short), self.provider.batch):
            yield from self._ask_batch(short[start : start + self.provider.batch])

    def _too_long(self, address: str) -> bool:
        return len(address.encode()) > self.provider.longest

    def _refusal(self, address: str) -> Answer:
        size, most = len(address.encode()), self.provider.longest
        why = f"the address has {size} bytes; {self.provider.name} takes {most}"
        return Answer(address, Outcome.REFUSED, {}, why)

    def _ask_batch(self, batch: Sequence[str]) -> Iterator[list[Answer]]:
        """A batch whose answers cannot be told apart, or that is refused, is asked singly."""
        reply = self._ask_until_answered(batch)
        answers = self._answers(batch, reply)
        if answers is None:
            for address in batch:
                yield from self._ask_batch([address])
        else:
            yield answers

    def _answers(self, batch: Sequence[str], reply: _Reply) -> list[Answer] | None:
        if reply.outcome is not Outcome.FOUND:
            alone = len(batch) == 1 or reply.outcome.may_pass
            return [Answer(each, reply.outcome, {}, reply.why) for each in batch] if alone else None
        parts = self.provider.parts(reply.document, len(batch))
        if parts is None:
            return None
        return [self._answer(address, part) for address, part in zip(batch, parts, strict=True)]

    def _answer(self, address: str, part: Document) -> Answer:
        try:
            hits = self.provider.hits(part)
        except (ValueError, TypeError, KeyError, AttributeError):
            return Answer(address, Outcome.FAILED, {}, f"{self.provider.name}: malformed answer")
        return Answer(address, Outcome.FOUND if hits else Outcome.NOTHING, part)

    def _ask_until_answered(self, batch: Sequence[str]) -> _Reply:
        for attempt in range(TRIES):
            self._sleep(self._quota.take(len(batch)))
            reply = self._ask_once(batch)
            self._stop_if_pointless(reply)
            if not reply.outcome.may_pass:
                break
            LOG.info("%s: %s", self.provider.name, reply.why)
            if attempt < TRIES - 1:
                self._sleep(pause_s(attempt))
        self._failures = self._failures + 1 if reply.outcome.may_pass else 0
        if self._failures >= MOST_FAILURES:
            raise self._quota.stop(f"{reply.why}, {self._failures} requests in a row")
        return reply

    def _stop_if_pointless(self, reply: _Reply) -> None:
        """Hard stops: until tomorrow for all processes, for a key until the next start."""
        if reply.outcome is Outcome.QUOTA:
            raise self._quota.stop_until_tomorrow(reply.why)
        if reply.outcome is Outcome.BAD_KEY:
            raise self._quota.stop(f"{reply.why}; check {_key_setting(self.provider)}")

    def _ask_once(self, batch: Sequence[str]) -> _Reply:
        query = encoded(self.provider.parameters(self.account, batch))
        name = self.provider.name
        try:
            status, body = self._get(f"{self._url}?{query}")
        except httpx2.HTTPError as error:
            return _Reply(Outcome.FAILED, {}, f"{name}: {type(error).__name__}")
        if status != HTTPStatus.OK:
            return _Reply(_of_status(status), {}, f"{name}: HTTP {status}")
        return self._read(body)

    def _get(self, address: str) -> tuple[int, bytes]:
        """Status and at most `MOST_BYTES` of the body."""
        body = bytearray()
        with self._http.stream("GET", address) as response:
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > MOST_BYTES:
                    break
        return response.status_code, bytes(body)

    def _read(self, body: bytes) -> _Reply:
        name = self.provider.name
        try:
            document = orjson.loads(body.removeprefix(b"\xef\xbb\xbf"))
        except orjson.JSONDecodeError:
            return _Reply(Outcome.FAILED, {}, f"{name}: the answer is not JSON")
        if NUL in body:
            return _Reply(Outcome.FAILED, {}, f"{name}: the answer holds a NUL character")
        if not isinstance(document, dict):
            return _Reply(Outcome.FAILED, {}, f"{name}: the answer is no JSON object")
        code = str(self.provider.code(document))
        return _Reply(self.provider.outcome(document), document, f"{name}: status {code[:40]}")


def pause_s(attempt: int, draw: Callable[[float, float], float] = random.uniform) -> float:
    """Seconds to wait after a failed attempt, 0 the first: exponential back-off, full jitter.

    Source: M. Brooker, Exponential Backoff and Jitter, AWS Architecture Blog, 2015.
    """
    return FIRST_PAUSE_S / 2 + draw(0, min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2**attempt))


@cache
def _tls() -> ssl.SSLContext:
    """Checks certificates and names against the machine's authorities; costly, so made once."""
    return httpx2.create_ssl_context()


def _of_status(status: int) -> Outcome:
    return STATUSES.get(status, Outcome.FAILED)


def _key_setting(provider: Provider) -> str:
    return f"ZGC_{provider.name.upper()}_KEY"
