"""Each payment term read back as one sentence, and worked through.

A sentence says who is eligible, what counts, how it is shown, over what window, how much is paid,
up to what limit and when. In: a deal. Out: lines of text. Not here: the other parts of a deal
(`words`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from sibsim.contract.agreement import Verification
from sibsim.contract.claims import Claims
from sibsim.contract.evidence import (
    Baseline,
    Comparison,
    Count,
    DifferenceInDifferences,
    Others,
    SelfReport,
)
from sibsim.contract.mechanisms import MECHANISMS, Seen
from sibsim.contract.terms import (
    ByResult,
    Claimed,
    Clawback,
    Compared,
    Deduction,
    Fee,
    Goal,
    PaymentTerm,
    PerActivity,
    PerEffect,
    PerOutcome,
    Priced,
    Reward,
    ShareOfSaving,
    Timed,
)
from sibsim.people.outcomes import unit
from sibsim.quantities import each_quantity, plain
from sibsim.report.phrases import every, label, many, say
from sibsim.scenario.deal import Scenario
from sibsim.writing import money_text, share_text

EXAMPLE = 10
"""People in the cohort that a payment term is worked through for."""

BASE = 100_000_00
"""What other terms come to, in minor units, in the example of one that is reckoned from them."""


def payments(deal: Scenario) -> Iterator[str]:
    """Every payment term, and what stands around them."""
    yield "Payments"
    for name, item in deal.contract.terms.items():
        most = "" if item.cap is None else f" At most {say(deal, item, 'cap')} in all."
        yield f"  {label(name, item)}: {SENTENCES[type(item)](deal, item)}{most}"
    yield from _limits(deal)
    if deal.contract.verification is not None:
        yield f"  {_verification(deal, deal.contract.verification)}"
    for name, payer in deal.contract.payers.items():
        of = _names(deal, payer.terms) if payer.terms else "every payment"
        most = "" if payer.cap is None else f", up to {say(deal, payer, 'cap')} in all"
        voted = "" if payer.appropriated.mean == 1 else (
            f"; its budget is voted in each further financial year with a chance of "
            f"{say(deal, payer, 'appropriated')}"
        )  # fmt: skip
        rest = "nobody" if payer.beyond == "nobody" else "the commissioner"
        yield (f"  {label(name, payer)} bears {say(deal, payer, 'share')} of {of}{most}{voted}; "
               f"what that leaves is borne by {rest}.")  # fmt: skip
    if deal.contract.budget is not None:
        yield (f"  {deal.programme.commissioner} itself bears at most "
               f"{say(deal, deal.contract, 'budget')} in all; what that leaves is borne by nobody."
               )  # fmt: skip


def _limits(deal: Scenario) -> Iterator[str]:
    limits, said = deal.contract.caps, []
    for level in limits.order:
        if level == "person" and limits.person is not None:
            said.append(f"{say(deal, limits, 'person')} for one person")
        if level == "term":
            said += [
                f"{say(deal, item, 'cap')} for {label(name, item)}"
                for name, item in deal.contract.terms.items() if item.cap is not None
            ]  # fmt: skip
        if level == "period" and limits.period is not None:
            length = say(deal, limits, "period_length")
            said.append(f"{say(deal, limits, 'period')} in each {length}")
        if level == "contract" and limits.contract is not None:
            said.append(f"{say(deal, limits, 'contract')} in all")
    if said:
        order = ", in this order" if len(said) > 1 else ""
        yield f"  At most {', then '.join(said)}{order}; what is cut is lost."
    else:
        yield "  There is no cap."
    each = f"in each {say(deal, limits, 'period_length')}"
    least = [
        f"{say(deal, limits, key)} {words}"
        for key, words in (("least_period", each), ("least", "in all"))
        if getattr(limits, key) is not None
    ]
    if least:
        yield f"  At least {', and '.join(least)}, whatever is claimed."
    if deal.contract.payment_dates != "monthly":
        dates = {"quarterly": "quarter", "yearly": "year"}[deal.contract.payment_dates]
        yield f"  Payments are made in the last month of each {dates} of the financial year."


def _verification(deal: Scenario, terms: Verification) -> str:
    limit = "" if terms.capacity is None else (
        f", at most {say(deal, terms, 'capacity')} claims in a month"
    )  # fmt: skip
    disputed = "" if terms.dispute.mean == 0 else (
        f"; of the others {say(deal, terms, 'dispute')} are disputed, of which "
        f"{say(deal, terms, 'upheld')} are upheld {say(deal, terms, 'decision')} after the "
        "rejection"
    )  # fmt: skip
    return (
        f"A claim is decided {say(deal, terms, 'delay')} after the outcome{limit}; "
        f"{say(deal, terms, 'reject')} are rejected, of which {say(deal, terms, 'resubmit')} are "
        f"put in again and accepted {say(deal, terms, 'again')} later{disputed}. What is not "
        f"accepted within {say(deal, terms, 'within')} of the outcome is lost."
    )


# --- the sentences --------------------------------------------------------------------------------


def _per_outcome(deal: Scenario, item: PerOutcome) -> str:
    tiers = "".join(
        f", {say(deal, tier, 'price')} beyond {say(deal, tier, 'after')} claims"
        for tier in item.tiers.values()
    )
    counted = "" if item.evidence is None else f" {_counting(deal, item.evidence)}"
    return (
        f"{deal.programme.commissioner} pays {say(deal, item, 'price')}{_changing(deal, item)}"
        f"{tiers} {_claimed(deal, item)}, {_delay(item)}.{counted} {_worked(deal, item)}"
    )


def _deduction(deal: Scenario, item: Deduction) -> str:
    return (
        f"{say(deal, item, 'price')}{_changing(deal, item)} is taken off what else is paid "
        f"{_claimed(deal, item)}, {_delay(item)}; if that is less, off later payments. "
        f"{_worked(deal, item)}"
    )


def _claimed(deal: Scenario, item: Claimed) -> str:
    """For whom, for what, shown how and how often."""
    outcome = deal.outcomes[item.for_]
    most = item.claims_per_person
    often = "each time" if most is None else (
        "once" if most.mean == 1 else f"up to {most.mean:g} times"
    )  # fmt: skip
    shown = f" (shown by {outcome.measure})" if outcome.measure else ""
    who = f"a person{_whose(deal, item.cohort)}"
    each = "" if item.each.mean == 1 else f"each {item.each.mean:g} {unit(outcome)} of "
    dearer = "" if not item.by_segment else ", " + ", ".join(
        f"{share_text(part.mean)} of it for {name}" for name, part in item.by_segment.items()
    )  # fmt: skip
    return (
        f"for {each}{who} who reaches {label(item.for_, outcome)}{shown} and has not dropped "
        f"out{dearer}, {often} for one person"
    )


def _whose(deal: Scenario, cohort: str | None) -> str:
    return "" if cohort is None else f" of {label(cohort, deal.people[cohort])}"


def _counting(deal: Scenario, name: str) -> str:
    design = deal.evidence[name]
    assert isinstance(design, Count)
    said = f"{say(deal, design, 'deadweight')} is taken off as what would have happened anyway"
    if design.attributed.mean != 1:
        said += f", and {say(deal, design, 'attributed')} of the rest is credited to the service"
    if isinstance(design, SelfReport):
        said += (
            f"; of what is reported {say(deal, design, 'checked')} is checked, and the share found "
            "false is struck out of all"
        )
    return f"{said}."


def _changing(deal: Scenario, item: Priced) -> str:
    """How a price changes, if it does."""
    said = ""
    if not (item.uplift.is_fixed and item.uplift.mean == 0.0):
        said += f", rising by {say(deal, item, 'uplift')} each year,"
    if item.indexed.mean != 0.0:
        said += f", rising with {say(deal, item, 'indexed')} of the yearly price rise,"
    if item.by_year:
        parts = ", ".join(share_text(part.mean) for part in item.by_year)
        said += f", of which {parts} in the first year and those after it,"
    return said


def _per_activity(deal: Scenario, item: PerActivity) -> str:
    who = f"a person{_whose(deal, item.cohort)}"
    what = f"{who} who starts" if item.of == "start" else f"each {item.of} that {who} is in service"
    return (
        f"{deal.programme.commissioner} pays {say(deal, item, 'price')}{_changing(deal, item)} for "
        f"{what}, whatever the outcomes, {_delay(item)}. {_worked(deal, item)}"
    )


def _fee(deal: Scenario, item: Fee) -> str:
    return (
        f"{deal.programme.commissioner} pays {say(deal, item, 'amount')}{_changing(deal, item)} "
        f"whatever the outcomes, {_delay(item)}. Example: a month comes to {_example(deal, item)}."
    )


RESULT_WORDS = {
    "reduction": "by how much {} falls, as a share of what it would have been without the service",
    "increase": "by how much {} rises, as a share of what it would have been without the service",
    "rate": "how much {} there is for each person who starts",
    "added": "how much {} there is for each person who starts, beyond what there would be without",
    "fewer": "one fewer of {} than without the service",
    "more": "one more of {} than without the service",
    "standardised": "by how many standard deviations between people {} rises",
}
"""What a contract's result is, in words."""


