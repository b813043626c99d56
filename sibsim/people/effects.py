"""Effects as practitioners state them, turned into chances and waiting times with the service.

In: drawn terms. Out: chances in each trial, cumulative waiting times by day. Not here: who is where
when (`kernels`, `lives`, `des`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sibsim.quantities import Quantity
from sibsim.terms import number, share, term

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Effect:
    """What the service changes, beside what happens without it."""

    risk_difference: Quantity | None = term(
        share(low=-1), "Added to the chance without the service.", "10%", default=None
    )
    risk_ratio: Quantity | None = term(
        number(low=0, high=1_000), "Factor on the chance without the service.", "1.3", default=None
    )
    odds_ratio: Quantity | None = term(
        number(low=0, high=1_000), "Factor on the odds without the service.", "1.8", default=None
    )
    hazard_ratio: Quantity | None = term(
        number(low=0, high=1_000), "Factor on the hazard without the service, at every moment.",
        "0.7", default=None,
    )  # fmt: skip
    added_days: Quantity | None = term(
        number(low=-18_262, high=18_262), "Days that the service adds to the waiting time.", "30",
        default=None,
    )  # fmt: skip

    def ratios(self) -> dict[str, Quantity]:
        """Those of the effects on the chance that are stated."""
        names = ("risk_difference", "risk_ratio", "odds_ratio", "hazard_ratio")
        stated = {name: getattr(self, name) for name in names}
        return {name: value for name, value in stated.items() if value is not None}


def chances(
    chance: Quantity | None, without: Quantity, effect: Effect | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Chance with the service and without it, each of shape (trials,) or (1,).

    With a risk difference d it is p + d, with a risk ratio r it is r p, with an odds ratio o it is
    o p / (1 - p + o p), with a hazard ratio h it is 1 - (1 - p)^h, within 0 and 1 in each case.
    """
    import numpy as np

    p = without.values
    if chance is not None:
        return chance.values, p
    if effect is None:
        return p, p
    if effect.risk_difference is not None:
        q = p + effect.risk_difference.values
    elif effect.risk_ratio is not None:
        q = p * effect.risk_ratio.values
    elif effect.odds_ratio is not None:
        odds = effect.odds_ratio.values
        with np.errstate(invalid="ignore", divide="ignore"):
            q = np.where(p >= 1.0, p, odds * p / (1.0 - p + odds * p))
    elif effect.hazard_ratio is not None:
        q = 1.0 - (1.0 - p) ** effect.hazard_ratio.values
    else:
        q = p
    return np.clip(q, 0.0, 1.0), p


def quicker(
    table: NDArray[np.float64], chance: NDArray[np.float64], ratio: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Waiting times of those who leave, when a hazard ratio acts on all who may.

    Without the service F(d) = p G(d) have left by day d; with it 1 - (1 - F(d))^h, of which this is
    the part 1 - (1 - p)^h who leave at all. On one of several exits h acts on the hazard of its
    subdistribution (Fine and Gray, 1999, JASA 94(446)).

    Parameters
    ----------
    table : ndarray (days,)
        G, cumulative chances by day.
    chance, ratio : ndarray (trials or 1,)

    Returns
    -------
    ndarray (trials or 1, days)
    """
    import numpy as np

    p, h = np.broadcast_arrays(chance, ratio)
    ever = 1.0 - (1.0 - p) ** h
    gone = 1.0 - (1.0 - p[:, None] * table[None, :]) ** h[:, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        made = np.where(ever[:, None] > 0.0, gone / ever[:, None], table[None, :])
    return np.minimum(made, 1.0)


def later(table: NDArray[np.float64], days: NDArray[np.float64]) -> NDArray[np.float64]:
    """Cumulative chances by day when every wait is so many days longer (shorter if negative).

    Parameters
    ----------
    table : ndarray (rows, days)
    days : ndarray (trials or 1,)
        Rounded to whole days, halves upwards. A wait is never below nil.

    Returns
    -------
    ndarray (trials or 1, days)
    """
    import numpy as np

    shift = np.floor(days + 0.5).astype(np.int64)
    rows, many = np.broadcast_to(table, (max(len(table), len(shift)), table.shape[1])), len(shift)
    shift = np.broadcast_to(shift, (len(rows),)) if many == 1 else shift
    source = np.arange(table.shape[1])[None, :] - shift[:, None]
    found = np.take_along_axis(rows, np.clip(source, 0, table.shape[1] - 1), axis=1)
    return np.where(source >= 0, found, 0.0)
