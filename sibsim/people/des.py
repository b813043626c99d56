"""The SimPy engine: one trial at a time, each person a handful of processes.

In: drawn terms of people and outcomes, a calendar, the luck of some trials. Out: a `Block`, the
same as the fast engine's. Not here: the fast engine (`kernels`), with which this shares the
uniforms, the terms and the tables of waiting times, and no code that decides what happens.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import simpy

from sibsim.distributions import day_table, wait_days
from sibsim.errors import RefusedError
from sibsim.people.checks import Population, first_beyond, is_plain
from sibsim.people.effects import chances
from sibsim.people.events import NEVER, Block, Events, People
from sibsim.people.outcomes import Outcome, milestones
from sibsim.people.terms import Cohort
from sibsim.quantities import Quantity
from sibsim.rounding import whole
from sibsim.streams import Luck
from sibsim.timeline import Timeline
from sibsim.writing import PERIOD_DAYS

Row = tuple[int, int, int, int, int, int, bool]
"""Trial, cohort, person, outcome, occurrence, day, served."""

Story = Generator[simpy.Event, Any, None]


@dataclass
class _Person:
    """Somebody in one trial: what has happened to them so far."""

    start: int
    gone: int | None = None
    served: set[str] = field(default_factory=set)
    otherwise: set[str] = field(default_factory=set)


@dataclass
class _Trial:
    """One trial of one cohort: its environment, its terms as plain numbers, what it writes down."""

    env: simpy.Environment
    outcomes: Mapping[str, Outcome]
    place: int
    contract: int
    luck: Callable[[str, int, int], tuple[float, float]]
    note: Callable[[int, str, int, int, bool, bool], None]
    wait: Callable[[Quantity, float], int]

    def number(self, quantity: Quantity) -> float:
        """A number's value in this trial."""
        return _value(quantity, self.place)

    def likely(self, outcome: Outcome) -> float:
        """The chance with the service, as it was stated or as the effect makes it."""
        found = chances(outcome.chance, outcome.without, outcome.effect)[0]
        return float(found[self.place] if len(found) > 1 else found[0])

    def live(self, who: int, person: _Person, leaving: int | None) -> Story:
        """Start with the service; two worlds and perhaps dropping out run from here on."""
        yield self.env.timeout(person.start)
        if leaving is not None:
            self.env.process(self.drop_out(who, person, leaving))
        for name in self.following(None):
            self.env.process(self.without(who, person, name))
            self.env.process(self.with_service(who, person, name))

    def following(self, parent: str | None) -> list[str]:
        """Outcomes that follow another, or the start."""
        return [name for name, outcome in self.outcomes.items() if outcome.follows == parent]

    def drop_out(self, who: int, person: _Person, days: int) -> Story:
        """Leave at the end of a day; what came in the other world comes the day after."""
        yield self.env.timeout(days + 0.5)
        person.gone = person.start + days
        if person.gone + 1 < self.contract:
            for name in person.otherwise - person.served:
                self.note(who, name, 0, person.gone + 1, False, True)

    def without(self, who: int, person: _Person, name: str) -> Story:
        """The world without the service; it takes over when somebody has dropped out."""
        outcome = self.outcomes[name]
        whether, when = self.luck(name, who, 0)
        if whether >= self.number(outcome.without):
            return
        yield self.env.timeout(self.wait(outcome.wait_without, when))
        day = int(self.env.now)
        person.otherwise.add(name)
        self.note(who, name, 0, day, False, False)
        if person.gone is not None and name not in person.served:
            self.note(who, name, 0, day, False, True)
        for child in self.following(name):
            self.env.process(self.without(who, person, child))

    def with_service(self, who: int, person: _Person, name: str) -> Story:
        """The world with the service, as long as the person has not dropped out."""
        outcome = self.outcomes[name]
        whether, when = self.luck(name, who, 0)
        if whether >= self.likely(outcome):
            return
        yield self.env.timeout(self.wait(outcome.wait, when))
        if person.gone is not None:
            return
        person.served.add(name)
        self.note(who, name, 0, int(self.env.now), True, True)
        for child in self.following(name):
            self.env.process(self.with_service(who, person, child))
        if outcome.repeat is None:
            return
        for occurrence in range(1, round(outcome.repeat.most.mean)):
            again, _ = self.luck(name, who, occurrence)
            yield self.env.timeout(int(whole(outcome.repeat.every.mean)))
            if again >= self.number(outcome.repeat.chance) or person.gone is not None:
                return
            self.note(who, name, occurrence, int(self.env.now), True, True)


