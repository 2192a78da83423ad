"""Lines of the log have a time in UTC, and no value makes a second one."""

import io
import logging
import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from fastapi import FastAPI

from service.logs import log_to
from service.server import server_config

FORGED = "10.0.0.1\n2026-01-01T00:00:00Z ERROR service: all is lost"
LINE = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ) (WARNING|ERROR) [\w.]+: .*")


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    text = io.StringIO()
    handler = log_to(text)
    yield text
    logging.getLogger().removeHandler(handler)


@pytest.mark.parametrize(
    ("sign", "shown"),
    [
        ("\n", r"\u000a"),
        ("\r", r"\u000d"),
        ("\x1b[2J", r"\u001b[2J"),
        ("\x85", r"\u0085"),
        ("\u2028", r"\u2028"),
        ("中关村", "中关村"),
    ],
)
def test_what_would_end_a_line_or_steer_a_terminal_is_escaped(
    stream: io.StringIO, sign: str, shown: str
) -> None:
    logging.getLogger("service.test").warning("from %s", f"a{sign}b")
    (line,) = stream.getvalue().split("\n")[:-1]
    assert line.endswith(f"WARNING service.test: from a{shown}b")


def test_times_are_utc(stream: io.StringIO) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    logging.getLogger("service.test").warning("now")
    found = LINE.fullmatch(stream.getvalue().rstrip("\n"))
    assert found is not None
    told = datetime.fromisoformat(found[1])
    assert before <= told <= datetime.now(UTC)


def test_a_traceback_holds_no_line_that_looks_as_one_of_the_log(stream: io.StringIO) -> None:
    try:
        raise RuntimeError(FORGED)
    except RuntimeError:
        logging.getLogger("service.test").exception("failed")
    lines = stream.getvalue().rstrip("\n").split("\n")
    assert len(lines) > 3
    assert [bool(LINE.fullmatch(line)) for line in lines] == [True, *[False] * (len(lines) - 1)]
    assert all(line.startswith("  ") for line in lines[1:])


def test_the_server_has_no_log_of_its_own(stream: io.StringIO) -> None:
    server_config(FastAPI())
    logging.getLogger("uvicorn.error").warning("invalid %s", FORGED)
    assert len(stream.getvalue().rstrip("\n").split("\n")) == 1
