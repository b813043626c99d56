"""Returns by date, day counts, capital and tails: hand arithmetic, laws, and published figures.

In: flows whose answers are worked out beside them, those published with another program, random
ones. Out: passes and failures. Not here: equally long months (`test_finance`), contracts.
"""

from __future__ import annotations

import csv
import math
from collections import defaultdict
from datetime import date
from itertools import pairwise
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest
import pyxirr
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from sibsim.daycount import DAY_COUNTS, counted, year_fractions
from sibsim.finance import IRR_STATUSES, irr, irr_roots, xirr, xirr_roots, xnpv
from sibsim.returns import (
    average_life,
    capital_back,
    capital_out,
    cash_yield,
    loss_given_loss,
    recycling,
)
from sibsim.risk import tail
from sibsim.timeline import Timeline

DATA = Path(__file__).parent / "data"


def dates(*days: str) -> NDArray[np.datetime64]:
    """Dates as an array."""
    return np.array(days, "datetime64[D]")


def month_ends(months: int, first: str = "2027-04") -> NDArray[np.datetime64]:
    """Last days of months in a row."""
    begins = np.datetime64(first, "M") + np.arange(1, months + 1)
    return begins.astype("datetime64[D]") - 1


# ---- Day counts ----

# Start, end, and whole days between them: 30/360 (bond basis), 30E/360, actual.
# From the examples at deltaquants.com/day-count-conventions and, with their 30E/360 and actual
# days, at westclintech.com (DAYS360), both as they stand in the tests of Anexen/pyxirr
# (src/core/scheduled/day_count.rs). The bond basis of the latter is by hand: the source gives the
# US variant, in which the last day of February counts as 30.
COUNTED = [
    ("2007-12-28", "2008-02-28", 60, 60, 62),
    ("2007-12-28", "2008-02-29", 61, 61, 63),
    ("2007-10-31", "2008-11-30", 390, 390, 396),
    ("2008-02-01", "2009-05-31", 480, 479, 485),
    ("2007-01-15", "2007-01-30", 15, 15, 15),
    ("2007-09-30", "2008-03-31", 180, 180, 183),
    ("2007-01-15", "2007-01-31", 16, 15, 16),
    ("2007-01-31", "2007-02-28", 28, 28, 28),
    ("2007-02-28", "2007-03-31", 33, 32, 31),
    ("2006-08-31", "2007-02-28", 178, 178, 181),
    ("2007-02-26", "2008-02-29", 363, 363, 368),
    ("2008-02-29", "2009-02-28", 359, 359, 365),
    ("2008-02-29", "2008-03-31", 32, 31, 31),
    ("2008-08-31", "2009-02-28", 178, 178, 181),
    ("2009-02-28", "2009-08-31", 183, 182, 184),
]


@pytest.mark.parametrize(("start", "end", "bond", "euro", "actual"), COUNTED)
def test_days_between_dates(start: str, end: str, bond: int, euro: int, actual: int) -> None:
    for name, days in (("30/360", bond), ("30e/360", euro), ("act/365f", actual),
                       ("act/360", actual)):  # fmt: skip
        counts, year = counted(dates(start, end), name)
        assert counts.tolist() == [0, days]
        assert year_fractions(dates(start, end), name).tolist() == [0.0, days / year]
    months = 12 * (int(end[:4]) - int(start[:4])) + int(end[5:7]) - int(start[5:7])
    assert year_fractions(dates(start, end), "monthly").tolist() == [0.0, months / 12]


PYXIRR = {"act/365f": "act/365f", "act/360": "act/360", "30/360": "30/360 isda",
          "30e/360": "30e/360"}  # fmt: skip
"""The same conventions by the names of the other program."""


@settings(max_examples=300, deadline=None)
@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(0, 20_000))
def test_day_counts_as_pyxirr(first: date, later: int) -> None:
    second = date.fromordinal(min(first.toordinal() + later, date(2100, 12, 31).toordinal()))
    for name, theirs in PYXIRR.items():
        fraction = year_fractions([first, second], name)[1]
        assert fraction == pyxirr.year_fraction(first, second, theirs)


