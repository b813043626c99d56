"""Rates of return and present values of flows of money.

In: arrays of flows, one row a trial and one column a month or date, and rates. Out: arrays with one
figure a trial. Not here: what became of capital (`returns`), contracts, investors, savings, and
what any of the flows stands for.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sibsim.daycount import Days, counted

if TYPE_CHECKING:
    from sibsim.roots import Calendar

Floats = NDArray[np.float64]
Money = NDArray[np.int64] | NDArray[np.float64]


IRR_STATUSES = ("ok", "total loss", "none", "several")
"""What the status codes of `irr` mean; a code is a place in this tuple."""

GREEN_BOOK = ((1, 0.035), (31, 0.030), (76, 0.025), (126, 0.020), (201, 0.015), (301, 0.010))
"""Real discount rates of HM Treasury's Green Book: (first year, annual rate from that year on).

The edition of 2022 gives 3.5 % for years 0-30, 3.0 % for 31-75 and 2.5 % for 76-125 (annex A6). The
years after 125 are those of the edition of 2003 (annex 6, table 6.1). A review of these rates
reported in June 2026; whatever came of it is not in this table.
"""


def irr(flows: ArrayLike) -> tuple[Floats, NDArray[np.int8]]:
    """Internal rate of return of each trial's monthly flows, as an annual effective rate.

    ``(1 + i)**12 - 1``, where ``i`` sets the present value of the flows, at the ends of equally
    long months, to nil. `sibsim.roots` tells how it is found and what is done with roots
    that lie close together; ``docs/model.md``, section 6, has the definition.

    Parameters
    ----------
    flows : array of int64 or float64, shape (trials, months) or (months,)
        Money in any unit, inflows to the holder positive. A row alone counts as one trial.

    Returns
    -------
    annual : float64, shape (trials,)
        The rate, 0.1 for 10 %. -1 for a total loss; NaN for none and several.
    status : int8, shape (trials,)
        A place in `IRR_STATUSES`. *ok*: one root between -99.99 % and 1000 %, or none there and
        exactly one further out. *total loss*: outflows and no inflow. *none*: no flow, no outflow,
        or no such root. *several*: more than one root between -99.99 % and 1000 %. Which side pays
        first (investor or borrower) makes no difference.

    Raises
    ------
    ValueError
        If `flows` has another shape or kind, or holds NaN, infinity, or sums beyond the largest
        number a computer can hold.

    """
    rows = _rows("flows", flows)
    return _solved(rows, _calendar(np.arange(rows.shape[1]), 12))


def xirr(
    dates: Sequence[dt.date] | Days, flows: ArrayLike, day_count: str = "act/365f"
) -> tuple[Floats, NDArray[np.int8]]:
    """Internal rate of return of flows on dates, as an annual effective rate.

    The rate ``r`` that sets the sum of ``flow / (1 + r)**t`` to nil, with ``t`` the years since the
    first date by a day count: with Act/365F that of XIRR in spreadsheets. By ``monthly`` and dates
    a month apart it is that of `irr`.

    Parameters
    ----------
    dates : sequence of date, or array of datetime64, shape (dates,)
        The same for every trial, in any order; flows on one date are added up.
    flows : array of int64 or float64, shape (trials, dates) or (dates,)
        Inflows to the holder positive. A row alone counts as one trial.
    day_count : str
        A name of `sibsim.daycount.DAY_COUNTS`.

    Returns
    -------
    annual : float64, shape (trials,)
    status : int8, shape (trials,)
        As for `irr`.

    Raises
    ------
    ValueError
        As for `irr` and `sibsim.daycount.counted`, or if dates and flows do not match.

    """
    return _solved(*_dated(dates, flows, day_count))


def xirr_roots(
    dates: Sequence[dt.date] | Days, flows: ArrayLike, day_count: str = "act/365f"
) -> list[float]:
    """All rates between -99.99 % and 1000 % of one trial's flows on dates; see `irr_roots`."""
    return _all_roots(*_dated(dates, flows, day_count))


def irr_roots(flows: ArrayLike) -> list[float]:
    """All annual effective rates between -99.99 % and 1000 % at which one trial's value is nil.

    Parameters
    ----------
    flows : array of int64 or float64, shape (months,)
        Monthly flows, as for `irr`.

    Returns
    -------
    list of float
        In rising order; a rate at which the value only touches nil stands twice. Empty if there is
        none, or if the flows have not both signs.

    Raises
    ------
    ValueError
        If `flows` is not one row of finite numbers.

    """
    rows = _rows("flows", flows)
    return _all_roots(rows, _calendar(np.arange(rows.shape[1]), 12))


