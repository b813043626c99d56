"""The vehicle's account by hand, and the laws of the ledger."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from strategies import deals

import sibsim
from sibsim.accounts.capital import Flows, run_account
from sibsim.accounts.cost_terms import Costs
from sibsim.accounts.costs import Delivery, cost_flows, days_by_month, starts_by_month
from sibsim.accounts.ledger import parties
from sibsim.accounts.steps import Waterfall
from sibsim.accounts.terms import Tranche
from sibsim.quantities import plain
from sibsim.timeline import Timeline

PLAIN = Timeline(date(2027, 4, 1), 3, 5)  # April has 30 days, May 31, June 30


def money(*amounts: int) -> np.ndarray:
    """One trial's amounts by month."""
    return np.array([amounts], np.int64)


def fund(commitment: int, **settings: Any) -> Tranche:
    """An investor's money."""
    return Tranche(commitment=plain(commitment), **settings)


def account(
    receipts: Any, costs: Any, months: int, closing: int, tranches: Any, **waterfall: Any
) -> Flows:
    """The account of a contract of so many months."""
    timeline = Timeline(date(2027, 4, 1), months, receipts.shape[1])
    return run_account(receipts, costs, timeline, closing, tranches, Waterfall(**waterfall))


def capital(tranche: Tranche | None) -> dict[str, Tranche]:
    """One investor, or none."""
    return {} if tranche is None else {"fund": tranche}


def test_money_is_drawn_as_it_is_needed_and_given_back_at_the_end() -> None:
    flows = account(money(0, 50, 300, 0), money(100, 100, 100, 0), 3, 2, capital(fund(1_000)))
    assert flows.drawn.tolist() == [[100, 50, 0, 0]]
    assert flows.delivery.tolist() == [[100, 100, 100, 0]]
    assert flows.to_investor.tolist() == [[0, 0, 200, 0]]
    assert flows.cash.tolist() == [[0, 0, 0, 0]]


def test_costs_beyond_the_commitment_are_carried_by_the_provider_and_paid_first_later() -> None:
    flows = account(money(0, 0, 150, 80), money(100, 100, 0, 0), 3, 3, capital(fund(120)))
    assert flows.drawn.tolist() == [[100, 20, 0, 0]]
    assert flows.unpaid.tolist() == [[0, 80, 0, 0]]
    # month 2: 150 come in, the 80 unpaid go first, 70 stay in hand until the closing month.
    assert flows.delivery.tolist() == [[100, 20, 80, 0]]
    assert flows.to_investor.tolist() == [[0, 0, 0, 150]]


def test_monthly_distribution_keeps_back_the_hold() -> None:
    flows = account(money(0, 90, 90, 0), money(20, 20, 20, 0), 3, 3, capital(fund(100)),
                    distribute="monthly", hold=plain(2))  # fmt: skip
    # month 1: 90 - 20 = 70, less 2 x 20 kept: 30 given out; 20 pay back, 10 are profit.
    # month 2: 40 + 90 - 20 = 110, less 40: 70. month 3 is the closing month: the last 40.
    assert flows.to_investor.tolist() == [[0, 30, 70, 40]]
    assert flows.cash.tolist() == [[0, 40, 40, 0]]


def test_nothing_is_given_out_before_its_month() -> None:
    flows = account(money(50, 50, 50), money(10, 10, 10), 3, 2, capital(fund(100)),
                    distribute="monthly", hold=plain(0), distribute_from=plain(2))  # fmt: skip
    assert flows.to_investor.tolist() == [[0, 0, 120]]


def test_surplus_beyond_the_money_put_in_is_shared_to_the_penny() -> None:
    half = capital(fund(100, investor_share=plain(0.5)))
    flows = account(money(0, 201), money(100, 0), 2, 1, half)
    # 201 given out: 100 back, then 101 x 50 % = 50.5, rounded upwards.
    assert flows.to_investor.tolist() == [[0, 151]]
    assert flows.to_provider.tolist() == [[0, 50]]


def test_up_front_money_goes_in_whole_at_the_start() -> None:
    flows = account(money(0, 0), money(30, 30), 2, 1, capital(fund(100, draw="up_front")))
    assert flows.drawn.tolist() == [[100, 0]]
    assert flows.to_investor.tolist() == [[0, 40]]


@pytest.mark.parametrize("tranche", [None, fund(0), fund(0, investor_share=plain(1))])
def test_without_an_investor_the_provider_carries_costs_and_has_the_surplus(tranche: Any) -> None:
    flows = account(money(0, 150), money(100, 0), 2, 1, capital(tranche))
    assert flows.unpaid.tolist() == [[100, 0]]
    assert flows.to_provider.tolist() == [[0, 50]]
    assert flows.to_investor.sum() == 0


