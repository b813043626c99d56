"""The fast engine against SimPy on the same work: a rate-card journey of three milestones.

Both walk the same number of people with drop-out and three milestones in a row, and give back when
each was reached. SimPy runs one trial at a time as one process a person; its uniforms are NumPy's
own, the cheapest it could have. Run: ``python benchmarks/bench_people.py``.
"""

from __future__ import annotations

import argparse
import math
import statistics
import time
from collections.abc import Callable, Iterator

import numpy as np
import simpy

import sibsim
from sibsim.scenario.deal import Scenario
from sibsim.simulation import BLOCK_TRIALS, Outcomes, _spread

CHANCES = (0.85, 0.80, 0.75)
MEANS = (90.0, 120.0, 180.0)
LEAVE = 0.02
DAYS = 2_556


def deal(people: int) -> Scenario:
    """Three milestones, each after the one before, and drop-out of 2 % a month, over 84 months."""
    names = ("first", "second", "third")
    outcomes = {}
    for place, name in enumerate(names):
        outcomes[name] = {
            "chance": CHANCES[place], "without": 0,
            "after": {"exponential": {"mean": f"{MEANS[place]} days"}},
        }  # fmt: skip
        if place:
            outcomes[name]["follows"] = names[place - 1]
    return sibsim.load(
        {
            "sibsim": 1, "title": "Benchmark", "programme": {"start": "2027-04", "months": 84},
            "people": {"all": {"referrals": people, "over": "24 months", "leave": "2% a month"}},
            "outcomes": outcomes,
            "contract": {n: {"pay": "per_outcome", "for": n, "price": "£1,000"} for n in names},
        }
    )  # fmt: skip


def simpy_trial(people: int, seed: int) -> list[tuple[int, int, float]]:
    """The same work with a SimPy process for each person; gives (person, milestone, day)."""
    draws = np.random.default_rng(seed).random((people, 8)).tolist()
    reached: list[tuple[int, int, float]] = []
    env = simpy.Environment()

    def person(who: int) -> Iterator[simpy.Event]:
        luck = draws[who]
        yield env.timeout(luck[0] * 730)
        gone = env.now - math.log(1 - luck[1]) / LEAVE * 30.4375
        for step in range(3):
            if luck[2 + 2 * step] >= CHANCES[step]:
                return
            yield env.timeout(-MEANS[step] * math.log(1 - luck[3 + 2 * step]))
            if env.now > gone:
                return
            reached.append((who, step, env.now))

    for who in range(people):
        env.process(person(who))
    env.run(until=DAYS)
    return reached


def median_seconds(work: Callable[[], object], repeats: int) -> float:
    """Median wall time of some repeats."""
    times = []
    for _ in range(repeats):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


def main() -> None:
    """Time both in turn and print nanoseconds for each person and trial, and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=10_000)
    parser.add_argument("--people", type=int, default=1_000)
    parser.add_argument("--repeats", type=int, default=5)
    given = parser.parse_args()
    subject = deal(given.people)
    sibsim.run(subject, trials=2, seed=1)  # compile

    def ours(workers: int) -> int:
        outcomes = Outcomes(subject, 1, given.trials, BLOCK_TRIALS)
        return sum(len(b.reached) for b in _spread(outcomes.block, outcomes.lucks(), workers))

    samples = 10
    peer = [0.0] * given.repeats
    one, two = list(peer), list(peer)
    for turn in range(given.repeats):  # in turn, so that a change of the machine's pace hits both
        peer[turn] = median_seconds(lambda: simpy_trial(given.people, 1), samples)
        one[turn] = median_seconds(lambda: ours(1), 1)
        two[turn] = median_seconds(lambda: ours(2), 1)
    scale = 1e9 / given.people
    simpy_ns = statistics.median(peer) * scale
    print(f"{given.trials:,} trials x {given.people:,} people, three milestones, drop-out")
    print(f"SimPy, one process a person   {simpy_ns:10,.0f} ns a person and trial")
    for name, times in (("fast engine, one thread", one), ("fast engine, two threads", two)):
        ns = statistics.median(times) * scale / given.trials
        ratio = statistics.median(
            p * scale / (t * scale / given.trials) for p, t in zip(peer, times, strict=True)
        )
        print(f"{name:<29} {ns:10,.1f} ns a person and trial   {ratio:,.0f} x SimPy")
    simpy_share = len(simpy_trial(given.people, 2)) / given.people
    our_share = ours(2) / given.people / given.trials
    print(f"milestones a person: SimPy (one trial) {simpy_share:.3f}, ours {our_share:.3f}")


if __name__ == "__main__":
    main()
