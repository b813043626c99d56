"""Costs read back in plain sentences: who pays whom for what.

In: a deal. Out: lines of text. Not here: the other parts of the deal (`words`), results.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sibsim.accounts.cost_terms import AnyCost, Each, InService, Once, Regular, Staff
from sibsim.accounts.terms import PARTIES
from sibsim.report.phrases import label, say
from sibsim.scenario.deal import Scenario

PLAIN_WORDS = {"set_up": "once", "fixed": "", "per_start": "for each start",
               "per_month": "for each person in service"}  # fmt: skip


def costs(deal: Scenario) -> Iterator[str]:
    """The costs that need no line, then each line, then what the provider is paid."""
    said = [f"{say(deal, deal.costs, name)} {tail}".strip() for name, tail in PLAIN_WORDS.items()
            if getattr(deal.costs, name).mean > 0]  # fmt: skip
    if said or not deal.costs.lines:
        yield f"  Delivery costs {', '.join(said) if said else 'nothing'}."
    for name, line in deal.costs.lines.items():
        kind = f"{line.phase}, {line.category}".replace("_", " ")
        yield f"  {label(name, line)} ({kind}): {_line(deal, line)}."
    yield from _agreement(deal)


def _agreement(deal: Scenario) -> Iterator[str]:
    agreement = deal.costs.agreement
    if agreement.paid == "fee":
        yield (
            f"  The provider is paid {say(deal, agreement, 'fee')} for delivery whatever it costs: "
            "it keeps the difference or bears it."
        )
    elif agreement.margin.mean > 0:
        yield f"  The provider is paid its costs and {say(deal, agreement, 'margin')} on top."


def _line(deal: Scenario, line: AnyCost) -> str:
    """Who pays whom how much, and what is added to it."""
    said = f"{_who(line.paid_by)} pays {_who(line.paid_to)} {AMOUNTS[type(line)](deal, line)}"
    if line.inflation.mean != 0:
        said += f", {say(deal, line, 'inflation')} dearer with each year"
    if line.contingency.mean > 0:
        said += f", plus {say(deal, line, 'contingency')} for what is not foreseen"
    if line.vat.mean > 0:
        said += f", plus VAT of {say(deal, line, 'vat')}"
        if line.recovered.mean > 0:
            said += f", {say(deal, line, 'recovered')} of it recovered"
    if line.recharged.mean != 1:
        part = "none" if line.recharged.mean == 0 else say(deal, line, "recharged")
        said += f"; the vehicle pays {part} of it back"
    return said


def _who(party: str) -> str:
    return f"the {party}" if party in PARTIES and party != "suppliers" else party


def _once(deal: Scenario, line: Once) -> str:
    month = {"start": "the contract's first month", "end": "the contract's last month",
             "last_payment": "the month of the last payment"}[line.at]  # fmt: skip
    when = f"in {month}" if line.after.mean == 0 else f"{say(deal, line, 'after')} after {month}"
    return f"{say(deal, line, 'amount')} once, {when}"


def _regular(deal: Scenario, line: Regular) -> str:
    first = "" if line.from_.mean == 0 else f" after {say(deal, line, 'from_')}"
    last = "to the contract's end" if line.until is None else (
        f"up to {say(deal, line, 'until')} from the start"
    )  # fmt: skip
    return f"{say(deal, line, 'amount')}{first} {last}"


def _of(deal: Scenario, cohort: str | None) -> str:
    return "" if cohort is None else f" of {label(cohort, deal.people[cohort])}"


def _each(deal: Scenario, line: Each) -> str:
    name = "" if line.for_ is None else label(line.for_, deal.outcomes[line.for_])
    what = {
        "referral": "each person referred", "start": "each person who starts",
        "completion": "each person who completes the service", "outcome": f"each: {name}",
        "claim": f"each claim: {name}", "hour": f"each hour: {name}",
        "visit": f"each visit: {name}",
    }[line.of]  # fmt: skip
    return f"{say(deal, line, 'amount')} for {what}{_of(deal, line.cohort)}"


def _in_service(deal: Scenario, line: InService) -> str:
    return f"{say(deal, line, 'amount')} for each person in service{_of(deal, line.cohort)}"


def _staff(deal: Scenario, line: Staff) -> str:
    said = (
        f"{say(deal, line, 'wage')} for each post, one for up to {say(deal, line, 'people_each')} "
        f"people in service{_of(deal, line.cohort)}"
    )
    if line.least.mean > 0:
        said += f", never fewer than {say(deal, line, 'least')}"
    if line.ahead.mean > 0:
        said += f", filled {say(deal, line, 'ahead')} before it is needed"
    if line.redundancy.mean > 0:
        said += f", and {say(deal, line, 'redundancy')} when one ends"
    return said


AMOUNTS: dict[type, Callable[[Scenario, Any], str]] = {
    Once: _once, Regular: _regular, Each: _each, InService: _in_service, Staff: _staff,
}  # fmt: skip
"""How much each kind of line comes to, in words."""
