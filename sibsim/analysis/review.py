"""The questions that the commissioning field asks of a contract, answered from the scenario.

In: a deal. Out: findings with their address and the reason. None of them stops a run: each is
something to have thought of. Not here: whether the scenario is valid (`sibsim.scenario.checks`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from sibsim.contract.terms import (
    ByResult,
    Deduction,
    Fee,
    PerActivity,
    PerOutcome,
    Timed,
    outcomes_of,
    rests_on,
)
from sibsim.people.effects import chances
from sibsim.people.outcomes import (
    AnyOutcome,
    DaysIn,
    NumberOf,
    OfScore,
    Outcome,
    Sustained,
    Visited,
)
from sibsim.quantities import Quantity, each_quantity, plain
from sibsim.scenario.deal import Scenario
from sibsim.simulation import run
from sibsim.summary import Summary

MOST_OUTCOMES = 3
"""Outcomes beyond which the field's guidance says that attention is split."""

MOST_TERMS = 15
"""Payment terms beyond which a contract is hard to run."""

LONG = 26 * 7
"""Days that an outcome has to last to be a longer-term one."""

CLIFF = 0.25
"""Share of the most that a term pays at which one step of it is a cliff."""

MANY = 0.5
"""Share of trials that is most of them."""

GAP = 0.5
"""A segment whose people bring less than this share of the best segment's is not worth serving."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One answer: where, what was found, and why it is asked."""

    address: str
    found: str
    why: str


Question = Callable[[Scenario, Summary], Iterator[Finding]]


def review(deal: Scenario, *, trials: int = 200, seed: int = 1) -> tuple[Finding, ...]:
    """Ask every question of `QUESTIONS` of a deal.

    Parameters
    ----------
    deal : Scenario
    trials : int
        Trials of the run that says how often a cap binds.
    seed : int
    """
    summary = run(deal, trials=trials, seed=seed).summary()
    return tuple(finding for ask in QUESTIONS for finding in ask(deal, summary))


def _paid(deal: Scenario) -> dict[str, AnyOutcome]:
    """The outcomes that are paid for, by name."""
    paid = [
        name for item in deal.contract.terms.values() if not isinstance(item, Deduction)
        for name in outcomes_of(item)
    ]  # fmt: skip
    return {name: deal.outcomes[name] for name in paid}


def pays_for_what_is_put_in(deal: Scenario, summary: Summary) -> Iterator[Finding]:
    """Payment for inputs, processes or outputs."""
    for name, item in deal.contract.terms.items():
        if isinstance(item, Deduction):
            continue
        for outcome in outcomes_of(item):
            kind = deal.outcomes[outcome].kind
            if kind in ("input", "process", "output"):
                yield Finding(
                    f"contract.{name}.for", f"pays for `{outcome}`, declared as {kind}",
                    "what is put in or done can rise without anybody being better off",
                )  # fmt: skip


def pays_for_many_things(deal: Scenario, summary: Summary) -> Iterator[Finding]:
    """More than three outcomes."""
    if (many := len(_paid(deal))) > MOST_OUTCOMES:
        yield Finding(
            "contract", f"{many} outcomes are paid for",
            f"beyond about {MOST_OUTCOMES} attention is split, and the cheapest is chased",
        )  # fmt: skip


def pays_on_word_alone(deal: Scenario, summary: Summary) -> Iterator[Finding]:
    """Only subjective measures."""
    paid = _paid(deal)
    if paid and all(outcome.evidence == "subjective" for outcome in paid.values()):
        yield Finding(
            "outcomes", "every outcome that is paid for rests on what people report of themselves",
            "whoever is paid asks the question; one objective measure beside it can be verified",
        )  # fmt: skip


def pays_too_early_or_too_late(deal: Scenario, summary: Summary) -> Iterator[Finding]:
    """No interim outcome and no longer-term one."""
    paid = _paid(deal)
    if not paid:
        return
    if all(outcome.kind != "interim" for outcome in paid.values()):
        core = any(isinstance(item, Fee | PerActivity) for item in deal.contract.terms.values())
        what = "what is paid does not tell" if core else "nothing is paid, and nobody sees"
        yield Finding("outcomes", "no interim outcome is paid for",
                      f"until the final ones come {what} whether it works")  # fmt: skip
    if not any(_length(deal, outcome) >= LONG for outcome in paid.values()):
        yield Finding(
            "outcomes", "no outcome that is paid for has to last half a year",
            "what counts for people and saves money is what lasts",
        )  # fmt: skip


