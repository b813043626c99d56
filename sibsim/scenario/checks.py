"""What has to hold between the sections of a scenario, and what is merely odd.

In: a scenario that was read without a problem. Out: problems that stop it and warnings that do not,
by address. Not here: single values (`reader`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sibsim.accounts import cost_checks
from sibsim.contract import checks as contract_checks
from sibsim.contract.evidence import Baseline, DifferenceInDifferences
from sibsim.contract.terms import (
    ByResult,
    Claimed,
    Deduction,
    Fee,
    Priced,
    Reward,
    Timed,
    outcomes_of,
    rests_on,
)
from sibsim.people import checks as people
from sibsim.people.outcomes import COUNTED, ChangeIn, Outcome, Visited, unit
from sibsim.quantities import Quantity, each_quantity
from sibsim.scenario import capital_checks
from sibsim.scenario.correlated import correlation_faults
from sibsim.scenario.deal import Scenario
from sibsim.writing import DAYS_PER_MONTH

Fault = tuple[str, str, str, str]
"""Address, what was found, what is allowed, what to try."""

MOST_VARIANTS = 100
"""Options, and stresses, of one deal: the deal is read once for each of them."""

MOST_CHANGES = 200
"""Addresses that one option or stress may change; ``*`` stands for every name."""


def faults(deal: Scenario) -> Iterator[Fault]:
    """What makes the scenario impossible."""
    yield from people.faults(replace(deal.population, people=deal.people))
    for name, cohort in deal.people.items():
        if cohort.from_.mean >= deal.programme.months.mean * DAYS_PER_MONTH:
            yield (f"people.{name}.from", "after the contract's end", "a time within the contract",
                   "")  # fmt: skip
    yield from _counted_faults(deal)
    yield from _result_faults(deal)
    yield from _before_faults(deal)
    yield from contract_checks.faults(
        deal.contract, deal.evidence, round(deal.programme.months.mean)
    )
    yield from capital_checks.faults(deal)
    yield from cost_checks.faults(
        deal.costs, {name: unit(outcome) for name, outcome in deal.outcomes.items()},
        deal.contract.payers, deal.capital, round(deal.programme.months.mean),
    )  # fmt: skip
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
    segments = {name for cohort in deal.people.values() for name in cohort.segments}
    for name, item in deal.contract.terms.items():
        if not isinstance(item, Claimed):
            continue
        outcome, limit = deal.outcomes[item.for_], item.claims_per_person
        if isinstance(outcome, ChangeIn):
            yield (f"contract.{name}.for", f"`{item.for_}`, a change that may be for the worse",
                   "an outcome with `read: improved`, or any but a change", "")  # fmt: skip
        elif isinstance(outcome, COUNTED) and limit is not None and limit.mean == 1:
            yield (f"contract.{name}.claims_per_person", "1 (the default), for an outcome of which "
                   f"one person has many {unit(outcome)}", "unlimited, or how many are paid for",
                   "claims_per_person: unlimited")  # fmt: skip
        for segment in item.by_segment:
            if segment not in segments:
                yield (f"contract.{name}.by_segment.{segment}", "no segment of this name",
                       ", ".join(sorted(segments)) or "segments of a cohort", "")  # fmt: skip


def _result_faults(deal: Scenario) -> Iterator[Fault]:
    """What is compared exists in both worlds, and a share of it has a meaning."""
    for name, item in deal.contract.terms.items():
        for compared in rests_on(item):
            outcome = deal.outcomes[compared.for_]
            if isinstance(outcome, ChangeIn) and compared.result not in (
                "rate", "added", "standardised"
            ):
                yield (f"contract.{name}", f"`{compared.result}` of `{compared.for_}`, a change "
                       "that may be for the worse", "its average: `rate`, `added` or "
                       "`standardised`", "result: added")  # fmt: skip
            if isinstance(outcome, Visited) and compared.result != "rate":
                yield (f"contract.{name}.for", f"`{compared.for_}`, of which there is nothing "
                       "without the service", "an outcome that happens in both worlds",
                       "result: rate")  # fmt: skip


def _before_faults(deal: Scenario) -> Iterator[Fault]:
    """What there was before is of one outcome, and of a kind whose sampling error is known."""
    for name, design in deal.evidence.items():
        if not isinstance(design, DifferenceInDifferences):
            continue
        place, resting = f"evidence.{name}", [
            c.for_ for item in deal.contract.terms.values() for c in rests_on(item)
            if c.evidence == name
        ]  # fmt: skip
        if len(set(resting)) > 1:
            yield (place, f"what there was before, for {' and '.join(dict.fromkeys(resting))}",
                   "a design for each outcome", "")  # fmt: skip
        for outcome in dict.fromkeys(resting):
            item = deal.outcomes[outcome]
            if isinstance(item, ChangeIn):
                yield (place, f"a difference in differences of `{outcome}`, which is a change "
                       "already", "an outcome that is no change: two changes are compared by a "
                       "`comparison`", "design: comparison")  # fmt: skip
            elif unit(item) != "people" and design.spread is None:
                yield (f"{place}.spread", f"is missing, for `{outcome}`, which counts {unit(item)}",
                       "the standard deviation between people of how much each had before",
                       "spread: 40")  # fmt: skip
            elif unit(item) == "people":
                for key in ("before", "before_group"):
                    level = getattr(design, key).mean
                    if level > 1:
                        yield (f"{place}.{key}", f"{level:g}, for `{outcome}`, which people reach "
                               "or not", "at most 1: the share who had it before",
                               f"{key}: {level / 100:g}")  # fmt: skip
                if design.spread is not None:
                    yield (f"{place}.spread", f"a spread, for `{outcome}`, which people reach or "
                           "not", "nothing: it follows from the share who had it", "")  # fmt: skip


def _backtest_faults(deal: Scenario) -> Iterator[Fault]:
    """A back-test is fed totals, so what hangs on the person or the month cannot be tested."""
    assert deal.backtest is not None
    contract = deal.contract
    for name, line in deal.backtest.lines.items():
        if name not in contract.terms:
            yield (f"backtest.lines.{name}", "no payment term of this name",
                   ", ".join(contract.terms), "")  # fmt: skip
            continue
        item = contract.terms[name]
        needed = "results" if isinstance(item, Reward) else (
            "result" if isinstance(item, ByResult) else ""
        )  # fmt: skip
        stated = [key for key in ("units", "result", "results") if getattr(line, key)]
        if needed and stated != [needed]:
            example = "result: 38%" if needed == "result" else "results: {MEASURE: 92%}"
            allowed = "the result that was found, and nothing else"
            found = f"no `{needed}`" if needed not in stated else f"{needed} and more"
            yield (f"backtest.lines.{name}", found, allowed, example)
        elif not stated:
            yield (f"backtest.lines.{name}", "neither `units` nor `result`", "how many were paid "
                   "for", "units: 706")  # fmt: skip
        elif not needed and isinstance(item, Claimed | Priced) and stated != ["units"]:
            yield (f"backtest.lines.{name}", f"a `{stated[0]}`", "`units`, the claims that were "
                   "paid", "units: 706")  # fmt: skip
        if isinstance(item, Reward):
            for key in line.results:
                if key not in item.measures:
                    yield (f"backtest.lines.{name}.results.{key}", "no measure of this name",
                           ", ".join(item.measures), "")  # fmt: skip
    for name in ("person", "period", "least_period"):
        if getattr(contract.caps, name) is not None:
            yield (f"contract.caps.{name}", f"a limit per {name.removeprefix('least_')} in a deal "
                   "with a back-test", "limits on totals: `cap` on a term, `contract` and `least`",
                   "")  # fmt: skip
    if contract.caps.contract is not None and not contract.caps.contract.is_fixed:
        yield ("contract.caps.contract", "an uncertain cap in a deal with a back-test",
               "one plain amount", "")  # fmt: skip
    for name, item in contract.terms.items():
        if isinstance(item, Fee) and item.amount.mean > 0 and name not in deal.backtest.lines:
            yield (f"contract.{name}", "a fee that the back-test has no line for",
                   "a line with the months that were paid", f"{name}: {{units: 24}}")  # fmt: skip
        if isinstance(item, Priced) and name in deal.backtest.lines:
            changing = [k for k in ("uplift", "indexed") if getattr(item, k).mean != 0.0]
            changing += ["by_year"] if item.by_year else []
            if changing:
                yield (f"contract.{name}.{changing[0]}", "a changing price in a deal with a "
                       "back-test", "one plain price: it is fed totals, without their months",
                       "")  # fmt: skip
        drawn = [place for place, q in quantities_of(item) if not q.is_fixed]
        if drawn and name in deal.backtest.lines:
            yield (f"contract.{name}.{drawn[0]}", "an uncertain number in a deal with a back-test",
                   "plain amounts", "")  # fmt: skip


def quantities_of(item: object) -> list[tuple[str, Quantity]]:
    """Every number of a block by its address in it."""
    found: list[tuple[str, Quantity]] = []

    def visit(address: str, quantity: Quantity) -> Quantity:
        found.append((address, quantity))
        return quantity

    each_quantity(item, visit)
    return found


def _to_be_fewer(deal: Scenario) -> set[str]:
    """Outcomes of which a contract or a saving wants fewer."""
    fewer = {saving.for_ for saving in deal.savings.values() if saving.per == "fewer"}
    for item in deal.contract.terms.values():
        wanted = [c.for_ for c in rests_on(item) if c.result in ("fewer", "reduction")]
        fewer |= {*wanted, *([item.for_] if isinstance(item, Deduction) else [])}
    return fewer


def oddities(deal: Scenario) -> Iterator[Fault]:
    """What may be meant, but that its author should know."""
    used = {name for item in deal.contract.terms.values() for name in outcomes_of(item)}
    used |= {saving.for_ for saving in deal.savings.values()}
    stones = [item for item in deal.outcomes.values() if isinstance(item, Outcome)]
    used |= {stone.follows for stone in stones if stone.follows}
    used |= {stone.given.outcome for stone in stones if stone.given}
    for name, outcome in deal.outcomes.items():
        if name not in used and outcome.kind == "final" and isinstance(outcome, Outcome):
            yield (f"outcomes.{name}", "is neither paid for nor saves anything", "", "")
        if not isinstance(outcome, Outcome):
            continue
        worse = outcome.chance is not None and outcome.chance.mean < outcome.without.mean
        if worse and name not in _to_be_fewer(deal):
            yield (f"outcomes.{name}", "is less likely with the service than without it", "", "")
        later = outcome.after_without is not None and outcome.wait_without.mean > outcome.wait.mean
        if later and outcome.without.mean > 0:
            yield (f"outcomes.{name}.after_without", "what comes later without the service may "
                   "fall after the contract's end and is not counted: savings look larger", "", "")
    for name, item in deal.contract.terms.items():
        again = isinstance(item, Timed) and item.counts == "since_last" and item.every is not None
        for compared in rests_on(item) if again else ():
            slow = unit(deal.outcomes[compared.for_]) != "people"
            if slow and isinstance(deal.evidence.get(compared.evidence or ""), Baseline):
                yield (f"contract.{name}.counts", "a baseline is counted whole when people start, "
                       "what they then do as it comes: later windows find more than the baseline",
                       "", "counts: so_far")  # fmt: skip
    for name in ("hurdle", "safe_rate") if not deal.capital else ():
        if getattr(deal.programme, name) is not None:
            yield (f"programme.{name}", "is what investors ask for, and nobody invests" if
                   name == "hurdle" else "says what capital costs, and nobody invests", "", "")
    yield from people.oddities(deal.population)
    yield from capital_checks.oddities(deal)
    yield from cost_checks.oddities(deal.costs)
    for name, saving in deal.savings.items():
        if saving.amount.period == "each" and saving.lasts.mean != 12:
            yield (f"savings.{name}.lasts", "does nothing beside an amount `each`", "", "")
    yield from contract_checks.oddities(
        deal.contract, deal.evidence, round(deal.programme.months.mean)
    )
