"""Query parameters as rows: one declaration for reading, refusing and documenting them."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

from geodata.features.bbox import BBox
from service.errors import InvalidParameterError, UnknownParameterError

DEFAULT_LIMIT = 100
MAXIMUM_LIMIT = 10_000
MAXIMUM_TOLERANCE_M = 10_000

BEIJING = ZoneInfo("Asia/Shanghai")

WHOLE_NUMBER = re.compile(r"0*[1-9][0-9]*")
NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
FULL_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
DATE_TIME = re.compile(
    FULL_DATE.pattern + r"T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})"
)
"""Python's own readers take more than JSON and RFC 3339 do: 1_0, full-width digits, 20240101."""

PAGE_KEY = re.compile(r"[\x21-\x7e]{1,4000}")

Interval = tuple[date | None, date | None]


@dataclass(frozen=True, eq=False)
class Parameter:
    """A query parameter.

    Args:
        name: as it stands in the query.
        description: what it does, for the API reference.
        schema: OpenAPI schema.
        parse: from text to value; a ValueError says what is allowed.
    """

    name: str
    description: str
    schema: Mapping[str, object]
    parse: Callable[[str], object]


def read_parameters(query: bytes, allowed: tuple[Parameter, ...]) -> dict[str, object]:
    """Values of the parameters that the query of an address carries.

    Raises:
        UnknownParameterError: a parameter that is not among those allowed.
        InvalidParameterError: a value that cannot be read, or a parameter given twice.
    """
    rows = {parameter.name: parameter for parameter in allowed}
    values: dict[str, object] = {}
    for name, text in parse_qsl(query.decode("latin-1"), keep_blank_values=True):
        if name not in rows:
            raise UnknownParameterError(name, tuple(rows))
        if name in values:
            raise InvalidParameterError(name, text, "is given twice; give it once")
        values[name] = _read(rows[name], text)
    return values


def _read(parameter: Parameter, text: str) -> object:
    try:
        return parameter.parse(text)
    except ValueError as error:
        raise InvalidParameterError(parameter.name, text, str(error)) from error


def parse_limit(text: str) -> int:
    """A page size; above the maximum it is clamped (/req/core/fc-limit-response-1)."""
    if not WHOLE_NUMBER.fullmatch(text):
        raise ValueError(f"must be a whole number from 1 to {MAXIMUM_LIMIT}")
    digits = text.lstrip("0")
    return MAXIMUM_LIMIT if len(digits) > 18 else min(int(digits), MAXIMUM_LIMIT)


def parse_bbox(text: str) -> BBox:
    """Four or six numbers; heights of a box of six are ignored, data being flat.

    What the numbers may be depends on the box's CRS, which another parameter names.
    """
    numbers = [_finite(part) for part in text.split(",")]
    if len(numbers) not in (4, 6):
        raise ValueError(f"has {len(numbers)} numbers; must be west,south,east,north")
    half = len(numbers) // 2
    return BBox(numbers[0], numbers[1], numbers[half], numbers[half + 1])


def parse_datetime(text: str) -> Interval:
    """A day or instant, or an interval `start/end` open with `..`; time is kept to the day."""
    parts = text.split("/")
    if len(parts) == 1:
        day = _parse_day(parts[0])
        return day, day
    if len(parts) != 2:
        raise ValueError("must be a date-time or start/end")
    start, end = (None if part in ("", "..") else _parse_day(part) for part in parts)
    if start is not None and end is not None and end < start:
        raise ValueError("the interval must not end before it starts")
    return start, end


def parse_instant(text: str) -> datetime:
    """An instant, or a day, which means its end in Beijing."""
    try:
        if FULL_DATE.fullmatch(text):
            return datetime.combine(date.fromisoformat(text), time.max, BEIJING)
        if DATE_TIME.fullmatch(text.upper()):
            return datetime.fromisoformat(text.upper())
    except ValueError:
        pass
    raise ValueError("must be YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ")


