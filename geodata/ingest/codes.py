"""Codes with an inner structure: check characters and parts that a pattern cannot tell."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from layers.attribute import Scheme
from layers.industry_divisions import SECTIONS, UNUSED
from layers.land_use import LAND_USE_CODES
from layers.text import Text

CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""GB 32100-2015, table 2: without I, O, S, V, Z."""

CREDIT_WEIGHTS = tuple(pow(3, position, 31) for position in range(17))

ORGANISATION_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
"""GB 11714-1997, 4.3."""

PARCEL_RIGHTS = "ABSXCDEFHGWY"
"""GB/T 37346-2019: second character of the 宗地特征码, the right that the parcel carries."""

BEIJING = "11"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class Breach:
    """A code's part that breaks its standard.

    Args:
        rule: name of a row of `RULES`.
        message: what would be right, in both languages.
    """

    rule: str
    message: Text


def breaches(scheme: Scheme, code: str) -> Iterator[Breach]:
    """What is wrong inside a code that has the right pattern."""
    yield from CHECKS[scheme](code)


def credit_check(body: str) -> str:
    """Check character of the first 17 characters (GB 32100-2015, annex A; ISO 7064-like mod 31)."""
    total = sum(
        weight * CREDIT_ALPHABET.index(character)
        for weight, character in zip(CREDIT_WEIGHTS, body, strict=True)
    )
    return CREDIT_ALPHABET[-total % 31]


def organisation_check(body: str) -> str:
    """Check character of an organisation code's eight characters (GB 11714-1997, 4.3)."""
    total = sum(
        weight * ORGANISATION_ALPHABET.index(character)
        for weight, character in zip(ORGANISATION_WEIGHTS, body, strict=True)
    )
    return "0123456789X"[-total % 11]


def _credit_code(code: str) -> Iterator[Breach]:
    if (check := credit_check(code[:17])) != code[17]:
        message = Text(f"第18位校验码应为 {check}", f"the 18th character must be {check}")
        yield Breach("credit-code", message)
    if (check := organisation_check(code[8:16])) != code[16]:
        message = Text(
            f"第17位（组织机构代码校验码）应为 {check}",
            f"the 17th character (check of the organisation code) must be {check}",
        )
        yield Breach("organisation-code", message)


def _parcel_code(code: str) -> Iterator[Breach]:
    if not code.startswith(BEIJING):
        message = Text("前两位应为 11（北京市）", "the first two digits must be 11 (Beijing)")
        yield Breach("parcel-county", message)
    if (right := code[13]) not in PARCEL_RIGHTS:
        names = ", ".join(PARCEL_RIGHTS)
        message = Text(
            f"第14位 {right} 不是宗地特征码；应为 {names} 之一",
            f"the 14th character {right} is no right's; must be one of {names}",
        )
        yield Breach("parcel-code", message)


def _land_use(code: str) -> Iterator[Breach]:
    scheme, _, use = code.partition(":")
    known = LAND_USE_CODES.get(scheme)
    if known is None:
        names = ", ".join(LAND_USE_CODES)
        message = Text(
            f"分类标准 {scheme} 的代码无法核对；可核对 {names}",
            f"codes of {scheme} cannot be checked; those of {names} can",
        )
        yield Breach("land-use-unchecked", message)
    elif use not in known:
        message = Text(f"{scheme} 无代码 {use}", f"{scheme} has no code {use}")
        yield Breach("land-use", message)


def _industry(code: str) -> Iterator[Breach]:
    edition, _, rest = code.partition(":")
    digits = rest.lstrip(LETTERS)
    letter = rest.removesuffix(digits)
    sections = SECTIONS[edition]
    if letter and letter not in [section.letter for section in sections]:
        yield _no_industry(edition, letter)
    if len(digits) < 2:
        if digits or not letter:
            yield _no_industry(edition, rest)
        return
    division = int(digits[:2])
    home = [each.letter for each in sections if each.first <= division <= each.last]
    if not home or division in UNUSED[edition] or letter not in ("", home[0]):
        yield _no_industry(edition, letter + digits[:2])


def _no_industry(edition: str, part: str) -> Breach:
    message = Text(
        f"GB/T 4754-{edition} 无门类或大类 {part}",
        f"GB/T 4754-{edition} has no section or division {part}",
    )
    return Breach("industry-code", message)


CHECKS: dict[Scheme, Callable[[str], Iterator[Breach]]] = {
    Scheme.CREDIT_CODE: _credit_code,
    Scheme.PARCEL_CODE: _parcel_code,
    Scheme.LAND_USE: _land_use,
    Scheme.INDUSTRY: _industry,
}
