"""Numbers and curves that both engines read: slices, exits, visits, moods.

In: drawn terms. Out: arrays by trial or by day. Not here: anybody's story; what decides it stands
twice, in `kernels` with `lives` and `queues`, and in `des`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sibsim.distributions import Distribution, day_table
from sibsim.people.effects import Effect, chances, later, quicker
from sibsim.people.stories import State, Visits
from sibsim.people.terms import Cohort, Shock
from sibsim.quantities import Quantity
from sibsim.streams import Luck
from sibsim.timeline import Timeline

Floats = NDArray[np.float64]

SLICES = 4096
"""Slices of equal chance that stand for a trait of a person."""

VISIT_SLICES = 64
"""The same for a person's visits, each with its own table of counts."""

MOST_ODDS = 1_000.0
"""The most that a factor on somebody's odds may come to, and its inverse."""

EACH = {"contract": 600, "year": 12, "quarter": 3, "month": 1}
"""Months that one shock lasts."""


@lru_cache(maxsize=1)
def normal_slices() -> Floats:
    """Mean of the standard normal in each of `SLICES` slices of equal chance."""
    from scipy.special import ndtri

    edges = ndtri(np.arange(SLICES + 1) / SLICES)
    density = np.exp(-0.5 * edges**2) / np.sqrt(2 * np.pi)
    return np.asarray(SLICES * (density[:-1] - density[1:]), np.float64)


@lru_cache(maxsize=64)
def gamma_slices(variance: float) -> Floats:
    """Mean of the gamma distribution of mean 1 in each of `SLICES` slices of equal chance."""
    from scipy.special import gammainc, gammaincinv

    if variance == 0.0:
        return np.ones(SLICES)
    shape = 1.0 / variance
    edges = gammaincinv(shape, np.arange(SLICES + 1) / SLICES)
    return np.asarray(SLICES * np.diff(gammainc(shape + 1.0, edges)), np.float64)


@lru_cache(maxsize=64)
def quantile_slices(distribution: Distribution, times: float, slices: int) -> Floats:
    """Quantiles at the middle of slices of equal chance."""
    return distribution.ppf((np.arange(slices) + 0.5) / slices) * times


def personal(quantity: Quantity, slices: int) -> Floats:
    """A number that differs between people, by slice, within the range of its place."""
    found = quantile_slices(quantity.distribution, quantity.times, slices)
    return np.clip(found, quantity.low, quantity.high)


def wait_table(wait: Quantity, days: int) -> Floats:
    """Cumulative chances of a waiting time by day, shape (days,)."""
    return _wait_table(wait.distribution, wait.times, days)


@lru_cache(maxsize=1024)
def _wait_table(distribution: Distribution, times: float, days: int) -> Floats:
    return day_table(distribution, days, times)


@dataclass(frozen=True)
class Rule:
    """How people leave a state, with the service or without it.

    Attributes
    ----------
    chance : ndarray of float64, shape (trials or 1, exits)
        Each at most what the ones before leave of 1.
    curve : tuple of ndarray of float64, each of shape (trials or 1, days)
        For each exit the cumulative chances of its waiting time.
    """

    chance: Floats
    curve: tuple[Floats, ...]


def rules(state: State, days: int) -> tuple[Rule, Rule]:
    """How people leave a state: the rule with the service, and the rule without it."""
    pairs = [chances(e.chance, e.without, e.effect) for e in state.exits.values()]
    curves = [curves_of(e.after, e.after_without, e.effect, e.without, days)
              for e in state.exits.values()]  # fmt: skip
    made = []
    for which in (0, 1):
        width = max((len(pair[which]) for pair in pairs), default=1)
        columns = [np.broadcast_to(pair[which], (width,)) for pair in pairs]
        chance = np.stack(columns, axis=1) if columns else np.zeros((1, 0))
        left = np.ones(width)
        limited = np.empty_like(chance)
        for k in range(chance.shape[1]):
            limited[:, k] = np.minimum(chance[:, k], left)
            left = left - limited[:, k]
        made.append(Rule(limited, tuple(curve[which] for curve in curves)))
    return made[0], made[1]


def curves_of(
    after: Quantity, after_without: Quantity | None, effect: Effect | None, without: Quantity,
    days: int,
) -> tuple[Floats, Floats]:  # fmt: skip
    """Cumulative chances by day with the service and without it, shape (trials or 1, days)."""
    there = wait_table(after if after_without is None else after_without, days)
    here = wait_table(after, days)[None, :]
    if effect is not None and effect.hazard_ratio is not None:
        here = quicker(there, without.values, effect.hazard_ratio.values)
    if effect is not None and effect.added_days is not None:
        here = later(here, effect.added_days.values)
    return here, there[None, :]


def moods(
    shocks: Mapping[str, Shock], people: Mapping[str, Cohort], timeline: Timeline, luck: Luck
) -> tuple[Floats, ...]:
    """Factor on the odds that shocks make, for each cohort, shape (trials, months)."""
    from scipy.special import ndtri

    made = []
    month = np.arange(timeline.months)
    for name, cohort in people.items():
        total = np.zeros((luck.trials, timeline.months))
        for shock, item in shocks.items():
            whose = {"everyone": "", "site": f".{cohort.site}", "cohort": f".{name}"}
            stream = f"shocks.{shock}{whose[item.shared_by]}"
            for period in range((timeline.months - 1) // EACH[item.each] + 1):
                u = luck.people_uniforms(stream, 1, period)[:, 0, 0]
                drawn = item.sd.values * ndtri(np.maximum(u, 2.0**-54))
                total[:, month // EACH[item.each] == period] += drawn[:, None]
        made.append(np.exp(total))
    return tuple(made)


def visit_odds(visits: Visits) -> tuple[Floats, Floats]:
    """Factor on the odds by slice of the share missed, and by slice of continuity."""
    found = []
    for trait, ratio in ((visits.missed, visits.odds_missed),
                         (visits.continuity, visits.odds_continuity)):  # fmt: skip
        values, usual = (personal(t, VISIT_SLICES) for t in (trait, replace(trait, times=1.0)))
        points = (values - usual.mean()) / 0.1
        found.append(ratio.values[:, None] ** points[None, :])
    return found[0], found[1]


def count_tables(most: int, shares: Floats) -> Floats:
    """P(Binomial(most, share) <= k) for each share, shape (shares, most + 1), the last above 1."""
    from scipy.special import bdtr

    k = np.arange(most + 1)
    table = np.asarray(bdtr(k[None, :], most, shares[:, None]), np.float64)
    table = np.where(np.isnan(table), 1.0, table)
    table[:, -1] = 2.0
    return table


def event_weights(season: tuple[Quantity, ...], drift: float, timeline: Timeline) -> Floats:
    """Sum of the weights of the days before each day, shape (contract days + 1,)."""
    days = np.arange(timeline.contract_days)
    weight = (1.0 + drift) ** (days / 365.25)
    if season:
        relative = np.array([month.mean for month in season])
        calendar = (timeline.start.month - 1 + timeline.month_of_day[days]) % 12
        weight = relative[calendar] * 12.0 / relative.sum() * weight
    return np.concatenate([[0.0], np.cumsum(weight)])
