"""Text without case and without accents, in plain PostgreSQL: no extension is needed."""

from typing import Any

from sqlalchemy import ColumnElement, collate, func, literal_column
from sqlalchemy.sql.elements import Grouping

Element = ColumnElement[Any]

UNICODE = "und-x-icu"
"""Case rules of Unicode for no language in particular."""

CODE_POINTS = "C"
"""Text order by code point, the same in every database."""

DOTLESS_I, FINAL_SIGMA, SIGMA, KEPT = "ı", "ς", "σ", "\ue000"

DIACRITICS = "[\u0300-\u036f\u0483-\u0487\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
"""Combining marks of Unicode's blocks for diacritics; the Japanese voicing marks are not there."""

CANONICAL_DECOMPOSITION: Element = literal_column("NFD")
CANONICAL_COMPOSITION: Element = literal_column("NFC")


def without_case(text: Element) -> Element:
    """Full case folding (OGC 21-065r2, /req/case-insensitive-comparison/casei-function).

    PostgreSQL folds from version 18 on. Lower, upper and lower again give the same classes of
    equal texts, save for dotless i, which has no case partner but an upper case, and final sigma,
    which depends on what follows.
    """
    kept = func.translate(text, DOTLESS_I, KEPT)
    folded = lower(upper(lower(kept)))
    return collated(func.translate(folded, KEPT + FINAL_SIGMA, DOTLESS_I + SIGMA), CODE_POINTS)


def without_accents(text: Element) -> Element:
    """Base letters (OGC 21-065r2, /req/accent-insensitive-comparison/accenti-function).

    Decomposed, freed of combining marks, composed again, so that `_` in a pattern still stands
    for one character of Korean or Japanese.
    """
    decomposed = func.normalize(text, CANONICAL_DECOMPOSITION)
    stripped = func.regexp_replace(decomposed, DIACRITICS, "", "g")
    return collated(func.normalize(stripped, CANONICAL_COMPOSITION), CODE_POINTS)


def lower(text: Element) -> Element:
    """Lower case by the rules of Unicode, whatever the database's own."""
    return func.lower(collated(text, UNICODE))


def upper(text: Element) -> Element:
    """Upper case likewise."""
    return func.upper(collated(text, UNICODE))


def collated(text: Element, collation: str) -> Element:
    """In parentheses, which SQLAlchemy leaves out where BETWEEN needs them."""
    return Grouping(collate(text, collation))
