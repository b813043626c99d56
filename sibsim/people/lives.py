"""The fast engine: what happens to a person besides milestones, compiled.

In: people and who starts when, tables of exits, events, scores and visits. Out: rows of outcomes in
both worlds, and when service ends. The rules are those of docs/model.md, section 3a. Not here: what
the tables look like (`layout`) and how they are made (`plans`), who gets a place (`queues`),
milestones (`stones`).
"""

from __future__ import annotations

from sibsim.compiling import borrowing, part
from sibsim.people.draws import by_way, first_above, look_up, pair, put, whole
from sibsim.people.encounters import assess, read_score, series, visit
from sibsim.people.events import NEVER
from sibsim.people.layout import (
    CONTACT,
    EFFECT,
    END,
    EVERYTHING,
    FADE,
    GONE,
    LASTS,
    LEFT,
    NOTHING,
    OFF,
    ON,
    ONSET,
    OUT,
    REACHED,
    SAME,
    SUSTAINED,
    WITH,
    WITHOUT,
    Crowd,
    Floats,
    Happenings,
    Ints,
    Measures,
    Paths,
    Records,
    Scratch,
    Table,
)

_NEVER = int(NEVER)
ALL_GONE = 1e-12
"""A share of people left in a state below this is none."""



@part
def meet(
    crowd: Crowd, measures: Measures, scratch: Scratch, place: int, trial: int, cohort: int,
    person: int, segment: int, slice_: int, provider: int,
) -> None:  # fmt: skip
    """Draw how a person's visits go, and put together the factors on their odds."""
    row = place if crowd.own.shape[1] > 1 else 0
    own = crowd.own[cohort, row, slice_]
    for target in range(scratch.odds.shape[1]):
        x = own * crowd.segment_odds[cohort, segment, target, place]
        scratch.odds[WITHOUT, target] = x
        scratch.odds[WITH, target] = x * crowd.provider_odds[provider, target, place]
    many = measures.visit_odds.shape[3]
    for v in range(measures.visits.shape[0]):
        u, w = pair(measures.visit_keys[cohort, v, 0], person, 0, trial)
        row = place if measures.visit_odds.shape[2] > 1 else 0
        factor = (
            measures.visit_odds[v, 0, row, int(u * many)]
            * measures.visit_odds[v, 1, row, int(w * many)]
        )
        scratch.slices[v] = int(u * many)
        for target in range(scratch.odds.shape[1]):
            scratch.odds[WITH, target] *= factor


@part
def begin_life(
    crowd: Crowd, life: Ints, place: int, trial: int, cohort: int, person: int, start: int,
    stay: int,
) -> None:  # fmt: skip
    """Fill in the window of the effect, and when service ends if nothing else ends it.

    Whoever is in service when delivery stops drops out on that day.
    """
    own = crowd.cohorts[cohort]
    left, end = _NEVER, min(start + stay, crowd.contract)
    if own.leaves:
        row = place if crowd.leave.shape[1] > 1 else 0
        u, _ = pair(crowd.keys[cohort, LEFT], person, 0, trial)
        left = start + look_up(crowd.leave[cohort, row], crowd.leave_guide[cohort, row], u)
        left = left if left < end else _NEVER
        end = min(end, left)
    stop = crowd.stops[cohort, place]
    if stop < end:
        left = end = stop
    on, lasts = start, -1
    if own.effect:
        u, w = pair(crowd.keys[cohort, EFFECT], person, 0, trial)
        on = start + look_up(crowd.waits[cohort, ONSET], crowd.waits_guide[cohort, ONSET], u)
        if own.fades:
            lasts = look_up(crowd.waits[cohort, LASTS], crowd.waits_guide[cohort, LASTS], w)
    off = _NEVER
    if left < _NEVER:
        off = left + 1 + max(lasts, 0)
    elif lasts >= 0:
        off = end + lasts
    life[ON], life[OFF], life[OUT] = on, off, left
    life[END], life[GONE], life[FADE] = end, _NEVER, lasts


@part
def _share_left(paths: Paths, p: Floats, rule: int, state: int, place: int, age: int) -> float:
    """Share of people who have left a state by an age."""
    total, first = 0.0, paths.states[state].first
    if age > 0:
        for k in range(first, paths.states[state].last):
            row = paths.row[rule, k] + paths.row_step[rule, k] * place
            total = total + p[k - first] * paths.curves[row, age]
    return total


@part
def _exit_chances(paths: Paths, p: Floats, rule: int, state: int, place: int, x: float) -> None:
    """Chances of the exits of a state for somebody with such odds."""
    first, last = paths.states[state].first, paths.states[state].last
    rest, plain = 1.0, True
    for k in range(first, last):
        p[k - first] = paths.chance[rule, k, place]
        rest = rest - p[k - first]
        plain = plain and (x == 1.0 or paths.exits[k].direction == SAME)
    if plain:
        return
    total = rest
    for k in range(first, last):
        total = total + paths.chance[rule, k, place] * by_way(x, paths.exits[k].direction)
    for k in range(first, last):
        if total > 0.0:
            p[k - first] = p[k - first] * by_way(x, paths.exits[k].direction) / total


