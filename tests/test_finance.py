"""Returns and present values against hand arithmetic, exact root counts and another program.

In: flows whose answers are worked out beside them, and random ones. Out: passes and failures. Not
here: flows that come out of a contract.
"""

from __future__ import annotations

import math
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
import pyxirr
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from sibsim.finance import (
    GREEN_BOOK,
    IRR_STATUSES,
    discount_factors,
    irr,
    irr_roots,
    multiple,
    npv,
    payback_month,
    peak_funding,
    peak_month,
)

LOWEST, HIGHEST = (1 / 11) ** (1 / 12), 10_000 ** (1 / 12)
"""The monthly discount factors of 1000 % and of -99.99 % a year."""


def one(flows: object) -> tuple[float, str]:
    """Rate and status of a single trial."""
    annual, status = irr(np.asarray(flows))
    assert annual.shape == status.shape == (1,)
    return float(annual[0]), IRR_STATUSES[status[0]]


def yearly(*amounts: int) -> list[int]:
    """Flows twelve months apart, the first in month 0."""
    flows = [0] * (12 * (len(amounts) - 1) + 1)
    flows[::12] = amounts
    return flows


# ---- Internal rate of return, by hand ----

AWKWARD: dict[str, tuple[list[int], float, str]] = {
    # -100 + 121 v^2 = 0 with v = 1 / (1 + r): (1 + r)^2 = 1.21.
    "121 for 100 after two years": (yearly(-100, 0, 121), 0.1, "ok"),
    # Monthly: -100 + 101 v = 0, so i = 1 %; 1.01^12 - 1.
    "1 % in one month": ([-100, 101], 1.01**12 - 1, "ok"),
    # Nothing gained: sums to nil, so the only root is 0.
    "money back exactly": ([-100, -50, 0, 150], 0.0, "ok"),
    "the same, borrower": ([100, 50, 0, -150], 0.0, "ok"),
    # Borrower: 100 now, 110 back after a year costs 10 %.
    "borrower": (yearly(100, -110), 0.1, "ok"),
    "leading nils": ([0] * 30 + yearly(-100, 110), 0.1, "ok"),
    "trailing nils": (yearly(-100, 110) + [0] * 30, 0.1, "ok"),
    # 0.01 % back after ten years: 0.0001^(1/10) - 1.
    "0.01 % back": (yearly(-(10**6), *[0] * 9, 100), 10**-0.4 - 1, "ok"),
    # One penny of 10^14 back, 599 months later: (10^-14)^(12/599) - 1.
    "a penny back after 600 months": ([-(10**14)] + [0] * 598 + [1], 10 ** (-168 / 599) - 1, "ok"),
    # 100 times in one month: 100^12 - 1, far above 1000 %, but the only root.
    "hundredfold in one month": ([-1, 100], 100.0**12 - 1, "ok"),
    # 50 times in a year: 5000 % - 100 %.
    "fiftyfold in a year": (yearly(-1, 50), 49.0, "ok"),
    # A millionth back in a year: -99.9999 %, below -99.99 %, but the only root.
    "a millionth back in a year": (yearly(-(10**6), 1), -0.999999, "ok"),
    # (10^14)^12: the largest there is; and its opposite, which rounds to -1 but is no total loss.
    "10^14 for a penny in a month": ([0] * 598 + [-1, 10**14], 1e168, "ok"),
    "a penny for 10^14 in a month": ([0] * 598 + [-(10**14), 1], -1.0, "ok"),
    # Monthly -1, 20000, 14000: w^2 - 20000 w - 14000 = 0; so late that the discounted sums, near
    # 10^-323, have lost their digits.
    "late and steep": (
        [0] * 76 + [-(10**4), 2 * 10**8, 14 * 10**7],
        (10_000 + math.sqrt(10_000**2 + 14_000)) ** 12 - 1, "ok"),
    "total loss": ([-100, 0, -50, 0], -1.0, "total loss"),
    "total loss of a penny, last month": ([0] * 599 + [-1], -1.0, "total loss"),
    "no flow": ([0, 0, 0], math.nan, "none"),
    "only received": ([0, 5, 10], math.nan, "none"),
    # With w = 1 + r: -100 w^2 + 230 w - 132 = -10 (w - 1.1)(10 w - 12).
    "roots 10 % and 20 %": (yearly(-100, 230, -132), math.nan, "several"),
    # -100 (w - 1.1)^2: nil at 10 %, negative on both sides.
    "touching at 10 %": (yearly(-100, 220, -121), math.nan, "several"),
    "touching at 0": (yearly(-100, 200, -100), math.nan, "several"),
    # One more penny out: 200^2 - 4 x 100 x 101 < 0, no root.
    "just missing": (yearly(-100, 200, -101), math.nan, "none"),
    # 2e10^2 - 4 x 1e10 x (1e10 + 1) < 0: it misses by a penny in 1e10.
    "missing by a penny": (yearly(-(10**10), 2 * 10**10, -(10**10) - 1), math.nan, "none"),
    # -1000 (w - 1.1)(w^2 + 1): three changes of sign, one root.
    "three changes, one root": (yearly(-1000, 1100, -1000, 1100), 0.1, "ok"),
    # -(w - 2)(w - 30) = -w^2 + 32 w - 60: 100 % and 2900 %; only the first is in the range.
    "one root in, one above": (yearly(-1, 32, -60), 1.0, "ok"),
    # -(w - 20)(w - 30): both above 1000 %.
    "two roots above": (yearly(-1, 50, -600), math.nan, "none"),
    # -(w - 50)(w^2 + 1): one root in all, at 4900 %.
    "three changes, one root above": (yearly(-1, 50, -1, 50), 49.0, "ok"),
    # -10^6 (w - 10^-5)(w^2 + 1) / 10, over 10: one root in all, at -99.999 %.
    "three changes, one root below": (yearly(-(10**5), 1, -(10**5), 1), 1e-5 - 1, "ok"),
    # (-1 + 5 x + 5 x^2)(1 + x^3), monthly: one root, at x = (3 sqrt 5 - 5) / 10, less than the
    # smallest ratio of two flows, 1 / 5; and the same back to front, at 1 / x.
    "a root beyond all ratios": (
        [-1, 5, 5, -1, 5, 5], (2.5 + 1.5 * math.sqrt(5)) ** 12 - 1, "ok"),
    "a root below all ratios": (
        [5, 5, -1, 5, 5, -1], (2.5 + 1.5 * math.sqrt(5)) ** -12 - 1, "ok"),
    # -(w - 1.1)(w - 1.2)(w - 1.3) x 1000.
    "three roots": (yearly(-1000, 3600, -4310, 1716), math.nan, "several"),
}  # fmt: skip


