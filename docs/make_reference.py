"""Writes the reference parts of the docs from the declarations in the code.

Run ``python docs/make_reference.py``; a test fails when what it writes is not what stands there.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sibsim.families import DISTRIBUTIONS
from sibsim.metrics import (
    AROUND,
    BORNE,
    FEES,
    HURDLE,
    METRICS,
    NAMED,
    RESERVE,
    STOPPING,
    WAITING,
)
from sibsim.parties import AT_HURDLE, TRANCHE
from sibsim.scenario.schema import rows

HERE = Path(__file__).resolve().parent
MARK = "<!-- from here on written by docs/make_reference.py -->\n"


def cell(text: str) -> str:
    """Text that may stand in a cell of a Markdown table."""
    return text.replace("|", "\\|").replace("\n", " ")


def keys() -> Iterator[str]:
    """One table a section of the scenario file."""
    section = ""
    # The keys of the file itself come first, then each section with its own.
    found = sorted(rows(), key=lambda row: "." in row[0])
    for address, meaning, allowed, default, example in found:
        head = address.split(".")[0] if "." in address else "The file"
        if head != section:
            section = head
            yield f"\n## {head}\n"
            yield "| address | meaning | allowed | default | example |"
            yield "|---|---|---|---|---|"
        cells = (f"`{address}`", meaning, allowed, default, f"`{example}`" if example else "")
        yield f"| {' | '.join(cell(c) for c in cells)} |"
    yield "\n## Distributions\n"
    yield "| name | parameters | what it is |"
    yield "|---|---|---|"
    for name, family in DISTRIBUTIONS.items():
        yield f"| `{name}` | {cell(family.allowed)} | {cell(family.doc)} |"


def metrics() -> Iterator[str]:
    """One table of all metrics."""
    yield "\n| metric | unit | meaning |"
    yield "|---|---|---|"
    tables = (METRICS, WAITING, STOPPING, AROUND, BORNE, FEES, HURDLE, RESERVE)
    for name, row in {name: row for table in tables for name, row in table.items()}.items():
        unit = "the deal's currency" if row.unit == "money" else row.unit
        yield f"| `{name}` | {unit} | {cell(row.meaning)} |"
    for name, meaning in NAMED.items():
        kind, _, part = name.partition(".NAME.")
        unit = {**TRANCHE, **AT_HURDLE}.get(part, "money") if kind == "capital" else "money"
        unit = "the deal's currency" if unit == "money" else unit
        unit = "people, or what is counted" if kind == "outcomes" else unit
        unit = "claims" if name.startswith("claims") else unit
        yield f"| `{name}` | {unit} | {cell(meaning)} |"


def written(name: str, lines: Iterator[str]) -> str:
    """A page with its written part made anew."""
    text = (HERE / name).read_text(encoding="utf-8")
    head, _, _ = text.partition(MARK)
    return head + MARK + "\n".join(lines) + "\n"


PAGES = {"scenario.md": keys, "metrics.md": metrics}

if __name__ == "__main__":
    for page, make in PAGES.items():
        (HERE / page).write_text(written(page, make()), encoding="utf-8")
