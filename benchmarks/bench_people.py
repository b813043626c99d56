"""The fast engine on a rate-card journey of three milestones, beside SimPy and beside raw draws.

All walk the same number of people with drop-out and three milestones in a row, with the service and
without it, and give back when each was reached. The lean SimPy program runs one trial at a time as
one process a person and world; its uniforms are ready-made, the cheapest it could have. The other
is sibsim's own SimPy engine, which gives the same facts as the fast one to the day. Raw draws are
the ten uniforms a person that these facts hang on: made by NumPy's generators into one array that
is used again and again, and by the engine's own Philox.
Run: ``python benchmarks/bench_people.py``.
"""

from __future__ import annotations

import argparse
import math
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

import numba
import numpy as np
import simpy

import sibsim
from sibsim.memory import BLOCK_TRIALS
from sibsim.people import des, kernels
from sibsim.scenario.deal import Scenario
from sibsim.simulation import Outcomes, _spread
from sibsim.streams import Luck

CHANCES = (0.85, 0.80, 0.75)
WITHOUT = (0.5, 0.5, 0.5)
MEANS = (90.0, 120.0, 180.0)
SOURCES = ("SFC64", "PCG64", "Philox")
LEAVE = 0.02
DAYS = 2_556


def deal(people: int) -> Scenario:
    """Three milestones, each after the one before, and drop-out of 2 % a month, over 84 months."""
    names = ("first", "second", "third")
    outcomes = {}
    for place, name in enumerate(names):
        outcomes[name] = {
            "chance": CHANCES[place], "without": WITHOUT[place],
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


Row = tuple[int, int, float, bool]


def simpy_trial(people: int, seed: int) -> tuple[list[Row], list[Row]]:
    """The same work with SimPy; gives (person, milestone, day, served) with and without."""
    draws = np.random.default_rng(seed).random((people, 8)).tolist()
    reached: list[Row] = []
    otherwise: list[Row] = []
    env = simpy.Environment()

    def with_service(who: int, gone: float, served: list[bool]) -> Iterator[simpy.Event]:
        luck = draws[who]
        for step in range(3):
            if luck[2 + 2 * step] >= CHANCES[step]:
                return
            yield env.timeout(-MEANS[step] * math.log(1 - luck[3 + 2 * step]))
            if env.now > gone:
                return
            served[step] = True
            reached.append((who, step, env.now, True))

    def without(who: int, gone: float, served: list[bool]) -> Iterator[simpy.Event]:
        luck = draws[who]
        for step in range(3):
            if luck[2 + 2 * step] >= WITHOUT[step]:
                return
            yield env.timeout(-MEANS[step] * math.log(1 - luck[3 + 2 * step]))
            otherwise.append((who, step, env.now, False))
            if gone < DAYS and not served[step]:
                reached.append((who, step, max(env.now, gone + 1), False))

    def person(who: int) -> Iterator[simpy.Event]:
        luck, served = draws[who], [False] * 3
        yield env.timeout(luck[0] * 730)
        gone = env.now - math.log(1 - luck[1]) / LEAVE * 30.4375
        env.process(with_service(who, gone, served))
        env.process(without(who, gone, served))

    for who in range(people):
        env.process(person(who))
    env.run(until=DAYS)
    return reached, otherwise


@numba.njit(nogil=True)  # type: ignore[untyped-decorator]
def own_draws(keys: Any, trials: int, people: int, one: Any, two: Any) -> None:
    """The engine's own draws into arrays that stay in the processor's cache."""
    for trial in range(trials):
        for k in range(keys.shape[0]):
            kernels._draw(keys[k], 0, people, 0, trial, one[k], two[k])


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

    def by_des(trials: int) -> int:
        luck = Luck(1, 0, trials)
        drawn = subject.drawn(luck)
        return len(des.simulate_block(drawn.population, subject.timeline, luck).reached)

    keys = np.arange(10, dtype=np.uint64).reshape(5, 2)
    one, two = np.empty((5, given.people)), np.empty((5, given.people))
    ten = np.empty(10 * given.people)
    own_draws(keys, 1, given.people, one, two)
    sources = {name: np.random.Generator(getattr(np.random, name)(1)) for name in SOURCES}
    work: dict[str, tuple[Callable[[], object], int]] = {
        "SimPy, a lean program": (lambda: simpy_trial(given.people, 1), 1),
        "sibsim's SimPy engine": (lambda: by_des(2), 2),
        "fast engine, one thread": (lambda: ours(1), given.trials),
        "fast engine, two threads": (lambda: ours(2), given.trials),
        "raw draws, its own Philox": (lambda: own_draws(keys, 200, given.people, one, two), 200),
    }
    for name, source in sources.items():
        work[f"raw draws, NumPy {name}"] = (lambda s=source: s.random(out=ten), 1)
    found: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(given.repeats):  # in turn, so that a change of the machine's pace hits all
        for name, (do, trials) in work.items():
            samples = 1 if trials == given.trials else 5
            found[name].append(median_seconds(do, samples) / trials / given.people * 1e9)
    size = f"{given.trials:,} trials x {given.people:,} people"
    print(f"{size}, three milestones, drop-out, both worlds")
    print(f"{'':<29}{'ns a person and trial':>24}{'one thread is':>18}{'two threads are':>18}")
    for name, times in found.items():
        ratios = [
            statistics.median(t / o for t, o in zip(times, found[f"fast engine, {n}"], strict=True))
            for n in ("one thread", "two threads")
        ]
        ns = statistics.median(times)
        print(f"{name:<29}{ns:>24,.1f}{ratios[0]:>16,.2f} x{ratios[1]:>16,.2f} x")
    rows, otherwise = simpy_trial(given.people, 2)
    print(f"milestones a person: lean SimPy program, one trial "
          f"{len(rows) / given.people:.3f} with and {len(otherwise) / given.people:.3f} without; "
          f"fast engine {ours(2) / given.people / given.trials:.3f} with")  # fmt: skip


if __name__ == "__main__":
    main()