@pytest.mark.parametrize(("flows", "rate", "status"), AWKWARD.values(), ids=AWKWARD.keys())
@pytest.mark.parametrize("kind", [np.int64, np.float64])
def test_by_hand(flows: list[int], rate: float, status: str, kind: type) -> None:
    found, said = one(np.array(flows, kind))
    assert said == status
    # A growth factor is right to 12 digits, as is the rate; NaN equals NaN here.
    assert 1 + found == pytest.approx(1 + rate, rel=1e-12, abs=1e-15, nan_ok=True)


def test_no_negative_nil() -> None:
    assert math.copysign(1.0, one([-100, 0, 100])[0]) == 1.0


@pytest.mark.parametrize("years", [1, 2, 7, 49])
@pytest.mark.parametrize("moic", [Fraction(1, 100), Fraction(1, 2), Fraction(13, 10), Fraction(4)])
def test_bullet(years: int, moic: Fraction) -> None:
    # One payment: -100 (1 + r)^T + 100 MOIC = 0, so r = MOIC^(1/T) - 1.
    rate, status = one(yearly(-100, *[0] * (years - 1), int(100 * moic)))
    assert status == "ok"
    assert rate == pytest.approx(float(moic) ** (1 / years) - 1, abs=1e-13)


def test_level_repayments() -> None:
    # 1,000 repaid by 24 equal sums at 1 % a month: each is 1000 x 0.01 / (1 - 1.01^-24).
    each = 1000 * 0.01 / (1 - 1.01**-24)
    rate, status = one([-1000.0] + [each] * 24)
    assert status == "ok"
    assert rate == pytest.approx(1.01**12 - 1, abs=1e-13)


