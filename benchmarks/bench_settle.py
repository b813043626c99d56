"""Settling a contract against simulating its people: 25 terms, 84 months, caps at four levels.

The same people are settled again under a changed price: nothing is drawn and nobody is simulated.
The peer is sibsim's own simulation of the people, the cheapest thing that a run has to do, in the
same process. With ``--workers 2`` two blocks of trials go side by side, as in a run. With one
worker settling took 0.89 times as long as simulating.
Run: ``python benchmarks/bench_settle.py``.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

import sibsim
from sibsim.memory import block_size
from sibsim.people.engine import simulate_block
from sibsim.people.events import Block
from sibsim.result import Tables
from sibsim.scenario.deal import MONEY, PEOPLE, Scenario
from sibsim.settling import settle_block, tables_of
from sibsim.streams import Luck

Out = TypeVar("Out")

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


def settle(deal: Scenario, block: Block, luck: Luck) -> Tables:
    """What a run does with a block once its people are simulated."""
    return tables_of(settle_block(deal, deal.drawn(luck, MONEY), block, luck))


def timed(work: Callable[[], Iterable[Out]]) -> tuple[float, list[Out]]:
    """Seconds of some calls, and what they give."""
    start = time.perf_counter()
    made = list(work())
    return time.perf_counter() - start, made


def main() -> None:
    """Print seconds for all trials, and ratios to simulating the people."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=10_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--workers", type=int, default=1)
    words = parser.parse_args()
    subject = deal()
    dearer = subject.replace({"contract.t3.price": "£950"})
    size = block_size(subject)
    lucks = [Luck(1, done, min(size, words.trials - done)) for done in range(0, words.trials, size)]

    def people(luck: Luck) -> Block:
        return simulate_block(subject.drawn(luck, PEOPLE).population, subject.timeline, luck)

    people(Luck(1, 0, 10))  # compiled before anything is timed
    rows: dict[str, list[float]] = {"simulate": [], "settle": [], "settle again, other price": []}
    with ThreadPoolExecutor(words.workers) as pool:
        for _ in range(words.repeats):
            spent = dict.fromkeys(rows, 0.0)
            for done in range(0, len(lucks), words.workers):
                some = lucks[done : done + words.workers]
                seconds, blocks = timed(partial(pool.map, people, some))
                spent["simulate"] += seconds
                for name, asked in (("settle", subject), ("settle again, other price", dearer)):
                    work = partial(pool.map, partial(settle, asked), blocks, some)
                    spent[name] += timed(work)[0]
            for name, seconds in spent.items():
                rows[name].append(seconds)
    base = statistics.median(rows["simulate"])
    print(f"{words.trials:,} trials x {PEOPLE_REFERRED} people, {MONTHS} months, {TERMS} terms, "
          f"workers: {words.workers}")
    for name, seconds in rows.items():
        middle = statistics.median(seconds)
        spread = f"{min(seconds):.2f} to {max(seconds):.2f}"
        print(f"{name:<26} {middle:6.2f} s ({spread})  {middle / base:5.2f} x simulating")


if __name__ == "__main__":
    main()
