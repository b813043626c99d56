"""What a long run takes in memory: 100,000 trials of 84 months and four tranches.

The peer is the least that the run has to hold: its own tables, whose bytes are counted. The peak is
that of the whole process, interpreter and libraries included. Run: ``python
benchmarks/bench_memory.py``.
"""

from __future__ import annotations

import argparse
import resource
import time

import sibsim

DEAL = {
    "sibsim": 1,
    "title": "A long run",
    "programme": {"start": "2027-04", "months": 84},
    "people": {"adults": {"referrals": 40, "over": "60 months"}},
    "outcomes": {"work": {"chance": "45%", "without": "25%", "after": "6 months"}},
    "contract": {"work": {"pay": "per_outcome", "for": "work", "price": "£9,000"}},
    "costs": {"fixed": "£1,500 a month", "per_start": "£600"},
    "capital": {
        "senior": {"commitment": "£40,000", "interest": "5%", "investor_share": 0},
        "mezzanine": {"commitment": "£20,000", "interest": "8%", "investor_share": 0},
        "junior": {"commitment": "£15,000", "most": 2, "investor_share": "50%"},
        "grant": {"commitment": "£5,000", "from": "grant_maker", "draw": "up_front",
                  "repay": "never", "investor_share": 0},
    },
    "waterfall": {"distribute": "monthly", "distribute_from": "12 months"},
}  # fmt: skip


def main() -> None:
    """Print the peak, the tables, and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=100_000)
    words = parser.parse_args()
    deal = sibsim.load(DEAL)
    sibsim.run(deal, trials=10, seed=1)  # whatever is compiled is not counted as time
    start = time.perf_counter()
    result = sibsim.run(deal, trials=words.trials, seed=1)
    spent = time.perf_counter() - start
    tables = sum(array.nbytes for array in result.tables.arrays())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(f"{words.trials:,} trials x {deal.timeline.months} months, four tranches: {spent:.1f} s")
    print(f"tables {tables / 2**20:,.0f} MiB, peak {peak / 2**20:,.0f} MiB: "
          f"{peak / tables:.2f} times the tables")  # fmt: skip


if __name__ == "__main__":
    main()
