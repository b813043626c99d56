"""As many trials as a figure needs: a run that stops when its error is small enough.

In: a deal and a target such as ``investor.irr.mcse < 0.1%``. Out: the result, the same as that of a
run of that many trials, and why it stopped. Not here: the error itself (`summary`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from sibsim import writing
from sibsim.errors import UsageError
from sibsim.memory import check_trials
from sibsim.metrics import PERCENT, measure, of_every, units
from sibsim.result import Result, Stopping
from sibsim.scenario.deal import Scenario
from sibsim.scenario.numbers import clipped, did_you_mean, near
from sibsim.simulation import Progress, extend, run, whole_blocks
from sibsim.summary import figure
from sibsim.writing import CURRENCIES, Misread

MOST_TRIALS = 100_000
"""Where a run stops whose target is not met."""

LEAST_GROWTH, MOST_GROWTH = 1.5, 10.0
"""How many times as many trials a round may make: an error is itself known only roughly."""

MARGIN = 1.05
"""Trials beyond those that the error so far calls for, so that one more round mostly does."""

WRITTEN = "METRIC.mcse < VALUE, such as investor.irr.mcse < 0.1%"


@dataclass(frozen=True, slots=True)
class Target:
    """A bound on the Monte Carlo standard error of one metric.

    Attributes
    ----------
    text : str
        As it was written, on one line.
    metric, unit : str
    limit : float
        In major units.
    """

    text: str
    metric: str
    unit: str
    limit: float


def target(deal: Scenario, text: str) -> Target:
    """Read a target; what is wrong with it is a `UsageError`."""
    said = clipped(text)
    left, sign, value = (part.strip() for part in text.rpartition("<"))
    metric, dot, name = left.rpartition(".")
    if not (sign and dot and metric and value and name.isidentifier()) or value.startswith("="):
        raise UsageError(f"until {said!r}: write {WRITTEN}")
    known = units(deal)
    if metric not in known:
        meant = left if left in known else near(metric, known)
        hint = did_you_mean(f"{meant}.mcse" if meant else "") or f"write {WRITTEN}"
        raise UsageError(f"until {said!r}: no metric is called {clipped(metric)}; {hint}")
    if name != "mcse":
        raise UsageError(
            f"until {said!r}: {clipped(name)} is no error that falls with more trials; write "
            f"{metric}.mcse, the Monte Carlo standard error of its mean"
        )
    return Target(" ".join(text.split()), metric, known[metric], _limit(said, value, known[metric]))


def _limit(said: str, value: str, unit: str) -> float:
    """The bound in major units."""
    try:
        if unit in CURRENCIES:
            limit = float(writing.money(value, unit).value / 10 ** CURRENCIES[unit][1])
        elif _is_share(unit):
            limit = writing.share(value).value
        else:
            limit = writing.number(value).value
    except Misread as misread:
        found = f"{clipped(value)!r}{misread.why and ', '}{misread.why}"
        words = [found, f"allowed: {misread.allowed}", misread.hint]
        raise UsageError(f"until {said!r}: {'; '.join(filter(None, words))}") from misread
    if not limit > 0:
        raise UsageError(f"until {said!r}: the error is never below nil; the value must be above 0")
    return limit


def run_until(
    deal: Scenario,
    until: str,
    *,
    trials: int = 1_000,
    most_trials: int = MOST_TRIALS,
    seed: int | None = None,
    engine: str = "fast",
    workers: int | None = None,
    progress: Progress | None = None,
) -> Result:
    """Run a deal with as many trials as it takes for one figure to be known well enough.

    Trials that were done are kept; the result is the same as a `run` of as many trials. Because
    the run stops when the error looks small, the error is a little larger than it looks.

    Parameters
    ----------
    deal : Scenario
    until : str
        ``METRIC.mcse < VALUE``: a metric of the summary and a bound on its Monte Carlo standard
        error, as a share (``0.1%``) for shares and rates, as an amount (``£500``) for money, else
        as a number.
    trials : int
        How many to begin with.
    most_trials : int
        How many at the most; 100,000 if left out.
    seed, engine, workers, progress
        As in `run`.

    Returns
    -------
    Result
        Its `stopping` says whether the target was met. A metric that no trial defines, or only one,
        never meets it.

    Raises
    ------
    UsageError
        If the target cannot be read, or `trials` is above `most_trials`.
    """
    wanted = target(deal, until)
    # Before any work: a run that memory cannot hold at its end would be in vain.
    most, begin = check_trials(deal, most_trials), check_trials(deal, trials)
    if begin > most:
        raise UsageError(f"until: it begins with {begin:,} trials, and the most is {most:,}")
    result = run(deal, trials=begin, seed=seed, engine=engine, workers=workers, progress=progress)
    while not (error := _error(result, wanted)) < wanted.limit and result.trials < most:
        more = _more(deal, result.trials, error / wanted.limit, most)
        result = extend(result, more, engine=engine, workers=workers, progress=progress)
    met = error < wanted.limit
    stopping = Stopping(wanted.text, wanted.metric, wanted.limit, error, met, most)
    return replace(result, stopping=stopping)


def _error(result: Result, wanted: Target) -> float:
    row = of_every(result.deal).get(wanted.metric)
    values = row.of(result) if row is not None else measure(result)[wanted.metric].values
    return figure(wanted.unit, "", values).mcse


def _more(deal: Scenario, trials: int, ratio: float, most: int) -> int:
    """How many trials next: the error falls with the root of their number."""
    growth = LEAST_GROWTH if math.isnan(ratio) else ratio * ratio * MARGIN
    growth = min(max(growth, LEAST_GROWTH), MOST_GROWTH)
    return min(whole_blocks(deal, math.ceil(trials * growth)), most)


def said(result: Result) -> str:
    """In one sentence: why the run stopped where it did."""
    stopping = result.stopping
    assert stopping is not None, "only of a run that was to find its number of trials"
    unit = units(result.deal)[stopping.metric]
    name, error = f"{stopping.metric}.mcse", _shown(stopping.reached, unit)
    limit = _shown(stopping.limit, unit)
    if not stopping.met:
        return (
            f"stopped at the cap of {result.trials:,} trials: {name} {error}; target < {limit} not "
            "met (adaptive stopping)"
        )
    same = ", as the metric is the same in every trial" if stopping.reached == 0 else ""
    return (
        f"stopped at {result.trials:,} trial{'' if result.trials == 1 else 's'}: {name} {error} < "
        f"{limit}{same} (adaptive stopping)"
    )


def _is_share(unit: str) -> bool:
    return unit in PERCENT


def _shown(value: float, unit: str) -> str:
    """A small figure to a few digits in its unit, where tables would show nil."""
    if math.isnan(value):
        return "undefined"
    if unit in CURRENCIES:
        return f"{CURRENCIES[unit][0]}{value:,.2f}"
    return f"{100 * value:.4g}%" if _is_share(unit) else f"{value:.4g}"
