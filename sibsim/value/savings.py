"""What the public purse saves because outcomes were reached that would not have been.

In: drawn terms of savings, numbers of additional outcomes by month. Out: whole minor units by month
and saving. Not here: who reached what, present values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sibsim.quantities import Quantity
from sibsim.rounding import Pence, pence, per_month
from sibsim.timeline import Timeline
from sibsim.value.terms import Saving


@dataclass(frozen=True)
class Savings:
    """What each saving comes to, int64 of shape (trials, horizon, savings).

    Attributes
    ----------
    gross : ndarray
    cashable : ndarray
        The part that can be taken out of a budget.
    """

    gross: Pence
    cashable: Pence


def reckon(
    savings: Mapping[str, Saving],
    additional: Pence,
    positions: Mapping[str, int],
    timeline: Timeline,
    inflation: Quantity,
    nominal: bool,
) -> Savings:
    """Turn additional outcomes into savings (docs/model.md, section 7).

    Parameters
    ----------
    additional : ndarray of int64, shape (trials, months, outcomes)
        People who first reach an outcome in a month with the service, less those without it; of the
        outcomes that savings hang on.
    positions : mapping of str to int
        Position of each outcome in `additional`.
    inflation : Quantity
        Drawn yearly price rise.
    nominal : bool
        Whether savings grow with prices after the start.
    """
    trials = len(additional)
    shape = (trials, timeline.horizon, len(savings))
    gross, cashable = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    growth = 1.0 + inflation.values[:, None]
    years = np.arange(timeline.horizon) // 12 if nominal else np.zeros(timeline.horizon)
    for place, saving in enumerate(savings.values()):
        more = additional[:, :, positions[saving.for_]] * (1 if saving.per == "more" else -1)
        running = _people_saving(saving, more, timeline)
        base = timeline.financial_year if saving.price_year is None else saving.price_year
        each = saving.amount.values[:, None] * growth ** (timeline.financial_year - base + years)
        if saving.amount.period != "each":
            each = per_month(each, saving.amount.period)
        gross[:, :, place] = pence(running * each)
        cashable[:, :, place] = pence(saving.cashable.values[:, None] * gross[:, :, place])
    return Savings(gross, cashable)


def _people_saving(saving: Saving, additional: Pence, timeline: Timeline) -> Pence:
    """Number of people for whom the saving runs in each month, shape (trials, horizon)."""
    trials, months = additional.shape
    lag = round(saving.lag.mean)
    lasts = 1 if saving.amount.period == "each" else round(saving.lasts.mean)
    change = np.zeros((trials, timeline.horizon + 1), np.int64)
    change[:, lag : lag + months] += additional
    change[:, lag + lasts : lag + lasts + months] -= additional
    return np.cumsum(change, axis=1)[:, : timeline.horizon]
