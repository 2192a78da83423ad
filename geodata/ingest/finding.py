"""Findings: what is wrong with a row, where, and what would be right."""

from collections.abc import Sequence
from dataclasses import dataclass

from geodata.errors import GeodataError
from geodata.ingest.rules import RULES, Rule, Severity
from layers.text import Text

SHOWN = 20


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One breach of one rule.

    Args:
        file: file name as the user knows it.
        row: 1-based position of the feature in the file, a table's row as spreadsheets count
            them; 0 where the finding is on the whole file.
        field: attribute, `id` or `geometry`.
        value: the offending value, shortened.
        rule: stable name of the rule.
        message: what is allowed, in both languages.
    """

    file: str
    row: int
    field: str
    value: str
    rule: str
    message: Text

    @property
    def row_of_rules(self) -> Rule:
        """The rule: how grave its breach is, and what helps."""
        return RULES[self.rule]

    @property
    def is_error(self) -> bool:
        """Whether the row cannot be loaded."""
        return self.row_of_rules.severity is Severity.ERROR

    def __str__(self) -> str:
        place = f", row {self.row}" if self.row else ""
        return f"{self.file}{place}, {self.field} = {self.value}: {self.message.en}"


class RefusedError(GeodataError):
    """Data that were refused whole; nothing was written."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        lines = [str(finding) for finding in findings[:SHOWN]]
        if len(findings) > SHOWN:
            lines.append(f"... and {len(findings) - SHOWN} more")
        super().__init__("refused, nothing was written:\n" + "\n".join(lines))
