"""Limits on payment, each on what the one before it left.

In: amounts claimed in whole minor units. Out: amounts allowed, never more than claimed; what is cut
is lost. A whole block's table is cut in place, and only where a limit is met: most of it is as it
was. Not here: prices, dates of payment.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sibsim.rounding import Pence

Loop: TypeAlias = Callable[..., None]

SMALL = 1_000
"""A table of so few amounts is cut sooner than the compiler is loaded."""


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


def cap_terms(due: Pence, cap: Pence) -> Pence:
    """Limit what each term pays in all.

    Parameters
    ----------
    due : ndarray of int64, shape (trials, terms, months)
        Cut where it is more.
    cap : ndarray of int64, shape (trials or 1, terms)

    Returns
    -------
    ndarray of int64, shape (trials,)
        What is cut.
    """
    cut = np.zeros(len(due), np.int64)
    as_fits(_cut_terms, due)(due, np.broadcast_to(cap, due.shape[:2]).copy(), cut)
    return cut


def cap_periods(due: Pence, cap: Pence, length: int) -> Pence:
    """Limit what all terms pay for the claims of each period of `length` months.

    It is paid month by month, and within a month in the order of the terms.

    Parameters
    ----------
    due : ndarray of int64, shape (trials, terms, months)
        Cut where it is more.
    cap : ndarray of int64, shape (trials or 1,)

    Returns
    -------
    ndarray of int64, shape (trials,)
        What is cut.
    """
    cut = np.zeros(len(due), np.int64)
    as_fits(_cut_periods, due)(due, np.broadcast_to(cap, len(due)).copy(), length, cut)
    return cut


def cap_contract(due: Pence, cap: Pence) -> Pence:
    """Limit what all terms pay in all: a period as long as the contract; see `cap_periods`."""
    return cap_periods(due, cap, max(due.shape[2], 1))


def _cut_terms(due: Pence, cap: Pence, cut: Pence) -> None:
    """Cut every term's months, and add to `cut`, shape (trials,), what is cut."""
    for trial in range(due.shape[0]):
        for term in range(due.shape[1]):
            if due[trial, term].sum() > cap[trial, term]:
                left = cap[trial, term]
                for month in range(due.shape[2]):
                    paid = min(due[trial, term, month], left)
                    left -= paid
                    cut[trial] += due[trial, term, month] - paid
                    due[trial, term, month] = paid


def _cut_periods(due: Pence, cap: Pence, length: int, cut: Pence) -> None:
    """Cut every period's months, and add to `cut`, shape (trials,), what is cut."""
    for trial in range(due.shape[0]):
        for first in range(0, due.shape[2], length):
            end = min(first + length, due.shape[2])
            if due[trial, :, first:end].sum() > cap[trial]:
                left = cap[trial]
                for month in range(first, end):
                    for term in range(due.shape[1]):
                        paid = min(due[trial, term, month], left)
                        left -= paid
                        cut[trial] += due[trial, term, month] - paid
                        due[trial, term, month] = paid


def as_fits(loop: Loop, due: Pence) -> Loop:
    """A loop as it is written for a small table, compiled for that of a block of trials."""
    return loop if due.size < SMALL else _compiled(loop)


@cache
def _compiled(loop: Loop) -> Loop:
    from sibsim.compiling import compiled

    return compiled(loop)
