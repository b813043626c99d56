"""The SimPy engine: one trial at a time, everybody in it a handful of processes.

In: drawn terms of people, a calendar, the luck of some trials. Out: a `Block`, the same as the
fast engine's. Not here: the stage (`des_stage`), lists (`des_lists`), people (`des_lives`),
journeys (`des_journeys`), what else happens (`des_marks`); and the fast engine, with which these
share the uniforms, the terms and the tables of numbers, and no code that decides what happens.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sibsim.people.checks import Population
from sibsim.people.des_journeys import Walk, begin_journeys
from sibsim.people.des_lists import Waiting, WaitingList, newcomers, refer, referred
from sibsim.people.des_lives import FAR, Person
from sibsim.people.des_marks import begin_marks
from sibsim.people.des_stage import TICKS, Row, Stage, Trial
from sibsim.people.events import NEVER, Block, Events, People
from sibsim.people.stops import Stops
from sibsim.people.terms import Cohort
from sibsim.rounding import whole
from sibsim.streams import Luck
from sibsim.timeline import Timeline


def simulate_block(
    population: Population, timeline: Timeline, luck: Luck, stops: Stops | None = None
) -> Block:
    """Walk everybody through the trials of `luck`, one trial after another.

    Takes and gives what `sibsim.people.engine.simulate_block` does, and is much slower.
    """
    stage = Stage(population, timeline, luck, stops)
    referrals = {
        name: whole(np.broadcast_to(cohort.referrals.values, (luck.trials,)))
        for name, cohort in population.people.items()
    }
    days = {
        name: np.full((6, luck.trials, int(many.max())), NEVER, np.int16)
        for name, many in referrals.items()
    }
    notes: tuple[list[Row], list[Row]] = ([], [])
    for place in range(luck.trials):
        trial = Trial(stage, place, notes)
        heads = {name: int(many[place]) for name, many in referrals.items()}
        for name, everybody in _live(trial, heads).items():
            referrals[name][place] = referred(trial, name, population.people[name], heads[name])
            for one in everybody:
                _write(days[name][:, place], one)
    people = [
        _people(population.people[name], referrals[name], table, stage.stops_early(name))
        for name, table in days.items()
    ]
    return Block(luck.first, luck.trials, tuple(people), *(_events(rows) for rows in notes))


def _people(terms: Cohort, referrals: Any, days: Any, stops: bool) -> People:
    """A cohort's tables, those that it has."""
    start, left, end, arrived, gave_up, closed_out = days
    many, waits = referrals.astype(np.int32), bool(terms.served_by)
    return People(many, start, left, end, arrived if waits else None, gave_up if waits else None,
                  closed_out if stops else None)  # fmt: skip


def _live(trial: Trial, heads: dict[str, int]) -> dict[str, list[Waiting]]:
    """One trial: set everybody off, and let the clock run to the contract's end."""
    stage, walks = trial.stage, list[Walk]()

    def begin(person: Person) -> None:
        walks.extend(begin_journeys(person))
        begin_marks(person)

    lists = {
        name: WaitingList(trial, name, terms, begin) for name, terms in stage.all.providers.items()
    }
    found = {
        name: newcomers(trial, place, name, cohort, heads[name])
        for place, (name, cohort) in enumerate(stage.all.people.items())
    }
    for everybody in found.values():
        for one in everybody:
            trial.env.process(refer(trial, lists, one.person, begin, one))
    trial.env.run(until=stage.contract * TICKS)
    for walk in walks:
        walk.finish()
    return found


def _write(days: Any, one: Waiting) -> None:
    """Days of one person: start, left, end, referral, giving up, being closed out."""
    person = one.person
    if person.start < FAR:
        days[:3, person.number] = person.start, person.left, person.end
        if person.left == person.end == person.trial.stop(person.name):
            days[[1, 5], person.number] = FAR, person.left
    if person.terms.served_by:
        days[3:5, person.number] = one.day, one.gave_up


def _events(rows: list[Row]) -> Events:
    """Rows as columns, in order of the trials."""
    columns = np.array(sorted(rows), np.int64).reshape(-1, 8).T
    types = (np.int16, np.int16, np.int32, np.int16, np.uint16, np.int16, np.bool_, np.int32)
    made: list[Any] = [c.astype(kind) for c, kind in zip(columns, types, strict=True)]
    return Events(*made)
