"""The SimPy engine: one person, their days in service, and the window of its effect.

In: somebody who starts. Out: a `Person`, to whom the rest happens. Not here: how they came to
start (`des_lists`), journeys (`des_journeys`), milestones, events, scores, visits (`des_marks`).
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import simpy

from sibsim.people.des_stage import WITH, WITHOUT, Phase, Trial, first_above
from sibsim.people.events import NEVER
from sibsim.people.tables import SLICES, VISIT_SLICES, normal_slices
from sibsim.people.terms import Cohort, Provider, Segment

Story = Generator[simpy.Event, Any, None]

FAR = int(NEVER)
"""The day of what does not happen."""


@dataclass(eq=False)
class Stay:
    """Somebody in a state."""

    state: str
    entered: int
    leave: int = FAR


@dataclass(eq=False)
class Person:
    """One person in one trial: who they are, and what has happened to them so far.

    Attributes
    ----------
    segment, own, visited
        Their part of the cohort, their own odds, and the factors of their visits.
    start, end : int
        First day in service, and first day no longer.
    left : int
        Day of dropping out or losing contact.
    on, off : int
        The days from `on` up to `off` have the rules with the service.
    gone : list of int
        In each world the day on which everything ends.
    where : dict by world and journey
        The state that the person is in.
    first : dict by world and outcome
        The day on which it was first reached.
    reached : dict by world and outcome
        What happens when it is first reached, for those that follow.
    changed : list of simpy.Event
        In each world what happens when rules or states change.
    """

    trial: Trial
    cohort: int
    name: str
    number: int
    of: int
    terms: Cohort
    segment: Segment | None = None
    own: float = 1.0
    visited: list[float] = field(default_factory=list)
    provider: Provider | None = None
    start: int = FAR
    end: int = FAR
    left: int = FAR
    on: int = FAR
    off: int = FAR
    fades: int | None = None
    gone: list[int] = field(default_factory=lambda: [FAR, FAR])
    where: dict[tuple[int, str], Stay] = field(default_factory=dict)
    first: dict[tuple[int, str], int] = field(default_factory=dict)
    reached: dict[tuple[int, str], simpy.Event] = field(default_factory=dict)
    times: dict[tuple[int, str], int] = field(default_factory=dict)
    changed: list[simpy.Event] = field(default_factory=list)
    over: simpy.Event | None = None
    """What happens when the service is over, for the provider's list."""

    def luck(self, address: str, occurrence: int = 0) -> tuple[float, float]:
        """Both uniforms of this person in a stream of their cohort."""
        address = f"people.{self.name}.{address}"
        return self.trial.uniforms(address, self.number, self.of, occurrence)

    # --- who they are ---------------------------------------------------------------------------

    def draw_character(self) -> None:
        """Segment, own odds, and the factor of how their visits go."""
        trial, terms = self.trial, self.terms
        u, w = self.luck("character")
        segments = list(terms.segments.values())
        place = first_above([s.share.mean for s in segments], u)
        self.segment = segments[place] if segments else None
        spread = np.array([trial.value(terms.spread)])
        self.own = float(np.exp(spread[:, None] * normal_slices()[None, :])[0, int(w * SLICES)])
        for name, (missed, continuity) in trial.stage.visit_odds.items():
            one, two = self.luck(f"visits.{name}")
            self.visited.append(
                float(trial.pick(missed)[int(one * VISIT_SLICES)])
                * float(trial.pick(continuity)[int(two * VISIT_SLICES)])
            )

    def odds(self, rule: int, target: str, day: int) -> float:
        """Factor on the odds of an outcome, journey or series for a decision on a day."""
        trial = self.trial
        x = self.own
        if self.segment is not None and target in self.segment.odds:
            x = x * trial.value(self.segment.odds[target])
        if rule == WITH:
            if self.provider is not None and target in self.provider.odds:
                x = x * trial.value(self.provider.odds[target])
            for factor in self.visited:
                x = x * factor
        month = trial.stage.month_of_day[day]
        return x * float(trial.stage.moods[self.cohort][trial.place, month])

    # --- what they are given --------------------------------------------------------------------

    def note(self, world: int, name: str, day: int, amount: int, served: bool) -> None:
        """Write down an outcome that is read off something; its occurrences are counted."""
        times = self.times.get((world, name), 0)
        self.times[world, name] = times + 1
        self.put(world, name, times, day, amount, served)

    def put(
        self, world: int, name: str, occurrence: int, day: int, amount: int, served: bool
    ) -> None:
        """Write down an outcome."""
        position = self.trial.stage.position[name]
        self.trial.write(world, (self.trial.place, self.cohort, self.number, position, occurrence,
                                 day, served, amount))  # fmt: skip

    def reaching(self, world: int, name: str) -> simpy.Event:
        """What happens when an outcome is first reached (and served, with the service)."""
        return self.reached.setdefault((world, name), self.trial.env.event())

    def reach(self, world: int, name: str, day: int, served: bool) -> None:
        """An outcome is first reached: what follows it may begin."""
        self.first[world, name] = day
        if served or world == WITHOUT:
            self.reaching(world, name).succeed(day)

    def claimed(self, world: int, day: int) -> bool:
        """Whether a claim can be made for what happens on a day."""
        return world == WITH and day <= self.left

    def rule(self, world: int, day: int) -> int:
        """The rule that holds on a day: with the service or without it."""
        return WITH if world == WITH and self.on <= day < self.off else WITHOUT

    def next_rule(self, world: int, day: int) -> int:
        """The next day on which another rule holds, as far as is known today."""
        if world == WITHOUT or self.on >= self.off or day >= self.off:
            return FAR
        return self.on if day < self.on else self.off

    def change(self, world: int) -> None:
        """Tell everything that is planned in a world to think again."""
        old, self.changed[world] = self.changed[world], self.trial.env.event()
        old.succeed()

    def serve(self, day: int, stay: int, leaving: int | None) -> None:
        """Start with the service, for so many days unless they drop out, or it stops, before."""
        trial = self.trial
        self.start, self.end = day, min(day + stay, trial.stage.contract)
        u, w = self.luck("effect")
        self.on = day + trial.stage.wait(self.terms.onset, u)
        if self.terms.lasts is not None:
            self.fades = trial.stage.wait(self.terms.lasts, w)
        self.changed = [trial.env.event(), trial.env.event()]
        self.over = trial.env.event()
        trial.env.process(self.complete(self.end))
        stop = trial.stop(self.name)
        out = stop if leaving is None else min(day + leaving, stop)
        if out < self.end:
            trial.env.process(self.drop_out(out))

    def complete(self, day: int) -> Story:
        """Be in service to the end of the stay, if nothing ends it before."""
        yield self.trial.until(day, Phase.LEAVE)
        if self.end == day:
            self.close(day)

    def drop_out(self, day: int) -> Story:
        """Leave, unless the service has ended before."""
        yield self.trial.until(day, Phase.LEAVE)
        if self.end > day:
            self.left = day
            self.close(day + 1)
            if self.fades is None:
                self.off = day + 1

    def end_service(self, day: int, contact: bool) -> None:
        """The service ends because of a state; with contact, claims end as well."""
        in_service = self.end > day
        if contact and self.left > day:
            self.left = day
        if in_service:
            self.close(day + 1 if contact else day)
            if contact and self.fades is None:
                self.off = day + 1

    def close(self, over: int) -> None:
        """Service is over; its effect lasts a while, or for good."""
        self.end = min(self.end, self.trial.today)
        self.off = FAR if self.fades is None else over + self.fades
        if self.over is not None and not self.over.triggered:
            self.over.succeed()
        self.change(WITH)