def test_dates_come_in_many_kinds_and_orders() -> None:
    days = [date(2027, 5, 31), date(2027, 4, 30), date(2027, 6, 30)]
    expected = [31, 0, 61]
    assert counted(days, "act/365f")[0].tolist() == expected
    assert counted(np.array(days, "datetime64[s]"), "act/365f")[0].tolist() == expected
    assert counted(np.array(days, object), "act/365f")[0].tolist() == expected


@pytest.mark.parametrize(
    "wrong", [[1, 2], ["a"], [], [[date(2027, 1, 1)]], np.array(["NaT"], "M8[D]")]
)
def test_what_is_no_date_is_refused(wrong: object) -> None:
    with pytest.raises(ValueError, match=r"dates: must be|Could not convert|parsing"):
        counted(wrong, "act/365f")  # type: ignore[arg-type]


def test_an_unknown_convention_is_refused() -> None:
    with pytest.raises(ValueError, match="day_count: '30/365' is not one of act/365f, act/360, "):
        xirr(month_ends(2), [-1, 2], "30/365")


# ---- Rates of return by date, by hand ----


def test_a_year_of_365_days() -> None:
    # 100 out, 110 back 365 days later: 10 % by Act/365F; 1.1^(360/365) - 1 by Act/360.
    when = dates("2027-04-01", "2028-03-31")  # 2028 has a 29 February
    assert counted(when, "act/365f")[0].tolist() == [0, 365]
    assert xirr(when, [-100, 110])[0] == pytest.approx([0.1], abs=1e-14)
    assert xirr(when, [-100, 110], "act/360")[0] == pytest.approx([1.1 ** (360 / 365) - 1])
    # 360 days by 30/360 from 1 April to 31 March: 12 x 30 - 30 + 30 = 360 in the bond basis.
    assert xirr(when, [-100, 110], "30/360")[0] == pytest.approx([0.1], abs=1e-14)


def test_one_day() -> None:
    # 0.01 % in a day: 1.0001^365 - 1. And a hundredth lost: 0.99^365 - 1.
    when = dates("2027-04-01", "2027-04-02")
    assert xirr(when, [-10_000, 10_001])[0] == pytest.approx([1.0001**365 - 1], rel=1e-11)
    assert xirr(when, [-100, 99])[0] == pytest.approx([0.99**365 - 1], rel=1e-11)


def test_statuses_are_those_of_irr() -> None:
    when = dates("2027-04-01", "2028-03-31", "2029-03-31")  # 365 and 730 days
    # As in test_finance: (w - 1.1)(w - 1.2), touching, missing, total loss, nothing, received.
    flows = [[-100, 230, -132], [-100, 220, -121], [-100, 200, -101], [-100, 0, -1], [0, 0, 0],
             [0, 1, 2], [-100, 0, 121]]  # fmt: skip
    annual, status = xirr(when, flows)
    said = [IRR_STATUSES[code] for code in status]
    assert said == ["several", "several", "none", "total loss", "none", "none", "ok"]
    assert annual[[3, 6]] == pytest.approx([-1.0, 0.1], abs=1e-13)
    assert np.isnan(annual[[0, 1, 2, 4, 5]]).all()
    assert xirr_roots(when, flows[0]) == pytest.approx([0.1, 0.2], abs=1e-12)
    assert xirr_roots(when, flows[1]) == pytest.approx([0.1, 0.1], abs=1e-6)
    assert xirr_roots(when, flows[2]) == []


def test_flows_of_one_date_are_one_flow_and_order_makes_no_difference() -> None:
    when = dates("2028-03-31", "2027-04-01", "2028-03-31", "2027-04-01")
    assert xirr(when, [60, -70, 50, -30])[0] == pytest.approx([0.1], abs=1e-14)
    assert xirr(when[:1], [5])[1].tolist() == [2]


def test_dates_must_match_the_flows() -> None:
    with pytest.raises(ValueError, match="dates: 3 do not match 2 flows"):
        xirr(month_ends(3), [-1, 2])
    with pytest.raises(ValueError, match="rate: must be a number above -1"):
        xnpv(month_ends(2), [-1, 2], -1.0)
    with pytest.raises(ValueError, match="row 1 is not finite"):
        xirr(month_ends(2), [[-1.0, 2.0], [math.nan, 1.0]])


