"""Published payments through the accounts of bundled deals: who got what, to the penny.

The back-tests ask what a contract pays. Here payments are given, as published, and costs, as
assumed in each test; the account of the deal's own file says who is repaid.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

import sibsim
from sibsim.accounts.capital import Flows, run_account
from sibsim.finance import IRR_STATUSES, irr
from sibsim.settling import closing_month


def account(name: str, receipts: Mapping[int, float], costs: Sequence[float]) -> Flows:
    """One trial of a deal's account: major units, receipts by month, costs from month 0 on."""
    deal = sibsim.load(name)
    paid, due = np.zeros((2, 1, deal.timeline.horizon), np.int64)
    for month, amount in receipts.items():
        paid[0, month] = round(amount * 100)
    due[0, : len(costs)] = [round(amount * 100) for amount in costs]
    return run_account(paid, due, deal.timeline, closing_month(deal), deal.capital, deal.waterfall)


def spread(total: int, months: int) -> list[float]:
    """A cost in equal months, to the penny."""
    each, more = divmod(total * 100, months)
    return [(each + (month < more)) / 100 for month in range(months)]


def given(flows: Flows, *names: str) -> list[int]:
    """What tranches got in all, in minor units."""
    return [int(flows.tranches[name].given.sum()) for name in names]


def rate(flows: Flows, name: str) -> tuple[float, str]:
    """A tranche's yearly return, and its status."""
    of = flows.tranches[name]
    back = of.given if of.guaranteed is None else of.given + of.guaranteed
    annual, status = irr(back - of.drawn)
    return float(annual[0]), IRR_STATUSES[status[0]]


# --- nothing was paid -----------------------------------------------------------------------------


def test_able_at_full_term_would_have_lost_a_quarter() -> None:
    flows = account("able", {}, [200_000] * 48)
    of = flows.tranches["lender"]
    assert of.drawn.sum() == 960_000_000 and of.given.sum() == 0
    assert of.guaranteed is not None
    assert of.guaranteed.sum() / of.drawn.sum() == 0.75  # $7.2m of $9.6m (mdrc.org)


def test_able_ended_after_three_years_and_lost_a_sixth() -> None:
    """$7.2m lent, $6.0m guaranteed, $1.2m lost (Bond Buyer): 0.833."""
    deal = sibsim.load("able").replace({"people.adolescents.referrals": 40})
    changes = dict(sibsim.load("able").options["ended_after_three_years"].changes)
    summary = sibsim.run(deal.replace(changes), trials=5, seed=1).summary()
    assert summary["contract.ended"].mean == 1 and summary["payments.total"].mean == 0
    assert summary["investor.drawn"].mean == 7_200_000
    assert summary["investor.received"].mean == 6_000_000
    assert summary["investor.multiple"].mean == pytest.approx(0.833, abs=0.0005)


def test_cuyahoga_lost_all() -> None:
    flows = account("cuyahoga", {}, spread(4_000_000, 60))
    assert flows.drawn.sum() == 400_000_000 and flows.to_investor.sum() == 0
    for name in ("senior", "junior"):
        assert rate(flows, name) == (-1.0, "total loss")


def test_roca_without_a_payment_loses_all() -> None:
    """No payment was published; of $21.76m nobody would get anything."""
    flows = account("roca", {}, spread(21_760_000, 84))
    drawn = {name: of.drawn.sum() / 1e8 for name, of in flows.tranches.items()}
    assert sum(drawn.values()) == pytest.approx(21.76) and flows.to_investor.sum() == 0
    grants = sum(drawn[name] for name in ("arnold", "new_profit", "boston_foundation"))
    assert grants == pytest.approx(6.0) and drawn["deferred_fees"] == pytest.approx(3.76)


# --- one payment ----------------------------------------------------------------------------------


def test_educate_girls_earned_14_9_percent_on_one_bullet() -> None:
    """$422,000 after three years for $277,915: 1.52 times, reported as 15 % (ImpactAlpha)."""
    flows = account("educate-girls", {36: 422_000}, [8_415, *[7_700] * 35])
    of = flows.tranches["ubs_optimus"]
    assert of.drawn.tolist()[0][:2] == [27_791_500, 0] and of.drawn.sum() == 27_791_500
    assert np.flatnonzero(of.given[0]).tolist() == [36] and of.given.sum() == 42_200_000
    annual, status = rate(flows, "ubs_optimus")
    assert status == "ok"
    assert annual == pytest.approx((422_000 / 277_915) ** (1 / 3) - 1, abs=1e-9)
    assert annual == pytest.approx(0.149, abs=0.0005)
    assert of.given.sum() / of.drawn.sum() == pytest.approx(1.52, abs=0.005)