def test_perpetual_rate() -> None:
    # 5 a year on 100, and the 100 back at the end: 5 % whatever the term.
    for years in (1, 10, 49):
        assert one(yearly(-100, *[5] * (years - 1), 105))[0] == pytest.approx(0.05, abs=1e-13)


def test_triple_root_is_one_place() -> None:
    # -1000 (w - 1.1)^3: the value changes sign at 10 % only. The value is lost in rounding where
    # (w - 1.1)^3 is below 1e-15, so no more than the fifth digit of the rate can be asked for.
    rate, status = one(yearly(-1000, 3300, -3630, 1331))
    assert status == "ok"
    assert rate == pytest.approx(0.1, abs=1e-4)


def test_high_multiplicity_ends() -> None:
    # (1 - w)^20 is nil to within rounding over a wide stretch of rates; it never changes sign.
    assert one(yearly(*[(-1) ** k * math.comb(20, k) for k in range(21)]))[1] == "several"


def two_roots(first: Fraction, second: Fraction) -> list[int]:
    """Whole yearly flows whose value is nil at two growth factors and nowhere else."""
    (n, d), (m, e) = first.as_integer_ratio(), second.as_integer_ratio()
    return yearly(-d * e, d * m + n * e, -n * m)


@pytest.mark.parametrize("apart", [Fraction(1, 1000), Fraction(1, 10_000)])
def test_close_roots(apart: Fraction) -> None:
    flows = two_roots(Fraction(11, 10), Fraction(11, 10) + apart)
    assert one(flows)[1] == "several"
    # Near a root the value is about (1.1 - w)(apart) / 4.4; rounding of 1e-15 moves it 5e-11.
    assert irr_roots(flows) == pytest.approx([0.1, 0.1 + float(apart)], abs=1e-10)


@pytest.mark.parametrize("apart", [Fraction(1, 10**k) for k in (5, 6, 7, 8, 9)])
def test_roots_too_close_to_tell(apart: Fraction) -> None:
    # 1e-6 apart in y is 12 x 1e-6 x 1.1 in the rate: these are one place, which is only touched.
    flows = two_roots(Fraction(11, 10), Fraction(11, 10) + apart)
    assert one(flows)[1] == "several"
    first, second = irr_roots(flows)
    assert first == second == pytest.approx(0.1, abs=float(apart) + 1e-6)


def test_roots_listed() -> None:
    assert irr_roots(yearly(-100, 230, -132)) == pytest.approx([0.1, 0.2], abs=1e-12)
    assert irr_roots(yearly(-1000, 3600, -4310, 1716)) == pytest.approx([0.1, 0.2, 0.3], abs=1e-12)
    assert irr_roots(yearly(100, -110)) == pytest.approx([0.1], abs=1e-12)
    assert irr_roots([-100, 0, 100]) == pytest.approx([0.0], abs=1e-13)
    # A touching root stands twice; a square root of 1e-15 is all that can be told of its place.
    assert irr_roots(yearly(-100, 220, -121)) == pytest.approx([0.1, 0.1], abs=1e-6)
    for none in ([-100, -1], [0, 0], [3, 4], yearly(-1, 50), yearly(-100, 200, -101)):
        assert irr_roots(none) == []


# ---- Internal rate of return, against exact counts and other programs ----

Polynomial = list[Fraction]


def value(p: Polynomial, x: Fraction) -> Fraction:
    """The polynomial with coefficients from the constant up."""
    total = Fraction(0)
    for c in reversed(p):
        total = total * x + c
    return total


def remainder(p: Polynomial, q: Polynomial) -> Polynomial:
    """What is left of p divided by q."""
    p = p[:]
    while len(p) >= len(q):
        factor = p[-1] / q[-1]
        for k in range(len(q)):
            p[len(p) - len(q) + k] -= factor * q[k]
        p.pop()
    while p and p[-1] == 0:
        p.pop()
    return p


