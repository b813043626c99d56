"""Figures read off a result: one table, one row a metric.

In: a `Result`. Out: for each dotted name its unit, its meaning and its value in every trial, NaN
where it is undefined. Not here: averages and errors (`summary`), the facts themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from sibsim import finance, parties
from sibsim.accounts.costs import TO_OTHERS
from sibsim.contract.terms import Clawback, takes_off
from sibsim.parties import AT_HURDLE, TRANCHE, Values, line, of_tranche
from sibsim.people.outcomes import unit
from sibsim.result import Result
from sibsim.scenario.deal import Scenario

PERCENT = ("share", "a year", "of capital", "of income")
"""Units that are written as percentages; of a share of trials only the mean says something."""


@dataclass(frozen=True)
class Metric:
    """One figure in every trial.

    Attributes
    ----------
    unit : str
        A currency code, one of `PERCENT`, "months", "years", "people", "claims", "times".
    meaning : str
    values : ndarray of float64, shape (trials,)
        NaN where the figure is undefined.
    """

    unit: str
    meaning: str
    values: Values


@dataclass(frozen=True)
class Row:
    """A row of `METRICS`: `unit` is "money" for an amount in the deal's currency."""

    unit: str
    meaning: str
    of: Callable[[Result], Values]


_solved: WeakKeyDictionary[Result, tuple[Values, NDArray[np.int8]]] = WeakKeyDictionary()
"""Rates of return already found: four metrics read them, and they take the longest."""


def _returns(result: Result) -> tuple[Values, NDArray[np.int8]]:
    if result not in _solved:
        _solved[result] = finance.irr(result.flow("investor"))
    return _solved[result]


def _people(name: str) -> Callable[[Result], Values]:
    return lambda result: result.tables.people[name].astype(np.float64)


def _mean_wait(result: Result) -> Values:
    waited, started = _people("days_waited")(result), _people("started")(result)
    return np.where(started > 0, waited / np.maximum(started, 1), np.nan)


def _status(status: str) -> Callable[[Result], Values]:
    code = finance.IRR_STATUSES.index(status)
    return lambda result: (_returns(result)[1] == code).astype(np.float64)


def _cut(result: Result) -> Values:
    return result.major(np.sum(list(result.tables.cut.values()), axis=0))


def _spent(result: Result) -> Values:
    return result.tables.present_payments + result.tables.present_costs


def _net(result: Result) -> Values:
    return result.major(result.tables.present_savings.sum(axis=1) - _spent(result))


def _net_cashable(result: Result) -> Values:
    return result.major(result.tables.present_cashable.sum(axis=1) - _spent(result))


def _costs_of(payers: tuple[str, ...], result: Result) -> Values:
    """What the lines that some parties bear come to, in minor units."""
    borne = {name: line.paid_by for name, line in result.deal.costs.lines.items()}
    own = [amount for name, amount in result.tables.costs.items()
           if borne.get(name, "provider") in payers]  # fmt: skip
    return np.sum(own, axis=0).astype(np.float64) if own else np.zeros(result.trials)


def _delivery_costs(result: Result) -> Values:
    return result.major(_costs_of(("provider", "vehicle"), result))


def _unpaid(result: Result) -> Values:
    """What the provider is owed in the end: all that is unpaid but what others are owed."""
    paid = [e.amount.sum(axis=1) for e in result.tables.ledger
            if e.payer == "vehicle" and e.line.startswith(TO_OTHERS)]  # fmt: skip
    others = _costs_of(("vehicle",), result) - (np.sum(paid, axis=0) if paid else 0)
    return result.major(result.tables.unpaid[:, -1] - others)


