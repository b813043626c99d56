"""What each kind of payment term comes to, month by month, before any cap.

In: drawn terms and what is seen under them: claims, activity, results, what other terms came to.
Out: whole minor units by trial and month. Not here: which claims are made (`claims`), what a result
is (`results`), caps, payers and dates (`pay`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sibsim.contract.cards import Told
from sibsim.contract.claims import Claims
from sibsim.contract.lines import Line, line
from sibsim.contract.results import Floats
from sibsim.contract.terms import (
    ByResult,
    Claimed,
    Clawback,
    Compared,
    Deduction,
    Fee,
    Goal,
    PerActivity,
    PerEffect,
    PerOutcome,
    Priced,
    Reward,
    ShareOfSaving,
)
from sibsim.rounding import Pence, added_up, pence, per_month, product, whole
from sibsim.writing import PERIOD_DAYS

Find = Callable[[Compared, int, int], Floats]
"""From what is compared and a window of months to the result, shape (trials,)."""


@dataclass(frozen=True)
class Seen:
    """What there is to see under one payment term.

    Attributes
    ----------
    trials, months, span : int
        Months of the contract, and with those in which claims are still decided.
    rises : ndarray of float64, shape (trials or 1, years)
        Price rise of each year of the contract; nil in the first.
    claims : Claims or None
        Claims accepted under the term.
    undetected : ndarray of int64, shape (trials, months), or None
        False reports that stand.
    credit : ndarray of float64, shape (trials or 1,)
        The part of each outcome that counts.
    activity : ndarray of int64, shape (trials, months), or None
        Starts, or days in service.
    find : callable or None
    amounts, kept : mapping of str to ndarray of int64, shape (trials, span)
        What the terms above it come to; the same less what rewards above it hold back.
    segments : tuple of str
        Names of the segments by their places.
    lines : dict
        What the claims come to, once it has been reckoned.
    told : Told or None
        What single claims come to, of all plain lines of a rate card; None for any other term.
    """

    trials: int
    months: int
    span: int
    rises: Floats
    claims: Claims | None = None
    undetected: Pence | None = None
    credit: Floats | None = None
    activity: Pence | None = None
    find: Find | None = None
    amounts: Mapping[str, Pence] | None = None
    kept: Mapping[str, Pence] | None = None
    segments: tuple[str, ...] = ()
    lines: dict[str, Line] = field(default_factory=dict, repr=False)
    told: Told | None = field(default=None, repr=False)

    def empty(self) -> Pence:
        """Nothing in any month."""
        return np.zeros((self.trials, self.span), np.int64)

    def at(self, month: int, amount: Any) -> Pence:
        """One amount a trial, in a month."""
        made = self.empty()
        made[:, month] = amount
        return made


# --- prices ---------------------------------------------------------------------------------------


def prices(item: Priced, price: Any, seen: Seen) -> Pence:
    """A price in each month, shape (trials or 1, months): whole, and again once it has changed.

    Parameters
    ----------
    price : ndarray of float64, shape (trials or 1,)
        Minor units at the start of the contract.
    """
    if seen.credit is not None:
        price = price * seen.credit
    base = pence(price)
    years = np.arange(seen.months) // 12
    steady = item.uplift.is_fixed and item.uplift.mean == 0.0 and item.indexed.mean == 0.0
    if steady and not item.by_year:
        return np.broadcast_to(base[:, None], (len(base), seen.months))
    factor: Any = np.ones((1, seen.months))
    if not steady:
        uplift, most = item.uplift.values[:, None], int(years[-1]) + 1
        if item.indexed.mean == 0.0:
            factor = (1.0 + uplift) ** years[None, :]
        else:
            growth = 1.0 + uplift + item.indexed.mean * seen.rises[:, :most]
            growth[:, 0] = 1.0
            factor = np.cumprod(growth, axis=1)[:, years]
    if item.by_year:
        parts = np.array([part.mean for part in item.by_year])
        factor = factor * parts[np.minimum(years, len(parts) - 1)][None, :]
    return pence(base[:, None] * factor)


def line_of(item: Claimed, seen: Seen) -> Line:
    """What the claims come to: each its price in the month of the outcome x its amount."""
    if "claims" not in seen.lines:
        seen.lines["claims"] = _line(item, seen)
    return seen.lines["claims"]


def _line(item: Claimed, seen: Seen) -> Line:
    claims = seen.claims
    assert claims is not None
    parts = [(0, prices(item, item.price.values, seen))]
    if isinstance(item, PerOutcome):
        parts += [
            (round(tier.after.mean), prices(item, tier.price.values, seen))
            for tier in item.tiers.values()
        ]
    if len(parts) == 1 and not item.by_segment:
        return line(claims, parts[0][1], seen.trials, seen.span)
    units = claims.amount.astype(np.int64)
    if len(parts) == 1:
        money = product(units, _each(item, parts[0][1], seen))
    else:
        money = _tiered(item, parts, units, seen)
    cell = claims.trial.astype(np.int64) * seen.span + claims.accepted
    by_month = added_up(money, cell, seen.trials * seen.span).reshape(seen.trials, seen.span)
    return Line(money, by_month, added_up(units, claims.trial, seen.trials))


def _each(item: Claimed, table: Pence, seen: Seen) -> Pence:
    """The price of each claim by its trial, month and segment."""
    claims = seen.claims
    assert claims is not None
    trial = claims.trial if len(table) > 1 else np.zeros(len(claims), np.int64)
    price: Pence = table[trial, claims.month]
    if not item.by_segment:
        return price
    factor = np.ones(len(seen.segments) + 1)  # the last for nobody's segment
    for place, name in enumerate(seen.segments):
        if name in item.by_segment:
            factor[place] = item.by_segment[name].mean
    return pence(price * factor[claims.segment])


def _tiered(
    item: Claimed, parts: list[tuple[int, Pence]], units: Pence, seen: Seen
) -> Pence:
    """Claims of a trial in order of the month in which they count, through the tiers."""
    from sibsim.contract import caps

    claims = seen.claims
    assert claims is not None
    order = np.lexsort((claims.occurrence, claims.who, claims.accepted, claims.trial))
    first = np.empty(len(claims), np.int64)
    first[order] = caps.before(units[order], claims.trial[order].astype(np.int64))
    last = first + units
    ends = [after for after, _ in parts[1:]] + [np.iinfo(np.int64).max]
    made = np.zeros(len(claims), np.int64)
    for (after, table), end in zip(parts, ends, strict=True):
        within = np.clip(last, after, end) - np.clip(first, after, end)
        made += product(within, _each(item, table, seen))
    return made


# --- the mechanisms -------------------------------------------------------------------------------


def per_outcome(item: PerOutcome, seen: Seen) -> Pence:
    """Price x claims, and x false reports that stand."""
    made = line_of(item, seen).by_month
    if seen.undetected is not None:
        made = made.copy()
        made[:, : seen.months] += product(seen.undetected, prices(item, item.price.values, seen))
    return made


def deduction(item: Deduction, seen: Seen) -> Pence:
    """Less price x claims."""
    return -line_of(item, seen).by_month


def per_activity(item: PerActivity, seen: Seen) -> Pence:
    """Price x starts, or x days in service over the days of the unit."""
    assert seen.activity is not None
    made, price = seen.empty(), prices(item, item.price.values, seen)
    if item.of in ("start", "day"):
        made[:, : seen.months] = product(seen.activity, price)
    else:
        made[:, : seen.months] = pence(price * seen.activity / PERIOD_DAYS[item.of])
    return made


def fee(item: Fee, seen: Seen) -> Pence:
    """The same sum in each month of the contract."""
    made = seen.empty()
    made[:, : seen.months] = prices(item, per_month(item.amount.values, item.amount.period), seen)
    return made


ROUNDING = 1e-12
"""A result this little below a band is in it: 0.2 is not always 20 %."""


def by_result(item: ByResult, seen: Seen) -> Pence:
    """What the bands pay at each measurement, unless a term above it has paid by then."""
    assert seen.find is not None
    made = seen.empty()
    for first, last in item.windows(seen.months):
        amount = banded(item, seen.find(item, first, last))
        for name in item.unless:
            assert seen.amounts is not None
            amount = np.where((seen.amounts[name][:, :last] > 0).any(axis=1), 0, amount)
        made[:, last - 1] += amount
    return made


def banded(item: ByResult, result: Floats) -> Pence:
    """What the bands pay at a result."""
    bands = list(item.bands.values())
    ends = np.array([band.from_.mean for band in bands])
    pays = np.stack(
        [np.broadcast_to(pence(band.pays.values), result.shape) for band in bands], axis=1
    )
    place = np.searchsorted(ends, result + ROUNDING, side="right") - 1
    rows = np.arange(len(result))
    below, upper = np.maximum(place, 0), np.minimum(place + 1, len(bands) - 1)
    paid = pays[rows, below]
    if item.between == "line":
        width = np.where(upper > below, ends[upper] - ends[below], 1.0)
        part = np.clip((result - ends[below]) / width, 0.0, 1.0)
        paid = whole(paid + part * (pays[rows, upper] - paid))
    return np.where(place >= 0, paid, 0)


def per_effect(item: PerEffect, seen: Seen) -> Pence:
    """Price x result / unit at each measurement; a result below nil pays nothing."""
    assert seen.find is not None
    made, price = seen.empty(), pence(item.price.values)
    for first, last in item.windows(seen.months):
        result = np.maximum(seen.find(item, first, last), 0.0)
        if item.unit.mean == 1.0 and item.result in ("fewer", "more"):
            made[:, last - 1] += product(whole(result), price)
        else:
            made[:, last - 1] += pence(price * (result / item.unit.mean))
    return made


def score(goal: Goal, result: Floats) -> Floats:
    """The part of a measure that is paid: nil at `from`, 1 at the target, between its ends."""
    start, target = goal.from_.mean, goal.target.mean
    part = (result - start) / (target - start)
    if goal.between == "step":
        part = np.where(part + ROUNDING >= 1.0, 1.0, 0.0)
    return np.clip(part, goal.least.mean, goal.most.mean)


def held_back(item: Reward, amount: Pence) -> Pence:
    """What a reward takes of a term above it."""
    return whole(item.share.mean * amount)


def pot(item: Reward, amounts: Mapping[str, Pence], since: int, last: int) -> Pence:
    """What a measurement shares out: a sum, or what has been held back since the last one."""
    if item.pays is not None:
        return pence(item.pays.values)
    held = [held_back(item, amounts[name][:, since:last]) for name in item.of]
    made: Pence = np.sum(held, axis=(0, 2))
    return made


def reward(item: Reward, seen: Seen) -> Pence:
    """At each measurement the pot since the last one x the weighted scores of the measures."""
    assert seen.find is not None and seen.amounts is not None
    made, since = seen.empty(), 0
    for first, last in item.windows(seen.months):
        scores = sum(
            goal.weight.mean * score(goal, seen.find(goal, first, last))
            for goal in item.measures.values()
        )
        made[:, last - 1] += pence(pot(item, seen.amounts, since, last) * scores)
        since = last
    return made


def share_of_saving(item: ShareOfSaving, seen: Seen) -> Pence:
    """A share of each measurement's saving until a sum is repaid with interest, then another."""
    assert seen.find is not None
    made, saves = seen.empty(), item.saves.values
    first_share, then = item.share.values, item.then.values
    owing = None if item.until is None else np.broadcast_to(item.until.values, (seen.trials,))
    since = 0
    for first, last in item.windows(seen.months):
        saved = saves * np.maximum(seen.find(item, first, last), 0.0)
        if owing is None:
            made[:, last - 1] += pence(first_share * saved)
            continue
        owing = owing * (1.0 + item.interest.values) ** ((last - since) / 12)
        # Of the saving, as much goes at the first share as it takes to repay; the rest at `then`.
        repaid = np.minimum(first_share * saved, owing)
        left = saved - np.where(first_share > 0, repaid / np.where(first_share > 0, first_share, 1),
                                0.0)  # fmt: skip
        over = np.where(repaid >= owing, then * np.maximum(left, 0.0), 0.0)
        made[:, last - 1] += pence(repaid + over)
        owing, since = owing - repaid, last
    return made


def clawback(item: Clawback, seen: Seen) -> Pence:
    """Less a share of what other terms have come to by then, if the result is missed."""
    assert seen.find is not None and seen.kept is not None
    made, since = seen.empty(), 0
    for first, last in item.windows(seen.months):
        come = sum(seen.kept[name][:, since:last].sum(axis=1) for name in item.of)
        missed = seen.find(item, first, last) + ROUNDING < item.below.mean
        made[:, last - 1] -= np.where(missed, whole(item.share.mean * come), 0)
        since = last
    return made


MECHANISMS: dict[type, Callable[[Any, Seen], Pence]] = {
    PerOutcome: per_outcome, Deduction: deduction, PerActivity: per_activity, Fee: fee,
    ByResult: by_result, PerEffect: per_effect, Reward: reward, ShareOfSaving: share_of_saving,
    Clawback: clawback,
}  # fmt: skip
"""For each type of payment term, the function from what is seen to amounts by trial and month."""

