"""When a contract ends early, trial by trial.

In: who may end it and on what conditions, and what has happened month by month without an early
end. Out: the month in which delivery ends, and what is paid then. Not here: what an early end does
to people, payments and the account.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sibsim.accounts.book import Ends
from sibsim.accounts.steps import Ending
from sibsim.rounding import Pence, pence
from sibsim.timeline import Timeline


@dataclass(frozen=True)
class Decided:
    """The early ends of a block of trials.

    Attributes
    ----------
    ends : Ends
    last_claim : ndarray of int64, shape (trials,)
        Last month whose outcomes are still paid; the horizon if the contract does not end early.
    by : ndarray of int64, shape (trials,)
        Place in the scenario of what ended it, -1 if nothing did.
    """

    ends: Ends
    last_claim: Pence
    by: Pence

    @property
    def any(self) -> bool:
        """Whether some trial ends early."""
        return bool((self.by >= 0).any())


def decide(
    endings: Mapping[str, Ending],
    timeline: Timeline,
    closing: int,
    receipts: Pence,
    starts: Pence,
    unpaid: Pence,
    chances: Callable[[str, int], NDArray[np.float64]],
    results: Callable[[str, int], NDArray[np.float64]] | None = None,
) -> Decided:
    """Find the first early end of each trial (docs/model.md, section 5).

    Until a contract ends, all goes as if it did not; so what is decided on is what happens without
    an early end, up to the month before the decision.

    Parameters
    ----------
    endings : mapping of str to Ending
        Drawn terms, by name.
    timeline : Timeline
    closing : int
        The month in which the account closes if there is no early end.
    receipts, unpaid : ndarray of int64, shape (trials, horizon)
        Payments, and costs that are unpaid at the end of each month.
    starts : ndarray of int64, shape (trials, months)
    chances : callable
        From the name of an early end and how often it may be decided to uniforms, (trials, times).
    results : callable or None
        From a payment term and a month to its result as it is known then, shape (trials,); NaN
        where it is not. None if no early end asks.

    Returns
    -------
    Decided
    """
    trials, horizon = receipts.shape
    tail = closing - (timeline.months - 1)
    stop, by = np.full(trials, horizon, np.int64), np.full(trials, -1, np.int64)
    pays, of_capital = np.zeros(trials, np.int64), np.zeros(trials)
    last_claim = np.full(trials, horizon, np.int64)
    for place, (name, ending) in enumerate(endings.items()):
        notice = round(ending.notice.mean)
        months = _decisions(ending, timeline.months)
        lucky = chances(name, len(months)) < ending.chance.values[:, None]
        for when, month in enumerate(months):
            ends = lucky[:, when] & _met(ending, month, receipts, starts, unpaid, results)
            ends &= (month + notice < stop) & (month + notice < timeline.months)
            stop[ends], by[ends] = month + notice, place
            pays[ends] = np.broadcast_to(pence(ending.pays.values), (trials,))[ends]
            of_capital[ends] = np.broadcast_to(ending.pays_of_capital.values, (trials,))[ends]
            last_claim[ends] = month + notice - 1 + round(ending.claims_for.mean)
    early = by >= 0
    closed = np.where(early, np.maximum(np.minimum(closing, last_claim + tail), stop), closing)
    return Decided(Ends(stop, closed, pays, of_capital), last_claim, by)


def _decisions(ending: Ending, months: int) -> range:
    """The months at whose beginning it may be decided."""
    first = round(ending.at.mean)
    if ending.every is None:
        return range(first, min(first + 1, months))
    return range(first, months, round(ending.every.mean))


def _met(
    ending: Ending, month: int, receipts: Pence, starts: Pence, unpaid: Pence,
    results: Callable[[str, int], NDArray[np.float64]] | None,
) -> NDArray[np.bool_]:  # fmt: skip
    """Whether all conditions hold at the beginning of a month, shape (trials,)."""
    met = np.ones(len(receipts), bool)
    paid = receipts[:, :month].sum(axis=1)
    if ending.payments_below is not None:
        met &= paid < pence(ending.payments_below.values)
    if ending.payments_above is not None:
        met &= paid >= pence(ending.payments_above.values)
    if ending.starts_below is not None:
        met &= starts[:, :month].sum(axis=1) < ending.starts_below.values
    if ending.unpaid_for is not None:
        length = round(ending.unpaid_for.mean)
        met &= (month >= length) & (unpaid[:, max(month - length, 0) : month] > 0).all(axis=1)
    if ending.result_of is not None and ending.result_below is not None:
        assert results is not None
        met &= results(ending.result_of, month) < ending.result_below.values
    return met
