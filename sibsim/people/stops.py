"""When delivery stops before the contract ends: whom that touches, and who is closed out by it.

In: the day of each trial. Out: the day of each cohort and trial, and people told apart by why their
service ended. The rules are those of docs/model.md, section 2. Not here: why delivery stops (a
matter of the contract and the money), and what it does to people (the engines).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sibsim.people.events import NEVER, People

Stops = NDArray[np.int64]
"""The first day in each trial on which nothing is delivered any more, shape (trials,)."""

COMPARED = "evidence."
"""How the names of cohorts begin that nobody serves, and that no stop touches."""


def stop_days(
    cohorts: Iterable[str], stops: Stops | None, trials: int, contract: int
) -> dict[str, Stops]:
    """The day on which delivery to each cohort stops, at the latest the contract's end.

    Parameters
    ----------
    cohorts : iterable of str
        Names, those of comparison groups included.
    stops : ndarray of int64, shape (trials,), or None
        A day at or beyond the contract's end is no stop; None is none in any trial.
    trials, contract : int
        How many trials; days of the contract.

    Returns
    -------
    dict of str to ndarray of int64, shape (trials,)
    """
    end = np.full(trials, contract, np.int64)
    early = end if stops is None else np.minimum(stops, end)
    return {name: end if name.startswith(COMPARED) else early for name in cohorts}


def told_apart(people: People, stops: Stops, contract: int) -> People:
    """Those whose service ends with the stop: closed out, and not dropped out.

    Parameters
    ----------
    people : People
        As they come from the walk, to which being closed out is dropping out on the day.
    stops : ndarray of int64, shape (trials,)
        As from `stop_days`.
    contract : int
    """
    if (stops >= contract).all():
        return people
    closed = (people.left == stops[:, None]) & (people.end == people.left)
    return replace(
        people,
        left=np.where(closed, NEVER, people.left),
        closed_out=np.where(closed, people.left, NEVER),
    )