def sturm(flows: list[int]) -> list[Polynomial]:
    """Sturm's sequence of the flows as a polynomial in the monthly discount factor."""
    p = [Fraction(c) for c in flows]
    while p[-1] == 0:
        p.pop()
    sequence = [p, [k * c for k, c in enumerate(p)][1:]]
    while len(sequence[-1]) > 1:
        rest = remainder(sequence[-2], sequence[-1])
        if not rest:
            break
        sequence.append([-c for c in rest])
    return sequence


def roots_between(sequence: list[Polynomial], low: Fraction, high: Fraction) -> int:
    """How many different roots lie between (Sturm's theorem): exact."""

    def changes(x: Fraction) -> int:
        signs = [v > 0 for v in (value(p, x) for p in sequence) if v != 0]
        return sum(a != b for a, b in pairwise(signs))

    return changes(low) - changes(high)


@settings(max_examples=400, deadline=None)
@given(
    st.lists(st.integers(-9, 9), max_size=7),
    st.integers(1, 9),
    st.integers(1, 9),
    st.integers(0, 7),
)
def test_status_is_exact(flows: list[int], out: int, back: int, place: int) -> None:
    flows = [*flows[:place], -out, *flows[place:], back]
    sequence = sturm(flows[next(k for k, c in enumerate(flows) if c != 0) :])
    assume(len(sequence[-1]) == 1)  # no root is a multiple one; those have their own tests
    inside = roots_between(sequence, Fraction(LOWEST), Fraction(HIGHEST))
    in_all = roots_between(sequence, Fraction(0), Fraction(10**3))
    rate, status = one(flows)
    if inside == 1 or (inside == 0 and in_all == 1):
        assert status == "ok"
        x = Fraction(math.exp(-math.log1p(rate) / 12))
        slack = Fraction(1e-9 + 1e-16 / (1 + rate))  # the latter is the rounding of the rate itself
        around = [value(sequence[0], x * (1 + slack * side)) for side in (-1, 1)]
        assert around[0] * around[1] < 0  # the value does change its sign there
    else:
        assert status == ("several" if inside > 1 else "none")
        assert math.isnan(rate)
    assert len(irr_roots(flows)) == inside


@settings(max_examples=200, deadline=None)
@given(
    st.sets(st.integers(-18, 180), min_size=1, max_size=4), st.booleans(), st.sampled_from([1, -1])
)
def test_known_roots(fives: set[int], twisted: bool, sign: int) -> None:
    # Whole polynomials with roots at multiples of 5 %, by multiplying out (100 w - 100 - rate); if
    # twisted, times (w^2 + 1), which adds changes of sign and no root.
    rates = sorted(5 * five for five in fives)
    coefficients = [sign]
    for factor in [[-(100 + rate), 100] for rate in rates] + ([[1, 0, 1]] if twisted else []):
        coefficients = [
            sum(coefficients[j] * factor[k - j] for j in range(len(coefficients))
                if 0 <= k - j < len(factor))
            for k in range(len(coefficients) + len(factor) - 1)
        ]  # fmt: skip
    flows = yearly(*reversed(coefficients))
    found = irr_roots(flows)
    assert len(found) == len(rates)
    for rate, growth in zip(rates, (1 + r for r in found), strict=True):
        exact = 1 + rate / 100
        others = [1 + r / 100 for r in rates if r != rate]
        # How far rounding of 1e-14 of all that is added up, prod(w + w_j), can move a root.
        moved = 1e-14 * 2 * exact * math.prod((exact + w) / abs(exact - w) for w in others)
        assert abs(growth - exact) <= moved
    rate_found, status = one(flows)
    assert status == ("ok" if len(rates) == 1 else "several")
    assert math.isnan(rate_found) == (len(rates) > 1)


