"""Results as Markdown: ratios, never times, since those tell of the machine."""

from collections.abc import Callable, Iterator, Sequence

from bench.exports import Exported
from bench.measure import Cell, Table
from bench.workload import EXPORTS, KEEPING, KNOWN, OURS, PEERS, POSTGRESQL, WORKLOADS

Exports = dict[str, dict[str, Exported | None]]


def comparison(table: Table) -> Iterator[str]:
    """Rates of ours divided by those of each peer, and of PostgreSQL itself."""
    yield from _head(
        "workload", *(f"× {name}" for name in PEERS), "of PostgreSQL", "bytes", "features"
    )
    for workload in WORKLOADS:
        if (cells := table.get(workload.name)) is not None:
            ratios = [_ratio(cells, name) for name in PEERS]
            part = _ratio(cells, POSTGRESQL, percent=True)
            sizes = _each(cells, lambda cell: f"{cell.probe.bytes:,.0f}")
            features = _each(cells, _count)
            yield _row(workload.title, *ratios, part, sizes, features)


def known(table: Table) -> Iterator[str]:
    """Rates with a token as a part of those without."""
    yield from _head("workload", "with a token")
    for workload in WORKLOADS:
        cells = table.get(workload.name, {})
        if (asked := cells.get(KNOWN)) is not None and asked.rounds:
            pairs = {KEEPING: asked, "without": cells[KEEPING]}
            yield _row(workload.title, _ratio(pairs, "without", percent=True))


def coldness(table: Table) -> Iterator[str]:
    """How much longer the very first answer takes than the next ones."""
    yield from _head("workload", "zgc", *PEERS)
    for workload in WORKLOADS:
        if (cells := table.get(workload.name)) is not None:
            peers = (cells.get(name) for name in PEERS)
            yield _row(workload.title, *map(_cold, (_ours(cells), *peers)))


def growth(table: Table, sizes: Sequence[int], names: Sequence[str]) -> Iterator[str]:
    """Cost of an answer at each size, the smallest one's being 1."""
    yield from _head("workload", "server", *(f"{size:,}" for size in sizes))
    for workload in WORKLOADS:
        if (cells := table.get(workload.name)) is not None:
            for name in names:
                yield _row(workload.title, name, *_costs(cells, sizes, name))


def exported(exports: Exports) -> Iterator[str]:
    """Time as a multiple of ours, peak memory, size."""
    yield from _head("export", "server", "× time of zgc", "peak memory MB", "size MB")
    for export in EXPORTS:
        rows = exports.get(export.name, {})
        ours = rows.get("zgc")
        for name, one in rows.items():
            if one is None:
                yield _row(export.title, name, "absent", "", "")
            else:
                times = f"{one.seconds / ours.seconds:.1f}" if ours else "–"
                yield _row(export.title, name, times, f"{one.peak_mb:.0f}", f"{one.megabytes:.0f}")


def problems(*tables: Table) -> Iterator[str]:
    """Failed answers: a ratio that rests on errors is none."""
    for table in tables:
        for workload, cells in table.items():
            for name, cell in cells.items():
                if cell.errors:
                    yield f"- {workload}, {name}: {cell.errors} answers failed"


def _head(*columns: str) -> Iterator[str]:
    yield _row(*columns)
    yield _row(*("---" for _ in columns))


def _row(*values: str) -> str:
    return f"| {' | '.join(values)} |"


def _ours(cells: dict[str, Cell]) -> Cell:
    """Of our two servers the one that was asked."""
    found = [cells[name] for name in OURS if name in cells]
    return next((cell for cell in found if cell.probe.status), found[0])


def _ratio(cells: dict[str, Cell], name: str, *, percent: bool = False) -> str:
    """The median ratio of rounds side by side, with the least and the greatest."""
    ours, other = _ours(cells), cells.get(name)
    if not ours.rounds:
        return f"ours absent ({ours.probe.status})"
    if other is None or not other.rounds:
        return "–" if other is None or other.probe.status == 0 else f"absent ({other.probe.status})"
    pairs = zip(ours.rounds, other.rounds, strict=True)
    ratios = sorted(mine.per_second / max(theirs.per_second, 1e-9) for mine, theirs in pairs)
    middle = (ours.per_second or 0) / max(other.per_second or 0, 1e-9)
    if percent:
        return f"{middle:.0%}"
    return f"{_short(middle)} ({_short(ratios[0])}–{_short(ratios[-1])})"


def _short(number: float) -> str:
    return f"{number:.0f}" if number >= 20 else f"{number:.1f}"


def _each(cells: dict[str, Cell], show: Callable[[Cell], str]) -> str:
    """A value for each server, in their order."""
    present = [_ours(cells), *(cells[name] for name in PEERS if name in cells)]
    shown = [show(cell) if cell.probe.is_there else "–" for cell in present]
    return " / ".join(shown)


def _count(cell: Cell) -> str:
    return "?" if cell.probe.features is None else f"{cell.probe.features:.0f}"


def _cold(cell: Cell | None) -> str:
    if cell is None or not cell.probe.is_there or not cell.probe.next_ms:
        return "–"
    return f"{cell.probe.first_ms / cell.probe.next_ms:.1f}"


def _costs(cells: dict[str, Cell], sizes: Sequence[int], name: str) -> Iterator[str]:
    rates = [cell.per_second if (cell := cells.get(f"{name} {size}")) else None for size in sizes]
    first = rates[0]
    for rate in rates:
        yield f"{first / rate:.2f}" if first and rate else "–"
