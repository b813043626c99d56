"""Internal rates of return, compiled: every root of one row of flows.

In: a row of flows and when they fall. Out: its roots, and what they come to. Not here: many rows at
once (`newton`), checking what came in and saying what the rates mean (`finance`).

How the internal rate of return is found
----------------------------------------
A rate is looked for as ``y``, the log of the one-month discount factor: ``rate = exp(-12 y) - 1``.
A month is a twelfth of a year, whole where months are equally long and a fraction where days count.
With A and N the present values of the inflows and of the outflows, both sums of positive numbers,
the net present value is nil where ``f(y) = log A - log N`` is nil. The slope of ``log A`` is the
mean month of the discounted inflows (their duration, in months), which can only rise with ``y``;
the same holds for N. Three things follow.

* Flows that change sign once have exactly one root (Descartes, whose rule holds for any exponents,
  whole or not), and ``f`` is monotone with a slope
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

import numpy as np
from numpy.typing import NDArray

from sibsim.compiling import compiled, part

Floats = NDArray[np.float64]
Months = NDArray[np.int64]

OK, TOTAL_LOSS, NONE, SEVERAL, AWKWARD = range(5)
"""Codes; AWKWARD is not yet solved, and never given back."""

LOWEST_RATE, HIGHEST_RATE = -0.9999, 10.0
"""Roots are counted between these annual rates."""
LOW, HIGH = -math.log1p(HIGHEST_RATE) / 12, -math.log1p(LOWEST_RATE) / 12

NARROW, FLAT = 1e-8, 1e-3
"""Cells narrower than this in ``y`` are not halved; FLAT if the value is nil at both ends."""
CLOSE = 1e-6
"""Roots no further apart than this in ``y`` are one place."""
NOISE = 1e-12
"""Above the rounding error of ``log A - log N``: nearer to nil than this is nil."""
Calendar = tuple[Floats, Months, Floats]
"""When flows fall: months from the first column to each; for each column which of the lengths that
follow lies between it and the next; the lengths, in months."""


@compiled
def split(row: Floats, parts: Floats, ends: Months) -> int:
    """Lay a row out as inflows and outflows, from their first column on and from their last back.

    `parts` (5, columns) gets inflows and outflows forwards, inflows and outflows backwards, and has
    a row left to work in; `ends`
    (5,) the first and last column of the inflows, then of the outflows, and the first column with a
    flow, from which time is counted: a rate does not hang on when the flows begin, but rounding
    would. Returns how many columns of `parts` are in use.
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
        ends[2 * side], ends[2 * side + 1] = first, last
        size = max(size, last + 1 - first)
    ends[4] = begin
    return size


@part
def _weigh(
    parts: Floats, ends: Months, size: int, calendar: Calendar, y: float, into: Floats
) -> None:
    """At ``y``: log present value and duration of the inflows, then of the outflows.

    `into` gets ``y`` and these four. The sums run in powers of ``exp(-|y|) <= 1`` from the end that
    weighs most: whatever the rate, nothing overflows and neither sum vanishes.
    """
    times, _, lengths = calendar
    back = 0 if y <= 0.0 else 1
    up = up_slope = down = down_slope = 0.0
    if len(lengths) == 1:
        z = math.exp(-abs(y) * lengths[0])
        power = 1.0
        for k in range(size):
            inflow, outflow = power * parts[2 * back, k], power * parts[2 * back + 1, k]
            up += inflow
            up_slope += k * inflow
            down += outflow
            down_slope += k * outflow
            power *= z
        up_slope, down_slope = up_slope * lengths[0], down_slope * lengths[0]
    else:
        for k in range(len(lengths)):
            parts[4, k] = math.exp(-abs(y) * lengths[k])
        up, up_slope = _weigh_dated(parts, ends, calendar, back, 0)
        down, down_slope = _weigh_dated(parts, ends, calendar, back, 1)
    sign = 1.0 - 2.0 * back
    start = times[ends[4]]
    first, other = times[ends[back]] - start, times[ends[2 + back]] - start
    into[0] = y
    into[1], into[2] = first * y + math.log(up), first + sign * up_slope / up
    into[3], into[4] = other * y + math.log(down), other + sign * down_slope / down


