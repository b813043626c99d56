"""Numbers whose luck hangs together: a Gaussian copula on rank correlations.

In: addresses, rank correlations of some pairs, luck. Out: uniforms that are each still uniform and
together as correlated as was asked; or that no numbers can be. Not here: what a uniform becomes
(`distributions`), which addresses a deal names.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sibsim.streams import Luck

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Pair = tuple[int, int]
"""Places of two numbers in the order of the addresses, the later one first."""

Rows = tuple[tuple[float, ...], ...]
"""A lower triangle: row k has k + 1 numbers."""

NOTHING = 1e-12
"""What is left of a variance that is nil but for rounding: a rank correlation of 1 or -1."""


def factor(count: int, ranks: Mapping[Pair, float]) -> Rows | None:
    """Cholesky factor of the normal correlations that give these rank correlations.

    In plain Python, because a file is checked without numpy, and a few numbers are quick.

    Parameters
    ----------
    count : int
        How many numbers there are.
    ranks : mapping of pair of int to float
        Spearman's rank correlation, from -1 to 1; pairs not named have none.

    Returns
    -------
    tuple of tuple of float, or None
        None if no numbers can be correlated like this (the matrix has a negative eigenvalue).
    """
    rows: list[tuple[float, ...]] = []
    for k in range(count):
        row: list[float] = []
        for j in range(k):
            left = normal(ranks.get((k, j), 0.0)) - _dot(row, rows[j])
            if rows[j][j] == 0.0 and abs(left) > math.sqrt(NOTHING):
                return None
            row.append(left / rows[j][j] if rows[j][j] > 0.0 else 0.0)
        rest = 1.0 - _dot(row, row)
        if rest < -NOTHING:
            return None
        rows.append((*row, math.sqrt(rest) if rest > NOTHING else 0.0))
    return tuple(rows)


def normal(rank: float) -> float:
    """Pearson's correlation of two normal numbers whose rank correlation is `rank`."""
    return 2.0 * math.sin(math.pi * rank / 6.0)


def _dot(one: Sequence[float], other: Sequence[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=False))


def shrinkage(count: int, ranks: Mapping[Pair, float]) -> float:
    """The largest factor, in whole hundredths, with which all the ranks together can hold."""
    def holds(hundredths: int) -> bool:
        scaled = {pair: rank * hundredths / 100 for pair, rank in ranks.items()}
        return factor(count, scaled) is not None

    low, high = 0, 100
    if holds(high):
        return 1.0
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low / 100


@dataclass(frozen=True, slots=True)
class Copula:
    """The joint luck of some addresses.

    Attributes
    ----------
    addresses : tuple of str
        An address depends on its own luck and on that of the addresses before it, never on later.
    rows : tuple of tuple of float
        As `factor` gives them.
    """

    addresses: tuple[str, ...] = ()
    rows: Rows = ()

    def uniforms(self, address: str, luck: Luck) -> NDArray[np.float64]:
        """One uniform a trial, of shape (trials,), for the number at an address.

        What hangs on nothing before it keeps exactly the uniform of its own stream.
        """
        if address not in self.addresses:
            return luck.uniforms(address)
        row = self.rows[self.addresses.index(address)]
        if row[-1] == 1.0:
            return luck.uniforms(address)
        import numpy as np
        from scipy.special import ndtr, ndtri

        total = np.zeros(luck.trials)
        # One by one and not as a product of matrices, whose rounding depends on the block's size.
        for weight, other in zip(row, self.addresses, strict=False):
            if weight != 0.0:
                # A uniform can be 0, where the normal has no value: half a step above it is taken.
                total += weight * ndtri(np.maximum(luck.uniforms(other), 2.0**-54))
        joint: NDArray[np.float64] = np.minimum(ndtr(total), 1.0 - 2.0**-53)
        return joint
