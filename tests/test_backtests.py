"""Published results in, published payments out, to the pound; and a wrong price fails."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

import sibsim
from sibsim.cli import main
from sibsim.scenario.file import bundled

PUBLISHED = {
    "i-aspire": 2_165_460,  # INDIGO POJ-0122
    "apollo": 848_540,  # INDIGO POJ-0123
    "depaul": 1_654_340,  # INDIGO, Fair Chance Fund, POJ-0131 to 0137
    "fusion": 2_513_800,
    "st-basils": 2_622_375,
    "denver": 9_638_911.36,  # Urban Institute, Final Outcome Payments (July 2021)
    "cuyahoga": 0,  # nff.org: no fall in days in care, no payment
    "able": 0,  # mdrc.org: no fall in days in jail, no payment
    "educate-girls": 422_000,  # INDIGO; ImpactAlpha: the contract's cap
}

ROUNDED = {
    "newpin": (1_148_000, 3_500),  # coupons published to a tenth of a percent of the principal
    "utah": (267_000, 1_000),  # unitedway.org (2015): both the saving and the payment are rounded
}
"""What was published in round figures, of a part of the deal, and the tolerance that is stated."""

GROSS = {"depaul": 1_692_700, "fusion": 3_032_950, "st-basils": 2_802_950}
"""Price x outcomes of the Fair Chance Fund deals before the contract's cap."""


@pytest.mark.parametrize(("name", "total"), PUBLISHED.items())
def test_the_total_is_exact(name: str, total: int) -> None:
    found = sibsim.backtest(sibsim.load(name))
    assert found.computed == found.published == round(total * 100)
    assert found.tolerance == 0 and found.passed


@pytest.mark.parametrize(("name", "total", "tolerance"), [(n, *t) for n, t in ROUNDED.items()])
def test_what_was_published_in_round_figures_is_near(name: str, total: int, tolerance: int) -> None:
    found = sibsim.backtest(sibsim.load(name))
    assert (found.published, found.tolerance) == (total * 100, tolerance * 100)
    assert found.passed and found.difference != 0


@pytest.mark.parametrize(("name", "gross"), GROSS.items())
def test_the_cap_binds_where_it_did(name: str, gross: int) -> None:
    found = sibsim.backtest(sibsim.load(name))
    assert found.gross == gross * 100
    assert found.cut == (gross - PUBLISHED[name]) * 100


@pytest.mark.parametrize("name", ["i-aspire", "apollo"])
def test_every_published_line_is_exact(name: str) -> None:
    found = sibsim.backtest(sibsim.load(name))
    published = [row for row in found.rows if row.published is not None]
    assert len(published) == 23
    assert all(row.computed == row.published for row in published)


@pytest.mark.parametrize("name", ["i-aspire", "apollo"])
def test_one_wrong_price_fails(name: str) -> None:
    deal = sibsim.load(name)
    term = next(iter(deal.backtest.lines))
    wrong = deal.replace({f"contract.{term}.price": "£221"})
    assert not sibsim.backtest(wrong).passed


def test_a_wrong_cap_fails() -> None:
    wrong = sibsim.load("fusion").replace({"contract.caps.contract": "£2,513,801"})
    assert not sibsim.backtest(wrong).passed


@pytest.mark.parametrize("name", ROUNDED)
def test_the_command_passes_within_the_tolerance(name: str) -> None:
    done = CliRunner().invoke(main, ["backtest", name])
    assert done.exit_code == 0 and "within the stated tolerance" in done.output


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_command_passes(name: str) -> None:
    done = CliRunner().invoke(main, ["backtest", name])
    assert done.exit_code == 0, done.output
    total = next(line for line in done.output.splitlines() if line.startswith("total"))
    assert total.count(f"{PUBLISHED[name]:,}") >= 2, "computed and published"


def test_every_bundled_deal_with_published_payments_is_tested() -> None:
    with_backtest = {name for name in bundled() if sibsim.load(name).backtest is not None}
    assert with_backtest == set(PUBLISHED) | set(ROUNDED)


@pytest.mark.parametrize("name", [name for name, paid in PUBLISHED.items() if paid])
def test_simulated_payments_come_near_what_was_paid(name: str) -> None:
    # Chances are derived from published counts, so the forward mean must be near the published
    # total; the rest of the gap is outcomes that come too late, and the cap.
    paid = sibsim.run(sibsim.load(name), trials=400, seed=1).summary()["payments.total"]
    assert abs(paid.mean / PUBLISHED[name] - 1) < 0.05