@part
def _weigh_dated(
    parts: Floats, ends: Months, calendar: Calendar, back: int, side: int
) -> tuple[float, float]:
    """One side where columns are not equally far apart: its sum, and that of time x amount."""
    times, gaps, _ = calendar
    total = slope = 0.0
    power, at = 1.0, ends[2 * side + back]
    origin = times[at]
    for k in range(ends[2 * side + 1] - ends[2 * side] + 1):
        amount = power * parts[2 * back + side, k]
        total += amount
        slope += abs(times[at] - origin) * amount
        power *= parts[4, gaps[at - back]]  # going back, the gap is that of the column before
        at += 1 - 2 * back
    return total, slope


@compiled
def _polish(
    parts: Floats, ends: Months, size: int, calendar: Calendar, low: float, high: float,
    rising: bool, guess: float,
) -> float:  # fmt: skip
    """Find the one root between `low` and `high`: Newton's steps, halving where they would leave.

    `rising` says whether the net present value rises with ``y``. The error after a step of h is at
    most ``h**2 months**2 / (8 slope)``: steps below ``1e-7 slope / months`` need no further one.
    """
    months = calendar[0][max(ends[1], ends[3])] - calendar[0][ends[4]] + 1.0
    at = np.empty(5)
    y = guess if low < guess < high else 0.5 * (low + high)
    for _ in range(200):
        _weigh(parts, ends, size, calendar, y, at)
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


@part
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


@compiled
def scan(
    parts: Floats, ends: Months, size: int, calendar: Calendar, low: float, high: float,
    guess: float, roots: Floats,
) -> int:  # fmt: skip
    """Write the roots from `low` to `high`, rising in ``y``, into `roots`; return how many.

    A place that is only touched is written twice. The head of the module has the method.
    """
    stack = np.empty((80, 5))  # the ends of the cells still to do; the leftmost cell is on top
    _weigh(parts, ends, size, calendar, high, stack[0])
    _weigh(parts, ends, size, calendar, low, stack[1])
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
            _weigh(parts, ends, size, calendar, middle, stack[depth])
            depth += 1
            continue
        if sure and not math.isnan(run_start):
            here = 0.5 * (run_start + left[0])
            if side != run_side:
                here = _polish(parts, ends, size, calendar, run_start, left[0], side, guess)
            else:
                count = _note(roots, count, here)
            count = _note(roots, count, here)
            run_start = math.nan
        elif not sure and math.isnan(run_start):
            run_start, run_side = left[0], side
        if crossed:
            root = _polish(parts, ends, size, calendar, left[0], right[0], end_side, guess)
            count = _note(roots, count, root)
        depth -= 1
    return _merge(roots, min(count, len(roots)))


@part
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


@part
def _nil(at: Floats) -> bool:
    """Whether the net present value is nil to within rounding."""
    return bool(abs(at[1] - at[3]) <= NOISE)


@part
def _note(roots: Floats, count: int, root: float) -> int:
    """Write `root` down if there is room, and count it."""
    roots[min(count, len(roots) - 1)] = root
    return count + 1


@compiled
def awkward(
    parts: Floats, ends: Months, size: int, calendar: Calendar, guess: float, roots: Floats
) -> tuple[float, int]:
    """Root and status of flows of both signs, whatever their pattern.

    With no root in the range, one further out is given if it is the only one. No root lies beyond
    ``log(1 + largest / first)`` (Cauchy's bound), which is less than ``log(largest / first) + 1``,
    over the shortest time between two columns. Flows that change sign once are one cell.
    """
    largest = 0.0
    for k in range(size):
        largest = max(largest, parts[0, k], parts[1, k])
    first = parts[0, 0] if ends[0] < ends[2] else parts[1, 0]
    last = parts[2, 0] if ends[1] > ends[3] else parts[3, 0]
    shortest = calendar[2].min()
    lowest = (math.log(first) - math.log(largest) - 1.0) / shortest
    highest = (math.log(largest) - math.log(last) + 1.0) / shortest
    count, root = 0, math.nan
    for low, high in ((LOW, HIGH), (lowest, LOW), (HIGH, highest)):
        if low < high:
            found = scan(parts, ends, size, calendar, low, high, guess, roots)
            root = roots[0] if found == 1 else root
            count += found
        if low == LOW and count > 0:
            return (root, OK) if count == 1 else (math.nan, SEVERAL)
    return (root, OK) if count == 1 else (math.nan, NONE)
