"""Statements built from SQLAlchemy elements once, then run by asyncpg as prepared plans."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass

from sqlalchemy import ClauseElement
from sqlalchemy.dialects import registry
from sqlalchemy.sql.compiler import SQLCompiler

ASYNCPG = registry.load("postgresql.asyncpg")()
POSTGRESQL = registry.load("postgresql")(paramstyle="named")
"""Unlike the driver's own style, this one leaves percent signs as they are."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A statement with its values: what remains is to run it."""

    sql: str
    arguments: tuple[object, ...]


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

    def bind(self, values: Mapping[str, object] | None = None) -> Bound:
        """The statement with its values, as :meth:`arguments`."""
        return Bound(self.sql, tuple(self.arguments(values)))


class StatementCache:
    """Statements by the form of their query; the least recently used goes first."""

    def __init__(self, most: int = 2000) -> None:
        self._most = most
        self._statements: OrderedDict[Hashable, Statement] = OrderedDict()

    def get(self, form: Hashable, build: Callable[[], ClauseElement]) -> Statement:
        """The statement of a form, compiled when it is first asked for."""
        found = self._statements.get(form)
        if found is None:
            found = self._statements[form] = compile_statement(build())
            if len(self._statements) > self._most:
                self._statements.popitem(last=False)
        else:
            self._statements.move_to_end(form)
        return found


def compile_statement(query: ClauseElement) -> Statement:
    """Compile for asyncpg; constant lists are expanded, required parameters stay open.

    Raises:
        TypeError: no query, or a required list: its length would be part of the text.
    """
    compiled = query.compile(dialect=ASYNCPG)
    if not isinstance(compiled, SQLCompiler):
        raise TypeError(f"{type(query).__name__} is no query")
    required = {bind.key: bind for bind in compiled.binds.values() if bind.required}
    if lists := sorted(name for name, bind in required.items() if bind.expanding):
        raise TypeError(f"parameter {', '.join(lists)}: use = any_(array) for a list of values")
    state = compiled.construct_expanded_state(dict.fromkeys(required))
    names = tuple(state.positiontup or ())
    constants = {name: state.parameters[name] for name in names if name not in required}
    return Statement(state.statement, names, constants)


def sql_text(element: ClauseElement) -> str:
    """SQL text with its constants written out, for DDL, which takes no parameters."""
    return str(element.compile(dialect=POSTGRESQL, compile_kwargs={"literal_binds": True}))
