"""Normal form of an address text: one sign for each thing, and where each sign came from.

Full-width forms become half-width (Unicode NFKC), letters upper case, traditional characters
simplified (OpenCC), brackets round, dashes and separators one each; blanks go, but where they
keep two numbers or two words of letters apart.
"""

import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache

from opencc import OpenCC

FOLDED = {
    **dict.fromkeys("—–―‐‑−~〜", "-"),
    **dict.fromkeys("【[〔{《<「『", "("),
    **dict.fromkeys("】]〕}》>」』", ")"),
    **dict.fromkeys(";。、|/\\_:", ","),
    **dict.fromkeys("·•.'\"“”‘’*", ""),
    "#": "号",
    "後": "后",
}
"""What NFKC leaves apart though addresses mean the same by it."""


@dataclass(frozen=True)
class Normalised:
    """A text in normal form.

    Args:
        text: the normal form.
        origins: index in the input of each of its signs.
    """

    text: str
    origins: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where the signs from `start` to before `end` stand in the input."""
        return self.origins[start], self.origins[end - 1] + 1


def normalise(address: str) -> Normalised:
    """An address in normal form; the same place written differently has the same text."""
    signs = [(sign, at) for at, given in enumerate(address) for sign in _fold(given)]
    kept = [
        (sign, at) for index, (sign, at) in enumerate(signs) if sign != " " or _parts(signs, index)
    ]
    return Normalised("".join(sign for sign, _ in kept), tuple(at for _, at in kept))


def normal_text(text: str) -> str:
    """The normal form alone: of names, and as the key of a cache."""
    return normalise(text).text


def _parts(signs: list[tuple[str, int]], index: int) -> bool:
    """Whether a blank keeps two words of digits or letters apart."""
    before = signs[index - 1][0] if index else ""
    after = signs[index + 1][0] if index + 1 < len(signs) else ""
    return _is_latin(before) and _is_latin(after)


def _is_latin(sign: str) -> bool:
    return sign.isascii() and sign.isalnum()


@lru_cache(maxsize=1 << 16)
def _fold(sign: str) -> str:
    folded = "".join(FOLDED.get(each, each) for each in unicodedata.normalize("NFKC", sign).upper())
    if folded.isspace():
        return " "
    return "" if unicodedata.category(sign) in ("Cc", "Cf") else _simplified(folded)


def _simplified(sign: str) -> str:
    """GB 2312 holds the simplified characters, so what it holds is left alone."""
    try:
        sign.encode("gb2312")
    except UnicodeEncodeError:
        return str(_converter().convert(sign))
    return sign


@cache
def _converter() -> OpenCC:
    return OpenCC("t2s")
