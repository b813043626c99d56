"""Savings by hand: counts, duration, lag, uprating, cashable part, present value."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from conftest import tiny_data

import sibsim
from sibsim.quantities import plain
from sibsim.timeline import Timeline
from sibsim.value.savings import Savings, reckon
from sibsim.value.terms import Saving

TIMELINE = Timeline(date(2027, 4, 1), 3, 20)


def reckoned(
    saving: Saving, additional: list[int], inflation: float = 0, nominal: bool = False
) -> Savings:
    """One saving on one outcome in one trial."""
    counts = np.array([[[n] for n in additional]], np.int64)
    return reckon({"s": saving}, counts, {"o": 0}, TIMELINE, plain(inflation), nominal)


def saving(amount: float, period: str, **settings: object) -> Saving:
    """A saving of so many pence for a period."""
    return Saving(for_="o", amount=plain(amount, period), to="DWP", **settings)  # type: ignore[arg-type]


def test_a_flow_begins_after_its_lag_and_lasts_its_time() -> None:
    found = reckoned(saving(1_200, "year", lag=plain(1), lasts=plain(3)), [2, 1, 0])
    # 2 people in months 1-3, 1 more in months 2-4, at 100 a month.
    assert found.gross[0, :7, 0].tolist() == [0, 200, 300, 300, 100, 0, 0]


def test_fewer_than_without_the_service_is_a_loss() -> None:
    found = reckoned(saving(100, "month", lasts=plain(1)), [-1, 2, 0])
    assert found.gross[0, :3, 0].tolist() == [-100, 200, 0]


def test_an_amount_each_is_saved_once() -> None:
    found = reckoned(saving(6_680_00, "each", lag=plain(2)), [1, 0, 3])
    assert found.gross[0, :6, 0].tolist() == [0, 0, 668_000, 0, 2_004_000, 0]


def test_weeks_and_days_become_months() -> None:
    assert reckoned(saving(700, "week", lasts=plain(1)), [1]).gross[0, 0, 0] == 3_044  # 3043.75
    assert reckoned(saving(100, "day", lasts=plain(1)), [1]).gross[0, 0, 0] == 3_044


def test_amounts_are_brought_from_their_price_year_to_the_start() -> None:
    old = saving(1_200_00, "year", lasts=plain(14), price_year=2025)
    found = reckoned(old, [1], inflation=0.10)
    # 2025/26 to 2027/28: two years at 10 %: 10,000 x 1.21 a month.
    assert found.gross[0, :15, 0].tolist() == [12_100] * 14 + [0]
    grown = reckoned(old, [1], inflation=0.10, nominal=True)
    assert grown.gross[0, 11:14, 0].tolist() == [12_100, 13_310, 13_310]


def test_a_programme_that_starts_in_march_is_in_the_financial_year_before() -> None:
    assert Timeline(date(2027, 3, 1), 1, 1).financial_year == 2026
    assert Timeline(date(2027, 4, 1), 1, 1).financial_year == 2027


def test_the_cashable_part_is_rounded_once() -> None:
    found = reckoned(saving(101, "month", lasts=plain(1), cashable=plain(0.5)), [1])
    assert found.cashable[0, 0, 0] == 51


def test_present_values_use_the_green_book_and_deflate_nominal_money() -> None:
    data = tiny_data()
    data["programme"] |= {"months": 30, "prices": "nominal", "inflation": "2%"}
    data["outcomes"] = {"work": {"chance": "100%", "without": "0%", "after": "400 days"}}
    data["contract"] = {"job": {"pay": "per_outcome", "for": "work", "price": "£1,000"}}
    data["people"] = {"one": {"referrals": 1, "over": "1 day"}}
    data["savings"] = {"s": {"for": "work", "amount": "£500 each", "to": "DWP", "lag": "12 months"}}
    result = sibsim.run(sibsim.load(data), trials=1, seed=1)
    # Day 400 from April 2027 is in May 2028, month 13, year 1. The saving is in month 25, year 2,
    # and has grown by 2 % twice.
    paid = 1_000 / 1.035 / 1.02
    saved = 500 * 1.02**2 / 1.035**2 / 1.02**2
    frame = result.frame()
    assert frame["commissioner.payments"][0] == pytest.approx(paid, rel=1e-12)
    assert frame["commissioner.savings"][0] == pytest.approx(saved, rel=1e-12)
    assert frame["commissioner.net_saving"][0] == pytest.approx(saved - paid, rel=1e-12)
    assert frame["savings.DWP"][0] == pytest.approx(saved, rel=1e-12)
