"""The log of operation: lines on standard error with their time, that no value can forge."""

import logging
from datetime import UTC, datetime
from traceback import format_exception
from typing import TextIO

CONTROLS = (*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029)
"""What ends a line somewhere, or steers a terminal (Unicode categories Cc, Zl and Zp)."""

ESCAPES = {code: f"\\u{code:04x}" for code in CONTROLS}


class OneLine(logging.Formatter):
    """`2026-01-31T08:00:00Z WARNING where: what`, in UTC; a traceback is indented below it."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, and the traceback, of which no line looks as one of ours."""
        at = datetime.fromtimestamp(record.created, UTC)
        told = f"{at:%Y-%m-%dT%H:%M:%SZ} {record.levelname} {record.name}: {record.getMessage()}"
        lines = [told, *(f"  {line}" for line in _traceback(record))]
        return "\n".join(line.translate(ESCAPES) for line in lines)


def _traceback(record: logging.LogRecord) -> list[str]:
    """Made anew: the text that the record keeps is another handler's."""
    error = record.exc_info[1] if record.exc_info else None
    return [] if error is None else "".join(format_exception(error)).rstrip().split("\n")


def log_to(stream: TextIO) -> logging.Handler:
    """Write warnings and errors of the whole process there."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(OneLine())
    logging.getLogger().addHandler(handler)
    return handler
