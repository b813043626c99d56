"""The fast engine's plan of journeys, events, scores and visits.

In: a `Maker`. Out: the arrays that `lives` walks through. Not here: the walk; people and milestones
(`plans_people`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from sibsim.people import layout
from sibsim.people.layout import Happenings, Measures, Paths, Scratch, table_of
from sibsim.people.maker import Floats, Maker, cumulative, edges, stacked
from sibsim.people.outcomes import (
    ChangeIn,
    DaysIn,
    Deteriorated,
    Improved,
    Maintained,
    NumberOf,
    Outcome,
    Reached,
    Sustained,
    Visited,
)
from sibsim.people.plans_people import FOR_EVER
from sibsim.people.stories import Score, State
from sibsim.people.tables import (
    SLICES,
    VISIT_SLICES,
    Rule,
    count_tables,
    event_weights,
    gamma_slices,
    normal_slices,
    personal,
    rules,
    visit_odds,
)
from sibsim.quantities import Quantity, plain
from sibsim.rounding import whole
from sibsim.writing import PERIOD_DAYS

DIRECTIONS = {"up": layout.UP, "down": layout.DOWN, "same": layout.SAME}
ENDS = {"nothing": layout.NOTHING, "service": layout.SERVICE, "contact": layout.CONTACT,
        "everything": layout.EVERYTHING}  # fmt: skip
STATE_READS = {
    Reached: layout.REACHED, Sustained: layout.SUSTAINED, DaysIn: layout.DAYS_IN
}  # fmt: skip
SCORE_READS = {
    ChangeIn: layout.CHANGE, Improved: layout.IMPROVED, Maintained: layout.MAINTAINED,
    Deteriorated: layout.DETERIORATED,
}  # fmt: skip
COUNTS = ("minutes_planned", "minutes_delivered", "delivered", "missed", "late")


def paths(maker: Maker) -> Paths:
    """Journeys; their states and exits one after another."""
    journeys, number = maker.all_.journeys, maker.states
    states = [state for item in journeys.values() for state in item.states.values()]
    exits = [(number[j, to], DIRECTIONS[item.direction]) for j, journey in journeys.items()
             for state in journey.states.values() for to, item in state.exits.items()]  # fmt: skip
    most = max((len(item.begins) for item in journeys.values()), default=1)
    begin_state = np.zeros((len(journeys), most), np.int64)
    for place, (j, item) in enumerate(journeys.items()):
        begin_state[place, : len(item.begins)] = [number[j, s] for s in item.begins]
    within = edges(len(item.states) for item in journeys.values())
    ways = edges(len(state.exits) for state in states)
    reads = [
        (number[o.journey, o.state], STATE_READS[type(o)], maker.positions[name], _lasting(o),
         getattr(o, "times", "each") == "each", maker.first_days.get(name, -1))
        for name, o in maker.all_.outcomes.items() if isinstance(o, Reached | Sustained | DaysIn)
    ]  # fmt: skip
    return Paths(
        table_of([(maker.targets[j], *within[k]) for k, j in enumerate(journeys)], layout.JOURNEY),
        table_of([(ENDS[s.ends], *ways[k]) for k, s in enumerate(states)], layout.STATE),
        table_of(exits, layout.EXIT),
        table_of(reads, layout.STATE_READ),
        maker.cohort_keys(*(f"journeys.{j}" for j in journeys)),
        maker.cohort_keys(*(f"journeys.{j}.{s}" for j, s in number)),
        cumulative([[s.mean for s in i.begins.values()] for i in journeys.values()], most),
        begin_state,
        *_exits(maker, states),
    )  # fmt: skip


def _lasting(outcome: Reached | Sustained | DaysIn) -> int:
    if isinstance(outcome, Sustained):
        return int(whole(outcome.lasting.mean))
    if isinstance(outcome, DaysIn) and outcome.within is not None:
        return int(whole(outcome.within.mean))
    return FOR_EVER


def _exits(maker: Maker, states: Sequence[State]) -> tuple[Any, ...]:
    """Chances, curves, and which curve belongs to which exit under which rule.

    Equal curves stand once: those that are the same in all trials are kept between blocks.
    """
    curves: list[Floats] = [np.zeros((1, maker.days))]
    chance: list[list[Floats]] = [[], []]
    row: list[list[int]] = [[], []]
    step: list[list[int]] = [[], []]
    seen: dict[bytes, int] = {}
    at = 1
    for state in states:
        both: tuple[Rule, Rule] = rules(state, maker.days)
        for which, rule in enumerate(both):
            for k, curve in enumerate(rule.curve):
                key = curve.tobytes() if len(curve) == 1 else b""
                if not key or key not in seen:
                    curves.append(curve)
                    seen[key] = at
                    at += len(curve)
                row[which].append(seen[key])
                step[which].append(len(curve) > 1)
                chance[which].append(np.broadcast_to(rule.chance[:, k], (maker.luck.trials,)))
    places = (np.array(kind, np.int64).reshape(2, -1) for kind in (row, step))
    return np.stack([maker.rows(c) for c in chance]), np.concatenate(curves), *places


def happenings(maker: Maker) -> Happenings:
    """Events that recur."""
    events, names = maker.all_.events, list(maker.all_.journeys)
    rates: list[list[Floats]] = [[], []]
    for item in events.values():
        base = maker.wide(item.without) / PERIOD_DAYS[item.without.period]
        here = base
        if item.rate is not None:
            here = maker.wide(item.rate) / PERIOD_DAYS[item.rate.period]
        elif item.rate_ratio is not None:
            here = base * maker.wide(item.rate_ratio)
        rates[0].append(here)
        rates[1].append(base)
    gamma = [np.stack([gamma_slices(float(v)) for v in i.dispersion.values])
             for i in events.values()]  # fmt: skip
    reads = [[(maker.positions[name], FOR_EVER if o.within is None else int(whole(o.within.mean)))
              for name, o in maker.all_.outcomes.items()
              if isinstance(o, NumberOf) and o.events == e] for e in events]  # fmt: skip
    many = edges(len(some) for some in reads)
    records = []
    for k, (name, item) in enumerate(events.items()):
        during = (-1, -1)
        if item.during is not None:
            state = maker.states[item.during.journey, item.during.state]
            during = (names.index(item.during.journey), state)
        records.append((maker.targets[name], DIRECTIONS[item.direction], *during, *many[k]))
    return Happenings(
        table_of(records, layout.SERIES),
        table_of([read for some in reads for read in some], layout.SERIES_READ),
        maker.pairs("events", events, ".rate"),
        np.stack([maker.rows(rows) for rows in rates]),
        stacked(gamma) if gamma else np.zeros((0, 1, SLICES)),
        maker.rows([event_weights(i.season, i.drift.mean, maker.timeline)
                    for i in events.values()], maker.days + 1),
        maker.rows([maker.wide(plain(1.0) if i.during is None else i.during.rate_ratio)
                    for i in events.values()]),
    )  # fmt: skip


def measures(maker: Maker) -> Measures:
    """Scores, visits, and what is read off them."""
    scores, visits = maker.all_.scores, maker.all_.visits
    most = max((len(s.assessed) for s in scores.values()), default=1)
    times = np.zeros((len(scores), most), np.int64)
    for place, item in enumerate(scores.values()):
        times[place, : len(item.assessed)] = [int(whole(t.mean)) for t in item.assessed]
    names = list(scores)
    reads = [(name, o) for name, o in maker.all_.outcomes.items()
             if isinstance(o, ChangeIn | Improved | Maintained | Deteriorated)]  # fmt: skip
    counted = [(list(visits).index(o.visits), COUNTS.index(o.count), maker.positions[name])
               for name, o in maker.all_.outcomes.items() if isinstance(o, Visited)]  # fmt: skip
    weekly = [round(v.a_week.mean) for v in visits.values()]
    columns = max(weekly, default=0) + 1
    trials = maker.luck.trials
    limits = [np.stack([_points(maker, o, n) for n in ("by", "decline")]) for _, o in reads]
    return Measures(
        table_of([(len(s.assessed), 1 if s.better == "higher" else -1)
                  for s in scores.values()], layout.SCORE),
        table_of([(names.index(o.score), SCORE_READS[type(o)], maker.positions[name],
                   [t.mean for t in scores[o.score].assessed].index(o.at.mean))
                  for name, o in reads], layout.SCORE_READ),
        maker.pairs("scores", scores, ".assessed"),
        maker.rows([personal(s.start, SLICES) for s in scores.values()], SLICES),
        np.stack([_numbers(maker, s) for s in scores.values()]) if scores
        else np.zeros((0, 8, trials)),
        times,
        np.stack(limits) if limits else np.zeros((0, 2, trials)),
        normal_slices(),
        table_of([(n, round(v.minutes.mean))
                  for n, v in zip(weekly, visits.values(), strict=True)], layout.VISITS),
        table_of(counted, layout.VISITS_READ),
        maker.pairs("visits", visits, ".weeks"),
        _visit_odds(maker),
        _padded([count_tables(n, personal(v.missed, VISIT_SLICES))
                 for n, v in zip(weekly, visits.values(), strict=True)], VISIT_SLICES, columns),
        _padded([_late(n, v.late.mean)
                 for n, v in zip(weekly, visits.values(), strict=True)], columns, columns),
    )  # fmt: skip


def _numbers(maker: Maker, score: Score) -> Floats:
    """Numbers of a score, in the order of the layout, shape (8, trials)."""
    change = score.without if score.change is None else score.change
    return np.stack([
        _a_year(maker, change), _a_year(maker, score.without), maker.wide(score.varies),
        maker.wide(score.error), maker.wide(score.missed), maker.wide(score.step),
        _end(maker, score.low, score.step, -1), _end(maker, score.high, score.step, 1),
    ])  # fmt: skip


def _a_year(maker: Maker, rate: Quantity) -> Floats:
    return maker.wide(rate) * (365.25 / PERIOD_DAYS[rate.period])


def _end(maker: Maker, limit: Quantity | None, step: Quantity, sign: int) -> Floats:
    """One end of a scale in steps; far away if there is none."""
    if limit is None:
        return np.full(maker.luck.trials, sign * 2.0**30)
    return np.floor(maker.wide(limit) / maker.wide(step) + 0.5)


def _points(maker: Maker, outcome: Any, name: str) -> Floats:
    stated = getattr(outcome, name, None)
    return np.zeros(maker.luck.trials) if stated is None else maker.wide(stated)


def _visit_odds(maker: Maker) -> Floats:
    """Factors on the odds, shape (visits, 2, trials or 1, slices)."""
    visits = maker.all_.visits.values()
    if not visits:
        return np.ones((0, 2, 1, VISIT_SLICES))
    rows = [table for item in visits for table in visit_odds(item)]
    made = stacked(rows)
    return made.reshape(len(visits), 2, made.shape[1], VISIT_SLICES)


def _padded(tables: Sequence[Floats], rows: int, columns: int) -> Floats:
    """Tables of counts put side by side, filled up with what is above every uniform."""
    made = np.full((len(tables), rows, columns), 2.0)
    for place, table in enumerate(tables):
        made[place, : table.shape[0], : table.shape[1]] = table
    return made


def _late(most: int, share: float) -> Floats:
    """P(Binomial(n, share) <= k) for n = 0 .. most, shape (most + 1, most + 1)."""
    made = [count_tables(n, np.array([share]))[0] for n in range(most + 1)]
    return np.stack([np.pad(row, (0, most - n), constant_values=2.0) for n, row in enumerate(made)])


def scratch(maker: Maker, walks: Paths, seen: Measures) -> Scratch:
    """Room for one person's story."""
    journeys, exits = max(1, len(walks.journeys)), max(1, len(walks.exits))
    milestones = sum(isinstance(o, Outcome) for o in maker.all_.outcomes.values())
    times, stays = max(1, seen.times.shape[1]), (journeys, maker.days + 1)
    return Scratch(
        np.zeros(stays, np.int64), np.zeros(stays, np.int64), np.zeros(journeys, np.int64),
        np.zeros(max(1, len(walks.states)), np.int64),
        np.zeros(len(maker.positions), np.int64), np.zeros(2, np.int64),
        np.zeros(times, np.int64), np.zeros(times, np.bool_),
        np.zeros(len(seen.visits), np.int64), np.ones((2, len(maker.targets))),
        np.zeros(exits), np.zeros(exits), np.zeros(2), np.zeros(6, np.int64),
        np.zeros((2, milestones), np.int64), np.zeros(milestones, np.bool_),
    )  # fmt: skip
