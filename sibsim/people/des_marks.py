"""The SimPy engine: milestones, events, scores and visits.

In: a person who has started, on their journeys. Out: outcomes written down in both worlds. Not
here: the person (`des_lives`), journeys (`des_journeys`).
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Generator
from typing import Any

import numpy as np
import simpy

from sibsim.people.des_lives import FAR, Person, Story
from sibsim.people.des_stage import WITH, WITHOUT, WORLDS, Phase, factor, in_days
from sibsim.people.outcomes import (
    ChangeIn,
    Improved,
    Maintained,
    NumberOf,
    OfScore,
    Outcome,
    Visited,
)
from sibsim.people.stories import Score, Series, Visits
from sibsim.people.tables import (
    MOST_ODDS,
    SLICES,
    VISIT_SLICES,
    gamma_slices,
    normal_slices,
    personal,
)
from sibsim.quantities import Quantity
from sibsim.writing import PERIOD_DAYS


def begin_marks(person: Person) -> None:
    """Set off everything besides journeys that may happen to somebody who starts."""
    env, all_ = person.trial.env, person.trial.stage.all
    for world in WORLDS:
        for name, item in all_.events.items():
            env.process(series(person, world, name, item))
        for name, score in all_.scores.items():
            env.process(assessments(person, world, name, score))
    for name, visits in all_.visits.items():
        env.process(weeks(person, name, visits))
    milestones = person.trial.stage.milestones
    if milestones:
        env.process(take_over(person))
    for name, outcome in milestones.items():
        env.process(without_service(person, name))
        env.process(with_service(person, name, outcome))


# --- milestones -----------------------------------------------------------------------------------


def _due(person: Person, world: int, name: str, clock: int) -> int:
    """The day on which a milestone is reached whose clock starts on a day, if it is at all."""
    trial, stage = person.trial, person.trial.stage
    outcome = stage.milestones[name]
    whether, when = person.luck(f"outcomes.{name}")
    p = float(trial.pick(stage.likely[name][world]))
    x = person.odds(world, name, clock)
    given = outcome.given
    if given is not None and person.first.get((world, given.outcome), FAR) <= clock:
        x = x * trial.value(given.odds_ratio)
    x = min(x, MOST_ODDS)
    if whether >= (p if x == 1.0 or p == 1.0 else x * p / (1.0 - p + x * p)):
        return FAR
    day = clock + bisect_right(stage.curves[name][world], when)
    return day if day < stage.contract else FAR


def _reach(person: Person, world: int, name: str) -> Generator[simpy.Event, Any, int]:
    """Wait for the day on which a milestone is reached; far away, and at once, if it is not."""
    trial, clock = person.trial, person.start
    phase = Phase.MILESTONE + trial.stage.rank[name]
    follows = trial.stage.milestones[name].follows
    if follows is not None:
        clock = yield person.reaching(world, follows)
    yield trial.until(clock, phase)
    day = _due(person, world, name, clock)
    if day != FAR:
        yield trial.until(day, phase)
    return day


def without_service(person: Person, name: str) -> Story:
    """The world without the service; it takes over when somebody has dropped out."""
    day = yield from _reach(person, WITHOUT, name)
    if day == FAR:
        return
    person.reach(WITHOUT, name, day, False)
    if day < person.gone[WITHOUT]:
        person.put(WITHOUT, name, 0, day, 1, False)
    if person.left < day < person.gone[WITH] and (WITH, name) not in person.first:
        person.put(WITH, name, 0, day, 1, False)


def take_over(person: Person) -> Story:
    """On the day after dropping out: what came in the other world until then."""
    trial = person.trial
    while person.left == FAR:
        yield person.changed[WITH]
    day = person.left + 1
    yield trial.until(day, Phase.MILESTONE)
    if day >= person.gone[WITH]:
        return
    for name in trial.stage.milestones:
        came = person.first.get((WITHOUT, name), FAR)
        if came < day and (WITH, name) not in person.first:
            person.put(WITH, name, 0, day, 1, False)


def with_service(person: Person, name: str, outcome: Outcome) -> Story:
    """The world with the service, as long as the person has not dropped out."""
    trial = person.trial
    day = yield from _reach(person, WITH, name)
    if day > person.left or day >= person.gone[WITH]:
        return
    person.put(WITH, name, 0, day, 1, True)
    person.reach(WITH, name, day, True)
    if outcome.repeat is None:
        return
    for occurrence in range(1, round(outcome.repeat.most.mean)):
        again, _ = person.luck(f"outcomes.{name}", occurrence)
        day += in_days(outcome.repeat.every)
        yield trial.until(day, Phase.MILESTONE + trial.stage.rank[name])
        if again >= trial.value(outcome.repeat.chance):
            return
        if day > person.left or day >= person.gone[WITH]:
            return
        person.put(WITH, name, occurrence, day, 1, True)


# --- events ---------------------------------------------------------------------------------------


def series(person: Person, world: int, name: str, item: Series) -> Story:
    """Events that recur, at the rate of the rules and the state of each day."""
    trial, stage = person.trial, person.trial.stage
    read = [
        (o, outcome) for o, outcome in stage.all.outcomes.items()
        if isinstance(outcome, NumberOf) and outcome.events == name
    ]  # fmt: skip
    rates = [_rate(person, rule, name, item) for rule in WORLDS]
    before = stage.weights[name]

    def piece(day: int) -> tuple[int, bool]:
        if item.during is None:
            return person.rule(world, day), False
        stay = person.where[world, item.during.journey]
        return person.rule(world, day), stay.state == item.during.state

    def write(day: int) -> None:
        for o, outcome in read:
            if outcome.within is None or day < person.start + in_days(outcome.within):
                person.note(world, o, day, 1, person.claimed(world, day))

    occurrence, began, position = 0, person.start, float(before[person.start])
    now = piece(began)
    need = -math.log(1.0 - person.luck(f"events.{name}", occurrence)[0])
    while True:
        rule, inside = now
        c = rates[rule]
        if inside and item.during is not None:
            c = c * trial.value(item.during.rate_ratio)
        there = position + need / c if c > 0.0 else math.inf
        due = max(began, int(np.searchsorted(before, there, side="right")) - 1)
        due = due if c > 0.0 and due < stage.contract else FAR
        boundary = person.next_rule(world, max(trial.today, began))
        when = trial.until(min(due, boundary), Phase.READ)
        yield when | person.changed[world]
        if not when.processed:
            yield trial.until(trial.today, Phase.READ)  # after all that moves on this day
        today = trial.today
        if today >= person.gone[world]:
            return
        if piece(today) != now:
            whole = c * (float(before[today]) - position)
            if need < whole:  # by rounding on the last day of the piece
                position += need / c
                write(today - 1)
            else:
                need -= whole
                now, began, position = piece(today), today, float(before[today])
                continue
        elif today >= due:
            position = there
            write(due)
        else:
            continue
        occurrence += 1
        need = -math.log(1.0 - person.luck(f"events.{name}", occurrence)[0])


def _rate(person: Person, rule: int, name: str, item: Series) -> float:
    """A person's events a day, before season and drift."""
    trial = person.trial
    rate = trial.value(item.without) / PERIOD_DAYS[item.without.period]
    if rule == WITH and item.rate is not None:
        rate = trial.value(item.rate) / PERIOD_DAYS[item.rate.period]
    elif rule == WITH and item.rate_ratio is not None:
        rate = rate * trial.value(item.rate_ratio)
    u, _ = person.luck(f"events.{name}.rate")
    g = float(gamma_slices(trial.value(item.dispersion))[int(u * SLICES)])
    x = person.odds(rule, name, person.start)
    return rate * (g * factor(x, item.direction))


