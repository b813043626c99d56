"""The whole way: simulate what happens to people, settle who pays whom.

In: a scenario, a number of trials, a seed. Out: `Outcomes`, then a `Result` of facts. This is the
only place that knows every room. Not here: any rule of any room, and figures with their error
(`metrics`, `summary`).
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
from numpy.typing import NDArray

from sibsim.accounts.capital import Flows, run_account
from sibsim.accounts.costs import CostFlows, cost_flows, paid_for, starts_by_month
from sibsim.accounts.ledger import Entry, entries
from sibsim.contract.pay import Payments, pay
from sibsim.contract.payers import Contributions, contributions
from sibsim.contract.terms import Clawback
from sibsim.errors import UsageError
from sibsim.finance import discount_factors, npv
from sibsim.measuring import delivery, facts, split
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
from sibsim.people.heads import count_heads
from sibsim.people.outcomes import unit
from sibsim.people.stops import Stops
from sibsim.result import Result, Tables
from sibsim.rounding import Pence
from sibsim.scenario.deal import MONEY, PEOPLE, Scenario
from sibsim.scenario.variants import changes_people
from sibsim.streams import Luck, check_seed, fresh_seed
from sibsim.timeline import Timeline
from sibsim.value.savings import Savings, reckon

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

    def block(self, luck: Luck) -> Block:
        """The facts of one block, from memory or simulated again."""
        done = luck.first - self.first
        found = None if self.kept is None else self.kept[done // self.block_trials]
        if found is not None:
            return found
        stops = None if self.stops is None else self.stops[done : done + luck.trials]
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
        tables = _settle_block(deal, outcomes.block(luck), luck)
        if progress is not None:
            progress(luck.trials)
        return tables

    parts = list(_spread(one, outcomes.lucks(), workers))
    return Result(deal, outcomes.seed, outcomes.trials, Tables.joined(parts))


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
    tables = Tables.joined([result.tables, rest.tables])
    return Result(result.deal, result.seed, plan.trials, tables)


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


def _settle_block(deal: Scenario, everybody: Block, luck: Luck) -> Tables:
    from sibsim.people.counts import count_by_month

    block, others = split(deal, everybody)
    drawn, timeline = deal.drawn(luck, MONEY), deal.timeline
    positions = {name: place for place, name in enumerate(deal.outcomes)}
    counted = np.array([unit(o) != "people" for o in deal.outcomes.values()])
    first, otherwise = (
        count_by_month(events, block.trials, timeline.month_of_day, counted, timeline.months)
        for events in (block.reached, block.otherwise)
    )
    payments = pay(drawn.contract, facts(deal, drawn, block, others, luck))
    borne = contributions(drawn.contract, payments, timeline.financial_years,
                          lambda address, years: luck.people_uniforms(address, years)[:, :, 0])
    costs = cost_flows(drawn.costs, delivery(deal, block, luck))
    receipts = payments.total - borne.unmet
    closing = deal.costs.close(timeline.months, deal.contract.longest_lag)
    starts = np.sum([starts_by_month(p.start, timeline) for p in block.people], axis=0)
    flows = run_account(
        receipts, costs.due, timeline, closing, drawn.capital, drawn.waterfall, starts
    )
    programme = drawn.programme
    savings = reckon(
        drawn.savings, first - otherwise, positions, timeline, programme.inflation,
        programme.prices == "nominal",
    )  # fmt: skip
    factors = _factors(drawn, timeline, block.trials)
    ledger = entries(
        receipts, paid_for(costs, flows.delivery), flows, drawn.capital,
        drawn.waterfall.given_to, borne.by_payer, payments.back if _claws_back(drawn) else None,
    )
    return _tables(block, deal, payments, borne, costs, ledger, flows, first, otherwise, savings,
                   factors)  # fmt: skip


def _claws_back(deal: Scenario) -> bool:
    return any(isinstance(item, Clawback) for item in deal.contract.terms.values())


def _factors(drawn: Scenario, timeline: Timeline, trials: int) -> NDArray[np.float64]:
    """Present value of one unit of each month's money, shape (trials or 1, horizon)."""
    programme = drawn.programme
    rates = [None] if programme.discount is None else programme.discount.values.tolist()
    rises = programme.inflation.values.tolist() if programme.prices == "nominal" else [0.0]
    pairs = np.broadcast(np.arange(len(rates)), np.arange(len(rises)))
    return np.stack([discount_factors(timeline.horizon, rates[a], rises[b]) for a, b in pairs])


def _tables(
    block: Block,
    deal: Scenario,
    payments: Payments,
    borne: Contributions,
    costs: CostFlows,
    ledger: tuple[Entry, ...],
    flows: Flows,
    first: NDArray[np.int64],
    otherwise: NDArray[np.int64],
    savings: Savings,
    factors: NDArray[np.float64],
) -> Tables:
    factors = np.broadcast_to(factors, flows.cash.shape)
    present = np.einsum("nts,nt->ns", savings.gross, factors)
    cashable = np.einsum("nts,nt->ns", savings.cashable, factors)
    heads = [count_heads(cohort, deal.timeline.contract_days) for cohort in block.people]
    net = ledger[0].amount.copy()
    net[:, -1] -= payments.back
    return Tables(
        ledger=ledger,
        cash=flows.cash,
        unpaid=flows.unpaid,
        owed=payments.owed,
        paid=payments.paid.sum(axis=1),
        claims=payments.claims,
        costs={name: amount.sum(axis=1) for name, amount in costs.lines.items()},
        cut=payments.cut,
        beside={"guaranteed": payments.guaranteed.sum(axis=1), "lapsed": payments.lapsed,
                "paid_back": payments.back, "unmet": borne.unmet.sum(axis=1)},
        referred=np.sum([p.referred for p in block.people], axis=0, dtype=np.int64),
        people={n: np.sum([h[n] for h in heads], axis=0, dtype=np.int64) for n in heads[0]},
        reached=first.sum(axis=1),
        otherwise=otherwise.sum(axis=1),
        savings_month=savings.gross.sum(axis=2),
        cashable_month=savings.cashable.sum(axis=2),
        present_savings=present,
        present_cashable=cashable,
        present_payments=npv(net, factors),
        present_costs=npv(_borne_by_commissioner(deal, costs, flows), factors),
    )


def _borne_by_commissioner(deal: Scenario, costs: CostFlows, flows: Flows) -> Pence:
    """What the commissioner pays for costs of its own, shape (trials, horizon)."""
    own = [costs.lines[name] for name, line in deal.costs.lines.items()
           if line.paid_by == "commissioner"]  # fmt: skip
    made: Pence = sum(own, start=np.zeros_like(flows.cash))
    return made
