"""Returns and present values of monthly flows of money.

In: arrays of flows, one row a trial and one column a month, and rates. Out: arrays with one figure
a trial. Not here: contracts, investors, savings, and what any of the flows stands for.

How the internal rate of return is found
----------------------------------------
A rate is looked for as ``y``, the log of the one-month discount factor: ``rate = exp(-12 y) - 1``.
With A and N the present values of the inflows and of the outflows, both sums of positive numbers,
the net present value is nil where ``f(y) = log A - log N`` is nil. The slope of ``log A`` is the
mean month of the discounted inflows (their duration, in months), which can only rise with ``y``;
the same holds for N. Three things follow.

* Flows that change sign once have exactly one root (Descartes), and ``f`` is monotone with a slope
  between 1 and the number of months: Newton's method, and in a bracket if that does not settle.
* Other flows are cut into cells. Where the duration of the inflows stays above that of the outflows
  throughout a cell, or below it, there is one root or none, as the signs at its ends say. There is
  none where ``f`` cannot reach nil: a convex curve lies above its tangents and below its chord. A
  cell for which neither is certain is halved. There is no grid between whose points a root could
  hide.
* A cell narrower than 1e-8 in ``y`` is not halved further, nor one narrower than 1e-3 with a value
  within rounding of nil (1e-12 of the present values) at both ends. Such cells side by side, and
  roots no more than 1e-6 apart (about a thousandth of a percentage point of annual rate, at rates
  near nil), are one place. If the net present value changes its sign there, the place counts as one
  root. If it only touches nil, the place counts as the two roots that meet in it and the status is
  "several": one penny more or less would make it two roots or none, so no figure is given.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Months = NDArray[np.int64]
Money = NDArray[np.int64] | NDArray[np.float64]

IRR_STATUSES = ("ok", "total loss", "none", "several")
"""What the status codes of `irr` mean; a code is a place in this tuple."""
OK, TOTAL_LOSS, NONE, SEVERAL = range(4)

LOWEST_RATE, HIGHEST_RATE = -0.9999, 10.0
"""Roots are counted between these annual rates."""
LOW, HIGH = -math.log1p(HIGHEST_RATE) / 12, -math.log1p(LOWEST_RATE) / 12

NARROW, FLAT = 1e-8, 1e-3
"""Cells narrower than this in ``y`` are not halved; FLAT if the value is nil at both ends."""
CLOSE = 1e-6
"""Roots no further apart than this in ``y`` are one place."""
NOISE = 1e-12
"""Above the rounding error of ``log A - log N``: nearer to nil than this is nil."""
LANES, AT_ONCE = 64, 64 * 32
"""Trials solved side by side, so that the processor works on several at once; and in one call."""

GREEN_BOOK = ((1, 0.035), (31, 0.030), (76, 0.025), (126, 0.020), (201, 0.015), (301, 0.010))
"""Real discount rates of HM Treasury's Green Book: (first year, annual rate from that year on).

The edition of 2022 gives 3.5 % for years 0-30, 3.0 % for 31-75 and 2.5 % for 76-125 (annex A6). The
years after 125 are those of the edition of 2003 (annex 6, table 6.1). A review of these rates
reported in June 2026; whatever came of it is not in this table.
"""


def irr(flows: ArrayLike) -> tuple[Floats, NDArray[np.int8]]:
    """Internal rate of return of each trial's monthly flows, as an annual effective rate.

    ``(1 + i)**12 - 1``, where ``i`` sets the present value of the flows, at the ends of equally
    long months, to nil. The head of the module tells how it is found and what is done with roots
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
    annual, status = np.empty(len(rows)), np.empty(len(rows), np.int8)
    solve = _compiled("_solve")
    for start in range(0, len(rows), AT_ONCE):
        some = slice(start, start + AT_ONCE)
        # Of one kind and layout, whatever came in: compiled once, and copied little by little.
        part = np.require(rows[some], np.float64, ["C", "W"])
        broken = solve(part, annual[some], status[some])
        if broken >= 0:
            raise ValueError(f"flows: row {start + broken} is not finite")
    return annual, status


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
    rows = _finite("flows", flows).astype(np.float64)
    if len(rows) != 1:
        raise ValueError(f"flows: must be one row of months, not {len(rows)}")
    row = rows[0]
    with np.errstate(over="ignore"):
        if not np.isfinite(np.abs(row).sum() * len(row)):
            raise ValueError("flows: the sums are not finite")
    if not (row.min() < 0 < row.max()):
        return []
    parts, ends, roots = np.zeros((4, len(row))), np.zeros(4, np.int64), np.zeros(2 * len(row))
    size = _compiled("_split")(row, parts, ends)
    count = _compiled("_scan")(parts, ends, size, LOW, HIGH, math.nan, roots)
    return [math.expm1(0.0 - 12.0 * y) for y in roots[:count][::-1]]


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
    """First month, counted from 1, at whose end the cumulated flow is 0 or more after being below.

    NaN where that never happens; float64, shape (trials,). Takes and refuses what `peak_funding`
    does.
    """
    total = _finite("flows", flows).cumsum(axis=1)
    back = np.logical_or.accumulate(total < 0, axis=1) & (total >= 0)
    return np.where(back.any(axis=1), back.argmax(axis=1) + 1.0, math.nan)


