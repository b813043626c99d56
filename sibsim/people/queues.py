"""The fast engine: who is referred, and who gets a place when, compiled.

In: a crowd, places by day. Out: traits of people, the days on which they start or give up waiting.
The rules are those of docs/model.md, section 2. Not here: what the tables look like (`layout`) and
how they are made (`plans`), what happens to people (`lives`).
"""

from __future__ import annotations

import numpy as np

from sibsim.compiling import borrowing, part
from sibsim.people.draws import first_above, look_up, pair, whole
from sibsim.people.events import NEVER
from sibsim.people.layout import (
    CHARACTER,
    END,
    FUNNEL,
    PATIENCE,
    PRIORITIES,
    REFERRAL,
    REFERRED,
    STAY,
    STAYING,
    WITH,
    Crowd,
    Floats,
    Ints,
    Keys,
    Lists,
    Measures,
    Paths,
    Records,
    Scratch,
)
from sibsim.people.lives import begin_life, journey, meet

_NEVER = int(NEVER)

@borrowing
def arrive(crowd: Crowd, traits: Records, first_trial: int, referred: Ints) -> None:
    """Draw who is referred when, and the traits of each.

    Counts in `referred` (cohorts, trials) how many are before delivery stops.
    """
    for place in range(traits.shape[0]):
        trial = first_trial + place
        for cohort in range(crowd.cohorts.shape[0]):
            own, keys = crowd.cohorts[cohort], crowd.keys[cohort]
            waits, guide = crowd.waits[cohort], crowd.waits_guide[cohort]
            eligible, engage = crowd.funnel[cohort, 0, place], crowd.funnel[cohort, 1, place]
            stop = crowd.stops[cohort, place]
            for person in range(crowd.referrals[cohort, place]):
                when, engages = pair(keys[REFERRED], person, 0, trial)
                fits, choice = 0.0, 0.0
                if own.funnel:
                    fits, choice = pair(keys[FUNNEL], person, 0, trial)
                day = look_up(waits[REFERRAL], guide[REFERRAL], when)
                if day >= stop:
                    continue
                referred[cohort, place] += 1
                if engages >= engage or fits >= eligible:
                    continue
                who = traits[place, own.offset + person]
                who.arrived = day
                if own.character:
                    u, w = pair(keys[CHARACTER], person, 0, trial)
                    who.segment = first_above(crowd.segments[cohort], u)
                    who.slice = int(w * crowd.own.shape[2])
                server = first_above(crowd.providers[cohort], choice)
                who.provider = crowd.served_by[cohort, server]
                if own.stays:
                    u, w = pair(keys[STAY], person, 0, trial)
                    who.stay = max(1, look_up(waits[STAYING], guide[STAYING], u))
                    who.patience = look_up(waits[PATIENCE], guide[PATIENCE], w)


@borrowing
def start_at_once(traits: Records, days: Records) -> None:
    """Without anybody to wait for, people start on the day of their referral."""
    for place in range(traits.shape[0]):
        for who in range(traits.shape[1]):
            days[place, who].start = traits[place, who].arrived


