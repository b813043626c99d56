"""Compiled: how many reach each outcome, month by month.

In: the rows of a block's events. Out: a table by trial, month and outcome. Not here: who reached it
and why, what anybody pays for it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sibsim.compiling import compiled
from sibsim.people.events import Events

Column = NDArray[Any]


def count_by_month(
    events: Events, trials: int, month_of_day: NDArray[np.int16], counted: NDArray[np.bool_],
    months: int,
) -> NDArray[np.int64]:  # fmt: skip
    """People who first reach each outcome in each month, (trials, months, outcomes).

    Of an outcome that is `counted`, all there is of it: days, events, minutes.

    Parameters
    ----------
    month_of_day : ndarray of int16, shape (days,)
    counted : ndarray of bool, shape (outcomes,)
    """
    made = np.zeros((trials, len(counted), months), np.int64)  # most rows stay near the last one
    amount = np.ascontiguousarray(events.amount)
    _count(events.trial, events.outcome, events.occurrence, events.day, amount, month_of_day,
           counted, made)  # fmt: skip
    return made.swapaxes(1, 2)


@compiled
def _count(
    trial: Column, outcome: Column, occurrence: Column, day: Column, amount: Column,
    month_of_day: Column, counted: Column, made: NDArray[np.int64],
) -> None:  # fmt: skip
    """Add the amounts of the first times, and of every time of what is counted, to `made`."""
    for step in range(trial.shape[0]):
        row = np.uint64(step)  # an unsigned index is not checked for counting from the end
        name = np.uint64(outcome[row])
        if occurrence[row] == 0 or counted[name]:
            month = month_of_day[np.uint64(day[row])]
            made[np.uint64(trial[row]), name, np.uint64(month)] += amount[row]
