"""Limits on payment, each on what the one before it left.

In: amounts claimed in whole minor units. Out: amounts allowed, never more than claimed; what is cut
is lost. A whole block's table is cut in place, and only where a limit is met: most of it is as it
was. Not here: prices, dates of payment.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sibsim.rounding import Pence


def limit_running_total(amounts: Pence, cap: Pence) -> Pence:
    """Pay amounts in order until their sum meets the cap; the one that crosses it is paid in part.

    Parameters
    ----------
    amounts : ndarray of int64, shape (..., n)
        In the order in which they are paid.
    cap : ndarray of int64, broadcastable to (...)

    Returns
    -------
    ndarray of int64, shape (..., n)
    """
    total = np.minimum(np.cumsum(amounts, axis=-1), cap[..., None])
    return np.diff(total, axis=-1, prepend=0)


def cap_person(
    amounts: Pence, group: NDArray[np.int64], cap: Pence
) -> Pence:
    """Limit what is paid for each person.

    Parameters
    ----------
    amounts : ndarray of int64, shape (claims,)
        Claims of one person next to each other, in the order in which they are paid.
    group : ndarray of int64, shape (claims,)
        Which person of which trial, rising.
    cap : ndarray of int64, shape (claims,)
        The cap of the claim's trial.
    """
    others = before(amounts, group)
    paid: Pence = np.minimum(others + amounts, cap) - np.minimum(others, cap)
    return paid


def before(amounts: Pence, group: NDArray[np.int64]) -> Pence:
    """Sum of what stands before each amount in its group; rows of a group stand together."""
    if not len(amounts):
        return amounts
    running = np.cumsum(amounts)
    first = np.flatnonzero(np.diff(group, prepend=group[0] - 1))
    start = np.repeat(running[first] - amounts[first], np.diff(first, append=len(group)))
    made: Pence = running - amounts - start
    return made


def cap_terms(due: Pence, cap: Pence) -> None:
    """Limit what each term pays in all.

    Parameters
    ----------
    due : ndarray of int64, shape (trials, terms, months)
        Cut where it is more.
    cap : ndarray of int64, shape (trials or 1, terms)
    """
    over = np.nonzero(due.sum(axis=2) > cap)
    due[over] = limit_running_total(due[over], np.broadcast_to(cap, due.shape[:2])[over])


def cap_periods(due: Pence, cap: Pence, length: int) -> None:
    """Limit what all terms pay for the claims of each period of `length` months.

    It is paid month by month, and within a month in the order of the terms.

    Parameters
    ----------
    due : ndarray of int64, shape (trials, terms, months)
        Cut where it is more.
    cap : ndarray of int64, shape (trials or 1,)
    """
    whole = due.sum(axis=1)
    for first in range(0, whole.shape[1], length):
        months = slice(first, first + length)
        allowed = limit_running_total(whole[:, months], cap)
        trial, month = np.nonzero(allowed < whole[:, months])
        part = due[trial, :, first + month]
        due[trial, :, first + month] = limit_running_total(part, allowed[trial, month])


def cap_contract(due: Pence, cap: Pence) -> None:
    """Limit what all terms pay in all, month by month, within a month in the order of the terms.

    Parameters
    ----------
    due : ndarray of int64, shape (trials, terms, months)
        Cut where it is more.
    cap : ndarray of int64, shape (trials or 1,)
    """
    cap_periods(due, cap, max(due.shape[2], 1))
