"""What a format is, and what its writer gets."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import asyncpg
from sqlalchemy import ColumnElement, FromClause, Select

from geodata.database.representation import public_names, readable, tells_more
from geodata.database.statement import compile_statement
from layers.attribute import Attribute, Role
from layers.layer import Layer
from layers.text import Text

Sink = Callable[[bytes], Awaitable[None]]
"""Takes the next piece of a file; waits while the reader is slow."""

Progress = Callable[[int], None]
"""Is told how many features more have been read."""


def untold(_: int) -> None:
    """Progress that nobody follows."""


@dataclass(frozen=True)
class Source:
    """Features to write.

    Args:
        layer: their layer.
        selection: a query of the layer's rows (its table, or a query of the same columns),
            filtered and ordered. Its columns say which attributes are wanted.
        values: bind values of the selection.
        progress: follows the reading.
        reader: who reads; nothing else goes out, whatever the selection wants.
    """

    layer: Layer
    selection: Select[Any]
    values: Mapping[str, object] = field(default_factory=dict)
    progress: Progress = untold
    reader: Role = Role.PUBLIC

    @cached_property
    def rows(self) -> FromClause:
        """The rows that the selection selects from."""
        return self.selection.get_final_froms()[0]

    @cached_property
    def attributes(self) -> tuple[Attribute, ...]:
        """Attributes that are wanted and that the reader may read, in display order."""
        wanted = set(self.selection.selected_columns.keys())
        names = wanted.intersection(readable(self.layer, self.reader))
        return tuple(each for each in self.layer.all_attributes if each.name in names)

    @property
    def is_stored(self) -> bool:
        """Whether the stored text holds just what is wanted: the public attributes."""
        names = tuple(each.name for each in self.attributes)
        return names == public_names(self.layer) and not tells_more(self.layer, self.reader)

    def columns(self) -> list[ColumnElement[Any]]:
        """Id and attributes."""
        return [self.rows.c["id"], *(self.rows.c[each.name] for each in self.attributes)]

    async def fetchrow(
        self, connection: asyncpg.Connection, query: Select[Any]
    ) -> asyncpg.Record | None:
        """The first row of a query made from the selection."""
        statement = compile_statement(query)
        return await connection.fetchrow(statement.sql, *statement.arguments(self.values))

    async def copy(
        self,
        connection: asyncpg.Connection,
        columns: Sequence[ColumnElement[Any]],
        sink: Sink,
        **options: object,
    ) -> None:
        """COPY columns of the selected rows to the sink; waits wherever the sink does."""
        query = self.selection.with_only_columns(*columns, maintain_column_froms=True)
        statement = compile_statement(query)
        arguments = statement.arguments(self.values)
        await connection.copy_from_query(statement.sql, *arguments, output=sink, **options)


Write = Callable[[asyncpg.Connection, Source, Sink], Awaitable[None]]


@dataclass(frozen=True)
class Format:
    """A format.

    Args:
        name: value of `f=`.
        media_type: media type as registered or as its specification says.
        title: what people call it.
        extension: of a file's name, without the dot.
        write: writes the features as one file.
        streamed: the first bytes leave before the last feature is read; otherwise a temporary
            file is made first.
        most: most features that a file can hold, None: no limit.
    """

    name: str
    media_type: str
    title: Text
    extension: str
    write: Write
    streamed: bool = True
    most: int | None = None
