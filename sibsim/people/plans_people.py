"""The fast engine's plan of who is referred, who serves them, and of milestones.

In: a `Maker`. Out: the arrays that `queues` and `stones` walk through. Not here: the walk;
journeys, events, scores and visits (`plans_stories`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sibsim.people import layout
from sibsim.people.effects import chances
from sibsim.people.events import NEVER
from sibsim.people.layout import PRIORITIES, Crowd, Lists, Records, Stones, table_of
from sibsim.people.maker import (
    GUIDE,
    SMALL_GUIDE,
    Floats,
    Maker,
    column,
    cumulative,
    guides,
    referrals_by_day,
    stacked,
    with_end,
)
from sibsim.people.outcomes import ordered
from sibsim.people.stops import Stops, stop_days
from sibsim.people.tables import curves_of, moods, normal_slices, wait_table
from sibsim.people.terms import Cohort
from sibsim.rounding import whole
from sibsim.writing import PERIOD_DAYS

FOR_EVER = 10**6
"""Days that are more than any contract has."""


def crowd(maker: Maker, stops: Stops | None) -> Crowd:
    """All cohorts, one row each."""
    cohorts = list(maker.all_.people.values())
    referrals = np.stack([whole(maker.wide(c.referrals)) for c in cohorts])
    offset = np.concatenate([[0], np.cumsum(referrals.max(axis=1))[:-1]])
    waits = np.stack([_waits(maker, c) for c in cohorts])
    leave = _leaving(maker, cohorts)
    segments = max(max(1, len(c.segments)) for c in cohorts)
    serving = max(max(1, len(c.served_by)) for c in cohorts)
    names = list(maker.all_.providers)
    chosen = np.full((len(cohorts), serving), -1, np.int64)
    for row, cohort in enumerate(cohorts):
        chosen[row, : len(cohort.served_by)] = [names.index(n) for n in cohort.served_by]
    closing = stop_days(maker.all_.people, stops, maker.luck.trials, maker.days)
    own = [np.exp(c.spread.values[:, None] * normal_slices()[None, :]) for c in cohorts]
    return Crowd(
        table_of([_record(c, at) for c, at in zip(cohorts, offset, strict=True)], layout.COHORT),
        np.ascontiguousarray(referrals),
        np.stack([np.stack([maker.wide(c.eligible), maker.wide(c.engage)]) for c in cohorts]),
        maker.cohort_keys("referred", "funnel", "character", "stay", "effect", "left"),
        waits, guides(waits, GUIDE), leave,
        guides(leave, GUIDE if leave.shape[1] == 1 else SMALL_GUIDE),
        cumulative([[s.share.mean for s in c.segments.values()] for c in cohorts], segments),
        _priorities(cohorts, segments),
        cumulative([[s.mean for s in c.served_by.values()] for c in cohorts], serving),
        chosen,
        stacked(own),
        np.stack(moods(maker.all_.shocks, maker.all_.people, maker.timeline, maker.luck)),
        _segment_odds(maker, cohorts, segments),
        _provider_odds(maker),
        maker.timeline.month_of_day[: maker.days].copy(),
        maker.timeline.month_starts,
        maker.days,
        np.stack(list(closing.values())),
    )  # fmt: skip


def _record(cohort: Cohort, offset: int) -> tuple[int, ...]:
    """What the walk needs to know of a cohort: its place, and which traits need luck."""
    certain = cohort.eligible.is_fixed and cohort.eligible.mean == 1.0
    alike = cohort.spread.is_fixed and cohort.spread.mean == 0.0 and not cohort.segments
    at_once = cohort.onset.is_fixed and cohort.onset.mean == 0.0 and cohort.lasts is None
    return (
        offset, bool((cohort.leave.values > 0).any()), cohort.lasts is not None,
        not certain or len(cohort.served_by) > 1, not alike,
        cohort.stay is not None or cohort.patience is not None, not at_once,
    )  # fmt: skip


def _waits(maker: Maker, cohort: Cohort) -> Floats:
    """Waiting times of a cohort by day, shape (5, days + 1); one not stated never ends."""
    referral = np.ones(maker.days)
    table = referrals_by_day(cohort, maker.timeline)[: maker.days]
    referral[: len(table)] = table
    rows = [referral]
    for wait in (cohort.stay, cohort.patience, cohort.onset, cohort.lasts):
        rows.append(np.zeros(maker.days) if wait is None else wait_table(wait, maker.days))
    return with_end(np.stack(rows))


def _leaving(maker: Maker, cohorts: Sequence[Cohort]) -> Floats:
    """Cumulative chances of having dropped out by day, shape (cohorts, trials or 1, days)."""
    elapsed = np.arange(maker.days)
    made = []
    for cohort in cohorts:
        share, period = cohort.leave.values, PERIOD_DAYS[cohort.leave.period or "month"]
        made.append(1.0 - (1.0 - share[:, None]) ** (elapsed / period)[None, :])
    return with_end(stacked(made))


def _priorities(cohorts: Sequence[Cohort], width: int) -> NDArray[np.int64]:
    """Place on the waiting list by cohort and segment."""
    made = np.zeros((len(cohorts), width), np.int64)
    for row, cohort in enumerate(cohorts):
        made[row] = round(cohort.priority.mean)
        for place, segment in enumerate(cohort.segments.values()):
            if segment.priority is not None:
                made[row, place] = round(segment.priority.mean)
    return made


def _segment_odds(maker: Maker, cohorts: Sequence[Cohort], most: int) -> Floats:
    made = np.ones((len(cohorts), most, len(maker.targets), maker.luck.trials))
    for row, cohort in enumerate(cohorts):
        for place, segment in enumerate(cohort.segments.values()):
            for name, ratio in segment.odds.items():
                made[row, place, maker.targets[name]] = ratio.values
    return made


def _provider_odds(maker: Maker) -> Floats:
    made = np.ones((len(maker.all_.providers) + 1, len(maker.targets), maker.luck.trials))
    for row, provider in enumerate(maker.all_.providers.values()):
        for name, ratio in provider.odds.items():
            made[row, maker.targets[name]] = ratio.values
    return made


def traits(maker: Maker, heads: int) -> Records:
    """Room for the traits of so many people, shape (trials, people)."""
    made = np.zeros((maker.luck.trials, heads), layout.TRAIT)
    made["arrived"] = made["stay"] = made["patience"] = NEVER
    made["provider"] = -1
    return made


def days(maker: Maker, heads: int) -> Records:
    """Room for the days of so many people, shape (trials, people); nothing has happened yet."""
    made = np.empty((maker.luck.trials, heads), layout.DAYS)
    for name in layout.DAYS.names or ():
        made[name] = NEVER
    return made


def first_rows(maker: Maker, heads: int) -> NDArray[np.int16]:
    """Room for first days: (outcomes, with, without and whether served, trials, people)."""
    shape = (max(1, len(maker.first_days)), 3, maker.luck.trials, heads)
    made = np.full(shape, NEVER, np.int16)
    made[:, 2] = 0
    return made


def places(maker: Maker) -> NDArray[np.int64]:
    """People whom each provider can serve, shape (providers, trials or 1, days)."""
    posts = [(row, name, key, post, bool(post.turnover.values.max() > 0))
             for row, (name, provider) in enumerate(maker.all_.providers.items())
             for key, post in provider.caseworkers.items()]  # fmt: skip
    trials = maker.luck.trials if any(turns for *_, turns in posts) else 1
    made = np.zeros((len(maker.all_.providers), trials, maker.days), np.int64)
    for row, provider in enumerate(maker.all_.providers.values()):
        if provider.places is not None:
            made[row] = round(provider.places.mean)
    if not posts:
        return made
    from sibsim.people.queues import fill_posts

    turnover, vacancy, addresses, workers = [], [], [], []
    for row, name, key, post, turns in posts:
        if turns:
            elapsed = np.arange(maker.days) / PERIOD_DAYS[post.turnover.period]
            share = maker.wide(post.turnover)
            turnover.append(1.0 - (1.0 - share[:, None]) ** elapsed[None, :])
        until = FOR_EVER if post.until is None else whole(post.until.mean)
        for number in range(round(post.number.mean)):
            addresses.append(f"providers.{name}.caseworkers.{key}")
            vacancy.append(wait_table(post.vacancy, maker.days))
            workers.append((number, whole(post.from_.mean), until, post.caseload.mean,
                            len(turnover) - 1 if turns else -1, row))  # fmt: skip
    person, begins, ends, load, table, server = (column(c) for c in zip(*workers, strict=True))
    changes = np.stack(turnover) if turnover else np.zeros((0, 0, 0))
    fill_posts(maker.keys(*addresses), person, begins, ends, load, changes, table,
               np.stack(vacancy), server, maker.luck.first, made)  # fmt: skip
    return made


def lists(maker: Maker, heads: int) -> Lists:
    """Room for the waiting lists of so many people."""
    providers = len(maker.all_.providers)
    ranks, contract = (providers, PRIORITIES), maker.days + 1
    sizes = (contract, heads, heads, heads, ranks, ranks, providers, providers,
             (contract, providers))  # fmt: skip
    return Lists(*(np.zeros(size, np.int64) for size in sizes))


def stones(maker: Maker) -> Stones:
    """Milestones, each after those it hangs on."""
    outcomes: dict[str, Any] = dict(maker.all_.outcomes)
    names = ordered(maker.all_.outcomes)
    items = [outcomes[name] for name in names]

    def place(name: str | None) -> int:
        if name is None:
            return -1
        return names.index(name) if name in names else -2 - maker.first_days[name]

    numbers = np.zeros((4, len(items), maker.luck.trials))
    records: list[tuple[Any, ...]] = []
    for k, (name, o) in enumerate(zip(names, items, strict=True)):
        numbers[0, k], numbers[1, k] = chances(o.chance, o.without, o.effect)
        every, most = 0, 1
        if o.repeat is not None:
            numbers[2, k] = o.repeat.chance.values
            every, most = int(whole(o.repeat.every.mean)), round(o.repeat.most.mean)
        if o.given is not None:
            numbers[3, k] = o.given.odds_ratio.values
        given = place(o.given.outcome if o.given else None)
        records.append((maker.positions[name], maker.targets[name], place(o.follows), given, every,
                        most, 2 * k, 2 * k + 1))  # fmt: skip
    curves = [curve for o in items for curve in
              curves_of(o.wait, o.after_without, o.effect, o.without, maker.days)]  # fmt: skip
    table = with_end(np.concatenate(curves) if curves else np.zeros((0, maker.days)))
    return Stones(
        table_of(records, layout.STONE),
        maker.cohort_keys(*(f"outcomes.{name}" for name in names)),
        numbers, table, guides(table, GUIDE),
    )  # fmt: skip
