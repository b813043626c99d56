"""What the compiled walks read and write: arrays of records and tables, with their shapes.

In: nothing. Out: record types, bundles of arrays, and the numbers that stand for words. Not here:
filling them (`plans`), walking through them (`queues`, `lives`, `stones`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Keys = NDArray[np.uint64]
Table = NDArray[np.int16]
Records = Any
"""An array of records (a NumPy structured array): a field is read as ``array[i].field``."""

WITH, WITHOUT = 0, 1
"""The two worlds, and the two rules."""
UP, DOWN, SAME = 0, 1, 2
"""Directions in which odds act."""
NOTHING, SERVICE, CONTACT, EVERYTHING = 0, 1, 2, 3
"""What entering a state ends."""
REACHED, SUSTAINED, DAYS_IN = 0, 1, 2
"""What is read off a state."""
CHANGE, IMPROVED, MAINTAINED, DETERIORATED = 0, 1, 2, 3
"""What is read off a score."""
REFERRED, FUNNEL, CHARACTER, STAY, EFFECT, LEFT = 0, 1, 2, 3, 4, 5
"""Streams of luck of a person."""
REFERRAL, STAYING, PATIENCE, ONSET, LASTS = 0, 1, 2, 3, 4
"""Waiting times of a cohort."""
VARIES, ERROR, MISSED, STEP, LOW, HIGH = 2, 3, 4, 5, 6, 7
"""Numbers of a score, after its change with the service and without it."""


def _ints(*names: str) -> np.dtype[Any]:
    return np.dtype([(name, np.int64) for name in names])


COHORT = _ints("offset", "leaves", "fades", "funnel", "character", "stays", "effect")
"""The place of a cohort's first person; whether people drop out, effects fade, traits are drawn."""
TRAIT = np.dtype([
    ("arrived", np.int16), ("stay", np.int16), ("patience", np.int16), ("provider", np.int16),
    ("slice", np.uint16), ("segment", np.uint8),
])  # fmt: skip
"""What is drawn of a person before anything happens; provider -1 is none."""
_DAY = ("start", "gave_up", "left", "end", "gone", "gone_without")
DAYS = np.dtype([(name, np.int16) for name in _DAY])
"""Days of a person."""
ON, OFF, OUT, END, GONE, FADE = 0, 1, 2, 3, 4, 5
"""Days in a life: the effect's window, dropping out, no longer in service, gone; its lasting."""
JOURNEY = _ints("target", "first", "last")
"""Its place among what odds are stated for; its states."""
STATE = _ints("ends", "first", "last")
"""What entering it ends; its exits."""
EXIT = _ints("to", "direction")
STATE_READ = _ints("state", "what", "outcome", "days", "each", "kept")
"""An outcome read off a state; `days` it must last, or within days of the start; `kept` is its
place in the table of first days, or -1."""
SERIES = _ints("target", "direction", "journey", "state", "first", "last")
"""The state of `during`, or -1; the outcomes read off it."""
SERIES_READ = _ints("outcome", "days")
SCORE = _ints("many", "sign")
SCORE_READ = _ints("score", "what", "outcome", "at")
VISITS = _ints("planned", "minutes")
VISITS_READ = _ints("visits", "what", "outcome")
STONE = _ints("position", "target", "parent", "given", "every", "most", "wait_with", "wait_without")
"""A milestone; `parent` and `given` are a place among milestones, -1 for nothing, or -2 less the
place in the table of first days."""
ROW = np.dtype([
    ("person", np.int32), ("amount", np.int32), ("trial", np.int16), ("cohort", np.int16),
    ("outcome", np.int16), ("day", np.int16), ("occurrence", np.uint16), ("served", np.bool_),
])  # fmt: skip
"""One outcome of one person, as in `sibsim.people.events.Events`."""


class Crowd(NamedTuple):
    """All cohorts: people stand one after another, each table has one row a cohort."""

    cohorts: Records  # (cohorts,) COHORT
    referrals: Ints  # (cohorts, trials)
    funnel: Floats  # (cohorts, 2, trials) share eligible, share who engage
    keys: Keys  # (cohorts, 6, 2)
    waits: Floats  # (cohorts, 5, days + 1)
    waits_guide: NDArray[np.int32]
    leave: Floats  # (cohorts, trials or 1, days + 1)
    leave_guide: NDArray[np.int32]
    segments: Floats  # (cohorts, segments) cumulative shares
    priority: Ints  # (cohorts, segments)
    providers: Floats  # (cohorts, providers) cumulative shares
    served_by: Ints  # (cohorts, providers) which provider, or -1
    own: Floats  # (cohorts, trials or 1, slices) factor on the odds
    mood: Floats  # (cohorts, trials, months)
    segment_odds: Floats  # (cohorts, segments, targets, trials)
    provider_odds: Floats  # (providers + 1, targets, trials), the last row for nobody
    month_of_day: Table
    month_starts: Ints
    contract: int  # days
    stops: Ints  # (cohorts, trials) when delivery stops, at the latest the contract's end