@part
def _choose(
    paths: Paths, p: Floats, weights: Floats, rule: int, state: int, place: int, age: int, w: float
) -> int:
    """Which exit is taken at an age."""
    first, last = paths.states[state].first, paths.states[state].last
    whole = 0.0
    for k in range(first, last):
        row = paths.row[rule, k] + paths.row_step[rule, k] * place
        before = paths.curves[row, age - 1] if age > 1 else 0.0
        weights[k - first] = p[k - first] * (paths.curves[row, age] - before)
        whole = whole + weights[k - first]
    if whole <= 0.0:
        whole = 0.0
        for k in range(last - first):
            weights[k] = p[k]
            whole = whole + p[k]
    upto, chosen = 0.0, first
    for k in range(first, last):
        upto = upto + weights[k - first]
        if weights[k - first] > 0.0:
            chosen = k
        if w * whole < upto:
            return int(k)
    return int(chosen)


@part
def _leave(
    crowd: Crowd, paths: Paths, scratch: Scratch, target: int, state: int, world: int, place: int,
    trial: int, cohort: int, person: int, entered: int, on: int, off: int,
) -> tuple[int, int]:  # fmt: skip
    """Day of leaving a state, and the exit; never if it is not within the contract."""
    if paths.states[state].first == paths.states[state].last:
        return _NEVER, -1
    visit = scratch.visits[state]
    scratch.visits[state] = visit + 1
    u, w = pair(paths.state_keys[cohort, state], person, visit, trial)
    v, age, known = 1.0 - u, 0, -1
    end = crowd.contract - 1 - entered
    mood = crowd.mood[cohort, place, crowd.month_of_day[entered]]
    while age < end:
        day = entered + age + 1
        rule = WITH if world == WITH and on <= day < off else WITHOUT
        stop = _NEVER
        if world == WITH:
            stop = off if rule == WITH else (on if day < on and on < off else _NEVER)
        p = scratch.p
        if known != rule:
            _exit_chances(paths, p, rule, state, place, scratch.odds[rule, target] * mood)
            known = rule
        until = min(stop - 1 - entered, end)
        still = 1.0 - _share_left(paths, p, rule, state, place, age)
        if still < ALL_GONE:
            return day, _choose(paths, p, scratch.weights, rule, state, place, age + 1, w)
        least = v * still
        after = 1.0 - _share_left(paths, p, rule, state, place, until)
        if after < least:
            low, high = age, until  # not yet left at low, left at high
            while high - low > 1:
                middle = (low + high) // 2
                if 1.0 - _share_left(paths, p, rule, state, place, middle) < least:
                    high = middle
                else:
                    low = middle
            chosen = _choose(paths, p, scratch.weights, rule, state, place, high, w)
            return entered + high, chosen
        v = least / after
        age = until
    return _NEVER, -1


@part
def journey(
    crowd: Crowd, paths: Paths, scratch: Scratch, life: Ints, number: int, world: int, place: int,
    trial: int, cohort: int, person: int, start: int,
) -> None:  # fmt: skip
    """Walk one journey in one world: fill in the stays, and what they end."""
    u, _ = pair(paths.keys[cohort, number], person, 0, trial)
    state = paths.begin_state[number, first_above(paths.begins[number], u)]
    own = paths.journeys[number]
    for s in range(own.first, own.last):
        scratch.visits[s] = 0
    entered, stays = start, 0
    on, off = (life[ON], life[OFF]) if world == WITH else (_NEVER, _NEVER)
    while entered < min(crowd.contract, life[GONE]):
        ends = paths.states[state].ends
        if ends != NOTHING and (world == WITH or ends == EVERYTHING):
            _end(ends, entered, life)
            off = life[OFF] if world == WITH else _NEVER
        scratch.entered[number, stays] = entered
        scratch.state[number, stays] = state
        stays += 1
        if ends == EVERYTHING:
            break
        leave, taken = _leave(crowd, paths, scratch, own.target, state, world, place, trial, cohort,
                              person, entered, on, off)  # fmt: skip
        if leave >= crowd.contract:
            break
        entered, state = leave, paths.exits[taken].to
    scratch.stays[number] = stays


@part
def _end(what: int, day: int, life: Ints) -> None:
    """What entering a state does to the service and to the person."""
    if what == EVERYTHING:
        life[GONE] = day
    if life[END] > day:  # in service until now: nobody drops out later of what is over
        life[END], life[OUT] = day, _NEVER
        if what == CONTACT:
            life[OFF] = day + 1 + max(life[FADE], 0)
        else:
            life[OFF] = day + life[FADE] if life[FADE] >= 0 else _NEVER
    if what == CONTACT:
        life[OUT] = min(life[OUT], day)


