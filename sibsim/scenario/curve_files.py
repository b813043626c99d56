"""Survival curves that stand in a CSV file beside the scenario.

In: the nodes of a scenario, the folder that it came from. Out: the same nodes with the points in
the place of their file, as if its author had written them there; or problems with the line of that
file. Not here: what the points mean (`uncertain`).
"""

from __future__ import annotations

import csv
import io
import os
from dataclasses import replace
from pathlib import Path, PureWindowsPath
from typing import Any

from sibsim.errors import FileError
from sibsim.quantities import join
from sibsim.scenario.nodes import MOST_BYTES, Items, Listed, Node, Text, is_null, read_regular
from sibsim.scenario.numbers import MISSING, clipped, read_number, shown
from sibsim.scenario.reader import Reader
from sibsim.survival import fault
from sibsim.terms import Kind, duration
from sibsim.writing import PERIOD_DAYS

MOST_POINTS = 2_000
"""Points of one curve; a step a day for five years is fewer."""

_ALLOWED = "the name of a CSV file in the scenario's folder or below it"
_COLUMNS = f"one column {', '.join(f'{p}s' for p in PERIOD_DAYS)}, and one column survival"
_STAND_IN = Items(((Text("1 day", False), Text("0", False)),))
"""Takes the place of a curve whose problems have been reported, so that it raises no others."""


def inlined(reader: Reader, node: Items, folder: Path) -> Items:
    """The same nodes with the points of each ``kaplan_meier: {file: ...}`` in its place.

    Parameters
    ----------
    reader : Reader
        Collects the problems.
    node : Items
        A whole scenario.
    folder : Path
        No file outside it is opened.
    """
    return _inlined_items(reader, node, folder, "")


def _inlined_items(reader: Reader, node: Items, folder: Path, address: str) -> Items:
    pairs: list[tuple[Text, Node]] = []
    for key, value in node.pairs:
        names_file = isinstance(value, Items) and any(k.value == "file" for k, _ in value.pairs)
        if key.value == "kaplan_meier" and isinstance(value, Items) and names_file:
            pairs.append((key, _curve(reader, value, folder, address)))
        else:
            pairs.append((key, _inlined(reader, value, folder, join(address, key.value))))
    return Items(tuple(pairs), node.line, node.column)


def _inlined(reader: Reader, node: Node, folder: Path, address: str) -> Node:
    if isinstance(node, Items):
        return _inlined_items(reader, node, folder, address)
    if isinstance(node, Listed):
        items = tuple(_inlined(reader, item, folder, address) for item in node.items)
        return Listed(items, node.line, node.column)
    return node


def _curve(reader: Reader, node: Items, folder: Path, address: str) -> Items:
    """The points of a file, each at the place in the scenario where the file is named."""
    path = _beside(reader, node, folder, address)
    if path is MISSING:
        return _STAND_IN
    try:
        data = read_regular(str(path))
    except FileError as wrong:
        reader.refuse(node.pairs[0][1], address, str(wrong), _ALLOWED)
        return _STAND_IN
    own = Reader(reader.currency, {}, {})
    points = _points(own, data, address)
    reader.problems += [replace(problem, file=str(path)) for problem in own.problems]
    if own.problems:
        return _STAND_IN
    place = node.line, node.column
    return Items(tuple((Text(t, False, *place), Text(s, False, *place)) for t, s in points), *place)


def _beside(reader: Reader, node: Items, folder: Path, address: str) -> Any:
    """Path of the file that is named, if it lies in the folder."""
    key, value = node.pairs[0]
    if len(node.pairs) > 1:
        return reader.refuse(key, address, "a file and something else", "{file: curve.csv} alone")
    if not isinstance(value, Text) or is_null(value) or not value.value.strip():
        return reader.refuse(value, address, f"{shown(value)} as a file", _ALLOWED)
    written = PureWindowsPath(value.value)  # knows every way to write a path
    path = folder / value.value
    inside = not written.anchor and ".." not in written.parts
    # A link may lead anywhere, so what counts is where it ends.
    if not (inside and Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))):
        found = f"{shown(value)}, which leads out of the scenario's folder"
        return reader.refuse(value, address, found, _ALLOWED, "a copy of it there")
    return path


def _points(own: Reader, data: bytes, address: str) -> list[tuple[str, str]]:
    """Times and survivals as a scenario's author would write them; problems go to `own`."""
    whole = Text("", False)
    if len(data) > MOST_BYTES:
        own.refuse(whole, address, "the file is too large", f"at most {MOST_BYTES:,} bytes")
        return []
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        own.refuse(whole, address, "this is not a text file", "CSV in UTF-8",
                   "save the sheet as CSV")  # fmt: skip
        return []
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        found = [(rows.line_num, row) for row in rows if any(cell.strip() for cell in row)]
    except csv.Error as wrong:
        own.refuse(Text("", False, rows.line_num), address, f"not readable as CSV: {wrong}")
        return []
    if not found:
        own.refuse(whole, address, "the file is empty", _COLUMNS)
        return []
    return _table(own, found, address)


def _table(own: Reader, rows: list[tuple[int, list[str]]], address: str) -> list[tuple[str, str]]:
    """Columns of the times and survivals, each value checked at its line."""
    line, head = rows[0]
    names = [cell.strip().lower() for cell in head]
    units = [name for name in names if name.removesuffix("s") in PERIOD_DAYS and name[-1] == "s"]
    if len(units) != 1 or names.count("survival") != 1:
        said = f"the columns {clipped(', '.join(names))}"
        hint = "commas between the columns" if ";" in said or "\t" in head[0] else ""
        own.refuse(Text("", False, line), address, said, _COLUMNS, hint)
        return []
    if not 1 <= len(rows) - 1 <= MOST_POINTS:
        own.refuse(Text("", False, line), address, f"{len(rows) - 1:,} points below the heading",
                   f"1 to {MOST_POINTS:,}")  # fmt: skip
        return []
    unit, days = units[0], PERIOD_DAYS[units[0].removesuffix("s")]
    longest = duration().high
    assert longest is not None
    time, share = Kind("number", low=0, high=longest / days), Kind("share", low=0, high=1)
    texts, values = [], []
    for line, row in rows[1:]:
        if len(row) != len(head):
            own.refuse(Text("", False, line), address, f"{len(row)} values in the row",
                       f"{len(head)}, as in the heading")  # fmt: skip
            continue
        pair = [row[names.index(name)].strip() for name in (unit, "survival")]
        read = [
            read_number(own, kind, Text(cell, False, line), address)
            for kind, cell in zip((time, share), pair, strict=True)
        ]
        if MISSING not in read:
            texts.append((f"{pair[0]} {unit[:-1] if pair[0] == '1' else unit}", pair[1]))
            values.append((read[0].value * days, read[1].value))
    if not own.problems and (wrong := fault(values)) is not None:
        own.refuse(Text("", False, rows[1 + wrong[0]][0]), address, wrong[1])
    return texts