def green_book_factors(months: int) -> Floats:
    """Real discount factors of the Green Book, shape (months,): see `discount_factors`."""
    return discount_factors(months)


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


# --- From here to the end of _solve: plain Python, compiled by _compiled when first wanted. ---


def _split(row: Floats, parts: Floats, ends: Months) -> int:
    """Lay a row out as inflows and outflows, from their first month on and from their last back.

    `parts` (4, months) gets inflows and outflows forwards, inflows and outflows backwards; `ends`
    (4,) the first and last month of the inflows, then of the outflows, counted from the first month
    with a flow: a rate does not hang on when the flows begin, but rounding would. Returns how many
    columns of `parts` are in use.
    """
    size, begin = 0, 0
    while row[begin] == 0.0:
        begin += 1
    parts[:] = 0.0
    for side in range(2):
        sign = 1.0 - 2.0 * side
        first, last = len(row), -1
        for t in range(begin, len(row)):
            if sign * row[t] > 0.0:
                first, last = min(first, t), t
        for t in range(first, last + 1):
            parts[side, t - first] = parts[2 + side, last - t] = max(sign * row[t], 0.0)
        ends[2 * side], ends[2 * side + 1] = first - begin, last - begin
        size = max(size, last + 1 - first)
    return size


def _weigh(parts: Floats, ends: Months, size: int, y: float, into: Floats) -> None:
    """At ``y``: log present value and duration of the inflows, then of the outflows.

    `into` gets ``y`` and these four. The sums run in powers of ``exp(-|y|) <= 1`` from the end that
    weighs most: whatever the rate, nothing overflows and neither sum vanishes.
    """
    z = math.exp(-abs(y))
    back = 0 if y <= 0.0 else 1
    up = up_slope = down = down_slope = 0.0
    power = 1.0
    for k in range(size):
        inflow, outflow = power * parts[2 * back, k], power * parts[2 * back + 1, k]
        up += inflow
        up_slope += k * inflow
        down += outflow
        down_slope += k * outflow
        power *= z
    sign = 1.0 - 2.0 * back
    into[0] = y
    into[1], into[2] = ends[back] * y + math.log(up), ends[back] + sign * up_slope / up
    into[3] = ends[2 + back] * y + math.log(down)
    into[4] = ends[2 + back] + sign * down_slope / down


def _polish(
    parts: Floats, ends: Months, size: int, low: float, high: float, rising: bool, guess: float
) -> float:
    """Find the one root between `low` and `high`: Newton's steps, halving where they would leave.

    `rising` says whether the net present value rises with ``y``. The error after a step of h is at
    most ``h**2 months**2 / (8 slope)``: steps below ``1e-7 slope / months`` need no further one.
    """
    months = max(ends[1], ends[3]) + 1
    at = np.empty(5)
    y = guess if low < guess < high else 0.5 * (low + high)
    for _ in range(200):
        _weigh(parts, ends, size, y, at)
        gap, slope = at[1] - at[3], at[2] - at[4]
        if gap == 0.0:
            return y
        if (gap > 0.0) == rising:
            high = y
        else:
            low = y
        step = -gap / slope if slope != 0.0 else math.inf
        if low < y + step < high:
            y += step
            if abs(step) * months < 1e-7 * min(abs(slope), 1.0):
                return y
        else:
            y = 0.5 * (low + high)
            if high - low < 1e-15 * (1.0 + abs(y)):
                return y
    return y


def _apart(left: Floats, right: Floats, above: int, below: int) -> bool:
    """Whether one present value stays above the other in a cell, given what holds at its ends.

    The curve above is no lower than its two tangents, the one below no higher than its chord; they
    are nearest where the tangents meet.
    """
    width = right[0] - left[0]
    start, end = left[above] - left[below], right[above] - right[below]
    if min(start, end) <= NOISE:
        return False
    forward = left[above] + left[above + 1] * width - right[below]  # left tangent, at the right
    backward = right[above] - right[above + 1] * width - left[below]
    if max(forward, backward) > NOISE:
        return True
    meet = (start - backward) / (start - forward + end - backward)
    return bool(start - (start - forward) * meet > NOISE)


