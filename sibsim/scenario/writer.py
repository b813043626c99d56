"""From terms back to text: the short file that a person would write, or the full one.

In: a scenario. Out: plain data and YAML that read back as the same scenario. Not here: reading.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import MISSING
from typing import Any

from sibsim import writing
from sibsim.distributions import Distribution
from sibsim.families import DISTRIBUTIONS
from sibsim.quantities import Quantity
from sibsim.scenario.deal import Scenario
from sibsim.scenario.nodes import dump_plain
from sibsim.terms import Kind, terms_of


def to_data(scenario: Scenario, *, full: bool = False) -> dict[str, Any]:
    """The scenario as dicts, lists and text, in the order of the language.

    Parameters
    ----------
    full : bool
        Whether defaults are written out too.
    """
    return _block(scenario, scenario.currency, full)


def dump(scenario: Scenario, *, full: bool = False) -> str:
    """The scenario as YAML that `load` reads back as an equal scenario.

    Parameters
    ----------
    full : bool
        Whether defaults are written out too: the fully resolved file.
    """
    return dump_plain(to_data(scenario, full=full))


def digest(scenario: Scenario) -> str:
    """SHA-256 of the fully resolved scenario, in its order: the order of terms decides money."""
    text = json.dumps(to_data(scenario, full=True), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def number_text(kind: Kind, value: float, period: str, currency: str) -> str | float:
    """One number as it is written in a file."""
    if kind.name in ("count", "number", "rank"):
        return _bare(value)
    if kind.name == "result":  # a share as a share, what is counted as a number
        return _bare(value) if abs(value) > 1 else writing.share_text(value)
    text: str = _TEXTS[kind.name](value, currency)
    return f"{text} {'each' if period == 'each' else f'a {period}'}" if period else text


def _bare(value: float) -> float:
    return int(value) if value == int(value) and abs(value) < 1e15 else value


_TEXTS: dict[str, Any] = {
    "money": writing.money_text,
    "money_rate": writing.money_text,
    "share": lambda value, _: writing.share_text(value),
    "share_rate": lambda value, _: writing.share_text(value),
    "number_rate": lambda value, _: writing.plain_text(value),
    "duration": lambda value, _: writing.duration_text(value),
    "months": lambda value, _: writing.months_text(value),
}


_PERIODS = {days: name for name, days in writing.PERIOD_DAYS.items()}


def _block(block: Any, currency: str, full: bool) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for name, (declared, term) in terms_of(type(block)).items():
        value = getattr(block, declared.name)
        if term.inline and term.kind.name == "block":
            data.update(_block(value, currency, False))
        elif term.inline:
            data.update(_value(term.kind, value, currency, full))
        elif not _left_out(declared, value, full):
            data[name] = _value(term.kind, value, currency, full)
    return data


def _left_out(declared: Any, value: Any, full: bool) -> bool:
    if value is None and declared.default is None:
        return not (full and declared.metadata["term"].kind.options)
    if value == "" or value == {} or value == ():
        return True
    if full:
        return False
    default = declared.default
    if default is MISSING:
        return declared.default_factory is not MISSING and value == declared.default_factory()
    return bool(value == default)


def _value(kind: Kind, value: Any, currency: str, full: bool) -> Any:
    if value is None:
        return kind.options[0]
    if isinstance(value, Quantity):
        return _quantity(kind, value, currency)
    if kind.name == "block":
        return _block(value, currency, full)
    if kind.name == "by_name":
        if kind.section and [item.mean for item in value.values()] == [1.0]:
            return next(iter(value))
        return {name: _quantity(kind.of, item, currency) for name, item in value.items()}
    if kind.name == "listed":
        return [written_quantity(kind.of, item, currency) for item in value]
    if kind.name in ("names", "ordered"):
        return value[0] if kind.name == "names" and len(value) == 1 else list(value)
    if kind.name == "items":
        return {name: _block(item, currency, full) for name, item in value.items()}
    if kind.name == "tagged":
        return {name: _tagged(kind, item, currency, full) for name, item in value.items()}
    if kind.name == "overrides":
        return dict(value)
    return _WORDS[kind.name](value) if kind.name in _WORDS else value


_WORDS: dict[str, Any] = {"date": writing.date_text, "year": writing.year_text}
"""Kinds whose value is not yet plain data."""


def _tagged(kind: Kind, item: Any, currency: str, full: bool) -> dict[str, Any]:
    tag = next(name for name, of in kind.of.items() if of is type(item))
    said = {} if tag == kind.usual and not full else {kind.tag: tag}
    return {**said, **_block(item, currency, full)}


def written_quantity(kind: Kind, quantity: Quantity, currency: str) -> Any:
    """A number as a file would hold it, without its notes."""
    return _distribution(kind, quantity.distribution, quantity.period, currency)


def _quantity(kind: Kind, quantity: Quantity, currency: str) -> Any:
    written = written_quantity(kind, quantity, currency)
    notes: dict[str, Any] = {}
    if quantity.times != 1.0:
        notes["times"] = writing.share_text(quantity.times)
    for name in ("source", "note"):
        if getattr(quantity, name):
            notes[name] = getattr(quantity, name)
    if quantity.confidence is not None:
        notes["confidence"] = quantity.confidence
    if not notes:
        return written
    return {**written, **notes} if isinstance(written, dict) else {"value": written, **notes}


def _distribution(kind: Kind, made: Distribution, period: str, currency: str) -> Any:
    family = DISTRIBUTIONS[made.family]

    def one(name: str, value: float) -> str | float:
        if not family.carries_unit(name):
            return writing.share_text(value) if family.paired else _bare(value)
        return number_text(kind, value, period, currency)

    if made.family == "fixed":
        return one("value", made.values[0])
    if family.paired:
        value, beside, *per = form = next(iter(family.forms))
        rows = [made.values[k::len(form)] for k in range(len(form))]
        ends = [f" a {_PERIODS[days]}" for days in rows[2]] if per else [""] * len(rows[0])
        return {made.family: {
            one(value, v): f"{one(beside, b)}{end}"
            for v, b, end in zip(rows[0], rows[1], ends, strict=True)
        }}  # fmt: skip
    texts = [one(name, value) for name, value in zip(made.form, made.values, strict=True)]
    listed = family.repeated or (family.listed and made.form in family.forms)
    parameters: list[str | float] | Mapping[str, str | float] = (
        texts if listed else dict(zip(made.form, texts, strict=True))
    )
    return {made.family: parameters}
