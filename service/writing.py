"""Writing of features: a few connections as the owner, who becomes the role of whoever writes."""

from collections.abc import Callable
from typing import TypeVar

from anyio import CapacityLimiter, to_thread
from sqlalchemy import Connection, Engine

from geodata.database.author import Author
from geodata.features.changes import changing
from layers.layer import Layer

AT_A_TIME = 4
"""Changes of one layer wait for each other anyway."""

Result = TypeVar("Result")


class Writing:
    """Changes of features, each a transaction of its own in a thread."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._limiter = CapacityLimiter(AT_A_TIME)

    async def run(
        self, layer: Layer, author: Author, work: Callable[[Connection], Result]
    ) -> Result:
        """Do work as an author; errors as :func:`geodata.features.changes.changing` has them."""

        def transaction() -> Result:
            with changing(self._engine, layer, author) as connection:
                return work(connection)

        return await to_thread.run_sync(transaction, limiter=self._limiter)
