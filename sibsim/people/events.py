"""What happened to people: the facts that every later room reads.

Out: frozen tables of people and of outcomes reached, for a block of trials. Not here: how they came
about (`kernels`), what anybody pays for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

NEVER = np.int16(2**15 - 1)
"""The day of something that does not happen; a contract has at most 18,263 days."""


@dataclass(frozen=True)
class Events:
    """Outcomes reached, one row each, in order of the trials.

    Attributes
    ----------
    trial : ndarray of int16, shape (events,)
        Counted from the block's first trial.
    cohort : ndarray of int16, shape (events,)
    person : ndarray of int32, shape (events,)
    outcome : ndarray of int16, shape (events,)
        Position of the outcome in the scenario.
    occurrence : ndarray of uint16, shape (events,)
        0 for the first time.
    day : ndarray of int16, shape (events,)
    served : ndarray of bool, shape (events,)
        Whether a claim can be made for it.
    amount : ndarray of int32, shape (events,)
        How much of it: 1, or days, steps of a score, minutes.
    """

    trial: NDArray[np.int16]
    cohort: NDArray[np.int16]
    person: NDArray[np.int32]
    outcome: NDArray[np.int16]
    occurrence: NDArray[np.uint16]
    day: NDArray[np.int16]
    served: NDArray[np.bool_]
    amount: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.trial)

    def where(self, chosen: NDArray[Any] | slice) -> Events:
        """The chosen rows: a mask, their places, or a stretch of them."""
        return Events(*(column[chosen] for column in self.columns()))

    def columns(self) -> tuple[NDArray[Any], ...]:
        """The columns in the order of the attributes."""
        return (
            self.trial, self.cohort, self.person, self.outcome, self.occurrence, self.day,
            self.served, self.amount,
        )  # fmt: skip


@dataclass(frozen=True)
class People:
    """One cohort's people in a block of trials; all days are `NEVER` for those who do not start.

    Attributes
    ----------
    referred : ndarray of int32, shape (trials,)
        How many are referred, up to the day on which delivery stops if it stops early.
    start : ndarray of int16, shape (trials, people)
        First day in service.
    left : ndarray of int16, shape (trials, people)
        Day of dropping out, or `NEVER`; also for those who are closed out.
    end : ndarray of int16, shape (trials, people)
        First day no longer in service.
    arrived, gave_up : ndarray of int16, shape (trials, people), or None
        Where people wait for a place: the day of joining the list, and of giving up waiting.
    closed_out : ndarray of int16, shape (trials, people), or None
        Where delivery stops early in some trial: the day on which somebody's service ends for that
        reason, or `NEVER`.
    """

    referred: NDArray[np.int32]
    start: NDArray[np.int16]
    left: NDArray[np.int16]
    end: NDArray[np.int16]
    arrived: NDArray[np.int16] | None = None
    gave_up: NDArray[np.int16] | None = None
    closed_out: NDArray[np.int16] | None = None

    def tables(self) -> list[NDArray[Any]]:
        """Every table there is."""
        always: list[NDArray[Any]] = [self.referred, self.start, self.left, self.end]
        others = (self.arrived, self.gave_up, self.closed_out)
        return always + [table for table in others if table is not None]


@dataclass(frozen=True)
class Block:
    """What happened in the trials ``first .. first + trials - 1``.

    Attributes
    ----------
    people : tuple of People
        One for each cohort, in file order.
    reached : Events
        With the service.
    otherwise : Events
        Without it: the counterfactual, for the same people with the same luck.
    """

    first: int
    trials: int
    people: tuple[People, ...]
    reached: Events
    otherwise: Events

    @property
    def nbytes(self) -> int:
        """Memory that the tables take."""
        tables: list[Any] = [*self.reached.columns(), *self.otherwise.columns()]
        for cohort in self.people:
            tables += cohort.tables()
        return sum(table.nbytes for table in tables)


def join_events(parts: list[Events]) -> Events:
    """Rows of several cohorts, put in order of the trials."""
    if len(parts) == 1:
        return parts[0]
    columns = [np.concatenate(column) for column in zip(*(p.columns() for p in parts), strict=True)]
    return in_order(Events(*columns))


def in_order(events: Events) -> Events:
    """The rows in order of the trials, otherwise as they were."""
    if not len(events) or bool((np.diff(events.trial) >= 0).all()):
        return events
    return events.where(np.argsort(events.trial, kind="stable"))
