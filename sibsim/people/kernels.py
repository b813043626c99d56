"""The fast engine: every person of a block of trials, compiled.

In: numbers and tables, no terms. Out: days for people and rows of events. The rules are those of
docs/model.md, sections 2 and 3. Not here: making the tables (`engine`), and everything about money.

People are walked a few hundred at a time, one decision after another: drawing a decision's luck for
all of them at once lets the processor do several draws side by side.
"""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from sibsim.compiling import compiled
from sibsim.people.events import NEVER
from sibsim.streams import philox_source

Floats = NDArray[np.float64]
Days = NDArray[np.int64]
Flags = NDArray[np.bool_]
Keys = NDArray[np.uint64]
Table = NDArray[np.int16]

GROUP = 256
"""People walked side by side; their numbers stay in the processor's nearest memory."""


class CohortPlan(NamedTuple):
    """What the kernel needs to know of a cohort. Tables have one row, or one a trial."""

    keys: NDArray[np.uint64]  # (2, 2) of the referral, of dropping out
    referrals: NDArray[np.int64]  # (trials,)
    engage: NDArray[np.float64]  # (trials,)
    referral_table: NDArray[np.float64]  # (days,)
    referral_guide: NDArray[np.int32]
    leave_table: NDArray[np.float64]  # (1 or trials, days)
    leave_guide: NDArray[np.int32]
    leaves: bool
    stay: int
    contract_days: int
    stops: NDArray[np.int64]  # (trials,) when delivery stops, at the latest the contract's end


class OutcomePlan(NamedTuple):
    """What the kernel needs to know of the outcomes, each after the one it follows."""

    position: NDArray[np.int16]  # (outcomes,) place in the scenario
    parent: NDArray[np.int64]  # (outcomes,) place in this plan, or -1
    keys: NDArray[np.uint64]  # (outcomes, 2)
    chance: NDArray[np.float64]  # (outcomes, trials)
    without: NDArray[np.float64]  # (outcomes, trials)
    table: NDArray[np.float64]  # (waiting times, days)
    guide: NDArray[np.int32]
    wait: NDArray[np.int64]  # (outcomes, 2) row of the table with the service, and without it
    again: NDArray[np.float64]  # (outcomes, trials)
    every: NDArray[np.int64]  # (outcomes,)
    most: NDArray[np.int64]  # (outcomes,)


class Rows(NamedTuple):
    """Columns that the kernel fills with events, one row each."""

    trial: NDArray[np.int16]
    person: NDArray[np.int32]
    outcome: NDArray[np.int16]
    occurrence: NDArray[np.uint16]
    day: NDArray[np.int16]
    served: NDArray[np.bool_]


def empty_rows(count: int) -> Rows:
    """Room for so many events; what is not filled takes no memory."""
    return Rows(
        np.empty(count, np.int16), np.empty(count, np.int32), np.empty(count, np.int16),
        np.empty(count, np.uint16), np.empty(count, np.int16), np.empty(count, np.bool_),
    )  # fmt: skip


_source = philox_source()
_philox = numba.njit(_source.philox4x32, inline="always")
_uniform = numba.njit(_source.to_uniform, inline="always")
_NEVER = int(NEVER)
_LOW32 = np.uint64(0xFFFFFFFF)
_WORD = np.uint64(32)


@compiled
def _draw(
    key: Keys, first: int, size: int, occurrence: int, trial: int, one: Floats, two: Floats
) -> None:
    """Fill `one` and `two` with both uniforms of one decision, for `size` people from `first`."""
    k0, k1 = key[0], key[1]
    low, high = np.uint64(trial) & _LOW32, np.uint64(trial) >> _WORD
    times = np.uint64(occurrence)
    for step in range(size):
        i = np.uint64(step)
        w0, w1, w2, w3 = _philox(np.uint64(first + step), times, low, high, k0, k1)
        one[i] = _uniform(w0, w1)
        two[i] = _uniform(w2, w3)


