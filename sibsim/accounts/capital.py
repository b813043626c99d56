"""The vehicle's account: receipts in, delivery paid, money drawn and given back.

In: receipts and costs by month, the terms of each tranche and of the waterfall. Out: every flow by
month, and a balance that is never below zero. Not here: the steps themselves (`walk`), where
receipts and costs come from, when a contract ends early (`ending`), returns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sibsim.accounts import walk as walked
from sibsim.accounts.book import Ends, make_book
from sibsim.accounts.steps import RESIDUAL, STATUSES, Step, Waterfall
from sibsim.accounts.terms import Tranche
from sibsim.errors import RefusedError
from sibsim.rounding import Pence, pence
from sibsim.timeline import Timeline


@dataclass(frozen=True)
class TrancheFlows:
    """What moves between one tranche and the vehicle, each of shape (trials, horizon), int64.

    Attributes
    ----------
    drawn : ndarray
        From whoever puts the money in.
    interest, principal, profit : ndarray
        Back: interest, the money put in, surplus.
    guaranteed : ndarray or None
        From the guarantor; None if there is none.
    fee : ndarray or None
        To the fund manager, from whoever puts the money in; None if there is none.
    """

    drawn: Pence
    interest: Pence
    principal: Pence
    profit: Pence
    guaranteed: Pence | None
    fee: Pence | None

    @property
    def given(self) -> Pence:
        """Everything that the vehicle gives back."""
        made: Pence = self.interest + self.principal + self.profit
        return made


@dataclass(frozen=True)
class LineFlows:
    """What moves between the working-capital facility and the vehicle, (trials, horizon)."""

    borrowed: Pence
    interest: Pence
    principal: Pence


@dataclass(frozen=True)
class Flows:
    """What moves through the vehicle, each of shape (trials, horizon), int64, never negative.

    Attributes
    ----------
    tranches : mapping of str to TrancheFlows
    delivery : ndarray
        To the provider, and to others whom the vehicle pays itself, for costs.
    residual : mapping of str to ndarray
        Surplus given out to parties that are no tranche.
    unpaid : ndarray
        Costs that they carry at the end of the month.
    cash : ndarray
        The vehicle's balance at the end of the month.
    compensation : ndarray of int64, shape (trials,)
        What the vehicle gets when delivery ends early.
    facility : LineFlows or None
    steps : mapping of str to ndarray
        What each step paid or kept, by status and name, if it was asked for.
    status : ndarray of int64, shape (trials, horizon)
        A place in `steps.STATUSES`, if it was asked for.
    """

    tranches: Mapping[str, TrancheFlows]
    delivery: Pence
    residual: Mapping[str, Pence]
    unpaid: Pence
    cash: Pence
    compensation: Pence
    facility: LineFlows | None
    steps: Mapping[str, Pence]
    status: Pence

    @property
    def to_provider(self) -> Pence:
        """Surplus given to the provider."""
        return self.residual["provider"]

    @property
    def drawn(self) -> Pence:
        """All money put in."""
        return self._all("drawn")

    @property
    def to_investor(self) -> Pence:
        """From the vehicle to all tranches."""
        return self._all("given")

    def _all(self, name: str) -> Pence:
        made = np.zeros_like(self.cash)
        for tranche in self.tranches.values():
            made += getattr(tranche, name)
        return made


def run_account(
    receipts: Pence,
    costs: Pence,
    timeline: Timeline,
    closing: int,
    tranches: Mapping[str, Tranche],
    waterfall: Waterfall | None = None,
    starts: Pence | None = None,
    ends: Ends | None = None,
    told: bool = False,
) -> Flows:
    """Reckon the vehicle's account month by month (docs/model.md, section 5).

    Parameters
    ----------
    receipts, costs : ndarray of int64, shape (trials, horizon)
    timeline : Timeline
    closing : int
        The month in which the last payment comes in and the account is closed.
    tranches : mapping of str to Tranche
        Drawn terms of the money put in, senior first; empty if nobody invests.
    waterfall : Waterfall or None
        Drawn terms; None for the usual ones.
    starts : ndarray of int64, shape (trials, months), or None
        People who start, for money that goes in as they do.
    ends : Ends or None
        Early ends; None if no trial has one.
    told : bool
        Whether what each step paid is kept.

    Returns
    -------
    Flows

    Raises
    ------
    RefusedError
        If an amount grows beyond what can be added up exactly.
    """
    waterfall = Waterfall() if waterfall is None else waterfall
    trials, horizon = receipts.shape
    if ends is None:
        nothing = np.zeros(trials, np.int64)
        ends = Ends(nothing + horizon, nothing + closing, nothing, np.zeros(trials))
    taken = {(status, name): step for status in STATUSES
             for name, step in waterfall.steps(status, tranches).items()}  # fmt: skip
    book = make_book(receipts, costs, timeline, tranches, waterfall, taken, starts, ends)
    filled = _filled(trials, horizon, len(tranches), waterfall, len(taken) if told else 0)
    recipients = len(tranches) + len(RESIDUAL)
    broken = walked.walk(
        book, filled, np.zeros((walked.PROFIT_PAID + 1, recipients), np.int64),
        np.zeros((walked.RATE + 1, len(tranches))), np.zeros(2, np.int64),
    )  # fmt: skip
    if broken >= 0:
        raise RefusedError(
            "what is owed to a tranche came to more than a quadrillion (1e15) minor units: look "
            "for an interest or a hurdle that nobody can pay"
        )
    return _flows(book, filled, tranches, waterfall, taken)


def _filled(
    trials: int, horizon: int, tranches: int, waterfall: Waterfall, told: int
) -> walked.Filled:
    by_tranche = (tranches, trials, horizon)
    months = trials, horizon
    line = months if waterfall.facility is not None else (1, horizon)
    shapes = (
        *[by_tranche] * 4, (tranches, trials), (len(RESIDUAL), *months), *[months] * 3, (trials,),
        *[line] * 3, (told, *months), (trials if told else 0, horizon),
    )  # fmt: skip
    return walked.Filled(*(np.zeros(shape, np.int64) for shape in shapes))


def _flows(
    book: walked.Book, filled: walked.Filled, tranches: Mapping[str, Tranche],
    waterfall: Waterfall, taken: Mapping[tuple[str, str], Step],
) -> Flows:
    made = {}
    for k, (name, terms) in enumerate(tranches.items()):
        guaranteed = None
        if terms.guarantee is not None:
            guaranteed = np.zeros_like(filled.cash)
            guaranteed[np.arange(len(book.closing)), book.closing] = filled.guaranteed[k]
        made[name] = TrancheFlows(filled.drawn[k], filled.interest[k], filled.principal[k],
                                  filled.profit[k], guaranteed, _fee(terms, book))  # fmt: skip
    line = None if waterfall.facility is None else LineFlows(
        filled.borrowed, filled.line_interest, filled.line_principal
    )  # fmt: skip
    told = {".".join(place): filled.steps[s] for s, place in enumerate(taken)
            if len(filled.steps)}  # fmt: skip
    return Flows(made, filled.delivery, dict(zip(RESIDUAL, filled.residual, strict=True)),
                 filled.unpaid, filled.cash, filled.compensation, line, told,
                 filled.status)  # fmt: skip


def _fee(terms: Tranche, book: walked.Book) -> Pence | None:
    """A fund manager's fee in each month of the contract, a twelfth of the yearly share."""
    if not terms.charges:
        return None
    monthly = pence(pence(terms.commitment.values) * terms.fee.values / 12.0)
    month = np.arange(book.receipts.shape[1])
    due = (month < book.months) & (month < book.stop[:, None])
    return np.where(due, monthly[:, None], 0)
