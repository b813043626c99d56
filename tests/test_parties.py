"""What a deal comes to for each party: metrics, budget and price of risk, by hand on certain deals.

In: deals without luck whose flows are worked out in the tests. Out: passes and failures. Not here:
the arithmetic of returns (`test_returns`), the account (`test_accounts`).
"""

from __future__ import annotations

import copy
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from conftest import tiny_data
from hypothesis import HealthCheck, given, settings
from strategies import deals

import sibsim
from sibsim.analysis.risk_price import risk_price
from sibsim.cli import main
from sibsim.errors import UsageError
from sibsim.finance import irr, xirr
from sibsim.metrics import HURDLE, RESERVE, measure, units
from sibsim.parties import at_hurdle
from sibsim.report import money
from sibsim.report.page import report_html
from sibsim.result import Result
from sibsim.risk import tail

FEES: dict[str, Any] = {
    "sibsim": 1,
    "title": "Fees",
    "programme": {"start": "2027-04", "months": 12, "hurdle": "8%"},
    "people": {"young": {"referrals": 1, "over": "6 months"}},
    "outcomes": {"work": {"chance": "0%", "without": "0%", "after": "2 months"}},
    "contract": {"core": {"pay": "fee", "amount": "£1,500 a month", "lag": "6 months"}},
    "costs": {"fixed": "£1,000 a month"},
    "capital": {"fund": {"commitment": "£20,000"}},
}
"""Costs of £1,000 in months 0-11; £1,500 come in in months 6-17. So £1,000 are drawn in months 0-5,
and what is left in month 17, when the account closes, is 12 x 1,500 - 6 x 1,000 = £12,000."""


