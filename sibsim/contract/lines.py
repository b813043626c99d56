"""A line of a rate card: what each claim comes to, and what all come to month by month.

In: claims of one term, prices by month. Out: `Line`. Not here: prices themselves, tiers and
segments (`mechanisms`), caps.

The loop is written once, plainly: for few claims, as in an example, it runs as it is; for those of
a block of trials it is compiled.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from sibsim.contract.claims import Claims, Column
from sibsim.rounding import Pence, refuse_too_large

FEW = 100
"""So few claims are reckoned sooner than the compiler is loaded."""


class Line(NamedTuple):
    """What the claims of one term come to."""

    money: Pence
    """Of each claim, shape (claims,); of none, where a `cards.Card` tells it."""
    by_month: Pence
    """By the month in which claims count, shape (trials, span)."""
    units: Pence
    """How much is claimed, shape (trials,)."""


def line(claims: Claims, prices: Pence, trials: int, span: int) -> Line:
    """Price x amount of each claim, by the price in the month of the outcome, and its sums.

    Parameters
    ----------
    prices : ndarray of int64, shape (trials or 1, months)
    """
    made = Line(
        np.empty(len(claims), np.int64), np.zeros((trials, span), np.int64),
        np.zeros(trials, np.int64),
    )  # fmt: skip
    trial, month, accepted = (
        np.ascontiguousarray(column, np.int16)
        for column in (claims.trial, claims.month, claims.accepted)
    )
    amount, table = np.ascontiguousarray(claims.amount, np.int32), np.ascontiguousarray(prices)
    work = _add_up if len(claims) < FEW else _compiled()
    highest = work(trial, month, accepted, amount, table, *made)
    refuse_too_large(highest * float(made.units.max(initial=0)))  # all claims of a trial at once
    return made


def _add_up(
    trial: Column, month: Column, accepted: Column, amount: Column, prices: Pence, money: Pence,
    by_month: Pence, units: Pence,
) -> float:  # fmt: skip
    """Fill a line; give back the highest price.

    Parameters
    ----------
    trial, month, accepted : ndarray of int16, shape (claims,)
    amount : ndarray of int32, shape (claims,)
    prices : ndarray of int64, shape (trials or 1, months)
    money, by_month, units : ndarray of int64
        As in `Line`, of nothing; written.
    """
    highest, each = 0, prices.shape[0] > 1
    for claim in range(trial.shape[0]):
        place = trial[claim] if each else 0
        price = prices[place, month[claim]]
        highest = max(highest, price)
        money[claim] = price * amount[claim]
        by_month[trial[claim], accepted[claim]] += money[claim]
        units[trial[claim]] += amount[claim]
    return float(highest)


@lru_cache(maxsize=1)
def _compiled() -> Callable[..., float]:
    from sibsim.compiling import compiled

    return compiled(_add_up)
