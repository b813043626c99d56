"""The whole way: simulate what happens to people, settle who pays whom.

In: a scenario, a number of trials, a seed. Out: `Outcomes`, then a `Result` of facts. Blocks of
trials are spread over threads here, and those that end early are simulated again. Not here: how one
block is settled (`settling`), any rule of any room, figures and their error (`metrics`, `summary`).
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TypeVar

import numpy as np

from sibsim.errors import UsageError
from sibsim.memory import (
    MOST_BLOCK_TRIALS,
    block_size,
    check_people,
    check_trials,
    whole_number,
)
from sibsim.people.checks import Population
from sibsim.people.engine import simulate_block
from sibsim.people.events import Block
from sibsim.people.stops import Stops
from sibsim.result import Result, Tables
from sibsim.scenario.deal import MONEY, PEOPLE, Scenario
from sibsim.scenario.variants import changes_people
from sibsim.settling import Settled, early_ends, settle_block, tables_of
from sibsim.streams import Luck, check_seed, fresh_seed
from sibsim.timeline import Timeline

KEPT_BYTES = 2**28
"""People are kept in memory for settling again up to this size, and simulated anew beyond it."""

Out = TypeVar("Out")

Walk = Callable[[Population, Timeline, Luck, Stops | None], Block]
"""An engine: drawn terms of people, a calendar, luck and where delivery stops to what happened."""

Progress = Callable[[int], None]
"""Called with the number of trials just done."""


@dataclass(frozen=True, eq=False)
class Outcomes:
    """What happened to people, with the service and without it, in every trial.

    Luck is stateless, so the tables need not be kept: what is not kept is simulated again, and is
    the same. Made by `simulate`.

    Attributes
    ----------
    deal : Scenario
    seed, trials : int
    block_trials : int
        Trials to a block; results do not depend on it.
    first : int
        Number of the first trial.
    engine : {"fast", "simpy"}
        Both give the same; SimPy takes one trial at a time, event by event.
    stops : ndarray of int64, shape (trials,), or None
        First day in each trial on which nothing is delivered any more; see `with_stops`.
    kept : tuple of Block or None
        What is in memory; None in the place of a block, or of all, is simulated again.
    """

    deal: Scenario
    seed: int
    trials: int
    block_trials: int
    first: int = 0
    engine: str = "fast"
    stops: Stops | None = field(default=None, repr=False)
    kept: tuple[Block | None, ...] | None = field(default=None, repr=False)

    def lucks(self) -> Iterator[Luck]:
        """The luck of each block, in order."""
        for done in range(0, self.trials, self.block_trials):
            size = min(self.block_trials, self.trials - done)
            yield Luck(self.seed, self.first + done, size)

    def block(self, luck: Luck, stops: Stops | None = None) -> Block:
        """The facts of one block, from memory or simulated again; with other stops, if given."""
        done = luck.first - self.first
        found = None if self.kept is None else self.kept[done // self.block_trials]
        if found is not None and stops is None:
            return found
        own = None if self.stops is None else self.stops[done : done + luck.trials]
        if stops is None:
            stops = own
        elif own is not None:
            stops = np.minimum(stops, own)
        drawn = self.deal.drawn(luck, PEOPLE)
        return ENGINES[self.engine](drawn.population, self.deal.timeline, luck, stops)


def _simpy(
    population: Population, timeline: Timeline, luck: Luck, stops: Stops | None = None
) -> Block:
    """The SimPy engine, loaded when it is asked for."""
    from sibsim.people import des

    return des.simulate_block(population, timeline, luck, stops)


ENGINES: dict[str, Walk] = {"fast": simulate_block, "simpy": _simpy}
"""What walks people through a block of trials. Both give the same facts."""


def simulate(
    deal: Scenario,
    *,
    trials: int = 1_000,
    seed: int | None = None,
    engine: str = "fast",
    block_trials: int | None = None,
    workers: int | None = None,
) -> Outcomes:
    """Simulate every person of a deal, with the service and without it.

    Parameters
    ----------
    deal : Scenario
    trials : int
        Possible worlds, 1 or more.
    seed : int or None
        Fixes all luck; None takes a fresh one, which the result records. 0 is a seed.
    engine : {"fast", "simpy"}
        Which engine walks the people; the result does not depend on it.
    block_trials, workers : int or None
        How the work is cut up; results do not depend on them.

    Returns
    -------
    Outcomes

    Raises
    ------
    UsageError
        If `trials` or `seed` is not a number that can be used.
    """
    outcomes = _plan(deal, trials, seed, block_trials, engine)
    first = outcomes.block(next(outcomes.lucks()))
    if first.nbytes / first.trials * trials > KEPT_BYTES:
        return outcomes
    rest = islice(outcomes.lucks(), 1, None)
    blocks = list(_spread(outcomes.block, rest, workers))
    return replace(outcomes, kept=(first, *blocks))


def with_stops(outcomes: Outcomes, stops: Stops | None) -> Outcomes:
    """The same people in the same trials, with delivery stopped early in some of them.

    Luck is stateless: all that happened before the stop stays as it was, person by person, and a
    trial without a stop is the same altogether. Only blocks in which a trial stops are simulated
    again, when they are asked for.

    Parameters
    ----------
    outcomes : Outcomes
    stops : ndarray of whole numbers, shape (trials,), or None
        First day in each trial, counted from the contract's start, on which nothing is delivered
        any more. A day at or beyond the contract's end is no stop; None is none in any trial. They
        take the place of stops that `outcomes` has.

    Returns
    -------
    Outcomes

    Raises
    ------
    UsageError
        If `stops` is not one whole number of 0 or more for each trial.
    """
    contract, kept = outcomes.deal.timeline.contract_days, outcomes.kept
    if stops is not None:
        given = np.asarray(stops)
        if given.shape != (outcomes.trials,) or given.dtype.kind not in "iu" or given.min() < 0:
            raise UsageError(
                f"stops: one whole day of 0 or more for each of {outcomes.trials:,} trials is due"
            )
        early = np.minimum(given, contract).astype(np.int64)
        stops = early if (early < contract).any() else None
    if kept is not None and stops is not None:
        first = range(0, outcomes.trials, outcomes.block_trials)
        same = [(stops[at : at + outcomes.block_trials] >= contract).all() for at in first]
        kept = tuple(block if s else None for block, s in zip(kept, same, strict=True))
    return replace(outcomes, stops=stops, kept=kept)


def settle(
    deal: Scenario,
    outcomes: Outcomes,
    *,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Result:
    """Work out who pays whom for what happened. Draws nothing: equal inputs give equal money.

    Parameters
    ----------
    deal : Scenario
        May differ from the one that was simulated in everything but dates, people and outcomes
        (words about them may differ).
    outcomes : Outcomes
    workers : int or None
        Threads; the result does not depend on them.
    progress : callable or None
        Called with the number of trials just settled.

    Returns
    -------
    Result

    Raises
    ------
    UsageError
        If `deal` has other people or outcomes than were simulated.
    """
    if changes_people(outcomes.deal, deal):
        raise UsageError(
            "settle: the people, outcomes or dates are not those that were simulated; simulate "
            "this scenario first"
        )

    def one(luck: Luck) -> Tables:
        made = tables_of(settled(deal, outcomes, luck))
        if progress is not None:
            progress(luck.trials)
        return made

    tables = Tables.joined(_spread(one, outcomes.lucks(), workers), outcomes.trials)
    return Result(deal, outcomes.seed, outcomes.trials, tables)


def settled(deal: Scenario, outcomes: Outcomes, luck: Luck, told: bool = False) -> Settled:
    """Settle one block; where contracts end early, its people are simulated again with that stop.

    Until a contract ends nothing is changed by its end, so the end is found in a world without it,
    and the history before it is the same in both.

    Parameters
    ----------
    deal : Scenario
    outcomes : Outcomes
    luck : Luck
        Of one of its blocks.
    told : bool
        Whether what each step of the waterfall paid is kept.
    """
    drawn = deal.drawn(luck, MONEY)
    block = outcomes.block(luck)
    made = settle_block(deal, drawn, block, luck, told=told)
    if not deal.endings:
        return made
    decided = early_ends(deal, drawn, block, made, luck)
    if not decided.any:
        return made
    days = deal.timeline.month_starts[decided.ends.stop]
    return settle_block(deal, drawn, outcomes.block(luck, days), luck, decided, told)


def run(
    deal: Scenario,
    *,
    trials: int = 1_000,
    seed: int | None = None,
    engine: str = "fast",
    workers: int | None = None,
    progress: Progress | None = None,
) -> Result:
    """Simulate and settle in one pass, keeping no people; see `simulate` and `settle`."""
    outcomes = _plan(deal, trials, seed, None, engine)
    return settle(deal, outcomes, workers=workers, progress=progress)


def extend(
    result: Result,
    trials: int,
    *,
    engine: str = "fast",
    workers: int | None = None,
    progress: Progress | None = None,
) -> Result:
    """The same run with more trials: only the new ones are run, and all are as in one long run.

    Parameters
    ----------
    result : Result
        A run from its first trial, as `run` and `settle` give it.
    trials : int
        How many it is to have in all; more than it has.
    """
    plan = _plan(result.deal, trials, result.seed, None, engine)
    if plan.trials <= result.trials:
        raise UsageError(f"extend: the result has {result.trials:,} trials already")
    new = replace(plan, first=result.trials, trials=plan.trials - result.trials)
    rest = settle(result.deal, new, workers=workers, progress=progress)
    joined = Tables.joined([result.tables, rest.tables], plan.trials)
    return Result(result.deal, result.seed, plan.trials, joined)


def whole_blocks(deal: Scenario, trials: int) -> int:
    """The next number of trials that fills the last block."""
    size = block_size(deal)
    return -(-trials // size) * size


def _plan(
    deal: Scenario, trials: int, seed: int | None, block_trials: int | None, engine: str
) -> Outcomes:
    """What is to be simulated, checked, and cut into blocks."""
    trials = check_trials(deal, trials)
    if block_trials is not None and whole_number("block_trials", block_trials) < 1:
        raise UsageError(f"block_trials must be 1 or more; it is {block_trials}")
    chosen = fresh_seed() if seed is None else seed
    try:
        check_seed(chosen)
    except ValueError as error:
        raise UsageError(str(error)) from error
    check_people(deal)
    size = block_size(deal)
    if block_trials is not None:
        size = min(block_trials, MOST_BLOCK_TRIALS)
    if engine not in ENGINES:
        raise UsageError(f"no engine is called {engine!r}; there are {', '.join(ENGINES)}")
    return Outcomes(deal, chosen, trials, size, engine=engine)


def _spread(
    work: Callable[[Luck], Out], lucks: Iterator[Luck], workers: int | None
) -> Iterator[Out]:
    """Do blocks side by side and give them back in order, a few at a time so that none pile up.

    Threads are enough: the compiled walk and NumPy's loops run without the interpreter's lock.
    """
    count = (os.cpu_count() or 1) if workers is None else workers
    if count < 1:
        raise UsageError(f"workers must be 1 or more; it is {count}")
    with ThreadPoolExecutor(count) as pool:
        waiting: deque[Future[Out]] = deque()
        try:
            for luck in lucks:
                waiting.append(pool.submit(work, luck))
                if len(waiting) > count:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
