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
from sibsim.accounts.costs import days_by_month, monthly_costs, starts_by_month
from sibsim.accounts.ledger import Entry, entries
from sibsim.contract.pay import Payments, pay
from sibsim.contract.payers import Contributions, contributions
from sibsim.contract.terms import Clawback
from sibsim.errors import UsageError
from sibsim.finance import discount_factors, npv
from sibsim.measuring import facts, split
from sibsim.memory import (
    MOST_BLOCK_TRIALS,
    block_size,
    check_people,
    check_trials,
    whole_number,
)
from sibsim.people.checks import Population
from sibsim.people.engine import simulate_block
from sibsim.people.events import NEVER, Block, People
from sibsim.people.outcomes import unit
from sibsim.result import Result, Tables
from sibsim.scenario.deal import MONEY, PEOPLE, Scenario
from sibsim.scenario.variants import changes_people
from sibsim.streams import Luck, check_seed, fresh_seed
from sibsim.timeline import Timeline
from sibsim.value.savings import Savings, reckon

KEPT_BYTES = 2**28
"""People are kept in memory for settling again up to this size, and simulated anew beyond it."""

Out = TypeVar("Out")

Walk = Callable[[Population, Timeline, Luck], Block]
"""An engine: drawn terms of people, a calendar and luck to what happened."""

Progress = Callable[[int], None]
"""Called with the number of trials just done."""


@dataclass(frozen=True)
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
    """

    deal: Scenario
    seed: int
    trials: int
    block_trials: int
    first: int = 0
    engine: str = "fast"
    kept: tuple[Block, ...] | None = field(default=None, repr=False, compare=False)

    def lucks(self) -> Iterator[Luck]:
        """The luck of each block, in order."""
        for done in range(0, self.trials, self.block_trials):
            size = min(self.block_trials, self.trials - done)
            yield Luck(self.seed, self.first + done, size)

    def block(self, luck: Luck) -> Block:
        """The facts of one block, from memory or simulated again."""
        if self.kept is not None:
            return self.kept[(luck.first - self.first) // self.block_trials]
        drawn = self.deal.drawn(luck, PEOPLE)
        return ENGINES[self.engine](drawn.population, self.deal.timeline, luck)


def _simpy(population: Population, timeline: Timeline, luck: Luck) -> Block:
    """The SimPy engine, loaded when it is asked for."""
    from sibsim.people import des

    return des.simulate_block(population, timeline, luck)


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

    tables = Tables.joined(_spread(one, outcomes.lucks(), workers), outcomes.trials)
    return Result(deal, outcomes.seed, outcomes.trials, tables)


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
    tables = Tables.joined([result.tables, rest.tables], plan.trials)
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
    starts = np.sum([starts_by_month(p.start, timeline) for p in block.people], axis=0)
    days = np.sum([days_by_month(p.start, p.end, timeline) for p in block.people], axis=0)
    costs = monthly_costs(drawn.costs, starts, days, timeline.horizon)
    receipts = payments.total - borne.unmet
    closing = timeline.months - 1 + drawn.contract.longest_lag
    flows = run_account(receipts, costs, timeline.months, closing, drawn.capital)
    programme = drawn.programme
    savings = reckon(
        drawn.savings, first - otherwise, positions, timeline, programme.inflation,
        programme.prices == "nominal",
    )  # fmt: skip
    factors = _factors(drawn, timeline, block.trials)
    ledger = entries(
        receipts, costs, flows, borne.by_payer, payments.back if _claws_back(drawn) else None
    )
    return _tables(block, timeline.contract_days, payments, borne, ledger, flows, first, otherwise,
                   savings, factors)  # fmt: skip


def _claws_back(deal: Scenario) -> bool:
    return any(isinstance(item, Clawback) for item in deal.contract.terms.values())


def _factors(drawn: Scenario, timeline: Timeline, trials: int) -> NDArray[np.float64]:
    """Present value of one unit of each month's money, shape (trials or 1, horizon)."""
    programme = drawn.programme
    rates = [None] if programme.discount is None else programme.discount.values.tolist()
    rises = programme.inflation.values.tolist() if programme.prices == "nominal" else [0.0]
    pairs = np.broadcast(np.arange(len(rates)), np.arange(len(rises)))
    return np.stack([discount_factors(timeline.horizon, rates[a], rises[b]) for a, b in pairs])


def _heads(cohort: People, contract: int) -> dict[str, NDArray[np.int64]]:
    """How many of a cohort are where, by the end of the contract; each of shape (trials,)."""
    started, stayed = cohort.start < NEVER, cohort.left == NEVER
    made = {
        "started": started,
        "left": ~stayed,
        "in_service": started & stayed & (cohort.end >= contract),
        "completed": started & stayed & (cohort.end < contract),
    }
    found = {name: table.sum(axis=1) for name, table in made.items()}
    for name in ("waiting", "gave_up", "days_waited"):
        found[name] = np.zeros(len(cohort.referred), np.int64)
    if cohort.arrived is not None and cohort.gave_up is not None:
        gave_up, joined = cohort.gave_up < NEVER, cohort.arrived < NEVER
        found["gave_up"] = gave_up.sum(axis=1)
        found["waiting"] = (joined & ~started & ~gave_up).sum(axis=1)
        waits = np.where(started, cohort.start - cohort.arrived, 0)
        found["days_waited"] = waits.sum(axis=1, dtype=np.int64)
    return found


def _tables(
    block: Block,
    contract_days: int,
    payments: Payments,
    borne: Contributions,
    ledger: tuple[Entry, ...],
    flows: Flows,
    first: NDArray[np.int64],
    otherwise: NDArray[np.int64],
    savings: Savings,
    factors: NDArray[np.float64],
) -> Tables:
    present = np.einsum("nts,nt->ns", savings.gross, np.broadcast_to(factors, flows.cash.shape))
    cashable = np.einsum(
        "nts,nt->ns", savings.cashable, np.broadcast_to(factors, flows.cash.shape)
    )
    heads = [_heads(cohort, contract_days) for cohort in block.people]
    net = ledger[0].amount.copy()
    net[:, -1] -= payments.back
    return Tables(
        ledger=ledger,
        cash=flows.cash,
        unpaid=flows.unpaid,
        owed=payments.owed,
        paid=payments.paid.sum(axis=1),
        claims=payments.claims,
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
        present_payments=npv(net, np.broadcast_to(factors, flows.cash.shape)),
    )