def test_number_of_roots() -> None:
    # numpy.roots finds all complex roots as eigenvalues, which is another road altogether.
    draw = np.random.default_rng(11)
    seen = set()
    for flows in [draw.normal(size=(1000, months)) for months in (5, 9, 13, 36)]:
        annual, status = irr(flows)
        for row, rate, code in zip(flows, annual, status, strict=True):
            x = np.roots(row[::-1])
            real = np.sort(x.real[(np.abs(x.imag) < 1e-8) & (x.real > 0)])[::-1]
            inside = real[(real > LOWEST) & (real < HIGHEST)]
            counted = inside if len(inside) > 0 else real
            said = "several" if len(inside) > 1 else "ok" if len(counted) == 1 else "none"
            said = "total loss" if row.max() < 0 else said
            assert IRR_STATUSES[code] == said
            assert irr_roots(row) == pytest.approx(list(inside**-12.0 - 1), rel=1e-7, abs=1e-9)
            if said == "ok":
                assert rate == pytest.approx(counted[0] ** -12.0 - 1, rel=1e-7, abs=1e-9)
            seen.add((said, len(inside)))
    assert {("ok", 0), ("ok", 1), ("several", 2), ("several", 3), ("none", 0)} <= seen


def by_pyxirr(row: NDArray[np.float64]) -> float:
    """Annual effective rate from the other program; NaN if it gives none."""
    monthly = pyxirr.irr(row, silent=True)
    return math.nan if monthly is None else (1 + monthly) ** 12 - 1


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.integers(1, 10**9), min_size=1, max_size=60),
    st.integers(12, 36),
    st.lists(st.integers(1, 10**9), min_size=1, max_size=120),
    st.floats(0.1, 10.0),
    st.booleans(),
)
def test_as_pyxirr(
    drawn: list[int], wait: int, weights: list[int], moic: float, borrower: bool
) -> None:
    # Everything is out for a year or more and comes back 0.1 to 10 times: -90 % to 900 %.
    back = np.array(weights) * (moic * sum(drawn) / sum(weights))
    flows = np.concatenate([-np.array(drawn, float), np.zeros(wait - 1), back])
    rate, status = one(-flows if borrower else flows)
    assert status == "ok"
    assert abs(rate - by_pyxirr(flows)) < 1e-9


def test_as_pyxirr_in_bulk() -> None:
    draw = np.random.default_rng(7)
    flows = np.zeros((1000, 84))
    flows[:, :24] = -draw.uniform(1e6, 5e6, (1000, 24)).round()
    flows[:, 24:] = draw.uniform(0, 3e6, (1000, 60)).round()
    flows[:50, 24:] = 0
    flows[50:100, 24:] *= 0.01
    flows[100:300, 30:80:7] *= -1
    annual, status = irr(flows)
    assert (status[:50] == IRR_STATUSES.index("total loss")).all()
    unique = status == IRR_STATUSES.index("ok")
    assert unique[50:100].all() and unique[300:].all() and unique[100:300].any()
    theirs = np.array([by_pyxirr(row) for row in flows[unique]])
    assert np.abs(annual[unique] - theirs).max() < 1e-9
    for row in flows[~unique & (status != IRR_STATUSES.index("total loss"))]:
        assert len(irr_roots(row)) != 1


# ---- Internal rate of return: laws ----

