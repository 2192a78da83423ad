"""Chain: people's decisions, then the gazetteer, then online providers until one is good enough.

What remains doubtful goes into the review queue. An address whose provider did not answer does
not: it is asked again next time.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from itertools import combinations
from typing import Protocol

from geodata.geocoding import geocode
from geodata.geocoding.cache import Cache, Kept
from geodata.geocoding.candidate import (
    DECIDED,
    TRUSTED_SCORE,
    Candidate,
    Issue,
    issues_of,
)
from geodata.geocoding.distance import distance_m
from geodata.geocoding.level import Level
from geodata.geocoding.normalise import normal_text
from geodata.geocoding.providers.client import Answer, Client
from geodata.geocoding.providers.provider import Outcome
from geodata.geocoding.quota import StoppedError
from geodata.geocoding.review import EXTENT, Entry, Queue, decided

LOG = logging.getLogger(__name__)

CONFLICT_FACTOR = 0.5
"""By which a place in another district than the address states loses score."""

Found = dict[str, list[Candidate]]
"""Candidates by key of the address."""

Offlines = Mapping[str, geocode.Answer]
"""What the gazetteer knows, by key of the address."""


class Offline(Protocol):
    """What is asked first; costs nothing."""

    def answer(self, address: str) -> geocode.Answer:
        """An address taken apart, with its candidates, best first."""
        ...


class Chain:
    """A geocoder that asks others in order.

    Args:
        gazetteer: asked first.
        clients: online providers in the order they are asked.
        cache: of their answers and of people's decisions.
        queue: where doubtful addresses go.
        key: normal form of an address.
    """

    def __init__(
        self,
        gazetteer: Offline,
        clients: Sequence[Client],
        cache: Cache,
        queue: Queue,
        *,
        key: Callable[[str], str] = normal_text,
    ) -> None:
        self._gazetteer = gazetteer
        self._clients = tuple(clients)
        self._cache = cache
        self._queue = queue
        self._key = key
        self._stopped: dict[str, str] = {}

    @property
    def stopped(self) -> dict[str, str]:
        """Providers that are asked no more, and why."""
        return dict(self._stopped)

    def close(self) -> None:
        """Close the connections to providers."""
        with ExitStack() as stack:
            for client in self._clients:
                stack.callback(client.close)

    def geocode(self, addresses: Sequence[str]) -> list[list[Candidate]]:
        """Candidates of each address, best first; each address is asked once however often given.

        Answers are kept as they come: what was asked before an interruption is not asked again.
        """
        by_key: dict[str, str] = {}
        for address in map(_storable_text, addresses):
            by_key.setdefault(self._key(address), address)
        settled = self._decided(list(by_key))
        offline = {
            key: self._gazetteer.answer(address)
            for key, address in by_key.items()
            if key not in settled
        }
        found, unanswered = self._search(offline)
        self._put_doubtful(offline, {key: found[key] for key in found if key not in unanswered})
        return [(settled | found)[self._key(_storable_text(each))] for each in addresses]

    def _decided(self, keys: Sequence[str]) -> Found:
        return {key: decided(kept) for key, kept in self._cache.get(DECIDED, keys).items()}

    def _search(self, offline: Offlines) -> tuple[Found, set[str]]:
        """Candidates, and the keys about which a provider did not answer."""
        found = {key: list(answer.candidates) for key, answer in offline.items()}
        stated = {key: _stated_districts(each) for key, each in found.items()}
        unanswered: set[str] = set()
        for client in self._clients:
            pending = {
                key: answer.address.text
                for key, answer in offline.items()
                if not (answer.address.elsewhere or is_enough(found[key]))
            }
            unanswered |= set(pending)
            for key, candidates in self._ask(client, pending):
                placed = [located(candidate, stated[key]) for candidate in candidates]
                found[key] = merged([*found[key], *placed])
                unanswered.discard(key)
        return found, unanswered

    def _ask(self, client: Client, by_key: dict[str, str]) -> Iterator[tuple[str, list[Candidate]]]:
        """What a provider answered, from the cache or anew; a stop ends the asking."""
        name = client.provider.name
        kept = self._cache.get(name, list(by_key))
        for key, answer in kept.items():
            yield key, client.provider.candidates(answer.address, answer.part)
        missing = {address: key for key, address in by_key.items() if key not in kept}
        if name in self._stopped or not missing:
            return
        try:
            for answers in client.ask(list(missing)):
                yield from self._keep(client, [(missing[each.address], each) for each in answers])
        except StoppedError as stop:
            self._stopped[name] = str(stop)
            LOG.warning("%s", stop)

    def _keep(
        self, client: Client, answers: Sequence[tuple[str, Answer]]
    ) -> Iterator[tuple[str, list[Candidate]]]:
        good = [(key, answer) for key, answer in answers if answer.outcome.is_answer]
        if client.account.may_store:
            self._cache.put(client.provider.name, (_kept(key, answer) for key, answer in good))
        for why in sorted({answer.why for _, answer in answers if not answer.outcome.is_answer}):
            LOG.warning("%s", why)
        for key, answer in good:
            yield key, client.provider.candidates(answer.address, answer.part)
        # Asking again would be refused again: somebody else must know, or a person.
        yield from ((key, []) for key, each in answers if each.outcome is Outcome.REFUSED)

    def _put_doubtful(self, offline: Offlines, found: Found) -> None:
        self._queue.put(
            Entry(
                key=key,
                address=offline[key].address.text,
                issues=issues,
                candidates=self._storable(candidates),
            )
            for key, candidates in found.items()
            if (issues := _issues(offline[key], candidates))
        )

    def _storable(self, candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
        """Without those that the operator's terms do not let be kept."""
        fleeting = {each.provider.name for each in self._clients if not each.account.may_store}
        return tuple(each for each in candidates if each.provider not in fleeting)


