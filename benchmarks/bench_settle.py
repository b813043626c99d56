"""Settling a contract against simulating its people: 25 terms, 84 months, caps at four levels.

The same people are settled again under a changed price: nothing is drawn and nobody is simulated.
The peer is sibsim's own simulation of the people, the cheapest thing that a run has to do, in the
same process. Run: ``python benchmarks/bench_settle.py``.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from functools import partial

import sibsim
from sibsim.memory import block_size
from sibsim.people.engine import simulate_block
from sibsim.people.events import Block
from sibsim.scenario.deal import PEOPLE, Scenario
from sibsim.simulation import _settle_block
from sibsim.streams import Luck

TERMS, MONTHS, PEOPLE_REFERRED = 25, 84, 200


def deal() -> Scenario:
    """A rate card of 25 lines: five ladders of five outcomes, each reached by fewer."""
    outcomes: dict[str, dict[str, object]] = {}
    for place in range(TERMS):
        step = place % 5
        outcome: dict[str, object] = {
            "chance": "70%", "without": "50%", "after": {"p50": "3 months", "p90": "9 months"},
        }  # fmt: skip
        if step:
            outcome["follows"] = f"o{place - 1}"
        outcomes[f"o{place}"] = outcome
    contract: dict[str, object] = {
        f"t{place}": {"pay": "per_outcome", "for": f"o{place}", "price": f"£{500 + 100 * place}",
                      "cap": "£150,000", "lag": place % 4}
        for place in range(TERMS)
    }  # fmt: skip
    contract["caps"] = {"person": "£17,000", "period": "£400,000", "contract": "£1.5m"}
    return sibsim.load({
        "sibsim": 1, "title": "Benchmark", "programme": {"start": "2027-04", "months": MONTHS},
        "people": {"all": {"referrals": PEOPLE_REFERRED, "over": "48 months"}},
        "outcomes": outcomes, "contract": contract,
    })  # fmt: skip


def timed(work: Callable[[], object]) -> float:
    """Seconds of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    """Print seconds for all trials, and ratios to simulating the people."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=10_000)
    parser.add_argument("--repeats", type=int, default=3)
    words = parser.parse_args()
    subject = deal()
    dearer = subject.replace({"contract.t3.price": "£950"})
    size = block_size(subject)
    lucks = [Luck(1, done, min(size, words.trials - done)) for done in range(0, words.trials, size)]

    def people(luck: Luck) -> Block:
        return simulate_block(subject.drawn(luck, PEOPLE).population, subject.timeline, luck)

    people(Luck(1, 0, 10))  # compiled before anything is timed
    rows: dict[str, list[float]] = {"simulate": [], "settle": [], "settle again, other price": []}
    for _ in range(words.repeats):
        spent = dict.fromkeys(rows, 0.0)
        for luck in lucks:
            spent["simulate"] += timed(partial(people, luck))
            block = people(luck)
            spent["settle"] += timed(partial(_settle_block, subject, block, luck))
            spent["settle again, other price"] += timed(partial(_settle_block, dearer, block, luck))
        for name, seconds in spent.items():
            rows[name].append(seconds)
    base = statistics.median(rows["simulate"])
    print(f"{words.trials:,} trials x {PEOPLE_REFERRED} people, {MONTHS} months, {TERMS} terms")
    for name, seconds in rows.items():
        middle = statistics.median(seconds)
        spread = f"{min(seconds):.2f} to {max(seconds):.2f}"
        print(f"{name:<26} {middle:6.2f} s ({spread})  {middle / base:5.2f} x simulating")


if __name__ == "__main__":
    main()
