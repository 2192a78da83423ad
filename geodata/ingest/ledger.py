"""Ledger: findings on the rows of a file, and which rows they refuse."""

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from geodata.ingest.finding import Finding
from geodata.ingest.rules import RULES, Severity
from layers.text import Text

MOST_FINDINGS = 100_000
"""Findings that are kept one by one; beyond, they are counted and still refuse their rows."""


NOTHING = "null"
"""How a missing value is shown."""


class Ledger:
    """Takes findings.

    Args:
        file: name as the user knows it.
        first_row: number of the first row.
        rows: how many rows there are.
    """

    def __init__(self, file: str, first_row: int, rows: int) -> None:
        self._file = file
        self.first_row = first_row
        self.refused: NDArray[np.bool_] = np.zeros(rows, dtype=bool)
        self.findings: list[Finding] = []
        self.counts: Counter[str] = Counter()
        self.file_refused = False

    def add(self, row: int | None, field: str, value: str, rule: str, message: Text) -> None:
        """A finding on a row, counted from 0, or on the whole file (None)."""
        self.counts[rule] += 1
        if RULES[rule].severity is Severity.ERROR:
            self._refuse(row)
        if len(self.findings) < MOST_FINDINGS:
            number = 0 if row is None else self.first_row + row
            self.findings.append(
                Finding(
                    file=self._file,
                    row=number,
                    field=" ".join(field.split()),
                    value=value or NOTHING,
                    rule=rule,
                    message=message,
                )
            )

    def in_order(self) -> list[Finding]:
        """Findings on the whole file, then by row."""
        return sorted(self.findings, key=lambda each: each.row)

    def _refuse(self, row: int | None) -> None:
        if row is None:
            self.file_refused = True
        else:
            self.refused[row] = True
