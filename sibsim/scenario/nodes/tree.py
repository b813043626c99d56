"""What a scenario file is made of once it is read: texts, mappings and lists, each with its place.

In: nothing. Out: the frozen nodes, and the limits within which they are read. Not here: reading.
"""

from __future__ import annotations

from dataclasses import dataclass, field

MOST_BYTES = 1_000_000
"""Size of a file that is read, bytes."""
MOST_DEEP = 32
"""Mappings and lists inside one another, the outermost counted."""
MOST_NODES = 50_000
"""Keys, values, mappings and lists in one scenario."""
MOST_TEXT = 20_000
"""Characters in one text."""
MOST_KEY = 500
"""Characters in one key: with every one escaped it still fits the parser's 1,024."""
WIDTH = 90
"""Columns up to which `dump_plain` keeps a mapping or list on one line."""

Place = tuple[int | None, int | None]
"""Line and column counted from 1, or two None for data that came from no file."""


@dataclass(frozen=True, slots=True)
class Text:
    """One text as written; `quoted` if it stood in quotes or in a block of text.

    A key that is a number is never `quoted`: it has to be in quotes, so they say nothing. Places
    do not count when nodes are compared; `file` is empty in the scenario's own.
    """

    value: str
    quoted: bool
    line: int | None = field(default=None, compare=False)
    column: int | None = field(default=None, compare=False)
    file: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Items:
    """A mapping: keys and what stands under them, in the order of the file; no key occurs twice."""

    pairs: tuple[tuple[Text, Node], ...]
    line: int | None = field(default=None, compare=False)
    column: int | None = field(default=None, compare=False)
    file: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Listed:
    """A list, in order."""

    items: tuple[Node, ...]
    line: int | None = field(default=None, compare=False)
    column: int | None = field(default=None, compare=False)
    file: str = field(default="", compare=False)


Node = Text | Items | Listed

NULLS = frozenset({"", "~", "null", "Null", "NULL"})


def is_null(node: Node) -> bool:
    """Say whether nothing was given: an empty place, ``~`` or ``null`` without quotes."""
    return isinstance(node, Text) and not node.quoted and node.value in NULLS