def test_utah_paid_its_first_267_000_to_the_senior_alone() -> None:
    """$267,000 (unitedway.org, 2015); a year's result, three months later: in month 14."""
    flows = account("utah", {14: 267_000}, [1_553_525])
    assert [of.drawn[0, 0] for of in flows.tranches.values()] == [102_088_800, 53_263_700]
    senior = flows.tranches["senior"]
    owed = 14 * 425_370  # 1,020,888 x 5 % / 12 = 4,253.70 a month
    assert senior.interest[0, 14] == owed
    assert senior.principal[0, 14] == 26_700_000 - owed
    assert given(flows, "junior") == [0] and flows.to_provider.sum() == 0


def test_chicago_paid_its_first_500_000_to_both_seniors_by_what_was_out() -> None:
    """$500,000 (chicagoreporter.com): interest is owed first, and split as the loans are."""
    flows = account("chicago", {23: 500_000}, [1_300_000 + 374 * 5_958])
    goldman, northern, pritzker = given(flows, "goldman", "northern_trust", "pritzker")
    assert goldman + northern == 50_000_000 and pritzker == 0
    assert goldman / northern == pytest.approx(7.4 / 5.5, rel=1e-6)
    # All three put in what is needed by their commitments, so the seniors have 12.9 of 16.9 of it.
    out = (1_300_000 + 374 * 5_958) * 12.9 / 16.9
    owed = sum(flows.tranches[name].interest.sum() for name in ("goldman", "northern_trust"))
    assert owed / 100 == pytest.approx(23 * out * 0.063 / 12, abs=1)  # 23 months, to the dollar


@pytest.mark.parametrize(("paid", "junior", "fees", "grants"), [
    (10_000_000, 0.0, 0.0, 0.0),  # less than the senior's loan with its interest
    (22_000_000, 1.0, 1.0, None),  # at the target (reason.org, 2014): loans are whole
])  # fmt: skip
def test_roca_pays_its_stack_in_order(
    paid: int, junior: float, fees: float, grants: float | None
) -> None:
    flows = account("roca", {89: paid}, spread(21_760_000, 84))
    names = {"junior": ("kresge", "living_cities"), "fees": ("deferred_fees",),
             "grants": ("arnold", "new_profit", "boston_foundation")}  # fmt: skip
    back = {key: sum(int(flows.tranches[name].principal.sum()) for name in part)
            / sum(int(flows.tranches[name].drawn.sum()) for name in part)
            for key, part in names.items()}  # fmt: skip
    assert (back["junior"], back["fees"]) == (junior, fees)
    assert flows.to_investor.sum() == paid * 100 and flows.to_provider.sum() == 0
    if grants is None:
        assert 0 < back["grants"] < 1
        # 5 % a year, a twelfth a month on what is out as the month begins, and nothing beyond.
        senior = flows.tranches["senior"]
        out = np.append(0, senior.drawn[0].cumsum())[:90]
        assert senior.interest.sum() == np.floor(out * 0.05 / 12 + 0.5).sum()
        assert senior.profit.sum() == 0
    else:
        assert back["grants"] == grants
        assert flows.tranches["senior"].principal.sum() < 900_000_000


# --- payments over years --------------------------------------------------------------------------


def test_denver_gave_1_12_times_to_both_groups() -> None:
    """Urban Institute, Final Outcome Payments (2021): $9,638,911.36 on $8.6m.

    The first three payments are published in round figures, the sums to October 2020 and of July
    2021 to the cent. That $8.6m went out evenly in 60 months is assumed.
    """
    known = {21: 188_368.0, 33: 837_600.0, 45: 1_500_000.0}
    paid = known | {57: 3_913_932.96 - sum(known.values()), 66: 620_978.40 + 5_104_000}
    flows = account("denver", paid, spread(8_600_000, 60))
    drawn = [int(flows.tranches[n].drawn.sum()) for n in ("housing_lenders", "jail_lenders")]
    assert drawn == [400_000_000, 460_000_000]
    back = given(flows, "housing_lenders", "jail_lenders")
    assert sum(back) == 963_891_136 and flows.to_provider.sum() == 0
    for one, put_in in zip(back, drawn, strict=True):
        assert one / put_in == pytest.approx(1.12, abs=0.005)
        assert one / put_in == pytest.approx(963_891_136 / 860_000_000, abs=1e-6)


