"""CQL2 text: a recursive-descent parser of the grammar of OGC 21-065r2, Annex B.

Precedence, weakest first: OR, AND, NOT, comparisons, sums, products, powers, sign. What the
grammar leaves to types (a number compared with a text) is checked later, for JSON too.
"""

from collections.abc import Callable, Mapping

from geodata.features.cql2.cursor import Cursor
from geodata.features.cql2.error import InvalidFilterError
from geodata.features.cql2.instant import read_date, read_instant, read_timestamp
from geodata.features.cql2.keywords import ARRAY_FUNCTIONS, GEOMETRIES, KEYWORDS
from geodata.features.cql2.lexer import Token
from geodata.features.cql2.number import read_number
from geodata.features.cql2.operators import COMPARISONS
from geodata.features.cql2.syntax import Call, Constant, Items, Name, Span, Spatial, Syntax
from geodata.features.cql2.wkt import take_box, take_geometry


def parse_text(text: str) -> Syntax:
    """The expression of a CQL2 text.

    Raises:
        InvalidFilterError: with the position of the fault and what was expected there.
    """
    cursor = Cursor(text)
    expression = _alternatives(cursor)
    if cursor.next.kind != "end":
        raise cursor.unexpected("AND, OR or the end")
    return expression


def _alternatives(cursor: Cursor) -> Syntax:
    """Rule booleanExpression."""
    return _joined(cursor, "OR", _requirements)


def _requirements(cursor: Cursor) -> Syntax:
    """Rule booleanTerm."""
    return _joined(cursor, "AND", _condition)


def _joined(cursor: Cursor, word: str, operand: Callable[[Cursor], Syntax]) -> Syntax:
    place, operands = cursor.next.place, [operand(cursor)]
    while cursor.take_word(word):
        operands.append(operand(cursor))
    return Call(word.lower(), tuple(operands), place=place) if operands[1:] else operands[0]


def _condition(cursor: Cursor) -> Syntax:
    """Rule booleanFactor."""
    place = cursor.next.place
    if not cursor.take_word("NOT"):
        return _predicate(cursor)
    with cursor.deeper():
        return Call("not", (_condition(cursor),), place=place)


def _predicate(cursor: Cursor) -> Syntax:
    """Rules predicate and booleanPrimary."""
    left, place = _sum(cursor), cursor.next.place
    if cursor.at_sign(*COMPARISONS):
        return Call(cursor.take().text, (left, _sum(cursor)), place=place)
    if cursor.take_word("IS"):
        negated = cursor.take_word("NOT")
        cursor.expect_word("NULL")
        return _maybe_not(negated, Call("isnull", (left,), place=place))
    negated = cursor.take_word("NOT")
    for word, read in PREDICATES.items():
        if cursor.take_word(word):
            return _maybe_not(negated, Call(word.lower(), (left, *read(cursor)), place=place))
    if negated:
        raise cursor.unexpected(" or ".join(PREDICATES))
    return left


def _maybe_not(negated: bool, call: Call) -> Call:
    return Call("not", (call,), place=call.place) if negated else call


def _pattern(cursor: Cursor) -> tuple[Syntax, ...]:
    return (_sum(cursor),)


def _bounds(cursor: Cursor) -> tuple[Syntax, ...]:
    low = _sum(cursor)
    cursor.expect_word("AND")
    return low, _sum(cursor)


def _items(cursor: Cursor) -> tuple[Syntax, ...]:
    """Rule inList."""
    place = cursor.next.place
    cursor.expect("(")
    items = _separated(cursor, _sum)
    return (Items(items, place=place),)


PREDICATES: Mapping[str, Callable[[Cursor], tuple[Syntax, ...]]] = {
    "LIKE": _pattern,
    "BETWEEN": _bounds,
    "IN": _items,
}


def _separated(cursor: Cursor, read: Callable[[Cursor], Syntax]) -> tuple[Syntax, ...]:
    """One or more, separated by commas, and the closing parenthesis."""
    items = [read(cursor)]
    while cursor.take_sign(","):
        items.append(read(cursor))
    cursor.expect(")")
    return tuple(items)


def _sum(cursor: Cursor) -> Syntax:
    """Rule arithmeticExpression."""
    left = _product(cursor)
    while cursor.at_sign("+", "-"):
        sign = cursor.take()
        left = Call(sign.text, (left, _product(cursor)), place=sign.place)
    return left


def _product(cursor: Cursor) -> Syntax:
    """Rule arithmeticTerm."""
    left = _power(cursor)
    while cursor.at_sign("*", "/", "%") or cursor.at_word("DIV"):
        sign = cursor.take()
        left = Call(sign.text.lower(), (left, _power(cursor)), place=sign.place)
    return left


