"""The vehicle's account: receipts in, delivery paid, investors' money drawn and given back.

In: receipts and costs by month, the terms of each tranche, senior first. Out: every flow by month,
and a balance that is never below zero. Not here: where receipts and costs come from, returns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sibsim.accounts.terms import Tranche
from sibsim.rounding import Pence, pence, split


@dataclass(frozen=True)
class TrancheFlows:
    """What moves between one tranche and the vehicle, each of shape (trials, horizon), int64.

    Attributes
    ----------
    drawn : ndarray
        From the investor.
    interest, principal, profit : ndarray
        To the investor: interest, the money put in, a share of what is left.
    guaranteed : ndarray or None
        To the investor from the guarantor; None if there is none.
    """

    drawn: Pence
    interest: Pence
    principal: Pence
    profit: Pence
    guaranteed: Pence | None

    @property
    def given(self) -> Pence:
        """Everything that the vehicle gives the investor."""
        made: Pence = self.interest + self.principal + self.profit
        return made


@dataclass(frozen=True)
class Flows:
    """What moves through the vehicle, each of shape (trials, horizon), int64, never negative.

    Attributes
    ----------
    tranches : mapping of str to TrancheFlows
    delivery : ndarray
        To the provider, and to others whom the vehicle pays itself, for costs.
    to_provider : ndarray
        Surplus given out.
    unpaid : ndarray
        Costs that they carry at the end of the month.
    cash : ndarray
        The vehicle's balance at the end of the month.
    """

    tranches: Mapping[str, TrancheFlows]
    delivery: Pence
    to_provider: Pence
    unpaid: Pence
    cash: Pence

    @property
    def drawn(self) -> Pence:
        """From all investors."""
        return self._all("drawn")

    @property
    def to_investor(self) -> Pence:
        """From the vehicle to all investors."""
        return self._all("given")

    def _all(self, name: str) -> Pence:
        made = np.zeros_like(self.cash)
        for tranche in self.tranches.values():
            made += getattr(tranche, name)
        return made


@dataclass
class _Holding:
    """One tranche as it stands in a month; each of shape (trials,)."""

    terms: Tranche
    flows: TrancheFlows
    commitment: Pence
    share: NDArray[np.float64]
    rate: NDArray[np.float64]
    drawn: Pence = field(init=False)
    back: Pence = field(init=False)  # of the money put in, shares of profit included
    earned: Pence = field(init=False)  # interest that was paid
    owed: Pence = field(init=False)  # interest that was not

    def __post_init__(self) -> None:
        zero = np.zeros_like(self.commitment)
        self.drawn, self.back, self.earned, self.owed = zero, zero, zero, zero

    @property
    def out(self) -> Pence:
        """Money put in that has not come back."""
        made: Pence = np.maximum(self.drawn - self.back, 0)
        return made

    def within(self, amount: Pence) -> Pence:
        """As much of an amount as may still be given, if there is a most."""
        if self.terms.most is None:
            return amount
        most = pence(self.terms.most.values * self.drawn)
        made: Pence = np.minimum(amount, np.maximum(most - self.back - self.earned, 0))
        return made

    def accrue(self) -> None:
        """A month's interest on what is out at its beginning, and on interest that was added."""
        if self.terms.interest.is_fixed and self.terms.interest.mean == 0.0:
            return
        base = self.out + (self.owed if self.terms.unpaid_interest == "added" else 0)
        self.owed = self.owed + pence(base * self.rate)

    def draw(self, month: int, amount: Pence) -> None:
        self.flows.drawn[:, month] = amount
        self.drawn = self.drawn + amount

    def repay(self, month: int, surplus: Pence, may_repay: bool) -> Pence:
        """Interest, then the money put in; gives back what is left."""
        interest = self.within(np.minimum(surplus, self.owed))
        self.flows.interest[:, month] = interest
        self.owed, self.earned = self.owed - interest, self.earned + interest
        surplus = surplus - interest
        if not may_repay:
            return surplus
        principal = self.within(np.minimum(surplus, self.out))
        self.flows.principal[:, month] = principal
        self.back = self.back + principal
        left: Pence = surplus - principal
        return left

    def take_profit(self, month: int, surplus: Pence, left: Pence) -> Pence:
        """A share of the surplus that all have left; gives back what is left of that."""
        profit = self.within(np.minimum(pence(surplus * self.share), left))
        self.flows.profit[:, month] = profit
        self.back = self.back + profit
        rest: Pence = left - profit
        return rest


