"""A deal read back in plain sentences, so that somebody who builds no models can check it.

In: a scenario. Out: lines of text: each payment term as one sentence with a worked example. Not
here: results.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from sibsim.contract.evidence import Baseline
from sibsim.contract.mechanisms import MECHANISMS
from sibsim.contract.terms import ByResult, Fee, OnResult, PaymentTerm, PerEffect, PerOutcome
from sibsim.people.outcomes import (
    AnyOutcome,
    ChangeIn,
    DaysIn,
    Deteriorated,
    Improved,
    NumberOf,
    Outcome,
    Reached,
    Sustained,
    Visited,
)
from sibsim.people.terms import Cohort
from sibsim.quantities import Quantity
from sibsim.scenario.deal import Scenario
from sibsim.scenario.variants import quantities
from sibsim.scenario.writer import number_text, written_quantity
from sibsim.terms import Term, terms_of
from sibsim.value.terms import Saving
from sibsim.writing import DAYS_PER_MONTH, money_text

EXAMPLE_CLAIMS = 10
"""Claims in the worked example of a payment term."""


def read_back(deal: Scenario) -> list[str]:
    """The deal in sentences, a blank line between parts."""
    parts = [_opening(deal), _people(deal), _outcomes(deal), _payments(deal), _delivery(deal),
             _savings(deal), _correlations(deal), _variants(deal)]  # fmt: skip
    lines: list[str] = []
    for part in parts:
        found = list(part)
        if found:
            lines += [*found, ""]
    return lines[:-1]


def levers(deal: Scenario) -> list[tuple[str, str, str, str]]:
    """What can be chosen and what is not known: address, value, role, meaning."""
    rows = []
    for address, term, quantity in quantities(deal):
        if term.lever or not quantity.is_fixed:
            role = "lever" if term.lever and quantity.is_fixed else "uncertain"
            if term.kind.spread:
                role = "spread"  # over people: known as far as it goes
            rows.append((address, inline(written(deal, term, quantity)), role, term.meaning))
    return rows


def written(deal: Scenario, term: Term, quantity: Quantity) -> Any:
    """A number as a file would hold it, without its notes."""
    return written_quantity(term.kind, quantity, deal.currency)


def inline(data: Any) -> str:
    """Plain data on one line: ``{triangular: [20%, 30%, 45%]}``."""
    if isinstance(data, dict):
        return "{" + ", ".join(f"{key}: {inline(value)}" for key, value in data.items()) + "}"
    if isinstance(data, list):
        return "[" + ", ".join(inline(item) for item in data) + "]"
    return str(data)


def _say(deal: Scenario, block: Any, name: str) -> str:
    """One number of a block in words, uncertain ones by their mean."""
    _, term = terms_of(type(block))[name.rstrip("_")]
    quantity: Quantity = getattr(block, name)
    if never := _never(quantity):
        return f"a time without end for {never} of them"
    rounded = float(f"{quantity.mean:.6g}")
    text = number_text(term.kind, rounded, quantity.period, deal.currency)
    return str(text) if quantity.is_fixed else f"about {text} (uncertain)"


def _never(quantity: Quantity) -> str:
    """The share of people whose wait does not end; empty if there are none."""
    if not math.isinf(quantity.distribution.mean):
        return ""
    return f"{100 * (1 - float(quantity.distribution.cdf(math.inf))):.3g}%"


def _opening(deal: Scenario) -> Iterator[str]:
    programme = deal.programme
    yield f"{deal.title}"
    if deal.illustrative:
        yield "The figures are made up to show the method."
    if deal.description:
        yield deal.description
    months = round(programme.months.mean)
    timeline = deal.timeline
    yield (
        f"{programme.commissioner} pays for outcomes in a contract of {months} months, from "
        f"{timeline.label(0)} to {timeline.label(months - 1)}; {programme.provider} delivers. "
        f"Amounts are in {deal.currency}, {programme.prices} prices."
    )


def _people(deal: Scenario) -> Iterator[str]:
    yield "People"
    for name, cohort in deal.people.items():
        yield f"  {_label(name, cohort)}: {_cohort(deal, cohort)}"


def _cohort(deal: Scenario, cohort: Cohort) -> str:
    ramp = "" if cohort.ramp_up.mean == 0 else (
        f", rising over the first {_say(deal, cohort, 'ramp_up')}"
    )  # fmt: skip
    leave = "" if cohort.leave.mean == 0 else (
        f" They drop out at {_say(deal, cohort, 'leave')}."
    )  # fmt: skip
    stay = "" if cohort.stay is None else (
        f" The service is offered for {_say(deal, cohort, 'stay')}."
    )  # fmt: skip
    return (
        f"{_say(deal, cohort, 'referrals')} are referred over {_say(deal, cohort, 'over')}{ramp}; "
        f"{_say(deal, cohort, 'engage')} of them start.{leave}{stay}"
    )


def _outcomes(deal: Scenario) -> Iterator[str]:
    yield "Outcomes, with the service and without it"
    for name, outcome in deal.outcomes.items():
        yield f"  {_label(name, outcome)} ({outcome.kind}): {_outcome(deal, outcome)}"


def _outcome(deal: Scenario, outcome: AnyOutcome) -> str:
    """How one outcome comes about, in a sentence."""
    if not isinstance(outcome, Outcome):
        return _read_off(deal, outcome)
    reach = _reach(deal, outcome)
    of = "those who start"
    if outcome.follows is not None:
        of = f"those who reached {_label(outcome.follows, deal.outcomes[outcome.follows])}"
    wait = outcome.wait
    when = (
        f"after {_say(deal, outcome, 'after' if outcome.after else 'sustained')}"
        if wait.is_fixed
        else f"after a wait without end for {never} of these" if (never := _never(wait))
        else f"after {wait.mean / DAYS_PER_MONTH:.1f} months on average, some sooner and some later"
    )
    again = ""
    if outcome.repeat is not None:
        again = (
            f" It can be reached up to {outcome.repeat.most.mean:g} times, each next time with a "
            f"chance of {_say(deal, outcome.repeat, 'chance')}, "
            f"{_say(deal, outcome.repeat, 'every')} later."
        )
    measure = f" Measured by {outcome.measure}." if outcome.measure else ""
    return (
        f"{reach} of {of} reach it, {when}; without the service "
        f"{_say(deal, outcome, 'without')} would.{again}{measure}"
    )


def _reach(deal: Scenario, outcome: Outcome) -> str:
    """The chance with the service, as it was stated or as the effect makes it."""
    if outcome.chance is not None:
        return _say(deal, outcome, "chance")
    assert outcome.effect is not None, "checked when the scenario was read"
    name, _ = next(iter(outcome.effect.ratios().items()))
    return f"with a {name.replace('_', ' ')} of {_say(deal, outcome.effect, name)}, more or fewer"


def _read_off(deal: Scenario, outcome: Any) -> str:
    """What is read off a journey, events, a score or visits, in a sentence."""
    since = ""
    if getattr(outcome, "within", None) is not None:
        since = f" within {_say(deal, outcome, 'within')} of the start"
    each = " each time" if getattr(outcome, "times", "first") == "each" else ""
    if isinstance(outcome, Reached):
        said = f"the state `{outcome.state}` of `{outcome.journey}` is entered{each}"
    elif isinstance(outcome, Sustained):
        lasting = _say(deal, outcome, "lasting")
        said = f"`{outcome.state}` of `{outcome.journey}` lasts {lasting}{each}"
    elif isinstance(outcome, DaysIn):
        said = f"days in `{outcome.state}` of `{outcome.journey}`{since}"
    elif isinstance(outcome, NumberOf):
        said = f"the number of `{outcome.events}`{since}"
    elif isinstance(outcome, Visited):
        said = f"{outcome.count.replace('_', ' ')} of the visits `{outcome.visits}`, week by week"
    else:
        said = f"`{outcome.score}` at {_say(deal, outcome, 'at')}, against the first assessment: "
        said += _change_in_words(deal, outcome)
    measure = f" Measured by {outcome.measure}." if outcome.measure else ""
    return f"{said}.{measure}"


def _change_in_words(deal: Scenario, outcome: Any) -> str:
    """Which change of a score counts."""
    if isinstance(outcome, ChangeIn):
        return "distance travelled for the better"
    if isinstance(outcome, Improved):
        return f"better by {_say(deal, outcome, 'by')} points or more"
    decline = _say(deal, outcome, "decline")
    if isinstance(outcome, Deteriorated):
        return f"worse by more than the {decline} points that are expected"
    return (
        f"not better by {_say(deal, outcome, 'by')} points, and worse by no more than the "
        f"{decline} that are expected"
    )


def _payments(deal: Scenario) -> Iterator[str]:
    yield "Payments"
    for name, item in deal.contract.terms.items():
        yield f"  {_label(name, item)}: {SENTENCES[type(item)](deal, item)}"
    limits = deal.contract.caps
    said = []
    if limits.person is not None:
        said.append(f"{_say(deal, limits, 'person')} for one person")
    said += [
        f"{_say(deal, item, 'cap')} for {_label(name, item)}"
        for name, item in deal.contract.terms.items()
        if item.cap is not None
    ]
    if limits.period is not None:
        length = _say(deal, limits, "period_length")
        said.append(f"{_say(deal, limits, 'period')} in each {length}")
    if limits.contract is not None:
        said.append(f"{_say(deal, limits, 'contract')} in all")
    if said:
        yield f"  At most {', then '.join(said)}, in this order; what is cut is lost."
    else:
        yield "  There is no cap."


def _per_outcome(deal: Scenario, item: PerOutcome) -> str:
    outcome = _label(item.for_, deal.outcomes[item.for_])
    most = item.claims_per_person
    often = "each time" if most is None else (
        "once" if most.mean == 1 else f"up to {most.mean:g} times"
    )  # fmt: skip
    return (
        f"{deal.programme.commissioner} pays {_say(deal, item, 'price')}{_rising(deal, item)} "
        f"for a person who reaches {outcome} and has not dropped out, {often} for one person, "
        f"{_delay(item)}. "
        f"Example: {EXAMPLE_CLAIMS} claims in a month come to {_example(deal, item)}."
    )


def _rising(deal: Scenario, item: PerOutcome | Fee) -> str:
    """By how much a price rises, if it does."""
    still = item.uplift.is_fixed and item.uplift.mean == 0.0
    return "" if still else f", rising by {_say(deal, item, 'uplift')} each year,"


def _fee(deal: Scenario, item: Fee) -> str:
    return (
        f"{deal.programme.commissioner} pays {_say(deal, item, 'amount')}{_rising(deal, item)} "
        f"whatever the outcomes, {_delay(item)}. Example: a month comes to {_example(deal, item)}."
    )


RESULT_WORDS = {
    "reduction": "{} falls, as a share of what it would have been without the service",
    "increase": "{} rises, as a share of what it would have been without the service",
    "rate": "{} there is for each person who starts",
    "added": "{} there is for each person who starts, beyond what there would be without",
    "fewer": "one fewer of {} than without the service",
    "more": "one more of {} than without the service",
}
"""What a contract's result is, in words."""