@compiled
def _look_up(table: Floats, guide: NDArray[np.int32], uniform: float) -> int:
    """Smallest day whose cumulative chance is above the uniform.

    The last entry of a table is above every uniform and stands for a day after the contract's end.
    """
    day = int(guide[np.uint64(uniform * guide.shape[0])])
    day += int(uniform >= table[np.uint64(day)])  # mostly this is all, and no branch to guess
    while uniform >= table[np.uint64(day)]:
        day += 1
    return day


@compiled
def _begin(
    cohort: CohortPlan, place: int, trial: int, first: int, size: int, lucks: Floats, start: Days,
    left: Days, end: Days,
) -> int:  # fmt: skip
    """Fill in when each person of a group starts, drops out, and is no longer in service.

    Whoever is in service when delivery stops drops out on that day. Gives back how many are
    referred before it.
    """
    contract, stay, leaves = cohort.contract_days, cohort.stay, cohort.leaves
    stop, before = cohort.stops[place], 0
    engage = cohort.engage[place]
    table, guide = cohort.referral_table, cohort.referral_guide
    row = place if cohort.leave_table.shape[0] > 1 else 0
    leave_table, leave_guide = cohort.leave_table[row], cohort.leave_guide[row]
    when, whether, leaving, unused = lucks[0], lucks[1], lucks[2], lucks[3]
    _draw(cohort.keys[0], first, size, 0, trial, when, whether)
    if leaves:
        _draw(cohort.keys[1], first, size, 0, trial, leaving, unused)
    for step in range(size):
        i = np.uint64(step)  # an unsigned index is not checked for counting from the end
        begun = _look_up(table, guide, when[i])
        before += begun < stop
        starts = (whether[i] < engage) & (begun < stop)
        begun = begun if starts else _NEVER
        last = min(begun + stay, contract)
        gone = _NEVER
        if leaves:
            gone = begun + _look_up(leave_table, leave_guide, leaving[i])
            gone = gone if starts & (gone < last) else _NEVER
        gone = stop if starts & (stop < min(last, gone)) else gone
        start[i], left[i], end[i] = begun, gone, min(last, gone) if starts else _NEVER
    return before


@compiled
def _reach(
    outcomes: OutcomePlan, o: int, place: int, first: int, size: int, lucks: Floats, gone: Days,
    clocks: Days, days: Days, served: Flags, contract: int, reached: Rows, at: int,
    otherwise: Rows, other: int,
) -> tuple[int, int]:  # fmt: skip
    """Write down when each person of a group first reaches an outcome, in both worlds.

    `clocks` and `days` hold the days with the service and without it. Gives back the rows filled.
    What is often so and often not is reckoned for everybody and chosen afterwards: a row is written
    in any case, and kept by moving on. `_NEVER` is later than any contract's end, and so is what is
    added to it.
    """
    chance, without = outcomes.chance[o, place], outcomes.without[o, place]
    here, there, name = outcomes.wait[o, 0], outcomes.wait[o, 1], outcomes.position[o]
    table, guide = outcomes.table[here], outcomes.guide[here]
    table_without, guide_without = outcomes.table[there], outcomes.guide[there]
    whether, when = lucks[0], lucks[1]
    begun, begun_other = at, other
    for step in range(size):
        i = np.uint64(step)  # an unsigned index is not checked for counting from the end
        wait = wait_without = _look_up(table, guide, when[i])
        if here != there:
            wait_without = _look_up(table_without, guide_without, when[i])
        without_day = clocks[1, i] + wait_without
        hit = (whether[i] < without) & (without_day < contract)
        without_day = without_day if hit else _NEVER
        otherwise.person[np.uint64(other)] = first + step
        otherwise.day[np.uint64(other)] = without_day
        other += hit
        with_day = clocks[0, i] + wait
        is_served = (whether[i] < chance) & (with_day < contract) & (with_day <= gone[i])
        # What the service has not brought about by the day of dropping out comes, if at all,
        # as it would have come without it.
        with_day = with_day if is_served else max(without_day, gone[i] + 1)
        hit = with_day < contract
        reached.person[np.uint64(at)] = first + step
        reached.day[np.uint64(at)] = with_day
        reached.served[np.uint64(at)] = is_served
        at += hit
        days[0, i], days[1, i], served[i] = with_day if hit else _NEVER, without_day, is_served
    _same(reached, begun, at, place, name)
    _same(otherwise, begun_other, other, place, name)
    otherwise.served[begun_other:other] = False
    return at, other