METRICS: dict[str, Row] = {
    "people.referred": Row("people", "Referred to the service.",
                           lambda r: r.tables.referred.astype(float)),
    "people.started": Row("people", "Started with the service.",
                          _people("started")),
    "people.left": Row("people", "Dropped out of the service.", _people("left")),
    "people.completed": Row("people", "Completed the service.", _people("completed")),
    "people.in_service": Row("people", "Still in service when the contract ends.",
                             _people("in_service")),
    "payments.total": Row("money", "Paid by the commissioner.", line("outcome payments")),
    "payments.owed": Row("money", "What the claims come to before any cap.",
                         lambda r: r.major(r.tables.owed.sum(axis=1))),
    "payments.cut": Row("money", "What the caps took.",
                        _cut),
    "payments.capped": Row("share", "1 in a trial in which a cap took anything.",
                           lambda r: (_cut(r) > 0).astype(float)),
    "costs.total": Row("money", "Costs of delivery: what the provider and the vehicle bear.",
                       _delivery_costs),
    "investor.drawn": Row("money", "Put in by the investor, a fund manager's fee included.",
                          parties.drawn),
    "investor.received": Row("money", "Given back to the investor, a guarantor's money included.",
                             parties.received),
    "investor.profit": Row("money", "Given back less put in.",
                           lambda r: r.major(r.flow("investor").sum(axis=1))),
    "investor.irr": Row("a year", "Annual effective internal rate of return.",
                        lambda r: _returns(r)[0]),
    "investor.total_loss": Row("share", "1 in a trial in which nothing comes back: IRR -100 %.",
                               _status("total loss")),
    "investor.irr_none": Row("share", "1 in a trial without a rate of return.", _status("none")),
    "investor.irr_several": Row("share", "1 in a trial in which several rates fit: none is given.",
                                _status("several")),
    "investor.multiple": Row("times", "Given back for each pound put in.", parties.multiple),
    "investor.peak_funding": Row("money", "The most that is out at the end of any month.",
                                 lambda r: r.major(finance.peak_funding(r.flow("investor")))),
    "investor.peak_month": Row("months", "Month by whose end that most is out.",
                               lambda r: finance.peak_month(r.flow("investor"))),
    "investor.payback_month": Row("months", "Month by which all that was put in is back.",
                                  lambda r: finance.payback_month(r.flow("investor"))),
    "investor.loss": Row("share", "1 in a trial in which less comes back than was put in.",
                         parties.loss),
    "investor.irr_dated": Row("a year", "`investor.irr` by the calendar: flows on the last day of "
                              "their month, Act/365F.", parties.irr_dated),
    "investor.dpi": Row("times", "`investor.multiple` without a guarantor's money.",
                        parties.dpi),
    "investor.wal": Row("years", "How long capital that comes back is out, on average.",
                        parties.average_life),
    "investor.cash_yield": Row("a year", "Given back beyond the capital, over the capital out.",
                               parties.cash_yield),
    "investor.recycling": Row("times", "Delivery paid for by each pound at stake at the peak.",
                              parties.recycling),
    "investor.loss_given_loss": Row("of capital", "Share of what was put in that is lost, where "
                                    "any is.", parties.loss_given_loss),
    "provider.surplus": Row("money", "Surplus given to the provider.", line("surplus")),
    "provider.unpaid": Row("money", "Delivery costs that payments and capital never covered.",
                           _unpaid),
    "provider.net": Row("money", "The provider's cash in less its costs.",
                        lambda r: r.major(r.flow("provider").sum(axis=1))),
    "provider.loss": Row("share", "1 in a trial in which the provider's costs are not covered.",
                         lambda r: (r.flow("provider").sum(axis=1) < 0).astype(float)),
    "provider.peak_funding": Row("money", "The most that the provider is out of pocket.",
                                 lambda r: r.major(finance.peak_funding(r.flow("provider")))),
    "provider.margin": Row("of income", "What is left of the provider's income after its costs.",
                           parties.margin),
    "provider.lowest_cash": Row("money", "The least cash of its own that the provider has left, "
                                "its reserve included.", parties.lowest_cash),
    "commissioner.payments": Row("money", "Present value of payments and compensation, less what "
                                 "is paid back and a share of surplus.",
                                 lambda r: r.major(r.tables.present_payments)),
    "commissioner.savings": Row("money", "Present value of savings to all agencies.",
                                lambda r: r.major(r.tables.present_savings.sum(axis=1))),
    "commissioner.cashable": Row("money", "Present value of savings that can be cashed.",
                                 lambda r: r.major(r.tables.present_cashable.sum(axis=1))),
    "commissioner.net_saving": Row("money", "Present value of savings less payments and own costs.",
                                   _net),
    "commissioner.net_cashable": Row("money", "The same of cashable savings.", _net_cashable),
    "commissioner.saves": Row("share", "1 in a trial in which the net saving is above nil.",
                              lambda r: (_net(r) > 0).astype(float)),
}  # fmt: skip
"""Metrics that every deal has, by dotted name."""

WAITING: dict[str, Row] = {
    "people.waiting": Row("people", "Still waiting for a place when the contract ends.",
                          _people("waiting")),
    "people.gave_up": Row("people", "Gave up waiting for a place.", _people("gave_up")),
    "people.wait": Row("days", "Average wait for a place of those who started.", _mean_wait),
}  # fmt: skip
"""Metrics of deals in which people wait for a place."""

