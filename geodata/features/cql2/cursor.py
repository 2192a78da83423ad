"""Walking through the tokens of a CQL2 text."""

from collections.abc import Iterator
from contextlib import contextmanager

from geodata.features.cql2.error import InvalidFilterError
from geodata.features.cql2.lexer import Token, tokens_of
from geodata.features.cql2.limits import MAX_DEPTH


class Cursor:
    """The token that comes next, and how deep in parentheses it stands."""

    def __init__(self, text: str) -> None:
        self._tokens = list(tokens_of(text))
        self._index = 0
        self._depth = 0

    @property
    def next(self) -> Token:
        """The token that comes next; at the end it stays there."""
        return self._tokens[self._index]

    @property
    def following(self) -> Token:
        """The one behind it."""
        return self._tokens[min(self._index + 1, len(self._tokens) - 1)]

    def take(self) -> Token:
        """Move on."""
        token = self.next
        self._index = min(self._index + 1, len(self._tokens) - 1)
        return token

    def at_sign(self, *signs: str) -> bool:
        """Whether one of the signs comes next."""
        return self.next.kind == "sign" and self.next.text in signs

    def at_word(self, *words: str) -> bool:
        """Whether one of the words, given in upper case, comes next."""
        return self.next.kind == "word" and self.next.text.upper() in words

    def take_sign(self, sign: str) -> bool:
        """Move on if the sign comes next."""
        return self.at_sign(sign) and bool(self.take())

    def take_word(self, word: str) -> bool:
        """Move on if the word comes next."""
        return self.at_word(word) and bool(self.take())

    def expect(self, sign: str) -> None:
        """Move on behind a sign that must come next."""
        if not self.take_sign(sign):
            raise self.unexpected(repr(sign))

    def expect_word(self, word: str) -> None:
        """Move on behind a word that must come next."""
        if not self.take_word(word):
            raise self.unexpected(word)

    def unexpected(self, wanted: str) -> InvalidFilterError:
        """The error that something else should come next."""
        return InvalidFilterError(self.next.place, f"expected {wanted}, found {self.next}")

    @contextmanager
    def deeper(self) -> Iterator[None]:
        """One level further in.

        Raises:
            InvalidFilterError: too deep.
        """
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise InvalidFilterError(self.next.place, f"nested deeper than {MAX_DEPTH} levels")
        yield
        self._depth -= 1
