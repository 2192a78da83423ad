"""Statements built from SQLAlchemy elements once, then run by asyncpg as prepared plans."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ClauseElement
from sqlalchemy.dialects import registry
from sqlalchemy.sql.compiler import SQLCompiler

ASYNCPG = registry.load("postgresql.asyncpg")()
POSTGRESQL = registry.load("postgresql")()


@dataclass(frozen=True)
class Statement:
    """SQL text with `$n` parameters.

    Args:
        sql: the text.
        parameters: names of the parameters in order.
        constants: values of those that the builder itself fixed.
    """

    sql: str
    parameters: tuple[str, ...]
    constants: Mapping[str, object]

    def arguments(self, values: Mapping[str, object] | None = None) -> list[object]:
        """Values in the order of the parameters; a missing one is a KeyError."""
        known = {**self.constants, **(values or {})}
        return [known[name] for name in self.parameters]


def compile_statement(query: ClauseElement) -> Statement:
    """Compile for asyncpg."""
    compiled = query.compile(dialect=ASYNCPG, compile_kwargs={"render_postcompile": True})
    if not isinstance(compiled, SQLCompiler):
        raise TypeError(f"{type(query).__name__} is no query")
    names = tuple(compiled.positiontup or ())
    binds = {name: compiled.binds[name] for name in names}
    constants = {name: bind.effective_value for name, bind in binds.items() if not bind.required}
    return Statement(str(compiled), names, constants)


def sql_text(element: ClauseElement) -> str:
    """SQL text with its constants written out, for DDL, which takes no parameters."""
    return str(element.compile(dialect=POSTGRESQL, compile_kwargs={"literal_binds": True}))
