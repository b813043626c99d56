"""The fast engine: events that recur, scores at assessments, visits, compiled.

In: a person whose journeys are known, tables of rates, scores and visits. Out: rows of outcomes.
The rules are those of docs/model.md, section 3a. Not here: journeys (`lives`), making the tables
(`plans_stories`).
"""

from __future__ import annotations

import math

import numpy as np

from sibsim.compiling import part
from sibsim.people.draws import by_way, first_above, pair, put
from sibsim.people.events import NEVER
from sibsim.people.layout import (
    CHANGE,
    END,
    ERROR,
    GONE,
    HIGH,
    IMPROVED,
    LOW,
    MAINTAINED,
    MISSED,
    OFF,
    ON,
    OUT,
    STEP,
    VARIES,
    WITH,
    WITHOUT,
    Crowd,
    Happenings,
    Ints,
    Measures,
    Records,
    Scratch,
)

_NEVER = int(NEVER)


@part
def series(
    crowd: Crowd, events: Happenings, scratch: Scratch, rows: Records, life: Ints, number: int,
    world: int, place: int, trial: int, cohort: int, person: int, start: int,
) -> None:  # fmt: skip
    """Let events of one series happen in one world."""
    own = events.series[number]
    u, _ = pair(events.keys[cohort, number, 1], person, 0, trial)
    row = place if events.gamma.shape[1] > 1 else 0
    gamma = events.gamma[number, row, int(u * events.gamma.shape[2])]
    mood = crowd.mood[cohort, place, crowd.month_of_day[start]]
    for rule in range(2):
        x = scratch.odds[rule, own.target] * mood
        scratch.rates[rule] = events.rate[rule, number, place] * (gamma * by_way(x, own.direction))
    weights, end = events.weights[number], min(crowd.contract, life[GONE])
    on, off = (life[ON], life[OFF]) if world == WITH else (_NEVER, _NEVER)
    day, position, stay, happened = start, weights[start], 0, 0
    u, _ = pair(events.keys[cohort, number, 0], person, happened, trial)
    need = -math.log(1.0 - u)
    while day < end:
        rule = WITH if on <= day < off else WITHOUT
        stop = min(end, off if rule == WITH else (on if day < on and on < off else end))
        c = scratch.rates[rule]
        if own.journey >= 0:
            stays = scratch.stays[own.journey]
            while stay + 1 < stays and scratch.entered[own.journey, stay + 1] <= day:
                stay += 1
            if stay + 1 < stays:
                stop = min(stop, scratch.entered[own.journey, stay + 1])
            if scratch.state[own.journey, stay] == own.state:
                c = c * events.ratio[number, place]
        most = c * (weights[stop] - position)
        if need >= most:
            need = need - most
            day, position = stop, weights[stop]
            continue
        position = position + need / c
        day = max(day, min(np.searchsorted(weights, position, side="right") - 1, stop - 1))
        for r in range(own.first, own.last):
            if day - start < events.reads[r].days:
                put(rows, scratch.written, scratch.occurrence, world, place, cohort, person,
                    events.reads[r].outcome, day, world == WITH and day <= life[OUT],
                    1)  # fmt: skip
        happened += 1
        u, _ = pair(events.keys[cohort, number, 0], person, happened, trial)
        need = -math.log(1.0 - u)


@part
def assess(
    measures: Measures, scratch: Scratch, life: Ints, number: int, world: int, place: int,
    trial: int, cohort: int, person: int, start: int,
) -> None:  # fmt: skip
    """Fill in what the assessments of one score find in one world, in steps."""
    slices, own = measures.normal.shape[0], measures.numbers[number, :, place]
    u, w = pair(measures.keys[cohort, number, 0], person, 0, trial)
    level = measures.start[number, int(u * slices)]
    drift = own[VARIES] * measures.normal[int(w * slices)]
    change, without = own[WITH], own[WITHOUT]
    for n in range(measures.scores[number].many):
        t = measures.times[number, n]
        h = 0
        if world == WITH:
            h = max(0, min(start + t, life[OFF]) - max(start, life[ON]))
        u, w = pair(measures.keys[cohort, number, 1], person, n, trial)
        true = level + (drift + without) * t / 365.25 + (change - without) * h / 365.25
        found = true + own[ERROR] * measures.normal[int(u * slices)]
        rounded = max(math.floor(found / own[STEP] + 0.5), own[LOW])
        scratch.measured[n] = int(min(rounded, own[HIGH]))
        scratch.missing[n] = w < own[MISSED]


@part
def read_score(
    crowd: Crowd, measures: Measures, scratch: Scratch, rows: Records, life: Ints, number: int,
    world: int, place: int, cohort: int, person: int, start: int,
) -> None:  # fmt: skip
    """Write down what is read off one score."""
    for r in range(measures.reads.shape[0]):
        read = measures.reads[r]
        day = start + measures.times[number, read.at]
        if read.score != number or day >= min(crowd.contract, life[GONE]):
            continue
        travelled = scratch.measured[read.at] - scratch.measured[0]
        travelled *= measures.scores[number].sign
        points = travelled * measures.numbers[number, STEP, place]
        better = points >= measures.limits[r, 0, place]
        worse = points < -measures.limits[r, 1, place]
        amount = 0
        if read.what == CHANGE:
            amount = travelled
        elif read.what == IMPROVED:
            amount = 1 if better else 0
        elif read.what == MAINTAINED:
            amount = 1 if not better and not worse else 0
        else:
            amount = 1 if worse else 0
        if amount == 0 and read.what != CHANGE:
            continue
        served = world == WITH and day <= life[OUT]
        served = served and not (scratch.missing[0] or scratch.missing[read.at])
        put(rows, scratch.written, scratch.occurrence, world, place, cohort, person, read.outcome,
            day, served, amount)  # fmt: skip


@part
def visit(
    crowd: Crowd, measures: Measures, scratch: Scratch, rows: Records, life: Ints, place: int,
    trial: int, cohort: int, person: int, start: int,
) -> None:  # fmt: skip
    """Write down a person's visits, week by week in service."""
    for v in range(measures.visits.shape[0]):
        planned, minutes = measures.visits[v].planned, measures.visits[v].minutes
        for week in range((life[END] - start + 6) // 7):
            u, w = pair(measures.visit_keys[cohort, v, 1], person, week, trial)
            missed = first_above(measures.missed[v, scratch.slices[v], : planned + 1], u)
            delivered = planned - missed
            late = first_above(measures.late[v, delivered, : delivered + 1], w)
            day = min(start + 7 * week + 6, crowd.contract - 1)
            for r in range(measures.visit_reads.shape[0]):
                read = measures.visit_reads[r]
                amount = planned * minutes
                if read.what == 1:
                    amount = delivered * minutes
                elif read.what == 2:
                    amount = delivered
                elif read.what == 3:
                    amount = missed
                elif read.what == 4:
                    amount = late
                if read.visits == v and amount > 0 and day < life[GONE]:
                    put(rows, scratch.written, scratch.occurrence, 0, place, cohort, person,
                        read.outcome, day, day <= life[OUT], amount)  # fmt: skip
