"""The vehicle's account: receipts in, delivery paid, the investor's money drawn and given back.

In: receipts and costs by month, the terms of the investor's money. Out: every flow by month, and a
balance that is never below zero. Not here: where receipts and costs come from, returns.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sibsim.accounts.terms import Tranche
from sibsim.rounding import Pence, pence


@dataclass(frozen=True)
class Flows:
    """What moves through the vehicle, each of shape (trials, horizon), int64, never negative.

    Attributes
    ----------
    drawn : ndarray
        From the investor.
    delivery : ndarray
        To the provider for its costs.
    to_investor, to_provider : ndarray
        Surplus given out.
    unpaid : ndarray
        Costs that the provider carries at the end of the month.
    cash : ndarray
        The vehicle's balance at the end of the month.
    """

    drawn: Pence
    delivery: Pence
    to_investor: Pence
    to_provider: Pence
    unpaid: Pence
    cash: Pence


def run_account(
    receipts: Pence, costs: Pence, months: int, closing: int, tranche: Tranche | None
) -> Flows:
    """Reckon the vehicle's account month by month (docs/model.md, section 5).

    Parameters
    ----------
    receipts, costs : ndarray of int64, shape (trials, horizon)
    months : int
        Months of the contract; from then on no cash is held back.
    closing : int
        The month in which the last payment comes in and the account is closed.
    tranche : Tranche or None
        Drawn terms of the investor's money; None if nobody invests.

    Returns
    -------
    Flows
    """
    trials, horizon = receipts.shape
    commitment, share, hold = _terms(tranche, trials)
    flows = Flows(*(np.zeros((trials, horizon), np.int64) for _ in range(6)))
    zero = np.zeros(trials, np.int64)
    cash, unpaid, drawn, given = zero, zero, zero, zero
    for month in range(horizon):
        cash = cash + receipts[:, month]
        due = costs[:, month] + unpaid
        if tranche is not None and tranche.draw == "up_front":
            draw = commitment if month == 0 else zero
        else:
            draw = np.minimum(np.maximum(due - cash, 0), commitment - drawn)
        cash, drawn = cash + draw, drawn + draw
        delivery = np.minimum(due, cash)
        cash, unpaid = cash - delivery, due - delivery
        surplus = zero
        if _gives_out(tranche, month, closing):
            kept = zero if month >= min(months, closing) else pence(hold * costs[:, month])
            surplus = np.where(unpaid > 0, 0, np.maximum(cash - kept, 0))
        back = np.minimum(surplus, np.maximum(drawn - given, 0))
        profit = pence((surplus - back) * share)
        given, cash = given + back + profit, cash - surplus
        flows.drawn[:, month] = draw
        flows.delivery[:, month] = delivery
        flows.to_investor[:, month] = back + profit
        flows.to_provider[:, month] = surplus - back - profit
        flows.unpaid[:, month] = unpaid
        flows.cash[:, month] = cash
    return flows


def _terms(
    tranche: Tranche | None, trials: int
) -> tuple[Pence, NDArray[np.float64], NDArray[np.float64]]:
    """Commitment, the investor's share of surplus, and months held back, in each trial."""
    if tranche is None:
        return np.zeros(trials, np.int64), np.zeros(trials), np.zeros(trials)
    commitment = np.broadcast_to(pence(tranche.commitment.values), (trials,))
    return (
        commitment,
        np.where(commitment > 0, np.broadcast_to(tranche.investor_share.values, (trials,)), 0.0),
        np.broadcast_to(tranche.hold.values, (trials,)),
    )


def _gives_out(tranche: Tranche | None, month: int, closing: int) -> bool:
    if month >= closing:
        return True
    if tranche is None or tranche.distribute == "at_end":
        return False
    return month >= tranche.distribute_from.mean
