"""A deal read back in plain sentences, so that somebody who builds no models can check it.

In: a scenario. Out: lines of text: each payment term as one sentence with a worked example. Not
here: results.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

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
    unit,
)
from sibsim.people.terms import Cohort
from sibsim.quantities import Quantity
from sibsim.report import capital_words, cost_words, payment_words
from sibsim.report.phrases import label, never, say
from sibsim.scenario.deal import Scenario
from sibsim.scenario.variants import quantities
from sibsim.scenario.writer import number_text, written_quantity
from sibsim.terms import Term
from sibsim.value.terms import Saving
from sibsim.writing import DAYS_PER_MONTH, share_text


def read_back(deal: Scenario) -> list[str]:
    """The deal in sentences, a blank line between parts."""
    parts = [_opening(deal), _people(deal), _outcomes(deal), payment_words.payments(deal),
             _delivery(deal), _savings(deal), _correlations(deal), _variants(deal)]  # fmt: skip
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
    """A number as a file would hold it, without its notes; a factor is multiplied out or shown."""
    if quantity.times == 1.0:
        return written_quantity(term.kind, quantity, deal.currency)
    if quantity.is_fixed:
        value = float(f"{quantity.mean:.10g}")
        return number_text(term.kind, value, quantity.period, deal.currency)
    data = written_quantity(term.kind, quantity, deal.currency)
    return {**data, "times": share_text(quantity.times)}


def inline(data: Any) -> str:
    """Plain data on one line: ``{triangular: [20%, 30%, 45%]}``."""
    if isinstance(data, dict):
        return "{" + ", ".join(f"{key}: {inline(value)}" for key, value in data.items()) + "}"
    if isinstance(data, list):
        return "[" + ", ".join(inline(item) for item in data) + "]"
    return str(data)


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
        yield f"  {label(name, cohort)}: {_cohort(deal, cohort)}"


def _cohort(deal: Scenario, cohort: Cohort) -> str:
    ramp = "" if cohort.ramp_up.mean == 0 else (
        f", rising over the first {say(deal, cohort, 'ramp_up')}"
    )  # fmt: skip
    leave = "" if cohort.leave.mean == 0 else (
        f" They drop out at {say(deal, cohort, 'leave')}."
    )  # fmt: skip
    stay = "" if cohort.stay is None else (
        f" The service is offered for {say(deal, cohort, 'stay')}."
    )  # fmt: skip
    return (
        f"{say(deal, cohort, 'referrals')} are referred over {say(deal, cohort, 'over')}{ramp}; "
        f"{say(deal, cohort, 'engage')} of them start.{leave}{stay}"
    )


def _outcomes(deal: Scenario) -> Iterator[str]:
    yield "Outcomes, with the service and without it"
    for name, outcome in deal.outcomes.items():
        yield f"  {label(name, outcome)} ({outcome.kind}): {_outcome(deal, outcome)}"


def _outcome(deal: Scenario, outcome: AnyOutcome) -> str:
    """How one outcome comes about, in a sentence."""
    if not isinstance(outcome, Outcome):
        return _read_off(deal, outcome)
    reach = _reach(deal, outcome)
    of = "those who start"
    if outcome.follows is not None:
        of = f"those who reached {label(outcome.follows, deal.outcomes[outcome.follows])}"
    wait = outcome.wait
    when = (
        f"after {say(deal, outcome, 'after' if outcome.after else 'sustained')}"
        if wait.is_fixed
        else f"after a wait without end for {endless} of these" if (endless := never(wait))
        else f"after {wait.mean / DAYS_PER_MONTH:.1f} months on average, some sooner and some later"
    )
    again = ""
    if outcome.repeat is not None:
        again = (
            f" It can be reached up to {outcome.repeat.most.mean:g} times, each next time with a "
            f"chance of {say(deal, outcome.repeat, 'chance')}, "
            f"{say(deal, outcome.repeat, 'every')} later."
        )
    measure = f" Measured by {outcome.measure}." if outcome.measure else ""
    return (
        f"{reach} of {of} reach it, {when}; without the service "
        f"{say(deal, outcome, 'without')} would.{again}{measure}"
    )


def _reach(deal: Scenario, outcome: Outcome) -> str:
    """The chance with the service, as it was stated or as the effect makes it."""
    if outcome.chance is not None:
        return say(deal, outcome, "chance")
    assert outcome.effect is not None, "checked when the scenario was read"
    name, _ = next(iter(outcome.effect.ratios().items()))
    return f"with a {name.replace('_', ' ')} of {say(deal, outcome.effect, name)}, more or fewer"


def _read_off(deal: Scenario, outcome: Any) -> str:
    """What is read off a journey, events, a score or visits, in a sentence."""
    since = ""
    if getattr(outcome, "within", None) is not None:
        since = f" within {say(deal, outcome, 'within')} of the start"
    each = " each time" if getattr(outcome, "times", "first") == "each" else ""
    if isinstance(outcome, Reached):
        said = f"the state `{outcome.state}` of `{outcome.journey}` is entered{each}"
    elif isinstance(outcome, Sustained):
        lasting = say(deal, outcome, "lasting")
        said = f"`{outcome.state}` of `{outcome.journey}` lasts {lasting}{each}"
    elif isinstance(outcome, DaysIn):
        said = f"days in `{outcome.state}` of `{outcome.journey}`{since}"
    elif isinstance(outcome, NumberOf):
        said = f"the number of `{outcome.events}`{since}"
    elif isinstance(outcome, Visited):
        said = f"{outcome.count.replace('_', ' ')} of the visits `{outcome.visits}`, week by week"
    else:
        said = f"`{outcome.score}` at {say(deal, outcome, 'at')}, against the first assessment: "
        said += _change_in_words(deal, outcome)
    measure = f" Measured by {outcome.measure}." if outcome.measure else ""
    return f"{said}.{measure}"


def _change_in_words(deal: Scenario, outcome: Any) -> str:
    """Which change of a score counts."""
    if isinstance(outcome, ChangeIn):
        return "distance travelled for the better"
    if isinstance(outcome, Improved):
        return f"better by {say(deal, outcome, 'by')} points or more"
    decline = say(deal, outcome, "decline")
    if isinstance(outcome, Deteriorated):
        return f"worse by more than the {decline} points that are expected"
    return (
        f"not better by {say(deal, outcome, 'by')} points, and worse by no more than the "
        f"{decline} that are expected"
    )


def _delivery(deal: Scenario) -> Iterator[str]:
    yield "Delivery and capital"
    yield from cost_words.costs(deal)
    yield from capital_words.capital(deal)


def _savings(deal: Scenario) -> Iterator[str]:
    if deal.savings:
        yield "Savings, on outcomes that would not have been reached without the service"
    for name, saving in deal.savings.items():
        yield f"  {label(name, saving)}: {_saving(deal, saving)}"


def _saving(deal: Scenario, saving: Saving) -> str:
    lasts = "" if saving.amount.period == "each" else f" for {say(deal, saving, 'lasts')}"
    year = "" if saving.price_year is None else (
        f" in {saving.price_year}/{(saving.price_year + 1) % 100:02d} prices"
    )  # fmt: skip
    outcome, counts = deal.outcomes[saving.for_], unit(deal.outcomes[saving.for_])
    name = label(saving.for_, outcome)
    each = f"{saving.per} person who reaches {name}" if counts == "people" else (
        f"one {saving.per} of {name} ({counts})"
    )  # fmt: skip
    return (
        f"{saving.to} saves {say(deal, saving, 'amount')}{year}{lasts} for each {each}; "
        f"{say(deal, saving, 'cashable')} of it can be cashed."
    )


def _correlations(deal: Scenario) -> Iterator[str]:
    if deal.correlations:
        yield "Uncertain numbers that hang together"
    for name, item in deal.correlations.items():
        rank = say(deal, item, "rank")
        yield f"  {label(name, item)}: {' and '.join(item.pair)}, rank correlation {rank}."


def _variants(deal: Scenario) -> Iterator[str]:
    for section in ("options", "stresses"):
        for name, variant in getattr(deal, section).items():
            changes = "; ".join(f"{a} = {inline(v)}" for a, v in variant.changes.items())
            yield f"{section[:-1] if section == 'options' else 'stress'} {name}: {changes}"
