"""The bad end of a distribution over trials: value at risk and what lies beyond it.

In: one figure a trial, more of it being better. Out: figures of the whole distribution with their
standard errors. Not here: which figures these are, means and percentiles (`summary`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True, slots=True)
class Tail:
    """What is lost in the worst share of trials; a loss is positive, a gain negative.

    Attributes
    ----------
    share : float
        Of trials, the worst.
    var : float
        Value at risk: no less is lost in that share of trials, and no more in the others.
    var_error : float
        Its standard error: half the distance between the order statistics one standard deviation
        of a binomial count to each side; NaN where there are too few trials for that.
    cvar : float
        Conditional value at risk (expected shortfall): the mean loss in that share of trials.
    cvar_error : float
        Its standard error in large samples.
    """

    share: float
    var: float
    var_error: float
    cvar: float
    cvar_error: float


def tail(values: ArrayLike, share: float = 0.05) -> Tail:
    """Value at risk and conditional value at risk.

    With losses ``L`` (the values, sign changed) of `n` trials in falling order, the value at risk
    is the ``ceil(n share)``-th and ``cvar = var + mean(max(L - var, 0)) / share`` (Rockafellar and
    Uryasev, *Optimization of conditional value-at-risk*, 2000): the mean of the worst ``n share``
    trials, the last of them in part. The standard error of the latter is that of the mean of
    ``max(L - var, 0) / share`` (Manistre and Hancock, *Variance of the CTE estimator*, 2005).

    Parameters
    ----------
    values : array of float, shape (trials,)
        Such as profits.
    share : float
        Above 0 and below 1.

    Returns
    -------
    Tail

    Raises
    ------
    ValueError
        If there are no trials, a value is not finite, or `share` is not between 0 and 1.

    """
    gains = np.sort(np.asarray(values, np.float64))
    count = len(gains)
    if not 0.0 < share < 1.0:
        raise ValueError(f"share: must be between 0 and 1, not {share}")
    if count == 0 or not np.isfinite(gains).all():
        raise ValueError("values: must be one finite number a trial")
    # The product may lie a rounding error above a whole number: 0.07 x 100 is no more than 7.
    place = max(math.ceil(count * share - 1e-9), 1)
    worst = float(gains[place - 1])
    excess = np.maximum(worst - gains, 0.0) / share
    error = float(excess.std(ddof=1)) / math.sqrt(count) if count > 1 else math.nan
    aside = math.sqrt(count * share * (1.0 - share))
    error_of_place = math.nan
    if place - aside >= 1.0 and place + aside <= count:
        low, high = np.interp([place - aside, place + aside], np.arange(1, count + 1), gains)
        error_of_place = float(high - low) / 2.0
    return Tail(share, 0.0 - worst, error_of_place, float(excess.mean()) - worst, error)
