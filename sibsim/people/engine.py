"""The fast engine: which walk a population needs, and from rows back to facts.

In: drawn terms of people, a calendar, the luck of a block of trials. Out: a `Block`. Not here: the
plans (`alike`, `plans`), the compiled walks (`kernels`, `queues`, `lives`, `stones`), money.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sibsim.errors import RefusedError
from sibsim.people import layout
from sibsim.people.alike import simulate_alike
from sibsim.people.checks import Population, is_plain
from sibsim.people.events import Block, Events, People, in_order
from sibsim.people.maker import Maker
from sibsim.people.outcomes import DaysIn, NumberOf, Outcome, Visited
from sibsim.people.stops import Stops, told_apart
from sibsim.people.stories import Series
from sibsim.quantities import Quantity
from sibsim.streams import Luck
from sibsim.timeline import Timeline
from sibsim.writing import PERIOD_DAYS


def simulate_block(
    population: Population, timeline: Timeline, luck: Luck, stops: Stops | None = None
) -> Block:
    """Let everybody live through the trials of `luck`, with the service and without it.

    Parameters
    ----------
    population : Population
        Terms whose uncertain numbers have been drawn for the trials of `luck`.
    timeline : Timeline
    luck : Luck
        The seed and the trials of this block.
    stops : ndarray of int64, shape (trials,), or None
        First day in each trial on which nothing is delivered any more; none if it is at or beyond
        the contract's end, or None.

    Returns
    -------
    Block

    Raises
    ------
    RefusedError
        Where the population has something that only the SimPy engine can do.
    """
    for name, cohort in population.people.items():
        if cohort.choice == "shortest_list":
            raise RefusedError(
                f"people.{name}.choice: shortest_list; the fast engine cannot let people choose by "
                "the lists of the day / allowed: shares / try: --engine simpy"
            )
    if is_plain(population):
        return simulate_alike(population, timeline, luck, stops)
    return _simulate_lives(population, timeline, luck, stops)


def _simulate_lives(
    population: Population, timeline: Timeline, luck: Luck, stops: Stops | None
) -> Block:
    """People who differ, who wait for a place, or who live through more than milestones."""
    from sibsim.people import plans_people, plans_stories
    from sibsim.people.lives import live
    from sibsim.people.queues import admit, arrive, start_at_once
    from sibsim.people.stones import reach

    maker = Maker(population, timeline, luck)
    crowd, paths = plans_people.crowd(maker, stops), plans_stories.paths(maker)
    events, measures = plans_stories.happenings(maker), plans_stories.measures(maker)
    stones, room = plans_people.stones(maker), plans_stories.scratch(maker, paths, measures)
    heads = int(crowd.referrals.max(axis=1).sum())
    traits, days = plans_people.traits(maker, heads), plans_people.days(maker, heads)
    referred = np.zeros_like(crowd.referrals)
    arrive(crowd, traits, luck.first, referred)
    if population.providers:
        places = plans_people.places(maker)
        lists = plans_people.lists(maker, heads)
        admit(crowd, traits, paths, measures, room, places, lists, luck.first, days)
    else:
        start_at_once(traits, days)
    firsts = plans_people.first_rows(maker, heads)
    milestones = len(stones.stones) > 0
    odds = np.empty((*room.odds.shape, luck.trials if milestones else 0, heads))
    most = max(1024, luck.trials * rows_per_trial(population, timeline))
    while True:  # luck is stateless: with too little room, the same again with enough
        rows = [np.empty(most, layout.ROW) for _ in range(2)]
        room.written[:] = 0
        live(crowd, traits, paths, events, measures, room, luck.first, days, firsts, odds, *rows)
        if milestones:
            reach(crowd, stones, room, luck.first, days, firsts, odds, *rows)
        if room.written.max() <= most:
            break
        most = int(room.written.max())
    found = [_events(table[:count]) for table, count in zip(rows, room.written, strict=True)]
    referred = np.where(crowd.stops < crowd.contract, referred, crowd.referrals)
    people = _people(population, crowd, referred.astype(np.int32), traits, days)
    return Block(luck.first, luck.trials, people, *found)


def _people(
    population: Population, crowd: layout.Crowd, referred: NDArray[np.int32],
    traits: layout.Records, days: layout.Records,
) -> tuple[People, ...]:  # fmt: skip
    """Each cohort's own part of the tables of days."""
    made = []
    for place, cohort in enumerate(population.people.values()):
        first = crowd.cohorts[place]["offset"]
        own = np.s_[:, first : first + crowd.referrals[place].max()]
        waited = (traits["arrived"], days["gave_up"]) if cohort.served_by else ()
        tables = (days["start"], days["left"], days["end"], *waited)
        copied = [np.ascontiguousarray(table[own]) for table in tables]
        people = People(referred[place], *copied)
        made.append(told_apart(people, crowd.stops[place], crowd.contract))
    return tuple(made)


def _events(rows: layout.Records) -> Events:
    """Records as columns, in order of the trials."""
    names = ("trial", "cohort", "person", "outcome", "occurrence", "day", "served", "amount")
    return in_order(Events(*(np.ascontiguousarray(rows[name]) for name in names)))


def rows_per_trial(population: Population, timeline: Timeline) -> int:
    """About the most event rows that one trial is likely to need: what sizes a block."""
    heads = sum(_most_people(cohort.referrals) for cohort in population.people.values())
    times = 0.0
    for outcome in population.outcomes.values():
        if isinstance(outcome, Outcome):
            times += 1 + (1 if outcome.repeat is None else outcome.repeat.most.mean)
        elif isinstance(outcome, DaysIn):
            times += timeline.months
        elif isinstance(outcome, NumberOf):
            times += 1 + _most_events(population.events[outcome.events], timeline.contract_days)
        elif isinstance(outcome, Visited):
            times += timeline.contract_days / 7
        else:
            times += 2.0
    return int(heads * times)


def bytes_per_trial(population: Population, timeline: Timeline) -> int:
    """About the most memory that the facts of one trial take while they are worked out."""
    heads = sum(_most_people(cohort.referrals) for cohort in population.people.values())
    person = layout.TRAIT.itemsize + layout.DAYS.itemsize + 16 * len(population.outcomes)
    # Rows are made in one table of records and put into columns, in both worlds.
    return heads * person + 2 * 2 * layout.ROW.itemsize * rows_per_trial(population, timeline)


def _most_events(series: Series, days: int) -> float:
    """Events of one person in so many days, with the service or without it."""
    rates = [rate.mean / PERIOD_DAYS[rate.period] for rate in (series.rate, series.without)
             if rate is not None]  # fmt: skip
    return max(rates) * days


def _most_people(referrals: Quantity) -> int:
    likely = float(referrals.distribution.ppf(np.array([0.999]))[0]) * referrals.times
    return max(1, int(np.ceil(min(likely, referrals.high or likely))))
