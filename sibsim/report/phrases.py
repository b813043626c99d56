"""Small phrases that every part of a deal's reading back uses.

In: a deal, a block of its terms. Out: a name, a number in words, so many of something. Not here:
sentences (`words`, `payment_words`).
"""

from __future__ import annotations

import math
from typing import Any

from sibsim.quantities import Quantity
from sibsim.scenario.deal import Scenario
from sibsim.scenario.writer import number_text
from sibsim.terms import terms_of


def many(count: int, what: str) -> str:
    """So many of something, in the singular for one."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def label(name: str, item: Any) -> str:
    """What an item is called."""
    return str(item.about.label or name)


def say(deal: Scenario, block: Any, name: str) -> str:
    """One number of a block in words, uncertain ones by their mean."""
    _, term = terms_of(type(block))[name.rstrip("_")]
    quantity: Quantity = getattr(block, name)
    if endless := never(quantity):
        return f"a time without end for {endless} of them"
    if quantity.is_fixed:  # to the last digit, save what only a factor brings in
        value = quantity.mean if quantity.times == 1 else float(f"{quantity.mean:.10g}")
        if term.kind.name == "count":
            return f"{value:,.0f}"
        return str(number_text(term.kind, value, quantity.period, deal.currency))
    rounded = float(f"{quantity.mean:.6g}")
    text = number_text(term.kind, rounded, quantity.period, deal.currency)
    return f"about {text} (uncertain)"


def every(deal: Scenario, block: Any) -> str:
    """How often, by the `every` of a block."""
    return f"every {say(deal, block, 'every').removeprefix('1 ')}"


def never(quantity: Quantity) -> str:
    """The share of people whose wait does not end; empty if there are none."""
    if not math.isinf(quantity.distribution.mean):
        return ""
    return f"{100 * (1 - float(quantity.distribution.cdf(math.inf))):.3g}%"