def test_present_value_at_a_hurdle() -> None:
    # 121 after 730 days at 10 % is worth 100.
    when = dates("2027-04-01", "2029-03-31")
    assert xnpv(when, [-90, 121], 0.1) == pytest.approx([10.0], abs=1e-12)
    # By months: 12 of them make a year, whatever their days.
    assert xnpv(month_ends(13), [-100] + [0] * 11 + [110], 0.1, "monthly") == pytest.approx(
        [0.0], abs=1e-12
    )


def test_months_end_where_the_calendar_says() -> None:
    ends = Timeline(date(2027, 12, 1), 3, 4).month_ends
    assert ends.tolist() == [date(2027, 12, 31), date(2028, 1, 31), date(2028, 2, 29),
                             date(2028, 3, 31)]  # fmt: skip


# ---- The figures published with pyxirr ----


Case = tuple[str, NDArray[np.datetime64], NDArray[np.float64], float]


def published(function: str) -> list[Case]:
    """Cases from tests/data: name, dates if there are any, amounts, expected (NaN for none).

    They are the tests of Anexen/pyxirr (tests/samples, test_scheduled.rs and test_periodic.rs at
    commit 5f31a85, in the public domain), which were checked against spreadsheets there.
    """
    flows = defaultdict(list)
    with (DATA / "pyxirr_flows.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            flows[row["case"]].append((row["date"] or "2000-01-01", float(row["amount"])))
    with (DATA / "pyxirr_expected.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["function"] == function]
    return [
        (row["case"], dates(*(day for day, _ in flows[row["case"]])),
         np.array([amount for _, amount in flows[row["case"]]]), float(row["expected"] or "nan"))
        for row in rows
    ]  # fmt: skip


FAR = {"random_100": "none", "30-24": "ok"}
"""Published rates above 1000 %: 2983 % and 3291 %. We count roots up to 1000 % only."""

FOUND = {"30-20", "30-45"}
"""Cases for which none is published although there is one root, below -80 %."""


@pytest.mark.parametrize("function", ["xirr", "irr"])
def test_published_rates(function: str) -> None:
    cases = published(function)
    assert len(cases) == {"xirr": 60, "irr": 31}[function]
    for name, when, amounts, expected in cases:
        if function == "irr":  # a rate for the period: as if the periods were years
            years = np.arange(len(amounts)).astype("datetime64[Y]").astype("datetime64[D]")
            annual, status = xirr(years, amounts, "monthly")
            roots = xirr_roots(years, amounts, "monthly")
        else:
            annual, status = xirr(when, amounts)
            roots = xirr_roots(when, amounts)
        said = IRR_STATUSES[status[0]]
        if function == "xirr" and name in FAR:
            assert expected > 10 and said == FAR[name]
            # It is a root all the same, to the digits that are published.
            assert abs(xnpv(when, amounts, expected)[0]) < 1e-9 * np.abs(amounts).sum()
        elif function == "xirr" and name in FOUND:
            assert math.isnan(expected) and said == "ok"
            worth = xnpv(when, np.abs(amounts), annual[0])[0]
            assert abs(xnpv(when, amounts, annual[0])[0]) < 1e-12 * worth
        elif math.isnan(expected):
            assert said == "none" and roots == []
        else:
            found = roots or [float(annual[0])]  # the only root may lie below -99.99 %
            assert min(abs(root - expected) for root in found) < 1e-9, name
            assert said == ("ok" if len(found) == 1 else "several"), name
            assert said != "ok" or abs(annual[0] - expected) < 1e-9


def test_the_same_by_irr_itself() -> None:
    short = [case for case in published("irr") if len(case[2]) <= 30]
    assert len(short) >= 20
    for name, _, amounts, expected in short:
        flows = np.zeros(12 * len(amounts) - 11)
        flows[::12] = amounts
        assert min(abs(root - expected) for root in irr_roots(flows)) < 1e-9, name


def test_published_present_values() -> None:
    cases = published("xnpv at 10 %")
    assert len(cases) == 3
    for name, when, amounts, expected in cases:
        # From the first date of the file, which in `unordered` is not the earliest.
        since = (when[0] - when.min()).astype(int) / 365
        assert abs(xnpv(when, amounts, 0.1)[0] * 1.1**since - expected) < 1e-9, name


def test_published_rates_by_day_count() -> None:
    # mathworks.com/help/finance/xirr.html, by its basis; as quoted in the tests of pyxirr.
    when = dates("2007-01-12", "2008-02-14", "2008-03-03", "2008-06-14", "2008-12-01")
    expected = {"act/360": 0.0991988898057063, "act/365f": 0.10064378342638,
                "30/360": 0.100675477282743, "30e/360": 0.100675477282743}  # fmt: skip
    for name, rate in expected.items():
        assert abs(xirr(when, [-10_000, 2_500, 2_000, 3_000, 4_000], name)[0][0] - rate) < 1e-9


# ---- Laws ----


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.integers(1, 10**8), min_size=1, max_size=20),
    st.lists(st.integers(1, 10**8), min_size=1, max_size=40),
    st.lists(st.integers(0, 400), min_size=60, max_size=60),
    st.floats(0.3, 3.0),
    st.sampled_from(sorted(PYXIRR)),
)
def test_rates_as_pyxirr(
    drawn: list[int], weights: list[int], steps: list[int], moic: float, name: str
) -> None:
    # All out before any comes back, more than two years later: one root.
    amounts = np.concatenate([-np.array(drawn, float),
                              np.array(weights) * (moic * sum(drawn) / sum(weights))])  # fmt: skip
    after = np.cumsum(steps[: len(amounts)])
    after[len(drawn) :] += 800
    when = np.datetime64("2027-04-01", "D") + after
    rate, status = xirr(when, amounts, name)
    assert IRR_STATUSES[status[0]] == "ok"
    theirs = pyxirr.xirr(when, amounts, day_count=PYXIRR[name], silent=True)
    assert theirs is not None and abs(rate[0] - theirs) < 1e-9


