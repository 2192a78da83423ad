"""Words, values and signs of CQL2 text (OGC 21-065r2, Annex B)."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from geodata.features.cql2.error import InvalidFilterError, shown

START = (
    ":_A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1ffe\u200c-\u200d"
    "\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
PART = START + ".0-9\u0300-\u036f\u203f-\u2040"
"""Characters that an identifier starts and goes on with."""

TOKEN = re.compile(
    rf"""
    (?P<space>\s++)
    | (?P<number>(?:[0-9]++\.?[0-9]*+|\.[0-9]++)(?:[eE][+-]?[0-9]++)?)
    | (?P<text>'(?:[^'\\]|''|\\.)*+')
    | (?P<quoted>"[^"]++")
    | (?P<word>[{START}][{PART}]*+)
    | (?P<sign><>|<=|>=|[=<>+\-*/%^(),])
    """,
    re.VERBOSE | re.DOTALL,
)
"""Possessive throughout: nothing is tried twice, so the time is linear in the length."""

ESCAPE = re.compile(r"''|\\([abtnvfr'\\])")
ESCAPED = {"a": "\a", "b": "\b", "t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r"}
UNCLOSED = {"'": "the text literal is not closed", '"': "the quoted name is not closed"}


class Token(NamedTuple):
    """A piece of the text.

    Args:
        kind: `number`, `text`, `quoted`, `word`, `sign` or `end`.
        text: as written; of a text literal or quoted name, what stands between the quotes.
        position: of its first character, counted from 1.
    """

    kind: str
    text: str
    position: int

    @property
    def place(self) -> str:
        """Where it stands, for messages."""
        return place_of(self.position)

    def __str__(self) -> str:
        return "the end" if self.kind == "end" else shown(self.text)


def place_of(position: int) -> str:
    """A position as messages name it."""
    return f"character {position}"


def tokens_of(text: str) -> Iterator[Token]:
    """Every token but white space, then one `end`.

    Raises:
        InvalidFilterError: a character that starts no token.
    """
    offset = 0
    while offset < len(text):
        found = TOKEN.match(text, offset)
        if found is None:
            reason = UNCLOSED.get(text[offset], f"unexpected {text[offset]!r}")
            raise InvalidFilterError(place_of(offset + 1), reason)
        if found.lastgroup != "space":
            yield _token(str(found.lastgroup), found[0], offset + 1)
        offset = found.end()
    yield Token("end", "", len(text) + 1)


def _token(kind: str, text: str, position: int) -> Token:
    if kind == "text":
        return Token(kind, ESCAPE.sub(_unescaped, text[1:-1]), position)
    return Token(kind, text[1:-1] if kind == "quoted" else text, position)


def _unescaped(found: re.Match[str]) -> str:
    r"""`''` and `\'` are quotes, `\n` and its like control characters; `\%` stays (LIKE)."""
    letter = found[1]
    return "'" if letter is None else ESCAPED.get(letter, letter)
