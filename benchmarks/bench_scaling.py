"""What a run costs as trials and people grow: it should be linear in trials, and flat per person.

People are those of ``bench_people`` (three milestones, both worlds) and of ``bench_queue`` (a list
for twelve places to each thousand people).
Run: ``python benchmarks/bench_scaling.py --plot scaling.html``.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import replace

import bench_people
import bench_queue

from sibsim.scenario.deal import Scenario
from sibsim.simulation import _plan

TRIALS = (100, 300, 1_000, 3_000, 10_000)
PEOPLE = (100, 1_000, 10_000, 100_000)
DEALS: dict[str, Callable[[int], Scenario]] = {
    "milestones": bench_people.deal,
    "a waiting list": lambda people: bench_queue.deal(people, max(1, 12 * people // 1_000)),
}


def seconds(deal: Scenario, trials: int, repeats: int = 3) -> float:
    """Median wall time of walking everybody through so many trials, on one thread."""
    times = []
    for _ in range(repeats):
        plan = replace(_plan(deal, trials, 1, None, "fast"))
        begun = time.perf_counter()
        for luck in plan.lucks():
            plan.block(luck)
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


def main() -> None:
    """Print both tables, and write the plot if asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plot", help="Write the plot to this HTML file.")
    given = parser.parse_args()
    by_trials: dict[str, list[float]] = {}
    by_people: dict[str, list[float]] = {}
    for name, make in DEALS.items():
        seconds(make(100), 10)  # compiles
        by_trials[name] = [seconds(make(1_000), n) for n in TRIALS]
        by_people[name] = [
            seconds(make(n), max(1, 1_000_000 // n)) / max(1, 1_000_000 // n) / n * 1e9
            for n in PEOPLE
        ]
    print(f"{'trials, with 1,000 people':<30}" + "".join(f"{n:>12,}" for n in TRIALS))
    for name, found in by_trials.items():
        print(f"{name + ', seconds':<30}" + "".join(f"{s:>12.3f}" for s in found))
        each = [s / n / (found[-1] / TRIALS[-1]) for s, n in zip(found, TRIALS, strict=True)]
        print(f"{'  a trial, to the last':<30}" + "".join(f"{x:>10.2f} x" for x in each))
    print(f"{'people, a million in all':<30}" + "".join(f"{n:>12,}" for n in PEOPLE))
    for name, found in by_people.items():
        print(f"{name + ', ns a person':<30}" + "".join(f"{ns:>12.1f}" for ns in found))
    if given.plot:
        write_plot(given.plot, by_trials, by_people)


def write_plot(
    path: str, by_trials: dict[str, list[float]], by_people: dict[str, list[float]]
) -> None:  # fmt: skip
    """Two panels on logarithmic axes."""
    from plotly.subplots import make_subplots

    titles = ("Seconds by trials, 1,000 people", "Nanoseconds a person and trial by people")
    figure = make_subplots(1, 2, subplot_titles=titles)
    for place, (name, found) in enumerate(by_trials.items()):
        colour = ("#1f77b4", "#d62728")[place]
        line = {"name": name, "line": {"color": colour}, "mode": "lines+markers"}
        figure.add_scatter(x=TRIALS, y=found, row=1, col=1, **line)
        figure.add_scatter(x=PEOPLE, y=by_people[name], row=1, col=2, showlegend=False, **line)
    figure.update_xaxes(type="log")
    figure.update_yaxes(type="log")
    figure.write_html(path, include_plotlyjs=True)


if __name__ == "__main__":
    main()
