"""Caps: what is beyond them is refused at once, what is just within them works."""

import json
import sys
import time

import pytest
from sqlalchemy import Connection, Table, select

from geodata.database.statement import compile_statement
from geodata.features.cql2.error import InvalidFilterError
from geodata.features.cql2.filter import Filter, Language
from geodata.features.cql2.limits import (
    MAX_BYTES,
    MAX_DEPTH,
    MAX_ITEMS,
    MAX_NODES,
    MAX_VERTICES,
)
from layers.layer import Layer

FRAMES = 650
"""Of Python's 1000 that a filter may take: the rest is for the server around it."""


def _nested(opening: str, inner: str, closing: str, levels: int) -> str:
    return opening * levels + inner + closing * levels


def _json_nested(levels: int) -> str:
    return '{"op":"not","args":[' * levels + "true" + "]}" * levels


BEYOND = [
    (f"name_zh = '{'x' * MAX_BYTES}'", f"at most {MAX_BYTES}"),
    (f"name_zh = '{'中' * (MAX_BYTES // 3)}'", f"at most {MAX_BYTES}"),
    (_nested("(", "open", ")", MAX_DEPTH + 1), "nested deeper than"),
    (_nested("(", "open", ")", 4000), "nested deeper than"),
    (_nested("NOT ", "open", "", MAX_DEPTH), "nested deeper than"),
    (_nested("NOT ", "open", "", 2000), "nested deeper than"),
    (_nested("lower(", "name_zh", ")", MAX_DEPTH) + " = 'x'", "nested deeper than"),
    (_nested("casei(", "name_zh", ")", MAX_DEPTH // 4) + " = 'x'", "nested deeper than"),
    ("(" * 8000, "nested deeper than"),
    ("f(((" * 2000, "nested deeper than"),
    ("floors = " + "-" * 8000 + "1", "expected"),
    ("floors = " + "+".join(["1"] * 40), "nested deeper than"),
    ("floors = " + "1^" * 3000 + "1", "parentheses around one of the powers"),
    (" AND ".join(["open"] * (MAX_NODES + 1)), f"more than {MAX_NODES}"),
    (f"floors IN ({','.join(['1'] * (MAX_ITEMS + 1))})", f"allowed are 1-{MAX_ITEMS}"),
    (f"floors IN ({','.join(['floors'] * (MAX_NODES))})", f"more than {MAX_NODES}"),
    (
        f"S_WITHIN(geom, MULTIPOINT({','.join(['1 2'] * (MAX_VERTICES + 1))}))",
        f"more than {MAX_VERTICES} vertices",
    ),
]


@pytest.mark.parametrize(("text", "message"), BEYOND, ids=[text[:30] for text, _ in BEYOND])
def test_text_beyond_a_cap_is_refused_at_once(
    text: str, message: str, sample: tuple[Layer, Table]
) -> None:
    start = time.thread_time()
    with pytest.raises(InvalidFilterError) as caught:
        Filter.parse(sample[0], text, Language.TEXT)
    assert message in str(caught.value)
    assert time.thread_time() - start < 1


JSON_BEYOND = [
    (_json_nested(MAX_DEPTH + 1), "nested deeper than"),
    ("[" * 4000 + "]" * 4000, ""),
    ('{"op":"and","args":[' * 300, "is no JSON"),
    (json.dumps({"op": "and", "args": [True] * (MAX_NODES + 1)}), f"more than {MAX_NODES}"),
    (json.dumps({"op": "in", "args": [1, [1] * (MAX_ITEMS + 1)]}), f"allowed are 1-{MAX_ITEMS}"),
    ('{"op":"=","args":[1,' + "9" * 5000 + "]}", ""),
    (
        '{"op":"s_within","args":[{"type":"Point","coordinates":' + "[" * 900 + "]" * 900 + "},1]}",
        "has the position",
    ),
]


@pytest.mark.parametrize(("text", "message"), JSON_BEYOND)
def test_json_beyond_a_cap_is_refused_at_once(
    text: str, message: str, sample: tuple[Layer, Table]
) -> None:
    start = time.thread_time()
    with pytest.raises(InvalidFilterError) as caught:
        Filter.parse(sample[0], text, Language.JSON)
    assert message in str(caught.value)
    assert time.thread_time() - start < 1


WITHIN = [
    _nested("(", "open", ")", MAX_DEPTH),
    _nested("NOT ", "open", "", MAX_DEPTH - 1),
    _nested("(", "open", " = TRUE)", MAX_DEPTH - 1),
    _nested("(", "open", " AND open)", MAX_DEPTH - 1),
    _nested("(", "open", " IS NULL)", MAX_DEPTH - 1),
    _nested("(", "floors", " + 1)", MAX_DEPTH - 2) + " = 1",
    _nested("(", "floors", " ^ 2)", MAX_DEPTH - 2) + " = 1",
    "floors = " + "+".join(["floors"] * (MAX_DEPTH - 1)),
    _nested("lower(", "name_zh", ")", (MAX_DEPTH - 2) // 2) + " = 'x'",
    _nested("casei(", "name_zh", ")", (MAX_DEPTH - 2) // 5) + " = 'x'",
    _nested("accenti(", "name_zh", ")", (MAX_DEPTH - 2) // 3) + " = 'x'",
    _nested("accenti(casei(", "name_zh", "))", (MAX_DEPTH - 2) // 8) + " = 'x'",
    " AND ".join(["open"] * (MAX_NODES - 1)),
    " OR ".join(["floors + 1 = 2"] * ((MAX_NODES - 1) // 5)),
    f"floors IN ({','.join(['1'] * MAX_ITEMS)})",
    f"S_WITHIN(geom, MULTIPOINT({','.join(['1 2'] * MAX_VERTICES)}))",
]


@pytest.mark.parametrize("text", WITHIN, ids=[text[:40] for text in WITHIN])
def test_text_within_the_caps_works(
    text: str, sample: tuple[Layer, Table], connection: Connection
) -> None:
    layer, table = sample
    table.create(connection)
    parsed, query = _query(layer, table, text)
    assert connection.execute(query, parsed.values).all() == []


@pytest.mark.parametrize("text", WITHIN, ids=[text[:40] for text in WITHIN])
def test_what_is_within_the_caps_leaves_room_on_the_stack(
    text: str, sample: tuple[Layer, Table]
) -> None:
    depth = _depth()
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(depth + FRAMES)
    try:
        compile_statement(_query(*sample, text)[1])
    finally:
        sys.setrecursionlimit(limit)


def _query(layer: Layer, table: Table, text: str):  # type: ignore[no-untyped-def]
    parsed = Filter.parse(layer, text, Language.TEXT)
    return parsed, select(table.c.id).where(parsed.clause(table))


def _depth() -> int:
    frame, depth = sys._getframe(), 0
    while frame is not None:
        frame, depth = frame.f_back, depth + 1  # type: ignore[assignment]
    return depth
