"""Languages of the pages: which one a reader gets, and the words in it."""

import csv
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path

from starlette.requests import Request

from layers.text import Text
from service.accounts.cookie import cookie_name

CATALOG_FILE = Path(__file__).parent / "translations.csv"
COOKIE = "lang"


class Language(StrEnum):
    """Languages that pages are written in; the law is Chinese, so Chinese comes first."""

    ZH = "zh"
    EN = "en"

    @property
    def tag(self) -> str:
        """BCP 47 tag for the html `lang` attribute."""
        return "zh-Hans" if self is Language.ZH else "en"

    def of(self, text: Text) -> str:
        """The text in this language."""
        return text.zh if self is Language.ZH else text.en


@cache
def translations() -> Mapping[str, Text]:
    """Every text of the pages by key.

    Raises:
        ValueError: a key stands twice, or a text is empty.
    """
    with CATALOG_FILE.open(encoding="utf-8", newline="") as file:
        rows = [(row["key"], Text(row["zh"], row["en"])) for row in csv.DictReader(file)]
    for key, text in rows:
        if not (key and text.zh and text.en):
            raise ValueError(f"{CATALOG_FILE.name}: {key!r} lacks a key or a text: {text}")
    table = dict(rows)
    if len(table) < len(rows):
        keys = [key for key, _ in rows]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        raise ValueError(f"{CATALOG_FILE.name}: key stands twice: {', '.join(twice)}")
    return table


def translate(key: str, language: Language) -> str:
    """The text of a key; a key that is not in the catalog is a KeyError."""
    return language.of(translations()[key])


def texts(language: Language, *prefixes: str) -> dict[str, str]:
    """Texts whose keys start with one of the prefixes, for scripts."""
    return {
        key: language.of(text)
        for key, text in translations().items()
        if key.startswith(tuple(prefixes))
    }


def chosen(request: Request) -> Language | None:
    """The language asked for by `?lang=`, None without a known one."""
    return _known(request.query_params.get("lang"))


def language_of(request: Request) -> Language:
    """The reader's language: `?lang=`, else the one remembered, else Chinese."""
    remembered = request.cookies.get(cookie_name(request.scope, COOKIE))
    return chosen(request) or _known(remembered) or Language.ZH


def _known(value: str | None) -> Language | None:
    return Language(value) if value in set(Language) else None
