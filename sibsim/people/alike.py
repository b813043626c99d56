"""The fast engine's plan for people who all have the same chances and start at once.

In: drawn terms of cohorts and milestones, a calendar, the luck of a block of trials. Out: people
and rows of events. Not here: the walk itself (`kernels`), people who differ or wait
(`plans_people`).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sibsim.distributions import Distribution, day_table, guide_table
from sibsim.people.checks import Population
from sibsim.people.effects import chances
from sibsim.people.events import Block, Events, People, join_events
from sibsim.people.maker import referrals_by_day, with_end
from sibsim.people.outcomes import Outcome, milestones, ordered
from sibsim.people.stops import Stops, stop_days, told_apart
from sibsim.people.terms import Cohort
from sibsim.quantities import Quantity
from sibsim.rounding import whole
from sibsim.streams import Luck, stream_key
from sibsim.timeline import Timeline
from sibsim.writing import PERIOD_DAYS

if TYPE_CHECKING:
    from sibsim.people.kernels import CohortPlan, OutcomePlan, Rows

WAIT_GUIDE = 4096
"""Entries of the guide to a table of waiting times: most look-ups then take one step."""

LEAVE_GUIDE = 512
"""Entries of the guide to a table of drop-out days where there is one a trial."""


def simulate_alike(
    population: Population, timeline: Timeline, luck: Luck, stops: Stops | None
) -> Block:
    """People who all have the same chances, and start at once."""
    from sibsim.people.kernels import empty_rows, walk

    outcomes, contract = milestones(population.outcomes), timeline.contract_days
    closing = stop_days(population.people, stops, luck.trials, contract)
    parts: list[tuple[People, Events, Events]] = []
    for position, (name, cohort) in enumerate(population.people.items()):
        plan = _cohort_plan(name, cohort, timeline, luck, closing[name])
        steps = _outcome_plan(name, outcomes, population, timeline, luck)
        width = int(plan.referrals.max())
        shape = (luck.trials, width)
        start, left, end = (np.empty(shape, np.int16) for _ in range(3))
        referred = np.empty(luck.trials, np.int64)
        slots = luck.trials * width
        reached = empty_rows(slots * int(steps.most.sum()) + 1)  # one that may be written in vain
        otherwise = empty_rows(slots * len(outcomes) + 1)
        n_reached, n_otherwise = walk(
            plan, steps, luck.first, referred, start, left, end, reached, otherwise
        )
        referred = np.where(plan.stops < contract, referred, plan.referrals)
        people = People(referred.astype(np.int32), start, left, end)
        parts.append(
            (
                told_apart(people, plan.stops, contract),
                _events(reached, n_reached, position),
                _events(otherwise, n_otherwise, position),
            )
        )
    return Block(
        luck.first,
        luck.trials,
        tuple(part[0] for part in parts),
        join_events([part[1] for part in parts]),
        join_events([part[2] for part in parts]),
    )


def _cohort_plan(
    name: str, cohort: Cohort, timeline: Timeline, luck: Luck, stops: Stops
) -> CohortPlan:
    from sibsim.people.kernels import CohortPlan

    days = timeline.contract_days
    share, period = cohort.leave.values, PERIOD_DAYS[cohort.leave.period or "month"]
    elapsed = np.arange(days) / period
    leave = 1.0 - (1.0 - share[:, None]) ** elapsed[None, :]
    referral = referrals_by_day(cohort, timeline)
    size = WAIT_GUIDE if len(leave) == 1 else LEAVE_GUIDE
    stay = days if cohort.stay is None else _days(cohort.stay.mean)
    return CohortPlan(
        np.stack([_key(luck.seed, f"people.{name}.{what}") for what in ("referred", "left")]),
        whole(_wide(cohort.referrals, luck)),
        _wide(cohort.engage, luck),
        with_end(referral),
        guide_table(referral, WAIT_GUIDE),
        with_end(leave),
        np.stack([guide_table(row, size) for row in leave]),
        bool((share > 0).any()),
        stay,
        days,
        stops,
    )


def _outcome_plan(
    cohort: str, outcomes: Mapping[str, Outcome], population: Population, timeline: Timeline,
    luck: Luck,
) -> OutcomePlan:  # fmt: skip
    from sibsim.people.kernels import OutcomePlan

    names = ordered(outcomes)
    position = {name: place for place, name in enumerate(population.outcomes)}
    steps = [outcomes[name] for name in names]
    days = timeline.contract_days
    waits = [
        tuple((wait.distribution, wait.times) for wait in (step.wait, step.wait_without))
        for step in steps
    ]
    different = tuple(dict.fromkeys(wait for pair in waits for wait in pair))
    table, guide = _wait_tables(different, days)
    none = np.zeros(luck.trials)
    both = [chances(step.chance, step.without, step.effect) for step in steps]
    return OutcomePlan(
        np.array([position[name] for name in names], np.int16),
        np.array([-1 if s.follows is None else names.index(s.follows) for s in steps], np.int64),
        np.stack([_key(luck.seed, f"people.{cohort}.outcomes.{name}") for name in names]),
        np.stack([np.broadcast_to(pair[0], (luck.trials,)) for pair in both]),
        np.stack([np.broadcast_to(pair[1], (luck.trials,)) for pair in both]),
        table,
        guide,
        np.array([[different.index(wait) for wait in pair] for pair in waits], np.int64),
        np.stack([_wide(s.repeat.chance, luck) if s.repeat else none for s in steps]),
        np.array(
            [_days(s.repeat.every.mean) if s.repeat else 0 for s in steps], np.int64
        ),
        np.array([_most(step) for step in steps], np.int64),
    )


@lru_cache(maxsize=256)
def _wait_tables(
    waits: tuple[tuple[Distribution, float], ...], days: int
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Cumulative chances by day and their guides, one row a wait; the same in all blocks."""
    table = np.stack([day_table(wait, days, times) for wait, times in waits])
    return with_end(table), np.stack([guide_table(row, WAIT_GUIDE) for row in table])


def _wide(quantity: Quantity, luck: Luck) -> NDArray[np.float64]:
    """One value a trial, also of a number that is the same in all."""
    return np.ascontiguousarray(np.broadcast_to(quantity.values, (luck.trials,)))


def _key(seed: int, address: str) -> NDArray[np.uint64]:
    return np.array(stream_key(seed, address), np.uint64)


def _days(length: float) -> int:
    """A duration in whole days."""
    return int(whole(length))


def _events(rows: Rows, count: int, cohort: int) -> Events:
    """The rows that the kernel has filled; a view, for what is not filled takes no memory."""
    everyone = np.broadcast_to(np.int16(cohort), (count,))
    return Events(
        rows.trial[:count], everyone, rows.person[:count], rows.outcome[:count],
        rows.occurrence[:count], rows.day[:count], rows.served[:count],
        np.broadcast_to(np.int32(1), (count,)),
    )  # fmt: skip


def _most(outcome: Outcome) -> int:
    return round(outcome.repeat.most.mean) if outcome.repeat is not None else 1
