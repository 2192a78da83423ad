"""Two-language text."""

from typing import NamedTuple


class Text(NamedTuple):
    """The same words in Chinese and in English; the law is Chinese, so Chinese comes first."""

    zh: str
    en: str
