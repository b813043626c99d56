"""From a file, or from plain data, to a scenario.

In: a path, the name of a bundled deal, or a mapping. Out: a `Scenario`, or one error that holds
every problem. Not here: the grammar of single values (`reader`), running the deal.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

from sibsim.errors import MOST_SHOWN, FileError, Problem, ScenarioError, UsageError
from sibsim.scenario import checks, rate_cards, variants
from sibsim.scenario.deal import Scenario
from sibsim.scenario.nodes import Items, Node, Text, parse, read_bytes, to_node
from sibsim.scenario.numbers import FACTOR, MISSING, read_number
from sibsim.scenario.reader import Reader
from sibsim.terms import Kind, terms_of
from sibsim.writing import CURRENCIES

PACKAGED = Path(__file__).resolve().parent.parent / "bundled"
CHECKOUT = Path(__file__).resolve().parents[2] / "scenarios"


@dataclass(frozen=True, slots=True)
class Reading:
    """A scenario and what its author should know about it."""

    scenario: Scenario
    warnings: tuple[Problem, ...]
    source: str


def load(source: str | Path | Mapping[str, Any]) -> Scenario:
    """Read a scenario.

    Parameters
    ----------
    source : str, Path or mapping
        A file, the name of a bundled deal such as ``"i-aspire"``, or plain data of the same shape.

    Returns
    -------
    Scenario
        Fully resolved: every default is filled in and every reference holds.

    Raises
    ------
    ScenarioError
        With every problem, each with its line, its address and what to try.
    FileError
        If the file cannot be read.
    UsageError
        If `source` is none of these.
    """
    return check(source).scenario


def check(source: object) -> Reading:
    """Read a scenario and keep the warnings; takes and raises what `load` does."""
    if isinstance(source, Mapping):
        return read_node(to_node(source), "<scenario>")
    if not isinstance(source, (str, os.PathLike)):
        kind = type(source).__name__
        raise UsageError(f"a scenario is a file, a name or a mapping; this is a {kind}")
    folder = None
    if str(source) == "-":
        data, name = read_bytes(source)
    else:
        path = locate(Path(source))
        folder = path.parent
        data, name = read_bytes(path)
        name = "".join(sign if sign.isprintable() else "?" for sign in str(source))
    return read_node(_parsed(data, name), name, folder)


def _parsed(data: bytes, name: str) -> Items:
    """The nodes of a file; of what is no text only that is said, and not what each byte is."""
    try:
        return parse(data, name)
    except ScenarioError as error:
        if len(error.problems) > 1 and 0 in data and not _is_text(data):
            found = "this is not a text file"
            raise ScenarioError([Problem("", found, "YAML or JSON as plain text")], name) from error
        raise


def _is_text(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def bundled() -> dict[str, Path]:
    """The deals that come with sibsim, by name."""
    folder = PACKAGED if PACKAGED.is_dir() else CHECKOUT
    return {path.stem.replace("_", "-"): path for path in sorted(folder.glob("*.yaml"))}


def locate(source: str | Path) -> Path:
    """The file meant by a path or by the name of a bundled deal.

    Raises
    ------
    FileError
        If there is neither, with the nearest name.
    """
    path = Path(source)
    if os.path.lexists(path):  # unlike Path.exists it also bears a name that is too long
        return path
    known = bundled()
    name = str(source).replace("_", "-")
    if name in known:
        return known[name]
    if len(path.parts) == 1 and not path.suffix:
        import difflib

        near = difflib.get_close_matches(name, known, n=1)
        hint = f"; did you mean {near[0]}?" if near else f"; bundled: {', '.join(known)}"
        raise FileError(f"{source}: no such file, and no bundled scenario of that name{hint}")
    return path


def read_node(node: Node, source: str, folder: Path | None = None) -> Reading:
    """Read a tree of nodes; raises `ScenarioError` with every problem.

    Parameters
    ----------
    folder : Path or None
        Where files that the scenario names are; None if it did not come from a file itself.
    """
    if not isinstance(node, Items):
        raise ScenarioError([Problem("", "not a block of `key: value` lines")], source)
    reader = Reader(_currency(node), _names(node), _blocks())
    if folder is not None:
        node = rate_cards.inlined(reader, node, folder)
    scenario = reader.block(Scenario, node, "")
    places = dict(_places(node, ""))
    if scenario is not MISSING and not reader.problems:
        reader.problems += _located(checks.faults(scenario), places)
    if scenario is not MISSING and not reader.problems:
        # One more than is ever shown: each option that is tried costs a whole reading.
        found = _variant_problems(scenario, node, places)
        reader.problems += list(islice(found, MOST_SHOWN + 1))
    if scenario is MISSING or reader.problems:
        raise ScenarioError(reader.problems, source)
    odd = _located(checks.oddities(scenario), places)
    return Reading(scenario, (*reader.warnings, *odd), source)


def replace(scenario: Scenario, changes: Mapping[str, Any]) -> Scenario:
    """The same deal with some values changed by address.

    Parameters
    ----------
    changes : mapping of str to value
        ``{"contract.work.price": 3_200}``: what would stand in the file at that address. ``*`` in
        an address stands for every name; ``{"times": "80%"}`` scales what stands there.

    Raises
    ------
    ScenarioError
        If an address is unknown or a value is not allowed there.
    """
    problems = list(_unfit(scenario, changes))
    if problems:
        raise ScenarioError(problems, "<changes>")
    return changed(scenario, changes).scenario


def changed(scenario: Scenario, changes: Mapping[str, Any]) -> Reading:
    """What `replace` makes, with the warnings that go with it."""
    data, unknown = variants.apply(scenario, changes)
    if unknown:
        raise ScenarioError(unknown, "<changes>")
    return read_node(to_node(data), "<changes>")


def _unfit(scenario: Scenario, changes: Mapping[str, Any]) -> Iterator[Problem]:
    """What no place could take: a factor that is no number, another currency."""
    reader = Reader(scenario.currency, {}, {})
    for address, value in changes.items():
        if isinstance(value, Mapping) and set(value) == {"times"}:
            read_number(reader, FACTOR, to_node(value["times"]), f"{address}.times")
        if address == "programme.currency" and value != scenario.currency:
            yield Problem(address, "another currency", "the deal's own: nothing is exchanged")
    yield from reader.problems


def variant(scenario: Scenario, section: str, name: str) -> Scenario:
    """The deal as one of its options or stresses makes it."""
    return _varied(scenario, getattr(scenario, section)[name].changes)


def _variant_problems(
    scenario: Scenario, node: Items, places: Mapping[str, Node]
) -> Iterator[Problem]:
    """Try each option and stress, so that its mistakes are found before anything runs."""
    for section in ("options", "stresses"):
        for name, item in getattr(scenario, section).items():
            block = places.get(f"{section}.{name}", node)
            lines = {k.value: k for k, _ in block.pairs} if isinstance(block, Items) else {}
            try:
                _varied(scenario, item.changes)
            except ScenarioError as error:
                for problem in error.problems:
                    key = lines.get(problem.address) or next(
                        (lines[a] for a in lines if variants.covers(a, problem.address)), block
                    )
                    address = f"{section}.{name}: {problem.address}"
                    yield Problem(address, problem.found, problem.allowed, problem.hint,
                                  key.line, key.column)  # fmt: skip


def _varied(scenario: Scenario, changes: Mapping[str, Any]) -> Scenario:
    """A variant stands alone: published payments were for the deal as it was."""
    bare = dataclasses.replace(scenario, options={}, stresses={}, backtest=None)
    return replace(bare, changes)


def _located(faults: Iterable[checks.Fault], places: Mapping[str, Node]) -> list[Problem]:
    problems = []
    for address, found, allowed, hint in faults:
        place = address
        while place and place not in places:
            place = place.rpartition(".")[0]
        node = places.get(place)
        where = (None, None, "") if node is None else (node.line, node.column, node.file)
        problems.append(Problem(address, found, allowed, hint, *where))
    return problems


def _places(node: Node, address: str) -> Iterator[tuple[str, Node]]:
    """Every address of the file with the node that stands there."""
    if isinstance(node, Items):
        for key, value in node.pairs:
            place = f"{address}.{key.value}" if address else key.value
            yield place, (value if value.line is not None else key)
            yield from _places(value, place)


def _child(node: Node, name: str) -> Node | None:
    if not isinstance(node, Items):
        return None
    return next((value for key, value in node.pairs if key.value == name), None)


def _currency(node: Items) -> str:
    """The currency, known before any amount is read; an unknown one is reported in its place."""
    programme = _child(node, "programme")
    stated = _child(programme, "currency") if programme is not None else None
    known = isinstance(stated, Text) and stated.value in CURRENCIES
    return stated.value if known and isinstance(stated, Text) else "GBP"


def _names(node: Items) -> dict[str, tuple[str, ...]]:
    """What is defined under each section; its own settings are none of it."""
    found, sections = {}, terms_of(Scenario)
    for key, value in node.pairs:
        if isinstance(value, Items):
            settings = _settings(sections[key.value][1].kind) if key.value in sections else set()
            found[key.value] = tuple(n.value for n, _ in value.pairs if n.value not in settings)
    return found


def _settings(kind: Kind) -> set[str]:
    """The keys of a section that are no names."""
    if kind.name != "block" or not isinstance(kind.of, type):
        return set()
    return {name for name, (_, term) in terms_of(kind.of).items() if not term.inline}


@lru_cache(maxsize=1)
def _blocks() -> dict[str, str]:
    """Every key of the language, with the section in which it is first known."""
    known: dict[str, str] = {}

    def visit(of: type, section: str) -> None:
        for name, (_, term) in terms_of(of).items():
            place = section or name
            if section and not term.inline:
                known.setdefault(name, section)
            inner = term.kind.of
            for block in inner.values() if isinstance(inner, Mapping) else [inner]:
                if isinstance(block, type):
                    visit(block, place)

    visit(Scenario, "")
    return known
