"""The form of a decision: what a browser sends, read into a decision or refused by field."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.requests import Request

from geodata.geocoding.level import Level
from geodata.geocoding.review import Decision, InvalidDecisionError, Item, Placement
from service.body import read_bytes
from service.errors import InvalidBodyError

FORM = "application/x-www-form-urlencoded"
MOST_FIELDS = 20

POINT, NONE = "point", "none"
"""Choices beside the numbers of the candidates: a point of one's own, and no place at all."""

FIELDS = ("choice", "lon", "lat", "level", "accuracy_m", "reason", "seen")

Fields = Mapping[str, str]


async def read_form(request: Request) -> Fields:
    """Fields of a URL-encoded form.

    Raises:
        BodyTooLargeError: more than a form can have.
        InvalidBodyError: no such form, or a field twice.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != FORM:
        raise InvalidBodyError(f"the body is {kind or 'of no type'}; must be {FORM}")
    body = await read_bytes(request)
    try:
        pairs = parse_qsl(
            body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict"
        )
    except ValueError as error:
        raise InvalidBodyError(f"the form cannot be read: {error}") from None
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise InvalidBodyError("the form has a field twice")
    return fields


def read_decision(fields: Fields, item: Item, by: str) -> Decision:
    """The decision that a form states about an address.

    Args:
        fields: of the form.
        item: the address.
        by: account that decides.

    Raises:
        InvalidDecisionError: names the field, its value and what is allowed.
    """
    return Decision(
        placement=_placement(fields, item),
        by=by,
        reason=fields.get("reason", "").strip(),
    )


def read_seen(fields: Fields) -> int:
    """Decisions that the page showed.

    Raises:
        InvalidDecisionError: it is no number.
    """
    given = fields.get("seen", "")
    if not (given.isascii() and given.isdigit() and len(given) < 10):
        raise InvalidDecisionError("seen", given, "must be a whole number")
    return int(given)


def _placement(fields: Fields, item: Item) -> Placement | None:
    choice = fields.get("choice", "")
    if choice == NONE:
        return None
    if choice == POINT:
        return Placement(
            lon=_number(fields, "lon"),
            lat=_number(fields, "lat"),
            level=_level(fields),
            accuracy_m=_number(fields, "accuracy_m"),
        )
    return _of_candidate(choice, item)


def _of_candidate(choice: str, item: Item) -> Placement:
    numbers = {str(number): each for number, each in enumerate(item.candidates)}
    if choice not in numbers:
        allowed = ", ".join((*numbers, POINT, NONE))
        raise InvalidDecisionError("choice", choice[:40], f"must be one of {allowed}")
    chosen = numbers[choice]
    return Placement(
        lon=chosen.lon, lat=chosen.lat, level=chosen.level, accuracy_m=max(1.0, chosen.accuracy_m)
    )


def _number(fields: Fields, name: str) -> float:
    given = fields.get(name, "").strip()
    try:
        return float(given)
    except ValueError:
        raise InvalidDecisionError(name, given[:40], "must be a number") from None


def _level(fields: Fields) -> Level:
    given = fields.get("level", "")
    if given not in set(Level):
        raise InvalidDecisionError("level", given[:40], f"must be one of {', '.join(Level)}")
    return Level(given)
