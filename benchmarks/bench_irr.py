"""How fast `sibsim.finance.irr` and `xirr` are beside loops over pyxirr, and whether they agree.

In: a number of rows and of months. Out: a small table on standard output. Not here: tests; those
are in ``tests/test_finance.py``.

Run it with ``python benchmarks/bench_irr.py`` (it needs pyxirr). All take their turns in one
process; the medians of the turns are compared. Processor time is taken, since all use one core and
other work on the machine should not count.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from importlib.metadata import version

import numpy as np
import pyxirr
from numpy.typing import NDArray

from sibsim.finance import IRR_STATUSES, irr, xirr

Floats = NDArray[np.float64]
NEVER_BACK, HARDLY_BACK, SIGN_CHANGES = 0.02, 0.05, 0.05


def make_flows(rows: int, months: int, seed: int) -> tuple[Floats, NDArray[np.str_]]:
    """Whole pence: paid in over the first quarter or so, given back over the rest.

    Of the rows, 2 % give nothing back, 5 % about a hundredth, and 5 % call for money again in three
    of the later months. Returns the flows (rows, months) and the kind of each row.
    """
    draw = np.random.default_rng(seed)
    first_back = months * 2 // 7
    flows = np.zeros((rows, months))
    flows[:, :first_back] = -draw.uniform(1e6, 5e6, (rows, first_back))
    flows[:, first_back:] = draw.uniform(0, 3e6, (rows, months - first_back))
    kind = np.full(rows, "one sign change", dtype="<U20")
    order = draw.permutation(rows)
    counts = [round(share * rows) for share in (NEVER_BACK, HARDLY_BACK, SIGN_CHANGES)]
    never, hardly, changing, _ = np.split(order, np.cumsum(counts))
    flows[never, first_back:] = 0
    flows[hardly, first_back:] *= 0.01
    for row in changing:
        again = draw.choice(np.arange(first_back + 2, months - 1), 3, replace=False)
        flows[row, again] = -draw.uniform(1e5, 3e6, 3)
    kind[never], kind[hardly], kind[changing] = "total loss", "deep loss", "several changes"
    return flows.round(), kind


def one_turn(work: Callable[[], object]) -> float:
    """Seconds of processor time that one call takes."""
    start = time.process_time()
    work()
    return time.process_time() - start


def month_ends(months: int) -> list[date]:
    """Last days of successive months from January 2026."""
    firsts = [date(2026 + month // 12, month % 12 + 1, 1) for month in range(1, months + 1)]
    return [first - timedelta(days=1) for first in firsts]


def loop_irr(rows: Sequence[Floats]) -> Floats:
    """pyxirr.irr, row by row, as annual effective rates; NaN where it gives none."""
    monthly = [pyxirr.irr(row, silent=True) for row in rows]
    kept = np.array([np.nan if rate is None else rate for rate in monthly])
    annual: Floats = np.expm1(12 * np.log1p(kept))
    return annual


def loop_xirr(dates: Sequence[date], rows: Sequence[Floats]) -> Floats:
    """pyxirr.xirr, row by row, by actual days over 365; NaN where it gives none."""
    annual = [pyxirr.xirr(dates, row, silent=True) for row in rows]
    return np.array([np.nan if rate is None else rate for rate in annual])


def largest_gap(ours: Floats, theirs: Floats) -> str:
    """Largest absolute difference where both give a rate, and in how many rows that is."""
    both = ~np.isnan(ours) & ~np.isnan(theirs)
    gap = np.abs(ours[both] - theirs[both]).max(initial=0.0)
    return f"{gap:.1e} in {both.sum():,} rows"


def main() -> None:
    """Time them, compare them, print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--months", type=int, default=84)
    parser.add_argument("--sample", type=int, default=2_000, help="rows for the loops over pyxirr")
    parser.add_argument("--turns", type=int, default=9, help="at least 5")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    if asked.turns < 5 or asked.months < 24 or not 1 <= asked.sample <= asked.rows:
        parser.error("needs 5 turns, 24 months and a sample no larger than the rows")

    flows, kind = make_flows(asked.rows, asked.months, asked.seed)
    pence = flows.astype(np.int64)
    sample = list(flows[: asked.sample])
    dates = month_ends(asked.months)
    days = np.array(dates, "datetime64[D]")
    contenders: dict[str, tuple[int, Callable[[], object]]] = {
        "sibsim irr, float64": (asked.rows, lambda: irr(flows)),
        "sibsim irr, int64": (asked.rows, lambda: irr(pence)),
        "sibsim xirr, float64": (asked.rows, lambda: xirr(days, flows)),
        "pyxirr.irr, a loop": (asked.sample, lambda: loop_irr(sample)),
        "pyxirr.xirr, a loop": (asked.sample, lambda: loop_xirr(dates, sample)),
    }
    for _, work in contenders.values():
        work()  # warm: compiled, loaded, in memory
    turns: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(asked.turns):
        for name, (_, work) in contenders.items():
            turns[name].append(one_turn(work))
    each = {name: float(np.median(turns[name])) / contenders[name][0] * 1e9 for name in contenders}

    print(f"{asked.rows:,} rows of {asked.months} months; medians of {asked.turns} turns; ", end="")
    print(f"pyxirr {version('pyxirr')} on the first {asked.sample:,} rows")
    ours = [name for name in contenders if name.startswith("sibsim")]
    print(f"{'':22}{'ns a row':>12}" + "".join(f"{name:>24}" for name in ours))
    for name, taken in each.items():
        ratios = "".join(f"{taken / each[one]:18.1f} times" for one in ours)
        print(f"{name:22}{taken:12,.0f}{ratios}")
    print("How many times as long as each of ours a row takes.")

    report_differences(flows, kind, sample, dates)


def report_differences(
    flows: Floats, kind: NDArray[np.str_], sample: Sequence[Floats], dates: Sequence[date]
) -> None:
    """Print the largest differences, and what ours says where pyxirr gives no rate."""
    annual, status = irr(flows)
    ours, codes, kinds = annual[: len(sample)], status[: len(sample)], kind[: len(sample)]
    monthly, dated = loop_irr(sample), loop_xirr(dates, sample)
    print(f"largest difference from pyxirr.irr:  {largest_gap(ours, monthly)}")
    by_date, _ = xirr(np.array(dates, "datetime64[D]"), flows[: len(sample)])
    print(f"largest difference from pyxirr.xirr: {largest_gap(by_date, dated)}")
    print(f"of equal months from xirr by date:   {largest_gap(ours, by_date)}")
    undefined = np.isnan(monthly)
    print(f"pyxirr.irr gives no rate in {undefined.sum():,} rows of the sample; there sibsim says:")
    for place, name in enumerate(IRR_STATUSES):
        here = undefined & (codes == place)
        if here.any():
            low, high = ours[here].min(), ours[here].max()
            what = ", ".join(sorted(set(kinds[here])))
            print(f"  {name}: {here.sum():,} (of kind {what}; rates {low:.6g} to {high:.6g})")
    several = (codes == IRR_STATUSES.index("several")) & ~undefined
    print(f"pyxirr.irr gives one rate in {several.sum():,} rows where sibsim says several")
    counts = np.bincount(status, minlength=len(IRR_STATUSES))
    said = [f"{name} {count:,}" for name, count in zip(IRR_STATUSES, counts, strict=True)]
    print(f"statuses in all rows: {', '.join(said)}")


if __name__ == "__main__":
    main()
