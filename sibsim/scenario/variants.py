"""Overrides by address: the one way in which a deal is varied.

In: a scenario and new values by address. Out: the plain data of the changed deal, or which address
is not in it. Not here: whether the new values are allowed (they are read like a file).
"""

from __future__ import annotations

import copy
import difflib
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from sibsim import writing
from sibsim.errors import MOST_SHOWN, Problem
from sibsim.quantities import Quantity, join
from sibsim.scenario.deal import PEOPLE, SIMULATED, Scenario
from sibsim.scenario.writer import to_data
from sibsim.terms import Term, terms_of

WORDS = ("about", "kind", "measure", "evidence")
"""Fields that tell a reader something and move no number."""


def apply(
    scenario: Scenario, changes: Mapping[str, Any]
) -> tuple[dict[str, Any], list[Problem]]:
    """Put new values into the full data of a scenario.

    Returns
    -------
    data : dict
        What would stand in the changed file.
    unknown : list of Problem
        One for each address that the scenario does not have.
    """
    data = copy.deepcopy(to_data(scenario, full=True))
    known = dict(places(scenario))
    unknown: list[Problem] = []
    for address, value in changes.items():
        matches = [place for place in known if covers(address, place)]
        if not matches:
            # Looking for the nearest address takes a while; beyond what is shown nobody sees it.
            looked = known if len(unknown) < MOST_SHOWN else ()
            near = difflib.get_close_matches(address, looked, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]}?" if near else "sibsim show SCENARIO --levers"
            unknown.append(
                Problem(address, "no such address", "an address of this scenario", hint)
            )
        for place in matches:
            if not isinstance(known[place], Term):
                unknown.append(Problem(place, "a block, not a value", "the address of a value"))
                continue
            _put(data, place.split("."), value)
    return data, unknown


def covers(pattern: str, address: str) -> bool:
    """Whether an address is meant by a pattern in which ``*`` stands for one name."""
    asked, given = pattern.split("."), address.split(".")
    return len(asked) == len(given) and all(
        a in ("*", g) for a, g in zip(asked, given, strict=True)
    )


def changes_people(base: Scenario, other: Scenario) -> bool:
    """Whether two deals differ in anything that decides what happens to people."""
    return _joint(base) != _joint(other) or any(
        _essence(value_at(base, place)) != _essence(value_at(other, place)) for place in SIMULATED
    )


def _joint(scenario: Scenario) -> dict[frozenset[str], float]:
    """Correlations between numbers of people; those with money move only the money."""
    return {
        frozenset(item.pair): item.rank.mean
        for item in scenario.correlations.values()
        if item.rank.mean != 0 and all(end.split(".")[0] in PEOPLE for end in item.pair)
    }


def _essence(value: Any) -> Any:
    """What of a term can move a number: no labels, notes or sources; names in their order."""
    if isinstance(value, Quantity):
        return value.distribution, value.period, value.times
    if isinstance(value, Mapping):
        return [(name, _essence(item)) for name, item in value.items()]
    if is_dataclass(value) and not isinstance(value, type):
        return {
            item.name: _essence(getattr(value, item.name))
            for item in fields(value)
            if item.name not in WORDS
        }
    return value


def places(tree: Any, address: str = "") -> Iterator[tuple[str, Any]]:
    """Every address of a scenario, in file order, with its declaration (or None for a block)."""
    if isinstance(tree, dict):
        for name, item in tree.items():
            yield join(address, name), None
            yield from places(item, join(address, name))
    elif is_dataclass(tree) and not isinstance(tree, (type, Quantity)):
        for name, (declared, term) in terms_of(type(tree)).items():
            value = getattr(tree, declared.name)
            if term.inline:
                if term.kind.name != "overrides":
                    yield from places(value, address)
                continue
            place = join(address, name)
            if place in ("options", "stresses", "backtest", "sibsim"):
                continue
            if term.kind.name == "by_name":
                yield place, None
                each = Term(term.kind.of, term.meaning, term.example)
                yield from ((join(place, key), each) for key in value or ())
                continue
            nested = isinstance(value, dict) or (is_dataclass(value) and not _is_value(value))
            yield place, None if nested else term
            if nested:
                yield from places(value, place)


def _is_value(value: Any) -> bool:
    return isinstance(value, Quantity)


def quantities(scenario: Scenario) -> Iterator[tuple[str, Term, Quantity]]:
    """Every number of a scenario by address, with its declaration."""
    found = dict(places(scenario))
    for address, term in found.items():
        if isinstance(term, Term):
            value = value_at(scenario, address)
            if isinstance(value, Quantity):
                yield address, term, value


def value_at(scenario: Scenario, address: str) -> Any:
    """What stands at an address of a scenario."""
    here: Any = scenario
    for name in address.split("."):
        here = _step(here, name)
    return here


def _step(here: Any, name: str) -> Any:
    if isinstance(here, Mapping):
        return here[name]
    for declared in fields(here):
        term = declared.metadata["term"]
        value = getattr(here, declared.name)
        if not term.inline and declared.name.rstrip("_") == name:
            return value
        if term.inline and isinstance(value, Mapping) and name in value:
            return value[name]
        if term.inline and is_dataclass(value) and name in terms_of(type(value)):
            return getattr(value, name)
    raise KeyError(name)


def _put(data: dict[str, Any], path: list[str], value: Any) -> None:
    for name in path[:-1]:
        data = data.setdefault(name, {})
    last = path[-1]
    if isinstance(value, Mapping) and set(value) == {"times"} and last in data:
        data[last] = _scaled(data[last], value["times"])
    else:
        data[last] = value


def _scaled(old: Any, times: Any) -> Any:
    """What stood there with one more factor on it."""
    block = dict(old) if isinstance(old, Mapping) else {"value": old}
    if "times" in block:
        try:
            new, old_factor = (writing.factor(str(x)).value for x in (times, block["times"]))
        except writing.Misread:
            block["times"] = times  # whoever reads the changed file says what is wrong with it
        else:
            block["times"] = writing.share_text(new * old_factor)
    else:
        block["times"] = times
    return block
