"""What a scenario takes from CSV files: rate cards, bands, curves, put in their place.

In: the nodes of a scenario, the folder that it came from. Out: the same nodes with each table in
the place of its file, every value with its line there. Not here: how a file is read
(`csv_tables`), what a value means (`reader`).
"""

from __future__ import annotations

from pathlib import Path

from sibsim.quantities import join
from sibsim.scenario.csv_tables import read_table
from sibsim.scenario.curve_files import curve
from sibsim.scenario.nodes import Items, Listed, Node, Text
from sibsim.scenario.numbers import clipped
from sibsim.scenario.reader import Reader

CARD = "rate_card"
"""Under `contract`, the key of a file whose rows are lines of a rate card."""

TABLES = {
    CARD: ("name", "for", "price"), "bands": ("name", "from", "pays"),
    "tiers": ("name", "after", "price"), "lines": ("name", "units"),
}  # fmt: skip
"""Keys under which blocks by name may stand in a file, and the columns that it has to have."""


def inlined(reader: Reader, node: Items, folder: Path) -> Items:
    """The same nodes with what each ``{file: ...}`` holds in its place.

    Parameters
    ----------
    reader : Reader
        Collects the problems.
    node : Items
        A whole scenario.
    folder : Path
        No file outside it is opened.
    """
    return _items(reader, node, folder, "")


def _items(reader: Reader, node: Items, folder: Path, address: str) -> Items:
    pairs: list[tuple[Text, Node]] = []
    for key, value in node.pairs:
        place = join(address, key.value)
        if not (isinstance(value, Items) and any(k.value == "file" for k, _ in value.pairs)):
            pairs.append((key, _inlined(reader, value, folder, place)))
        elif key.value == "kaplan_meier":
            pairs.append((key, curve(reader, value, folder, address)))
        elif key.value == CARD and address == "contract":
            pairs += _table(reader, value, folder, place, "contract").pairs
        elif key.value in TABLES and key.value != CARD:
            pairs.append((key, _table(reader, value, folder, place, place)))
        else:
            pairs.append((key, _inlined(reader, value, folder, place)))
    return Items(tuple(pairs), node.line, node.column)


def _inlined(reader: Reader, node: Node, folder: Path, address: str) -> Node:
    if isinstance(node, Items):
        return _items(reader, node, folder, address)
    if isinstance(node, Listed):
        items = tuple(_inlined(reader, item, folder, address) for item in node.items)
        return Listed(items, node.line, node.column)
    return node


def _table(reader: Reader, node: Items, folder: Path, address: str, under: str) -> Items:
    """Blocks by name, a row each: its cells are its settings, and what is blank is left out."""
    needed = TABLES[address.rpartition(".")[2]]
    words = f"columns {', '.join(needed)}, and any other setting that such a block may have"
    empty = Items((), node.line, node.column)
    table = read_table(reader, node, folder, address, words)
    if table is None:
        return empty
    missing = [name for name in needed if name not in table.head]
    twice = [name for name in table.head if table.head.count(name) > 1]
    if missing or twice:
        said = f"the columns {clipped(', '.join(table.head))}"
        reader.refuse(table.cell("", table.line), address, said, words)
        return empty
    pairs: list[tuple[Text, Node]] = []
    seen: set[str] = set()
    for line, row in table.rows:
        cells = dict(zip(table.head, row, strict=True))
        name = cells.pop("name")
        if not name or name in seen:
            found = f"the name `{clipped(name)}` a second time" if name else "a row without a name"
            reader.refuse(table.cell(name, line), join(under, name), found, "each name once")
            continue
        seen.add(name)
        settings = [
            (table.cell(key, line), table.cell(text, line)) for key, text in cells.items() if text
        ]
        if under == "contract" and not cells.get("pay"):
            settings.insert(0, (table.cell("pay", line), table.cell("per_outcome", line)))
        block = Items(tuple(settings), line, None, table.file)
        pairs.append((table.cell(name, line), block))
    return Items(tuple(pairs), node.line, node.column)