@compiled
def _same(rows: Rows, first: int, last: int, place: int, name: int) -> None:
    """Fill in what is the same in all rows of one outcome and trial."""
    rows.trial[first:last] = place
    rows.outcome[first:last] = name
    rows.occurrence[first:last] = 0


@compiled
def _repeat(
    outcomes: OutcomePlan, o: int, place: int, trial: int, first: int, size: int, lucks: Floats,
    gone: Days, days: Days, served: Flags, rows: Rows, at: int, contract: int,
) -> int:  # fmt: skip
    """Write a row for each further time that somebody in service reaches an outcome."""
    most, every, again = outcomes.most[o], outcomes.every[o], outcomes.again[o, place]
    trials, people, names, occurrences, dates, claims = rows
    going = served.copy()
    whether, unused = lucks[0], lucks[1]
    for occurrence in range(1, most):
        if not going[:size].any():
            break
        _draw(outcomes.keys[o], first, size, occurrence, trial, whether, unused)
        for i in range(size):
            day = days[i] + occurrence * every
            going[i] = going[i] and whether[i] < again and day < contract and day <= gone[i]
            if going[i]:
                trials[at], people[at], names[at] = place, first + i, outcomes.position[o]
                occurrences[at], dates[at], claims[at] = occurrence, day, True
                at += 1
    return at


@compiled
def walk(
    cohort: CohortPlan, outcomes: OutcomePlan, first_trial: int, referred: Days, start: Table,
    left: Table, end: Table, reached: Rows, otherwise: Rows,
) -> tuple[int, int]:  # fmt: skip
    """Walk every person; fill the tables of days and events; return the rows filled.

    `referred` is (trials,), how many are referred before delivery stops; `start`, `left`, `end` are
    int16 (trials, people); `reached` and `otherwise` are `Rows`.
    """
    n_reached = n_otherwise = 0
    count = outcomes.position.shape[0]
    contract = cohort.contract_days
    lucks = np.empty((4, GROUP))
    begun = np.empty((2, GROUP), np.int64)
    gone = np.empty(GROUP, np.int64)
    last = np.empty(GROUP, np.int64)
    days = np.empty((count, 2, GROUP), np.int64)
    served = np.empty((count, GROUP), np.bool_)
    clocks = np.empty((2, GROUP), np.int64)
    for place in range(cohort.referrals.shape[0]):
        trial, people = first_trial + place, cohort.referrals[place]
        for i in range(people, start.shape[1]):
            start[place, i] = left[place, i] = end[place, i] = NEVER
        referred[place] = 0
        for first in range(0, people, GROUP):
            size = min(GROUP, people - first)
            referred[place] += _begin(
                cohort, place, trial, first, size, lucks, begun[0], gone, last
            )
            for i in range(size):
                start[place, first + i] = begun[0, i]
                left[place, first + i] = gone[i]
                end[place, first + i] = last[i]
                begun[1, i] = begun[0, i]
            for o in range(count):
                parent = outcomes.parent[o]
                for i in range(size):
                    if parent < 0:
                        clocks[0, i], clocks[1, i] = begun[0, i], begun[1, i]
                    else:  # what follows something not served is not served
                        clocks[0, i] = days[parent, 0, i] if served[parent, i] else _NEVER
                        clocks[1, i] = days[parent, 1, i]
                _draw(outcomes.keys[o], first, size, 0, trial, lucks[0], lucks[1])
                n_reached, n_otherwise = _reach(
                    outcomes, o, place, first, size, lucks, gone, clocks, days[o], served[o],
                    contract, reached, n_reached, otherwise, n_otherwise,
                )  # fmt: skip
                if outcomes.most[o] > 1:
                    n_reached = _repeat(
                        outcomes, o, place, trial, first, size, lucks, gone, days[o, 0],
                        served[o], reached, n_reached, contract,
                    )
    return n_reached, n_otherwise