# --- scores ---------------------------------------------------------------------------------------


def assessments(person: Person, world: int, name: str, item: Score) -> Story:
    """A score at its assessments, and the outcomes that are read off them."""
    trial = person.trial
    u, w = person.luck(f"scores.{name}")
    start = float(personal(item.start, SLICES)[int(u * SLICES)])
    own = trial.value(item.varies) * float(normal_slices()[int(w * SLICES)])
    without = _a_year(person, item.without)
    change = without if item.change is None else _a_year(person, item.change)
    step = trial.value(item.step)
    first: tuple[int, bool] | None = None
    for place, when in enumerate(item.assessed):
        t = in_days(when)
        day = person.start + t
        yield trial.until(day, Phase.READ)
        if day >= person.gone[world]:
            return
        h = 0
        if world == WITH:
            h = max(0, min(person.off, day) - max(person.on, person.start))
        true = start + (own + without) * t / 365.25 + (change - without) * h / 365.25
        slip, absent = person.luck(f"scores.{name}.assessed", place)
        seen = true + trial.value(item.error) * float(normal_slices()[int(slip * SLICES)])
        steps = math.floor(seen / step + 0.5)
        if item.low is not None:
            steps = max(steps, math.floor(trial.value(item.low) / step + 0.5))
        if item.high is not None:
            steps = min(steps, math.floor(trial.value(item.high) / step + 0.5))
        missed = absent < trial.value(item.missed)
        if first is None:
            first = (steps, missed)
            continue
        moved = steps - first[0] if item.better == "higher" else first[0] - steps
        served = person.claimed(world, day) and not (missed or first[1])
        for o, outcome in trial.stage.all.outcomes.items():
            if not isinstance(outcome, OfScore) or outcome.score != name:
                continue
            amount = _read(outcome, moved, moved * step, person)
            if amount is not None and outcome.at.mean == when.mean:
                person.note(world, o, day, amount, served)