@part
def read_journey(
    crowd: Crowd, paths: Paths, scratch: Scratch, rows: Records, firsts: Table, life: Ints,
    number: int, world: int, place: int, cohort: int, person: int, who: int, start: int,
) -> None:  # fmt: skip
    """Write down what is read off the stays of one journey."""
    over = min(crowd.contract, life[GONE])
    for r in range(paths.reads.shape[0]):
        read = paths.reads[r]
        for stay in range(scratch.stays[number]):
            if scratch.state[number, stay] != read.state:
                continue
            entered = scratch.entered[number, stay]
            leave = over
            if stay + 1 < scratch.stays[number]:
                leave = min(leave, scratch.entered[number, stay + 1])
            day = -1
            if read.what == REACHED:
                day = entered
            elif read.what == SUSTAINED:
                if leave - entered >= read.days and entered + read.days < over:
                    day = entered + read.days
            else:
                _days(crowd.month_of_day, crowd.month_starts, scratch, rows, read.outcome, world,
                      place, cohort, person, entered, min(leave, start + read.days),
                      life[OUT])  # fmt: skip
            first = scratch.occurrence[read.outcome] == 0
            if day < 0 or not (first or read.each):
                continue
            served = world == WITH and day <= life[OUT]
            if read.kept >= 0 and first:
                firsts[read.kept, world, place, who] = day
                if served:
                    firsts[read.kept, 2, place, who] = 1
            put(rows, scratch.written, scratch.occurrence, world, place, cohort, person,
                read.outcome, day, served, 1)  # fmt: skip


@part
def _days(
    month_of_day: Table, month_starts: Ints, scratch: Scratch, rows: Records, outcome: int,
    world: int, place: int, cohort: int, person: int, first: int, stop: int, left: int,
) -> None:  # fmt: skip
    """Days from the first up to the stop, in pieces by month, and up to dropping out and after."""
    while first < stop:
        piece = min(stop, month_starts[month_of_day[first] + 1])
        if world == WITH and first <= left < piece - 1:
            piece = left + 1
        put(rows, scratch.written, scratch.occurrence, world, place, cohort, person, outcome,
            piece - 1, world == WITH and piece - 1 <= left, piece - first)  # fmt: skip
        first = piece


@borrowing
def live(
    crowd: Crowd, traits: Records, paths: Paths, events: Happenings, measures: Measures,
    scratch: Scratch, first_trial: int, days: Records, firsts: Table, odds: Floats,
    reached: Records, otherwise: Records,
) -> None:  # fmt: skip
    """Tell everybody's story in both worlds; fill the tables of days and the rows.

    `odds` is (2 rules, targets, trials, people), for the milestones that come after; or it has no
    trials, if there are none.
    """
    life = scratch.life
    for place in range(days.shape[0]):
        trial = first_trial + place
        for cohort in range(crowd.cohorts.shape[0]):
            for person in range(crowd.referrals[cohort, place]):
                who = crowd.cohorts[cohort].offset + person
                own, day = traits[place, who], days[place, who]
                start, stay = whole(day.start), whole(own.stay)
                if start >= crowd.contract:
                    continue
                meet(crowd, measures, scratch, place, trial, cohort, person, own.segment, own.slice,
                     own.provider)  # fmt: skip
                if odds.shape[2] > 0:
                    for target in range(odds.shape[1]):
                        odds[WITH, target, place, who] = scratch.odds[WITH, target]
                        odds[WITHOUT, target, place, who] = scratch.odds[WITHOUT, target]
                for world in range(2):
                    rows = reached if world == WITH else otherwise
                    begin_life(crowd, life, place, trial, cohort, person, start, stay)
                    scratch.occurrence[:] = 0
                    for number in range(paths.journeys.shape[0]):
                        journey(crowd, paths, scratch, life, number, world, place, trial, cohort,
                                person, start)  # fmt: skip
                        read_journey(crowd, paths, scratch, rows, firsts, life, number, world,
                                     place, cohort, person, who, start)  # fmt: skip
                    for number in range(events.series.shape[0]):
                        series(crowd, events, scratch, rows, life, number, world, place, trial,
                               cohort, person, start)  # fmt: skip
                    for number in range(measures.scores.shape[0]):
                        assess(measures, scratch, life, number, world, place, trial, cohort, person,
                               start)  # fmt: skip
                        read_score(crowd, measures, scratch, rows, life, number, world, place,
                                   cohort, person, start)  # fmt: skip
                    if world == WITH:
                        visit(crowd, measures, scratch, rows, life, place, trial, cohort, person,
                              start)  # fmt: skip
                        day.left, day.end, day.gone = life[OUT], life[END], life[GONE]
                    else:
                        day.gone_without = life[GONE]


