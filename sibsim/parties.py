"""What a deal comes to for investors and for the provider, trial by trial.

In: a `Result`. Out: figures in major units, shares and years, each of shape (trials,), NaN where
undefined. Not here: their names, units and meanings (`metrics`), averages and errors (`summary`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection

import numpy as np
from numpy.typing import NDArray

from sibsim import finance, returns
from sibsim.result import Result
from sibsim.rounding import Pence

Values = NDArray[np.float64]

TRANCHE = {
    "drawn": "money", "received": "money", "irr": "a year", "multiple": "times", "loss": "share",
    "loss_given_loss": "of capital", "irr_dated": "a year", "wal": "years", "cash_yield": "a year",
}  # fmt: skip
"""Metrics of one tranche with their units."""

AT_HURDLE = {"npv": "money", "below_hurdle": "share"}
"""Those that need a hurdle."""

ROUNDING = 1e-5
"""A present value this far below nil, in major units, is nil: it has been added up in floats."""


def line(name: str) -> Callable[[Result], Values]:
    """What moves on a line of the ledger in all, in major units."""
    return lambda result: result.major(by_month(result, name).sum(axis=1))


def by_month(result: Result, *lines: str, tranche: str = "") -> Pence:
    """What moves on lines of the ledger, of one tranche if it is named, shape (trials, horizon)."""
    total = np.zeros_like(result.tables.cash)
    for entry in result.tables.ledger:
        if entry.line in lines and (not tranche or entry.tranche == tranche):
            total += entry.amount
    return total


# --- investors ------------------------------------------------------------------------------------


def put_in(result: Result, tranche: str = "") -> Pence:
    """What goes into a tranche by month, or into all that investors hold, fund fees included."""
    return _capital(result, "payer", ("vehicle", "fund manager"), tranche)


def given(
    result: Result, tranche: str = "", by: Collection[str] = ("vehicle", "guarantor")
) -> Pence:
    """What comes back to whoever holds a tranche by month, or to investors."""
    return _capital(result, "payee", by, tranche)


def _capital(result: Result, side: str, others: Collection[str], tranche: str) -> Pence:
    """What moves between tranches and others, shape (trials, horizon)."""
    found, away = np.zeros_like(result.tables.cash), "payee" if side == "payer" else "payer"
    for entry in result.tables.ledger:
        mine = entry.tranche == tranche if tranche else getattr(entry, side) == "investor" and (
            bool(entry.tranche) or entry.line == "compensation"  # which investors may pay, too
        )
        if mine and getattr(entry, away) in others and getattr(entry, side) != "vehicle":
            found += entry.amount
    return found


def drawn(result: Result) -> Values:
    """Put in by investors, fund fees included."""
    return result.major(put_in(result).sum(axis=1))


def received(result: Result) -> Values:
    """Given back to investors, a guarantor's money included."""
    return result.major(given(result).sum(axis=1))


def multiple(result: Result) -> Values:
    """Given back over put in."""
    return finance.multiple(drawn(result), received(result))


def dpi(result: Result) -> Values:
    """Distributions over paid-in capital: the multiple without a guarantor's money."""
    distributed = given(result, by=("vehicle",)).sum(axis=1)
    return finance.multiple(drawn(result), result.major(distributed))


def irr_gross(result: Result) -> Values:
    """The rate of return before fees to fund managers."""
    return finance.irr(result.flow("investor") + by_month(result, "fund fee"))[0]


def loss(result: Result) -> Values:
    """1 where less comes back than was put in."""
    return (received(result) < drawn(result)).astype(np.float64)


def loss_given_loss(result: Result) -> Values:
    """Share of the capital that is lost, where any is."""
    return returns.loss_given_loss(drawn(result), received(result))


def irr_dated(result: Result) -> Values:
    """Rate of return of flows on the last day of their months, Act/365F."""
    return finance.xirr(result.deal.timeline.month_ends, result.flow("investor"))[0]


def average_life(result: Result) -> Values:
    """Weighted average life in years."""
    return returns.average_life(put_in(result), given(result))


def cash_yield(result: Result) -> Values:
    """What is given beyond the return of capital, a year, over the capital that is out."""
    return returns.cash_yield(put_in(result), given(result))


def recycling(result: Result) -> Values:
    """Delivery that was paid for, over the most that investors have at stake."""
    spent = by_month(result, "delivery").sum(axis=1)
    return returns.recycling(spent, result.flow("investor"))


def at_hurdle(result: Result, party: str = "investor") -> Values:
    """Present value of a party's flow at the deal's hurdle, in equally long months.

    NaN in trials in which nothing is put in.

    Raises
    ------
    ValueError
        If the deal states no hurdle.
    """
    hurdle = result.deal.programme.hurdle
    if hurdle is None:
        raise ValueError("the deal states no hurdle")
    flow = result.flow(party)
    value = finance.xnpv(result.deal.timeline.month_ends, flow, hurdle.mean, "monthly")
    return np.where((flow < 0).any(axis=1), result.major(value), np.nan)


def below(value: Values) -> Values:
    """1 where a present value is below nil by more than rounding, NaN where there is none."""
    return np.where(np.isnan(value), np.nan, value < -ROUNDING)


def of_tranche(result: Result, name: str) -> dict[str, Values]:
    """The metrics of one tranche, by the names in `TRANCHE` and `AT_HURDLE`."""
    months_in, months_back = put_in(result, name), given(result, name)
    paid, back = result.major(months_in.sum(axis=1)), result.major(months_back.sum(axis=1))
    flow, ends = result.flow(name), result.deal.timeline.month_ends
    found = {
        "drawn": paid, "received": back, "irr": finance.irr(flow)[0],
        "multiple": finance.multiple(paid, back), "loss": (back < paid).astype(float),
        "loss_given_loss": returns.loss_given_loss(paid, back),
        "irr_dated": finance.xirr(ends, flow)[0],
        "wal": returns.average_life(months_in, months_back),
        "cash_yield": returns.cash_yield(months_in, months_back),
    }  # fmt: skip
    if result.deal.programme.hurdle is not None:
        found["npv"] = at_hurdle(result, name)
        found["below_hurdle"] = below(found["npv"])
    return found


# --- the provider ---------------------------------------------------------------------------------


def margin(result: Result) -> Values:
    """What is left after costs over all that comes in."""
    coming = [e.amount.sum(axis=1) for e in result.tables.ledger if e.payee == "provider"]
    income, net = np.sum(coming, axis=0), result.flow("provider").sum(axis=1)
    made: Values = np.divide(net, income, out=np.full(result.trials, np.nan), where=income > 0)
    return made


def reserve(result: Result) -> float:
    """The provider's reserve in minor units; nil if the deal states none."""
    stated = result.deal.programme.provider_reserve
    return 0.0 if stated is None else stated.mean


def lowest_cash(result: Result) -> Values:
    """The least of the provider's own cash at the end of any month, or to begin with."""
    return result.major(reserve(result) - finance.peak_funding(result.flow("provider")))


def insolvent_month(result: Result) -> Values:
    """First month, counted from 1, at whose end the provider's own cash is below nil."""
    under = result.flow("provider").cumsum(axis=1) + reserve(result) < 0
    return np.where(under.any(axis=1), under.argmax(axis=1) + 1.0, np.nan)
