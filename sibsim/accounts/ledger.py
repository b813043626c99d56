"""Who paid whom, line by line, and what that leaves each party.

In: flows by month. Out: a ledger in which every amount has a payer and a payee, so that over all
parties it adds up to nothing. Not here: why anything was paid.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from sibsim.accounts.capital import Flows, TrancheFlows
from sibsim.accounts.terms import PARTIES, Tranche
from sibsim.rounding import Pence

SURPLUS = {
    "provider": "surplus", "commissioner": "gain share", "intermediary": "surplus to intermediary",
}  # fmt: skip
"""Ledger lines of surplus that goes to parties beside the tranches."""


@dataclass(frozen=True)
class Entry:
    """One line of the ledger.

    Attributes
    ----------
    line : str
        What the money was for.
    payer, payee : str
        Two of `PARTIES`, or one of them and somebody who contributes to the payments or is paid
        for something by name.
    amount : ndarray of int64, shape (trials, horizon)
        Minor units, never negative.
    tranche : str
        Whose money it is, of lines between the investors and others.
    """

    line: str
    payer: str
    payee: str
    amount: Pence
    tranche: str = ""


def entries(
    payments: Pence, costs: tuple[Entry, ...], flows: Flows,
    capital: Mapping[str, Tranche], given_to: Collection[str],
    contributions: Mapping[str, Pence], back: Pence | None,
    compensation: tuple[Entry, ...] = (),
) -> tuple[Entry, ...]:
    """The ledger of a deal.

    Parameters
    ----------
    payments : ndarray of int64, shape (trials, horizon)
    costs : tuple of Entry
        What is paid for costs, by the vehicle and by others (`costs.paid_for`).
    flows : Flows
    capital : mapping of str to Tranche
    given_to : collection of str
        Parties beside the tranches to whom some step gives surplus.
    contributions : mapping of str to ndarray of int64, shape (trials, horizon)
        What others give the commissioner towards the payments.
    back : ndarray of int64, shape (trials,), or None
        What the provider pays back in the last month; None if nothing can be clawed back.
    compensation : tuple of Entry
        What is paid because a contract ends early.
    """
    added = [Entry(f"contribution of {name}", name, "commissioner", amount)
             for name, amount in contributions.items()]  # fmt: skip
    if back is not None:
        returned = np.zeros_like(payments)
        returned[:, -1] = back
        added.append(Entry("paid back", "provider", "commissioner", returned))
    for name, tranche in flows.tranches.items():
        added += _capital(name, tranche, capital[name])
    if not flows.tranches:  # the same lines in every deal, with nothing on them
        nothing = np.zeros_like(payments)
        added.append(Entry("capital drawn", "investor", "vehicle", nothing))
        added.append(Entry("capital repaid", "vehicle", "investor", nothing))
    for party, amount in flows.residual.items():
        if party != "provider" and party in given_to:
            added.append(Entry(SURPLUS[party], "vehicle", party, amount))
    if flows.facility is not None:
        line = flows.facility
        added.append(Entry("facility drawn", "bank", "vehicle", line.borrowed))
        added.append(Entry("facility interest", "vehicle", "bank", line.interest))
        added.append(Entry("facility repaid", "vehicle", "bank", line.principal))
    return (
        Entry("outcome payments", "commissioner", "vehicle", payments),
        Entry(SURPLUS["provider"], "vehicle", "provider", flows.to_provider),
        *costs,
        *compensation,
        *added,
    )


def _capital(name: str, flows: TrancheFlows, terms: Tranche) -> Iterator[Entry]:
    """What moves between a tranche and others."""
    funder = terms.from_
    yield Entry("capital drawn", funder, "vehicle", flows.drawn, name)
    if terms.interest.mean > 0 or not terms.interest.is_fixed or terms.rates:
        yield Entry("interest", "vehicle", funder, flows.interest, name)
    yield Entry("capital repaid", "vehicle", funder, flows.principal, name)
    yield Entry("share of surplus", "vehicle", funder, flows.profit, name)
    if flows.guaranteed is not None:
        yield Entry("guarantee", "guarantor", funder, flows.guaranteed, name)
    if flows.fee is not None:
        yield Entry("fund fee", funder, "fund manager", flows.fee, name)


def titles(ledger: tuple[Entry, ...]) -> list[str]:
    """What each entry is called in a table: its line, with its tranche where several have one."""
    lines = [entry.line for entry in ledger if entry.tranche]
    return [f"{e.line} ({e.tranche})" if e.tranche and lines.count(e.line) > 1 else e.line
            for e in ledger]  # fmt: skip


def parties(ledger: tuple[Entry, ...]) -> tuple[str, ...]:
    """Everybody in a ledger: `PARTIES`, then those who contribute or are paid by name."""
    everybody = {party: None for entry in ledger for party in (entry.payer, entry.payee)}
    return (*PARTIES, *(party for party in everybody if party not in PARTIES))


def cash_flow(ledger: tuple[Entry, ...], party: str, tranche: str = "") -> Pence:
    """What comes in less what goes out, shape (trials, horizon); of one tranche if it is named."""
    flow = np.zeros_like(ledger[0].amount)
    for entry in ledger:
        if tranche and entry.tranche != tranche:
            continue
        if entry.payee == party:
            flow += entry.amount
        if entry.payer == party:
            flow -= entry.amount
    return flow