def test_in_bulk_as_pyxirr_and_roots_are_roots() -> None:
    draw = np.random.default_rng(17)
    when = month_ends(84)
    flows = np.zeros((400, 84))
    flows[:, :24] = -draw.uniform(1e6, 5e6, (400, 24)).round()
    flows[:, 24:] = draw.uniform(0, 3e6, (400, 60)).round()
    flows[:20, 24:] = 0
    flows[20:40, 24:] *= 0.01
    flows[40:140, 30:80:7] *= -1
    annual, status = xirr(when, flows)
    assert (status[:20] == 1).all() and (status[140:] == 0).all() and (status[40:140] == 0).any()
    days = when.tolist()
    for row, rate in zip(flows[status == 0], annual[status == 0], strict=True):
        theirs = pyxirr.xirr(days, row, silent=True)
        assert theirs is not None and abs(rate - theirs) < 1e-9
    alone = [xirr(when, row) for row in flows[:60]]
    assert np.array_equal([rate[0] for rate, _ in alone], annual[:60], equal_nan=True)


def test_equal_months_give_the_rate_of_irr_to_the_bit() -> None:
    flows = np.random.default_rng(8).integers(-(10**6), 10**6, (500, 24))
    annual, status = irr(flows)
    rates, codes = xirr(month_ends(24), flows, "monthly")
    assert np.array_equal(rates, annual, equal_nan=True) and np.array_equal(codes, status)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.integers(-50, 50), min_size=2, max_size=14),
    st.lists(st.integers(1, 900), min_size=14, max_size=14),
)
def test_every_root_is_one_and_none_lies_between(flows: list[int], steps: list[int]) -> None:
    when = np.datetime64("2027-04-01", "D") + np.cumsum(steps)[: len(flows)]
    roots = xirr_roots(when, flows)
    for root in roots:
        worth = xnpv(when, np.abs(flows), root)[0]
        assert abs(xnpv(when, flows, root)[0]) < 1e-8 * worth
    # Between roots the value keeps its sign; it changes at each that does not stand twice.
    ends = [-0.9998, *roots, 9.99]
    signs = [np.sign(xnpv(when, flows, math.sqrt((1 + a) * (1 + b)) - 1)[0])
             for a, b in pairwise(ends) if b - a > 1e-4]  # fmt: skip
    if len(signs) == len(roots) + 1 and roots:
        assert all(a * b < 0 for a, b in pairwise(signs))
    changes = np.count_nonzero(np.diff(np.sign([f for f in flows if f])))
    assert len(roots) <= changes