def _scan(
    parts: Floats, ends: Months, size: int, low: float, high: float, guess: float, roots: Floats
) -> int:
    """Write the roots from `low` to `high`, rising in ``y``, into `roots`; return how many.

    A place that is only touched is written twice. The head of the module has the method.
    """
    stack = np.empty((80, 5))  # the ends of the cells still to do; the leftmost cell is on top
    _weigh(parts, ends, size, high, stack[0])
    _weigh(parts, ends, size, low, stack[1])
    depth, count = 1, 0
    run_start, run_side = math.nan, False  # a run of cells that were not halved, while it lasts
    while depth >= 0:
        left, right = stack[depth], stack[max(depth - 1, 0)]
        side, end_side = left[1] >= left[3], right[1] >= right[3]
        sure = depth == 0 or left[2] > right[4] or right[2] < left[4]
        crossed = sure and side != end_side
        if side == end_side and not sure:
            sure = _apart(left, right, 1, 3) if side else _apart(left, right, 3, 1)
        if not sure and right[0] - left[0] > (FLAT if _nil(left) and _nil(right) else NARROW):
            middle = 0.0 if left[0] < 0.0 < right[0] else 0.5 * (left[0] + right[0])
            for k in range(5):
                stack[depth + 1, k] = stack[depth, k]
            _weigh(parts, ends, size, middle, stack[depth])
            depth += 1
            continue
        if sure and not math.isnan(run_start):
            here = 0.5 * (run_start + left[0])
            if side != run_side:
                here = _polish(parts, ends, size, run_start, left[0], side, guess)
            else:
                count = _note(roots, count, here)
            count = _note(roots, count, here)
            run_start = math.nan
        elif not sure and math.isnan(run_start):
            run_start, run_side = left[0], side
        if crossed:
            root = _polish(parts, ends, size, left[0], right[0], end_side, guess)
            count = _note(roots, count, root)
        depth -= 1
    return _merge(roots, min(count, len(roots)))


def _merge(roots: Floats, count: int) -> int:
    """Make one place of roots closer than `CLOSE`: once if it is crossed, else twice."""
    kept, start = 0, 0
    for k in range(count):
        if k + 1 == count or roots[k + 1] - roots[k] > CLOSE:
            middle = 0.5 * (roots[start] + roots[k])
            for _ in range(2 - (k + 1 - start) % 2):
                kept = _note(roots, kept, middle)
            start = k + 1
    return kept


def _nil(at: Floats) -> bool:
    """Whether the net present value is nil to within rounding."""
    return bool(abs(at[1] - at[3]) <= NOISE)


def _note(roots: Floats, count: int, root: float) -> int:
    """Write `root` down if there is room, and count it."""
    roots[min(count, len(roots) - 1)] = root
    return count + 1


def _awkward(
    parts: Floats, ends: Months, size: int, guess: float, roots: Floats
) -> tuple[float, int]:
    """Root and status of flows of both signs, whatever their pattern.

    With no root in the range, one further out is given if it is the only one. No root lies beyond
    ``log(1 + largest / first)`` (Cauchy's bound), which is less than ``log(largest / first) + 1``.
    Flows that change sign once are one cell.
    """
    largest = 0.0
    for k in range(size):
        largest = max(largest, parts[0, k], parts[1, k])
    first = parts[0, 0] if ends[0] < ends[2] else parts[1, 0]
    last = parts[2, 0] if ends[1] > ends[3] else parts[3, 0]
    lowest = math.log(first) - math.log(largest) - 1.0
    highest = math.log(largest) - math.log(last) + 1.0
    count, root = 0, math.nan
    for low, high in ((LOW, HIGH), (lowest, LOW), (HIGH, highest)):
        if low < high:
            found = _scan(parts, ends, size, low, high, guess, roots)
            root = roots[0] if found == 1 else root
            count += found
        if low == LOW and count > 0:
            return (root, OK) if count == 1 else (math.nan, SEVERAL)
    return (root, OK) if count == 1 else (math.nan, NONE)


def _survey(block: Floats, sums: Floats) -> None:
    """Per lane: sign changes, inflows, outflows, and both times the month.

    NaN and infinity pass through into the sums, where they are looked for.
    """
    months, lanes = block.shape
    last = np.zeros(lanes)
    sums[:] = 0.0
    for start in range(0, months, 4):
        for lane in range(lanes):
            changes, sign = sums[0, lane], last[lane]
            up = down = late_up = late_down = 0.0
            for k in range(4):  # four months a turn, held in registers
                amount = block[start + k, lane]
                inflow = max(amount, 0.0)
                outflow = abs(amount) - inflow
                now = 1.0 if amount > 0.0 else (-1.0 if amount < 0.0 else sign)
                changes += 1.0 if now * sign < 0.0 else 0.0
                sign = now
                up += inflow
                down += outflow
                late_up += k * inflow
                late_down += k * outflow
            sums[0, lane], last[lane] = changes, sign
            sums[1, lane] += up
            sums[2, lane] += down
            sums[3, lane] += start * up + late_up
            sums[4, lane] += start * down + late_down


