"""What was done is on disk, and only what was done whole."""

from pathlib import Path

import pytest

from geodata.geocoding.journal import Journal, JournalBusyError
from geodata.geocoding.outcome import NO_ROW, REFUSED, Outcome

ROWS = [REFUSED, NO_ROW, Outcome(lon=116.3, lat=39.9, matched="路=路")]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "out.journal"


def test_chunks_are_found_again(path: Path) -> None:
    with Journal(path, "key") as journal:
        journal.put(3, ROWS)
        journal.put(0, [])
    with Journal(path, "key") as journal:
        assert journal.done == {3: ROWS, 0: []}


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_a_chunk_that_was_cut_off_is_dropped_and_written_anew(path: Path, cut: int) -> None:
    with Journal(path, "key") as journal:
        journal.put(0, ROWS)
        journal.put(1, ROWS)
    path.write_bytes(path.read_bytes()[:-cut])
    with Journal(path, "key") as journal:
        assert journal.done == {0: ROWS}
        journal.put(1, ROWS)
    with Journal(path, "key") as journal:
        assert journal.done == {0: ROWS, 1: ROWS}


def test_a_chunk_that_a_crash_left_blank_is_dropped(path: Path) -> None:
    with Journal(path, "key") as journal:
        journal.put(0, ROWS)
    path.write_bytes(path.read_bytes() + b"\0" * 100 + b"\n")
    with Journal(path, "key") as journal:
        assert journal.done == {0: ROWS}


@pytest.mark.parametrize("content", [b"", b'{"key":"ke', b'{"key":"other"}\n{"chunk":0}\n', b"\n"])
def test_a_journal_of_other_work_is_begun_anew(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with Journal(path, "key") as journal:
        assert journal.done == {}
        journal.put(0, ROWS)
    with Journal(path, "key") as journal:
        assert journal.done == {0: ROWS}


def test_two_runs_do_not_write_the_same_journal(path: Path) -> None:
    with Journal(path, "key"), pytest.raises(JournalBusyError, match="another run"):
        Journal(path, "key")


def test_it_goes_when_the_work_is_done(path: Path) -> None:
    with Journal(path, "key") as journal:
        journal.remove()
    assert not path.exists()
