"""Who paid whom, line by line, and what that leaves each party.

In: flows by month. Out: a ledger in which every amount has a payer and a payee, so that over all
parties it adds up to nothing. Not here: why anything was paid.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sibsim.accounts.capital import Flows
from sibsim.rounding import Pence

PARTIES = ("commissioner", "vehicle", "investor", "provider", "suppliers")
"""Everybody between whom money moves; suppliers are staff, landlords, others outside."""


@dataclass(frozen=True)
class Entry:
    """One line of the ledger.

    Attributes
    ----------
    line : str
        What the money was for.
    payer, payee : str
        Two of `PARTIES`.
    amount : ndarray of int64, shape (trials, horizon)
        Minor units, never negative.
    """

    line: str
    payer: str
    payee: str
    amount: Pence


def entries(payments: Pence, costs: Pence, flows: Flows) -> tuple[Entry, ...]:
    """The ledger of a deal.

    Parameters
    ----------
    payments, costs : ndarray of int64, shape (trials, horizon)
    flows : Flows
    """
    return (
        Entry("outcome payments", "commissioner", "vehicle", payments),
        Entry("capital drawn", "investor", "vehicle", flows.drawn),
        Entry("delivery", "vehicle", "provider", flows.delivery),
        Entry("distributions", "vehicle", "investor", flows.to_investor),
        Entry("surplus", "vehicle", "provider", flows.to_provider),
        Entry("delivery costs", "provider", "suppliers", costs),
    )


def cash_flow(ledger: tuple[Entry, ...], party: str) -> Pence:
    """What comes in less what goes out, shape (trials, horizon)."""
    flow = np.zeros_like(ledger[0].amount)
    for entry in ledger:
        if entry.payee == party:
            flow += entry.amount
        if entry.payer == party:
            flow -= entry.amount
    return flow