def _newton(block: Floats, sums: Floats, y: Floats) -> None:
    """Newton's steps from nil in all lanes at once; `y` is NaN where they do not settle.

    The first step is taken from the survey. A lane that has settled is left alone: a trial's figure
    must not hang on its neighbours.
    """
    months, lanes = block.shape
    weighed = np.empty((4, lanes))  # inflows, outflows, and the slopes of both
    z, moving = np.ones(lanes), np.empty(lanes, np.bool_)
    for lane in range(lanes):
        for k in range(4):
            weighed[k, lane] = sums[k + 1, lane]
        moving[lane] = sums[0, lane] > 0.0
        y[lane] = 0.0
    for _ in range(10):
        still = 0
        for lane in range(lanes):
            if moving[lane]:
                up, down = weighed[0, lane], weighed[1, lane]
                slope = z[lane] * (weighed[2, lane] / up - weighed[3, lane] / down)
                # Where the sums run out of digits, the row is left to _awkward.
                step = -math.log(up / down) / slope if min(up, down) > 1e-280 else math.nan
                y[lane] += step
                z[lane] = math.exp(y[lane])
                # As in _polish. NaN, from overflow, is not above: it stays, and is seen later.
                moving[lane] = abs(step) * months > 1e-7 * min(abs(slope), 1.0)
                still += moving[lane]
        if still == 0:
            break
        weighed[:] = 0.0
        for start in range(months - 4, -1, -4):
            for lane in range(lanes):
                x, up, down = z[lane], weighed[0, lane], weighed[1, lane]
                up_slope, down_slope = weighed[2, lane], weighed[3, lane]
                for k in range(3, -1, -1):  # four months a turn, held in registers
                    amount = block[start + k, lane]
                    up_slope = up_slope * x + up
                    up = up * x + max(amount, 0.0)
                    down_slope = down_slope * x + down
                    down = down * x + max(-amount, 0.0)
                weighed[0, lane], weighed[1, lane] = up, down
                weighed[2, lane], weighed[3, lane] = up_slope, down_slope
    for lane in range(lanes):
        if moving[lane]:
            y[lane] = math.nan


def _solve(flows: Floats, annual: Floats, status: NDArray[np.int8]) -> int:
    """Fill `annual` and `status`; return the first row that is not finite, or -1."""
    trials, months = flows.shape
    block, sums = np.zeros(((months + 3) // 4 * 4, LANES)), np.empty((5, LANES))
    y, row, roots = np.empty(LANES), np.empty(months), np.empty(2 * months)
    parts, ends = np.empty((4, months)), np.empty(4, np.int64)
    for start in range(0, trials, LANES):
        lanes = min(LANES, trials - start)
        for lane in range(LANES):
            for t in range(months):
                block[t, lane] = flows[start + lane, t] if lane < lanes else 0.0
        _survey(block, sums)
        _newton(block, sums, y)
        for lane in range(lanes):
            changes, down = sums[0, lane], sums[2, lane]
            found, code = y[lane], OK
            if not math.isfinite(sums[1, lane] + down + sums[3, lane] + sums[4, lane]):
                return start + lane
            if changes == 0.0:
                found, code = math.nan, TOTAL_LOSS if down > 0.0 else NONE
            elif changes > 1.0 or not math.isfinite(found):
                for t in range(months):
                    row[t] = block[t, lane]
                size = _split(row, parts, ends)
                found, code = _awkward(parts, ends, size, found, roots)
            annual[start + lane] = -1.0 if code == TOTAL_LOSS else math.expm1(0.0 - 12.0 * found)
            status[start + lane] = code
    return -1


_PLAIN = ("_split", "_weigh", "_polish", "_apart", "_scan", "_merge", "_nil", "_note", "_awkward",
          "_survey", "_newton", "_solve")  # fmt: skip
_ready: dict[str, Callable[..., Any]] = {}
_lock = threading.Lock()


def _compiled(name: str) -> Callable[..., Any]:
    """The compiled form of one of the functions above.

    They call each other by their names in this module, so these names are bound to the compiled
    forms. That is what lets numba keep them on disk from run to run.
    """
    with _lock:
        if not _ready:
            import numba

            fast = {}
            for each in _PLAIN:
                try:
                    fast[each] = numba.njit(cache=True, nogil=True, error_model="numpy")(
                        globals()[each]
                    )
                except RuntimeError:  # there is no folder to keep it in
                    fast[each] = numba.njit(nogil=True, error_model="numpy")(globals()[each])
            globals().update(fast)
            _ready.update(fast)
    return _ready[name]
