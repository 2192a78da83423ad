"""What PostgreSQL itself makes of the SQL: numbers without errors, Unicode, indexes."""

import sys
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import pytest
from sqlalchemy import Connection, Table, func, literal, select, text
from sqlalchemy import Text as SqlText
from sqlalchemy.dialects.postgresql import ARRAY

from geodata.features.cql2.filter import Filter, Language
from geodata.features.cql2.folding import without_accents, without_case
from geodata.features.cql2.operators import SPATIAL
from layers.layer import Geometry, Layer

ARITHMETIC = [
    ("7 + 2", 9.0),
    ("7 - 2", 5.0),
    ("7 * 2", 14.0),
    ("7 / 2", 3.5),
    ("7 div 2", 3.0),
    ("-7 div 2", -3.0),
    ("7 % 2", 1.0),
    ("-7 % 2", -1.0),
    ("5.5 % 2", 1.5),
    ("2 ^ 10", 1024.0),
    ("2 ^ -2", 0.25),
    ("(-2) ^ 3", -8.0),
    ("4 ^ 0.5", 2.0),
    ("0 ^ 0", 1.0),
    ("0 ^ 2", 0.0),
    ("0 * 0", 0.0),
    ("0 / 5", 0.0),
    ("0 % 5", 0.0),
    # no value
    ("1 / 0", None),
    ("1 % 0", None),
    ("1 div 0", None),
    ("0 / 0", None),
    ("0 ^ -1", None),
    ("(-8) ^ 0.5", None),
    # too large
    ("1e308 + 1e308", None),
    ("-1e308 - 1e308", None),
    ("1e200 * 1e200", None),
    ("1e200 / 1e-200", None),
    ("1e200 div 1e-200", None),
    ("1e308 % 1e-308", None),
    ("10 ^ 400", None),
    ("(-10) ^ 401", None),
    ("9 ^ 1e300", None),
    ("2 ^ 1e308", None),
    # too small
    ("1e-200 * 1e-200", 0.0),
    ("5e-324 * 0.1", 0.0),
    ("1e-200 / 1e200", 0.0),
    ("1e-200 div 1e200", 0.0),
    ("1e-200 % 1e200", 1e-200),
    ("10 ^ -400", 0.0),
    ("0.5 ^ 1e300", 0.0),
    # the edges
    ("1e154 * 1e154", 1e308),
    ("1e308 * 1", 1e308),
    ("1e308 / 1", 1e308),
    ("5e-324 / 5e-324", 1.0),
    ("5e-324 + 0", 5e-324),
    ("1e307 - 1e307", 0.0),
]


@pytest.mark.parametrize(("expression", "value"), ARITHMETIC, ids=[each for each, _ in ARITHMETIC])
def test_arithmetic_never_fails(
    expression: str, value: float | None, connection: Connection, sample: tuple[Layer, Table]
) -> None:
    wanted = f"({expression}) IS NULL" if value is None else f"({expression}) = {value!r}"
    assert _truth(connection, sample, wanted) is True


def test_arithmetic_with_an_unknown_is_unknown(
    connection: Connection, samples: dict[Geometry, Any]
) -> None:
    sample = samples[Geometry.AREA]
    unknown = {row["id"] for row in sample.rows if row["floors"] is None}
    for op in ("+", "-", "*", "/", "%", "div", "^"):
        for operands in (f"floors {op} 0", f"0 {op} floors", f"floors {op} 1", f"1 {op} floors"):
            parsed = Filter.parse(sample.layer, f"({operands}) IS NULL", Language.TEXT)
            query = select(sample.table.c.id).where(parsed.clause(sample.table))
            assert unknown <= set(connection.execute(query, parsed.values).scalars())


def _truth(connection: Connection, sample: tuple[Layer, Table], condition: str) -> bool:
    """Of a condition that names no property."""
    parsed = Filter.parse(sample[0], condition, Language.TEXT)
    truth: bool = connection.execute(select(parsed.clause(sample[1])), parsed.values).scalar_one()
    return truth


CASED = [
    character
    for character in map(chr, range(1, sys.maxunicode + 1))
    if {character} != {character.lower(), character.upper(), character.casefold()}
]
"""Of all characters, those that have any case."""


def test_case_folding_is_unicodes_own(connection: Connection) -> None:
    """Two characters are equal for CASEI if and only if their full case foldings are."""
    folded = _applied(connection, without_case, CASED)
    assert _classes(CASED, folded.get) == _classes(CASED, str.casefold)


def _classes(characters: Iterable[str], fold: Any) -> set[frozenset[str]]:
    classes: dict[str, set[str]] = defaultdict(set)
    for each in characters:
        classes[fold(each)].add(each)
    return {frozenset(each) for each in classes.values() if len(each) > 1}


WORDS = [
    ("Straße", "STRASSE", "strasse"),
    ("ΟΔΟΣ", "οδος", "οδοσ"),
    ("ǅ", "ǆ", "Ǆ"),
    ("ŉ", "ʼn"),
    ("ﬃ", "FFI", "ffi"),
]


@pytest.mark.parametrize("words", WORDS)
def test_words_differ_in_case_only(words: tuple[str, ...], connection: Connection) -> None:
    assert len(set(_applied(connection, without_case, words).values())) == 1


ACCENTS = [
    ("débárquér", "debarquer"),
    ("Chișinău", "Chisinau"),
    ("äöüéáí", "aoueai"),
    ("e\u0301", "e"),
    ("Việt Nam", "Viet Nam"),
    ("ё", "е"),
    ("Å", "A"),
    # no accents, or not to be lost
    ("はじめ", "はじめ"),
    ("はし\u3099め", "はじめ"),
    ("한국", "한국"),
    ("中关村", "中关村"),
    ("ø", "ø"),
    ("हिन्दी", "हिन्दी"),
]


@pytest.mark.parametrize(("accented", "plain"), ACCENTS)
def test_accents_are_stripped(accented: str, plain: str, connection: Connection) -> None:
    assert _applied(connection, without_accents, [accented]) == {accented: plain}


def _applied(connection: Connection, function: Any, texts: Iterable[str]) -> dict[str, str]:
    given = func.unnest(literal(list(texts), ARRAY(SqlText))).column_valued("given")
    return dict(connection.execute(select(given, function(given))).all())


INDEXED = sorted(set(SPATIAL) - {"s_disjoint"})


@pytest.mark.parametrize("op", INDEXED)
@pytest.mark.parametrize("swapped", [False, True])
def test_spatial_predicates_use_the_index(
    op: str, swapped: bool, connection: Connection, samples: dict[Geometry, Any]
) -> None:
    sample = samples[Geometry.AREA]
    operands = ["geometry", "POLYGON((0 0,3 0,3 3,0 0))"]
    names = ", ".join(reversed(operands) if swapped else operands)
    parsed = Filter.parse(sample.layer, f"{op}({names})", Language.TEXT)
    query = select(sample.table.c.id).where(parsed.clause(sample.table))
    connection.execute(text("SET LOCAL enable_seqscan = off"))
    compiled = query.compile(connection)
    plan = connection.exec_driver_sql(f"EXPLAIN {compiled}", {**compiled.params, **parsed.values})
    assert f"ix_{sample.layer.id}_geom" in "\n".join(plan.scalars())
