"""The fast engine: every person of a block of trials, compiled.

In: numbers and tables, no terms. Out: days for people and rows of events. The rules are those of
docs/model.md, sections 2 and 3. Not here: making the tables (`engine`), and everything about money.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from sibsim.people.events import NEVER
from sibsim.streams import philox_source


class CohortPlan(NamedTuple):
    """What the kernel needs to know of a cohort. Tables have one row, or one a trial."""

    key_referred: NDArray[np.uint64]
    key_left: NDArray[np.uint64]
    referrals: NDArray[np.int64]  # (trials,)
    engage: NDArray[np.float64]  # (trials,)
    referral_table: NDArray[np.float64]  # (days,)
    referral_guide: NDArray[np.int32]
    leave_table: NDArray[np.float64]  # (1 or trials, days)
    leave_guide: NDArray[np.int32]
    leaves: bool
    stay: int
    contract_days: int


class OutcomePlan(NamedTuple):
    """What the kernel needs to know of the outcomes, each after the one it follows."""

    position: NDArray[np.int16]  # (outcomes,) place in the scenario
    parent: NDArray[np.int64]  # (outcomes,) place in this plan, or -1
    keys: NDArray[np.uint64]  # (outcomes, 2)
    chance: NDArray[np.float64]  # (outcomes, trials)
    without: NDArray[np.float64]  # (outcomes, trials)
    table: NDArray[np.float64]  # (outcomes, days)
    guide: NDArray[np.int32]
    table_without: NDArray[np.float64]  # (outcomes, days)
    guide_without: NDArray[np.int32]
    again: NDArray[np.float64]  # (outcomes, trials)
    every: NDArray[np.int64]  # (outcomes,)
    most: NDArray[np.int64]  # (outcomes,)


@lru_cache(maxsize=1)
def kernel() -> Any:
    """The compiled walk of one cohort; compiled once, then kept on disk."""
    return _walk


_source = philox_source()
_philox = numba.njit(_source.philox4x32, inline="always")
_uniform = numba.njit(_source.to_uniform, inline="always")


@numba.njit(cache=True, nogil=True)
def _draw(key, person, occurrence, trial):  # type: ignore[no-untyped-def]
    """Both uniforms of a person's decision."""
    trial64 = np.uint64(trial)
    words = _philox(
        np.uint64(person), np.uint64(occurrence), trial64 & np.uint64(0xFFFFFFFF),
        trial64 >> np.uint64(32), key[0], key[1],
    )  # fmt: skip
    return _uniform(words[0], words[1]), _uniform(words[2], words[3])


@numba.njit(cache=True, nogil=True)
def _look_up(table, guide, uniform):  # type: ignore[no-untyped-def]
    """Smallest day whose cumulative chance is above the uniform, or `NEVER`."""
    day = guide[int(uniform * guide.shape[0])]
    while day < table.shape[0]:
        if uniform < table[day]:
            return np.int64(day)
        day += 1
    return np.int64(NEVER)


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _walk(cohort, outcomes, first_trial, start, left, end, reached, otherwise):  # type: ignore[no-untyped-def]
    """Walk every person; fill the tables of days and events; return the rows filled.

    `reached` and `otherwise` are int32 (rows, 6): trial, person, outcome, occurrence, day, served.
    """
    n_reached = n_otherwise = 0
    n_outcomes = outcomes.position.shape[0]
    day_with = np.empty(n_outcomes, np.int64)
    day_without = np.empty(n_outcomes, np.int64)
    is_served = np.empty(n_outcomes, np.bool_)
    for trial in range(cohort.referrals.shape[0]):
        row = trial if cohort.leave_table.shape[0] > 1 else 0
        for person in range(cohort.referrals[trial]):
            u_day, u_engage = _draw(cohort.key_referred, person, 0, first_trial + trial)
            if u_engage >= cohort.engage[trial]:
                continue
            begun = _look_up(cohort.referral_table, cohort.referral_guide, u_day)
            if begun >= cohort.contract_days:
                continue
            last = min(begun + cohort.stay, cohort.contract_days)
            gone = np.int64(NEVER)
            if cohort.leaves:
                u_leave, _ = _draw(cohort.key_left, person, 0, first_trial + trial)
                gone = begun + _look_up(cohort.leave_table[row], cohort.leave_guide[row], u_leave)
                if gone >= last:
                    gone = np.int64(NEVER)
            start[trial, person] = begun
            left[trial, person] = gone
            end[trial, person] = min(gone, last)
            for o in range(n_outcomes):
                parent = outcomes.parent[o]
                from_with = begun if parent < 0 else day_with[parent]
                from_without = begun if parent < 0 else day_without[parent]
                served = parent < 0 or is_served[parent]
                with_day = without_day = np.int64(NEVER)
                if from_with < NEVER or from_without < NEVER:
                    u_whether, u_when = _draw(outcomes.keys[o], person, 0, first_trial + trial)
                    if from_without < NEVER and u_whether < outcomes.without[o, trial]:
                        without_day = from_without + _look_up(
                            outcomes.table_without[o], outcomes.guide_without[o], u_when
                        )
                    if served and from_with < NEVER and u_whether < outcomes.chance[o, trial]:
                        with_day = from_with + _look_up(
                            outcomes.table[o], outcomes.guide[o], u_when
                        )
                    # What the service has not brought about by the day of dropping out comes, if
                    # at all, as it would have come without it.
                    served = with_day < cohort.contract_days and with_day <= gone
                    if not served:
                        with_day = np.int64(NEVER)
                        if gone < NEVER and without_day < NEVER:
                            with_day = max(without_day, gone + 1)
                else:
                    served = False
                if without_day >= cohort.contract_days:
                    without_day = np.int64(NEVER)
                else:
                    _put(otherwise, n_otherwise, trial, person, outcomes.position[o], 0,
                         without_day, False)  # fmt: skip
                    n_otherwise += 1
                if with_day >= cohort.contract_days:
                    with_day = np.int64(NEVER)
                else:
                    _put(reached, n_reached, trial, person, outcomes.position[o], 0, with_day,
                         served)  # fmt: skip
                    n_reached += 1
                day_with[o], day_without[o], is_served[o] = with_day, without_day, served
                day = with_day
                for occurrence in range(1, outcomes.most[o] if served else 0):
                    day += outcomes.every[o]
                    u_again, _ = _draw(outcomes.keys[o], person, occurrence, first_trial + trial)
                    if (
                        u_again >= outcomes.again[o, trial]
                        or day >= cohort.contract_days
                        or day > gone
                    ):
                        break
                    _put(reached, n_reached, trial, person, outcomes.position[o], occurrence, day,
                         True)  # fmt: skip
                    n_reached += 1
    return n_reached, n_otherwise


@numba.njit(cache=True, nogil=True)
def _put(rows, place, trial, person, outcome, occurrence, day, served):  # type: ignore[no-untyped-def]
    rows[place, 0] = trial
    rows[place, 1] = person
    rows[place, 2] = outcome
    rows[place, 3] = occurrence
    rows[place, 4] = day
    rows[place, 5] = served
