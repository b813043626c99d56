"""Internal rates of return of many rows at once, compiled: Newton's method, side by side.

In: rows of flows and when they fall. Out: a rate and a status for each. Not here: rows that change
sign several times or on which Newton's method does not settle, which `roots` takes one by one.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sibsim.compiling import compiled
from sibsim.roots import AWKWARD, NONE, OK, TOTAL_LOSS, Calendar, Floats, awkward, split

LANES, AT_ONCE = 32, 32 * 32
"""Trials solved side by side, so that the processor works on several at once; and in one call.

Side by side, as many as keep their months in the nearest cache; a multiple of eight.
"""


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
                # Where the sums run out of digits, the row is left to `roots.awkward`.
                step = -math.log(up / down) / slope if min(up, down) > 1e-280 else math.nan
                y[lane] += step
                z[lane] = math.exp(y[lane])
                # As in roots._polish. NaN, from overflow, is not above: it stays, seen later.
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
def _newton_dated(block: Floats, sums: Floats, calendar: Calendar, y: Floats) -> None:
    """`_newton` where columns are not equally far apart.

    The survey counts columns, so the step that is taken from it is only a first guess, and no lane
    settles by it.
    """
    times, gaps, lengths = calendar
    columns, lanes = len(times), block.shape[1]
    span = times[-1] - times[0] + 1.0
    mean = max((span - 1.0) / max(columns - 1, 1), 1e-9)
    weighed = np.empty((4, lanes))  # inflows, outflows, and the mean times of both, not yet divided
    powers, moving = np.empty((len(lengths), lanes)), np.empty(lanes, np.bool_)
    for lane in range(lanes):
        moving[lane] = sums[0, lane] > 0.0
        up, down = sums[1, lane], sums[2, lane]
        y[lane] = 0.0
        if moving[lane] and min(up, down) > 1e-280:
            y[lane] = -math.log(up / down) / (sums[3, lane] / up - sums[4, lane] / down) / mean
    for turn in range(11):
        still = 0
        for lane in range(lanes):
            if moving[lane]:
                if turn > 0:
                    up, down = weighed[0, lane], weighed[1, lane]
                    slope = weighed[2, lane] / up - weighed[3, lane] / down
                    step = -math.log(up / down) / slope if min(up, down) > 1e-280 else math.nan
                    y[lane] += step
                    # As in _newton: NaN is not above, it stays, and is seen later.
                    moving[lane] = abs(step) * span > 1e-7 * min(abs(slope), 1.0)
                for k in range(len(lengths)):
                    powers[k, lane] = math.exp(y[lane] * lengths[k])
                still += moving[lane]
        if still == 0 or turn == 10:
            break
        weighed[:] = 0.0
        for start in range(len(block) - 4, -1, -4):
            gap = (gaps[start], gaps[start + 1], gaps[start + 2], gaps[start + 3])
            long = (lengths[gap[0]], lengths[gap[1]], lengths[gap[2]], lengths[gap[3]])
            for lane in range(lanes):
                up, down = weighed[0, lane], weighed[1, lane]
                up_slope, down_slope = weighed[2, lane], weighed[3, lane]
                for k in range(3, -1, -1):  # four columns a turn, held in registers
                    amount = block[start + k, lane]
                    x, length = powers[gap[k], lane], long[k]
                    up_slope = x * (up_slope + length * up)
                    down_slope = x * (down_slope + length * down)
                    up = up * x + max(amount, 0.0)
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
def solve(
    flows: Floats, calendar: Calendar, annual: Floats, status: NDArray[np.int8]
) -> int:
    """Fill `annual` and `status`; return the first row that is not finite, or -1.

    Rows that Newton's method does not settle get the status AWKWARD and the log discount factor
    that it came to; they are for `solve_awkward`, which takes longer to compile.
    """
    trials, months = flows.shape
    equal = len(calendar[2]) == 1 and calendar[2][0] == 1.0
    block, sums = np.zeros(((months + 3) // 4 * 4, LANES)), np.empty((5, LANES))
    y = np.empty(LANES)
    for start in range(0, trials, LANES):
        lanes = min(LANES, trials - start)
        for first in range(0, lanes, 8):  # eight trials a turn write whole lines of memory
            for t in range(months):
                for lane in range(first, first + 8):
                    block[t, lane] = flows[start + lane, t] if lane < lanes else 0.0
        _survey(block, sums)
        if equal:
            _newton(block, sums, y)
        else:
            _newton_dated(block, sums, calendar, y)
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
def solve_awkward(
    flows: Floats, calendar: Calendar, annual: Floats, status: NDArray[np.int8]
) -> None:
    """Solve the rows whose status is AWKWARD; `annual` holds where Newton's method came to."""
    trials, months = flows.shape
    roots, row = np.empty(2 * months), np.empty(months)
    parts, ends = np.empty((5, months)), np.empty(5, np.int64)
    for trial in range(trials):
        if status[trial] == AWKWARD:
            for t in range(months):
                row[t] = flows[trial, t]
            size = split(row, parts, ends)
            found, code = awkward(parts, ends, size, calendar, annual[trial], roots)
            annual[trial], status[trial] = _rate(found, code), code
