"""One block of trials settled: from what happened to people to who paid whom.

In: the facts of a block, a deal with its uncertain money drawn, luck, early ends. Out: everything
that the block came to, and its tables. This is the one place that knows the order of the money
rooms. Not here: any rule of theirs, simulating people, many blocks (`simulation`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sibsim.accounts.capital import Flows, run_account
from sibsim.accounts.costs import CostFlows, cost_flows, paid_for, starts_by_month
from sibsim.accounts.ending import Decided, decide
from sibsim.accounts.ledger import Entry, entries
from sibsim.contract.pay import Payments, pay
from sibsim.contract.payers import Contributions, contributions
from sibsim.contract.terms import Clawback, Compared
from sibsim.finance import discount_factors, npv
from sibsim.measuring import Measured, delivery, facts, split
from sibsim.people.events import Block
from sibsim.people.heads import count_heads
from sibsim.people.outcomes import unit
from sibsim.result import Tables
from sibsim.rounding import Pence
from sibsim.scenario.deal import Scenario
from sibsim.streams import Luck
from sibsim.timeline import Timeline
from sibsim.value.savings import Savings, reckon

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Settled:
    """What a block of trials came to.

    Attributes
    ----------
    deal : Scenario
        As it was written; its uncertain money is drawn in each trial.
    block : Block
        Those who may be served.
    payments : Payments
    borne : Contributions
    costs : CostFlows
    flows : Flows
    ledger : tuple of Entry
    decided : Decided or None
        The early ends that were in force; None if there were none.
    reached, otherwise : ndarray of int64, shape (trials, outcomes)
        With the service, and without it.
    savings : Savings
    factors : ndarray of float64, shape (trials, horizon)
        Present value of one unit of each month's money.
    """

    deal: Scenario
    block: Block
    payments: Payments
    borne: Contributions
    costs: CostFlows
    flows: Flows
    ledger: tuple[Entry, ...]
    decided: Decided | None
    reached: NDArray[np.int64]
    otherwise: NDArray[np.int64]
    savings: Savings
    factors: Floats


def settle_block(
    deal: Scenario,
    drawn: Scenario,
    everybody: Block,
    luck: Luck,
    decided: Decided | None = None,
    told: bool = False,
) -> Settled:
    """Work out who pays whom for what happened to a block of trials.

    Parameters
    ----------
    deal, drawn : Scenario
        As it was written, and with its uncertain money drawn.
    everybody : Block
        People, comparison groups among them; if contracts end early, with that stop.
    luck : Luck
    decided : Decided or None
        Early ends in force.
    told : bool
        Whether what each step of the waterfall paid is kept.
    """
    from sibsim.people.counts import count_outcomes  # the compiler is loaded where it is needed

    block, others = split(deal, everybody)
    timeline, programme = deal.timeline, drawn.programme
    positions = {name: place for place, name in enumerate(deal.outcomes)}
    saved = list(dict.fromkeys(saving.for_ for saving in deal.savings.values()))
    counted = np.array([unit(o) != "people" for o in deal.outcomes.values()])
    counts = count_outcomes(block, counted, [positions[name] for name in saved],
                            timeline.month_of_day, timeline.months)  # fmt: skip
    ends = None if decided is None else decided.ends
    stop, last = (None, None) if decided is None else (decided.ends.stop, decided.last_claim)
    payments = pay(drawn.contract, facts(deal, drawn, block, others, luck, stop, last))
    borne = contributions(drawn.contract, payments, timeline.financial_years,
                          lambda address, years: luck.people_uniforms(address, years)[:, :, 0])
    costs = cost_flows(drawn.costs, delivery(deal, block, luck, stop))
    receipts = payments.total - borne.unmet
    flows = run_account(
        receipts, costs.due, timeline, closing_month(deal), drawn.capital, drawn.waterfall,
        starts(block, timeline), ends, told,
    )  # fmt: skip
    ledger = entries(
        receipts, paid_for(costs, flows.delivery), flows, drawn.capital, drawn.waterfall.given_to,
        borne.by_payer, payments.back if _claws_back(drawn) else None,
        _compensation(deal, flows, decided),
    )  # fmt: skip
    savings = reckon(
        drawn.savings, counts.additional, {name: place for place, name in enumerate(saved)},
        timeline, programme.inflation, programme.prices == "nominal",
    )  # fmt: skip
    factors = np.broadcast_to(_factors(drawn, timeline), flows.cash.shape)
    return Settled(deal, block, payments, borne, costs, flows, ledger, decided, counts.reached,
                   counts.otherwise, savings, factors)  # fmt: skip


def early_ends(
    deal: Scenario, drawn: Scenario, everybody: Block, settled: Settled, luck: Luck
) -> Decided:
    """Which trials of a block end early, given how it goes if none does."""
    measured = Measured(deal, drawn, *split(deal, everybody), luck)

    def chances(name: str, times: int) -> Floats:
        return luck.people_uniforms(f"endings.{name}", times)[:, :, 0]

    def results(name: str, month: int) -> Floats:
        term = drawn.contract.terms[name]
        known = month - round(term.lag.mean)
        assert isinstance(term, Compared)
        return measured.find(term, 0, known) if known > 0 else np.full(len(receipts), np.nan)

    receipts = settled.ledger[0].amount
    return decide(drawn.endings, deal.timeline, closing_month(deal), receipts,
                  starts(settled.block, deal.timeline), settled.flows.unpaid, chances,
                  results)  # fmt: skip


def closing_month(deal: Scenario) -> int:
    """The month in which the account closes unless the contract ends early."""
    return deal.costs.close(deal.timeline.months, deal.contract.longest_lag)


def starts(block: Block, timeline: Timeline) -> Pence:
    """People who start in each month, shape (trials, months)."""
    made: Pence = np.sum([starts_by_month(p.start, timeline) for p in block.people], axis=0)
    return made


def _claws_back(deal: Scenario) -> bool:
    return any(isinstance(item, Clawback) for item in deal.contract.terms.values())


def _compensation(deal: Scenario, flows: Flows, decided: Decided | None) -> tuple[Entry, ...]:
    """What parties pay when a contract ends early; a line each in every block."""
    made: dict[str, Pence] = {}
    for place, ending in enumerate(deal.endings.values()):
        amount = made.setdefault(ending.payer, np.zeros_like(flows.cash))
        if decided is not None:
            rows = np.flatnonzero(decided.by == place)
            amount[rows, decided.ends.stop[rows]] = flows.compensation[rows]
    return tuple(Entry("compensation", by, "vehicle", amount) for by, amount in made.items())


def _factors(drawn: Scenario, timeline: Timeline) -> Floats:
    """Present value of one unit of each month's money, shape (trials or 1, horizon)."""
    programme = drawn.programme
    rates = [None] if programme.discount is None else programme.discount.values.tolist()
    rises = programme.inflation.values.tolist() if programme.prices == "nominal" else [0.0]
    pairs = np.broadcast(np.arange(len(rates)), np.arange(len(rises)))
    return np.stack([discount_factors(timeline.horizon, rates[a], rises[b]) for a, b in pairs])


