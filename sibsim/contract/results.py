"""What a contract finds once, for all people together: a rate, a reduction, how many more.

In: how much of each outcome there was and would have been, how many people started. Out: one number
a trial for a payment term; how two averages from before the service differ. Not here: with whom
people are compared (`evidence`) and what the comparison finds (`sibsim.measuring`), what is paid
for it (`mechanisms`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sibsim.contract.evidence import DifferenceInDifferences
from sibsim.quantities import Quantity

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Results:
    """Sums over a window, of everybody who started, whether a claim can be made or not.

    Attributes
    ----------
    with_ : ndarray of int64, shape (trials, outcomes)
        With the service.
    without : ndarray of float64, shape (trials, outcomes)
        What there would have been without it, as it is or as the evidence has it.
    people : ndarray of int64, shape (trials, outcomes)
        Who started, and whose result is known.
    spread : ndarray of float64, shape (trials, outcomes)
        Standard deviation between people of how much each has without the service.
    """

    with_: NDArray[np.int64]
    without: NDArray[np.float64]
    people: NDArray[np.int64]
    spread: NDArray[np.float64] | float = 0.0

    def of(self, outcome: int, result: str) -> Floats:
        """One of `RESULTS` for an outcome by its position, shape (trials,)."""
        sums = (self.with_[:, outcome], self.without[:, outcome], self.people[:, outcome])
        found = RESULTS[result](*sums)
        if result != "standardised":
            return found
        return _share(found, np.broadcast_to(self.spread, self.with_.shape)[:, outcome])


def _share(part: NDArray[Any], whole: NDArray[Any]) -> Floats:
    """A part of a whole; nil if there is no whole."""
    return np.where(whole > 0, part / np.where(whole > 0, whole, 1), 0.0)


RESULTS: dict[str, Callable[[NDArray[Any], NDArray[Any], NDArray[Any]], Floats]] = {
    "reduction": lambda w, v, n: _share(v - w, v),
    "increase": lambda w, v, n: _share(w - v, v),
    "rate": lambda w, v, n: _share(w, n),
    "added": lambda w, v, n: _share(w - v, n),
    "standardised": lambda w, v, n: _share(w - v, n),  # and then over the spread
    "fewer": lambda w, v, n: np.maximum(v - w, 0).astype(np.float64),
    "more": lambda w, v, n: np.maximum(w - v, 0).astype(np.float64),
}
"""What a result may be, from how much there was with the service, without it, and who started."""


def earlier(
    design: DifferenceInDifferences,
    counted: NDArray[np.bool_],
    people: NDArray[np.int64],
    group: NDArray[np.int64],
    uniforms: Floats,
) -> tuple[Floats, Floats]:
    """How two averages from before the service are found to differ.

    They are of other people, as many as are followed after it. Of outcomes that people reach each
    average is exactly that of a binomial number; of what is counted it is normal.

    Parameters
    ----------
    design : DifferenceInDifferences
        Drawn.
    counted : ndarray of bool, shape (outcomes,)
        Outcomes that count something else than people.
    people, group : ndarray of int64, shape (trials,)
        How many they are, on either side.
    uniforms : ndarray of float64, shape (trials, 2)

    Returns
    -------
    difference, variance : ndarray of float64, shape (trials, outcomes)
        Average of those like the served less that of those like the group, and the sum of the
        sample variances of both averages.
    """
    sides = (design.before, people, uniforms[:, 0]), (design.before_group, group, uniforms[:, 1])
    spread = None if design.spread is None else design.spread.values
    (mine, my_error), (theirs, their_error) = (_shares(*side) for side in sides)
    difference, error = mine - theirs, my_error + their_error
    if spread is not None:
        (mine, my_error), (theirs, their_error) = (_averages(*side, spread) for side in sides)
        other, more = mine - theirs, my_error + their_error
        return (np.where(counted, other[:, None], difference[:, None]),
                np.where(counted, more[:, None], error[:, None]))  # fmt: skip
    shape = len(people), len(counted)
    return np.broadcast_to(difference[:, None], shape), np.broadcast_to(error[:, None], shape)


def _shares(level: Quantity, people: NDArray[np.int64], u: Floats) -> tuple[Floats, Floats]:
    """A share of so many people, and the sample variance of it."""
    from scipy.stats import binom

    n = np.maximum(people, 2)
    chance = np.broadcast_to(np.clip(level.values, 0.0, 1.0), n.shape)
    share = np.maximum(binom.ppf(u, n, chance), 0.0) / n
    return share, share * (1.0 - share) / (n - 1)


def _averages(
    level: Quantity, people: NDArray[np.int64], u: Floats, spread: Floats
) -> tuple[Floats, Floats]:
    """An average of so many people whose own amounts have a known spread, and its variance."""
    from scipy.special import ndtri

    error = np.broadcast_to(spread, people.shape) / np.sqrt(np.maximum(people, 2))
    found: Floats = level.values + error * ndtri(np.maximum(u, 2.0**-54))
    return found, error**2