def parse_flag(text: str) -> bool:
    """True or false."""
    if text not in ("true", "false"):
        raise ValueError("must be true or false")
    return text == "true"


def parse_text(text: str) -> str:
    """Any text that the database can hold."""
    if not text or "\0" in text:
        raise ValueError("must be text that is not empty")
    return text


def parse_code(codes: tuple[str, ...], text: str) -> str:
    """A code of a closed list."""
    if text not in codes:
        raise ValueError(f"must be one of {', '.join(codes)}")
    return text


def parse_date(text: str) -> date:
    """A day."""
    try:
        if FULL_DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise ValueError("must be a date YYYY-MM-DD")


def parse_whole_number(text: str) -> int:
    """A whole number of 32 bits."""
    if not re.fullmatch(r"[+-]?[0-9]{1,10}", text) or not -(2**31) <= int(text) < 2**31:
        raise ValueError("must be a whole number of 32 bits")
    return int(text)


def parse_number(text: str) -> float:
    """A finite number."""
    if not NUMBER.fullmatch(text) or not math.isfinite(float(text)):
        raise ValueError("must be a finite number")
    return float(text)


def parse_names(text: str) -> tuple[str, ...]:
    """Names, comma-separated."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def parse_metres(text: str) -> float:
    """A length above zero."""
    if not NUMBER.fullmatch(text) or not 0 < float(text) <= MAXIMUM_TOLERANCE_M:
        raise ValueError(f"must be a number of metres up to {MAXIMUM_TOLERANCE_M}")
    return float(text)


def parse_key(text: str) -> str:
    """A page key: printable ASCII."""
    if not PAGE_KEY.fullmatch(text):
        raise ValueError("is no page key; follow the `next` link")
    return text


def _finite(text: str) -> float:
    if not NUMBER.fullmatch(text):
        raise ValueError(f"{text!r} is not a number; must be west,south,east,north")
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text!r} is not a finite number")
    return number


def _parse_day(text: str) -> date:
    """RFC 3339 full-date or date-time; the day in the time zone that the text states.

    GDAL before 3.7 writes days as `2011-01-01T`.
    """
    try:
        day = text.removesuffix("T")
        if FULL_DATE.fullmatch(day):
            return date.fromisoformat(day)
        return _instant(text.upper())
    except ValueError:
        raise ValueError(
            f"{text!r} must be YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ, intervals start/end or ../end"
        ) from None


def _instant(text: str) -> date:
    if not DATE_TIME.fullmatch(text):
        raise ValueError(text)
    return datetime.fromisoformat(text).date()


LIMIT = Parameter(
    "limit",
    f"Features on a page, at most {MAXIMUM_LIMIT}",
    {"type": "integer", "minimum": 1, "maximum": MAXIMUM_LIMIT, "default": DEFAULT_LIMIT},
    parse_limit,
)

BBOX = Parameter(
    "bbox",
    "west,south,east,north in degrees (CRS84): features whose geometry intersects the box;"
    " west > east crosses the antimeridian",
    {
        "type": "array",
        "items": {"type": "number"},
        "minItems": 4,
        "maxItems": 6,
    },
    parse_bbox,
)

DATETIME = Parameter(
    "datetime",
    "Day, instant or interval (RFC 3339, .. for an open end): features valid then",
    {"type": "string", "minLength": 1},
    parse_datetime,
)

AFTER = Parameter(
    "after",
    "Key of the page: features behind the one it names; follow the `next` link",
    {"type": "string", "pattern": PAGE_KEY.pattern},
    parse_key,
)

AS_KNOWN = Parameter(
    "as_known",
    "Day or instant: the layer as it stood in the books then (record time)",
    {"type": "string", "minLength": 1},
    parse_instant,
)

TOLERANCE = Parameter(
    "max-allowable-offset",
    "Generalise geometries, by at most so many metres",
    {"type": "number", "minimum": 0.001, "maximum": MAXIMUM_TOLERANCE_M},
    parse_metres,
)