def _power(cursor: Cursor) -> Syntax:
    """Rule powerTerm; it has one exponent, so neither reading of `2^3^2` can be meant."""
    base, place = _signed(cursor), cursor.next.place
    if not cursor.take_sign("^"):
        return base
    power = Call("^", (base, _signed(cursor)), place=place)
    if cursor.at_sign("^"):
        raise cursor.unexpected("parentheses around one of the powers")
    return power


def _signed(cursor: Cursor) -> Syntax:
    """Rule arithmeticFactor; of a name or function, `-` multiplies by -1."""
    sign = cursor.next
    if not cursor.at_sign("+", "-"):
        return _operand(cursor)
    cursor.take()
    if sign.text == "+" and cursor.next.kind != "number":
        raise cursor.unexpected("a number")
    operand = _operand(cursor)
    if not isinstance(operand, Constant):
        return Call("*", (Constant(-1, place=sign.place), operand), place=sign.place)
    if isinstance(operand.value, bool) or not isinstance(operand.value, int | float):
        raise InvalidFilterError(operand.place, "a sign may only precede a number")
    return Constant(-operand.value if sign.text == "-" else operand.value, place=sign.place)


def _operand(cursor: Cursor) -> Syntax:
    token = cursor.next
    if token.kind == "number":
        return Constant(read_number(token.text, cursor.take().place), place=token.place)
    if token.kind == "text":
        return Constant(cursor.take().text, place=token.place)
    if token.kind == "quoted":
        return Name(cursor.take().text, place=token.place)
    if token.kind == "word":
        return _word(cursor, token)
    if not cursor.take_sign("("):
        raise cursor.unexpected("a value, a property, a function or '('")
    with cursor.deeper():
        inner = _alternatives(cursor)
        cursor.expect(")")
    return inner


def _word(cursor: Cursor, token: Token) -> Syntax:
    """A name, a function, or one of the literals that start with a word."""
    word = token.text.upper()
    calls = cursor.following.text in ("(", "Z", "z") and cursor.following.kind != "text"
    if word in TRUTH or (calls and word in LITERALS):
        return LITERALS[word](cursor)
    if calls and (word not in KEYWORDS or word.lower() in STANDARD):
        return _function(cursor)
    if word in KEYWORDS:
        raise InvalidFilterError(
            token.place,
            f"{token.text} is a word of CQL2 and cannot stand here; as a property name"
            f' it must be quoted: "{token.text}"',
        )
    return Name(cursor.take().text, place=token.place)


def _function(cursor: Cursor) -> Syntax:
    name = cursor.take()
    if name.text.lower() in ARRAY_FUNCTIONS:
        raise InvalidFilterError(name.place, f"{name.text}: no property is an array")
    cursor.expect("(")
    with cursor.deeper():
        args = () if cursor.take_sign(")") else _separated(cursor, _alternatives)
    return Call(name.text.lower(), args, place=name.place)


def _truth(cursor: Cursor) -> Syntax:
    token = cursor.take()
    return Constant(token.text.upper() == "TRUE", place=token.place)


def _date(cursor: Cursor) -> Syntax:
    place = cursor.take().place
    return Constant(read_date(_quoted(cursor), place), place=place)


def _timestamp(cursor: Cursor) -> Syntax:
    place = cursor.take().place
    return Constant(read_timestamp(_quoted(cursor), place), place=place)


def _quoted(cursor: Cursor) -> str:
    """A text literal in parentheses."""
    cursor.expect("(")
    if cursor.next.kind != "text":
        raise cursor.unexpected("a text literal")
    text = cursor.take().text
    cursor.expect(")")
    return text


def _interval(cursor: Cursor) -> Syntax:
    """Rule intervalInstance."""
    place = cursor.take().place
    cursor.expect("(")
    start = _end(cursor)
    cursor.expect(",")
    end = _end(cursor)
    cursor.expect(")")
    return Span(start, end, place=place)


def _end(cursor: Cursor) -> Syntax | None:
    """Rule instantParameter."""
    token = cursor.next
    if token.kind != "text":
        return _operand(cursor)
    instant = read_instant(cursor.take().text, token.place)
    return None if instant is None else Constant(instant, place=token.place)


def _box(cursor: Cursor) -> Syntax:
    place = cursor.next.place
    return Spatial(take_box(cursor), place=place)


def _geometry(cursor: Cursor) -> Syntax:
    place = cursor.next.place
    return Spatial(take_geometry(cursor), place=place)


TRUTH = ("TRUE", "FALSE")

LITERALS: Mapping[str, Callable[[Cursor], Syntax]] = {
    **dict.fromkeys(TRUTH, _truth),
    "DATE": _date,
    "TIMESTAMP": _timestamp,
    "INTERVAL": _interval,
    "BBOX": _box,
    **dict.fromkeys(GEOMETRIES, _geometry),
}

NO_FUNCTIONS = {"and", "or", "not", "like", "between", "in", "is", "null", "div"}
STANDARD = {word.lower() for word in KEYWORDS} - NO_FUNCTIONS
"""Functions whose names are keywords."""
