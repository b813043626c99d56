"""The fast engine: what every plan is made with.

In: drawn terms of people, a calendar, the luck of a block of trials. Out: values by trial, keys of
streams, places of names, tables put side by side. Not here: the plans (`plans_people`,
`plans_stories`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sibsim.distributions import guide_table
from sibsim.people.checks import Population
from sibsim.people.outcomes import Outcome
from sibsim.people.terms import Cohort
from sibsim.quantities import Quantity
from sibsim.rounding import whole
from sibsim.streams import Luck, stream_key
from sibsim.timeline import Timeline

Floats = NDArray[np.float64]

GUIDE = 4096
"""Entries of the guide to a table of waiting times: most look-ups then take one step."""
SMALL_GUIDE = 512
"""The same where there is a table a trial."""


@dataclass(frozen=True)
class Maker:
    """What the plans of one block are made from.

    Attributes
    ----------
    all_ : Population
        Terms whose uncertain numbers have been drawn for the trials of `luck`.
    timeline : Timeline
    luck : Luck
    """

    all_: Population
    timeline: Timeline
    luck: Luck

    @property
    def days(self) -> int:
        """Days of the contract."""
        return self.timeline.contract_days

    @cached_property
    def targets(self) -> dict[str, int]:
        """Names that odds may be stated for, with their place."""
        names = [*self.all_.outcomes, *self.all_.journeys, *self.all_.events]
        return {name: place for place, name in enumerate(dict.fromkeys(names))}

    @cached_property
    def positions(self) -> dict[str, int]:
        """Place of each outcome in the scenario."""
        return {name: place for place, name in enumerate(self.all_.outcomes)}

    @cached_property
    def states(self) -> dict[tuple[str, str], int]:
        """Place of each state of each journey."""
        names = [(j, s) for j, item in self.all_.journeys.items() for s in item.states]
        return {name: place for place, name in enumerate(names)}

    @cached_property
    def first_days(self) -> dict[str, int]:
        """Outcomes read off states that a milestone hangs on, with their place."""
        wanted: dict[str, int] = {}
        for outcome in self.all_.outcomes.values():
            if isinstance(outcome, Outcome):
                hangs_on = [outcome.follows, outcome.given.outcome if outcome.given else None]
                for name in hangs_on:
                    if name is not None and not isinstance(self.all_.outcomes[name], Outcome):
                        wanted.setdefault(name, len(wanted))
        return wanted

    def wide(self, quantity: Quantity) -> Floats:
        """One value a trial, also of a number that is the same in all."""
        return np.ascontiguousarray(np.broadcast_to(quantity.values, (self.luck.trials,)))

    def rows(self, rows: Sequence[Floats], width: int = 0) -> Floats:
        """Rows below each other; as wide as there are trials, if there are none."""
        return np.stack(rows) if rows else np.zeros((0, width or self.luck.trials))

    def keys(self, *addresses: str) -> NDArray[np.uint64]:
        """Keys of streams of luck, shape (addresses, 2)."""
        made = [stream_key(self.luck.seed, address) for address in addresses]
        return np.array(made, np.uint64).reshape(len(addresses), 2)

    def cohort_keys(self, *names: str) -> NDArray[np.uint64]:
        """Keys of streams below each cohort's address, shape (cohorts, names, 2)."""
        found = [self.keys(*(f"people.{c}.{name}" for name in names)) for c in self.all_.people]
        return np.stack(found)

    def pairs(self, section: str, names: Iterable[str], part: str) -> NDArray[np.uint64]:
        """Keys of two streams for each item of a section, shape (cohorts, items, 2, 2)."""
        streams = [f"{section}.{name}{end}" for name in names for end in ("", part)]
        found = self.cohort_keys(*streams)
        return found.reshape(len(found), len(streams) // 2, 2, 2)


def referral_table(over: int, ramp: int) -> Floats:
    """Share of a cohort referred by the end of each day, shape (over,).

    Referrals rise in a straight line over the first `ramp` days and are level after
    (docs/model.md, section 2).
    """
    time = np.arange(1, over + 1, dtype=np.float64)
    area = over - ramp / 2
    rising = time**2 / (2 * max(ramp, 1) * area)
    shares = np.where(time < ramp, rising, (time - ramp / 2) / area)
    shares[-1] = 1.0
    return shares


def referrals_by_day(cohort: Cohort, timeline: Timeline) -> Floats:
    """The same by the weights of the season, from the cohort's first day, shape (from + over,)."""
    over, wait = int(whole(cohort.over.mean)), int(whole(cohort.from_.mean))
    shares = referral_table(over, int(whole(cohort.ramp_up.mean)))
    if cohort.season:
        weight = np.array([month.mean for month in cohort.season])
        first = np.datetime64(timeline.start, "D") + wait
        month = (first + np.arange(over)).astype("datetime64[M]").astype(int) % 12
        shares = np.cumsum(np.diff(shares, prepend=0.0) * weight[month])
        if shares[-1] == 0.0:
            return np.zeros(wait + over)
        shares = shares / shares[-1]
        shares[-1] = 1.0
    return np.concatenate([np.zeros(wait), shares])


def with_end(table: Floats) -> Floats:
    """Cumulative chances by day with one more, above every uniform: the day after the last."""
    return np.pad(table, [(0, 0)] * (table.ndim - 1) + [(0, 1)], constant_values=2.0)


def guides(tables: Floats, size: int) -> NDArray[np.int32]:
    """Guides to tables of waiting times, shape (..., size) for tables (..., days)."""
    flat = tables.reshape(-1, tables.shape[-1])
    made = [_guide(row.tobytes(), size) for row in flat]
    return np.array(made, np.int32).reshape(*tables.shape[:-1], size)


@lru_cache(maxsize=1024)
def _guide(table: bytes, size: int) -> NDArray[np.int32]:
    """The guide to one table; blocks of a run have the same tables."""
    return guide_table(np.frombuffer(table), size)


def column(values: Iterable[Any]) -> NDArray[np.int64]:
    """Whole numbers, one below the other."""
    return np.array([int(value) for value in values], np.int64)


def edges(counts: Iterable[int]) -> list[tuple[int, int]]:
    """First place, and the place after the last, of runs that stand one after another."""
    return list(pairwise(accumulate(counts, initial=0)))


def stacked(tables: Sequence[Floats]) -> Floats:
    """Tables of (trials or 1, n) as one, with a row a trial if any has one."""
    rows = max(len(table) for table in tables)
    return np.stack([np.broadcast_to(table, (rows, table.shape[1])) for table in tables])


def cumulative(shares: Sequence[Sequence[float]], width: int) -> Floats:
    """Cumulative shares, filled up with what is above every uniform."""
    made = np.full((len(shares), width), 2.0)
    for place, row in enumerate(shares):
        if row:
            made[place, : len(row)] = list(accumulate(row))
            made[place, len(row) - 1] = 2.0
    return made
