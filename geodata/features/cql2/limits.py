"""Caps on a filter: what is beyond them is refused before it costs anything."""

MAX_BYTES = 8192
"""Length of the text or JSON in UTF-8."""

MAX_DEPTH = 32
"""Parentheses, operators and functions within one another."""

MAX_NODES = 500
"""Operators, functions, names and values; those of a list of plain values are not counted."""

MAX_VERTICES = 2000
"""Vertices of all geometries together."""

MAX_ITEMS = 1000
"""Values of one IN list."""
