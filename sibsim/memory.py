"""What fits into memory: how large a block may be, and what is refused before anything is done.

In: a deal, a number of trials. Out: sizes, or an error that says what it would need. Not here: the
work itself (`simulation`).
"""

from __future__ import annotations

import operator
import os

from sibsim.errors import RefusedError, UsageError
from sibsim.people.engine import bytes_per_trial, rows_per_trial
from sibsim.scenario.deal import Scenario

BLOCK_ROWS = 4_000_000
"""Event rows that a block may need at the most: what bounds memory."""

BLOCK_TRIALS = 256
"""Trials in a block at the most, so that work is spread over the processors."""

MOST_BLOCK_TRIALS = 2**15 - 1
"""A trial is numbered within its block in 16 bits."""

MEMORY_SHARE = 0.6
"""Share of the machine's memory that results may take."""


def block_size(deal: Scenario) -> int:
    """Trials in a block of work."""
    rows = rows_per_trial(deal.population, deal.timeline)
    return min(BLOCK_TRIALS, max(1, BLOCK_ROWS // rows))


def whole_number(name: str, value: int) -> int:
    """A whole number, also one of NumPy's."""
    try:
        if not isinstance(value, bool):
            return operator.index(value)
    except TypeError:
        pass
    raise UsageError(f"{name} must be a whole number; it is {value!r}")


def check_trials(deal: Scenario, trials: int) -> int:
    """A number of trials; refused if it is none, or if memory cannot hold its results."""
    trials = whole_number("trials", trials)
    if trials < 1:
        raise UsageError(f"trials must be a whole number of 1 or more; it is {trials!r}")
    # Ten tables of trials x months, one more a line of costs and four a tranche; and as much again
    # for what is reckoned from them.
    tables = 10 + len(deal.costs.lines) + 4 * len(deal.capital)
    needed, memory = trials * deal.timeline.horizon * 8 * tables * 2, _memory()
    if needed > MEMORY_SHARE * memory:
        most = int(MEMORY_SHARE * memory / needed * trials)
        raise RefusedError(
            f"{trials:,} trials would need about {needed / 2**30:,.0f} GiB of memory; this machine "
            f"can do about {most:,} of this deal"
        )
    return trials


def check_people(deal: Scenario) -> None:
    """Refuse a population whose single trial memory cannot hold."""
    needed, memory = bytes_per_trial(deal.population, deal.timeline), _memory()
    if needed > MEMORY_SHARE * memory:
        heads = sum(cohort.referrals.mean for cohort in deal.people.values())
        rows = rows_per_trial(deal.population, deal.timeline) / heads
        raise RefusedError(
            f"people: {heads:,.0f} people, with up to {rows:,.0f} outcomes each, would need about "
            f"{needed / 2**30:,.0f} GiB of memory for a single trial; this machine has "
            f"{memory / 2**30:,.0f} / try: fewer referrals, rarer events, a shorter contract"
        )


def _memory() -> int:
    """Memory of the machine in bytes."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