STOPPING: dict[str, Row] = {
    "people.closed_out": Row("people", "In service when delivery stopped early.",
                             _people("closed_out")),
    "contract.ended": Row("share", "1 in a trial in which the contract ends early.",
                          lambda r: (r.tables.stop < r.deal.timeline.months).astype(float)),
    "contract.end_month": Row("months", "Months of delivery, where the contract ends early.",
                              lambda r: np.where(r.tables.stop < r.deal.timeline.months,
                                                 r.tables.stop, np.nan)),
    "payments.compensation": Row("money", "Paid because the contract ends early.",
                                 line("compensation")),
}  # fmt: skip
"""Metrics of deals that may end early."""

AROUND: dict[str, Row] = {
    "payments.guaranteed": Row("money", "What floors add to the payments.",
                               lambda r: r.major(r.tables.beside["guaranteed"])),
    "payments.lapsed": Row("money", "Deductions with no payment left to take them off from.",
                           lambda r: r.major(r.tables.beside["lapsed"])),
    "payments.paid_back": Row("money", "Clawed back from the provider at the end.",
                              lambda r: r.major(r.tables.beside["paid_back"])),
    "payments.gain_share": Row("money", "Surplus of the account that the commissioner is given.",
                               line("gain share")),
    "payments.unmet": Row("money", "Owed, and borne by nobody: a payer's cap or budget is gone.",
                          lambda r: r.major(r.tables.beside["unmet"])),
}  # fmt: skip
"""Metrics of deals that have floors, deductions, shared surplus or several payers."""

BORNE: dict[str, Row] = {
    "commissioner.costs": Row("money", "Present value of costs that the commissioner bears itself.",
                              lambda r: r.major(r.tables.present_costs)),
}  # fmt: skip
"""Metrics of deals in which the commissioner has costs beside its payments."""

FEES: dict[str, Row] = {
    "investor.irr_gross": Row("a year", "`investor.irr` before the fund manager's fee.",
                              parties.irr_gross),
}  # fmt: skip
"""Metrics of deals in which an investor pays a fund manager."""

HURDLE: dict[str, Row] = {
    "investor.npv": Row("money", "Present value of the investor's flow at the hurdle.",
                        parties.at_hurdle),
    "investor.below_hurdle": Row("share", "1 in a trial in which the investor earns less than the "
                                 "hurdle.", lambda r: parties.below(parties.at_hurdle(r))),
}  # fmt: skip
"""Metrics of deals that state `programme.hurdle`."""

RESERVE: dict[str, Row] = {
    "provider.insolvent": Row("share", "1 in a trial in which the provider's reserve runs out.",
                              lambda r: (parties.lowest_cash(r) < 0).astype(float)),
    "provider.insolvent_month": Row("months", "Month in which it does.", parties.insolvent_month),
}  # fmt: skip
"""Metrics of deals that state `programme.provider_reserve`."""

NAMED = {
    "outcomes.NAME.with": "Reached with the service: people, or days, events, minutes.",
    "outcomes.NAME.without": "The same without the service.",
    "outcomes.NAME.additional": "The difference: what the service adds.",
    "payments.NAME": "Paid under a payment term.",
    "claims.NAME": "Claims under a payment term.",
    "capital.NAME.drawn": "Put in by one tranche, where there are several.",
    "capital.NAME.received": "Given back to it, a guarantor's money included.",
    "capital.NAME.irr": "Its annual effective internal rate of return.",
    "capital.NAME.multiple": "Given back to it for each pound put in.",
    "capital.NAME.loss": "1 in a trial in which it gets less back than it put in.",
    "costs.NAME": "What a line of costs comes to, whoever bears it.",
    "capital.NAME.loss_given_loss": "Share of what it put in that is lost, where any is.",
    "capital.NAME.irr_dated": "Its rate of return by the calendar, as `investor.irr_dated`.",
    "capital.NAME.wal": "How long its capital that comes back is out, on average.",
    "capital.NAME.cash_yield": "Given back to it beyond its capital, over its capital out.",
    "capital.NAME.npv": "Present value of its flow at the hurdle, where the deal states one.",
    "capital.NAME.below_hurdle": "1 in a trial in which it earns less than the hurdle.",
    "payers.NAME": "Borne by somebody beside the commissioner.",
    "savings.AGENCY": "Present value of what an agency saves.",
}
"""Metrics for each outcome, payment term and agency."""