def test_newpin_paid_its_coupons_beside_the_principal() -> None:
    """7.5 % and 8.9 % (brisbanetimes, tribune-intl) are returns; the principal is still out."""
    flows = account("newpin", {14: 525_000, 26: 623_000}, [7_000_000])
    of = flows.tranches["noteholders"]
    assert of.interest[0, 14] / of.drawn.sum() == pytest.approx(0.075)
    assert of.interest[0, 26] / of.drawn.sum() == pytest.approx(0.089)
    assert of.principal.sum() == 0 and flows.to_provider.sum() == 0


@pytest.mark.parametrize(("options", "month", "part"), [
    ({}, 48, 0.75),
    ({"endings.after_four_years.chance": "0%", "endings.later.chance": "100%"}, 60, 0.5),
])  # fmt: skip
def test_newpin_is_redeemed_where_results_are_poor(
    options: dict[str, str], month: int, part: float
) -> None:
    """75 % of the principal after four years, 50 % later (emmatomkinson.com)."""
    poor = {"outcomes.restored.chance": "25%", "people.children.referrals": 200}
    result = sibsim.run(sibsim.load("newpin").replace(poor | options), trials=5, seed=1)
    summary = result.summary()
    assert summary["contract.ended"].mean == 1
    assert summary["payments.compensation"].mean == 7_000_000 * part
    assert summary["investor.received"].mean == 3 * 350_000 + 7_000_000 * part
    paid = result.lines("commissioner")["compensation"]
    assert (paid[:, month] == -700_000_000 * part).all() and "compensation" not in result.lines(
        "investor"
    )  # fmt: skip


SKILL_MILL = {
    2: 42_950, 7: 168_830, 10: 58_380, 13: 467_210, 16: 80_460, 19: 370_000, 22: 54_250,
    25: 328_500, 28: 93_870, 31: 368_860, 34: 146_720, 37: 310_910, 40: 152_490, 43: 358_480,
    46: 143_090, 49: 14_820,
}  # fmt: skip
"""Receipts of INDIGO POJ-0195 by the last month of their period; August 2020 is month 0."""


def test_the_skill_mill_repays_its_loan_then_three_side_by_side() -> None:
    """Costs are assumed: 252 people at £2,000 in 42 months, and £45,000 in each of 50 months."""
    assert sum(SKILL_MILL.values()) == 3_159_820
    costs = [57_000.0] * 42 + [45_000.0] * 8
    flows = account("skill-mill", SKILL_MILL, costs)
    three = ("first", "second", "third")
    assert [int(of.drawn[0, 0]) for of in flows.tranches.values()] == [
        10_000_000, 36_250_000, 36_250_000, 17_500_000,
    ]  # fmt: skip
    assert flows.unpaid.sum() == 0, "with capital and receipts delivery is always paid for"

    loan = flows.tranches["loan"]
    whole = int(np.flatnonzero(loan.principal[0])[-1])
    assert loan.principal.sum() == 10_000_000
    owed = 0
    for _ in range(int(np.flatnonzero(loan.interest[0])[0])):
        owed += int(np.floor((10_000_000 + owed) * 0.0893 / 12 + 0.5))
    assert loan.interest[0].max() == owed, "compound, from August 2020 to the first giving out"
    for name in three:
        assert flows.tranches[name].given[0, :whole].sum() == 0
        assert flows.tranches[name].principal.sum() == flows.tranches[name].drawn.sum()
    # Side by side: of the money put in the same part is back in every month, to the penny.
    back = np.array([flows.tranches[name].principal[0].cumsum() for name in three])
    drawn = np.array([[36_250_000], [36_250_000], [17_500_000]])
    assert np.abs(back - drawn * (back.sum(axis=0) / drawn.sum())).max() <= 2

    # In: £1,000,000 and £3,159,820. Out: £2,754,000 of costs; the rest is given out to the penny.
    assert flows.delivery.sum() == 275_400_000
    assert flows.to_investor.sum() + flows.to_provider.sum() == 415_982_000 - 275_400_000
    assert flows.cash[0, -1] == 0
    # With these costs all of it goes to the lenders, and the three miss their target together.
    assert flows.to_provider.sum() == 0
    rates = [rate(flows, name)[0] for name in three]
    assert max(rates) - min(rates) < 1e-6 and 0 < max(rates) < 0.1137
