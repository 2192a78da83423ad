"""土地利用现状分类: codes of GB/T 21010 in both editions.

The scheme stands before the code, since other standards use the same figures for other uses.
"""

CLASSES = range(1, 13)
"""First-level classes (一级类), alike in both editions."""

USES_2007 = (3, 3, 3, 3, 4, 3, 2, 8, 5, 7, 9, 7)
USES_2017 = (3, 4, 7, 4, 7, 4, 2, 10, 6, 9, 10, 7)
"""How many second-level classes (二级类) each first-level class has; they count from 1."""


def _codes(uses: tuple[int, ...], digits: int) -> frozenset[str]:
    counted = zip(CLASSES, uses, strict=True)
    second = {f"{one:02d}{two:0{digits}d}" for one, most in counted for two in range(1, most + 1)}
    return frozenset({f"{one:02d}" for one in CLASSES} | second)


LAND_USE_CODES = {
    "GBT21010-2007": _codes(USES_2007, 1),
    "GBT21010-2017": _codes(USES_2017, 2),
}
"""Scheme -> codes. Codes of a scheme that is not here cannot be checked."""
