"""What delivery costs, month by month.

In: drawn cost terms, the days on which people are in service. Out: whole minor units by month. Not
here: who pays (`capital`), what the costs achieve.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sibsim.accounts.terms import Costs
from sibsim.rounding import Pence, pence, per_month, product
from sibsim.timeline import Timeline
from sibsim.writing import DAYS_PER_MONTH


def starts_by_month(start: NDArray[np.int16], timeline: Timeline) -> Pence:
    """Number of people whose first day falls in each month.

    Parameters
    ----------
    start : ndarray of int16, shape (trials, people)
        First days; those beyond the contract are not counted.

    Returns
    -------
    ndarray of int64, shape (trials, months)
    """
    trial, person = np.nonzero(start < timeline.contract_days)
    month = timeline.month_of_day[start[trial, person]]
    cells = np.bincount(trial * timeline.months + month, minlength=len(start) * timeline.months)
    return cells.reshape(len(start), timeline.months)


def days_by_month(
    start: NDArray[np.int16], end: NDArray[np.int16], timeline: Timeline
) -> Pence:
    """Days in service that fall in each month, over all people, shape (trials, months).

    Parameters
    ----------
    start, end : ndarray of int16, shape (trials, people)
        First day in service and first day no longer in it.
    """
    trials, days, months = len(start), timeline.contract_days, timeline.months
    trial, person = np.nonzero(start < days)
    edges, size = timeline.month_starts[: months + 1], trials * (months + 1)
    begun = np.zeros((trials, months), np.int64)
    for sign, day in ((1, start[trial, person]), (-1, np.minimum(end[trial, person], days))):
        # From this day on: what is left of its month, and every later month whole.
        month = timeline.month_of_day[np.minimum(day, days - 1)].astype(np.int64)
        month[day == days] = months
        cell = trial * (months + 1) + month
        people = np.bincount(cell, minlength=size).reshape(trials, months + 1)
        gone = np.bincount(cell, day - edges[month], size).reshape(trials, months + 1)
        whole = np.cumsum(people[:, :months], axis=1) * np.diff(edges)
        begun += sign * (whole - gone[:, :months].astype(np.int64))
    return begun


def monthly_costs(costs: Costs, starts: Pence, days: Pence, horizon: int) -> Pence:
    """Costs of delivery by month; each kind of cost is rounded once a month, halves upwards.

    Parameters
    ----------
    costs : Costs
        Terms whose uncertain numbers have been drawn.
    starts, days : ndarray of int64, shape (trials, months)

    Returns
    -------
    ndarray of int64, shape (trials, horizon)
    """
    trials, months = starts.shape
    total = np.zeros((trials, horizon), np.int64)
    total[:, 0] += pence(costs.set_up.values)
    total[:, :months] += pence(per_month(costs.fixed.values, costs.fixed.period))[:, None]
    total[:, :months] += product(starts, pence(costs.per_start.values)[:, None])
    rate = per_month(costs.per_month.values, costs.per_month.period)
    total[:, :months] += pence(rate[:, None] * days / DAYS_PER_MONTH)
    return total