def _of(deal: Scenario, item: Compared) -> str:
    found = RESULT_WORDS[item.result].format(label(item.for_, deal.outcomes[item.for_]))
    return found + ("" if item.cohort is None else f" (people{_whose(deal, item.cohort)})")


def _by_result(deal: Scenario, item: ByResult) -> str:
    bands = [
        f"{say(deal, band, 'pays')} from {say(deal, band, 'from_')}"
        for band in item.bands.values()
    ]
    between = {"step": "level between these", "line": "in a straight line between these"}
    middle = list(item.bands.values())[len(item.bands) // 2]
    unless = "" if not item.unless else (
        f" Only if nothing is paid under {_names(deal, item.unless)}."
    )  # fmt: skip
    return (
        f"{deal.programme.commissioner} pays {_when(deal, item)}, {_of(deal, item)}: "
        f"{', '.join(bands)}, {between[item.between]}, nothing below. {_compared(deal, item)}"
        f"{unless} Example: a result of {say(deal, middle, 'from_')} comes to "
        f"{_example(deal, item, middle.from_.mean)}."
    )


def _per_effect(deal: Scenario, item: PerEffect) -> str:
    of, case = _of(deal, item), EXAMPLE * item.unit.mean
    if item.unit.mean != 1:
        unit, counted = say(deal, item, "unit"), of.removeprefix("one ")
        of = f"{unit}, {of}" if counted == of else f"{unit} {counted}"
    return (
        f"{deal.programme.commissioner} pays {say(deal, item, 'price')} for each {of}, "
        f"{_when(deal, item)}. {_compared(deal, item)} "
        f"Example: {case:g} come to {_example(deal, item, float(case))}."
    )


def _reward(deal: Scenario, item: Reward) -> str:
    held = item.pays is None
    pot = f"{say(deal, item, 'share')} of {_names(deal, item.of)} is held back, and" if held else (
        say(deal, item, "pays")
    )  # fmt: skip
    measures = "; ".join(_goal(deal, goal) for goal in item.measures.values())
    base = f"of {money_text(BASE, deal.currency)}, " if held else ""
    return (
        f"{pot} is paid {_when(deal, item)}, by weighted measures: {measures}. Example: "
        f"{base}{_example(deal, item, None)} if every target is just met."
    )


def _goal(deal: Scenario, goal: Goal) -> str:
    said = f"{say(deal, goal, 'weight')} {_of(deal, goal)}, "
    counted = goal.result in ("fewer", "more")
    start, target = (
        f"{value.mean:,g}" if counted else share_text(value.mean) if abs(value.mean) <= 1
        else f"{value.mean:,.10g}" for value in (goal.from_, goal.target)
    )  # fmt: skip
    if goal.between == "step":
        said += f"all of it from {target}"
    else:
        said += f"from nil at {start} to all of it at {target}"
    if goal.most.mean != 1:
        said += f", at most {say(deal, goal, 'most')} of it"
    if goal.least.mean != 0:
        said += f", at worst {say(deal, goal, 'least')} of it"
    return f"{said} ({_compared(deal, goal)[:-1].lower()})"


def _share_of_saving(deal: Scenario, item: ShareOfSaving) -> str:
    until = "" if item.until is None else (
        f", until {say(deal, item, 'until')} with {say(deal, item, 'interest')} interest a year is "
        f"repaid, and then {say(deal, item, 'then')},"
    )  # fmt: skip
    return (
        f"{deal.programme.commissioner} pays {say(deal, item, 'share')}{until} of what is saved, "
        f"{say(deal, item, 'saves')} for {_of(deal, item)}, {_when(deal, item)}. "
        f"{_compared(deal, item)} Example: {EXAMPLE} come to "
        f"{_example(deal, item, float(EXAMPLE))}."
    )


def _clawback(deal: Scenario, item: Clawback) -> str:
    return (
        f"{say(deal, item, 'share')} of what {_names(deal, item.of)} came to is taken back "
        f"{_when(deal, item)}, if this is below {say(deal, item, 'below')}: {_of(deal, item)}. "
        f"{_compared(deal, item)} Example: of {money_text(BASE, deal.currency)}, "
        f"{_example(deal, item, item.below.mean - 1).lstrip('-')}."
    )


SENTENCES: dict[type, Callable[[Scenario, Any], str]] = {
    PerOutcome: _per_outcome, Deduction: _deduction, PerActivity: _per_activity, Fee: _fee,
    ByResult: _by_result, PerEffect: _per_effect, Reward: _reward, ShareOfSaving: _share_of_saving,
    Clawback: _clawback,
}  # fmt: skip
"""For each type of payment term, the sentence that reads it back."""


# --- parts of a sentence --------------------------------------------------------------------------


def _names(deal: Scenario, names: tuple[str, ...]) -> str:
    return " and ".join(label(name, deal.contract.terms[name]) for name in names)


def _compared(deal: Scenario, item: Compared) -> str:
    """With whom those who are served are compared."""
    design = None if item.evidence is None else deal.evidence[item.evidence]
    if item.result == "rate":
        lost = _lost(deal, design) if isinstance(design, Others) else ""
        return f"Counted, and compared with nobody{lost}."
    if design is None:
        return "Compared with the same people without the service, as only a simulation can."
    if isinstance(design, Baseline):
        drift = "" if design.drift.mean == 0 else f", {100 * design.drift.mean:+g}% a year"
        return f"Compared with {say(deal, design, 'each')} for each person who starts{drift}."
    assert isinstance(design, Others)
    sure = "" if design.significance is None else (
        f", and counted as nothing unless significant at {say(deal, design, 'significance')}"
    )  # fmt: skip
    others = f"{say(deal, design, 'group')} other people who are not served"
    if isinstance(design, DifferenceInDifferences):
        before, theirs = (say(deal, design, key) for key in ("before", "before_group"))
        said = (f"The change from {before} before the service is compared with the change from "
                f"{theirs} of {others}")  # fmt: skip
    else:
        assert isinstance(design, Comparison)
        clusters = design.clusters
        places = "" if clusters is None else f" in {say(deal, design, 'clusters')} other places"
        said = f"Compared with {others}{places}"
    return f"{said}{sure}{_lost(deal, design)}."


def _lost(deal: Scenario, design: Others) -> str:
    """Who is not found at follow-up, and what the contract makes of it."""
    if design.lost.mean == 0 and design.lost_group.mean == 0:
        return ""
    counts = {"left_out": "left out", "not_reached": "counted as not having had the outcome"}
    return (f"; {say(deal, design, 'lost')} of those served and {say(deal, design, 'lost_group')} "
            f"of the others are not found and are {counts[design.missing]}")  # fmt: skip


def _delay(item: PaymentTerm) -> str:
    lag = round(item.lag.mean)
    return f"{many(lag, 'month')} after the claim" if lag else "in the month of the claim"


def _when(deal: Scenario, item: Timed) -> str:
    """When a result is measured and paid for."""
    windows, lag = item.windows(deal.timeline.months), round(item.lag.mean)
    if item.every is None:
        last = windows[0][1]
        after = "the contract's last month" if last == deal.timeline.months else f"month {last}"
        return f"once, {many(lag, 'month')} after {after}" if lag else f"once, in {after}"
    counts = "all so far" if item.counts == "so_far" else "what came since the last time"
    later = f", {many(lag, 'month')} later" if lag else ""
    return f"{every(deal, item)} from month {windows[0][1]} for {counts}{later}"


def _worked(deal: Scenario, item: PaymentTerm) -> str:
    """The same for one person and for a cohort."""
    one, many = (_example(deal, item, people=count) for count in (1, EXAMPLE))
    return f"Example: one person comes to {one}, {EXAMPLE} claims in a month come to {many}."


def _example(
    deal: Scenario, item: PaymentTerm, result: float | None = 0.0, people: int = EXAMPLE
) -> str:
    """What the mechanism itself pays in the first month, at the mean of what is uncertain.

    A result of None means that every measure meets its target.
    """
    certain = each_quantity(item, lambda address, q: plain(q.mean, q.period))
    if isinstance(item, Timed):  # measured once, in the one month of the example
        certain = replace(certain, every=None, at=None)
    if isinstance(item, ByResult):
        certain = replace(certain, unless=())
    zero, who = np.zeros(people, np.int64), np.arange(people)
    rows = Claims(zero, zero, who, zero, zero, zero, zero + 1, zero - 1, zero)
    of = item.of if isinstance(item, Reward | Clawback) else ()
    others = {name: np.array([[BASE // len(of)]]) for name in of}

    def find(compared: Compared, first: int, last: int) -> Any:
        met = isinstance(compared, Goal) and result is None
        return np.array([compared.target.mean if met else result])  # type: ignore[attr-defined]

    credit = None
    if isinstance(item, PerOutcome) and item.evidence is not None:
        design = deal.evidence[item.evidence]
        assert isinstance(design, Count)
        credit = np.array([(1.0 - design.deadweight.mean) * design.attributed.mean])
    seen = Seen(1, 1, 1, np.zeros((1, 1)), rows, None, credit, np.array([[people]]), find, others,
                others)  # fmt: skip
    return money_text(float(MECHANISMS[type(item)](certain, seen).sum()), deal.currency)