def of_every(deal: Scenario) -> dict[str, Row]:
    """The metrics that do not hang on the deal's own names; of waiting, where people wait."""
    found = METRICS | WAITING if deal.providers else dict(METRICS)
    contract = deal.contract
    wanted = {
        "payments.guaranteed": not (contract.caps.least is contract.caps.least_period is None),
        "payments.lapsed": any(takes_off(item) for item in contract.terms.values()),
        "payments.paid_back": any(isinstance(i, Clawback) for i in contract.terms.values()),
        "payments.gain_share": "commissioner" in deal.waterfall.given_to,
        "payments.unmet": contract.budget is not None
        or any(p.beyond == "nobody" for p in contract.payers.values()),
    }
    found |= {name: AROUND[name] for name, due in wanted.items() if due}
    rows = (
        (BORNE, any(line.paid_by == "commissioner" for line in deal.costs.lines.values())),
        (STOPPING, bool(deal.endings)),
        (FEES, any(item.charges for item in deal.capital.values())),
        (HURDLE, deal.programme.hurdle is not None),
        (RESERVE, deal.programme.provider_reserve is not None),
    )
    for table, due in rows:
        found |= table if due else {}
    return found


def measure(result: Result) -> dict[str, Metric]:
    """Every metric of a result.

    Parameters
    ----------
    result : Result

    Returns
    -------
    dict of str to Metric
        By dotted name, as in `METRICS` and `NAMED`; money in major units of the currency.
    """
    found = {
        name: Metric(_unit(row.unit, result.deal), row.meaning, row.of(result))
        for name, row in of_every(result.deal).items()
    }
    found.update(_named(result))
    return found


def units(deal: Scenario) -> dict[str, str]:
    """The unit of every metric that a run of a deal will have, in the order of `measure`."""
    money = deal.currency
    found = {name: _unit(row.unit, deal) for name, row in of_every(deal).items()}
    found |= {f"outcomes.{name}.{part}": unit(outcome)
              for name, outcome in deal.outcomes.items()
              for part in ("with", "without", "additional")}
    for name in deal.contract.terms:
        found |= {f"payments.{name}": money, f"claims.{name}": "claims"}
    for name in deal.capital if len(deal.capital) > 1 else ():
        parts = TRANCHE if deal.programme.hurdle is None else TRANCHE | AT_HURDLE
        found |= {f"capital.{name}.{part}": _unit(u, deal) for part, u in parts.items()}
    found |= {f"costs.{name}": money for name in deal.costs.lines}
    found |= {f"payers.{name}": money for name in deal.contract.payers}
    return found | {f"savings.{saving.to}": money for saving in deal.savings.values()}  # fmt: skip


def _unit(unit: str, deal: Scenario) -> str:
    return deal.currency if unit == "money" else unit


def _named(result: Result) -> Iterator[tuple[str, Metric]]:
    tables, money = result.tables, result.deal.currency
    for place, (name, outcome) in enumerate(result.deal.outcomes.items()):
        counts = unit(outcome)
        reached = tables.reached[:, place].astype(float)
        otherwise = tables.otherwise[:, place].astype(float)
        for part, values in {
            "with": reached, "without": otherwise, "additional": reached - otherwise
        }.items():  # fmt: skip
            meaning = NAMED[f"outcomes.NAME.{part}"]
            yield f"outcomes.{name}.{part}", Metric(counts, meaning, values)
    for place, name in enumerate(result.deal.contract.terms):
        paid = result.major(tables.paid[:, place])
        yield f"payments.{name}", Metric(money, NAMED["payments.NAME"], paid)
        claims = tables.claims[:, place].astype(float)
        yield f"claims.{name}", Metric("claims", NAMED["claims.NAME"], claims)
    for name in result.deal.capital if len(result.deal.capital) > 1 else ():
        for part, values in of_tranche(result, name).items():
            of = NAMED[f"capital.NAME.{part}"]
            counts = _unit((TRANCHE | AT_HURDLE)[part], result.deal)
            yield f"capital.{name}.{part}", Metric(counts, of, values)
    for name in result.deal.costs.lines:
        spent = result.major(tables.costs[name])
        yield f"costs.{name}", Metric(money, NAMED["costs.NAME"], spent)
    for name in result.deal.contract.payers:
        borne = line(f"contribution of {name}")(result)
        yield f"payers.{name}", Metric(money, NAMED["payers.NAME"], borne)
    for agency, values in by_agency(result).items():
        yield f"savings.{agency}", Metric(money, NAMED["savings.AGENCY"], values)


def by_agency(result: Result) -> Mapping[str, Values]:
    """Present value of savings by agency in major units, each of shape (trials,)."""
    totals: dict[str, Values] = {}
    for place, saving in enumerate(result.deal.savings.values()):
        values = result.major(result.tables.present_savings[:, place])
        totals[saving.to] = totals.get(saving.to, np.zeros(result.trials)) + values
    return totals
