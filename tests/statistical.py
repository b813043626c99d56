"""Checks on averages with a stated error rate and a stated power.

A check that could not have found the fault it is for fails: it does not pass quietly.
"""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

ALPHA = 1e-6
"""Chance that a check fails although nothing is wrong."""

POWER = 0.99
"""Chance that a check finds a fault as large as it says it can find."""


def _reach(alpha: float, power: float) -> float:
    return NormalDist().inv_cdf(1 - alpha / 2) + NormalDist().inv_cdf(power)


def assert_mean(values: ArrayLike, expected: float, *, detect: float) -> None:
    """The mean is as expected; a shift of `detect` would be found with `POWER`."""
    x = np.asarray(values, float)
    error = float(x.std(ddof=1)) / math.sqrt(len(x))
    assert error > 0, "values without spread: compare them exactly"
    assert _reach(ALPHA, POWER) * error <= detect, (
        f"inconclusive: with {len(x)} values the smallest shift that would be found is "
        f"{_reach(ALPHA, POWER) * error:g}"
    )
    limit = NormalDist().inv_cdf(1 - ALPHA / 2) * error
    assert abs(float(x.mean()) - expected) <= limit, f"{x.mean()} is not {expected} +- {limit}"


def assert_share(successes: int, n: int, expected: float, *, detect: float) -> None:
    """A share is as expected (exact binomial tails); a shift of `detect` would be found."""
    from scipy.stats import binom

    error = math.sqrt(expected * (1 - expected) / n)
    assert _reach(ALPHA, POWER) * error <= detect, (
        f"inconclusive: with n = {n} the smallest shift found is {_reach(ALPHA, POWER) * error:g}"
    )
    tail = min(binom.cdf(successes, n, expected), binom.sf(successes - 1, n, expected))
    assert tail >= ALPHA / 2, f"{successes} of {n} is not a share of {expected}"


def assert_distribution(values: ArrayLike, cdf: ArrayLike, *, detect: float) -> None:
    """The empirical distribution is within the Dvoretzky-Kiefer-Wolfowitz bound of `cdf`.

    Parameters
    ----------
    values : array_like of whole numbers from 0
    cdf : array_like
        Chance of at most 0, 1, 2, ...
    detect : float
        Gap that the bound must be able to see.

    """
    x, expected = np.asarray(values), np.asarray(cdf, float)
    bound = math.sqrt(math.log(2 / ALPHA) / (2 * len(x)))
    assert 2 * bound <= detect, f"inconclusive: the bound is {bound:g}"
    empirical = np.cumsum(np.bincount(x, minlength=len(expected)))[: len(expected)] / len(x)
    assert np.abs(empirical - expected).max() <= bound
