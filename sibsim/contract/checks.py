"""What has to hold within a contract: names, order, weights, shares, caps and floors.

In: a contract that was read, its evidence, its length. Out: problems by address. Not here: whether
an outcome can be paid for as a term says (`sibsim.scenario.checks`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

from sibsim.contract.agreement import RESERVED, Caps, Contract
from sibsim.contract.evidence import (
    Baseline,
    Comparison,
    Count,
    Design,
    DifferenceInDifferences,
    Others,
)
from sibsim.contract.terms import (
    ByResult,
    Compared,
    PaymentTerm,
    PerOutcome,
    Reward,
    Timed,
    above,
    rests_on,
)

Fault = tuple[str, str, str, str]
"""Address, what was found, what is allowed, what to try."""

EXACT = 1e-9
"""Weights and shares that miss 100 % by less than this are meant to come to it."""


def faults(
    contract: Contract, evidence: Mapping[str, Design], months: int
) -> Iterator[Fault]:
    """What makes a contract impossible."""
    for name in RESERVED:
        if name in contract.terms:
            yield (f"contract.{name}", f"a payment term called `{name}`",
                   f"any name but {', '.join(RESERVED)}", f"{name}_payment")  # fmt: skip
    seen: list[str] = []
    for name, item in contract.terms.items():
        place = f"contract.{name}"
        yield from _above(place, item, seen)
        yield from _timed(place, item, months)
        yield from _evidence(place, item, evidence)
        if isinstance(item, PerOutcome):
            yield from _tiers(place, item)
        if isinstance(item, ByResult):
            yield from _bands(place, item)
        if isinstance(item, Reward):
            yield from _reward(place, item)
        seen.append(name)
    yield from _held(contract)
    yield from _payers(contract)
    yield from _floors(contract, months)


def _above(place: str, item: PaymentTerm, seen: list[str]) -> Iterator[Fault]:
    """Terms that a term is reckoned from stand above it."""
    key = "unless" if isinstance(item, ByResult) else "of"
    for other in above(item):
        if other not in seen:
            yield (f"{place}.{key}", f"`{other}`, which does not stand above this term",
                   ", ".join(seen) or "a term above it", f"move it below `{other}`")  # fmt: skip


def _timed(place: str, item: PaymentTerm, months: int) -> Iterator[Fault]:
    """Measurements fall within the contract."""
    if not isinstance(item, Timed):
        return
    for key in ("at", "every"):
        value = getattr(item, key)
        if value is not None and value.mean > months:
            yield (f"{place}.{key}", f"{value.mean:g} months, in a contract of {months}",
                   f"at most {months} months: what is measured later is not seen", "")  # fmt: skip


def _evidence(
    place: str, item: PaymentTerm, evidence: Mapping[str, Design]
) -> Iterator[Fault]:
    """What is compared needs a design that compares, and what is counted one that counts."""
    comparing = [name for name, d in evidence.items() if not isinstance(d, Count)]
    counting = [name for name, d in evidence.items() if isinstance(d, Count)]
    if isinstance(item, PerOutcome) and item.evidence not in (None, *counting):
        yield (f"{place}.evidence", f"`{item.evidence}`, which compares",
               ", ".join(counting) or "a design that is a `count` or a `self_report`",
               "pay: per_effect, for what is more or fewer than in a comparison")  # fmt: skip
    for compared in rests_on(item):
        here = place if compared is item else f"{place}.measures.{_key(item, compared)}"
        if compared.evidence is None:
            continue
        design = evidence[compared.evidence]
        if compared.evidence not in comparing:
            yield (f"{here}.evidence", f"`{compared.evidence}`, which only counts",
                   ", ".join(comparing) or "a design that compares: `comparison`, "
                   "`difference_in_differences` or `baseline`", "")  # fmt: skip
        elif compared.result == "standardised" and isinstance(design, Baseline):
            yield (f"{here}.result", "standard deviations against a baseline, which has none",
                   "a comparison with other people", "result: added")  # fmt: skip
        elif compared.result in ("standardised", "rate") and isinstance(
            design, DifferenceInDifferences
        ):
            yield (f"{here}.result", f"`{compared.result}` of a difference in differences",
                   "what two changes differ by: `added`, `more`, `fewer`, `increase` or "
                   "`reduction`", "result: added")  # fmt: skip


def _key(item: PaymentTerm, compared: Compared) -> str:
    assert isinstance(item, Reward)
    return next(name for name, goal in item.measures.items() if goal is compared)


def _tiers(place: str, item: PerOutcome) -> Iterator[Fault]:
    for (low, one), (high, two) in pairwise(item.tiers.items()):
        if two.after.mean <= one.after.mean:
            yield (f"{place}.tiers.{high}.after", f"{two.after.mean:g} after {one.after.mean:g} of "
                   f"`{low}`", "tiers that rise, each after more claims", "")  # fmt: skip


def _bands(place: str, item: ByResult) -> Iterator[Fault]:
    if not item.bands:
        yield (f"{place}.bands", "no bands", "one band or more",
               "target: {from: 20%, pays: £100,000}")  # fmt: skip
    for (low, one), (high, two) in pairwise(item.bands.items()):
        if two.from_.mean <= one.from_.mean:
            yield (f"{place}.bands.{high}.from", f"{two.from_.mean:.6g} after "
                   f"{one.from_.mean:.6g} of `{low}`", "bands that rise, each from a higher "
                   "result than the one before", "")  # fmt: skip
    if item.result == "reduction":
        for name, band in item.bands.items():
            if band.from_.mean > 1:
                yield (f"{place}.bands.{name}.from", f"a reduction by {band.from_.mean:g} times "
                       "what there was", "at most 100%", f"{band.from_.mean:g}%")  # fmt: skip


def _reward(place: str, item: Reward) -> Iterator[Fault]:
    """A reward has one pot, and weights that make it up."""
    if bool(item.of) == (item.pays is not None):
        found = "both `of` and `pays`" if item.of else "neither `of` nor `pays`"
        yield (place, found, "a part of other terms (`of`, `share`), or a sum (`pays`)", "")
    if item.of and item.share.mean == 0 and item.pays is None:
        return  # a lever at nil: time and task is a reward of nothing
    total = sum(goal.weight.mean for goal in item.measures.values())
    if abs(total - 1) > EXACT:
        yield (f"{place}.measures", f"weights that come to {100 * total:.6g}%", "100 % in all", "")
    for name, goal in item.measures.items():
        if goal.target.mean == goal.from_.mean:
            yield (f"{place}.measures.{name}.target", "the same as `from`",
                   "a target above it, or below it if less is better", "")  # fmt: skip


def _held(contract: Contract) -> Iterator[Fault]:
    """No more is held back of a term than it has."""
    held: dict[str, float] = {}
    for name, item in contract.terms.items():
        if not isinstance(item, Reward):
            continue
        for other in item.of:
            held[other] = held.get(other, 0.0) + item.share.mean
            if held[other] > 1 + EXACT:
                yield (f"contract.{name}.share", f"{100 * held[other]:.6g}% of `{other}` is held "
                       "back by all rewards together", "at most 100%", "")  # fmt: skip


def _payers(contract: Contract) -> Iterator[Fault]:
    for name in contract.terms:
        mine = [p for p in contract.payers.values() if not p.terms or name in p.terms]
        total = sum(payer.share.mean for payer in mine)
        if total > 1 + EXACT:
            yield ("contract.payers", f"{100 * total:.6g}% of `{name}` is borne by all payers "
                   "together", "at most 100%; the commissioner bears the rest", "")  # fmt: skip
            return


def _floors(contract: Contract, months: int) -> Iterator[Fault]:
    limits = contract.caps
    pairs = [("least", limits.least, limits.contract, "contract", 1),
             ("least_period", limits.least_period, limits.period, "period", 1),
             ("least_period", limits.least_period, limits.contract, "contract",
              -(-months // round(limits.period_length.mean)))]  # fmt: skip
    for key, least, most, other, times in pairs:
        if least is not None and most is not None and times * least.mean > most.mean:
            many = f"{times} times " if times > 1 else ""
            yield (f"contract.caps.{key}", f"{many}a floor above the cap `{other}`",
                   "a floor of at most the cap", "")  # fmt: skip


def oddities(
    contract: Contract, evidence: Mapping[str, Design], months: int
) -> Iterator[Fault]:
    """What may be meant, but that its author should know."""
    used = {c.evidence for item in contract.terms.values() for c in rests_on(item)}
    used |= {i.evidence for i in contract.terms.values() if isinstance(i, PerOutcome)}
    for name, design in evidence.items():
        if name not in used:
            yield (f"evidence.{name}", "no payment term rests on it", "", "")
        if isinstance(design, Comparison) and (design.clusters is None) != (
            design.likeness.mean == 0.0
        ):
            yield (f"evidence.{name}", "`clusters` and `likeness` do nothing without each other",
                   "", "")  # fmt: skip
        if isinstance(design, Others) and design.lost.mean == design.lost_group.mean == 0.0 and (
            design.lost_odds.mean != 1.0 or design.missing != "left_out"
        ):
            yield (f"evidence.{name}", "`lost_odds` and `missing` do nothing where nobody is lost",
                   "", "lost: 10%")  # fmt: skip
    yield from _disputes(contract)
    for name, item in contract.terms.items():
        if isinstance(item, Reward) and item.of and item.share.mean > 0:
            last = item.windows(months)[-1][1]
            if last < months:
                yield (f"contract.{name}.every", f"what is held back after month {last} is never "
                       "paid: the contract has no measurement after that", "", "")  # fmt: skip
        if isinstance(item, ByResult):
            for (low, one), (high, two) in pairwise(item.bands.items()):
                if two.pays.mean < one.pays.mean:
                    yield (f"contract.{name}.bands.{high}.pays", f"less than `{low}`, for a better "
                           "result", "", "")  # fmt: skip
        if isinstance(item, PerOutcome):
            for most, what in ((contract.caps.person, "the cap for one person"),
                               (contract.caps.contract, "the contract's cap")):  # fmt: skip
                if most is not None and item.price.mean > most.mean:
                    yield f"contract.{name}.price", f"one claim is more than {what}", "", ""
    yield from _caps_that_never_bind(contract.caps)


def _caps_that_never_bind(limits: Caps) -> Iterator[Fault]:
    """Caps above that of the whole contract, and a period that nothing is limited in."""
    for key, most in (("person", limits.person), ("period", limits.period)):
        if most is not None and limits.contract is not None and most.mean > limits.contract.mean:
            yield (f"contract.caps.{key}", "never binds: it is above the cap of the whole contract",
                   "", "")  # fmt: skip
    usual = type(limits).__dataclass_fields__["period_length"].default
    if limits.period is limits.least_period is None and limits.period_length != usual:
        yield ("contract.caps.period_length", "does nothing without `period` or `least_period`", "",
               "")  # fmt: skip


def _disputes(contract: Contract) -> Iterator[Fault]:
    """A dispute that can change nothing."""
    terms = contract.verification
    if terms is None or terms.dispute.mean == 0.0:
        return
    place = "contract.verification"
    if terms.upheld.mean == 0.0:
        yield (f"{place}.upheld", "nil: no disputed claim is ever accepted", "", "upheld: 50%")
    if terms.delay.mean + terms.decision.mean > terms.within.mean:
        yield (f"{place}.decision", "disputes are decided after the claim window (`within`): what "
               "is upheld is lost", "", "")  # fmt: skip
