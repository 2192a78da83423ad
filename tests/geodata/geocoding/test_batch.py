"""All addresses of a table, in chunks."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from geodata.geocoding import batch
from geodata.geocoding.batch import geocode_chunk, geocode_table, key_of, work_here
from geodata.geocoding.candidate import Candidate
from geodata.geocoding.journal import Journal
from geodata.geocoding.level import Level
from geodata.geocoding.outcome import NO_ROW, REFUSED
from geodata.geocoding.table import AddressTable, read_addresses


class Recorder:
    """Geocodes by length, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def geocode(self, addresses: Sequence[str]) -> list[list[Candidate]]:
        self.asked += addresses
        return [[_candidate(address)] for address in addresses]


def _candidate(address: str) -> Candidate:
    return Candidate(
        lon=116 + len(address) / 100,
        lat=40,
        level=Level.HOUSE,
        accuracy_m=100,
        score=0.9,
        provider="test",
    )


@pytest.fixture
def table(tmp_path: Path) -> AddressTable:
    path = tmp_path / "a.csv"
    rows = [f"{row},{'长' * (row % 7 + 1)}" for row in range(25)]
    path.write_text("\n".join(["n,地址", *rows, "25,", "", "27,尾"]), encoding="utf-8")
    return read_addresses(path, None, None)


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "CHUNK", 4)


def test_rows_come_back_in_order_whatever_the_order_of_work(
    table: AddressTable, tmp_path: Path
) -> None:
    recorder = Recorder()
    shares: list[int] = []
    with Journal(tmp_path / "j", "key") as journal:
        outcomes = geocode_table(
            table,
            lambda chunks: work_here(recorder)(chunks[::-1]),
            journal,
            shares.append,
        )
    assert [outcome.lon for outcome in outcomes[:25]] == [
        pytest.approx(116 + (row % 7 + 1) / 100) for row in range(25)
    ]
    assert outcomes[25:27] == [REFUSED, NO_ROW]
    assert outcomes[27].lon == 116.01
    assert sum(shares) == 28


def test_a_run_goes_on_where_the_last_one_ended(table: AddressTable, tmp_path: Path) -> None:
    first, second = Recorder(), Recorder()
    with Journal(tmp_path / "j", "key") as journal:
        for number, outcomes in work_here(first)([(0, table.addresses[:4])]):
            journal.put(number, outcomes)
    with Journal(tmp_path / "j", "key") as journal:
        outcomes = geocode_table(table, work_here(second), journal, lambda _: None)
    assert first.asked + second.asked == [address for address in table.addresses if address]
    assert len(outcomes) == 28


def test_a_missing_or_endless_address_is_refused_and_not_asked() -> None:
    recorder = Recorder()
    assert geocode_chunk(recorder, (None, "长" * 301)) == [REFUSED, REFUSED]
    assert recorder.asked == []


def test_the_key_changes_with_the_file_the_column_and_the_places(
    table: AddressTable, tmp_path: Path
) -> None:
    own = tmp_path / "own"
    own.mkdir()
    keys = {key_of(table, []), key_of(table, [own])}
    (own / "a.csv").write_text("x")
    keys |= {key_of(table, [own]), key_of(read_addresses(table.path, "n", None), [])}
    table.path.write_text(table.path.read_text(encoding="utf-8") + "\n28,", encoding="utf-8")
    keys.add(key_of(table, []))
    assert len(keys) == 4  # an empty folder adds nothing