def _by_result(deal: Scenario, item: ByResult) -> str:
    bands = [
        f"{_say(deal, band, 'pays')} from {_say(deal, band, 'from_')}"
        for band in item.bands.values()
    ]
    between = {"step": "level between these", "line": "in a straight line between these"}
    of = RESULT_WORDS[item.result].format(_label(item.for_, deal.outcomes[item.for_]))
    middle = list(item.bands.values())[len(item.bands) // 2].from_.mean
    return (
        f"{deal.programme.commissioner} pays once, {_delay(item, 'contract')}, by how much {of}: "
        f"{', '.join(bands)}, {between[item.between]}, nothing below. {_compared(deal, item)} "
        f"Example: a result of {100 * middle:.6g}% comes to {_example(deal, item, middle)}."
    )


def _per_effect(deal: Scenario, item: PerEffect) -> str:
    of = RESULT_WORDS[item.result].format(_label(item.for_, deal.outcomes[item.for_]))
    return (
        f"{deal.programme.commissioner} pays {_say(deal, item, 'price')} for each {of}, "
        f"once, {_delay(item, 'contract')}. {_compared(deal, item)} "
        f"Example: {EXAMPLE_CLAIMS} come to {_example(deal, item, float(EXAMPLE_CLAIMS))}."
    )


def _compared(deal: Scenario, item: OnResult) -> str:
    """With whom those who are served are compared."""
    if item.evidence is None:
        return "Compared with the same people without the service, as only a simulation can."
    design = deal.evidence[item.evidence]
    if isinstance(design, Baseline):
        return f"Compared with {_say(deal, design, 'each')} for each person who starts."
    sure = "" if design.significance is None else (
        f", and counted as nothing unless significant at {_say(deal, design, 'significance')}"
    )  # fmt: skip
    return f"Compared with {_say(deal, design, 'group')} other people who are not served{sure}."


SENTENCES: dict[type, Callable[[Scenario, Any], str]] = {
    PerOutcome: _per_outcome, Fee: _fee, ByResult: _by_result, PerEffect: _per_effect,
}  # fmt: skip
"""For each type of payment term, the sentence that reads it back."""


def _example(deal: Scenario, item: PaymentTerm, result: float = 0.0) -> str:
    """What the mechanism itself pays for the example, at the mean of what is uncertain."""
    from sibsim.quantities import each_quantity, plain

    certain = each_quantity(item, lambda address, q: plain(q.mean, q.period))
    amount = MECHANISMS[type(item)](certain, np.array([[EXAMPLE_CLAIMS]]), np.array([result]))
    return money_text(float(amount[0, 0]), deal.currency)


def _delay(item: PaymentTerm, since: str = "claim") -> str:
    lag = round(item.lag.mean)
    if lag == 0:
        return "in the month of the claim" if since == "claim" else "in the contract's last month"
    what = "the claim" if since == "claim" else "the contract's last month"
    return f"{lag} month{'' if lag == 1 else 's'} after {what}"


def _delivery(deal: Scenario) -> Iterator[str]:
    yield "Delivery and capital"
    costs, said = deal.costs, []
    words = {"set_up": "once", "fixed": "", "per_start": "for each start",
             "per_month": "for each person in service"}  # fmt: skip
    for name, tail in words.items():
        if getattr(costs, name).mean > 0:
            said.append(f"{_say(deal, costs, name)} {tail}".strip())
    yield f"  Delivery costs {', '.join(said) if said else 'nothing'}."
    for name, tranche in deal.capital.items():
        when = "as it is needed" if tranche.draw == "on_need" else "all at the start"
        out = "when the contract is over" if tranche.distribute == "at_end" else (
            f"each month from month {tranche.distribute_from.mean:g}, once "
            f"{_say(deal, tranche, 'hold')} months of costs are kept back"
        )  # fmt: skip
        yield (
            f"  {_label(name, tranche)} puts in up to {_say(deal, tranche, 'commitment')}, {when}. "
            f"Outcome payments pay for delivery first; surplus is given out {out}: first the money "
            f"put in, then {_say(deal, tranche, 'investor_share')} of the rest to the investor."
        )
    if not deal.capital:
        yield "  Nobody invests: the provider carries what payments do not yet cover."


def _savings(deal: Scenario) -> Iterator[str]:
    if deal.savings:
        yield "Savings, on outcomes that would not have been reached without the service"
    for name, saving in deal.savings.items():
        yield f"  {_label(name, saving)}: {_saving(deal, saving)}"


def _saving(deal: Scenario, saving: Saving) -> str:
    lasts = "" if saving.amount.period == "each" else f" for {_say(deal, saving, 'lasts')}"
    year = "" if saving.price_year is None else (
        f" in {saving.price_year}/{(saving.price_year + 1) % 100:02d} prices"
    )  # fmt: skip
    return (
        f"{saving.to} saves {_say(deal, saving, 'amount')}{year}{lasts} for each more person who "
        f"reaches {_label(saving.for_, deal.outcomes[saving.for_])}; "
        f"{_say(deal, saving, 'cashable')} of it can be cashed."
    )


def _correlations(deal: Scenario) -> Iterator[str]:
    if deal.correlations:
        yield "Uncertain numbers that hang together"
    for name, item in deal.correlations.items():
        rank = _say(deal, item, "rank")
        yield f"  {_label(name, item)}: {' and '.join(item.pair)}, rank correlation {rank}."


def _variants(deal: Scenario) -> Iterator[str]:
    for section in ("options", "stresses"):
        for name, variant in getattr(deal, section).items():
            changes = "; ".join(f"{a} = {inline(v)}" for a, v in variant.changes.items())
            yield f"{section[:-1] if section == 'options' else 'stress'} {name}: {changes}"


def _label(name: str, item: Any) -> str:
    return item.about.label or name