def is_enough(candidates: Sequence[Candidate]) -> bool:
    """Whether nobody else needs to be asked: a house, building, landmark or park without doubt."""
    return bool(candidates) and _is_fine(candidates[0]) and not issues_of(candidates)


def located(candidate: Candidate, districts: frozenset[str]) -> Candidate:
    """The candidate with what its place itself says against it.

    Args:
        candidate: of an online provider.
        districts: which the address states.
    """
    issues = list(candidate.issues)
    west, south, east, north = EXTENT
    if not (west <= candidate.lon <= east and south <= candidate.lat <= north):
        issues.append(Issue.OUTSIDE_BEIJING)
    if districts and candidate.district is not None and candidate.district not in districts:
        issues.append(Issue.DISTRICT_CONFLICT)
    factor = CONFLICT_FACTOR if len(issues) > len(candidate.issues) else 1
    return replace(candidate, issues=tuple(issues), score=candidate.score * factor)


def merged(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Candidates of several providers, best first; the first tells if the providers disagree.

    Order: without issue, fine enough, score, accuracy; the rest keeps the order of asking.
    """
    plain = [
        replace(each, issues=tuple(i for i in each.issues if i is not Issue.PROVIDERS_DISAGREE))
        for each in candidates
    ]
    ordered = sorted(plain, key=_order)
    if disagree(ordered):
        best = ordered[0]
        ordered[0] = replace(best, issues=(*best.issues, Issue.PROVIDERS_DISAGREE))
    return ordered


def disagree(candidates: Sequence[Candidate]) -> bool:
    """Whether two providers put their best place further apart than both are inaccurate.

    Args:
        candidates: best first.
    """
    firsts: dict[str, Candidate] = {}
    for each in candidates:
        if each.score >= TRUSTED_SCORE and not each.level.is_coarse:
            firsts.setdefault(each.provider, each)
    return any(
        distance_m(some.position, other.position) > some.accuracy_m + other.accuracy_m
        for some, other in combinations(firsts.values(), 2)
    )


def _order(candidate: Candidate) -> tuple[bool, bool, float, float]:
    return (
        bool(candidate.issues),
        not _is_fine(candidate),
        -candidate.score,
        candidate.accuracy_m,
    )


def _is_fine(candidate: Candidate) -> bool:
    return candidate.level.rank <= Level.PARK.rank


def _stated_districts(candidates: Iterable[Candidate]) -> frozenset[str]:
    """Districts that the address itself names, as the gazetteer read it.

    The Beijing Economic-Technological Development Area is none: it lies in others.
    """
    names = {
        match.name for each in candidates for match in each.matched if match.part == "district"
    }
    return frozenset(name for name in names if not name.endswith("开发区"))


def _issues(offline: geocode.Answer, candidates: Sequence[Candidate]) -> tuple[Issue, ...]:
    """Why a person should look; an address that names another province was asked of nobody."""
    return offline.issues if offline.address.elsewhere else issues_of(candidates)


def _storable_text(address: str) -> str:
    """Without what is no character and PostgreSQL does not take: NUL and halves of surrogates."""
    return address.replace("\x00", "").encode(errors="ignore").decode()


def _kept(key: str, answer: Answer) -> Kept:
    return Kept(key, answer.address, answer.outcome is Outcome.FOUND, answer.part)