@borrowing
def admit(
    crowd: Crowd, traits: Records, paths: Paths, measures: Measures, scratch: Scratch,
    places: Ints, lists: Lists, first_trial: int, days: Records,
) -> None:  # fmt: skip
    """Let people wait for places, day by day; `places` is (providers, trials or 1, days).

    When delivery stops the doors close: nobody starts, and nobody is said to give up.
    """
    heads, providers, contract = days.shape[1], places.shape[0], crowd.contract
    by_day, order, following, cohort_of, first, last, waiting, serving, ended = lists
    life = scratch.life
    number, world = whole(0), whole(WITH)  # the first journey, which holds all ends
    ends = False
    for state in range(paths.states.shape[0]):
        ends = ends or paths.states[state].ends > 0
    for cohort in range(crowd.cohorts.shape[0]):
        cohort_of[crowd.cohorts[cohort].offset :] = cohort
    for place in range(days.shape[0]):
        trial = first_trial + place
        row = place if places.shape[1] > 1 else 0
        _sort(traits[place], contract, by_day, order)
        stop = contract
        for cohort in range(crowd.cohorts.shape[0]):
            stop = min(stop, crowd.stops[cohort, place])
        first[:] = -1
        waiting[:], serving[:], ended[:] = 0, 0, 0
        for day in range(contract):
            for at in range(by_day[day], by_day[day + 1]):
                who = order[at]
                own = traits[place, who]
                if own.provider < 0:
                    days[place, who].start = day
                    continue
                rank = crowd.priority[cohort_of[who], own.segment]
                following[who] = -1
                if first[own.provider, rank] < 0:
                    first[own.provider, rank] = who
                else:
                    following[last[own.provider, rank]] = who
                last[own.provider, rank] = who
                waiting[own.provider] += 1
            for server in range(providers):
                serving[server] -= ended[day, server]
                while (waiting[server] > 0 and serving[server] < places[server, row, day]
                       and day < stop):  # fmt: skip
                    who = _next(first[server], following)
                    waiting[server] -= 1
                    own = traits[place, who]
                    if own.arrived + own.patience < day:
                        continue
                    days[place, who].start = day
                    serving[server] += 1
                    cohort = cohort_of[who]
                    person = who - crowd.cohorts[cohort].offset
                    begin_life(crowd, life, place, trial, cohort, person, day, whole(own.stay))
                    if ends:
                        meet(crowd, measures, scratch, place, trial, cohort, person, own.segment,
                             own.slice, own.provider)  # fmt: skip
                        journey(crowd, paths, scratch, life, number, world, place, trial, cohort,
                                person, day)  # fmt: skip
                    ended[min(life[END], contract), server] += 1
        for who in range(heads):
            own = traits[place, who]
            last_day = own.arrived + own.patience
            if days[place, who].start == _NEVER and last_day < stop:
                days[place, who].gave_up = last_day


@part
def _sort(traits: Records, contract: int, by_day: Ints, order: Ints) -> None:
    """People by day of arrival, in their own order within a day (counting sort).

    Those of day `d` stand at ``order[by_day[d]:by_day[d + 1]]``.
    """
    by_day[:] = 0
    for who in range(traits.shape[0]):
        if traits[who].arrived < contract:
            by_day[traits[who].arrived] += 1
    total = 0
    for day in range(contract + 1):
        total += by_day[day]
        by_day[day] = total  # the end of each day's people, until they are placed
    for who in range(traits.shape[0] - 1, -1, -1):
        if traits[who].arrived < contract:
            by_day[traits[who].arrived] -= 1
            order[by_day[traits[who].arrived]] = who


@part
def _next(first: Ints, following: Ints) -> int:
    """Take the next person off a waiting list: the first of the lowest priority number."""
    for rank in range(PRIORITIES):
        who = first[rank]
        if who >= 0:
            first[rank] = following[who]
            return int(who)
    return -1


@borrowing
def fill_posts(
    keys: Keys, person: Ints, begins: Ints, ends: Ints, caseload: Ints, turnover: Floats,
    turnover_row: Ints, vacancy: Floats, server: Ints, first_trial: int, places: Ints,
) -> None:  # fmt: skip
    """Add up the caseloads of caseworkers in post, by provider, trial and day.

    `turnover` and `vacancy` are tables of cumulative chances by day, one row a post (the former
    also by trial); a post without turnover has -1 for its row.
    """
    contract = places.shape[2]
    for post in range(person.shape[0]):
        for place in range(places.shape[1]):
            day, occurrence, end = begins[post], 0, min(ends[post], contract)
            while day < end:
                until, back = end, end
                if turnover_row[post] >= 0:
                    u, w = pair(keys[post], person[post], occurrence, first_trial + place)
                    until = day + _search(turnover[turnover_row[post], place], u)
                    back = until + _search(vacancy[post], w)
                for d in range(day, min(until, end)):
                    places[server[post], place, d] += caseload[post]
                day, occurrence = max(back, until), occurrence + 1


@part
def _search(table: Floats, uniform: float) -> int:
    """Smallest day whose cumulative chance is above the uniform; the length if none is."""
    return whole(np.searchsorted(table, uniform, side="right"))  # type: ignore[arg-type]