def multiple(drawn: ArrayLike, received: ArrayLike) -> Floats:
    """All that was given out over all that was drawn; NaN where nothing was drawn.

    Parameters
    ----------
    drawn, received : arrays of int64 or float64, shape (trials,) or (trials, months)
        Positive amounts: totals, or months to be added up.

    Returns
    -------
    float64, shape (trials,)

    Raises
    ------
    ValueError
        If the numbers of trials differ, or an amount is negative or not finite.

    """
    paid, back = _totals("drawn", drawn), _totals("received", received)
    if paid.shape != back.shape:
        raise ValueError(f"drawn has {len(paid)} trials, received {len(back)}")
    ratio: Floats = np.divide(back, paid, out=np.full(len(paid), math.nan), where=paid > 0)
    return ratio


def peak_funding(flows: ArrayLike) -> Money:
    """Lowest point of the cumulated flow, as a positive amount; 0 if it is never negative.

    Parameters
    ----------
    flows : array of int64 or float64, shape (trials, months) or (months,)
        Monthly flows, inflows positive. A row alone counts as one trial.

    Returns
    -------
    int64 or float64 as `flows`, shape (trials,)

    Raises
    ------
    ValueError
        If `flows` has another shape or kind, or is not finite.

    """
    lowest: Money = np.abs(np.minimum(_finite("flows", flows).cumsum(axis=1).min(axis=1), 0))
    return lowest


def peak_month(flows: ArrayLike) -> Floats:
    """First month, counted from 1, at whose end the cumulated flow is at its lowest.

    NaN where it is never negative; float64, shape (trials,). Takes and refuses what `peak_funding`
    does.
    """
    total = _finite("flows", flows).cumsum(axis=1)
    return np.where(total.min(axis=1) < 0, total.argmin(axis=1) + 1.0, math.nan)


def payback_month(flows: ArrayLike) -> Floats:
    """First month, counted from 1, from whose end on the cumulated flow is no longer below 0.

    Money that is called again later moves it: by this month all that was ever put in is back. NaN
    where the flow is never below 0, or is so at the end; float64, shape (trials,). Takes and
    refuses what `peak_funding` does.
    """
    below = _finite("flows", flows).cumsum(axis=1) < 0
    months = below.shape[1]
    back = months - below[:, ::-1].argmax(axis=1) + 1.0  # the month after the last one below
    return np.where(below.any(axis=1) & (back <= months), back, math.nan)


