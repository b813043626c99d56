"""Waits that need not end: a hazard in pieces, and a survival curve in steps.

In: own parameters, uniforms or times. Out: as in `curves`, with inf for those who never get there,
and what is wrong with a curve. Not here: what may be written (`families`), files of curves.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sibsim.curves import Own, Point, step_mean, step_ppf, step_support, steps

if TYPE_CHECKING:
    from sibsim.curves import Array


def hazard(*values: float) -> Own:
    """Starts of the pieces, then the rate a day in each; a share s in P days is -log(1 - s) / P."""
    pairs = zip(values[1::3], values[2::3], strict=True)
    return (*values[::3], *(-math.log1p(-share) / per for share, per in pairs))


def _hazard_pieces(own: Own) -> tuple[Array, Array, Array]:
    """Starts, rates, and the hazard that has come together up to each start."""
    import numpy as np

    starts, rates = steps(own)
    return starts, rates, np.concatenate([[0.0], np.cumsum(rates[:-1] * np.diff(starts))])


def hazard_ppf(own: Own, u: Array) -> Array:
    """Inverse distribution function of a hazard in pieces; inf for those who never get there."""
    import numpy as np

    starts, rates, upto = _hazard_pieces(own)
    with np.errstate(divide="ignore", invalid="ignore"):
        needed = -np.log1p(-u)
        piece = np.searchsorted(upto, needed, side="right") - 1
        inside = (needed - upto[piece]) / rates[piece]
    return np.where(rates[piece] > 0.0, starts[piece] + inside, math.inf)


def hazard_cdf(own: Own, x: Array) -> Array:
    """Distribution function of a hazard in pieces."""
    import numpy as np

    starts, rates, upto = _hazard_pieces(own)
    x = np.maximum(x, 0.0)
    piece = np.searchsorted(starts, x, side="right") - 1
    with np.errstate(invalid="ignore"):
        inside = np.where(rates[piece] > 0.0, rates[piece] * (x - starts[piece]), 0.0)
    return -np.expm1(-(upto[piece] + inside))


def hazard_mean(own: Own) -> float:
    """Mean of a hazard in pieces: the area under its survival; inf if some never get there."""
    half = len(own) // 2
    area, left = 0.0, 1.0
    for k in range(half):
        rate, last = own[half + k], k + 1 == half
        if left == 0.0:
            break
        if rate == 0.0:
            area += left * (math.inf if last else own[k + 1] - own[k])
            continue
        passed = math.inf if last else rate * (own[k + 1] - own[k])
        area += left * -math.expm1(-passed) / rate
        left *= math.exp(-passed)  # not 1 - gone: what is hardly ever left is not nil
    return area


def hazard_support(own: Own) -> tuple[float, float]:
    """From the first piece in which anything can happen."""
    half = len(own) // 2
    return next((own[k] for k in range(half) if own[half + k] > 0.0), math.inf), math.inf


def own_steps(*values: float) -> Own:
    """Times at which a survival curve falls, then the chance of at most each."""
    falls, before = [], 1.0
    for time, share in zip(values[::2], values[1::2], strict=True):
        if share < before:
            falls.append((time, 1.0 - share))
            before = share
    return (*(time for time, _ in falls), *(upto for _, upto in falls))


def ppf(own: Own, u: Array) -> Array:
    """Inverse distribution function of a survival curve; inf for those beyond its end."""
    import numpy as np

    return np.where((u < own[-1]) | (own[-1] == 1.0), step_ppf(own, u), math.inf)


def mean(own: Own) -> float:
    """Mean of a survival curve; inf if it does not come down to nil."""
    return step_mean(own) if own[-1] == 1.0 else math.inf


def support(own: Own) -> tuple[float, float]:
    """First and last fall; inf if it does not come down to nil."""
    low, high = step_support(own)
    return low, high if own[-1] == 1.0 else math.inf


def fault(points: Sequence[Point]) -> tuple[int, str] | None:
    """What is wrong with a survival curve, and at which of its points (time, share) first."""
    last = (-1.0, 1.0)
    for place, (time, share) in enumerate(points):
        if time < 0.0 or time <= last[0]:
            return place, "the time does not come after the one before it"
        if not 0.0 <= share <= 1.0:
            return place, "the survival must be from 0% to 100%"
        if share > last[1]:
            return place, "the survival rises; it can only stay or fall"
        if time == 0.0 and share != 1.0:
            return place, "the survival at the beginning must be 100%"
        last = time, share
    if last[1] == 1.0:
        return len(points) - 1, "the survival never falls, so nobody ever gets there"
    return None
