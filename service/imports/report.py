"""The report of a check: one HTML page without any other file, and all findings as a table."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from geodata.ingest.finding import Finding
from geodata.ingest.inspection import Checked
from geodata.ingest.mapping import title_of
from geodata.ingest.refused import write_refused
from geodata.ingest.rules import Rule, rules_of
from geodata.ingest.source import Encoding
from layers.layer import Layer
from layers.text import Text
from service.web.shell import TEMPLATES

MOST_SHOWN = 500
"""Findings that the page lists of each rule; the table has them all."""

HEADER = (
    *("file", "row", "field", "value", "severity", "rule"),
    *("message_zh", "message_en", "remedy_zh", "remedy_en"),
)

PLACES = {
    Encoding.NONE: Text("无位置", "no places"),
    Encoding.WKB: Text("文件自带的几何", "geometry of the file"),
    Encoding.WKT: Text("WKT 列", "column of WKT"),
    Encoding.GEOJSON: Text("GeoJSON 几何", "GeoJSON geometry"),
    Encoding.XY: Text("坐标列", "columns of coordinates"),
    Encoding.ADDRESS: Text("地址列", "column of addresses"),
}

FACTS = {
    "encoding": Text("编码", "Encoding"),
    "delimiter": Text("分隔符", "Delimiter"),
    "header_row": Text("表头行", "Header row"),
    "sheet": Text("工作表", "Sheet"),
    "layer_name": Text("文件中的图层", "Layer of the file"),
}
"""What was found out of a file."""


@dataclass(frozen=True)
class Group:
    """Findings under one rule; `count` is more than are listed where there are very many."""

    rule: Rule
    count: int
    findings: Sequence[Finding]


def groups(checked: Checked, most: int = MOST_SHOWN) -> list[Group]:
    """Findings by rule, errors first."""
    by_rule: dict[str, list[Finding]] = {}
    for finding in checked.ledger.in_order():
        kept = by_rule.setdefault(finding.rule, [])
        if len(kept) < most:
            kept.append(finding)
    counts = checked.ledger.counts
    rows = sorted(rules_of(counts), key=lambda rule: rule.severity)
    return [Group(rule, counts[rule.name], by_rule.get(rule.name, ())) for rule in rows]


def write_report(layer: Layer, checked: Checked, folder: Path) -> list[Path]:
    """Write `report.html`, `findings.csv` and, where rows were refused, these rows.

    Returns:
        The files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    page, table = folder / "report.html", folder / "findings.csv"
    page.write_text(report_page(layer, checked), encoding="utf-8")
    with table.open("w", encoding="utf-8-sig", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(HEADER)
        rows.writerows(_row(finding) for finding in checked.ledger.in_order())
    refused = write_refused(checked, folder)
    return [page, table, *([refused] if refused else [])]


def report_page(layer: Layer, checked: Checked) -> str:
    """The report as HTML in both languages."""
    columns, facts = checked.columns, checked.source.facts
    return TEMPLATES.get_template("import_report.html").render(
        layer=layer,
        checked=checked,
        groups=groups(checked),
        most=MOST_SHOWN,
        fields=[(column, title_of(layer, name), name) for name, column in columns.fields.items()],
        facts=[(FACTS[name], said) for name, said in facts.items() if name in FACTS],
        place=PLACES[columns.place.encoding],
        crs=checked.options.crs.name if checked.options.crs else None,
        rows=int((~checked.blank).sum()),
        refused=int(checked.refused.sum()),
    )


def _row(finding: Finding) -> tuple[object, ...]:
    rule = finding.row_of_rules
    return (
        finding.file,
        finding.row or "",
        finding.field,
        _harmless(finding.value),
        rule.severity,
        finding.rule,
        *finding.message,
        *rule.remedy,
    )


def _harmless(value: str) -> str:
    """Read by spreadsheets, which take some texts for formulas."""
    return f"'{value}" if value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
