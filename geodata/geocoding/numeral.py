"""Whole numbers as addresses write them: `27`, `二十七`, `一百零五`, `二〇三`."""

DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
UNITS = {"十": 10, "百": 100, "千": 1000}

NUMERAL = f"[{''.join(DIGITS)}{''.join(UNITS)}]"
"""One sign of a Chinese numeral, for patterns."""


def whole_number(text: str) -> int:
    """The value of a numeral.

    Raises:
        ValueError: the text is none.
    """
    if text.isascii():
        return int(text)
    if not any(sign in UNITS for sign in text):
        return int("".join(str(_digit(sign)) for sign in text))
    total, digit = 0, 0
    for sign in text:
        if unit := UNITS.get(sign):
            total += (digit or (1 if total % (unit * 10) == 0 else 0)) * unit
            digit = 0
        else:
            digit = _digit(sign)
    return total + digit


def _digit(sign: str) -> int:
    if sign not in DIGITS:
        raise ValueError(f"{sign!r} is no sign of a numeral; allowed: {''.join(DIGITS)}")
    return DIGITS[sign]


def numeral(number: int) -> str:
    """A number from 1 to 99 in Chinese, as streets are numbered: 14 is 十四."""
    signs = "〇一二三四五六七八九"
    tens, ones = divmod(number, 10)
    ten = "" if not tens else "十" if tens == 1 else f"{signs[tens]}十"
    return ten + (signs[ones] if ones or not tens else "")
