"""The manuals name every limit, as the code has it."""

from pathlib import Path

import pytest

from service.body import MAXIMUM_BYTES
from service.errors import PROBLEMS
from service.gate import MOST_ADDRESS_BYTES, MOST_HEADER_BYTES
from service.limits import Kind
from service.server import MOST_HEAD_BYTES
from service.settings import Settings

DOCS = Path(__file__).parents[2] / "docs"


def _limits(file: str, heading: str) -> str:
    return (DOCS / file).read_text(encoding="utf-8").partition(heading)[2].partition("\n## ")[0]


LIMITS = {
    "manual.en.md": _limits("manual.en.md", "## Limits"),
    "manual.zh.md": _limits("manual.zh.md", "## 限制"),
}


def _default(name: str) -> int:
    return int(Settings.model_fields[name].default)


@pytest.mark.parametrize("manual", LIMITS)
@pytest.mark.parametrize(
    ("limit", "problem", "setting"),
    [
        (MOST_ADDRESS_BYTES, "address-too-long", None),
        (MOST_HEADER_BYTES, "headers-too-large", None),
        (MOST_HEAD_BYTES, "headers-too-large", None),
        (MAXIMUM_BYTES, "body-too-large", None),
        (_default("page_bytes") // 2**20, "page-too-large", "ZGC_PAGE_BYTES"),
        (_default("polygon_positions"), "invalid-geometry", "ZGC_POLYGON_POSITIONS"),
        (_default("statement_timeout_s"), "query-timeout", "ZGC_STATEMENT_TIMEOUT_S"),
        (_default("pool_size"), "database-busy", "ZGC_POOL_SIZE"),
        (_default("exports"), "too-many-exports", "ZGC_EXPORTS"),
        *(
            (_default(f"rate_{kind}"), "too-many-requests", f"ZGC_RATE_{kind.upper()}")
            for kind in Kind
        ),
    ],
)
def test_a_limit_stands_in_the_manual_with_its_problem(
    manual: str, limit: int, problem: str, setting: str | None
) -> None:
    status = {row.name: int(row.status) for row in PROBLEMS.values()}[problem]
    rows = [row for row in LIMITS[manual].splitlines() if f"{status} `{problem}`" in row]
    numbers = {f"{limit:,}", str(limit)}
    assert [row for row in rows if any(f" {number}" in row for number in numbers)]
    assert setting is None or any(f"`{setting}`" in row for row in rows)
