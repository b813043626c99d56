"""From the bytes of a file to a tree of texts, each with its place: the names that others use.

In: the bytes of one YAML or JSON file, or plain Python data. Out: frozen nodes (and, the other way,
readable YAML), or every problem found at once. Not here: the work itself, which stands in `opening`
(files), `parsing` and `faults` (YAML), `texts` (characters, keys) and `plain` (Python data).
"""

from __future__ import annotations

from sibsim.scenario.nodes.opening import read_bytes, read_regular
from sibsim.scenario.nodes.parsing import parse
from sibsim.scenario.nodes.plain import dump_plain, to_node
from sibsim.scenario.nodes.tree import MOST_BYTES, Items, Listed, Node, Text, is_null

__all__ = [
    "MOST_BYTES",
    "Items",
    "Listed",
    "Node",
    "Text",
    "dump_plain",
    "is_null",
    "parse",
    "read_bytes",
    "read_regular",
    "to_node",
]
