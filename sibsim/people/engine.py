"""The fast engine's plan: from terms to tables, and from rows back to facts.

In: drawn terms of people and outcomes, a calendar, the luck of a block of trials. Out: a `Block`.
Not here: the walk itself (`kernels`), money.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sibsim.distributions import Distribution, day_table, guide_table
from sibsim.people.events import Block, Events, People, join_events
from sibsim.people.terms import Cohort, Outcome, ordered
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


def simulate_block(
    people: Mapping[str, Cohort],
    outcomes: Mapping[str, Outcome],
    timeline: Timeline,
    luck: Luck,
) -> Block:
    """Walk everybody through the trials of `luck`, with the service and without it.

    Parameters
    ----------
    people, outcomes : mapping by name
        Terms whose uncertain numbers have been drawn for the trials of `luck`.
    timeline : Timeline
    luck : Luck
        The seed and the trials of this block.

    Returns
    -------
    Block
    """
    from sibsim.people.kernels import empty_rows, walk

    parts: list[tuple[People, Events, Events]] = []
    for position, (name, cohort) in enumerate(people.items()):
        plan = _cohort_plan(name, cohort, timeline, luck)
        steps = _outcome_plan(name, outcomes, timeline, luck)
        width = int(plan.referrals.max())
        shape = (luck.trials, width)
        start, left, end = (np.empty(shape, np.int16) for _ in range(3))
        slots = luck.trials * width
        reached = empty_rows(slots * int(steps.most.sum()))
        otherwise = empty_rows(slots * len(outcomes))
        n_reached, n_otherwise = walk(
            plan, steps, luck.first, start, left, end, reached, otherwise
        )
        parts.append(
            (
                People(plan.referrals.astype(np.int32), start, left, end),
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


def rows_per_trial(people: Mapping[str, Cohort], outcomes: Mapping[str, Outcome]) -> int:
    """The most event rows that one trial is likely to need: what sizes a block."""
    heads = sum(_most_people(cohort.referrals) for cohort in people.values())
    times = sum(1 + (_most(outcome) if outcome.repeat else 1) for outcome in outcomes.values())
    return heads * times


def _most_people(referrals: Quantity) -> int:
    likely = float(referrals.distribution.ppf(np.array([0.999]))[0]) * referrals.times
    return max(1, int(np.ceil(min(likely, referrals.high or likely))))


def _most(outcome: Outcome) -> int:
    return round(outcome.repeat.most.mean) if outcome.repeat is not None else 1


def _cohort_plan(name: str, cohort: Cohort, timeline: Timeline, luck: Luck) -> CohortPlan:
    from sibsim.people.kernels import CohortPlan

    days = timeline.contract_days
    share, period = cohort.leave.values, PERIOD_DAYS[cohort.leave.period or "month"]
    elapsed = np.arange(days) / period
    leave = 1.0 - (1.0 - share[:, None]) ** elapsed[None, :]
    referral = referral_table(_days(cohort.over.mean), _days(cohort.ramp_up.mean))
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
    )


def _outcome_plan(
    cohort: str, outcomes: Mapping[str, Outcome], timeline: Timeline, luck: Luck
) -> OutcomePlan:
    from sibsim.people.kernels import OutcomePlan

    names = ordered(outcomes)
    position = {name: place for place, name in enumerate(outcomes)}
    steps = [outcomes[name] for name in names]
    days = timeline.contract_days
    waits = [
        tuple((wait.distribution, wait.times) for wait in (step.wait, step.wait_without))
        for step in steps
    ]
    different = tuple(dict.fromkeys(wait for pair in waits for wait in pair))
    table, guide = _wait_tables(different, days)
    none = np.zeros(luck.trials)
    return OutcomePlan(
        np.array([position[name] for name in names], np.int16),
        np.array([-1 if s.follows is None else names.index(s.follows) for s in steps], np.int64),
        np.stack([_key(luck.seed, f"people.{cohort}.outcomes.{name}") for name in names]),
        np.stack([_wide(step.chance, luck) for step in steps]),
        np.stack([_wide(step.without, luck) for step in steps]),
        table,
        guide,
        np.array([[different.index(wait) for wait in pair] for pair in waits], np.int64),
        np.stack([_wide(s.repeat.chance, luck) if s.repeat else none for s in steps]),
        np.array(
            [_days(s.repeat.every.mean) if s.repeat else 0 for s in steps], np.int64
        ),
        np.array([_most(step) for step in steps], np.int64),
    )


def referral_table(over: int, ramp: int) -> NDArray[np.float64]:
    """Share of a cohort referred by the end of each day, shape (over,).

    Referrals rise in a straight line over the first `ramp` days and are level after
    (docs/model.md, section 2).
    """
    time = np.arange(1, over + 1, dtype=np.float64)
    area = over - ramp / 2
    rising = time**2 / (2 * max(ramp, 1) * area)
    shares = np.where(time < ramp, rising, (time - ramp / 2) / area)
    shares[-1] = 1.0
    return shares


@lru_cache(maxsize=256)
def _wait_tables(
    waits: tuple[tuple[Distribution, float], ...], days: int
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Cumulative chances by day and their guides, one row a wait; the same in all blocks."""
    table = np.stack([day_table(wait, days, times) for wait, times in waits])
    return with_end(table), np.stack([guide_table(row, WAIT_GUIDE) for row in table])


def with_end(table: NDArray[np.float64]) -> NDArray[np.float64]:
    """Cumulative chances by day with one more, above every uniform: the day after the last."""
    return np.pad(table, [(0, 0)] * (table.ndim - 1) + [(0, 1)], constant_values=2.0)


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
    )  # fmt: skip
