"""Four tranches through the vehicle's account: 10,000 trials of 84 months.

The peer is the least that any waterfall has to do with the same table: adding up receipts less
costs month by month in NumPy, in the same process. Run: ``python benchmarks/bench_waterfall.py``.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from datetime import date

import numpy as np

from sibsim.accounts.capital import run_account
from sibsim.accounts.steps import Waterfall
from sibsim.accounts.terms import Tranche
from sibsim.quantities import plain
from sibsim.timeline import Timeline

TRANCHES = {
    "senior": Tranche(commitment=plain(40_000_000), interest=plain(0.05), investor_share=plain(0)),
    "mezzanine": Tranche(commitment=plain(20_000_000), interest=plain(0.08),
                         unpaid_interest="added", investor_share=plain(0)),
    "junior": Tranche(commitment=plain(15_000_000), most=plain(2), investor_share=plain(0.5)),
    "grant": Tranche(commitment=plain(5_000_000), draw="up_front", investor_share=plain(0)),
}  # fmt: skip


def median(work: Callable[[], object], turns: int) -> float:
    """Seconds, in the middle of several turns."""
    seconds = []
    for _ in range(turns):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def main() -> None:
    """Print milliseconds, and the ratio to adding up."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=10_000)
    parser.add_argument("--months", type=int, default=84)
    words = parser.parse_args()
    luck = np.random.default_rng(1)
    shape = words.trials, words.months
    receipts = luck.integers(0, 2_500_000, shape)
    costs = luck.integers(500_000, 1_500_000, shape)
    calendar, monthly = Timeline(date(2027, 4, 1), words.months, words.months), Waterfall(
        distribute="monthly"
    )  # fmt: skip
    base = median(lambda: np.cumsum(receipts - costs, axis=1), 9)
    print(f"{words.trials:,} trials x {words.months} months, one core")
    print(f"adding up           {1e3 * base:8.1f} ms")
    for count in (1, 4):
        some = dict(list(TRANCHES.items())[:count])
        spent = median(
            lambda some=some: run_account(  # type: ignore[misc]
                receipts, costs, calendar, words.months - 1, some, monthly
            ), 5
        )  # fmt: skip
        print(f"{count} tranche{'s' if count > 1 else ' '}          {1e3 * spent:8.1f} ms  "
              f"{spent / base:6.1f} x adding up")  # fmt: skip


if __name__ == "__main__":
    main()
