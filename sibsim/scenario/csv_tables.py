"""Plain tables in CSV files beside a scenario: curves, rate cards, bands.

In: the node that names a file, the scenario's folder. Out: its rows with their lines, or problems
with the line of that file. Not here: what the columns mean (`curve_files`, `rate_cards`).
"""

from __future__ import annotations

import csv
import io
import os
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from typing import Any

from sibsim.errors import FileError
from sibsim.scenario.nodes import MOST_BYTES, Items, Text, is_null, read_regular
from sibsim.scenario.numbers import MISSING, shown
from sibsim.scenario.reader import Reader

ALLOWED = "the name of a CSV file in the scenario's folder or below it"


@dataclass(frozen=True)
class CsvTable:
    """A heading and rows, each with its line.

    Attributes
    ----------
    file : str
    line : int
        Of the heading.
    head : tuple of str
        Lower case.
    rows : tuple of (int, tuple of str)
        All as long as the heading; blank lines are left out.
    """

    file: str
    line: int
    head: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]

    def cell(self, text: str, line: int) -> Text:
        """A text of the file as a node with its place."""
        return Text(text, False, line, None, self.file)


def read_table(
    reader: Reader, node: Items, folder: Path, address: str, columns: str
) -> CsvTable | None:
    """The table that a node names, None if that was reported as a problem.

    Parameters
    ----------
    node : Items
        ``{file: ...}``.
    folder : Path
        No file outside it is opened.
    columns : str
        In words, which columns there have to be.
    """
    path = _beside(reader, node, folder, address)
    if path is MISSING:
        return None
    try:
        data = read_regular(str(path))
    except FileError as wrong:
        reader.refuse(node.pairs[0][1], address, str(wrong), ALLOWED)
        return None
    before = len(reader.problems)
    rows = _rows(reader, data, str(path), address, columns)
    if not rows:
        return None
    line, head = rows[0]
    names = tuple(cell.strip().lower() for cell in head)
    kept = []
    for at, row in rows[1:]:
        if len(row) != len(head):
            reader.refuse(Text("", False, at, None, str(path)), address,
                          f"{len(row)} values in the row",
                          f"{len(head)}, as in the heading")  # fmt: skip
        else:
            kept.append((at, tuple(cell.strip() for cell in row)))
    if len(reader.problems) > before:
        return None
    return CsvTable(str(path), line, names, tuple(kept))


def _beside(reader: Reader, node: Items, folder: Path, address: str) -> Any:
    """Path of the file that is named, if it lies in the folder."""
    key, value = node.pairs[0]
    if len(node.pairs) > 1:
        return reader.refuse(key, address, "a file and something else", "{file: table.csv} alone")
    if not isinstance(value, Text) or is_null(value) or not value.value.strip():
        return reader.refuse(value, address, f"{shown(value)} as a file", ALLOWED)
    written = PureWindowsPath(value.value)  # knows every way to write a path
    path = folder / value.value
    inside = not written.anchor and ".." not in written.parts
    # A link may lead anywhere, so what counts is where it ends.
    if not (inside and Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))):
        found = f"{shown(value)}, which leads out of the scenario's folder"
        return reader.refuse(value, address, found, ALLOWED, "a copy of it there")
    return path


def _rows(
    reader: Reader, data: bytes, file: str, address: str, columns: str
) -> list[tuple[int, list[str]]]:
    """The rows of a file with their lines; none if it cannot be read."""
    whole = Text("", False, None, None, file)
    if len(data) > MOST_BYTES:
        reader.refuse(whole, address, "the file is too large", f"at most {MOST_BYTES:,} bytes")
        return []
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        reader.refuse(whole, address, "this is not a text file", "CSV in UTF-8",
                      "save the sheet as CSV")  # fmt: skip
        return []
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        found = [(rows.line_num, row) for row in rows if any(cell.strip() for cell in row)]
    except csv.Error as wrong:
        place = Text("", False, rows.line_num, None, file)
        reader.refuse(place, address, f"not readable as CSV: {wrong}")
        return []
    if not found:
        reader.refuse(whole, address, "the file is empty", columns)
    return found
