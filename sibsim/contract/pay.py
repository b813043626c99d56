"""The whole way of a payment: from claims and results to money by month of payment.

In: a drawn contract and the facts that it sees. Out: `Payments`, in whole minor units. Not here:
what a term comes to (`mechanisms`), who reached an outcome, what the money is used for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from sibsim.contract.agreement import LEVELS, Contract
from sibsim.contract.cards import Card, card, plain_lines
from sibsim.contract.claims import (
    Claims,
    Uniforms,
    claimed,
    in_line,
    in_order,
    reported,
    verified,
)
from sibsim.contract.evidence import Count, SelfReport
from sibsim.contract.limits import CAPS, Dates, cap_terms, guaranteed_by_floors, take_off
from sibsim.contract.mechanisms import MECHANISMS, Find, Seen, held_back, line_of, prices
from sibsim.contract.results import Floats
from sibsim.contract.terms import (
    Claimed,
    Compared,
    Deduction,
    Fee,
    OnResult,
    PaymentTerm,
    PerActivity,
    PerEffect,
    PerOutcome,
    Reward,
)
from sibsim.rounding import Pence, added_up, whole

Activity = Callable[[str, str | None], Pence]
"""From "start" or "day" and a cohort (None: all) to numbers by trial and month."""


@dataclass(frozen=True)
class Facts:
    """What a contract sees of what happened.

    Attributes
    ----------
    trials, months, horizon : int
        Months of the contract, and months in which it can pay.
    calendar_month : int
        Of month 0: 1 for January.
    outcomes, cohorts : mapping of str to int
        Positions, as in `claims`.
    segments : tuple of str
        Names of the segments by their places.
    rises : ndarray of float64, shape (trials or 1, years)
        Price rise of each year of the contract; nil in the first.
    claims : Claims
        Served outcomes of the contract's months.
    counting : mapping of str to Count
        Drawn designs of evidence that say how outcomes are counted.
    activity, find, uniforms : callable
    stop, last : ndarray of int64, shape (trials,), or None
        Month in which delivery ends early, and the last one whose outcomes and results are paid;
        None if no contract ends early.
    """

    trials: int
    months: int
    horizon: int
    calendar_month: int
    outcomes: Mapping[str, int]
    cohorts: Mapping[str, int]
    segments: tuple[str, ...]
    rises: Floats
    claims: Claims
    counting: Mapping[str, Count]
    activity: Activity
    find: Find
    uniforms: Uniforms
    stop: Pence | None = None
    last: Pence | None = None


@dataclass(frozen=True)
class Payments:
    """What the contract pays.

    Attributes
    ----------
    owed : ndarray of int64, shape (trials, terms)
        Before any cap; what a term takes off is negative.
    paid : ndarray of int64, shape (trials, horizon, terms)
        After the caps, by month of payment; what a term takes off is negative, in the month in
        which there is something to take it off from.
    guaranteed : ndarray of int64, shape (trials, horizon)
        What the floors add.
    cut : mapping of str to ndarray of int64, shape (trials,)
        What the caps took, by level: "person", "term", "period", "contract".
    lapsed, back : ndarray of int64, shape (trials,)
        Deductions for which there was nothing left to take them off from: those that are not
        recovered, and those that the provider pays back in the last month.
    claims : ndarray of int64, shape (trials, terms)
        Claims accepted, within the limit for one person; units of a result.
    """

    owed: Pence
    paid: Pence
    guaranteed: Pence
    cut: Mapping[str, Pence]
    lapsed: Pence
    back: Pence
    claims: Pence

    @cached_property
    def total(self) -> Pence:
        """What is paid in each month, shape (trials, horizon); never below nil."""
        made: Pence = self.paid.sum(axis=2) + self.guaranteed
        return made


def pay(contract: Contract, facts: Facts) -> Payments:
    """What is paid for the claims and results, after the caps, by month of payment.

    Parameters
    ----------
    contract : Contract
        Terms whose uncertain numbers have been drawn.
    facts : Facts

    Returns
    -------
    Payments
    """
    seen, _, kept, counts = _reckoned(contract, facts)
    return settled(contract, seen, kept, counts, facts.horizon, facts.calendar_month)


def come_to(contract: Contract, facts: Facts) -> Mapping[str, Pence]:
    """What each term comes to by month, before any reward holds back and any cap cuts."""
    return _reckoned(contract, facts)[1]


def _reckoned(
    contract: Contract, facts: Facts
) -> tuple[dict[str, Seen], dict[str, Pence], dict[str, Pence], Pence]:
    """Term by term what is seen, what it comes to, what it keeps; and how many claims it has."""
    facts = replace(facts, claims=in_order(facts.claims))
    plain = plain_lines(contract, facts.claims, facts.outcomes, facts.counting)
    made, read = _claims(contract, facts, plain), _card(contract, facts, plain)
    seen: dict[str, Seen] = {}
    amounts: dict[str, Pence] = {}
    kept: dict[str, Pence] = {}
    counts = np.zeros((facts.trials, len(contract.terms)), np.int64)
    for place, (name, item) in enumerate(contract.terms.items()):
        here = _seen(contract, facts, name, item, made.get(name), amounts, kept)
        if name in plain:
            here = replace(here, lines={"claims": read.lines[name]}, told=read.told)
        seen[name] = here
        amounts[name] = kept[name] = _in_time(item, MECHANISMS[type(item)](item, here), facts)
        hold_back(item, amounts, kept)
        counts[:, place] = _count(item, here)
    return seen, amounts, kept, counts


def _card(contract: Contract, facts: Facts, plain: Mapping[str, PerOutcome | Deduction]) -> Card:
    """What the plain lines come to."""
    if not plain:
        return Card({}, None)
    priced = {
        name: prices(item, item.price.values, _seen(contract, facts, name, item, None, {}, {}))
        for name, item in plain.items()
    }
    shape = facts.trials, facts.months + contract.claim_window
    return card(contract, facts.claims, shape, plain, priced, facts.outcomes, facts.cohorts)


def _in_time(item: PaymentTerm, amount: Pence, facts: Facts) -> Pence:
    """What is for months in which the contract still pays; claims that are not were left out."""
    if facts.stop is None or facts.last is None or isinstance(item, Claimed):
        return amount
    month = np.arange(amount.shape[1])
    last = facts.stop - 1 if isinstance(item, Fee) else facts.last
    return np.where(month <= last[:, None], amount, 0)


def hold_back(item: PaymentTerm, amounts: Mapping[str, Pence], kept: dict[str, Pence]) -> None:
    """Take what a reward holds back from what terms above it keep."""
    if isinstance(item, Reward):
        for name in item.of:
            kept[name] = np.subtract(kept[name], held_back(item, amounts[name]))


def pay_counts(
    contract: Contract,
    units: Mapping[str, int],
    results: Mapping[str, Floats],
    credit: Mapping[str, Floats],
) -> Payments:
    """What is paid for known numbers of claims and known results, all in one month.

    A cap for one person cannot be applied to these, nor anything that hangs on a month.

    Parameters
    ----------
    units : mapping of str to int
        By payment term: claims, starts, months of a fee.
    results : mapping of str to ndarray of float64, shape (1,)
        By payment term, or by ``TERM.MEASURE``.
    credit : mapping of str to ndarray of float64, shape (1,)
        By payment term: the part of each claim that counts, if not all.
    """
    known: list[tuple[Compared, Floats]] = []
    for name, item in contract.terms.items():
        if isinstance(item, Compared) and name in results:
            known.append((item, results[name]))
        if isinstance(item, Reward):
            known += [
                (goal, results[f"{name}.{key}"]) for key, goal in item.measures.items()
                if f"{name}.{key}" in results
            ]  # fmt: skip

    def find(compared: Compared, first: int, last: int) -> Floats:
        return next((value for item, value in known if item is compared), np.zeros(1))

    one, none = np.zeros(1, np.int64), np.full(1, -1)
    seen: dict[str, Seen] = {}
    amounts: dict[str, Pence] = {}
    kept: dict[str, Pence] = {}
    counts = np.zeros((1, len(contract.terms)), np.int64)
    for place, (name, item) in enumerate(contract.terms.items()):
        number = np.array([units.get(name, 0)], np.int64)
        rows = Claims(one, one, one, one, one, one, number, none, one)
        asked = name in units or name in results or any(k.startswith(f"{name}.") for k in results)
        here = Seen(1, 1, 1, np.zeros((1, 1)), rows if isinstance(item, Claimed) else None, None,
                    credit.get(name), number[:, None], find, dict(amounts),
                    dict(kept))  # fmt: skip
        seen[name] = here
        amounts[name] = MECHANISMS[type(item)](item, here) if asked else here.empty()
        kept[name] = amounts[name]
        hold_back(item, amounts, kept)
        counts[0, place] = number[0]
    return settled(contract, seen, kept, counts, 1 + contract.longest_lag, 4)


def _claims(
    contract: Contract, facts: Facts, plain: Mapping[str, PerOutcome | Deduction]
) -> dict[str, Claims]:
    """Claims that are accepted, by the term that pays for them, of terms that are not plain."""
    claims, made = facts.claims, dict[str, Claims]()
    asked = {name: item for name, item in contract.terms.items()
             if isinstance(item, Claimed) and name not in plain}  # fmt: skip
    if not asked:
        return made
    order = np.argsort(claims.outcome, kind="stable")
    edges = np.searchsorted(claims.outcome[order], np.arange(len(facts.outcomes) + 1))
    for name, item in asked.items():
        place = facts.outcomes[item.for_]
        rows = claims.where(order[edges[place] : edges[place + 1]])
        cohort = None if item.cohort is None else facts.cohorts[item.cohort]
        made[name] = claimed(item, rows, cohort)
    if contract.verification is None:
        return made
    cohorts = {place: name for name, place in facts.cohorts.items()}
    parts = [
        verified(contract.verification, rows, name, cohorts, facts.uniforms)
        for name, rows in made.items()
    ]
    return dict(zip(made, in_line(contract.verification, parts), strict=True))


def _seen(
    contract: Contract,
    facts: Facts,
    name: str,
    item: PaymentTerm,
    rows: Claims | None,
    amounts: Mapping[str, Pence],
    kept: Mapping[str, Pence],
) -> Seen:
    """What there is to see under one term."""
    seen = Seen(
        facts.trials, facts.months, facts.months + contract.claim_window, facts.rises, rows,
        find=facts.find, amounts=dict(amounts), kept=dict(kept), segments=facts.segments,
    )  # fmt: skip
    if isinstance(item, PerActivity):
        kind = "start" if item.of == "start" else "day"
        return replace(seen, activity=facts.activity(kind, item.cohort))
    if not isinstance(item, PerOutcome) or item.evidence is None:
        return seen
    design = facts.counting[item.evidence]
    credit = (1.0 - design.deadweight.values) * design.attributed.values
    if not isinstance(design, SelfReport):
        return replace(seen, credit=credit)
    assert rows is not None
    shape = facts.trials, facts.months
    cell = rows.trial.astype(np.int64) * facts.months + rows.month
    true = added_up(rows.amount, cell, facts.trials * facts.months).reshape(shape)
    trial, month = (grid.ravel() for grid in np.indices(shape))
    pairs = facts.uniforms(f"contract.{name}.reported", trial, month, np.zeros_like(trial))
    undetected, stands = reported(design, true, pairs.reshape(*shape, 2))
    return replace(seen, credit=credit * stands, undetected=undetected)


def _count(item: PaymentTerm, seen: Seen) -> Pence:
    """How many claims a term has: of a result one for each measurement, or its units."""
    if isinstance(item, Claimed):
        made = line_of(item, seen).units
        return made if seen.undetected is None else made + seen.undetected.sum(axis=1)
    if isinstance(item, PerActivity) and seen.activity is not None:
        return np.asarray(seen.activity.sum(axis=1), np.int64)
    if isinstance(item, PerEffect) and item.result in ("fewer", "more"):
        assert seen.find is not None
        windows = item.windows(seen.months)
        return whole(sum(np.maximum(seen.find(item, *window), 0.0) for window in windows))
    if isinstance(item, OnResult | Reward):
        return np.full(seen.trials, len(item.windows(seen.months)))
    return np.zeros(seen.trials, np.int64)


# --- caps, floors, dates --------------------------------------------------------------------------


def settled(
    contract: Contract,
    seen: Mapping[str, Seen],
    kept: Mapping[str, Pence],
    counts: Pence,
    horizon: int,
    calendar_month: int,
) -> Payments:
    """Apply caps and floors, and find the month of each payment.

    Parameters
    ----------
    seen, kept : mapping by term
        What is kept is what a term comes to less what rewards hold back, shape (trials, span).
    counts : ndarray of int64, shape (trials, terms)
    """
    # A trial's months of a term, and its terms, lie side by side in memory. There is room for the
    # months of payment from the start, and every step works in this one table.
    due = np.zeros((len(counts), len(contract.terms), horizon), np.int64)
    for place, (name, item) in enumerate(contract.terms.items()):
        span = kept[name].shape[1]
        assert span + round(item.lag.mean) <= horizon
        due[:, place, :span] = kept[name]
    owed, off = due.sum(axis=2), None
    if due.min(initial=0) < 0:
        off = np.maximum(-due, 0)
        np.maximum(due, 0, out=due)
    cut = {level: CAPS[level](contract, seen, due) for level in contract.caps.order}
    months = next(iter(seen.values())).months if seen else horizon
    guaranteed = guaranteed_by_floors(contract.caps, due, months)
    dates = Dates(contract, horizon, calendar_month)
    dates.move(due)
    dates.move(guaranteed[:, None], [dates.longest])
    lapsed = back = np.zeros(len(due), np.int64)
    if off is not None:
        cap_terms(contract, seen, off)
        dates.move(off)
        lapsed, back = take_off(contract, due, guaranteed, off)
    return Payments(
        owed, due.swapaxes(1, 2), guaranteed,
        {level: cut[level] for level in LEVELS}, lapsed, back, counts,
    )  # fmt: skip
