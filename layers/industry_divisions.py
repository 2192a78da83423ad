"""国民经济行业分类: sections and their divisions in three editions of GB/T 4754."""

from typing import NamedTuple


class Section(NamedTuple):
    """A section (门类) and its divisions (大类), first and last."""

    letter: str
    first: int
    last: int


def _sections(text: str) -> tuple[Section, ...]:
    rows = (row.split() for row in text.split(","))
    return tuple(Section(letter, int(first), int(last)) for letter, first, last in rows)


SECTIONS = {
    "2002": _sections(
        "A 1 5, B 6 11, C 13 43, D 44 46, E 47 50, F 51 59, G 60 62, H 63 65, I 66 67, J 68 71,"
        "K 72 72, L 73 74, M 75 78, N 79 81, O 82 83, P 84 84, Q 85 87, R 88 92, S 93 97, T 98 98"
    ),
    "2011": _sections(
        "A 1 5, B 6 12, C 13 43, D 44 46, E 47 50, F 51 52, G 53 60, H 61 62, I 63 65, J 66 69,"
        "K 70 70, L 71 72, M 73 75, N 76 78, O 79 81, P 82 82, Q 83 84, R 85 89, S 90 95, T 96 96"
    ),
    "2017": _sections(
        "A 1 5, B 6 12, C 13 43, D 44 46, E 47 50, F 51 52, G 53 60, H 61 62, I 63 65, J 66 69,"
        "K 70 70, L 71 72, M 73 75, N 76 79, O 80 82, P 83 83, Q 84 85, R 86 90, S 91 96, T 97 97"
    ),
}
"""Edition -> sections (GB/T 4754-2002, -2011, -2017)."""

UNUSED = {"2002": frozenset({38, 64}), "2011": frozenset[int](), "2017": frozenset[int]()}
"""Numbers within a section that stand for no division."""
