"""The SimPy engine's stage: the order of a day, and the clock, luck and notebook of one trial.

In: drawn terms, a calendar, the luck of a block. Out: a `Stage` that all trials share, and a
`Trial` with its environment. Not here: what anybody does on it (`des`, `des_lists`, `des_lives`,
`des_marks`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from enum import IntEnum
from functools import cached_property
from typing import Any

import numpy as np
import simpy

from sibsim.people.checks import Population
from sibsim.people.effects import chances
from sibsim.people.outcomes import Outcome, ordered
from sibsim.people.stops import Stops, stop_days
from sibsim.people.tables import (
    MOST_ODDS,
    Floats,
    Rule,
    count_tables,
    curves_of,
    event_weights,
    moods,
    rules,
    visit_odds,
    wait_table,
)
from sibsim.quantities import Quantity
from sibsim.rounding import whole
from sibsim.streams import Luck
from sibsim.timeline import Timeline

WITH, WITHOUT = 0, 1
WORLDS = (WITH, WITHOUT)

Row = tuple[int, int, int, int, int, int, bool, int]
"""Trial, cohort, person, outcome, occurrence, day, served, amount."""

TICKS = 1 << 20
"""Ticks of a day: its time is the day times this, plus the phase."""


class Phase(IntEnum):
    """What comes after what within one day."""

    LEAVE = 0
    """Caseworkers come and go; people drop out or complete; effects fade."""
    JOURNEY = 1
    """The first journey moves, which may end the service."""
    LATER = 2
    """The other journeys move."""
    READ = 3
    """Events, assessments, weeks of visits, states that have lasted."""
    JOIN = 4
    """People are referred and join a list."""
    DOORS = 5
    """Providers take people in, who start."""
    GIVE_UP = 6
    """Those who were not taken in may give up."""
    MILESTONE = 7
    """Milestones, each after those it hangs on."""


class Stage:
    """What is the same in all trials of a block, looked up once."""

    def __init__(
        self, all_: Population, timeline: Timeline, luck: Luck, stops: Stops | None
    ) -> None:
        self.all = all_
        self.timeline = timeline
        self.luck = luck
        self.contract = timeline.contract_days
        self.stops = stop_days(all_.people, stops, luck.trials, self.contract)
        self.month_starts = timeline.month_starts.tolist()
        self.month_of_day = timeline.month_of_day.tolist()
        self.moods = moods(all_.shocks, all_.people, timeline, luck)
        self.position = {name: at for at, name in enumerate(all_.outcomes)}
        self.rank = {name: at for at, name in enumerate(ordered(all_.outcomes))}
        self.milestones = {name: o for name, o in all_.outcomes.items() if isinstance(o, Outcome)}
        self.waits: dict[Any, list[float]] = {}

    def stops_early(self, cohort: str) -> bool:
        """Whether delivery to a cohort stops before the contract ends in some trial."""
        return bool((self.stops[cohort] < self.contract).any())

    @cached_property
    def rules(self) -> dict[tuple[str, str], tuple[Rule, Rule]]:
        """How people leave each state of each journey, with the service and without it."""
        return {
            (j, s): rules(state, self.contract)
            for j, journey in self.all.journeys.items() for s, state in journey.states.items()
        }  # fmt: skip

    @cached_property
    def likely(self) -> dict[str, tuple[Floats, Floats]]:
        """Chances of each milestone with and without, shape (trials or 1,)."""
        return {
            name: chances(o.chance, o.without, o.effect) for name, o in self.milestones.items()
        }

    @cached_property
    def curves(self) -> dict[str, tuple[list[float], list[float]]]:
        """Cumulative chances of each milestone's waiting time by day, with and without."""
        made = {}
        for name, o in self.milestones.items():
            here, there = curves_of(o.wait, o.after_without, o.effect, o.without, self.contract)
            made[name] = (here[0].tolist(), there[0].tolist())
        return made

    @cached_property
    def weights(self) -> dict[str, Floats]:
        """For each series of events the sum of the weights of the days before each day."""
        return {
            name: event_weights(item.season, item.drift.mean, self.timeline)
            for name, item in self.all.events.items()
        }

    @cached_property
    def visit_odds(self) -> dict[str, tuple[Floats, Floats]]:
        """Factors on the odds by slice of the share missed and of continuity."""
        return {name: visit_odds(item) for name, item in self.all.visits.items()}

    def wait(self, quantity: Quantity, uniform: float) -> int:
        """Days of a waiting time; as many as the contract has if it does not end within it."""
        key = (quantity.distribution, quantity.times)
        if key not in self.waits:
            self.waits[key] = wait_table(quantity, self.contract).tolist()
        return bisect_right(self.waits[key], uniform)

    def counts(self, most: int, share: float) -> list[float]:
        """P(Binomial(most, share) <= k) for k = 0, 1, ..."""
        key = (most, share)
        if key not in self.waits:
            self.waits[key] = count_tables(most, np.array([share]))[0].tolist()
        return self.waits[key]


class Trial:
    """One trial: its environment, its numbers, its luck, and what is written down of it."""

    def __init__(self, stage: Stage, place: int, notes: tuple[list[Row], list[Row]]) -> None:
        self.stage = stage
        self.place = place
        self.env = simpy.Environment()
        self.notes = notes
        self._luck = Luck(stage.luck.seed, stage.luck.first + place, 1)
        self._drawn: dict[tuple[str, int], list[list[float]]] = {}

    def stop(self, cohort: str) -> int:
        """The day on which delivery to a cohort stops; the contract's end if it does not before."""
        return int(self.stage.stops[cohort][self.place])

    @property
    def today(self) -> int:
        """The day that it is."""
        return int(self.env.now) // TICKS

    def until(self, day: int, phase: int) -> simpy.Event:
        """What happens when that part of a day comes; at once if it is here."""
        return self.env.timeout(max(0, day * TICKS + phase - int(self.env.now)))

    def value(self, quantity: Quantity) -> float:
        """A number's value in this trial."""
        return float(self.pick(quantity.values))

    def pick(self, values: Any) -> Any:
        """The row of the trial, of what has a row a trial or one for all."""
        return values[self.place] if len(values) > 1 else values[0]

    def uniforms(
        self, address: str, who: int, people: int, occurrence: int = 0
    ) -> tuple[float, float]:
        """Both uniforms of one of so many people in a stream, which are drawn together."""
        key = (address, occurrence)
        if key not in self._drawn:
            self._drawn[key] = self._luck.people_uniforms(address, people, occurrence)[0].tolist()
        first, second = self._drawn[key][who]
        return first, second

    def write(self, world: int, row: Row) -> None:
        """Write down an outcome."""
        self.notes[world].append(row)


def first_above(shares: Iterable[float], uniform: float) -> int:
    """The first place at which the cumulative share is above; the last takes what is left."""
    total, place = 0.0, -1
    for place, share in enumerate(shares):
        total += share
        if uniform < total:
            return place
    return place


def factor(odds: float, direction: str) -> float:
    """What somebody's odds make of a chance or a rate of which the fortunate have more, or less."""
    if direction == "same":
        return 1.0
    return min(odds, MOST_ODDS) if direction == "up" else 1.0 / max(odds, 1.0 / MOST_ODDS)


def in_days(quantity: Quantity) -> int:
    """A duration in whole days, halves upwards."""
    return int(whole(quantity.mean))
