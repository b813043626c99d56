"""Internal rates of return, compiled: every root of a row of monthly flows.

In: rows of flows. Out: a rate and a status for each. Not here: checking what came in and saying
what the rates mean (`finance`).

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

import numpy as np
from numpy.typing import NDArray

from sibsim.compiling import compiled

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
LANES, AT_ONCE = 64, 64 * 32
"""Trials solved side by side, so that the processor works on several at once; and in one call."""


@compiled
def split(row: Floats, parts: Floats, ends: Months) -> int:
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


@compiled
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


@compiled
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


@compiled
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


@compiled
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


@compiled
def _nil(at: Floats) -> bool:
    """Whether the net present value is nil to within rounding."""
    return bool(abs(at[1] - at[3]) <= NOISE)


@compiled
def _note(roots: Floats, count: int, root: float) -> int:
    """Write `root` down if there is room, and count it."""
    roots[min(count, len(roots) - 1)] = root
    return count + 1


@compiled
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
            found = scan(parts, ends, size, low, high, guess, roots)
            root = roots[0] if found == 1 else root
            count += found
        if low == LOW and count > 0:
            return (root, OK) if count == 1 else (math.nan, SEVERAL)
    return (root, OK) if count == 1 else (math.nan, NONE)


@compiled
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


@compiled
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


@compiled
def _rate(y: float, code: int) -> float:
    """Annual effective rate of a log discount factor a month."""
    return -1.0 if code == TOTAL_LOSS else math.expm1(0.0 - 12.0 * y)


@compiled
def solve(flows: Floats, annual: Floats, status: NDArray[np.int8]) -> int:
    """Fill `annual` and `status`; return the first row that is not finite, or -1.

    Rows that Newton's method does not settle get the status AWKWARD and the log discount factor
    that it came to; they are for `solve_awkward`, which takes longer to compile.
    """
    trials, months = flows.shape
    block, sums = np.zeros(((months + 3) // 4 * 4, LANES)), np.empty((5, LANES))
    y = np.empty(LANES)
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
                code = AWKWARD
            status[start + lane] = code
            annual[start + lane] = found if code == AWKWARD else _rate(found, code)
    return -1


@compiled
def solve_awkward(flows: Floats, annual: Floats, status: NDArray[np.int8]) -> None:
    """Solve the rows whose status is AWKWARD; `annual` holds where Newton's method came to."""
    trials, months = flows.shape
    roots, row = np.empty(2 * months), np.empty(months)
    parts, ends = np.empty((4, months)), np.empty(4, np.int64)
    for trial in range(trials):
        if status[trial] == AWKWARD:
            for t in range(months):
                row[t] = flows[trial, t]
            size = split(row, parts, ends)
            found, code = _awkward(parts, ends, size, annual[trial], roots)
            annual[trial], status[trial] = _rate(found, code), code
