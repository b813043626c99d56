"""What contract and costs see of what happened: claims, activity, results with their evidence.

In: the facts of a block of trials, a drawn deal, luck. Out: `Facts` for the contract, `Delivery`
for the accounts. Not here: how people fared (`sibsim.people`), whose result is known
(`sibsim.following`), what is paid for it (`sibsim.contract`), what it costs (`sibsim.accounts`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from sibsim.accounts.costs import (
    Delivery,
    days_by_month,
    in_service_by_day,
    starts_by_month,
)
from sibsim.contract.claims import Claims
from sibsim.contract.evidence import (
    Baseline,
    Comparison,
    Count,
    DifferenceInDifferences,
    Others,
)
from sibsim.contract.pay import Facts
from sibsim.contract.results import Floats, Results, earlier
from sibsim.contract.terms import Compared
from sibsim.following import Following, both, loses
from sibsim.people.events import NEVER, Block, Events, People
from sibsim.people.maker import referrals_by_day
from sibsim.people.outcomes import unit
from sibsim.rounding import added_up
from sibsim.scenario.deal import Scenario
from sibsim.streams import Luck
from sibsim.timeline import Timeline


def split(deal: Scenario, block: Block) -> tuple[Block, Block]:
    """Those who may be served, and those in comparison groups."""
    served = len(deal.people)
    if len(block.people) == served:
        return block, Block(block.first, block.trials, (), *(_none(e) for e in both(block)))
    ours = Block(block.first, block.trials, block.people[:served],
                 *(e.where(e.cohort < served) for e in both(block)))  # fmt: skip
    others = Block(block.first, block.trials, block.people[served:],
                   *(e.where(e.cohort >= served) for e in both(block)))  # fmt: skip
    return ours, others


def _none(events: Events) -> Events:
    return events.where(slice(0))


def facts(
    deal: Scenario, drawn: Scenario, ours: Block, others: Block, luck: Luck,
    stop: NDArray[np.int64] | None = None, last: NDArray[np.int64] | None = None,
) -> Facts:  # fmt: skip
    """What the contract of a drawn deal sees of a block of trials.

    Parameters
    ----------
    stop, last : ndarray of int64, shape (trials,), or None
        Where contracts end early: when delivery does, and the last month whose outcomes are paid.
    """
    timeline = deal.timeline
    everybody = [*deal.people]

    @cache
    def by_cohort(kind: str) -> list[NDArray[np.int64]]:
        if kind == "start":
            return [starts_by_month(p.start, timeline) for p in ours.people]
        return [days_by_month(p.start, p.end, timeline) for p in ours.people]

    def activity(kind: str, cohort: str | None) -> NDArray[np.int64]:
        tables = by_cohort(kind)
        if cohort is not None:
            return tables[everybody.index(cohort)]
        total: NDArray[np.int64] = np.sum(tables, axis=0)
        return total

    segments = tuple(dict.fromkeys(n for c in deal.people.values() for n in c.segments))
    priced = any(getattr(item, "by_segment", None) for item in deal.contract.terms.values())
    measured = Measured(deal, drawn, ours, others, luck)
    claims = _claims(deal, ours.reached, timeline, luck, segments if priced else ())
    return Facts(
        ours.trials, timeline.months, timeline.horizon, timeline.start.month,
        {name: place for place, name in enumerate(deal.outcomes)},
        {name: place for place, name in enumerate(everybody)},
        segments, _rises(drawn, timeline),
        claims if last is None else claims.where(claims.month <= last[claims.trial]),
        {n: d for n, d in drawn.evidence.items() if isinstance(d, Count)},
        activity, measured.find, luck.uniforms_at, stop, last,
    )  # fmt: skip


def _rises(drawn: Scenario, timeline: Timeline) -> NDArray[np.float64]:
    """Price rise of each year of the contract, nil in the first, shape (trials or 1, years)."""
    years = -(-timeline.months // 12)
    if drawn.contract.index:
        path = [item.mean for item in drawn.contract.index]
        rises = np.array([path[min(year, len(path) - 1)] for year in range(years - 1)])[None, :]
    else:
        rises = np.repeat(drawn.programme.inflation.values[:, None], years - 1, axis=1)
    return np.concatenate([np.zeros((len(rises), 1)), rises], axis=1)


def _claims(
    deal: Scenario, events: Events, timeline: Timeline, luck: Luck, segments: tuple[str, ...]
) -> Claims:
    """Served outcomes as claims, in their order."""
    from sibsim.people.counts import months_of  # the compiler is loaded where it is needed

    rows = events if events.served.all() else events.where(np.flatnonzero(events.served))
    month = months_of(rows.day, timeline.month_of_day)
    segment = np.broadcast_to(np.int16(-1), len(rows))
    claims = Claims(rows.trial, rows.cohort, rows.person, rows.outcome, rows.occurrence, month,
                    rows.amount, segment.copy() if segments else segment, month)  # fmt: skip
    for place, (name, cohort) in enumerate(deal.people.items() if segments else ()):
        if not cohort.segments:
            continue
        mine = np.flatnonzero(claims.cohort == place)
        trial, person, first = claims.trial[mine], claims.person[mine], np.zeros_like(mine)
        u = luck.uniforms_at(f"people.{name}.character", trial, person, first)
        ends = np.cumsum([s.share.mean for s in cohort.segments.values()])[:-1]
        known = np.array([segments.index(key) for key in cohort.segments])
        claims.segment[mine] = known[np.searchsorted(ends, u[:, 0], side="right")]
    return claims


# --- what costs hang on ---------------------------------------------------------------------------


def delivery(
    deal: Scenario, ours: Block, luck: Luck, stop: NDArray[np.int64] | None = None
) -> Delivery:
    """What the costs of a deal hang on, in a block of trials; see `sibsim.accounts.costs`."""
    timeline, everybody = deal.timeline, [*deal.people]

    @cache
    def happened(of: str, outcome: str | None, cohort: str | None) -> NDArray[np.int64]:
        if outcome is not None:
            return _outcomes_by_month(deal, ours.reached, ours.trials, of, outcome, cohort)
        chosen = [(name, people) for name, people in zip(everybody, ours.people, strict=True)
                  if cohort in (None, name)]  # fmt: skip
        if of == "most":
            days = [in_service_by_day(p.start, p.end, timeline) for _, p in chosen]
            firsts = timeline.month_starts[: timeline.months]
            return np.maximum.reduceat(np.sum(days, axis=0), firsts, axis=1)
        made: NDArray[np.int64] = np.sum(
            [_by_month(deal, name, people, of, luck) for name, people in chosen], axis=0
        )
        return made

    return Delivery(ours.trials, timeline, deal.contract.longest_lag, happened, stop)


def _by_month(
    deal: Scenario, name: str, people: People, of: str, luck: Luck
) -> NDArray[np.int64]:
    """How many of a cohort start, complete or are referred in each month, or their days."""
    timeline = deal.timeline
    if of == "days":
        return days_by_month(people.start, people.end, timeline)
    days = people.start
    if of == "completion":
        stayed = (people.start < NEVER) & (people.left == NEVER)
        if people.closed_out is not None:
            stayed &= people.closed_out == NEVER
        days = np.where(stayed, people.end, NEVER)
    elif of == "referral":  # of those who do not start only their luck knows the day
        width = int(people.referred.max(initial=0))
        when = luck.people_uniforms(f"people.{name}.referred", width)[:, :, 0]
        table = referrals_by_day(deal.people[name], timeline)
        found = np.minimum(np.searchsorted(table, when, side="right"), NEVER)
        days = np.where(np.arange(width) < people.referred[:, None], found, NEVER)
    return starts_by_month(days.astype(np.int16), timeline)


def _outcomes_by_month(
    deal: Scenario, events: Events, trials: int, of: str, outcome: str, cohort: str | None
) -> NDArray[np.int64]:
    """How much of an outcome there is in each month: as its metric counts it, or every claim."""
    timeline = deal.timeline
    rows = events.outcome == list(deal.outcomes).index(outcome)
    if of == "claim":
        rows &= events.served
    elif unit(deal.outcomes[outcome]) == "people":
        rows &= events.occurrence == 0
    if cohort is not None:
        rows &= events.cohort == list(deal.people).index(cohort)
    month = timeline.month_of_day[events.day[rows]]
    cell = events.trial[rows].astype(np.int64) * timeline.months + month
    found = added_up(events.amount[rows], cell, trials * timeline.months)
    return found.reshape(trials, timeline.months)


# --- results --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Amounts:
    """How much of each outcome there was in a trial, and how it is spread over people.

    Attributes
    ----------
    total : ndarray of float64, shape (trials, outcomes)
    squares : ndarray of float64, shape (trials, outcomes)
        Sum over people of the square of what each had.
    """

    total: NDArray[np.float64]
    squares: NDArray[np.float64]


def _counted(deal: Scenario, events: Events) -> Events:
    """Of outcomes that count people, the first time only; of the others all."""
    counted = np.array([unit(o) != "people" for o in deal.outcomes.values()])
    return events.where((events.occurrence == 0) | counted[events.outcome])


def totals(deal: Scenario, events: Events, trials: int) -> NDArray[np.float64]:
    """How much of each outcome there was, shape (trials, outcomes)."""
    rows, outcomes = _counted(deal, events), len(deal.outcomes)
    cell = rows.trial.astype(np.int64) * outcomes + rows.outcome
    made = np.bincount(cell, weights=rows.amount, minlength=trials * outcomes)
    return made.astype(np.float64).reshape(trials, outcomes)


def amounts(deal: Scenario, events: Events, trials: int) -> Amounts:
    """Sums over people, and of their squares."""
    rows, outcomes = _counted(deal, events), len(deal.outcomes)
    size = trials * outcomes
    # Everybody's own sum of each outcome: rows of one person and outcome side by side.
    key = (rows.trial.astype(np.int64) * outcomes + rows.outcome) << 40
    key |= (rows.cohort.astype(np.int64) << 26) | rows.person
    each, place = np.unique(key, return_inverse=True)
    own = np.bincount(place, weights=rows.amount, minlength=len(each))
    cell = each >> 40
    total, squares = (
        np.bincount(cell, weights=w, minlength=size).astype(np.float64).reshape(trials, outcomes)
        for w in (own, own**2)
    )
    return Amounts(total, squares)


class Measured:
    """Results of a block of trials, as the contract's evidence sees them.

    Parameters
    ----------
    deal, drawn : Scenario
        As written, and with its evidence drawn.
    ours, others : Block
        Those who may be served; those in comparison groups.
    luck : Luck
    """

    def __init__(
        self, deal: Scenario, drawn: Scenario, ours: Block, others: Block, luck: Luck
    ) -> None:
        self.deal, self.drawn, self.luck = deal, drawn, luck
        self.trials, self.people = ours.trials, Following(deal, drawn, ours, others, luck)
        self.kept: dict[tuple[str | None, str | None, int, int], Results] = {}
        self.followed: dict[tuple[str, str | None, int, int], Results] = {}
        self.sides: dict[tuple[str, str | None, int], tuple[Floats, Floats]] = {}

    def find(self, compared: Compared, first: int, last: int) -> NDArray[np.float64]:
        """One result of the months ``first .. last - 1``, shape (trials,)."""
        place = list(self.deal.outcomes).index(compared.for_)
        found = self.results(compared.evidence, compared.cohort, first, last)
        if compared.result == "standardised":
            found = replace(found, spread=self._spread(compared, first, last))
        return found.of(place, compared.result)

    def results(
        self, evidence: str | None, cohort: str | None, first: int, last: int
    ) -> Results:
        """What a design finds of a cohort, or of everybody, in a window; None finds the truth."""
        key = evidence, cohort, first, last
        if key not in self.kept:
            if evidence is None:
                block, people = self.people.served(None, cohort, first, last)
                with_, without = (totals(self.deal, e, block.trials) for e in both(block))
                self.kept[key] = Results(np.rint(with_).astype(np.int64), without, people)
            else:
                self.kept[key] = self._seen(evidence, cohort, first, last)
        return self.kept[key]

    def _found(self, name: str, cohort: str | None, first: int, last: int) -> Results:
        """What those served had who are found at follow-up, and how many these are."""
        if not loses(self.drawn.evidence[name]):
            return self.results(None, cohort, first, last)
        key = name, cohort, first, last
        if key not in self.followed:
            block, people = self.people.served(name, cohort, first, last)
            with_ = np.rint(totals(self.deal, block.reached, block.trials)).astype(np.int64)
            self.followed[key] = Results(with_, with_.astype(np.float64), people)
        return self.followed[key]

    def _seen(self, name: str, cohort: str | None, first: int, last: int) -> Results:
        """What would have been by the window's end, less what would have been before it.

        Those compared with are followed like those who are served: in later windows too.
        """
        found = self._found(name, cohort, first, last)
        without = self._otherwise(name, cohort, last)
        if first > 0:
            without = without - self._otherwise(name, cohort, first)
        design = self.drawn.evidence[name]
        if isinstance(design, Others) and design.significance is not None:
            so_far = self._found(name, cohort, 0, last)
            gap = np.abs(so_far.with_ - self._otherwise(name, cohort, last))
            gap = gap / np.maximum(so_far.people, 1)
            error = self._error(name, design, cohort, last)
            clear = gap > _normal(1.0 - design.significance.mean / 2.0) * error
            without = np.where(clear, without, found.with_.astype(np.float64))
        return replace(found, without=without)

    def _otherwise(self, name: str, cohort: str | None, last: int) -> NDArray[np.float64]:
        """What would have been from the contract's start to a month, (trials, outcomes)."""
        design, people = self.drawn.evidence[name], self._found(name, cohort, 0, last).people
        if isinstance(design, Baseline):
            level = design.each.values * (1.0 + design.drift.values) ** (last / 12.0)
            return np.asarray(level[:, None] * people, np.float64)
        assert isinstance(design, Others)
        events, m = self.people.group(name, 0, last)
        mean = totals(self.deal, events, self.trials)
        if isinstance(design, Comparison):
            mean = (1.0 + design.bias.values[:, None]) * mean / np.maximum(m, 1)
            if design.clusters is not None:
                between = self._between(name, design, cohort, last)
                u = self.luck.uniforms(f"evidence.{name}.clusters")
                mean = np.maximum(mean + np.sqrt(between) * _normal(u)[:, None], 0.0)
        elif isinstance(design, DifferenceInDifferences):
            apart = design.before_group.values - design.before.values + design.trend.values
            mean = mean / np.maximum(m, 1) + apart[:, None] + self._earlier(name, design, cohort)[0]
        made: NDArray[np.float64] = np.where(m > 0, mean, 0.0) * people
        return made

    def _earlier(
        self, name: str, design: DifferenceInDifferences, cohort: str | None
    ) -> tuple[Floats, Floats]:
        """How averages from before the service differ, and the variance of it."""
        months = self.deal.timeline.months
        counted = np.array([unit(o) != "people" for o in self.deal.outcomes.values()])
        served = self.people.started(cohort, 0, months)
        group = self.people.began(name, 0, months)
        u = self.luck.people_uniforms(f"evidence.{name}.earlier", 1)[:, 0]
        return earlier(design, counted, served, group, u)

    def _sides(
        self, name: str, design: Others, cohort: str | None, last: int
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Variances between people so far, of those served and those compared with."""
        key = name, cohort, last
        if key in self.sides:
            return self.sides[key]
        block, n = self.people.served(name, cohort, 0, last)
        events, m = self.people.group(name, 0, last)
        mine = variance(amounts(self.deal, block.reached, self.trials), n) * np.maximum(n, 1)
        theirs = variance(amounts(self.deal, events, self.trials), m) * np.maximum(m, 1)
        if isinstance(design, Comparison):
            theirs = (1.0 + design.bias.values[:, None]) ** 2 * theirs
        self.sides[key] = mine, theirs
        return self.sides[key]

    def _between(
        self, name: str, design: Comparison, cohort: str | None, last: int
    ) -> NDArray[np.float64]:
        """Variance that clusters add: people of one share a part of their luck."""
        assert design.clusters is not None
        mine, theirs = self._sides(name, design, cohort, last)
        made: NDArray[np.float64] = (
            design.likeness.mean * (mine + theirs) / design.clusters.mean
        )
        return made

    def _error(
        self, name: str, design: Others, cohort: str | None, last: int
    ) -> NDArray[np.float64]:
        """Standard error of the difference for each person who starts."""
        mine, theirs = self._sides(name, design, cohort, last)
        n = self._found(name, cohort, 0, last).people
        m = self.people.group(name, 0, last)[1]
        whole = mine / np.maximum(n, 1) + theirs / np.maximum(m, 1)
        if isinstance(design, Comparison) and design.clusters is not None:
            whole = whole + self._between(name, design, cohort, last)
        elif isinstance(design, DifferenceInDifferences):
            whole = whole + self._earlier(name, design, cohort)[1]
        made: NDArray[np.float64] = np.sqrt(whole)
        return made

    def _spread(self, compared: Compared, first: int, last: int) -> NDArray[np.float64]:
        """Standard deviation between people without the service, shape (trials, outcomes)."""
        if compared.evidence is None:
            block, size = self.people.served(None, compared.cohort, first, last)
            events = block.otherwise
        else:
            events, size = self.people.group(compared.evidence, first, last)
        of = variance(amounts(self.deal, events, self.trials), size)
        made: NDArray[np.float64] = np.sqrt(of * np.maximum(size, 1))
        return made


def _normal(u: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """Quantiles of the standard normal distribution."""
    from scipy.special import ndtri

    made: NDArray[np.float64] = ndtri(np.clip(u, 2.0**-54, None))
    return made


def variance(of: Amounts, people: NDArray[np.int64]) -> NDArray[np.float64]:
    """Of the mean over people: their sample variance over their number."""
    n = np.maximum(people, 2)
    found: NDArray[np.float64] = np.maximum(of.squares - of.total**2 / n, 0.0) / (n - 1) / n
    return found
