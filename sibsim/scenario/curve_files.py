"""Survival curves that stand in a CSV file beside the scenario.

In: a node that names a file, the folder of the scenario. Out: the points in its place, as if its
author had written them there; or problems with the line of that file. Not here: how the file is
read (`csv_tables`), what the points mean (`uncertain`).
"""

from __future__ import annotations

from pathlib import Path

from sibsim.scenario.csv_tables import CsvTable, read_table
from sibsim.scenario.nodes import Items, Text
from sibsim.scenario.numbers import MISSING, clipped, read_number
from sibsim.scenario.reader import Reader
from sibsim.survival import fault
from sibsim.terms import Kind, duration
from sibsim.writing import PERIOD_DAYS

MOST_POINTS = 2_000
"""Points of one curve; a step a day for five years is fewer."""

_COLUMNS = f"one column {', '.join(f'{p}s' for p in PERIOD_DAYS)}, and one column survival"
_STAND_IN = Items(((Text("1 day", False), Text("0", False)),))
"""Takes the place of a curve whose problems have been reported, so that it raises no others."""


def curve(reader: Reader, node: Items, folder: Path, address: str) -> Items:
    """The points of a file, each at the place in the scenario where the file is named."""
    table = read_table(reader, node, folder, address, _COLUMNS)
    before = len(reader.problems)
    points = [] if table is None else _points(reader, table, address)
    if table is None or len(reader.problems) > before:
        return _STAND_IN
    place = node.line, node.column
    return Items(tuple((Text(t, False, *place), Text(s, False, *place)) for t, s in points), *place)


def _points(reader: Reader, table: CsvTable, address: str) -> list[tuple[str, str]]:
    """Times and survivals as a scenario's author would write them, each checked at its line."""
    before, heading = len(reader.problems), table.cell("", table.line)
    names = table.head
    units = [name for name in names if name.removesuffix("s") in PERIOD_DAYS and name[-1] == "s"]
    if len(units) != 1 or names.count("survival") != 1:
        said = f"the columns {clipped(', '.join(names))}"
        hint = "commas between the columns" if ";" in said or "\t" in names[0] else ""
        reader.refuse(heading, address, said, _COLUMNS, hint)
        return []
    if not 1 <= len(table.rows) <= MOST_POINTS:
        reader.refuse(heading, address, f"{len(table.rows):,} points below the heading",
                      f"1 to {MOST_POINTS:,}")  # fmt: skip
        return []
    unit, days = units[0], PERIOD_DAYS[units[0].removesuffix("s")]
    longest = duration().high
    assert longest is not None
    time, share = Kind("number", low=0, high=longest / days), Kind("share", low=0, high=1)
    texts, values, lines = [], [], []
    for line, row in table.rows:
        pair = [row[names.index(name)] for name in (unit, "survival")]
        read = [
            read_number(reader, kind, table.cell(cell, line), address)
            for kind, cell in zip((time, share), pair, strict=True)
        ]
        if MISSING not in read:
            texts.append((f"{pair[0]} {unit[:-1] if pair[0] == '1' else unit}", pair[1]))
            values.append((read[0].value * days, read[1].value))
            lines.append(line)
    if len(reader.problems) == before and (wrong := fault(values)) is not None:
        reader.refuse(table.cell("", lines[wrong[0]]), address, wrong[1])
    return texts
