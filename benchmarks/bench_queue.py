"""The fast engine against SimPy on one waiting list: 12 caseworkers, lognormal service, patience.

The lean SimPy program has a process a person and a resource of twelve places; it is given the same
days of referral, service and patience, ready-made, and must find the same waits, day by day. The
fast engine draws all of these, as does sibsim's own SimPy engine, which gives the same facts.
Run: ``python benchmarks/bench_queue.py``.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Iterator

import numpy as np
import simpy

import sibsim
from sibsim.distributions import day_table
from sibsim.memory import block_size
from sibsim.people import des
from sibsim.people.des_lists import referral_table
from sibsim.people.engine import simulate_block
from sibsim.scenario.deal import Scenario
from sibsim.simulation import _spread
from sibsim.streams import Luck
from sibsim.timeline import Timeline

PLACES = 12
BEFORE, COMES, GIVES_UP = 0.0, 0.5, 0.75  # parts of a day: places are free before people come


def deal(people: int, places: int = PLACES) -> Scenario:
    """A provider with places at nine tenths of what it can do, over ten years."""
    stay = 0.9 * places * 3_653 / people
    return sibsim.load(
        {
            "sibsim": 1, "title": "Benchmark", "programme": {"start": "2027-04", "months": 120},
            "people": {"all": {
                "referrals": people, "over": "120 months", "served_by": "centre",
                "stay": {"lognormal": {"mean": f"{stay} days", "sd": f"{stay * 2 / 3} days"}},
                "patience": {"exponential": {"mean": "60 days"}},
            }},
            "providers": {"centre": {"places": places}},
            "outcomes": {"seen": {"chance": "50%", "without": 0, "after": "1 day"}},
            "contract": {"fee": {"pay": "fee", "amount": "£1 a month"}},
        }
    )  # fmt: skip


def inputs(subject: Scenario, luck: Luck, people: int) -> list[tuple[int, int, int]]:
    """Day of referral, days of service, days of patience of everybody in one trial."""
    terms, contract = subject.people["all"], subject.timeline.contract_days
    referred = luck.people_uniforms("people.all.referred", people)[0, :, 0]
    stay = luck.people_uniforms("people.all.stay", people)[0]
    assert terms.stay is not None and terms.patience is not None
    tables = [np.array(referral_table(terms, subject.timeline))]
    tables += [day_table(wait.distribution, contract) for wait in (terms.stay, terms.patience)]
    columns = [
        np.searchsorted(table, u, side="right")
        for table, u in zip(tables, (referred, stay[:, 0], stay[:, 1]), strict=True)
    ]
    columns[1] = np.maximum(columns[1], 1)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def simpy_trial(people: list[tuple[int, int, int]], timeline: Timeline) -> list[int]:
    """The day on which each person starts, or -1."""
    env = simpy.Environment()
    centre = simpy.Resource(env, PLACES)
    starts = [-1] * len(people)

    def person(who: int, day: int, stay: int, patience: int) -> Iterator[simpy.Event]:
        yield env.timeout(day + COMES)
        with centre.request() as place:
            yield place | env.timeout(patience + GIVES_UP - COMES)
            if not place.triggered:
                return
            starts[who] = int(env.now)
            yield env.timeout(starts[who] + stay + BEFORE - env.now)

    order = sorted(range(len(people)), key=lambda who: people[who][0])
    for who in order:
        env.process(person(who, *people[who]))
    env.run(until=timeline.contract_days)
    return starts


def main() -> None:
    """Time both in turn and print nanoseconds for each person and trial, and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=2_000)
    parser.add_argument("--people", type=int, default=1_000)
    parser.add_argument("--repeats", type=int, default=5)
    given = parser.parse_args()
    subject = deal(given.people)
    size = block_size(subject)
    first = simulate_block(subject.population, subject.timeline, Luck(1, 0, 20))  # compiles
    for trial in range(20):
        starts = simpy_trial(inputs(subject, Luck(1, trial, 1), given.people), subject.timeline)
        ours = first.people[0].start[trial].astype(int)
        assert np.where(ours > subject.timeline.contract_days, -1, ours).tolist() == starts
    table = first.people[0]
    assert table.arrived is not None and table.gave_up is not None
    begun = table.start < subject.timeline.contract_days
    waits = (table.start - table.arrived)[begun]
    gave_up = float((table.gave_up < subject.timeline.contract_days).mean())

    lucks = [Luck(1, at, min(size, given.trials - at)) for at in range(0, given.trials, size)]

    def ours_by(workers: int) -> float:
        begun = time.perf_counter()
        blocks = _spread(
            lambda luck: simulate_block(subject.population, subject.timeline, luck),
            iter(lucks), workers,
        )  # fmt: skip
        assert sum(len(b.people[0].referred) for b in blocks) == given.trials
        return (time.perf_counter() - begun) / given.trials / given.people * 1e9

    people = [inputs(subject, Luck(1, trial, 1), given.people) for trial in range(3)]
    found: dict[str, list[float]] = {}
    for _ in range(given.repeats):  # in turn, so that a change of the machine's pace hits all
        begun_at = time.perf_counter()
        for everybody in people:
            simpy_trial(everybody, subject.timeline)
        lean = (time.perf_counter() - begun_at) / len(people) / given.people * 1e9
        begun_at = time.perf_counter()
        des.simulate_block(subject.population, subject.timeline, Luck(1, 0, 1))
        own = (time.perf_counter() - begun_at) / given.people * 1e9
        times = {"SimPy, a lean program": lean, "sibsim's SimPy engine": own,
                 "fast engine, one thread": ours_by(1), "fast engine, two threads": ours_by(2)}
        for name, ns in times.items():
            found.setdefault(name, []).append(ns)
    print(f"{given.trials:,} trials x {given.people:,} people, 12 places, lognormal service")
    print(f"the same start, person by person, in 20 trials; mean wait {waits.mean():.1f} days, "
          f"{gave_up:.1%} give up")  # fmt: skip
    print(f"{'':<29}{'ns a person and trial':>24}{'one thread is':>18}{'two threads are':>18}")
    for name, each in found.items():
        ratios = [
            statistics.median(t / o for t, o in zip(each, found[f"fast engine, {n}"], strict=True))
            for n in ("one thread", "two threads")
        ]
        ns = statistics.median(each)
        print(f"{name:<29}{ns:>24,.1f}{ratios[0]:>16,.2f} x{ratios[1]:>16,.2f} x")


if __name__ == "__main__":
    main()
