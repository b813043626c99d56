"""One trial's story: who started, who reached what and when, and what moved each month.

In: a deal, a seed, the number of a trial. Out: two tables. Luck is stateless, so the trial is the
same as inside a run of thousands. Not here: many trials.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sibsim.errors import UsageError
from sibsim.finance import irr_roots
from sibsim.people.events import NEVER
from sibsim.scenario.deal import Scenario
from sibsim.simulation import Outcomes, settle
from sibsim.streams import Luck

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Trace:
    """One trial, person by person and pound by pound.

    Attributes
    ----------
    people : pandas.DataFrame
        One row an event in order of the days: date, day, cohort, person, event ("starts", "drops
        out", or the name of an outcome), occurrence, world ("with" or "without" the service),
        served.
    pounds : pandas.DataFrame
        One row a month, one column a ledger line, in major units.
    rates : tuple of float
        Every annual rate between -99.99 % and 1000 % that fits the investor's flows: one as a rule,
        several where the metric `investor.irr` is undefined for that reason.
    """

    people: pd.DataFrame
    pounds: pd.DataFrame
    rates: tuple[float, ...]


def trace(deal: Scenario, *, seed: int, trial: int = 0) -> Trace:
    """Tell one trial's story.

    Parameters
    ----------
    deal : Scenario
    seed : int
    trial : int
        0 or more; the same trial of a run with this seed is identical.

    Raises
    ------
    UsageError
        If the seed or the trial is not a number that can be used.
    """
    import pandas as pd

    try:
        luck = Luck(seed, trial, 1)
    except ValueError as error:
        raise UsageError(f"trace: {error}") from error
    outcomes = Outcomes(deal, seed, trials=1, block_trials=1, first=trial)
    block = outcomes.block(luck)
    cohorts, names = list(deal.people), list(deal.outcomes)
    rows: list[tuple[int, str, int, str, int, str, bool]] = []
    for place, people in enumerate(block.people):
        for event, days in (("starts", people.start), ("drops out", people.left)):
            rows += [
                (int(days[0, who]), cohorts[place], int(who), event, 0, "with", False)
                for who in np.flatnonzero(days[0] < NEVER)
            ]
    for world, events in (("with", block.reached), ("without", block.otherwise)):
        rows += [
            (int(day), cohorts[cohort], int(who), names[what], int(times), world, bool(served))
            for cohort, who, what, times, day, served, _ in zip(*events.columns()[1:], strict=True)
        ]
    rows.sort(key=lambda row: (row[0], row[1], row[2]))
    columns = ["day", "cohort", "person", "event", "occurrence", "world", "served"]
    story = pd.DataFrame(rows, columns=columns)
    start = deal.timeline.start
    story.insert(0, "date", [start + dt.timedelta(days=int(day)) for day in story["day"]])
    settled = settle(deal, outcomes)
    months = [deal.timeline.label(month) for month in range(deal.timeline.horizon)]
    pounds = pd.DataFrame(
        {entry.line: settled.major(entry.amount[0]) for entry in settled.tables.ledger},
        index=pd.Index(months, name="month"),
    )
    return Trace(story, pounds, tuple(irr_roots(settled.flow("investor")[0])))
