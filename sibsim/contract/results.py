"""What a contract finds once, for all people together: a rate, a reduction, how many more.

In: how much of each outcome there was and would have been, how many people started. Out: one number
a trial for a payment term. Not here: with whom people are compared (`evidence`) and what the
comparison finds (`sibsim.measuring`), what is paid for it (`mechanisms`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Results:
    """Sums over the contract, of everybody who started, whether a claim can be made or not.

    Attributes
    ----------
    with_ : ndarray of int64, shape (trials, outcomes)
        With the service.
    without : ndarray of float64, shape (trials, outcomes)
        What there would have been without it, as it is or as the evidence has it.
    started : ndarray of int64, shape (trials,)
    spread : ndarray of float64, shape (trials, outcomes)
        Standard deviation between people of how much each has without the service.
    """

    with_: NDArray[np.int64]
    without: NDArray[np.float64]
    started: NDArray[np.int64]
    spread: NDArray[np.float64] | float = 0.0

    def of(self, outcome: int, result: str) -> Floats:
        """One of `RESULTS` for an outcome by its position, shape (trials,)."""
        found = RESULTS[result](self.with_[:, outcome], self.without[:, outcome], self.started)
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