def discount_factors(
    months: int, rate: float | None = None, inflation: float = 0.0
) -> Floats:
    """What a unit of money in each month is worth in month 0.

    Month ``t`` belongs to year ``t // 12``; year 0 is not discounted. The factor is ``1 / product
    over the years 1..y of (1 + rate)``, and is divided by ``(1 + inflation)**y``.

    Parameters
    ----------
    months : int
        How many months.
    rate : float or None
        Annual real rate, 0.035 for 3.5 %; None for the Green Book's schedule (`GREEN_BOOK`).
    inflation : float
        Annual rate by which the flows have been uprated; 0 for flows in real terms.

    Returns
    -------
    float64, shape (months,)

    Raises
    ------
    ValueError
        If `months` is negative, or a rate is not finite or not above -100 %.

    """
    if months < 0:
        raise ValueError(f"months: must not be negative, not {months}")
    for name, value in (("rate", rate), ("inflation", inflation)):
        if value is not None and not -1.0 < value < math.inf:
            raise ValueError(f"{name}: must be a number above -1, not {value}")
    year = np.arange(months) // 12
    rates = np.full(months // 12, math.nan if rate is None else rate)  # of the years 1, 2, ...
    if rate is None:
        for first, from_then_on in GREEN_BOOK:
            rates[first - 1 :] = from_then_on
    # Products, not powers: the last bit of a power depends on the machine.
    growth = np.cumprod(np.concatenate(([1.0], (1.0 + rates) * (1.0 + inflation))))
    factors: Floats = 1.0 / growth[year]
    return factors


def npv(flows: ArrayLike, factors: ArrayLike) -> Floats:
    """Present value of each trial's flows.

    Parameters
    ----------
    flows : array of int64 or float64, shape (trials, months) or (months,)
        Monthly flows. A row alone counts as one trial.
    factors : array of float64, shape (months,) or (trials, months)
        Such as `discount_factors` gives.

    Returns
    -------
    float64, shape (trials,)
        A trial's figure does not depend on the trials it is computed with.

    Raises
    ------
    ValueError
        If the months, or the trials, do not match, or something is not finite.

    """
    rows, weights = _finite("flows", flows), _finite("factors", factors)
    if weights.shape not in (rows.shape, (1, rows.shape[1])):
        raise ValueError(f"factors: {weights.shape} does not match the flows' {rows.shape}")
    value: Floats = (rows * weights).sum(axis=1)
    return value


def xnpv(
    dates: Sequence[dt.date] | Days, flows: ArrayLike, rate: float, day_count: str = "act/365f"
) -> Floats:
    """Present value, on the first date, of each trial's flows on dates at one annual rate.

    Parameters
    ----------
    dates, flows, day_count
        As for `xirr`.
    rate : float
        Annual effective rate, such as an investor's hurdle; 0.08 for 8 %.

    Returns
    -------
    float64, shape (trials,)

    Raises
    ------
    ValueError
        As for `xirr`, or if `rate` is not finite or not above -100 %.

    """
    if not -1.0 < rate < math.inf:
        raise ValueError(f"rate: must be a number above -1, not {rate}")
    rows, (months, _, _) = _dated(dates, flows, day_count)
    return npv(rows, np.exp(months * (-math.log1p(rate) / 12.0)))


def _totals(name: str, amounts: ArrayLike) -> Floats:
    """One sum a trial, of amounts that must not be negative."""
    found = np.asarray(amounts)
    rows = _finite(name, found[:, None] if found.ndim == 1 else found)
    if rows.min(initial=0) < 0:
        raise ValueError(f"{name}: must not be negative")
    totals: Floats = rows.sum(axis=1).astype(np.float64)
    return totals


def _rows(name: str, values: ArrayLike) -> NDArray[Any]:
    """Numbers as (trials, months); a row alone is one trial."""
    rows = np.atleast_2d(np.asarray(values))
    if not np.can_cast(rows.dtype, np.float64):
        raise ValueError(f"{name}: must be whole or floating-point numbers, not {rows.dtype}")
    if rows.ndim != 2 or rows.shape[1] == 0:
        raise ValueError(f"{name}: must be (trials, months) with months, not {rows.shape}")
    return rows


def _finite(name: str, values: ArrayLike) -> Money:
    """`_rows` without NaN and infinity, int64 or float64, each row unbroken in memory."""
    rows = _rows(name, values)
    if not np.isfinite(rows).all():
        raise ValueError(f"{name}: holds a number that is not finite")
    if np.can_cast(rows.dtype, np.int64):
        return np.ascontiguousarray(rows, np.int64)
    return np.ascontiguousarray(rows, np.float64)


def _dated(
    dates: Sequence[dt.date] | Days, flows: ArrayLike, day_count: str
) -> tuple[NDArray[Any], Calendar]:
    """Flows in order of their dates, one column a date, and when they fall."""
    rows, (counts, year) = _rows("flows", flows), counted(dates, day_count)
    if len(counts) != rows.shape[1]:
        raise ValueError(f"dates: {len(counts)} do not match {rows.shape[1]} flows a trial")
    order = np.argsort(counts, kind="stable")
    days, first = np.unique(counts[order], return_index=True)
    if len(days) < len(counts) or (order != np.arange(len(order))).any():
        rows = np.add.reduceat(rows[:, order], first, axis=1)
    return rows, _calendar(days, year)


def _calendar(counts: NDArray[np.int64], year: int) -> Calendar:
    """When flows fall, for `sibsim.roots`, of rising whole numbers of which `year` make a year."""
    steps, between = np.unique(np.diff(counts), return_inverse=True)
    lengths = steps * 12.0 / year if len(steps) else np.ones(1)
    gaps = np.zeros(-(-len(counts) // 4) * 4, np.int64)  # columns are worked four at a time
    gaps[: len(between)] = between
    return (counts - counts[0]) * 12.0 / year, gaps, lengths


def _solved(rows: NDArray[Any], calendar: Calendar) -> tuple[Floats, NDArray[np.int8]]:
    """Rate and status of each row."""
    from sibsim.newton import AT_ONCE, solve, solve_awkward
    from sibsim.roots import AWKWARD

    annual, status = np.empty(len(rows)), np.empty(len(rows), np.int8)
    for start in range(0, len(rows), AT_ONCE):
        some = slice(start, start + AT_ONCE)
        # Of one kind and layout, whatever came in: compiled once, and copied little by little.
        part = np.require(rows[some], np.float64, ["C", "W"])
        broken = solve(part, calendar, annual[some], status[some])
        if broken >= 0:
            raise ValueError(f"flows: row {start + broken} is not finite")
        if (status[some] == AWKWARD).any():
            solve_awkward(part, calendar, annual[some], status[some])
    return annual, status


def _all_roots(flows: NDArray[Any], calendar: Calendar) -> list[float]:
    """Every root of one row between the limits, in rising order."""
    from sibsim.roots import HIGH, LOW, scan, split

    rows = _finite("flows", flows).astype(np.float64)
    if len(rows) != 1:
        raise ValueError(f"flows: must be one row of months, not {len(rows)}")
    row = rows[0]
    with np.errstate(over="ignore"):
        if not np.isfinite(np.abs(row).sum() * len(row)):
            raise ValueError("flows: the sums are not finite")
    if not (row.min() < 0 < row.max()):
        return []
    parts, ends, roots = np.zeros((5, len(row))), np.zeros(5, np.int64), np.zeros(2 * len(row))
    size = split(row, parts, ends)
    count = scan(parts, ends, size, calendar, LOW, HIGH, math.nan, roots)
    return [math.expm1(0.0 - 12.0 * y) for y in roots[:count][::-1]]