class Paths(NamedTuple):
    """Journeys; states and exits of all of them stand one after another."""

    journeys: Records  # (journeys,) JOURNEY
    states: Records  # (states,) STATE
    exits: Records  # (exits,) EXIT
    reads: Records  # (reads,) STATE_READ
    keys: Keys  # (cohorts, journeys, 2)
    state_keys: Keys  # (cohorts, states, 2)
    begins: Floats  # (journeys, states) cumulative shares
    begin_state: Ints  # (journeys, states)
    chance: Floats  # (2 rules, exits, trials)
    curves: Floats  # (rows, days)
    row: Ints  # (2, exits) which curve
    row_step: Ints  # (2, exits) 1 where there is a curve a trial


class Happenings(NamedTuple):
    """Events that recur."""

    series: Records  # (series,) SERIES
    reads: Records  # (reads,) SERIES_READ
    keys: Keys  # (cohorts, series, 2 of which: events, own rate, 2)
    rate: Floats  # (2 rules, series, trials) a day
    gamma: Floats  # (series, trials or 1, slices)
    weights: Floats  # (series, days + 1)
    ratio: Floats  # (series, trials)


class Measures(NamedTuple):
    """Scores, visits, and what is read off them."""

    scores: Records  # (scores,) SCORE
    reads: Records  # (reads,) SCORE_READ
    keys: Keys  # (cohorts, scores, 2 of which: traits, assessments, 2)
    start: Floats  # (scores, slices)
    numbers: Floats  # (scores, 8, trials) change with, change without (a year), VARIES ...
    times: Ints  # (scores, assessments)
    limits: Floats  # (reads, 2 of which: improvement, decline, trials)
    normal: Floats  # (slices,)
    visits: Records  # (visits,) VISITS
    visit_reads: Records  # (reads,) VISITS_READ
    visit_keys: Keys  # (cohorts, visits, 2 of which: traits, weeks, 2)
    visit_odds: Floats  # (visits, 2 of which: missed, continuity, trials or 1, slices)
    missed: Floats  # (visits, slices, visits a week + 1)
    late: Floats  # (visits, delivered, visits a week + 1)


class Stones(NamedTuple):
    """Milestones, each after those it hangs on."""

    stones: Records  # (stones,) STONE
    keys: Keys  # (cohorts, stones, 2)
    numbers: Floats  # (4, stones, trials) chance with, without, of a repeat, odds ratio of `given`
    table: Floats  # (waits, days + 1)
    guide: NDArray[np.int32]


class Scratch(NamedTuple):
    """Room for one person's story; filled anew for each."""

    entered: Ints  # (journeys, stays) days of entering a state
    state: Ints  # (journeys, stays)
    stays: Ints  # (journeys,)
    visits: Ints  # (states,) times entered
    occurrence: Ints  # (outcomes,)
    written: Ints  # (2,) rows written in each world
    measured: Ints  # (assessments,)
    missing: NDArray[np.bool_]
    slices: Ints  # (visits,)
    odds: Floats  # (2 rules, targets)
    p: Floats  # (exits,)
    weights: Floats  # (exits,)
    rates: Floats  # (2,)
    life: Ints  # (6,) days in a life
    reached: Ints  # (2 worlds, milestones) days
    served: NDArray[np.bool_]  # (milestones,)


class Lists(NamedTuple):
    """Room for the waiting lists of one trial; each provider has a row of people a priority."""

    by_day: Ints  # (days + 1,) where in `order` those who arrive on a day stand
    order: Ints  # (people,) by day of arrival
    following: Ints  # (people,) who is next on the same list, or -1
    cohort: Ints  # (people,)
    first: Ints  # (providers, PRIORITIES) the first on the list, or -1
    last: Ints  # (providers, PRIORITIES)
    waiting: Ints  # (providers,)
    serving: Ints  # (providers,)
    ended: Ints  # (days + 1, providers) places that become free


PRIORITIES = 10
"""Priorities are whole numbers below this."""


def table_of(rows: Sequence[tuple[int, ...]], of: np.dtype[Any]) -> Records:
    """Records from rows of whole numbers."""
    return np.array([tuple(int(value) for value in row) for row in rows], of)