amounts = st.lists(st.integers(-(10**6), 10**6), max_size=40)
both_signs = st.builds(
    lambda flows, place, out, back: [*flows[:place], -out, *flows[place:], back],
    amounts, st.integers(0, 40), st.integers(1, 10**6), st.integers(1, 10**6),
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(both_signs, st.integers(1, 10**8), st.integers(0, 50), st.integers(0, 50))
def test_scale_delay_and_side_make_no_difference(
    flows: list[int], scale: int, before: int, after: int
) -> None:
    rate, status = one(flows)
    others = [
        [scale * amount for amount in flows],
        [0] * before + flows + [0] * after,
        [-amount for amount in flows],
    ]
    for other in others:
        found, said = one(other)
        assert said == status
        assert found == pytest.approx(rate, rel=1e-9, abs=1e-9, nan_ok=True)


@settings(max_examples=200, deadline=None)
@given(both_signs)
def test_value_is_nil_at_every_root(listed: list[int]) -> None:
    flows = np.array(listed)
    roots = irr_roots(flows)
    for rate in roots:
        worth = (1 + rate) ** (-np.arange(len(flows)) / 12)
        assert abs((flows * worth).sum()) < 1e-9 * (np.abs(flows) * worth).sum()
    found, status = one(flows)
    assert len(roots) == 1 or status != "ok" or not -0.9999 <= found <= 10
    assert len(roots) != 1 or (found == pytest.approx(roots[0], rel=1e-9) and status == "ok")
    assert (len(roots) > 1) == (status == "several")


def test_neighbours_make_no_difference() -> None:
    # Any share of the trials, in any order, must give the same bits.
    draw = np.random.default_rng(3)
    flows = draw.integers(-(10**6), 10**6, (300, 37))
    flows[:100, :9] = -np.abs(flows[:100, :9])
    flows[:100, 9:] = np.abs(flows[:100, 9:])
    flows[:5, 9:] = 1
    annual, status = irr(flows)
    order = draw.permutation(300)
    assert np.array_equal(irr(flows[order])[0], annual[order], equal_nan=True)
    assert np.array_equal(irr(flows[order])[1], status[order])
    alone = [irr(row) for row in flows]
    assert np.array_equal([rate[0] for rate, _ in alone], annual, equal_nan=True)
    assert np.array_equal([code[0] for _, code in alone], status)


def test_layout_and_threads_make_no_difference() -> None:
    flows = np.random.default_rng(4).integers(-(10**6), 10**6, (4500, 30))
    annual, status = irr(flows)
    fixed = flows.copy()
    fixed.flags.writeable = False
    with ThreadPoolExecutor(4) as pool:
        others = list(pool.map(irr, [flows, fixed, np.asfortranarray(flows), flows.astype(float)]))
    for rates, codes in others:
        assert np.array_equal(rates, annual, equal_nan=True)
        assert np.array_equal(codes, status)


def test_shapes_and_kinds() -> None:
    annual, status = irr(np.zeros((0, 12)))
    assert annual.shape == status.shape == (0,)
    assert annual.dtype == np.float64 and status.dtype == np.int8
    assert IRR_STATUSES == ("ok", "total loss", "none", "several")
    assert irr([[-100, 110], [0, 0]])[1].tolist() == [0, 2]
    assert irr(np.array([[-100, 110]], np.int32))[0] == pytest.approx([1.1**12 - 1])


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf])
def test_irr_refuses_what_is_not_finite(wrong: float) -> None:
    flows = np.tile([-100.0, 50.0, 60.0], (5000, 1))
    flows[4131, 1] = wrong
    with pytest.raises(ValueError, match="row 4131 "):
        irr(flows)
    for takes_one in (irr_roots, peak_funding, peak_month, payback_month):
        with pytest.raises(ValueError, match="finite"):
            takes_one(flows[4131])
    with pytest.raises(ValueError, match="finite"):
        npv(flows, [1.0, 1.0, 1.0])
    with pytest.raises(ValueError, match=r"received: .*finite"):
        multiple([1.0], [wrong])


def test_extreme_numbers() -> None:
    # 10^600 for 1 in a month is beyond any rate that can be written; it is still one root.
    assert one([-1e-300, 1e300]) == (math.inf, "ok")
    assert one([-1e300, 1e-300]) == (-1.0, "ok")
    assert one([-1e-300, 1e-300, -1e-300, 1e300])[1] == "ok"
    assert one([-1e-320, 2e-320])[1] == "ok"
    assert irr_roots([-1e-300, 1e300]) == []
    for too_much in ([-1e308, -1e308, 5.0], [5.0] + [0.0] * 50 + [-1e308]):
        with pytest.raises(ValueError, match="not finite"):
            irr(too_much)
        with pytest.raises(ValueError, match="not finite"):
            irr_roots(too_much)


@pytest.mark.parametrize("wrong", [np.zeros((2, 0)), np.zeros((2, 2, 2)), ["a"], [1j, 2], [None]])
def test_irr_refuses_what_is_not_rows(wrong: object) -> None:
    with pytest.raises(ValueError, match="flows: must be"):
        irr(wrong)  # type: ignore[arg-type]


def test_irr_roots_refuses_more_than_one_row() -> None:
    with pytest.raises(ValueError, match="one row"):
        irr_roots([[-1, 2], [-1, 2]])


def test_import_is_light() -> None:
    # numba and scipy take longer to load than everything else together.
    code = "import sys, sibsim.finance; print([m for m in ('numba', 'scipy') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# ---- Multiple, peak, payback ----