# ---- Capital ----


def test_capital_out_and_back() -> None:
    # Drawn 100 and 50; 30, then 200: 120 of it repay, 80 are profit. Drawn again: 10, half back.
    drawn = np.array([[100, 50, 0, 0, 10, 0]])
    given_back = np.array([[0, 0, 30, 200, 0, 5]])
    assert capital_out(drawn, given_back).tolist() == [[100, 150, 120, 0, 10, 5]]
    assert capital_back(drawn, given_back).tolist() == [[0, 0, 30, 120, 0, 5]]
    # Repaid in months 2, 3 and 5; the first 155 drawn were drawn in months 0, 1 and 4.
    waited = (2 * 30 + 3 * 120 + 5 * 5) - (0 * 100 + 1 * 50 + 4 * 5)
    assert average_life(drawn, given_back) == pytest.approx([waited / 155 / 12])
    # 80 beyond the capital; out at the beginning of the months 1 to 5: 100 150 120 0 10.
    assert cash_yield(drawn, given_back) == pytest.approx([12 * 80 / 380])


def test_a_loan_of_four_years() -> None:
    # 100 for 48 months, 5 at the end of each year, the 100 at the end: 4 years, 5 % a year.
    drawn, back = np.zeros((1, 49)), np.zeros((1, 49))
    drawn[0, 0], back[0, 48] = 100, 100
    assert average_life(drawn, back) == pytest.approx([4.0])
    assert cash_yield(drawn, back) == pytest.approx([0.0])
    # What comes first repays capital, by this count: 5 a year leave less and less out.
    back[0, [12, 24, 36]], back[0, 48] = 5, 105
    assert capital_out(drawn, back)[0, [12, 24, 36, 48]].tolist() == [95, 90, 85, 0]
    assert cash_yield(drawn, back) == pytest.approx([20 / (100 + 95 + 90 + 85)])


def test_capital_that_is_lost_has_no_life() -> None:
    # 60 of 100 drawn in month 0 and 100 in month 6 come back in month 12, of the first draw.
    drawn, back = np.zeros((2, 13)), np.zeros((2, 13))
    drawn[:, 0], drawn[:, 6], back[0, 12] = 100, 100, 60
    assert average_life(drawn, back) == pytest.approx([1.0, math.nan], nan_ok=True)
    assert loss_given_loss([200, 200, 200], [60, 0, 200]) == pytest.approx(
        [0.7, 1.0, math.nan], nan_ok=True
    )


def test_recycling_counts_how_often_the_stake_pays() -> None:
    # 400 of delivery on a peak of 150: 8/3. Nothing at stake: not defined.
    flows = [[-100, -50, 160, 0], [0, 0, 0, 5]]
    assert recycling([400, 400], flows) == pytest.approx([8 / 3, math.nan], nan_ok=True)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), min_size=1, max_size=30))
def test_capital_laws(months: list[tuple[int, int]]) -> None:
    drawn, back = np.array([[d for d, _ in months]]), np.array([[g for _, g in months]])
    out, repaid = capital_out(drawn, back), capital_back(drawn, back)
    # Month by month, by the sentence that defines it.
    held = 0
    for month, (d, g) in enumerate(months):
        freed = min(held + d, g)
        held += d - freed
        assert (out[0, month], repaid[0, month]) == (held, freed)
    assert drawn.sum() - repaid.sum() == out[0, -1]
    life = average_life(drawn, back)[0]
    if repaid.any():
        assert life >= 0
    if held == 0 and drawn.any():  # all back: the area under the capital that is out
        assert life == pytest.approx(out.sum() / drawn.sum() / 12)