def test_costs_by_hand() -> None:
    # Two people: days 0-9, 10 days in April; and day 28 (29 April) for 4 days, 2 in April, 2 in May
    start, end = np.array([[0, 28]], np.int16), np.array([[10, 32]], np.int16)
    assert starts_by_month(start, PLAIN).tolist() == [[2, 0, 0]]
    assert days_by_month(start, end, PLAIN).tolist() == [[12, 2, 0]]
    terms = Costs(set_up=plain(500), fixed=plain(1_200, "year"), per_start=plain(30),
                  per_month=plain(30.4375, "month"))  # fmt: skip
    seen = {"start": starts_by_month(start, PLAIN), "days": days_by_month(start, end, PLAIN)}
    costs = cost_flows(terms, Delivery(1, PLAIN, 0, lambda of, _, __: seen[of])).recharged
    # 500 + 100 + 2 x 30 + 12 x 1 a day; 100 + 2; 100; nothing after the contract.
    assert costs.tolist() == [[672, 102, 100, 0, 0]]


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(deals())
def test_the_laws_hold_in_every_trial_and_month(data: dict[str, Any]) -> None:
    deal = sibsim.load(data)
    result = sibsim.run(deal, trials=6, seed=11)
    tables = result.tables
    for entry in tables.ledger:
        assert (entry.amount >= 0).all(), entry.line
    # every pound that leaves one party arrives at another
    assert (sum(result.flow(party) for party in parties(tables.ledger)) == 0).all()
    # opening balance + in = out + closing balance, never below zero, and nothing left at the end
    assert (np.cumsum(result.flow("vehicle"), axis=1) == tables.cash).all()
    assert (tables.cash >= 0).all() and (tables.unpaid >= 0).all()
    assert (tables.cash[:, -1] == 0).all()
    lines = {entry.line: entry.amount for entry in tables.ledger}
    given = lines["capital repaid"] + lines.get("share of surplus", 0)
    # what is due is paid or stays unpaid
    due = np.cumsum(lines["delivery costs"] - lines["delivery"], axis=1)
    assert (due == tables.unpaid).all()
    # nothing is given out while anything is unpaid
    assert (given[tables.unpaid > 0] == 0).all()
    drawn = lines["capital drawn"].sum(axis=1)
    tranche = next(iter(deal.capital.values()), None)
    assert (drawn <= (0 if tranche is None else round(tranche.commitment.mean))).all()
    # payments: paid = owed - cut, by line and in all
    cut = sum(tables.cut.values())
    assert (tables.owed.sum(axis=1) - cut == tables.paid.sum(axis=1)).all()
    assert (lines["outcome payments"].sum(axis=1) == tables.paid.sum(axis=1)).all()
    assert (tables.paid <= tables.owed).all()
    # people
    started, left = tables.people["started"], tables.people["left"]
    assert (started <= tables.referred).all() and (left <= started).all()
    assert (tables.reached <= started[:, None]).all()
    assert (tables.otherwise <= started[:, None]).all()


def test_the_ledger_of_one_trial_is_every_payment() -> None:
    result = sibsim.run(sibsim.load("minimal"), trials=4, seed=9)
    told = result.ledger(3)
    assert list(told.columns) == ["date", "payer", "payee", "line", "tranche", "amount"]
    assert (told["amount"] > 0).all() and told["date"].is_monotonic_increasing
    assert str(told["date"].iloc[0].date()) == "2027-04-30"
    for party in parties(result.tables.ledger):
        net = told["amount"][told["payee"] == party].sum()
        net -= told["amount"][told["payer"] == party].sum()
        assert round(100 * net) == result.flow(party)[3].sum()
    with pytest.raises(sibsim.UsageError, match="trial 4: there are 4, from 0"):
        result.ledger(4)


def test_scaling_all_money_scales_every_flow() -> None:
    deal = sibsim.load("minimal")
    outcomes = sibsim.simulate(deal, trials=60, seed=4)
    base = sibsim.settle(deal, outcomes)
    k = 3
    scaled = deal.replace(
        {
            "contract.work.price": f"£{3_500 * k}", "contract.staying.price": f"£{6_000 * k}",
            "contract.caps.contract": f"£{600_000 * k}", "costs.fixed": f"£{6_000 * k} a month",
            "costs.per_start": f"£{800 * k}", "capital.fund.commitment": f"£{350_000 * k}",
        }
    )  # fmt: skip
    other = sibsim.settle(scaled, outcomes)
    for a, b in zip(base.tables.ledger, other.tables.ledger, strict=True):
        assert (b.amount == k * a.amount).all(), a.line
    ours, theirs = base.frame(), other.frame()
    assert np.allclose(ours["investor.irr"], theirs["investor.irr"], rtol=0, atol=1e-12)
    assert np.allclose(ours["investor.multiple"], theirs["investor.multiple"], equal_nan=True)
