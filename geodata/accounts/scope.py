"""What a token may be used for: layers and verbs, each scope written as `parcels:read`."""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from geodata.errors import GeodataError
from layers.catalog import CATALOG, UnknownLayerError

EVERY = "*"
"""In place of a layer's id: all layers, and what belongs to none (addresses under review)."""


class Verb(StrEnum):
    """What is done with a layer; each is granted by itself."""

    READ = "read"
    WRITE = "write"


class InvalidScopeError(GeodataError):
    """A text that is no scope."""

    def __init__(self, given: str, allowed: str) -> None:
        super().__init__(f"scope {given[:80]!r}: {allowed}")


class Scope(NamedTuple):
    """One verb on one layer, or on all."""

    layer: str
    verb: Verb

    def __str__(self) -> str:
        return f"{self.layer}:{self.verb}"


Scopes = frozenset[Scope]


def parse_scopes(texts: Iterable[str]) -> Scopes:
    """Scopes as they are written.

    Raises:
        InvalidScopeError: names the text and what is allowed.
    """
    return frozenset(_parse(text) for text in texts)


def covers(scopes: Scopes, layer: str, verb: Verb) -> bool:
    """Whether one of the scopes allows the verb on the layer; `EVERY` asks for all layers."""
    return Scope(layer, verb) in scopes or Scope(EVERY, verb) in scopes


def _parse(text: str) -> Scope:
    layer, colon, verb = text.strip().rpartition(":")
    if not colon or verb not in set(Verb):
        raise InvalidScopeError(text, f"must be LAYER:VERB with one of {', '.join(Verb)}")
    if layer != EVERY:
        try:
            CATALOG.get(layer)
        except UnknownLayerError as error:
            raise InvalidScopeError(text, f"{error}, or {EVERY} for all") from None
    return Scope(layer, Verb(verb))
