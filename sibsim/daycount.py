"""Day counts: how much of a year lies between two dates.

In: dates. Out: whole days or months as a convention counts them, and shares of a year. Not here:
rates of return, the calendar of a programme (`timeline`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Days = NDArray[np.datetime64]
Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class DayCount:
    """A row of `DAY_COUNTS`.

    Attributes
    ----------
    rule : str
        The convention in words, and where it is laid down.
    year : int
        How many of what is counted make a year.
    count : callable
        First date, then all dates, to whole days or months from the first; `datetime64[D]` in.
    """

    rule: str
    year: int
    count: Callable[[np.datetime64, Days], Counts]


def _parts(dates: Days) -> tuple[Counts, Counts]:
    """Months since 1970 and day of the month."""
    months = dates.astype("datetime64[M]")
    return months.astype(np.int64), (dates - months).astype(np.int64) + 1


def _actual(first: np.datetime64, dates: Days) -> Counts:
    days: Counts = (dates - first).astype(np.int64)
    return days


def _months(first: np.datetime64, dates: Days) -> Counts:
    months: Counts = _parts(dates)[0] - _parts(np.array([first]))[0]
    return months


def _thirty(first: np.datetime64, dates: Days, european: bool) -> Counts:
    """Thirty days to a month: a first day of 31 is 30; a second one too, always or after a 30."""
    month, day = _parts(dates)
    (begun,), (on,) = _parts(np.array([first]))
    on = min(int(on), 30)
    cut = np.minimum(day, 30) if european or on == 30 else day
    counts: Counts = 30 * (month - begun) + cut - on
    return counts


DAY_COUNTS: dict[str, DayCount] = {
    "act/365f": DayCount(
        "Days that pass / 365, leap years too: 2006 ISDA Definitions, section 4.16(d). What XIRR "
        "does in spreadsheets.", 365, _actual),
    "act/360": DayCount("Days that pass / 360: the same, section 4.16(e).", 360, _actual),
    "30/360": DayCount(
        "30 days to a month and 360 to a year; a first day of 31 counts as 30, a second one of 31 "
        "as 30 if the first is 30 or 31: the same, section 4.16(f), bond basis.",
        360, lambda first, dates: _thirty(first, dates, european=False)),
    "30e/360": DayCount(
        "30 days to a month and 360 to a year; a day of 31 counts as 30: the same, section "
        "4.16(g), Eurobond basis.", 360, lambda first, dates: _thirty(first, dates, european=True)),
    "monthly": DayCount("Months / 12, whatever the day of the month.", 12, _months),
}  # fmt: skip
"""Conventions by name."""


def counted(dates: Sequence[dt.date] | Days, day_count: str) -> tuple[Counts, int]:
    """Days or months of each date from the earliest on, and how many make a year.

    Parameters
    ----------
    dates : sequence of date, or array of datetime64, shape (dates,)
        In any order.
    day_count : str
        A name of `DAY_COUNTS`.

    Returns
    -------
    int64 of shape (dates,), and int

    Raises
    ------
    ValueError
        If there is no such convention, or no date, or something that is none.

    """
    if day_count not in DAY_COUNTS:
        raise ValueError(f"day_count: {day_count!r} is not one of {', '.join(DAY_COUNTS)}")
    found = np.asarray(dates)
    if found.dtype == object:
        found = np.array(dates, "datetime64[D]")
    dated = found.ndim == 1 and len(found) > 0 and found.dtype.kind == "M"
    if not dated or np.isnat(found).any():
        raise ValueError("dates: must be one row of dates")
    days = found.astype("datetime64[D]")
    row = DAY_COUNTS[day_count]
    return row.count(days.min(), days), row.year


def year_fractions(
    dates: Sequence[dt.date] | Days, day_count: str = "act/365f"
) -> NDArray[np.float64]:
    """Years of each date from the earliest on; takes and refuses what `counted` does."""
    counts, year = counted(dates, day_count)
    fractions: NDArray[np.float64] = counts / year
    return fractions
