"""Cache: answers of providers and decisions of people, by normalised address.

Kept is what a provider said, not what was read from it: a corrected table of levels counts for old
answers too. Failures, refusals and spent quotas are never kept.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, Engine, delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from geodata.geocoding.providers.provider import Document
from geodata.geocoding.tables import ANSWERS

DEFAULT_DAYS = 90


@dataclass(frozen=True)
class Kept:
    """An answer to keep.

    Args:
        key: normalised address.
        address: as it was asked.
        found: whether the part holds a place.
        part: what was said about the address, as given.
    """

    key: str
    address: str
    found: bool
    part: Document


class Cache:
    """Answers in the database.

    Args:
        engine: of the owner of the schema.
        days: for which a provider's answer is used.
    """

    def __init__(self, engine: Engine, days: int = DEFAULT_DAYS) -> None:
        self._engine = engine
        self._days = timedelta(days=days)

    def get(self, provider: str, keys: Sequence[str]) -> dict[str, Kept]:
        """Unexpired answers of a provider by key."""
        unexpired = or_(ANSWERS.c.expires_at.is_(None), ANSWERS.c.expires_at > func.now())
        query = select(ANSWERS).where(
            ANSWERS.c.provider == provider, ANSWERS.c.address_key.in_(list(keys)), unexpired
        )
        with self._engine.connect() as connection:
            rows = connection.execute(query).all()
        return {
            row.address_key: Kept(row.address_key, row.address, row.outcome == "found", row.part)
            for row in rows
        }

    def put(self, provider: str, answers: Iterable[Kept]) -> None:
        """Keep answers until they expire; committed on return."""
        with self._engine.begin() as connection:
            for answer in answers:
                keep(connection, provider, answer, self._days)

    def remove_expired(self) -> int:
        """Delete what providers' terms no longer let us keep; the number of answers."""
        with self._engine.begin() as connection:
            return connection.execute(
                delete(ANSWERS).where(ANSWERS.c.expires_at <= func.now())
            ).rowcount


def keep(connection: Connection, provider: str, answer: Kept, days: timedelta | None) -> None:
    """Put an answer in place of the former one, within the caller's transaction.

    Args:
        connection: of the owner of the schema.
        provider: whose answer it is.
        answer: what it is.
        days: how long it counts; None: for good.
    """
    values = {
        "provider": provider,
        "address_key": answer.key,
        "address": answer.address,
        "outcome": "found" if answer.found else "nothing",
        "part": answer.part,
        "fetched_at": func.now(),
        "expires_at": None if days is None else func.now() + days,
    }
    row = insert(ANSWERS).values(values)
    new = {name: row.excluded[name] for name in values if name not in ("provider", "address_key")}
    connection.execute(
        row.on_conflict_do_update(index_elements=["provider", "address_key"], set_=new)
    )
