"""The SimPy engine: referrals, waiting lists, and caseworkers who come and go.

In: cohorts and providers. Out: who starts when, and who gives up. Not here: what happens to those
who start (`des_lives`, `des_journeys`, `des_marks`).
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from sibsim.people.des_lives import FAR, Person, Story
from sibsim.people.des_stage import Phase, Trial, first_above, in_days
from sibsim.people.terms import Cohort, Post, Provider
from sibsim.timeline import Timeline
from sibsim.writing import PERIOD_DAYS

Admit = Callable[[Person], None]


@dataclass(eq=False)
class Waiting:
    """Somebody on the referral day: what they will do if they get a place."""

    person: Person
    day: int
    stay: int
    leaving: int | None
    gave_up: int = FAR
    order: tuple[int, int, int, int] = field(default=(0, 0, 0, 0))


class WaitingList:
    """One provider: its places, the people in service, and those who wait."""

    def __init__(self, trial: Trial, name: str, terms: Provider, begin: Admit) -> None:
        self.trial, self.terms, self.begin = trial, terms, begin
        self.places = 0 if terms.places is None else round(terms.places.mean)
        self.serving = 0
        self.waiting: list[tuple[tuple[int, int, int, int], Waiting]] = []
        for key, post in terms.caseworkers.items():
            for number in range(round(post.number.mean)):
                address = f"providers.{name}.caseworkers.{key}"
                trial.env.process(self.caseworker(address, number, post))
        trial.env.process(self.doors())

    def caseworker(self, address: str, number: int, post: Post) -> Story:
        """A post: somebody comes, leaves, is replaced."""
        trial, day, time = self.trial, in_days(post.from_), 0
        until = FAR if post.until is None else in_days(post.until)
        caseload, share = round(post.caseload.mean), trial.value(post.turnover)
        period = PERIOD_DAYS[post.turnover.period or "year"]
        while day < min(until, trial.stage.contract):
            yield trial.until(day, Phase.LEAVE)
            self.places += caseload
            u, w = trial.uniforms(address, number, round(post.number.mean), time)
            leaves = leaving_day(u, share, period, trial.stage.contract)
            day = min(until, FAR if leaves is None else day + leaves)
            yield trial.until(day, Phase.LEAVE)
            self.places -= caseload
            day += trial.stage.wait(post.vacancy, w)
            time += 1

    def join(self, one: Waiting) -> None:
        """Put somebody on the list."""
        insort(self.waiting, (one.order, one))
        one.person.provider = self.terms

    def doors(self) -> Story:
        """Day by day: take people in as far as there are places, until delivery stops."""
        for day in range(min(self.trial.stop(name) for name in self.trial.stage.all.people)):
            yield self.trial.until(day, Phase.DOORS)
            while self.waiting and self.serving < self.places:
                one = self.waiting.pop(0)[1]
                self.serving += 1
                one.person.serve(day, one.stay, one.leaving)
                self.begin(one.person)
                self.trial.env.process(self.serve(one.person))

    def serve(self, person: Person) -> Story:
        """Hold a place until the service is over."""
        assert person.over is not None
        yield person.over
        self.serving -= 1

    def leave(self, one: Waiting) -> bool:
        """Take somebody off the list, if they are still on it."""
        if (one.order, one) not in self.waiting:
            return False
        self.waiting.remove((one.order, one))
        return True


def refer(
    trial: Trial, lists: dict[str, WaitingList], person: Person, begin: Admit, waiting: Waiting
) -> Story:  # fmt: skip
    """Somebody is referred: they start at once, or wait for a place and may give up."""
    terms = person.terms
    if not terms.served_by:
        yield trial.until(waiting.day, Phase.DOORS)
        person.serve(waiting.day, waiting.stay, waiting.leaving)
        begin(person)
        return
    yield trial.until(waiting.day, Phase.JOIN)
    names = list(terms.served_by)
    if terms.choice == "shortest_list":
        order = {name: at for at, name in enumerate(lists)}
        chosen = min(names, key=lambda n: (
            len(lists[n].waiting) + lists[n].serving - lists[n].places, order[n]
        ))  # fmt: skip
    else:
        _, w = person.luck("funnel")
        chosen = names[first_above([s.mean for s in terms.served_by.values()], w)]
    lists[chosen].join(waiting)
    if terms.patience is None:
        return
    _, w = person.luck("stay")
    day = waiting.day + trial.stage.wait(terms.patience, w)
    yield trial.until(day, Phase.GIVE_UP)
    if day < trial.stop(person.name) and lists[chosen].leave(waiting):
        waiting.gave_up = day


def newcomers(trial: Trial, cohort: int, name: str, terms: Cohort, referrals: int) -> list[Waiting]:
    """Those of a cohort who are referred before delivery stops, eligible, and willing."""
    stage, stop = trial.stage, trial.stop(name)
    table = referral_table(terms, stage.timeline)
    share, period = trial.value(terms.leave), PERIOD_DAYS[terms.leave.period or "month"]
    found = []
    for number in range(referrals):
        person = Person(trial, cohort, name, number, referrals, terms)
        when, engages = person.luck("referred")
        day = bisect_right(table, when)
        eligible = trial.value(terms.eligible)
        if eligible < 1.0 and person.luck("funnel")[0] >= eligible:
            continue
        if engages >= trial.value(terms.engage) or day >= stop:
            continue
        person.draw_character()
        stay = stage.contract
        if terms.stay is not None:
            stay = max(1, stage.wait(terms.stay, person.luck("stay")[0]))
        leaving = leaving_day(person.luck("left")[0], share, period, stage.contract)
        own = None if person.segment is None else person.segment.priority
        priority = round((own or terms.priority).mean)
        found.append(Waiting(person, day, stay, leaving, order=(priority, day, cohort, number)))
    return found


def referred(trial: Trial, name: str, terms: Cohort, referrals: int) -> int:
    """How many of a cohort are referred; if delivery stops early, before it does."""
    stage, stop = trial.stage, trial.stop(name)
    if stop >= stage.contract:
        return referrals
    table = referral_table(terms, stage.timeline)
    draws = (
        trial.uniforms(f"people.{name}.referred", number, referrals)[0]
        for number in range(referrals)
    )
    return sum(bisect_right(table, u) < stop for u in draws)


def referral_table(terms: Cohort, timeline: Timeline) -> list[float]:
    """Share of a cohort that has been referred by the end of each day."""
    over, ramp, wait = (in_days(q) for q in (terms.over, terms.ramp_up, terms.from_))
    before_first = [0.0] * wait
    area = over - ramp / 2
    times = [float(day + 1) for day in range(over)]
    table = [t**2 / (2 * ramp * area) if t < ramp else (t - ramp / 2) / area for t in times]
    table[-1] = 1.0
    if not terms.season:
        return before_first + table
    months = np.datetime64(timeline.start, "D") + wait + np.arange(over)
    calendar = months.astype("datetime64[M]").astype(int) % 12
    weights = [month.mean for month in terms.season]
    sums, total, before = [], 0.0, 0.0
    for share, month in zip(table, calendar, strict=True):
        total += (share - before) * weights[month]
        before = share
        sums.append(total)
    if total == 0.0:
        return [0.0] * (wait + over)
    return before_first + [x / total for x in sums[:-1]] + [1.0]


def leaving_day(uniform: float, share: float, period: float, limit: int) -> int | None:
    """The first day, 1 or later, by which somebody has left at a share a period."""
    if share == 0.0:
        return None
    table = 1.0 - (1.0 - share) ** (np.arange(limit) / period)
    day = int(np.searchsorted(table, uniform, side="right"))
    return day if day < limit else None