def _read(outcome: OfScore, steps: int, points: float, person: Person) -> int | None:
    """What an outcome makes of a change for the better; nothing, if it was not that."""
    value = person.trial.value
    if isinstance(outcome, ChangeIn):
        return steps
    if isinstance(outcome, Improved):
        return 1 if points >= value(outcome.by) else None
    if isinstance(outcome, Maintained):
        return 1 if -value(outcome.decline) <= points < value(outcome.by) else None
    return 1 if points < -value(outcome.decline) else None


def _a_year(person: Person, rate: Quantity) -> float:
    return person.trial.value(rate) * (365.25 / PERIOD_DAYS[rate.period])


# --- visits ---------------------------------------------------------------------------------------


def weeks(person: Person, name: str, item: Visits) -> Story:
    """Visits week by week while the person is in service."""
    trial, stage = person.trial, person.trial.stage
    u, _ = person.luck(f"visits.{name}")
    share = float(personal(item.missed, VISIT_SLICES)[int(u * VISIT_SLICES)])
    planned, minutes = round(item.a_week.mean), round(item.minutes.mean)
    read = [
        (o, outcome) for o, outcome in stage.all.outcomes.items()
        if isinstance(outcome, Visited) and outcome.visits == name
    ]  # fmt: skip
    week = 0
    while True:
        begins = person.start + 7 * week
        yield trial.until(begins, Phase.READ)
        if begins >= person.end:
            return
        one, two = person.luck(f"visits.{name}.weeks", week)
        missed = bisect_right(stage.counts(planned, share), one)
        delivered = planned - missed
        late = bisect_right(stage.counts(delivered, trial.value(item.late)), two)
        counted = {
            "minutes_planned": planned * minutes, "minutes_delivered": delivered * minutes,
            "delivered": delivered, "missed": missed, "late": late,
        }  # fmt: skip
        day = min(begins + 6, stage.contract - 1)
        yield trial.until(day, Phase.READ)
        if day >= person.gone[WITH]:
            return
        for o, outcome in read:
            if counted[outcome.count]:
                person.note(WITH, o, day, counted[outcome.count], person.claimed(WITH, day))
        week += 1
