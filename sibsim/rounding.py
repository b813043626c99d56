"""From reckoned amounts to whole minor units: the one rule, in one place.

In: float64 amounts in minor units, or rates for a period. Out: int64, halves upwards; amounts a
month. Not here: when a payment becomes a ledger entry, which is when it is rounded.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sibsim.writing import PERIOD_DAYS

Pence = NDArray[np.int64]
"""Whole minor units of the deal's currency."""


def pence(amount: Any) -> Pence:
    """Whole minor units: ``floor(x + 1/2)`` in double precision."""
    whole: Pence = np.floor(np.asarray(amount) + 0.5).astype(np.int64)
    return whole


def per_month(amount: Any, period: str) -> NDArray[np.float64]:
    """An amount for a period as an amount a month: a year / 12, a week x 30.4375 / 7."""
    monthly: NDArray[np.float64] = amount / (PERIOD_DAYS[period] / PERIOD_DAYS["month"])
    return monthly