def test_multiple() -> None:
    # 50 + 50 drawn, 30 + 100 back: 1.3. Nothing drawn: not defined. Nothing back: 0.
    drawn = np.array([[50, 50, 0], [0, 0, 0], [0, 7, 0]])
    back = np.array([[0, 30, 100], [0, 0, 5], [0, 0, 0]])
    expected = [1.3, math.nan, 0.0]
    assert multiple(drawn, back) == pytest.approx(expected, nan_ok=True)
    assert multiple(drawn.sum(axis=1), back.sum(axis=1)) == pytest.approx(expected, nan_ok=True)
    assert multiple(np.zeros(0), np.zeros(0)).shape == (0,)


def test_multiple_refuses() -> None:
    with pytest.raises(ValueError, match="2 trials, received 3"):
        multiple([1, 2], [1, 2, 3])
    with pytest.raises(ValueError, match="drawn: must not be negative"):
        multiple([-1, 2], [1, 2])
    with pytest.raises(ValueError, match="received: must not be negative"):
        multiple([1, 2], [-1, 2])


PATHS: dict[str, tuple[list[int], int, float, float]] = {
    # flows; most that is out; month of the lowest point; month in which it is back.
    # Cumulated: -100 -150 -50 0 20.
    "there and back": ([-100, -50, 100, 50, 20], 150, 2, 4),
    # 10 -20 -20 5: lowest in month 2 first, back in month 4.
    "after a gain": ([10, -30, 0, 25], 20, 2, 4),
    # -5 5 -10 -3: back in month 2, but then it is below once more, and stays so.
    "back and below again": ([-5, 10, -15, 7], 10, 3, math.nan),
    # -5 5 -10 -3 0: called again, and all of it back in month 5.
    "back twice": ([-5, 10, -15, 7, 3], 10, 3, 5),
    "never back": ([-10, 4, 5], 10, 1, math.nan),
    "never below": ([0, 3, -3], 0, math.nan, math.nan),
    "nothing": ([0], 0, math.nan, math.nan),
    "large": ([-(10**14)] * 600 + [6 * 10**16], 6 * 10**16, 600, 601),
}


@pytest.mark.parametrize(("flows", "peak", "at", "back"), PATHS.values(), ids=PATHS.keys())
@pytest.mark.parametrize("kind", [np.int64, np.float64])
def test_paths(flows: list[int], peak: int, at: float, back: float, kind: type) -> None:
    rows: NDArray[np.int64 | np.float64] = np.array([flows, flows], kind)
    assert peak_funding(rows).dtype == kind
    assert peak_funding(rows).tolist() == [peak, peak]
    assert peak_month(rows) == pytest.approx([at, at], nan_ok=True)
    assert payback_month(rows) == pytest.approx([back, back], nan_ok=True)
    assert payback_month(rows[0]).shape == peak_funding(rows[0]).shape == (1,)


# ---- Discounting ----


def green_book_year(year: int) -> Fraction:
    """The factor of a year, multiplied out with whole thousandths."""
    growth = Fraction(1)
    for y in range(1, year + 1):
        if y <= 30:
            growth *= Fraction(1035, 1000)
        elif y <= 75:
            growth *= Fraction(1030, 1000)
        elif y <= 125:
            growth *= Fraction(1025, 1000)
        elif y <= 200:
            growth *= Fraction(1020, 1000)
        else:
            growth *= Fraction(1015 if y <= 300 else 1010, 1000)
    return 1 / growth


def test_green_book_by_hand() -> None:
    factors = discount_factors(12 * 127)
    assert factors.shape == (12 * 127,)
    assert factors[:12].tolist() == [1.0] * 12  # year 0
    # Year 1: 1 / 1.035. Year 30: 1.035^-30. Year 31: one more, at 3 %. Year 76: 1.035^-30 x
    # 1.03^-45 / 1.025. Year 126: and 1.025^-50 / 1.02.
    by_hand = {
        1: 1 / 1.035,
        30: 1.035**-30,
        31: 1.035**-30 / 1.03,
        76: 1.035**-30 * 1.03**-45 / 1.025,
        126: 1.035**-30 * 1.03**-45 * 1.025**-50 / 1.02,
    }
    for year, factor in by_hand.items():
        months = factors[12 * year : 12 * year + 12]
        assert (months == months[0]).all()
        assert months[0] == pytest.approx(factor, rel=1e-13)