def tables_of(settled: Settled) -> Tables:
    """The facts of a settled block that a result keeps."""
    payments, flows, savings, factors = (
        settled.payments, settled.flows, settled.savings, settled.factors
    )  # fmt: skip
    people, deal = settled.block.people, settled.deal
    heads = [count_heads(cohort, deal.timeline.contract_days) for cohort in people]
    net = np.zeros_like(flows.cash)
    for entry in settled.ledger:
        if entry.payer == "commissioner" and entry.line in ("outcome payments", "compensation"):
            net += entry.amount
        elif entry.payee == "commissioner" and entry.line in ("gain share", "paid back"):
            net -= entry.amount
    stop = np.full(len(net), net.shape[1]) if settled.decided is None else settled.decided.ends.stop
    return Tables(
        ledger=settled.ledger,
        cash=flows.cash,
        unpaid=flows.unpaid,
        owed=payments.owed,
        paid=payments.paid.sum(axis=1),
        claims=payments.claims,
        costs={name: amount.sum(axis=1) for name, amount in settled.costs.lines.items()},
        cut=payments.cut,
        beside={"guaranteed": payments.guaranteed.sum(axis=1), "lapsed": payments.lapsed,
                "paid_back": payments.back, "unmet": settled.borne.unmet.sum(axis=1)},
        stop=stop,
        referred=np.sum([p.referred for p in people], axis=0, dtype=np.int64),
        people={n: np.sum([h[n] for h in heads], axis=0, dtype=np.int64) for n in heads[0]},
        reached=settled.reached,
        otherwise=settled.otherwise,
        savings_month=savings.gross.sum(axis=2),
        cashable_month=savings.cashable.sum(axis=2),
        present_savings=np.einsum("nts,nt->ns", savings.gross, factors),
        present_cashable=np.einsum("nts,nt->ns", savings.cashable, factors),
        present_payments=npv(net, factors),
        present_costs=npv(_borne_by_commissioner(settled), factors),
    )  # fmt: skip


def _borne_by_commissioner(settled: Settled) -> Pence:
    """What the commissioner pays for costs of its own, shape (trials, horizon)."""
    own = [settled.costs.lines[name] for name, line in settled.deal.costs.lines.items()
           if line.paid_by == "commissioner"]  # fmt: skip
    made: Pence = sum(own, start=np.zeros_like(settled.flows.cash))
    return made
