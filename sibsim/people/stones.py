"""The fast engine: milestones of people who differ, who wait, or who are on journeys, compiled.

In: a crowd that has lived (`lives`), a plan of milestones. Out: rows of milestones in both worlds.
The rules are those of docs/model.md, section 3; `kernels` has the same for people who all have the
same chances, many at a time. Not here: making the tables (`plans`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sibsim.compiling import borrowing, part
from sibsim.people.draws import look_up, pair, put
from sibsim.people.events import NEVER
from sibsim.people.layout import (
    WITH,
    WITHOUT,
    Crowd,
    Floats,
    Ints,
    Records,
    Scratch,
    Stones,
    Table,
)
from sibsim.people.tables import MOST_ODDS

_NEVER = int(NEVER)
AGAIN, GIVEN = 2, 3
"""Numbers of a milestone after its chances: of a repeat, the odds ratio of what is given."""


@part
def _when(
    hangs_on: int, world: int, reached: Ints, firsts: Table, place: int, who: int
) -> int:
    """Day in one world of what a milestone hangs on."""
    if hangs_on >= 0:
        return int(reached[world, hangs_on])
    return int(firsts[-2 - hangs_on, world, place, who])


@part
def _hits(
    crowd: Crowd, stones: Stones, odds: Floats, reached: Ints, firsts: Table, o: int, world: int,
    clock: int, place: int, cohort: int, who: int, uniform: float,
) -> bool:  # fmt: skip
    """Whether a person gets to a milestone whose clock starts on a day."""
    if clock >= crowd.contract:
        return False
    own = stones.stones[o]
    p = stones.numbers[world, o, place]
    x = odds[world, own.target, place, who]
    x = x * crowd.mood[cohort, place, crowd.month_of_day[clock]]
    if own.given != -1 and _when(own.given, world, reached, firsts, place, who) <= clock:
        x = x * stones.numbers[GIVEN, o, place]
    x = min(x, MOST_ODDS)
    hit: bool = uniform < (p if x == 1.0 or p == 1.0 else x * p / (1.0 - p + x * p))
    return hit


@borrowing
def reach(
    crowd: Crowd, stones: Stones, scratch: Scratch, first_trial: int, days: Records, firsts: Table,
    odds: Floats, rows: Records, otherwise: Records,
) -> None:  # fmt: skip
    """Write down when everybody reaches each milestone, in both worlds."""
    count = stones.stones.shape[0]
    reached, served = scratch.reached, scratch.served
    for place in range(days.shape[0]):
        for cohort in range(crowd.cohorts.shape[0]):
            for person in range(crowd.referrals[cohort, place]):
                who = crowd.cohorts[cohort].offset + person
                if days[place, who].start >= crowd.contract:
                    continue
                scratch.occurrence[:] = 0
                for o in range(count):
                    _one(crowd, stones, scratch, odds, reached, served, firsts, o, place,
                         first_trial + place, cohort, person, who, days[place, who], rows,
                         otherwise)  # fmt: skip


@part
def _one(
    crowd: Crowd, stones: Stones, scratch: Scratch, odds: Floats, reached: Ints,
    served: NDArray[np.bool_], firsts: Table, o: int, place: int, trial: int, cohort: int,
    person: int, who: int, life: Records, rows: Records, otherwise: Records,
) -> None:  # fmt: skip
    """One milestone of one person in both worlds."""
    own, left, over = stones.stones[o], life.left, min(crowd.contract, life.gone)
    clock, clock_without = int(life.start), int(life.start)
    if own.parent != -1:
        clock_without = _when(own.parent, WITHOUT, reached, firsts, place, who)
        clock = _when(own.parent, WITH, reached, firsts, place, who)
        claimed = (
            served[own.parent] if own.parent >= 0 else firsts[-2 - own.parent, 2, place, who] > 0
        )
        clock = clock if claimed else _NEVER
    whether, when = pair(stones.keys[cohort, o], person, 0, trial)
    day_without, day, is_served = _NEVER, _NEVER, False
    if _hits(crowd, stones, odds, reached, firsts, o, WITHOUT, clock_without, place, cohort, who,
             whether):  # fmt: skip
        wait = own.wait_without
        day_without = clock_without + look_up(stones.table[wait], stones.guide[wait], when)
    if _hits(crowd, stones, odds, reached, firsts, o, WITH, clock, place, cohort, who, whether):
        wait = own.wait_with
        day = clock + look_up(stones.table[wait], stones.guide[wait], when)
        is_served = day < over and day <= left
    day_without = day_without if day_without < crowd.contract else _NEVER
    if not is_served:
        # What the service has not brought about by the day of dropping out comes, if at all,
        # as it would have come without it.
        day = _NEVER
        if left < _NEVER and day_without < _NEVER:
            day = max(day_without, left + 1)
    day = day if day < over else _NEVER
    reached[WITH, o], reached[WITHOUT, o], served[o] = day, day_without, is_served
    written, occurrence = scratch.written, scratch.occurrence
    if day_without < min(_NEVER, life.gone_without):
        put(otherwise, written, occurrence, WITHOUT, place, cohort, person, own.position,
            day_without, False, 1)  # fmt: skip
        occurrence[own.position] = 0
    if day < _NEVER:
        put(rows, written, occurrence, WITH, place, cohort, person, own.position, day, is_served, 1)
    for repeat in range(1, own.most):
        if not is_served:
            break
        again, _ = pair(stones.keys[cohort, o], person, repeat, trial)
        day += own.every
        is_served = again < stones.numbers[AGAIN, o, place] and day < over and day <= left
        if is_served:
            put(rows, written, occurrence, WITH, place, cohort, person, own.position, day, True,
                1)  # fmt: skip