def test_green_book_as_printed() -> None:
    # Four decimals, as in the long-term table of the Green Book's annex A6.
    factors = discount_factors(12 * 126)[::12].round(4)
    printed = {1: 0.9662, 10: 0.7089, 20: 0.5026, 30: 0.3563, 40: 0.2651, 50: 0.1973, 75: 0.0942}
    assert {year: factors[year] for year in printed} == printed


def test_green_book_every_year() -> None:
    factors = discount_factors(12 * 401)[::12]
    for year in range(401):
        assert factors[year] == pytest.approx(float(green_book_year(year)), rel=1e-12)
    assert [rate for _, rate in GREEN_BOOK] == [0.035, 0.03, 0.025, 0.02, 0.015, 0.01]


def test_discount_factors() -> None:
    # Months 0-11 are year 0, month 12 opens year 1. 10 % and inflation of 2 %: 1 / (1.1 x 1.02).
    factors = discount_factors(26, 0.1, 0.02)
    assert factors[11] == 1.0
    assert factors[12] == pytest.approx(1 / 1.122, rel=1e-15)
    assert factors[25] == pytest.approx(1 / 1.122**2, rel=1e-15)
    assert discount_factors(26, 0.0, 0.0).tolist() == [1.0] * 26
    assert discount_factors(0, 0.1, 0.0).shape == (0,)
    assert discount_factors(1, None, 0.5).tolist() == [1.0]
    assert np.array_equal(discount_factors(500, None, 0.0), discount_factors(500))
    assert discount_factors(13, None, 0.02)[12] == pytest.approx(1 / (1.035 * 1.02), rel=1e-15)
    assert discount_factors(13, -0.01, 0.0)[12] == pytest.approx(1 / 0.99, rel=1e-15)


@pytest.mark.parametrize("wrong", [-1.0, -2.0, math.nan, math.inf])
def test_discount_factors_refuse(wrong: float) -> None:
    with pytest.raises(ValueError, match="rate"):
        discount_factors(12, wrong, 0.0)
    with pytest.raises(ValueError, match="inflation"):
        discount_factors(12, None, wrong)
    with pytest.raises(ValueError, match="months"):
        discount_factors(-1, None, 0.0)


def test_npv() -> None:
    # 100 in month 0 and -110 in month 12 at 10 %: nil. 110 in months 12 and 13: 100 each.
    factors = discount_factors(14, 0.1, 0.0)
    flows = np.zeros((2, 14), np.int64)
    flows[0, [0, 12]] = 100, -110
    flows[1, [12, 13]] = 110
    assert npv(flows, factors) == pytest.approx([0.0, 200.0], abs=1e-12)
    assert npv(flows[1], factors) == pytest.approx([200.0])
    # One row of factors for each trial: the second at no discount.
    assert npv(flows, np.stack([factors, np.ones(14)])) == pytest.approx([0.0, 220.0], abs=1e-12)


def test_npv_of_an_annuity() -> None:
    # 1 at the start of each of the years 1..20 at 4 %: (1 - 1.04^-20) / 0.04.
    flows = np.zeros(12 * 21)
    flows[12::12] = 1
    expected = (1 - 1.04**-20) / 0.04
    assert npv(flows, discount_factors(len(flows), 0.04, 0.0)) == pytest.approx([expected])


def test_npv_neighbours_make_no_difference() -> None:
    flows = np.random.default_rng(5).integers(-(10**9), 10**9, (50, 85))
    factors = discount_factors(85)
    alone = np.concatenate([npv(row, factors) for row in flows])
    assert np.array_equal(npv(flows, factors), alone)
    assert np.array_equal(npv(np.asfortranarray(flows), factors), alone)


def test_npv_refuses() -> None:
    for shape in ((3,), (3, 4), (1, 5)):
        with pytest.raises(ValueError, match="does not match"):
            npv(np.ones((2, 4)), np.ones(shape))
