"""From reckoned amounts to whole numbers: the one rule, in one place.

In: float64 amounts in minor units, or rates for a period. Out: int64, halves upwards; amounts a
month. Not here: when a payment becomes a ledger entry, which is when it is rounded.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sibsim.errors import RefusedError
from sibsim.writing import PERIOD_DAYS

Pence = NDArray[np.int64]
"""Whole minor units of the deal's currency."""


LARGEST = 2.0**57
"""Minor units that an entry may come to: sixty of them still add up within int64."""


def whole(value: Any) -> Pence:
    """To the nearest whole number, halves upwards: ``floor(x + 1/2)`` in double precision."""
    nearest: Pence = np.floor(np.asarray(value) + 0.5).astype(np.int64)
    return nearest


def pence(amount: Any) -> Pence:
    """Whole minor units.

    Raises
    ------
    RefusedError
        If an amount is too large to be added up exactly.

    """
    refuse_too_large(np.abs(amount).max(initial=0.0))
    return whole(amount)


def product(count: Pence, price: Pence) -> Pence:
    """Number x price, exactly; refused as in `pence` if it would be too large."""
    refuse_too_large(_largest(count) * _largest(price))
    return count * price


def added_up(amounts: Any, cell: Any, cells: int) -> Pence:
    """Sums of whole amounts by the cell that each belongs to, exactly.

    Parameters
    ----------
    amounts : ndarray of integers, shape (rows,)
    cell : ndarray of integers, shape (rows,)
        From 0 to ``cells - 1``.
    """
    if _largest(amounts) * len(amounts) >= 2.0**53:
        made = np.zeros(cells, np.int64)
        np.add.at(made, cell, amounts)
        return made
    # Whole numbers below 2**53 add up exactly as doubles, and faster.
    return np.bincount(cell, amounts, cells).astype(np.int64)


def split(amount: Pence, shares: Sequence[Any]) -> list[Pence]:
    """Parts of an amount that add up to it: odd minor units go to the largest remainders.

    Parameters
    ----------
    amount : ndarray of int64
        Not below nil.
    shares : sequence of ndarray of float64, broadcastable to `amount`
        They come to 1; of equal remainders (to nine digits) the first in this order has the unit.
    """
    exact = np.stack(np.broadcast_arrays(*(amount * share for share in shares)))
    parts: Pence = np.floor(exact).astype(np.int64)
    odd = amount - parts.sum(axis=0)
    over = np.round(exact - parts, 9)  # a third and one less two thirds are the same remainder
    rank = np.argsort(np.argsort(-over, axis=0, kind="stable"), axis=0, kind="stable")
    return list(parts + (rank < odd))


def _largest(amounts: Any) -> float:
    """Of whole amounts, whatever their sign."""
    return max(float(amounts.max(initial=0)), -float(amounts.min(initial=0)))


def refuse_too_large(amount: float) -> None:
    """Refuse what cannot be added up exactly.

    Raises
    ------
    RefusedError
    """
    if amount > LARGEST:
        raise RefusedError(
            "an amount of more than a quadrillion (1e15) came up, too large to add up exactly: "
            "look for a price, a number of people or a price year with too many digits"
        )


def per_month(amount: Any, period: str) -> NDArray[np.float64]:
    """An amount for a period as an amount a month: a year / 12, a week x 30.4375 / 7."""
    monthly: NDArray[np.float64] = amount / (PERIOD_DAYS[period] / PERIOD_DAYS["month"])
    return monthly