def settled(changes: dict[str, Any] | None = None, without: str = "", trials: int = 3) -> Result:
    """The deal of fees, run."""
    data = copy.deepcopy(FEES)
    for address, value in (changes or {}).items():
        section, name = address.split(".")
        data[section][name] = value
    data.pop(without, None)
    path = Path("fees.json")
    path.write_text(json.dumps(data), encoding="utf-8")
    return sibsim.run(sibsim.load(path), trials=trials, seed=0)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder in which a test runs."""
    monkeypatch.chdir(tmp_path)


def test_the_investor_by_hand() -> None:
    result = settled()
    found = {name: metric.values for name, metric in measure(result).items()}
    flow = [-1_000] * 6 + [0] * 11 + [12_000]
    months = {
        "drawn": 6_000, "received": 12_000, "profit": 6_000, "multiple": 2.0, "dpi": 2.0,
        # Drawn in month 2.5 on average, back in month 17.
        "wal": 14.5 / 12,
        # Out at the ends of months 0-16: 1,000 to 6,000, then eleven times 6,000.
        "cash_yield": 12 * 6_000 / (21_000 + 66_000),
        # £12,000 of delivery on a peak of £6,000.
        "recycling": 2.0, "loss": 0.0, "loss_given_loss": math.nan,
        "npv": sum(a / 1.08 ** (m / 12) for m, a in enumerate(flow)), "below_hurdle": 0.0,
        "irr": irr(flow)[0][0],
        "irr_dated": xirr(result.deal.timeline.month_ends[:18], flow)[0][0],
    }  # fmt: skip
    for name, value in months.items():
        assert found[f"investor.{name}"] == pytest.approx([value] * 3, nan_ok=True), name
    assert found["investor.irr_dated"][0] != found["investor.irr"][0]


def test_below_the_hurdle_is_at_its_rate_of_return() -> None:
    rate = measure(settled())["investor.irr"].values[0]
    for hurdle, expected in ((rate - 1e-6, 0.0), (rate, 0.0), (rate + 1e-6, 1.0)):
        result = settled({"programme.hurdle": hurdle})
        assert measure(result)["investor.below_hurdle"].values.tolist() == [expected] * 3
        assert abs(at_hurdle(result)[0]) < 0.02 if hurdle == rate else True


def test_a_total_loss_is_below_any_hurdle_and_nothing_drawn_is_not() -> None:
    lost = settled({"contract.core": {"pay": "fee", "amount": "£0 a month"}})
    found = measure(lost)
    assert found["investor.below_hurdle"].values.tolist() == [1.0] * 3
    assert found["investor.loss_given_loss"].values.tolist() == [1.0] * 3
    assert np.isnan(found["investor.wal"].values).all()
    assert found["investor.irr_dated"].values.tolist() == [-1.0] * 3
    idle = measure(settled({"costs.fixed": "£0 a month"}))
    assert np.isnan(idle["investor.below_hurdle"].values).all()
    assert np.isnan(idle["investor.npv"].values).all()


def test_without_a_hurdle_there_are_no_such_metrics() -> None:
    data = copy.deepcopy(FEES)
    del data["programme"]["hurdle"]
    path = Path("plain.json")
    path.write_text(json.dumps(data), encoding="utf-8")
    result = sibsim.run(sibsim.load(path), trials=2, seed=0)
    assert not set(measure(result)) & (HURDLE.keys() | RESERVE.keys())
    assert list(units(result.deal)) == list(measure(result))
    with pytest.raises(ValueError, match="no hurdle"):
        at_hurdle(result)


def test_what_only_concerns_investors_is_odd_without_any(
    capsys: pytest.CaptureFixture[str],
) -> None:
    settled({"programme.safe_rate": "4%"}, without="capital", trials=1)
    done = CliRunner().invoke(main, ["check", "fees.json"])
    assert done.exit_code == 0
    for said in ("programme.hurdle: is what investors ask for, and nobody invests",
                 "programme.safe_rate: says what capital costs, and nobody invests"):  # fmt: skip
        assert said in " ".join(done.stderr.replace("  ", " ").split())


def test_a_guarantee_is_in_the_multiple_and_not_in_the_dpi() -> None:
    lost = {"contract.core": {"pay": "fee", "amount": "£250 a month"},
            "capital.fund": {"commitment": "£20,000", "guarantee": "£4,500"}}  # fmt: skip
    found = measure(settled(lost))
    # 12 x 250 go into delivery: 9,000 drawn, nothing given out, 4,500 from the guarantor.
    assert found["investor.dpi"].values.tolist() == [0.0] * 3
    assert found["investor.multiple"].values.tolist() == [0.5] * 3
    assert found["investor.loss_given_loss"].values.tolist() == [0.5] * 3


def test_tranches_have_the_same_figures() -> None:
    data = copy.deepcopy(FEES)
    data["capital"] = {"senior": {"commitment": "£3,000", "investor_share": "50%"},
                       "junior": {"commitment": "£3,000", "investor_share": "50%"}}  # fmt: skip
    path = Path("two.json")
    path.write_text(json.dumps(data), encoding="utf-8")
    result = sibsim.run(sibsim.load(path), trials=2, seed=0)
    found = measure(result)
    assert list(units(result.deal)) == list(found)
    assert {n: m.unit for n, m in found.items()} == units(result.deal)
    for part in ("irr", "irr_dated", "multiple", "wal", "cash_yield", "below_hurdle"):
        whole = found[f"investor.{part}"].values
        for name in ("senior", "junior"):  # half of everything each
            assert found[f"capital.{name}.{part}"].values == pytest.approx(whole), part
    both = sum(found[f"capital.{name}.npv"].values for name in ("senior", "junior"))
    assert both == pytest.approx(found["investor.npv"].values)


def test_the_provider_by_hand() -> None:
    # Without investors the provider carries £1,000 a month until month 5: £6,000. It then gets
    # £1,500 a month, and has £6,000 of £18,000 left in the end.
    result = settled({"programme.provider_reserve": "£4,500"}, without="capital")
    found = {name: metric.values[0] for name, metric in measure(result).items()}
    assert found["provider.margin"] == pytest.approx(1 / 3)
    assert found["provider.lowest_cash"] == -1_500
    assert found["provider.insolvent"] == 1.0
    assert found["provider.insolvent_month"] == 5  # -5,000 at its end
    assert found["provider.peak_funding"] == 6_000
    safe = settled({"programme.provider_reserve": "£6,000"}, without="capital")
    found = {name: metric.values[0] for name, metric in measure(safe).items()}
    assert found["provider.lowest_cash"] == 0 and found["provider.insolvent"] == 0.0
    assert math.isnan(found["provider.insolvent_month"])
    unstated = measure(settled(without="capital"))
    assert unstated["provider.lowest_cash"].values[0] == -6_000
    # The frame by month says both: what comes and goes, and, added up, the cash.
    cash = safe.cash_flows("provider").loc[0, "net"].cumsum()
    assert cash.min() == -6_000 and cash.iloc[-1] == 6_000


def test_the_budget_by_financial_year() -> None:
    result = settled()
    # Six fees from October 2027 to March 2028, six from April to September 2028.
    frame = result.budget()
    assert frame.index.names == ["trial", "year"] and len(frame) == 3 * 2
    assert frame.loc[0, "outcome payments"].to_dict() == {"2027/28": -9_000, "2028/29": -9_000}
    assert (frame["net"] == frame["outcome payments"]).all()
    columns, rows = money.budget(result)
    assert columns == ["Year", "Outcome payments", "Net", "5%", "95%"]
    assert rows == [["2027/28", "£9,000", "£9,000", "£9,000", "£9,000"],
                    ["2028/29", "£9,000", "£9,000", "£9,000", "£9,000"]]  # fmt: skip


def test_others_who_pay_stand_in_the_budget() -> None:
    result = settled({"contract.payers": {"lottery": {"share": "20%"}}})
    frame = result.budget().loc[0]
    assert frame["outcome payments"].tolist() == [-9_000, -9_000]
    assert frame["contribution of lottery"].tolist() == [1_800, 1_800]
    assert frame["net"].tolist() == [-7_200, -7_200]


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(deals())
def test_money_laws_on_any_deal(data: dict[str, Any]) -> None:
    path = Path("any.json")
    path.write_text(json.dumps(data), encoding="utf-8")
    result = sibsim.run(sibsim.load(path), trials=4, seed=3)
    for party in ("commissioner", "investor", "provider"):
        lines = result.lines(party)
        total = sum(lines.values(), np.zeros_like(result.tables.cash))
        assert np.array_equal(total, result.flow(party))
        assert np.array_equal(result.by_year(total).sum(axis=1), total.sum(axis=1))
    assert result.by_year(total).shape[1] == len(result.deal.timeline.year_labels)
    price = risk_price(result, safe_rate=0.03)
    parts = (price.transaction, price.cost_of_capital, price.risk_premium, price.provider,
             price.left)  # fmt: skip
    assert sum(parts) == pytest.approx(price.above, abs=1e-6)
    assert price.above == pytest.approx(price.payments - price.delivery, abs=1e-6)
    found = measure(result)
    assert price.expected_loss >= 0 and price.cost_of_capital >= 0
    assert price.loss_chance == pytest.approx(found["investor.loss"].values.mean())
    defined = ~np.isnan(found["investor.dpi"].values)
    dpi, multiple = found["investor.dpi"].values, found["investor.multiple"].values
    assert (dpi[defined] <= multiple[defined]).all()
    assert list(units(result.deal)) == list(found)


def test_the_price_of_risk_by_hand() -> None:
    result = settled()
    # Paid 18,000, delivery 12,000. Of the 6,000 beyond it, money without risk at 6 % would have
    # earned (1.06^(1/12) - 1) x 87,000 on the capital that was out.
    capital = (1.06 ** (1 / 12) - 1) * 87_000
    price = risk_price(result, safe_rate=0.06)
    assert (price.payments, price.delivery, price.above) == (18_000, 12_000, 6_000)
    assert price.cost_of_capital == pytest.approx(capital)
    assert price.risk_premium == pytest.approx(6_000 - capital)
    assert (price.transaction, price.provider, price.left) == (0, 0, 0)
    assert (price.expected_loss, price.loss_chance, price.guaranteed) == (0, 0, 0)
    # Lawyers have £500 of the provider and an evaluator £1,000 of the commissioner: it pays £1,000
    # more than before, and investors have £500 less.
    lines = {"lawyers": {"cost": "once", "amount": "£500", "paid_to": "lawyers",
                         "category": "legal"},
             "evaluation": {"cost": "once", "amount": "£1,000", "paid_by": "commissioner",
                            "paid_to": "evaluator", "category": "evaluation"}}  # fmt: skip
    apart = risk_price(settled({f"costs.{name}": said for name, said in lines.items()}),
                       safe_rate=0.06)  # fmt: skip
    assert (apart.payments, apart.delivery, apart.transaction) == (19_000, 12_000, 1_500)
    assert apart.cost_of_capital + apart.risk_premium == pytest.approx(5_500)
    assert (apart.above, apart.left) == (7_000, 0)


def test_the_safe_rate_is_the_deals_or_nil() -> None:
    assert risk_price(settled()).safe_rate == 0.0
    stated = risk_price(settled({"programme.safe_rate": "6%"}))
    assert stated.safe_rate == 0.06 and stated.cost_of_capital > 0
    assert risk_price(settled()).risk_premium == 6_000


def test_the_price_of_risk_of_a_loss() -> None:
    # £250 a month come in: £9,000 are drawn and lost, the guarantor gives £4,500.
    lost = {"contract.core": {"pay": "fee", "amount": "£250 a month"},
            "capital.fund": {"commitment": "£20,000", "guarantee": "£4,500"}}  # fmt: skip
    price = risk_price(settled(lost))
    assert (price.payments, price.delivery, price.above) == (3_000, 12_000, -9_000)
    assert (price.risk_premium, price.guaranteed) == (-9_000, 4_500)
    assert (price.expected_loss, price.loss_chance) == (4_500, 1.0)


def test_without_investors_the_provider_has_what_is_beyond_the_costs() -> None:
    price = risk_price(settled(without="capital"))
    assert (price.above, price.provider) == (6_000, 6_000)
    assert (price.cost_of_capital, price.risk_premium) == (0, 0)


def test_the_price_of_risk_refuses() -> None:
    result = settled()
    for wrong in (-0.1, 1.1, math.nan):
        with pytest.raises(UsageError, match="safe rate must be from 0 to 1"):
            risk_price(result, safe_rate=wrong)


def test_tails_stand_in_the_summary() -> None:
    path = Path("tiny.json")
    path.write_text(json.dumps(tiny_data()), encoding="utf-8")
    result = sibsim.run(sibsim.load(path), trials=400, seed=2)
    summary = result.summary()
    assert list(summary.tails) == ["investor.profit", "provider.net"]
    profit = measure(result)["investor.profit"].values
    assert summary.tails["investor.profit"] == tail(profit)
    found = summary.tails["investor.profit"]
    assert np.mean(profit < -found.var) <= 0.05 <= np.mean(profit <= -found.var)
    assert list(settled(without="capital").summary().tails) == ["provider.net"]
    few = settled(trials=2).summary().plain_tails()["investor.profit"]
    assert few["var_error"] is None and few["var"] == -6_000


def test_what_is_written(tmp_path: Path) -> None:
    settled({"programme.safe_rate": "6%"})  # leaves fees.json
    done = CliRunner().invoke(main, ["run", "fees.json", "--trials", "3", "--seed", "0", "--json",
                                     "found.json", "--out", "tables"])  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "worst 5 % of trials: loss" in done.stdout
    found = json.loads(Path("found.json").read_text())
    assert found["risk_price"]["above"] == 6_000 and found["risk_price"]["safe_rate"] == 0.06
    assert found["tails"]["investor.profit"]["cvar"] == -6_000
    summary = json.loads(Path("tables/summary.json").read_text())
    assert summary["tails"] == found["tails"]
    table = pq.read_table("tables/budget.parquet").to_pandas()
    assert table["outcome payments"].tolist() == [-900_000] * 6  # pence
    assert table["year"].tolist() == ["2027/28", "2028/29"] * 3


def test_the_report_shows_budget_tails_and_price() -> None:
    html = report_html(settled({"programme.safe_rate": "6%"}))
    expected = (
        "2028/29", "Present value at the hurdle", "value at risk, 5%",
        "of which cost of capital at 6.0% a year", "Yearly return by actual dates",
    )  # fmt: skip
    for said in expected:
        assert said in html, said
