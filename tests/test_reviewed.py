"""Faults that were once there: each would come back unseen without its test."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from conftest import tiny_data

import sibsim
from sibsim.contract.agreement import RESERVED
from sibsim.errors import RefusedError
from sibsim.metrics import AROUND, METRICS, STOPPING
from sibsim.scenario.deal import Scenario
from sibsim.scenario.file import changed
from sibsim.scenario.writer import digest


def two_terms(order: str) -> Scenario:
    """The tiny deal with its outcomes and terms in an order, under a cap."""
    data = tiny_data()
    data["outcomes"] = {"j": {"chance": "60%", "without": "30%", "after": "2 months"},
                        "k": {"chance": "60%", "without": "30%", "after": "2 months"}}  # fmt: skip
    data["outcomes"] = {name: data["outcomes"][name] for name in order}
    terms = {name: {"pay": "per_outcome", "for": name, "price": "£2,000"} for name in order}
    data["contract"] = {**terms, "caps": {"contract": "£20,000"}}
    del data["savings"]
    return sibsim.load(data)


def test_times_on_a_waiting_time_delays_it(tiny: Scenario) -> None:
    def last_day(times: object) -> int:
        deal = tiny.replace({"outcomes.work.after": {"times": times}})
        return int(sibsim.trace(deal, seed=1).people.query("event == 'work'")["day"].max())

    base = sibsim.trace(tiny, seed=1).people.query("event == 'work'")["day"].max()
    assert last_day("50%") < base < last_day("150%")
    # 2 months are 60.875 days, rounded to 61; half of that is 30.4375, rounded to 30.
    story = sibsim.trace(tiny.replace({"outcomes.work.after": {"times": "50%"}}), seed=1).people
    starts = story[story["event"] == "starts"].set_index("person")["day"]
    reached = story.query("event == 'work' and world == 'with'").set_index("person")["day"]
    assert set(reached - starts[reached.index]) == {30}
    assert (reached - starts[reached.index]).notna().all() and last_day(0) < last_day("50%")


def test_no_payment_term_can_hide_a_metric_of_the_deal() -> None:
    of_every = METRICS | AROUND | STOPPING
    assert set(RESERVED) == {n.split(".")[1] for n in of_every if n.startswith("payments.")}
    for name in RESERVED:
        data = tiny_data()
        data["contract"][name] = {"pay": "per_outcome", "for": "work", "price": "£1"}
        with pytest.raises(sibsim.ScenarioError, match=f"contract.{name}"):
            sibsim.load(data)


def test_outcomes_in_another_order_are_not_those_that_were_simulated() -> None:
    outcomes = sibsim.simulate(two_terms("jk"), trials=5, seed=1)
    with pytest.raises(sibsim.UsageError, match="not those that were simulated"):
        sibsim.settle(two_terms("kj"), outcomes)


def test_words_about_an_outcome_do_not_ask_for_a_new_simulation(tiny: Scenario) -> None:
    outcomes = sibsim.simulate(tiny, trials=5, seed=1)
    told = tiny.replace({"outcomes.work.label": "Starts work", "outcomes.work.kind": "interim"})
    assert sibsim.settle(told, outcomes).tables.paid.tolist() == (
        sibsim.settle(tiny, outcomes).tables.paid.tolist()
    )


def test_the_order_of_terms_is_part_of_the_digest() -> None:
    one, two = two_terms("jk"), two_terms("kj")
    assert digest(one) != digest(two)
    paid = [sibsim.run(deal, trials=50, seed=1).summary()["payments.j"].mean for deal in (one, two)]
    assert paid[0] > paid[1]


def test_without_an_investor_nothing_is_handed_out_while_costs_may_come() -> None:
    data = tiny_data()
    del data["capital"]
    data["contract"]["core"] = {"pay": "fee", "amount": "£5,000 a month"}
    none = sibsim.run(sibsim.load(data), trials=20, seed=1)
    data["capital"] = {"fund": {"commitment": 0}}
    nil = sibsim.run(sibsim.load(data), trials=20, seed=1)
    lines = {entry.line: entry.amount for entry in none.tables.ledger}
    for entry in nil.tables.ledger:  # a tranche of nothing has lines of its own, with nothing on
        assert (entry.amount == lines.get(entry.line, 0)).all()
    frame = none.frame()
    flow = none.flow("provider").cumsum(axis=1)
    lowest = np.maximum(-flow.min(axis=1), 0) / 100
    assert frame["provider.peak_funding"].tolist() == lowest.tolist()


@pytest.mark.parametrize(
    "change",
    [
        {"caps": {"person": "£4,000"}}, {"caps": {"period": "£4,000"}},
        {"core": {"pay": "fee", "amount": "£10 a month"}},
        {"job": {"pay": "per_outcome", "for": "work", "price": {"uniform": ["£1", "£2"]}}},
    ],
)  # fmt: skip
def test_a_back_test_is_refused_where_totals_are_not_enough(change: dict[str, Any]) -> None:
    data = tiny_data()
    data["backtest"] = {"published": "£2,000", "lines": {"job": {"units": 1}}}
    assert sibsim.backtest(sibsim.load(data)).passed
    data["contract"] |= change
    with pytest.raises(sibsim.ScenarioError, match="back-test"):
        sibsim.load(data)


def test_amounts_that_do_not_add_up_exactly_are_refused() -> None:
    data = tiny_data()
    data["contract"]["job"]["price"] = "£1,000bn"
    data["people"]["young"]["referrals"] = 5_000
    with pytest.raises(RefusedError, match="quadrillion"):
        sibsim.run(sibsim.load(data), trials=1, seed=1)
    data = tiny_data()
    data["programme"] |= {"inflation": "50%", "start": "2100-04"}
    data["savings"]["benefits"]["price_year"] = 1900
    with pytest.raises(RefusedError, match="price year"):
        sibsim.run(sibsim.load(data), trials=1, seed=1)


def test_a_word_cannot_be_scaled(tiny: Scenario) -> None:
    with pytest.raises(sibsim.ScenarioError, match="green_book"):
        tiny.replace({"programme.discount": {"times": "200%"}})


def test_a_change_brings_its_warnings(tiny: Scenario) -> None:
    said = changed(tiny, {"outcomes.work.chance": "5%"}).warnings
    assert any("less likely with the service" in problem.found for problem in said)


def test_a_counterfactual_that_comes_later_is_warned_of(tiny: Scenario) -> None:
    said = changed(tiny, {"outcomes.work.after_without": "10 months"}).warnings
    assert any("after the contract's end" in problem.found for problem in said)


@pytest.mark.parametrize(
    "words", [{"block_trials": -5}, {"block_trials": 0}, {"workers": -1}, {"workers": 0}]
)
def test_how_the_work_is_cut_is_checked(tiny: Scenario, words: dict[str, int]) -> None:
    with pytest.raises(sibsim.UsageError, match=next(iter(words))):
        sibsim.simulate(tiny, trials=600, seed=1, **words)


def test_trials_may_be_a_number_of_numpy_and_not_too_many(tiny: Scenario) -> None:
    assert sibsim.run(tiny, trials=np.int64(3), seed=1).trials == 3
    with pytest.raises(sibsim.UsageError):
        sibsim.run(tiny, trials=2.5, seed=1)  # type: ignore[arg-type]
    with pytest.raises(RefusedError, match="this machine can do about"):
        sibsim.run(tiny, trials=10**10, seed=1)


def test_small_figures_are_read_back() -> None:
    from sibsim.report.words import read_back

    data = tiny_data()
    data["people"]["young"]["leave"] = "0.001% a month"
    assert any("0.001% a month" in line for line in read_back(sibsim.load(data)))
