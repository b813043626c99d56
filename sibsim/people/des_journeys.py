"""The SimPy engine: journeys through states, and what is read off them.

In: a person who has started. Out: the states they are in, in both worlds, and outcomes of states.
Not here: the person and the window of the effect (`des_lives`), everything else that happens to
them (`des_marks`).
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import simpy

from sibsim.people.des_lives import FAR, Person, Stay, Story
from sibsim.people.des_stage import WITH, WITHOUT, WORLDS, Phase, factor, first_above, in_days
from sibsim.people.outcomes import DaysIn, Reached, Sustained
from sibsim.people.stories import Journey
from sibsim.people.tables import Floats

ALL_GONE = 1e-12
"""A share of people left in a state below this is none."""


class Walk:
    """One person's journey in one world."""

    def __init__(self, person: Person, world: int, name: str, first: bool) -> None:
        self.person, self.world, self.name = person, world, name
        self.trial, self.stage = person.trial, person.trial.stage
        self.journey: Journey = self.stage.all.journeys[name]
        self.phase = Phase.JOURNEY if first else Phase.LATER
        self.visits: dict[str, int] = {}
        u, _ = person.luck(f"journeys.{name}")
        begins = [share.mean for share in self.journey.begins.values()]
        self.enter(list(self.journey.begins)[first_above(begins, u)])
        self.trial.env.process(self.walk())

    def enter(self, state: str) -> None:
        """Be in a state from today on."""
        person, world, day = self.person, self.world, self.trial.today
        self.stay = person.where[world, self.name] = Stay(state, day)
        ends = self.journey.states[state].ends
        if ends == "everything":
            person.gone[world] = day
        if ends != "nothing" and world == WITH:
            person.end_service(day, ends == "contact")
        person.change(world)
        for name, outcome in self.read_off(state):
            if isinstance(outcome, Reached):
                self.mark(name, outcome.times, day)
            elif isinstance(outcome, Sustained):
                self.trial.env.process(self.last(name, outcome, self.stay))

    def read_off(self, state: str) -> Iterator[tuple[str, Any]]:
        """What is read off a state."""
        for name, outcome in self.stage.all.outcomes.items():
            if isinstance(outcome, Reached | Sustained | DaysIn) and (
                (outcome.journey, outcome.state) == (self.name, state)
            ):
                yield name, outcome

    def mark(self, name: str, times: str, day: int) -> None:
        """Write down that a state was reached, or has lasted, on a day."""
        person, world = self.person, self.world
        if times == "first" and (world, name) in person.first:
            return
        served = person.claimed(world, day)
        person.note(world, name, day, 1, served)
        if (world, name) not in person.first:
            person.reach(world, name, day, served)

    def last(self, name: str, outcome: Sustained, stay: Stay) -> Story:
        """See whether a state lasts."""
        day = stay.entered + in_days(outcome.lasting)
        yield self.trial.until(day, Phase.READ)
        if stay.leave >= day and self.person.gone[self.world] > day:
            self.mark(name, outcome.times, day)

    def count(self, stay: Stay, stop: int) -> None:
        """Put down the days of a stay that is over, by month, and up to dropping out and after."""
        person, world = self.person, self.world
        for name, outcome in self.read_off(stay.state):
            if not isinstance(outcome, DaysIn):
                continue
            last = stop
            if outcome.within is not None:
                last = min(stop, person.start + in_days(outcome.within))
            cuts = {day for day in self.stage.month_starts if stay.entered < day < last}
            if world == WITH and stay.entered < person.left + 1 < last:
                cuts.add(person.left + 1)
            edges = [stay.entered, *sorted(cuts), last]
            for one, next_ in pairwise(edges):
                if next_ > one:
                    served = person.claimed(world, next_ - 1)
                    person.note(world, name, next_ - 1, next_ - one, served)

    def finish(self) -> None:
        """At the end of the contract: the days of the stay that goes on."""
        self.count(self.stay, min(self.stage.contract, self.person.gone[self.world]))

    def walk(self) -> Story:
        """Go from state to state."""
        while self.journey.states[self.stay.state].exits:
            taken = yield from self.leave()
            if taken is None:
                return
            self.stay.leave = self.trial.today
            self.count(self.stay, self.stay.leave)
            self.enter(taken)

    def chances(self, rule: int, entered: int) -> tuple[list[float], list[Floats]]:
        """Chances of the exits for this person, and their cumulative waiting times."""
        state = self.stay.state
        found = self.stage.rules[self.name, state][rule]
        chance = [float(p) for p in self.trial.pick(found.chance)]
        curves = [self.trial.pick(curve) for curve in found.curve]
        x = self.person.odds(rule, self.name, entered)
        by = [factor(x, exit_.direction) for exit_ in self.journey.states[state].exits.values()]
        if all(m == 1.0 for m in by):
            return chance, curves
        rest = 1.0
        for p in chance:
            rest = rest - p
        moved = [p * m for p, m in zip(chance, by, strict=True)]
        total = rest
        for p in moved:
            total = total + p
        return ([p / total for p in moved] if total > 0.0 else chance), curves

    def leave(self) -> Generator[simpy.Event, Any, str | None]:
        """Wait for an exit, under the rule of each day; the state it leads to, or None."""
        person, world, entered = self.person, self.world, self.stay.entered
        state = self.stay.state
        visit = self.visits.get(state, 0)
        self.visits[state] = visit + 1
        u, w = person.luck(f"journeys.{self.name}.{state}", visit)
        both = {rule: self.chances(rule, entered) for rule in ({WITHOUT, world})}
        left = {rule: _share_left(*both[rule]) for rule in both}
        v, age = 1.0 - u, 0
        while True:
            first = entered + age + 1  # the first day on which they may leave
            rule = person.rule(world, first)
            upto = min(person.next_rule(world, first), self.stage.contract) - 1 - entered
            if first >= self.stage.contract:
                return None
            still = left[rule][age]
            least = v * still
            if still < ALL_GONE:
                leaves = age + 1
            else:
                below = np.flatnonzero(left[rule][age + 1 : upto + 1] < least)
                leaves = age + 1 + int(below[0]) if len(below) else FAR
            when = self.trial.until(entered + min(leaves, upto + 1), self.phase)
            changes = person.changed[world]
            yield when | changes
            if person.gone[world] <= self.trial.today:
                return None
            if not when.processed:
                continue  # the rules have changed: plan again from the same age
            if self.trial.today == entered + leaves:
                return _choose(list(self.journey.states[state].exits), *both[rule], leaves, w)
            v, age = least / left[rule][upto], upto


def _share_left(chance: list[float], curves: list[Floats]) -> Floats:
    """Share of people who are still in a state at each age."""
    gone = np.zeros(len(curves[0]))
    for p, curve in zip(chance, curves, strict=True):
        gone = gone + p * curve
    gone[0] = 0.0
    return 1.0 - gone


def _choose(
    exits: list[str], chance: list[float], curves: list[Floats], age: int, uniform: float
) -> str:
    """The exit that is taken at an age."""
    weights = [
        p * float(curve[age] - (curve[age - 1] if age > 1 else 0.0))
        for p, curve in zip(chance, curves, strict=True)
    ]
    total = 0.0
    for weight in weights:
        total = total + weight
    if total <= 0.0:
        weights, total = list(chance), 0.0
        for weight in weights:
            total = total + weight
    upto, last = 0.0, exits[0]
    for name, weight in zip(exits, weights, strict=True):
        upto = upto + weight
        if weight > 0.0:
            last = name
        if uniform * total < upto:
            return name
    return last


def begin_journeys(person: Person) -> list[Walk]:
    """Set off on every journey in both worlds."""
    return [
        Walk(person, world, name, place == 0)
        for world in WORLDS
        for place, name in enumerate(person.trial.stage.all.journeys)
    ]
