"""The process in which files are read: one that breaks breaks no service.

Only there are the readers loaded, with Arrow, GDAL and pandas: a service that imports nothing
does without.
"""

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

from geodata.audit.asker import Asker, asked_by, asker
from geodata.ingest.request import Request
from layers.attribute import Role
from service.errors import ImportFailedError
from service.imports.bounds import BOUNDS, Bounds, be_bounded

REPORT = "report"
"""Folder of the report, in that of a file."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """What a process is told.

    Args:
        url: database, as its owner.
        request: what the user asks for.
        folder: for what is made of the file.
        gazetteer: the operator's own places.
        areas: that the groups of whoever asks look after; None: they belong to none.
    """

    url: str
    request: Request
    folder: Path
    gazetteer: Path | None = None
    areas: frozenset[str] | None = None


@dataclass(frozen=True, kw_only=True)
class Signature:
    """Who loads, why, and whether rows that passed are loaded without the others.

    Args:
        role: of the account.
        areas: that its groups look after; None: it belongs to none.
    """

    actor: str
    reason: str
    accept_valid: bool
    role: Role
    areas: frozenset[str] | None


class Workers:
    """One process, made when it is first needed, and again when it has broken."""

    def __init__(self, bounds: Bounds = BOUNDS) -> None:
        self._bounds = bounds
        self._pool: ProcessPoolExecutor | None = None

    def check(self, job: Job) -> bytes:
        """See :func:`service.imports.work.check_work`."""
        return self._run(_check, job)

    def load(self, job: Job, signature: Signature) -> bytes:
        """See :func:`service.imports.work.load_work`."""
        return self._run(_load, job, signature)

    def _run(self, work: Callable[..., bytes], *arguments: object) -> bytes:
        """The answer of a piece of work, as JSON.

        Raises:
            ImportFailedError: the work says why it cannot be done, or its process ended.
        """
        if self._pool is None:
            spawn = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(
                1, mp_context=spawn, initializer=be_bounded, initargs=(self._bounds,)
            )
        try:
            return self._pool.submit(_asked, asker(), work, *arguments).result()
        except BrokenProcessPool:
            self._pool = None
            raise ImportFailedError(
                "the file broke the program that reads it, or kept it longer than"
                f" {self._bounds.reading_s // 60} minutes; nothing was written"
            ) from None

    def close(self) -> None:
        """End the process."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)


def _asked(who: Asker, work: Callable[..., bytes], *arguments: object) -> bytes:
    """The audit in the other process is told who asks."""
    with asked_by(lambda: who):
        return work(*arguments)


def _check(job: Job) -> bytes:
    from service.imports.work import check_work

    return check_work(job)


def _load(job: Job, signature: Signature) -> bytes:
    from service.imports.work import load_work

    return load_work(job, signature)
