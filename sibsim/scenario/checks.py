"""What has to hold between the sections of a scenario, and what is merely odd.

In: a scenario that was read without a problem. Out: problems that stop it and warnings that do not,
by address. Not here: single values (`reader`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from sibsim.contract.terms import RESERVED, ByResult, Fee, OnResult, PerOutcome
from sibsim.people import checks as people
from sibsim.people.outcomes import COUNTED, ChangeIn, Outcome, Visited, unit
from sibsim.scenario.correlated import correlation_faults
from sibsim.scenario.deal import Scenario

Fault = tuple[str, str, str, str]
"""Address, what was found, what is allowed, what to try."""

MOST_VARIANTS = 100
"""Options, and stresses, of one deal: the deal is read once for each of them."""

MOST_CHANGES = 200
"""Addresses that one option or stress may change; ``*`` stands for every name."""


def faults(deal: Scenario) -> Iterator[Fault]:
    """What makes the scenario impossible."""
    yield from people.faults(replace(deal.population, people=deal.people))
    yield from _counted_faults(deal)
    yield from _result_faults(deal)
    for name in RESERVED:
        if name in deal.contract.terms:
            yield (f"contract.{name}", f"a payment term called `{name}`",
                   f"any name but {', '.join(RESERVED)}", f"{name}_payment")  # fmt: skip
    if len(deal.capital) > 1:
        second = list(deal.capital)[1]
        yield (f"capital.{second}", "a second investor", "one investor's money",
               "one block with the commitments added up")  # fmt: skip
    months = deal.programme.months.mean
    for name, tranche in deal.capital.items():
        if tranche.distribute_from.mean > months:
            yield (f"capital.{name}.distribute_from", "a month after the contract's end",
                   f"at most {months:g} months", "")  # fmt: skip
    yield from correlation_faults(deal)
    if deal.backtest is not None:
        yield from _backtest_faults(deal)
    for section in ("options", "stresses"):
        variants = getattr(deal, section)
        if len(variants) > MOST_VARIANTS:
            yield (section, f"{len(variants)} of them", f"at most {MOST_VARIANTS}", "")
        for name, variant in variants.items():
            if not variant.changes:
                yield (f"{section}.{name}", "nothing is changed",
                       "at least one address with its new value",
                       "contract.NAME.price: {times: 110%}")  # fmt: skip
            if len(variant.changes) > MOST_CHANGES:
                yield (f"{section}.{name}", f"{len(variant.changes):,} addresses",
                       f"at most {MOST_CHANGES}", "`*`, which stands for every name")  # fmt: skip


def _counted_faults(deal: Scenario) -> Iterator[Fault]:
    """What is paid for by the day or the event needs a limit that says so."""
    for name, item in deal.contract.terms.items():
        if not isinstance(item, PerOutcome):
            continue
        outcome, limit = deal.outcomes[item.for_], item.claims_per_person
        if isinstance(outcome, ChangeIn):
            yield (f"contract.{name}.for", f"`{item.for_}`, a change that may be for the worse",
                   "an outcome with `read: improved`, or any but a change", "")  # fmt: skip
        elif isinstance(outcome, COUNTED) and limit is not None and limit.mean == 1:
            yield (f"contract.{name}.claims_per_person", "1 (the default), for an outcome of which "
                   f"one person has many {unit(outcome)}", "unlimited, or how many are paid for",
                   "claims_per_person: unlimited")  # fmt: skip


def _result_faults(deal: Scenario) -> Iterator[Fault]:
    """Bands rise, and what is counted can be compared."""
    for name, item in deal.contract.terms.items():
        if not isinstance(item, OnResult):
            continue
        if isinstance(deal.outcomes[item.for_], ChangeIn):
            yield (f"contract.{name}.for", f"`{item.for_}`, a change that may be for the worse",
                   "an outcome that counts people, days, events or visits", "")  # fmt: skip
        if isinstance(deal.outcomes[item.for_], Visited):
            yield (f"contract.{name}.for", f"`{item.for_}`, of which there is nothing without the "
                   "service", "an outcome that happens in both worlds", "")  # fmt: skip
        if not isinstance(item, ByResult):
            continue
        if not item.bands:
            yield (f"contract.{name}.bands", "no bands", "one band or more",
                   "target: {from: 20%, pays: £100,000}")  # fmt: skip
        for (low, one), (high, two) in pairwise(item.bands.items()):
            if two.from_.mean <= one.from_.mean:
                yield (f"contract.{name}.bands.{high}.from", f"{two.from_.mean:.6g} after "
                       f"{one.from_.mean:.6g} of `{low}`", "bands that rise, each from a higher "
                       "result than the one before", "")  # fmt: skip


def _backtest_faults(deal: Scenario) -> Iterator[Fault]:
    """A back-test is fed totals, so what hangs on the person or the month cannot be tested."""
    assert deal.backtest is not None
    for name, line in deal.backtest.lines.items():
        if name not in deal.contract.terms:
            yield (f"backtest.lines.{name}", "no payment term of this name",
                   ", ".join(deal.contract.terms), "")  # fmt: skip
        elif isinstance(deal.contract.terms[name], ByResult) == (line.result is None):
            by_result = line.result is None
            yield (f"backtest.lines.{name}", "no `result`" if by_result else "a `result`",
                   "the result that was found" if by_result else "`units`, the claims that were "
                   "paid", "result: 38%" if by_result else "units: 706")  # fmt: skip
        elif line.result is None and line.units is None:
            yield (f"backtest.lines.{name}", "neither `units` nor `result`", "how many were paid "
                   "for", "units: 706")  # fmt: skip
    limits = deal.contract.caps
    for name in ("person", "period"):
        if getattr(limits, name) is not None:
            yield (f"contract.caps.{name}", f"a cap per {name} in a deal with a back-test",
                   "caps on totals: `cap` on a term, and `contract`", "")  # fmt: skip
    if limits.contract is not None and not limits.contract.is_fixed:
        yield ("contract.caps.contract", "an uncertain cap in a deal with a back-test",
               "one plain amount", "")  # fmt: skip
    for name, item in deal.contract.terms.items():
        stated = (
            [item.amount] if isinstance(item, Fee)
            else [band.pays for band in item.bands.values()] if isinstance(item, ByResult)
            else [item.price]
        )  # fmt: skip
        if isinstance(item, PerOutcome) and not (item.uplift.is_fixed and item.uplift.mean == 0.0):
            yield (f"contract.{name}.uplift", "a rising price in a deal with a back-test",
                   "one plain price: it is fed totals, without their months", "")  # fmt: skip
        if isinstance(item, Fee) and item.amount.mean > 0:
            yield (f"contract.{name}", "a fee in a deal with a back-test",
                   "terms that pay per outcome, or a fee of nothing", "")  # fmt: skip
        capped = item.cap is not None and not item.cap.is_fixed
        if capped or not all(amount.is_fixed for amount in stated):
            yield (f"contract.{name}", "an uncertain price or cap in a deal with a back-test",
                   "plain amounts", "")  # fmt: skip


def oddities(deal: Scenario) -> Iterator[Fault]:
    """What may be meant, but that its author should know."""
    used = {item.for_ for item in deal.contract.terms.values() if not isinstance(item, Fee)}
    used |= {saving.for_ for saving in deal.savings.values()}
    stones = [item for item in deal.outcomes.values() if isinstance(item, Outcome)]
    used |= {stone.follows for stone in stones if stone.follows}
    used |= {stone.given.outcome for stone in stones if stone.given}
    for name, outcome in deal.outcomes.items():
        if name not in used and outcome.kind == "final" and isinstance(outcome, Outcome):
            yield (f"outcomes.{name}", "is neither paid for nor saves anything", "", "")
        if not isinstance(outcome, Outcome):
            continue
        if outcome.chance is not None and outcome.chance.mean < outcome.without.mean:
            yield (f"outcomes.{name}", "is less likely with the service than without it", "", "")
        later = outcome.after_without is not None and outcome.wait_without.mean > outcome.wait.mean
        if later and outcome.without.mean > 0:
            yield (f"outcomes.{name}.after_without", "what comes later without the service may "
                   "fall after the contract's end and is not counted: savings look larger", "", "")
    yield from people.oddities(deal.population)
    for name, saving in deal.savings.items():
        if saving.amount.period == "each" and saving.lasts.mean != 12:
            yield (f"savings.{name}.lasts", "does nothing beside an amount `each`", "", "")
    for name, item in deal.contract.terms.items():
        if isinstance(item, ByResult):
            for (low, one), (high, two) in pairwise(item.bands.items()):
                if two.pays.mean < one.pays.mean:
                    yield (f"contract.{name}.bands.{high}.pays", f"less than `{low}`, for a better "
                           "result", "", "")  # fmt: skip
    rested = {item.evidence for item in deal.contract.terms.values() if isinstance(item, OnResult)}
    for name in deal.evidence:
        if name not in rested:
            yield (f"evidence.{name}", "no payment term rests on it", "", "")
    cap = deal.contract.caps.contract
    for name, item in deal.contract.terms.items():
        if cap is not None and isinstance(item, PerOutcome) and item.price.mean > cap.mean:
            yield (f"contract.{name}.price", "one claim is more than the contract's cap", "", "")
