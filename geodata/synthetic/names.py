"""Names of enterprises and addresses, marked as synthetic in both languages."""

import numpy as np
from numpy.random import Generator

from geodata.synthetic.batch import Indices, Objects, pick
from geodata.synthetic.sites import INDUSTRIES
from geodata.synthetic.words import (
    FORM_WEIGHTS,
    FORMS,
    MARK,
    ROADS,
    SYLLABLES,
    TRADES,
    Word,
)
from layers.codelist import DISTRICT


def enterprise_names(random: Generator, industry: Indices) -> tuple[Objects, Objects]:
    """Chinese and English names: mark, two syllables, trade, legal form."""
    size = len(industry)
    first, second = random.integers(len(SYLLABLES), size=(2, size))
    trade = _trade_words(random, industry)
    form = pick(random, size, FORM_WEIGHTS)
    (syllables, pinyin), (forms, latin_forms) = _both(SYLLABLES), _both(FORMS)
    brand = syllables[first] + syllables[second]
    latin_brand = CAPITALISED[first] + pinyin[second]
    chinese = f"{MARK[0]}·" + brand + trade[0] + forms[form]
    latin = f"{MARK[1]} " + latin_brand + " " + trade[1] + " " + latin_forms[form]
    return chinese, latin


def addresses(random: Generator, districts: Objects) -> Objects:
    """Addresses on roads that do not exist."""
    size = len(districts)
    first, second = random.integers(len(SYLLABLES), size=(2, size))
    syllables = _both(SYLLABLES)[0]
    labels, inverse = np.unique(districts.astype(str), return_inverse=True)
    names = np.array([DISTRICT.label(str(code)).zh for code in labels], dtype=object)[inverse]
    road = np.array(ROADS, dtype=object)[random.integers(len(ROADS), size=size)]
    number = random.integers(1, 400, size).astype(str).astype(object)
    text: Objects = (
        "北京市" + names + syllables[first] + syllables[second] + road + number + "号（合成地址）"
    )
    return text


def _trade_words(random: Generator, industry: Indices) -> tuple[Objects, Objects]:
    chinese, latin = (np.empty(len(industry), dtype=object) for _ in range(2))
    for position, code in enumerate(INDUSTRIES):
        rows = np.flatnonzero(industry == position)
        words = _both(TRADES[code].words)
        drawn = random.integers(len(words[0]), size=len(rows))
        chinese[rows], latin[rows] = words[0][drawn], words[1][drawn]
    return chinese, latin


def _both(words: tuple[Word, ...]) -> tuple[Objects, Objects]:
    """Chinese and English column of a word list."""
    chinese, latin = zip(*words, strict=True)
    return np.array(chinese, dtype=object), np.array(latin, dtype=object)


CAPITALISED: Objects = np.array([latin.capitalize() for _, latin in SYLLABLES], dtype=object)