def _length(deal: Scenario, outcome: AnyOutcome) -> float:
    """Days over which people are followed for an outcome, from what it begins with."""
    if isinstance(outcome, Outcome):
        if outcome.sustained is None or outcome.follows is None:
            return 0.0
        return outcome.sustained.mean + _length(deal, deal.outcomes[outcome.follows])
    if isinstance(outcome, Sustained):
        return outcome.lasting.mean
    if isinstance(outcome, DaysIn | NumberOf):
        return deal.timeline.contract_days if outcome.within is None else outcome.within.mean
    if isinstance(outcome, OfScore):
        return outcome.at.mean
    return 0.0


def pays_for_what_would_have_been(deal: Scenario, summary: Summary) -> Iterator[Finding]:
    """No counterfactual, or deadweight that is paid for."""
    for name, item in deal.contract.terms.items():
        if not isinstance(item, PerOutcome) or isinstance(deal.outcomes[item.for_], Visited):
            continue
        with_ = summary[f"outcomes.{item.for_}.with"].mean
        without = summary[f"outcomes.{item.for_}.without"].mean
        if without == 0.0 and with_ > 0.0:
            yield Finding(
                f"outcomes.{item.for_}", "nobody would reach it without the service",
                "without a counterfactual every outcome counts as won, and so do its savings",
            )  # fmt: skip
        elif with_ > 0.0 and without / with_ >= MANY:
            share = min(1.0, without / with_)
            yield Finding(
                f"contract.{name}", f"{share:.0%} of what is paid for would have happened without "
                "the service", "a gross count pays for deadweight: a lower price, a "
                "threshold or `pay: by_result` would take it off",
            )  # fmt: skip


def caps_bind(deal: Scenario, summary: Summary) -> Iterator[Finding]:
    """A cap that will bind in most trials."""
    share = summary["payments.capped"].mean
    if share > MANY:
        yield Finding(
            "contract.caps", f"a cap cuts payments in {share:.0%} of trials",
            "beyond the cap more success brings nothing, and who is served may stop there",
        )  # fmt: skip


def pays_for_easy_cases(deal: Scenario, summary: Summary) -> Iterator[Finding]:
    """Perverse incentives: price times chance by segment."""
    for name, cohort in deal.people.items():
        if len(cohort.segments) < 2:
            continue
        brings = {
            key: sum(
                item.price.mean * _likely(deal, item.for_, segment.odds)
                for item in deal.contract.terms.values()
                if isinstance(item, PerOutcome) and isinstance(deal.outcomes[item.for_], Outcome)
            )
            for key, segment in cohort.segments.items()
        }
        best = max(brings, key=lambda key: brings[key])
        for key, amount in brings.items():
            if amount < GAP * brings[best]:
                yield Finding(
                    f"people.{name}.segments.{key}", f"brings {amount / brings[best]:.0%} of what "
                    f"somebody of `{best}` does", "the same price for unlike people pays for easy "
                    "cases: a dearer price for harder ones, or fewer of them will be served",
                )  # fmt: skip


def _likely(deal: Scenario, name: str, odds: Mapping[str, Quantity]) -> float:
    """Chance of a milestone and all that it follows, for people with such odds, at the means."""
    outcome = deal.outcomes[name]
    if not isinstance(outcome, Outcome):
        return 1.0
    x = odds[name].mean if name in odds else 1.0
    p = _chance(outcome)
    own = p if p >= 1.0 else x * p / (1.0 - p + x * p)
    return own * (1.0 if outcome.follows is None else _likely(deal, outcome.follows, odds))


def _chance(outcome: Outcome) -> float:
    """A milestone's chance with the service at the means."""
    sure = each_quantity(outcome, lambda address, q: plain(q.mean, q.period))
    return float(chances(sure.chance, sure.without, sure.effect)[0][0])