def test_capital_refuses() -> None:
    with pytest.raises(ValueError, match="drawn is"):
        capital_out(np.zeros((1, 2)), np.zeros((1, 3)))
    with pytest.raises(ValueError, match="given: must be finite and not negative"):
        average_life(np.zeros((1, 2)), [[0, -1]])
    with pytest.raises(ValueError, match="drawn: must be numbers"):
        cash_yield(["a"], [[0]])


# ---- Tails ----


def test_tail_by_hand() -> None:
    # 40 trials, 5 %: the worst two are -30 and -10. VaR 10, CVaR (30 + 10) / 2.
    values = [-30, -10, *range(38)]
    found = tail(values)
    assert (found.var, found.cvar) == (10.0, 20.0)
    # Excess over 10, / 0.05: one of 400, 39 of nil; sd = 400 / sqrt(40), error that / sqrt(40).
    assert found.cvar_error == pytest.approx(400 / 40)
    # sqrt(40 x 0.05 x 0.95) = 1.378 places: 0.62 is before the first.
    assert math.isnan(found.var_error)


def test_part_of_a_trial_counts_in_part() -> None:
    # 5 % of 30 is 1.5 trials: (-12 and half of -6) / 1.5. The second worst is at risk.
    found = tail([-12, -6, *[5] * 28])
    assert (found.var, found.cvar) == (6.0, pytest.approx(15 / 1.5))
    assert tail([3, 4]).var == -3.0 and tail([3, 4]).cvar == pytest.approx(-3.0)


def test_tail_laws() -> None:
    values = np.random.default_rng(2).normal(size=999)
    base = tail(values)
    moved = tail(10 * values + 7)
    assert moved.var == pytest.approx(10 * base.var - 7)
    assert moved.cvar == pytest.approx(10 * base.cvar - 7)
    assert moved.var_error == pytest.approx(10 * base.var_error)
    assert moved.cvar_error == pytest.approx(10 * base.cvar_error)
    assert base.cvar >= base.var and tail(values, 0.01).var >= base.var
    flat = tail([5.0] * 500)
    assert (flat.var, flat.cvar, flat.var_error, flat.cvar_error) == (-5, -5, 0, 0)


def test_tail_of_the_normal_distribution() -> None:
    # VaR z = 1.645; CVaR phi(z) / 0.05; and their errors, sqrt(0.05 x 0.95 / n) / phi(z) and
    # sqrt(Var(max(L - z, 0)) / n) / 0.05, in 400 samples of 2,000.
    z = NormalDist().inv_cdf(0.95)
    density = NormalDist().pdf(z)
    draw = np.random.default_rng(5)
    found = [tail(draw.normal(size=2_000)) for _ in range(400)]
    var, cvar = np.array([f.var for f in found]), np.array([f.cvar for f in found])
    true_error = math.sqrt(0.05 * 0.95 / 2_000) / density
    # Means of 400: five standard errors, and the bias of an order statistic, of order 1 / n.
    assert abs(var.mean() - z) < 5 * true_error / 20 + 2 / 2_000
    assert np.mean([f.var_error for f in found]) == pytest.approx(true_error, rel=0.05)
    first = density - z * 0.05  # mean of max(L - z, 0)
    second = (1 + z * z) * 0.05 - z * density  # and of its square
    cvar_error = math.sqrt((second - first**2) / 2_000) / 0.05
    assert abs(cvar.mean() - density / 0.05) < 5 * cvar_error / 20 + 2 / 2_000
    assert np.mean([f.cvar_error for f in found]) == pytest.approx(cvar_error, rel=0.05)
    assert cvar.std() == pytest.approx(cvar_error, rel=0.2)


def test_tail_refuses() -> None:
    for wrong in ([], [1.0, math.nan], [math.inf]):
        with pytest.raises(ValueError, match="values: must be one finite number"):
            tail(wrong)
    for share in (0.0, 1.0, math.nan):
        with pytest.raises(ValueError, match="share: must be between 0 and 1"):
            tail([1.0], share)


def test_every_convention_says_where_it_is_laid_down() -> None:
    assert all("section" in row.rule or name == "monthly" for name, row in DAY_COUNTS.items())
