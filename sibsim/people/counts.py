"""Compiled: how many reach each outcome, in both worlds, and how many more by month.

In: the rows of a block's events. Out: tables by trial and outcome; months of days. Not here: who
reached it and why, what anybody pays for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sibsim.compiling import compiled, steady
from sibsim.people.events import Block, Events

Column = NDArray[Any]
Numbers = NDArray[np.int64]


class Counts(NamedTuple):
    """People who reach an outcome for the first time; of an outcome that is counted, all of it."""

    reached: Numbers
    """With the service, shape (trials, outcomes)."""
    otherwise: Numbers
    """Without it."""
    additional: Numbers
    """By month, with the service less without it, of some outcomes: (trials, months, shown)."""


def count_outcomes(
    block: Block, counted: NDArray[np.bool_], shown: Sequence[int],
    month_of_day: NDArray[np.int16], months: int,
) -> Counts:  # fmt: skip
    """Count what both worlds of a block came to.

    Parameters
    ----------
    counted : ndarray of bool, shape (outcomes,)
        Of which outcomes all there is counts: days, events, minutes.
    shown : sequence of int
        Outcomes that are counted by month, too.
    month_of_day : ndarray of int16, shape (days,)
    """
    place = np.full(len(counted), -1)
    place[list(shown)] = np.arange(len(shown))
    additional = np.zeros((block.trials, len(shown), months), np.int64)  # rows near the last one

    def add(events: Events, sign: int) -> Numbers:
        total = np.zeros((block.trials, len(counted)), np.int64)
        amount, step = steady(events.amount)
        _count(events.trial, events.outcome, events.occurrence, events.day, amount, step,
               month_of_day, counted, place, sign, total, additional)  # fmt: skip
        return total

    with_, without = add(block.reached, 1), add(block.otherwise, -1)
    return Counts(with_, without, additional.swapaxes(1, 2))


@compiled
def _count(
    trial: Column, outcome: Column, occurrence: Column, day: Column, amount: Column,
    step: np.uint64, month_of_day: Column, counted: Column, place: Column, sign: int,
    total: Numbers, additional: Numbers,
) -> None:  # fmt: skip
    """Add the amounts of the first times, and of every time of what is counted."""
    for number in range(trial.shape[0]):
        row = np.uint64(number)  # an unsigned index is not checked for counting from the end
        name, where = np.uint64(outcome[row]), np.uint64(trial[row])
        if occurrence[row] == 0 or counted[name]:
            much = np.int64(amount[row * step])
            total[where, name] += much
            if place[name] >= 0:
                month = np.uint64(month_of_day[np.uint64(day[row])])
                additional[where, np.uint64(place[name]), month] += sign * much


@compiled
def months_of(day: Column, month_of_day: NDArray[np.int16]) -> NDArray[np.int16]:
    """The month of each day, without the wide copy of the days that NumPy looks them up by."""
    made = np.empty(day.shape[0], np.int16)
    for row in range(day.shape[0]):
        made[row] = month_of_day[day[row]]
    return made