def simulate_block(population: Population, timeline: Timeline, luck: Luck) -> Block:
    """Walk everybody through the trials of `luck`, one trial after another.

    Takes and gives what `sibsim.people.engine.simulate_block` does, and is much slower.
    """
    if not is_plain(population):
        raise RefusedError(
            f"{first_beyond(population)}: the SimPy engine walks milestones of people who are all "
            "alike / try: --engine fast"
        )
    people, outcomes = population.people, milestones(population.outcomes)
    waits = _Waits(timeline.contract_days)
    reached: list[Row] = []
    otherwise: list[Row] = []
    tables = []
    for number, (name, cohort) in enumerate(people.items()):
        referrals = [
            int(whole(_value(cohort.referrals, place))) for place in range(luck.trials)
        ]
        days = np.full((3, luck.trials, max(referrals)), NEVER, np.int16)
        for place in range(luck.trials):
            _trial(name, number, cohort, outcomes, timeline, luck, place, referrals[place],
                   waits, days[:, place], reached, otherwise)  # fmt: skip
        tables.append(People(np.array(referrals, np.int32), *days))
    return Block(luck.first, luck.trials, tuple(tables), _events(reached), _events(otherwise))


def _trial(
    name: str, number: int, cohort: Cohort, outcomes: Mapping[str, Outcome], timeline: Timeline,
    luck: Luck, place: int, referrals: int, waits: _Waits, days: Any, reached: list[Row],
    otherwise: list[Row],
) -> None:  # fmt: skip
    """One cohort in one trial: set everybody off, and let the clock run to the contract's end."""
    contract = timeline.contract_days
    one = Luck(luck.seed, luck.first + place, 1)
    drawn: dict[tuple[str, int], Any] = {}

    def uniforms(address: str, who: int, occurrence: int = 0) -> tuple[float, float]:
        key = (address, occurrence)
        if key not in drawn:
            drawn[key] = one.people_uniforms(f"people.{name}.{address}", referrals, occurrence)[0]
        first, second = drawn[key][who]
        return float(first), float(second)

    def note(who: int, outcome: str, times: int, day: int, served: bool, with_: bool) -> None:
        row = (place, number, who, positions[outcome], times, day, served)
        (reached if with_ else otherwise).append(row)

    positions = {key: at for at, key in enumerate(outcomes)}
    env = simpy.Environment()
    trial = _Trial(
        env, outcomes, place, contract, lambda o, who, n: uniforms(f"outcomes.{o}", who, n), note,
        waits.days,
    )  # fmt: skip
    share, period = trial.number(cohort.leave), PERIOD_DAYS[cohort.leave.period or "month"]
    stay = contract if cohort.stay is None else int(whole(cohort.stay.mean))
    for who in range(referrals):
        when, engages = uniforms("referred", who)
        start = _referral_day(when, int(whole(cohort.over.mean)), int(whole(cohort.ramp_up.mean)))
        if engages >= trial.number(cohort.engage) or start >= contract:
            continue
        last = min(start + stay, contract)
        leaving = _leaving_day(uniforms("left", who)[0], share, period, last - start)
        gone = None if leaving is None else start + leaving
        days[0, who], days[2, who] = start, last if gone is None else gone
        if gone is not None:
            days[1, who] = gone
        env.process(trial.live(who, _Person(start), leaving))
    env.run(until=contract)


class _Waits:
    """Waiting times in whole days, looked up in their tables of cumulative chances."""

    def __init__(self, contract: int) -> None:
        self.contract = contract
        self.tables: dict[Any, list[float]] = {}

    def days(self, wait: Quantity, uniform: float) -> int:
        """Days until it ends; as long as the contract if it does not end within it."""
        key = (wait.distribution, wait.times)
        if key not in self.tables:
            self.tables[key] = day_table(wait.distribution, self.contract, wait.times).tolist()
        return bisect_right(self.tables[key], uniform)


def _referral_day(uniform: float, over: int, ramp: int) -> int:
    """The day by whose end so many have been referred."""
    area = over - ramp / 2
    for day in range(over - 1):
        time = float(day + 1)
        share = time**2 / (2 * ramp * area) if time < ramp else (time - ramp / 2) / area
        if uniform < share:
            return day
    return over - 1


def _leaving_day(uniform: float, share: float, period: float, limit: int) -> int | None:
    """The first day by which somebody would have dropped out, if it is before the limit."""
    if share == 0.0:
        return None
    table = 1.0 - (1.0 - share) ** (np.arange(limit) / period)
    day = int(wait_days(table, uniform))
    return None if day < 0 else day


def _value(quantity: Quantity, place: int) -> float:
    values = quantity.values
    return float(values[place] if len(values) > 1 else values[0])


def _events(rows: list[Row]) -> Events:
    """Rows as columns, in order of the trials."""
    columns = np.array(sorted(rows), np.int64).reshape(-1, 7).T
    trial, cohort, person, outcome, occurrence, day, served = columns
    return Events(
        trial.astype(np.int16), cohort.astype(np.int16), person.astype(np.int32),
        outcome.astype(np.int16), occurrence.astype(np.uint16), day.astype(np.int16),
        served.astype(np.bool_), np.ones(len(trial), np.int32),
    )  # fmt: skip