def has_a_cliff(deal: Scenario, summary: Summary) -> Iterator[Finding]:
    """A payment cliff."""
    for name, item in deal.contract.terms.items():
        if not isinstance(item, ByResult):
            continue
        pays = [0.0, *(band.pays.mean for band in item.bands.values())]
        most, steps = max(pays), list(pairwise(pays))
        if item.between == "line":
            steps = steps[:1]  # above the first band it rises without a step
        if next(iter(item.bands.values())).from_.mean <= 0 and item.result == "rate":
            steps[0] = (0.0, 0.0)  # whatever is found is there: a floor and no step
        for (low, high), band in zip(steps, item.bands, strict=False):
            if most > 0.0 and (high - low) / most >= CLIFF:
                yield Finding(
                    f"contract.{name}.bands.{band}", f"{(high - low) / most:.0%} of the most that "
                    "it pays hangs on this one step", "at a cliff luck decides, and figures come "
                    "under pressure; `sibsim evidence` says how often it goes wrong",
                )  # fmt: skip


def pays_twice(deal: Scenario, summary: Summary) -> Iterator[Finding]:
    """One person's outcome paid for twice."""
    seen: dict[str, str] = {}
    for name, item in deal.contract.terms.items():
        if isinstance(item, Deduction):
            continue
        for outcome in outcomes_of(item):
            at = item.windows(deal.timeline.months) if isinstance(item, Timed) else None
            whose = f"{outcome}/{getattr(item, 'cohort', None)}/{at}"
            if whose in seen:
                yield Finding(
                    f"contract.{name}.for", f"`{outcome}` is paid for by `{seen[whose]}` too",
                    "the same success is paid for twice",
                )  # fmt: skip
            seen.setdefault(whose, name)


def pays_one_of_several(deal: Scenario, summary: Summary) -> Iterator[Finding]:
    """An outcome attributed to one provider where several act."""
    for name, cohort in deal.people.items():
        if len(cohort.served_by) > 1 and _paid(deal):
            yield Finding(
                f"people.{name}.served_by", f"{len(cohort.served_by)} providers serve one cohort "
                "under one contract", "payment is not split by who brought an outcome about: "
                "agree on shares before the first claim",
            )  # fmt: skip


def looks_too_late(deal: Scenario, summary: Summary) -> Iterator[Finding]:
    """A measurement window beyond the contract."""
    end = deal.timeline.contract_days
    latest = max(cohort.from_.mean + cohort.over.mean for cohort in deal.people.values())
    for name, item in deal.contract.terms.items():
        for paid in outcomes_of(item):
            outcome = deal.outcomes[paid]
            open_ended = isinstance(outcome, DaysIn | NumberOf) and outcome.within is None
            length = 0.0 if open_ended else _length(deal, outcome)
            if length and latest + length > end:
                yield Finding(
                    f"contract.{name}.for", "the last people referred cannot be followed to the "
                    f"end of its {length:,.0f} days within the contract", "their outcomes are "
                    "never paid for: a longer contract, or referrals that end earlier",
                )  # fmt: skip


def is_complicated(deal: Scenario, summary: Summary) -> Iterator[Finding]:
    """A contract too complicated to run."""
    if (many := len(deal.contract.terms)) > MOST_TERMS:
        yield Finding(
            "contract", f"{many} payment terms",
            "every term is evidence to collect, claims to check and a price to agree on",
        )  # fmt: skip


def rests_on_no_comparison(deal: Scenario, summary: Summary) -> Iterator[Finding]:
    """A result that only a simulation can see."""
    for name, item in deal.contract.terms.items():
        unseen = [c for c in rests_on(item) if c.evidence is None and c.result != "rate"]
        if unseen:
            yield Finding(
                f"contract.{name}", "its result is compared with the same people without the "
                "service", "no contract can see that: name the `evidence` it will rest on",
            )  # fmt: skip


QUESTIONS: tuple[Question, ...] = (
    pays_for_what_is_put_in, pays_for_many_things, pays_on_word_alone, pays_too_early_or_too_late,
    pays_for_what_would_have_been, rests_on_no_comparison, caps_bind, pays_for_easy_cases,
    has_a_cliff, pays_twice, pays_one_of_several, looks_too_late, is_complicated,
)  # fmt: skip
"""What is asked, in the order in which it is answered."""
