"""What became of capital that was put in: how long it was out, what it earned, what was lost.

In: arrays of what was drawn and given back, one row a trial and one column a month. Out: arrays
with one figure a trial, NaN where it is not defined. Not here: rates of return (`finance`), the
distribution over trials (`risk`), and whose capital it is.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sibsim.finance import Floats, Money, peak_funding


def capital_out(drawn: ArrayLike, given: ArrayLike) -> Money:
    """Capital that is out at the end of each month.

    What is drawn adds to it; what is given back repays it first and is a return *on* capital only
    once nothing is out, as investors count it, whatever the account calls the payment.

    Parameters
    ----------
    drawn, given : arrays of int64 or float64, shape (trials, months)
        Never negative. Within a month money is drawn first.

    Returns
    -------
    int64 or float64, shape (trials, months)

    Raises
    ------
    ValueError
        If the shapes differ, or an amount is negative or not finite.

    """
    rows, back = _amounts("drawn", drawn), _amounts("given", given)
    if rows.shape != back.shape:
        raise ValueError(f"drawn is {rows.shape}, given {back.shape}")
    total = (rows - back).cumsum(axis=1)
    # Given beyond what is out does not make a debt: the total starts anew from its lowest point.
    lowest = np.minimum.accumulate(np.minimum(total, 0), axis=1)
    out: Money = total - lowest
    return out


def capital_back(drawn: ArrayLike, given: ArrayLike) -> Money:
    """How much of what is given in each month repays capital; as `capital_out`."""
    out = capital_out(drawn, given)
    before = np.concatenate([np.zeros_like(out[:, :1]), out[:, :-1]], axis=1)
    back: Money = before + _amounts("drawn", drawn) - out
    return back


def average_life(drawn: ArrayLike, given: ArrayLike) -> Floats:
    """Weighted average life in years: how long capital that comes back was out, on average.

    The mean date of the repayments of capital, weighted by amount, less that of the draws that they
    repay, the first draw first. With one draw it is the weighted average life of a loan as lenders
    reckon it, the mean time until a unit of principal is repaid; where all comes back it is the
    capital out, added up over the months, over what was drawn, / 12. NaN where nothing comes back.
    What is lost has no life.

    Parameters
    ----------
    drawn, given : arrays of int64 or float64, shape (trials, months)
        As for `capital_out`.

    Returns
    -------
    float64, shape (trials,)

    """
    rows, back = _amounts("drawn", drawn), capital_back(drawn, given)
    repaid = back.sum(axis=1, keepdims=True)
    matched = np.diff(np.minimum(rows.cumsum(axis=1), repaid), axis=1, prepend=0)
    months = np.arange(rows.shape[1])
    waited = (back * months).sum(axis=1) - (matched * months).sum(axis=1)
    return _ratio(waited, 12.0 * repaid[:, 0])


def cash_yield(drawn: ArrayLike, given: ArrayLike) -> Floats:
    """What is given beyond the return of capital, a year, over the capital that is out.

    The cash-on-cash return (yearly distributions over cash invested) without the part of the
    distributions that is a return *of* capital, by which that measure overstates the yield; as an
    average over the months, weighted by the capital that is out at their beginning.

    Parameters
    ----------
    drawn, given : arrays of int64 or float64, shape (trials, months)
        As for `capital_out`.

    Returns
    -------
    float64, shape (trials,)
        NaN where capital is never out over the end of a month.

    """
    out, back = capital_out(drawn, given), capital_back(drawn, given)
    earned = _amounts("given", given).sum(axis=1) - back.sum(axis=1)
    return _ratio(12.0 * earned, out[:, :-1].sum(axis=1).astype(np.float64))


def recycling(spent: ArrayLike, flows: ArrayLike) -> Floats:
    """How many times over the most that investors have at stake pays for the service.

    All that was spent on the service over the peak funding: above 1 where early payments for
    outcomes go back into delivery. In that sense Brookings (*The potential and limitations of
    impact bonds*, 2015) speaks of capital that is "recycled three or four times".

    Parameters
    ----------
    spent : array of int64 or float64, shape (trials,)
    flows : array of int64 or float64, shape (trials, months)
        The investors' flows, inflows to them positive.

    Returns
    -------
    float64, shape (trials,)
        NaN where nothing is ever at stake.

    """
    return _ratio(np.asarray(spent, np.float64), peak_funding(flows).astype(np.float64))


def loss_given_loss(drawn: ArrayLike, received: ArrayLike) -> Floats:
    """Share of what was put in that is lost; NaN where nothing is lost.

    Parameters
    ----------
    drawn, received : arrays of int64 or float64, shape (trials,)

    Returns
    -------
    float64, shape (trials,)

    """
    paid = np.asarray(drawn, np.float64)
    lost = paid - np.asarray(received, np.float64)
    return np.where(lost > 0, _ratio(lost, paid), math.nan)


def _ratio(above: NDArray[np.float64], below: NDArray[np.float64]) -> Floats:
    """NaN where there is nothing to divide by."""
    made: Floats = np.divide(above, below, out=np.full(len(above), math.nan), where=below > 0)
    return made


def _amounts(name: str, values: ArrayLike) -> Money:
    """Amounts of money by month, checked."""
    rows = np.atleast_2d(np.asarray(values))
    if rows.ndim != 2 or not np.can_cast(rows.dtype, np.float64):
        raise ValueError(f"{name}: must be numbers of shape (trials, months), not {rows.shape}")
    if not np.isfinite(rows).all() or rows.min(initial=0) < 0:
        raise ValueError(f"{name}: must be finite and not negative")
    return rows