def run_account(
    receipts: Pence, costs: Pence, months: int, closing: int, tranches: Mapping[str, Tranche]
) -> Flows:
    """Reckon the vehicle's account month by month (docs/model.md, section 5).

    Parameters
    ----------
    receipts, costs : ndarray of int64, shape (trials, horizon)
    months : int
        Months of the contract; from then on no cash is held back.
    closing : int
        The month in which the last payment comes in and the account is closed.
    tranches : mapping of str to Tranche
        Drawn terms of the investors' money, senior first; empty if nobody invests. When surplus is
        given out is as the first says.

    Returns
    -------
    Flows
    """
    trials, horizon = receipts.shape
    receipts, costs = np.asfortranarray(receipts), np.asfortranarray(costs)  # month by month
    held = [_holding(terms, trials, horizon) for terms in tranches.values()]
    lead = held[0].terms if held else None
    hold = np.zeros(1) if lead is None else lead.hold.values
    flows = Flows(
        {name: one.flows for name, one in zip(tranches, held, strict=True)},
        *(_table(trials, horizon) for _ in range(4)),
    )
    cash = unpaid = zero = np.zeros(trials, np.int64)
    for month in range(horizon):
        cash = cash + receipts[:, month]
        due = costs[:, month] + unpaid
        for one in held:
            one.accrue()
        cash = cash + _drawn(held, month, np.maximum(due - cash, 0))
        delivery = np.minimum(due, cash)
        cash, unpaid = cash - delivery, due - delivery
        surplus = zero
        if _gives_out(lead, month, closing):
            kept = zero if month >= min(months, closing) else pence(hold * costs[:, month])
            surplus = np.where(unpaid > 0, 0, np.maximum(cash - kept, 0))
        cash = cash - surplus
        for one in held:
            surplus = one.repay(month, surplus, one.terms.repay == "sweep" or month >= closing)
        # Nobody has a profit while money is out that comes back later: it stays in hand.
        kept_in = zero
        if surplus.any():
            for one in held:
                kept_in = np.where(one.within(one.out) > 0, surplus, kept_in)
        cash, surplus = cash + kept_in, surplus - kept_in
        left = surplus
        for one in held:
            left = one.take_profit(month, surplus, left)
        flows.delivery[:, month] = delivery
        flows.to_provider[:, month] = left
        flows.unpaid[:, month] = unpaid
        flows.cash[:, month] = cash
    for one in held:
        if one.terms.guarantee is not None and one.flows.guaranteed is not None:
            called = np.minimum(one.out, pence(one.terms.guarantee.values))
            one.flows.guaranteed[:, closing] = called
    return flows


def _holding(terms: Tranche, trials: int, horizon: int) -> _Holding:
    """A tranche before anything has moved."""
    commitment = np.broadcast_to(pence(terms.commitment.values), (trials,))
    drawn, interest, principal, profit = (_table(trials, horizon) for _ in range(4))
    guaranteed = None if terms.guarantee is None else _table(trials, horizon)
    share = np.broadcast_to(terms.investor_share.values, (trials,))
    return _Holding(
        terms, TrancheFlows(drawn, interest, principal, profit, guaranteed),
        commitment, np.where(commitment > 0, share, 0.0), terms.interest.values / 12.0,
    )  # fmt: skip


def _table(trials: int, horizon: int) -> Pence:
    """A table of nothing whose months lie one after another in memory, as they are worked."""
    return np.zeros((trials, horizon), np.int64, order="F")


def _drawn(held: list[_Holding], month: int, need: Pence) -> Pence:
    """What comes in from investors: all at once, or as needed in proportion to what is left."""
    total = np.zeros_like(need)
    for one in held:
        if one.terms.draw == "up_front" and month == 0:
            one.draw(month, one.commitment)
            total = total + one.commitment
    need = np.maximum(need - total, 0)
    calling = [one for one in held if one.terms.draw == "on_need"]
    if not calling:
        return total
    left = np.stack([one.commitment - one.drawn for one in calling])
    all_left = left.sum(axis=0)
    called = np.minimum(need, all_left)
    parts = np.zeros_like(left)
    rows = np.flatnonzero(called)
    if len(calling) == 1:
        parts[0] = called
    elif len(rows):
        parts[:, rows] = split(called[rows], list(left[:, rows] / all_left[rows]))
    for one, part in zip(calling, parts, strict=True):
        one.draw(month, part)
    return np.asarray(total + called, np.int64)


def _gives_out(lead: Tranche | None, month: int, closing: int) -> bool:
    if month >= closing:
        return True
    if lead is None or lead.distribute == "at_end":
        return False
    return month >= lead.distribute_from.mean
