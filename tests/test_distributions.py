"""Distributions: what may be written, what it means, and the waiting times made from it.

In: one example or more of each family and form, random parameters, and everything that must be
refused. Out: agreement with scipy's own distributions, with integrals and with direct counting. Not
here: where uniforms come from.
"""

from __future__ import annotations

import math
import pickle
import re
import subprocess
import sys
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import integrate, special, stats

from sibsim.distributions import (
    DISTRIBUTIONS,
    Distribution,
    day_table,
    fixed,
    from_percentiles,
    guide_table,
    make,
    percentile_rank,
    wait_days,
)

Floats = NDArray[np.float64]

GRID = np.concatenate([[1e-6, 1e-4], np.arange(1, 1000) / 1000.0, [1 - 1e-4, 1 - 1e-6]])
UNTIMED = settings(deadline=None)  # a busy machine is no fault
Z = 1.2815515655446004  # the normal's 90th percentile, from any table


def beta_of(mean: float, sd: float) -> Any:
    """Beta by moments, written out once more."""
    size = mean * (1 - mean) / sd / sd - 1
    return stats.beta(mean * size, (1 - mean) * size)


def lognormal_of(mean: float, sd: float) -> Any:
    """Lognormal by its own moments, written out once more."""
    squared = math.log(1 + (sd / mean) ** 2)
    return stats.lognorm(math.sqrt(squared), scale=mean / math.exp(squared / 2))


# Each row: family, parameters as written, the same distribution by scipy (a frozen one).
PEERS: list[tuple[str, Any, Callable[[], Any]]] = [
    ("uniform", [2, 6], lambda: stats.uniform(2, 4)),
    ("uniform", [-3.5, 0.25], lambda: stats.uniform(-3.5, 3.75)),
    ("triangular", [1, 2, 5], lambda: stats.triang(0.25, 1, 4)),
    ("triangular", [0.2, 0.3, 0.45], lambda: stats.triang(0.4, 0.2, 0.25)),
    ("triangular", [0.2, 0.2, 0.45], lambda: stats.triang(0, 0.2, 0.25)),
    ("triangular", [-4, 0, 0], lambda: stats.triang(1, -4, 4)),
    ("pert", [1, 2, 5], lambda: stats.beta(2, 4, 1, 4)),
    ("pert", [10, 10, 40], lambda: stats.beta(1, 5, 10, 30)),
    ("pert", [-1, 1, 1], lambda: stats.beta(5, 1, -1, 2)),
    ("normal", {"mean": 5, "sd": 1.5}, lambda: stats.norm(5, 1.5)),
    ("normal", {"p10": -3, "p90": 5}, lambda: stats.norm(1, 4 / Z)),
    ("lognormal", {"mean": 30, "sd": 12}, lambda: lognormal_of(30, 12)),
    ("lognormal", {"p10": 20, "p90": 80}, lambda: stats.lognorm(math.log(2) / Z, scale=40)),
    ("beta", {"mean": 0.3, "sd": 0.1}, lambda: beta_of(0.3, 0.1)),
    ("beta", {"a": 0.5, "b": 3}, lambda: stats.beta(0.5, 3)),
    ("beta", {"a": 12, "b": 4}, lambda: stats.beta(12, 4)),
    ("gamma", {"mean": 8, "sd": 4}, lambda: stats.gamma(4, scale=2)),
    ("gamma", {"shape": 0.7, "scale": 30}, lambda: stats.gamma(0.7, scale=30)),
    ("exponential", {"mean": 45}, lambda: stats.expon(scale=45)),
    ("weibull", {"shape": 1.7, "scale": 90}, lambda: stats.weibull_min(1.7, scale=90)),
    ("weibull", {"mean": 10, "shape": 0.5}, lambda: stats.weibull_min(0.5, scale=5)),
    ("loglogistic", {"median": 120, "shape": 2.5}, lambda: stats.fisk(2.5, scale=120)),
]
# Families whose inverse moves without steps, in the forms that scipy has no name for.
MORE: list[tuple[str, Any]] = [
    ("logitnormal", {"p10": 0.2, "p90": 0.5}),
    ("logitnormal", {"p2.5": 0.001, "p97.5": 0.02}),
    ("logitnormal", {"p25": 0.1, "p75": 0.95}),
    ("beta", {"p10": 0.2, "p90": 0.5}),
    ("gamma", {"p10": 20, "p90": 60}),
    ("weibull", {"p10": 20, "p90": 60}),
    ("loglogistic", {"p10": 20, "p90": 60}),
    ("hazard", [(0, 0.2, 7), (10, 0, 1), (20.5, 0.4, 30.4375)]),
]
STEPPED: list[tuple[str, Any]] = [
    ("fixed", [7.5]),
    ("discrete", [(10, 0.25), (-2, 0.5), (3, 0.125), (4, 0.125), (99, 0)]),
    ("empirical", [5, 1, 2, 2, 8, 2, 5, 0]),
    ("kaplan_meier", [(0, 1), (3, 0.75), (4.5, 0.75), (8, 0.5), (20, 0)]),
    ("uniform", [4, 4]),
    ("triangular", [4, 4, 4]),
    ("pert", [-4, -4, -4]),
]
SMOOTH = [(family, params) for family, params, _ in PEERS] + MORE
WRITTEN = SMOOTH + STEPPED


def named(value: object) -> str:
    """Readable test names."""
    return "" if callable(value) else str(value)


def test_every_family_is_exercised() -> None:
    """Every family, form and way by percentiles in the table has an example in this file."""
    made = [make(family, params) for family, params in WRITTEN]
    assert {d.family for d in made} == set(DISTRIBUTIONS)
    for name, family in DISTRIBUTIONS.items():
        written = {d.form for d in made if d.family == name}
        if not family.repeated:
            assert set(family.forms) <= written
        by_percentile = any(percentile_rank(form[0]) is not None for form in written)
        assert by_percentile == (family.percentiles is not None)
        assert family.doc.endswith(".")


# --- what they mean -------------------------------------------------------------------------------


@pytest.mark.parametrize(("family", "params"), SMOOTH, ids=named)
def test_cdf_undoes_ppf(family: str, params: Any) -> None:
    """Within 1e-9, from one in a million to all but one in a million."""
    made = make(family, params)
    np.testing.assert_allclose(made.cdf(made.ppf(GRID)), GRID, rtol=0, atol=1e-9)


@pytest.mark.parametrize(("family", "params"), STEPPED, ids=named)
def test_steps_have_their_chances(family: str, params: Any) -> None:
    """The value drawn is the smallest whose cumulative chance is above the uniform."""
    made = make(family, params)
    u = np.arange(800) / 800.0
    drawn = made.ppf(u)
    assert np.all(u < made.cdf(drawn))
    assert np.all(made.cdf(np.nextafter(drawn, -np.inf)) <= u)


def test_discrete_by_hand() -> None:
    """Half -2, an eighth each 3 and 4, a quarter 10; what has chance nil never comes."""
    made = make("discrete", [(10, 0.25), (-2, 0.5), (3, 0.125), (4, 0.125), (99, 0), (-9, 0)])
    u = [0, 0.499, 0.5, 0.624, 0.625, 0.749, 0.75, 0.999, 1]
    np.testing.assert_array_equal(made.ppf(u), [-2, -2, 3, 3, 4, 4, 10, 10, 10])
    np.testing.assert_array_equal(made.cdf([-2.1, -2, 2.9, 3, 4, 9, 10]), [0, 0.5, 0.5, *T])
    assert made.mean == -1 + 0.375 + 0.5 + 2.5
    assert made.support == (-2.0, 10.0)


T = [0.625, 0.75, 0.75, 1.0]


def test_rounded_chances_leave_no_hole() -> None:
    """Ten times 0.1 is a little below 1 in float64; the last value takes the rest."""
    made = make("discrete", [(value, 0.1) for value in range(10)])
    assert made.ppf(np.nextafter(1.0, 0.0)) == 9
    assert made.cdf(9) == 1.0
    short = make("discrete", [(1, 0.5), (2, 0.5 - 0.9e-9)])
    assert short.ppf(1 - 1e-10) == 2
    over = make("discrete", [(1, 0.5), (2, 0.5 + 0.9e-9), (3, 0)])
    assert over.cdf(2) == 1.0
    assert over.mean == pytest.approx(1.5, rel=1e-12)


def integral(made: Distribution) -> float:
    """Mean by integration of the inverse over uniforms.

    The uniform is taken as the normal's chance of t, which draws the tails out; what lies beyond
    8 standard deviations has chance 1e-15.
    """

    def at(t: float) -> float:
        return float(made.ppf(special.ndtr(t))) * math.exp(-t * t / 2) / math.sqrt(2 * math.pi)

    low, _ = integrate.quad(at, -8, 0, epsabs=1e-13, epsrel=1e-11, limit=400)
    high, _ = integrate.quad(at, 0, 8, epsabs=1e-13, epsrel=1e-11, limit=400)
    return low + high


@pytest.mark.parametrize(("family", "params"), SMOOTH, ids=named)
def test_mean_by_integration(family: str, params: Any) -> None:
    """The mean is that of what `ppf` gives."""
    made = make(family, params)
    assert made.mean == pytest.approx(integral(made), rel=1e-8)


@pytest.mark.parametrize(("family", "params"), STEPPED, ids=named)
def test_mean_by_counting(family: str, params: Any) -> None:
    """800 even uniforms hit every step of the examples its exact number of times."""
    made = make(family, params)
    drawn = made.ppf((np.arange(800) + 0.5) / 800)
    assert made.mean == pytest.approx(float(drawn.mean()), rel=1e-14)


@pytest.mark.parametrize(("family", "params"), SMOOTH, ids=named)
def test_mean_as_written(family: str, params: Any) -> None:
    """A written mean is the distribution's own; `test_against_scipy` does so for the spread."""
    made = make(family, params)
    written = dict(zip(made.form, made.values, strict=True))
    assert made.mean == pytest.approx(written.get("mean", made.mean), rel=1e-13)


@pytest.mark.parametrize(("family", "params", "peer"), PEERS, ids=named)
def test_against_scipy(family: str, params: Any, peer: Callable[[], Any]) -> None:
    """scipy.stats agrees: quantiles to 1e-11 of the spread, chances to 1e-12, mean to 1e-12."""
    made, other = make(family, params), peer()
    spread = float(other.std())
    np.testing.assert_allclose(made.ppf(GRID), other.ppf(GRID), rtol=1e-11, atol=1e-11 * spread)
    x = np.linspace(other.mean() - 4 * spread, other.mean() + 4 * spread, 801)
    np.testing.assert_allclose(made.cdf(x), other.cdf(x), rtol=0, atol=1e-12)
    assert made.mean == pytest.approx(float(other.mean()), rel=1e-12)
    assert made.support == pytest.approx(tuple(map(float, other.support())), rel=1e-15)


@pytest.mark.parametrize(("family", "params"), MORE[:3], ids=named)
def test_logitnormal_against_normal(family: str, params: dict[str, float]) -> None:
    """There is no logitnormal in scipy: its log odds are held against scipy's normal."""
    made = make(family, params)
    x1, x2 = params.values()
    z1, z2 = (float(stats.norm.ppf(float(name[1:]) / 100)) for name in params)
    sd = (special.logit(x2) - special.logit(x1)) / (z2 - z1)
    odds = stats.norm(special.logit(x1) - sd * z1, sd)
    x = made.ppf(GRID)
    np.testing.assert_allclose(special.logit(x), odds.ppf(GRID), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(made.cdf(x), odds.cdf(special.logit(x)), rtol=0, atol=1e-12)


@pytest.mark.parametrize("spread", [0.01, 0.3, 1.0, 4.0, 20.0, 300.0])
def test_logitnormal_mean_at_any_spread(spread: float) -> None:
    """Mean of expit(m + s Z) = P(L < m + s Z) with a logistic L, integrated over L instead of Z."""
    middle = -1.3
    # Far out, shares near 1 lose the digits that tell them apart: take percentiles near the middle.
    rank = 10.0 if spread < 5.0 else 49.0
    z = float(special.ndtri(rank / 100))
    low, high = special.expit([middle + spread * z, middle - spread * z])
    params = {f"p{rank:g}": float(low), f"p{100 - rank:g}": float(high)}
    turns = [x for x in (middle - 8 * spread, middle, middle + 8 * spread) if abs(x) < 60]
    other, _ = integrate.quad(
        lambda x: special.ndtr((middle - x) / spread) * special.expit(x) * special.expit(-x),
        *(-60, 60), epsabs=1e-14, points=turns, limit=400,
    )  # fmt: skip
    assert make("logitnormal", params).mean == pytest.approx(other, rel=1e-9)


@pytest.mark.parametrize(("family", "params"), WRITTEN, ids=named)
def test_ends(family: str, params: Any) -> None:
    """The inverse runs from one end of the support to the other; beyond it chances are 0 and 1."""
    made = make(family, params)
    low, high = made.support
    np.testing.assert_array_equal(made.ppf([0.0, 1.0]), [low, high])
    np.testing.assert_array_equal(made.cdf([-np.inf, np.inf]), [0.0, 1.0])
    if math.isfinite(low):
        np.testing.assert_array_equal(made.cdf([low - 1e-6, low - 1e6]), 0.0)
    if math.isfinite(high):
        np.testing.assert_array_equal(made.cdf([high, high + 1e-6, high + 1e6]), 1.0)
    assert low <= made.mean <= high
    assert made.is_fixed == (low == high) == ((family, params) in [*STEPPED[:1], *STEPPED[-3:]])


@pytest.mark.parametrize(("family", "params"), WRITTEN, ids=named)
def test_shapes(family: str, params: Any) -> None:
    """Any shape goes in and comes out, also a plain number and nothing at all."""
    made = make(family, params)
    for shape in [(), (0,), (3,), (2, 3), (2, 1, 4)]:
        assert made.ppf(np.full(shape, 0.5)).shape == shape
        assert made.cdf(np.full(shape, 0.5)).shape == shape
    assert made.ppf(0.5).dtype == made.cdf(1).dtype == np.float64


@pytest.mark.parametrize("u", [-0.1, 1.1, math.nan, [0.5, math.nan]])
def test_not_a_uniform(u: Any) -> None:
    """Not a number never passes through silently."""
    with pytest.raises(ValueError, match="a uniform must be between 0 and 1"):
        make("uniform", [0, 1]).ppf(u)


def test_no_chance_of_nan() -> None:
    """The same for distribution functions."""
    with pytest.raises(ValueError, match="not a number"):
        make("discrete", [(1, 1)]).cdf([1, math.nan])


# --- any parameters -------------------------------------------------------------------------------

AMOUNT = st.floats(-1e6, 1e6).map(lambda x: round(x, 3))
ABOVE_0 = st.floats(-3, 6).map(lambda power: 10**power)
SHAPE = st.floats(-2, 3).map(lambda power: 10**power)
SHARE = st.floats(0.001, 0.999)


ANY_PARAMS = st.one_of(
    st.tuples(st.just("fixed"), st.lists(AMOUNT, min_size=1, max_size=1)),
    st.tuples(st.just("uniform"), st.lists(AMOUNT, min_size=2, max_size=2).map(sorted)),
    st.tuples(
        st.sampled_from(["triangular", "pert"]),
        st.lists(AMOUNT, min_size=3, max_size=3).map(sorted),
    ),
    st.tuples(st.just("normal"), st.fixed_dictionaries({"mean": AMOUNT, "sd": ABOVE_0})),
    st.tuples(
        st.sampled_from(["lognormal", "gamma"]),
        st.tuples(ABOVE_0, st.floats(0.01, 10)).map(lambda t: {"mean": t[0], "sd": t[0] * t[1]}),
    ),
    st.tuples(st.just("beta"), st.fixed_dictionaries({"a": SHAPE, "b": SHAPE})),
    st.tuples(
        st.just("beta"),
        st.tuples(SHARE, st.floats(0.01, 0.99)).map(
            lambda t: {"mean": t[0], "sd": t[1] * math.sqrt(t[0] * (1 - t[0]))}
        ),
    ),
    st.tuples(st.just("gamma"), st.fixed_dictionaries({"shape": SHAPE, "scale": ABOVE_0})),
    st.tuples(st.just("exponential"), st.fixed_dictionaries({"mean": ABOVE_0})),
    st.tuples(
        st.just("weibull"),
        st.fixed_dictionaries({"shape": st.floats(0.1, 100), "scale": ABOVE_0}),
    ),
    st.tuples(st.just("empirical"), st.lists(AMOUNT, min_size=1, max_size=20)),
    st.tuples(
        st.just("discrete"),
        st.lists(AMOUNT, min_size=1, max_size=20, unique=True).map(
            lambda values: [(value, 1 / len(values)) for value in values]
        ),
    ),
)
RANKS = st.lists(st.integers(1, 99), min_size=2, max_size=2, unique=True).map(sorted)


@UNTIMED
@given(ANY_PARAMS, st.lists(st.integers(0, 10_000), min_size=2, max_size=50))
def test_ppf_never_falls(written: tuple[str, Any], ranks: list[int]) -> None:
    """More luck is never less; every draw lies within the support."""
    made = make(*written)
    low, high = made.support
    drawn = made.ppf(np.sort(ranks) / 10_000)
    assert np.all(drawn[:-1] <= drawn[1:])
    assert np.all((low <= drawn) & (drawn <= high))


@UNTIMED
@given(ANY_PARAMS, st.lists(st.floats(-1e7, 1e7), min_size=2, max_size=50))
def test_cdf_never_falls(written: tuple[str, Any], x: list[float]) -> None:
    """Chances rise with x, within what float64 can tell (4 units in the last place)."""
    chances = make(*written).cdf(np.sort(x))
    assert np.all(chances[:-1] <= chances[1:] + 4 * np.finfo(float).eps)
    assert np.all((chances >= 0.0) & (chances <= 1.0))


@UNTIMED
@given(ANY_PARAMS)
def test_written_and_read_back(written: tuple[str, Any]) -> None:
    """Form and values say it all: read back, pickled or hashed, a distribution stays what it is."""
    made = make(*written)
    family = DISTRIBUTIONS[made.family]
    params: Any = dict(zip(made.form, made.values, strict=True))
    if family.repeated:
        step = len(next(iter(family.forms)))
        rows = [made.values[k : k + step] for k in range(0, len(made.values), step)]
        params = rows if step > 1 else list(made.values)
    again = make(made.family, params)
    assert again == made
    assert hash(again) == hash(made)
    assert pickle.loads(pickle.dumps(made)) == made


# --- percentiles ----------------------------------------------------------------------------------


@UNTIMED
@given(RANKS, st.lists(st.floats(-1, 4), min_size=2, max_size=2), st.sampled_from(
    ["normal", "lognormal", "gamma", "weibull"]))  # fmt: skip
def test_fits_hit_their_percentiles(ranks: list[int], powers: list[float], family: str) -> None:
    """Any two percentiles at least 5 per cent apart come out as they went in, or are refused."""
    x1, x2 = 10 ** min(powers), 10 ** max(powers) * 1.05
    try:
        made = make(family, {f"p{ranks[0]}": x1, f"p{ranks[1]}": x2})
    except ValueError as refused:
        # Nothing but a spread of more than a thousandfold for each 25 points may be beyond reach.
        assert "too far apart or too close" in str(refused)
        assert math.log(x2 / x1) / (ranks[1] - ranks[0]) > math.log(1000) / 25
        return
    assert made.form == (f"p{ranks[0]}", f"p{ranks[1]}")
    np.testing.assert_allclose(made.cdf([x1, x2]), np.array(ranks) / 100, rtol=0, atol=1e-9)
    np.testing.assert_allclose(made.ppf(np.array(ranks) / 100), [x1, x2], rtol=1e-8)


@UNTIMED
@given(RANKS, st.lists(SHARE, min_size=2, max_size=2), st.sampled_from(["beta", "logitnormal"]))
def test_share_fits_hit_their_percentiles(
    ranks: list[int], shares: list[float], family: str
) -> None:
    """The same between 0 and 1, where any two are within reach that are not all but equal."""
    x1, x2 = min(shares) * 0.99, max(shares)
    made = make(family, {f"p{ranks[1]}": x2, f"p{ranks[0]}": x1})
    assert made.form == (f"p{ranks[0]}", f"p{ranks[1]}")
    np.testing.assert_allclose(made.cdf([x1, x2]), np.array(ranks) / 100, rtol=0, atol=1e-9)


def test_fit_by_closed_form() -> None:
    """Search results against what is known: Gamma(1) is exponential, Beta(1, b) and Beta(a, 1)."""
    ten, ninety = -math.log(0.9), -math.log(0.1)
    gamma = make("gamma", {"p10": 5 * ten, "p90": 5 * ninety})
    np.testing.assert_allclose(gamma.ppf(GRID), -5 * np.log1p(-GRID), rtol=1e-9)
    power = make("beta", {"p20": 0.2 ** (1 / 3), "p70": 0.7 ** (1 / 3)})
    np.testing.assert_allclose(power.ppf(GRID), GRID ** (1 / 3), rtol=1e-9)
    other = make("beta", {"p20": 1 - 0.8 ** (1 / 3), "p70": 1 - 0.3 ** (1 / 3)})
    np.testing.assert_allclose(other.ppf(GRID), 1 - (1 - GRID) ** (1 / 3), rtol=1e-8)


@pytest.mark.parametrize(
    ("low", "high", "family"),
    [
        (0.0, 1.0, "logitnormal"),
        (0.1, 0.9, "logitnormal"),
        (0.0, None, "lognormal"),
        (0, 120, "lognormal"),
        (1e-9, None, "lognormal"),
        (None, None, "normal"),
        (-1.0, 1.0, "normal"),
        (None, 1.0, "normal"),
        (-5.0, None, "normal"),
    ],
)
def test_family_from_range(low: float | None, high: float | None, family: str) -> None:
    """A share becomes logitnormal, what cannot be negative lognormal, the rest normal."""
    made = from_percentiles({90: 0.6, 10.0: 0.2}, low, high)
    assert made == make(family, {"p10": 0.2, "p90": 0.6})
    assert from_percentiles({2.5: 0.1, 97.5: 0.2}, low, high).form == ("p2.5", "p97.5")


@pytest.mark.parametrize(
    ("name", "rank"),
    [("p10", 10.0), ("p2.5", 2.5), ("p05", 5.0), ("p0", None), ("p100", None), ("p", None),
     ("P10", None), ("p-5", None), ("p1e1", None), ("10", None), ("pip", None), ("p٣", None)],
)  # fmt: skip
def test_percentile_names(name: str, rank: float | None) -> None:
    """Only ``p`` and a number above 0 and below 100."""
    assert percentile_rank(name) == rank


# --- refusals -------------------------------------------------------------------------------------

ORDER3 = "write them in the order low, mode, high"
CERTAIN = "for a number that is certain, write the plain number"
IN_SHARE = "must be above 0 and below 1 (35 % is 0.35)"
NORMAL = "{mean, sd} or two percentiles such as {p10, p90}"
FAR = ": too far apart or too close"

REFUSED: list[tuple[str, Any, str]] = [
    # what is written at all
    ("trianglar", [1, 2, 3], "no distribution is called 'trianglar'; did you mean triangular; "),
    ("zzz", [1], "no distribution is called 'zzz'; known: fixed, uniform, triangular, pert, "),
    ("uniform", [1], "uniform takes [low, high], not [1]"),
    ("triangular", [1, 2], "triangular takes [low, mode, high], not [1, 2]"),
    ("triangular", {"low": 1, "high": 2}, "triangular cannot be given by low, high; it takes ["),
    ("triangular", {"min": 1, "high": 2}, "triangular has no parameter min; it takes [low, mode,"),
    ("pert", "1,2,3", "pert takes [low, mode, high]; it is '1,2,3'"),
    ("pert", 5, "pert takes [low, mode, high]; it is 5"),
    ("fixed", [], "fixed takes [value], not []"),
    ("normal", [5, 1], f"normal takes {NORMAL}, not [5, 1]"),
    ("normal", {"mean": 5}, f"normal cannot be given by mean; it takes {NORMAL}"),
    ("normal", {}, f"normal cannot be given by nothing; it takes {NORMAL}"),
    ("normal", {"mean": 5, "var": 1}, f"normal has no parameter var; it takes {NORMAL}"),
    ("normal", {"mean": 5, "p90": 9}, f"normal cannot be given by mean, p90; it takes {NORMAL}"),
    ("normal", {"p5": 1, "p50": 2, "p95": 4}, "normal cannot be given by p5, p50, p95; it takes"),
    ("normal", {"p0": 1, "p90": 2}, "normal has no parameter p0; it takes"),
    ("normal", {"p10": 1, "p100": 2}, "normal has no parameter p100; it takes"),
    ("exponential", {"p10": 1, "p90": 2}, "exponential has no parameter p10, p90; it takes {mean}"),
    ("gamma", {"mean": 1, "shape": 2}, "gamma cannot be given by mean, shape; it takes {mean, sd} "
     "or {shape, scale} or two percentiles such as {p10, p90}"),
    ("logitnormal", {"mean": 0.5, "sd": 0.1}, "logitnormal has no parameter mean, sd; it takes two "
     "percentiles such as {p10, p90}"),
    ("logitnormal", [0.1, 0.2], "logitnormal takes two percentiles such as {p10, p90}, not ["),
    ("discrete", [], "discrete takes a list of [value, chance] pairs, not []"),
    ("discrete", [1, 2], "discrete takes a list of [value, chance] pairs, not 1"),
    ("discrete", [(1, 0.5), (2,)], "discrete takes a list of [value, chance] pairs, not (2,)"),
    ("discrete", {"value": 1, "chance": 1}, "discrete cannot be given by value, chance; it takes a "
     "list of [value, chance] pairs"),
    ("empirical", [], "empirical takes a list of values, not []"),
    ("empirical", {"p10": 1, "p90": 2}, "empirical cannot be given by p10, p90; it takes a "),
    # numbers
    ("normal", {"mean": "5", "sd": 1}, "mean is '5', which is not a number"),
    ("normal", {"mean": True, "sd": 1}, "mean is True, which is not a number"),
    ("normal", {"mean": None, "sd": 1}, "mean is None, which is not a number"),
    ("uniform", [1, math.nan], "high must be a number of ordinary size; it is nan"),
    ("uniform", [-math.inf, 1], "low must be a number of ordinary size; it is -inf"),
    ("fixed", [10**400], "value must be a number of ordinary size; it is inf"),
    ("discrete", [(1, math.nan)], "chance must be a number of ordinary size; it is nan"),
    ("empirical", [1, [2]], "value is [2], which is not a number"),
    # order
    ("uniform", [5, 3], "low 5 is above high 3; write them in the order low, high"),
    ("triangular", [5, 4, 3], f"low 5 is above high 3; {ORDER3}"),
    ("triangular", [1, 12, 10], f"mode 12 is above high 10; {ORDER3}"),
    ("triangular", [1.5, 0, 10], f"low 1.5 is above mode 0; {ORDER3}"),
    ("pert", [1, 12, 10], f"mode 12 is above high 10; {ORDER3}"),
    ("pert", [1, 1.5, 1], f"mode 1.5 is above high 1; {ORDER3}"),
    ("normal", {"p5": 9, "p50": 7}, "p5 9 is above p50 7; write them in the order p5, p50"),
    ("normal", {"p50": 7, "p5": 9}, "p5 9 is above p50 7; write them in the order p5, p50"),
    ("gamma", {"p10": 60, "p90": 20}, "p10 60 is above p90 20; write them in the order p10, p90"),
    ("beta", {"p10": 0.6, "p90": 0.2}, "p10 0.6 is above p90 0.2; write them in the order p10, p9"),
    ("lognormal", {"p10": 20, "p90": 20}, f"p10 and p90 are both 20; {CERTAIN}"),
    ("normal", {"p10": 1, "p10.0": 2}, "p10 and p10.0 are the same percentile"),
    # ranges
    ("normal", {"mean": 5, "sd": 0}, f"sd 0 must be above 0; {CERTAIN}"),
    ("lognormal", {"mean": 5, "sd": -1}, f"sd -1 must be above 0; {CERTAIN}"),
    ("gamma", {"mean": 5, "sd": 0}, f"sd 0 must be above 0; {CERTAIN}"),
    ("beta", {"mean": 0.5, "sd": 0}, f"sd 0 must be above 0; {CERTAIN}"),
    ("lognormal", {"mean": 0, "sd": 1}, "mean 0 must be above 0"),
    ("lognormal", {"p10": -1, "p90": 1}, "p10 -1 must be above 0"),
    ("gamma", {"mean": -2, "sd": 1}, "mean -2 must be above 0"),
    ("gamma", {"shape": 0, "scale": 1}, "shape 0 must be above 0"),
    ("gamma", {"shape": 1, "scale": -1}, "scale -1 must be above 0"),
    ("weibull", {"shape": -1, "scale": 1}, "shape -1 must be above 0"),
    ("weibull", {"mean": 0, "shape": 1}, "mean 0 must be above 0"),
    ("weibull", {"p10": 0, "p90": 1}, "p10 0 must be above 0"),
    ("exponential", {"mean": 0}, "mean 0 must be above 0"),
    ("beta", {"a": 0, "b": 1}, "a 0 must be above 0"),
    ("beta", {"a": 1, "b": -1}, "b -1 must be above 0"),
    ("beta", {"mean": 35, "sd": 5}, f"mean 35 {IN_SHARE}"),
    ("beta", {"p10": 0, "p90": 0.5}, f"p10 0 {IN_SHARE}"),
    ("logitnormal", {"p10": 20, "p90": 60}, f"p10 20 {IN_SHARE}"),
    ("logitnormal", {"p10": 0.2, "p90": 1}, f"p90 1 {IN_SHARE}"),
    ("beta", {"mean": 0.3, "sd": 0.6}, "sd 0.6 is too large for mean 0.3: between 0 and 1 it must "
     "be below 0.4583"),
    ("beta", {"mean": 0.5, "sd": 0.5}, "sd 0.5 is too large for mean 0.5: between 0 and 1 it must "
     "be below 0.5"),
    # chances
    ("discrete", [(1, 0.5), (2, 0.4)], "the chances add up to 0.9, not 1"),
    ("discrete", [(1, 30), (2, 70)], "the chances add up to 100, not 1"),
    ("discrete", [(1, 0.5), (2, 0.5 + 2e-9)], "the chances add up to 1.000000002, not 1"),
    ("discrete", [(1, 1.5), (2, -0.5)], "chance -0.5 of value 2 is below 0"),
    ("discrete", [(1, 0.5), (1.0, 0.5)], "value 1 is written twice; write it once, chances added"),
    # what float64 cannot hold
    ("gamma", {"p10": 1, "p90": 1 + 1e-8}, "no gamma that can be computed has p10 1, p90 1.000000"),
    ("gamma", {"p10": 1e-300, "p90": 1e300}, f"has p10 1e-300, p90 1e+300{FAR}"),
    ("beta", {"p10": 0.5, "p90": 0.5 + 1e-8}, "no beta that can be computed has p10 0.5, p90 0.5"),
    ("lognormal", {"p10": 1e-300, "p90": 1e300}, FAR),
    ("lognormal", {"mean": 1, "sd": 1e200}, FAR),
    ("lognormal", {"mean": 1, "sd": 1e-200}, FAR),
    ("beta", {"mean": 0.5, "sd": 1e-200}, FAR),
    ("gamma", {"mean": 1e200, "sd": 1e-200}, FAR),
    ("gamma", {"mean": 1e-200, "sd": 1e200}, FAR),
    ("weibull", {"mean": 1, "shape": 1e-3}, FAR),
    ("weibull", {"p10": 1, "p11": 1e300}, FAR),
    ("weibull", {"p10": 1e300, "p90": math.nextafter(1e300, math.inf)}, f"both 1e+300; {CERTAIN}"),
    ("logitnormal", {"p50": 1e-9, "p50.1": 0.999999}, FAR),
    ("normal", {"p10": -5, "p90": -5 + 4e-9}, f"p10 and p90 are both -5; {CERTAIN}"),
    ("uniform", [-1.7e308, 1.7e308], FAR),
]  # fmt: skip


@pytest.mark.parametrize(("family", "params", "words"), REFUSED, ids=named)
def test_refused_in_words(family: str, params: Any, words: str) -> None:
    """The sentence says what stands there and what may stand there."""
    with pytest.raises(ValueError, match=re.escape(words)):
        make(family, params)


@pytest.mark.parametrize(
    ("percentiles", "words"),
    [
        ({10: 1.0}, "logitnormal cannot be given by p10; it takes two percentiles"),
        ({10: 0.1, 50: 0.2, 90: 0.3}, "cannot be given by p10, p50, p90"),
        ({0: 0.1, 90: 0.3}, "logitnormal has no parameter p0"),
        ({-5: 0.1, 90: 0.3}, "logitnormal has no parameter p-5"),
        ({math.nan: 0.1, 90: 0.3}, "a percentile must be a number of ordinary size"),
        ({"p10": 0.1, 90: 0.3}, "a percentile is 'p10', which is not a number"),
        ({10: 20.0, 90: 60.0}, f"p10 20 {IN_SHARE}"),
    ],
    ids=named,
)
def test_percentiles_refused_in_words(percentiles: Any, words: str) -> None:
    """The same for percentiles alone, at a share."""
    with pytest.raises(ValueError, match=re.escape(words)):
        from_percentiles(percentiles, 0.0, 1.0)


@pytest.mark.parametrize(
    ("family", "form", "values"),
    [
        ("normal", ("mean",), (1.0,)),
        ("normal", ("mean", "sd"), (1.0,)),
        ("normal", ("sd", "mean"), (1.0, 1.0)),
        ("normal", ("mean", "sd"), (1.0, -1.0)),
        ("normal", ("mean", "sd"), (math.nan, 1.0)),
        ("logitnormal", (), ()),
        ("empirical", (), ()),
        ("discrete", ("value", "chance", "value"), (1.0, 0.5, 2.0)),
        ("fixed", ("value", "value"), (1.0, 2.0)),
        ("nothing", ("value",), (1.0,)),
    ],
    ids=named,
)
def test_no_invalid_distribution_exists(family: str, form: Any, values: Any) -> None:
    """Made directly, without `make`, it is held to the same rules."""
    with pytest.raises(ValueError, match=r".{20}"):
        Distribution(family, form, values)


def test_a_name_for_each_number() -> None:
    """A list form may also be written by names, in any order."""
    assert make("pert", {"high": 5, "low": 1, "mode": 2}) == make("pert", [1, 2, 5])
    assert make("normal", {"sd": 1, "mean": 2}).form == ("mean", "sd")
    assert make("normal", {"p90": 1, "p9.5": 0}).form == ("p9.5", "p90")
    assert fixed(3) == make("fixed", [3]) == make("fixed", {"value": 3.0})


def test_units() -> None:
    """Which parameters are in the unit of the number, for reading them."""
    pure = {
        name: {p for form in family.forms for p in form if not family.carries_unit(p)}
        for name, family in DISTRIBUTIONS.items()
    }
    assert {name: names for name, names in pure.items() if names} == {
        "beta": {"a", "b"},
        "gamma": {"shape"},
        "weibull": {"shape"},
        "loglogistic": {"shape"},
        "hazard": {"share", "per"},
        "kaplan_meier": {"survival"},
        "discrete": {"chance"},
    }
    assert all(family.carries_unit("p10") for family in DISTRIBUTIONS.values())


# --- waiting times --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (fixed(0), [1, 1, 1, 1, 1]),
        (fixed(2), [0, 0, 1, 1, 1]),
        (fixed(2.49), [0, 0, 1, 1, 1]),
        (fixed(2.5), [0, 0, 0, 1, 1]),
        (fixed(0.5), [0, 1, 1, 1, 1]),
        (fixed(math.nextafter(0.5, 0)), [1, 1, 1, 1, 1]),
        (fixed(-3), [1, 1, 1, 1, 1]),
        (fixed(4.5), [0, 0, 0, 0, 0]),
        (make("uniform", [2.5, 2.5]), [0, 0, 0, 1, 1]),
        (make("discrete", [(0, 0.25), (2, 0.25), (2.5, 0.25), (90, 0.25)]),
         [0.25, 0.25, 0.5, 0.75, 0.75]),
        (make("empirical", [1, 1, 3, 70]), [0, 0.5, 0.5, 0.75, 0.75]),
        (make("uniform", [0, 4]), [1 / 8, 3 / 8, 5 / 8, 7 / 8, 1]),
        (make("uniform", [0.5, 4.5]), [0, 0.25, 0.5, 0.75, 1]),
    ],
    ids=named,
)  # fmt: skip
def test_day_table_by_hand(made: Distribution, expected: list[float]) -> None:
    """Whole days, halves upwards, exact."""
    table = day_table(made, 5)
    assert table.dtype == np.float64
    np.testing.assert_array_equal(table, expected)


@lru_cache(maxsize=1)
def even_uniforms() -> Floats:
    """The middles of 100,000 equal parts."""
    return (np.arange(100_000) + 0.5) / 100_000


@pytest.mark.parametrize(
    ("family", "params"),
    [
        ("exponential", {"mean": 45}),
        ("lognormal", {"p10": 20, "p90": 80}),
        ("gamma", {"mean": 30, "sd": 25}),
        ("weibull", {"shape": 0.8, "scale": 40}),
        ("normal", {"mean": 20, "sd": 15}),
        ("pert", [0, 30, 200]),
        ("triangular", [5, 5.5, 60]),
        ("discrete", [(3, 0.2), (14.5, 0.3), (30, 0.5)]),
        ("empirical", [3.2, 3.7, 9.5, 40, 40, 1000]),
    ],
    ids=named,
)
def test_day_table_by_counting(family: str, params: Any) -> None:
    """Even uniforms through the inverse, rounded and counted, give the table to one part."""
    made = make(family, params)
    waits = np.floor(made.ppf(even_uniforms()) + 0.5)
    counted = [float(np.mean(waits <= day)) for day in range(120)]
    np.testing.assert_allclose(day_table(made, 120), counted, rtol=0, atol=1.001e-5)


@pytest.mark.parametrize(("family", "params"), WRITTEN, ids=named)
def test_day_table_is_searchable(family: str, params: Any) -> None:
    """Never falls, never above 1; a shorter table is the beginning of a longer one."""
    table = day_table(make(family, params), 3_000)
    assert np.all(table[:-1] <= table[1:])
    assert np.all((table >= 0.0) & (table <= 1.0))
    np.testing.assert_array_equal(day_table(make(family, params), 10), table[:10])


def test_day_table_needs_a_day() -> None:
    """A table of no days is a mistake of the caller; one of a single day is not."""
    np.testing.assert_array_equal(day_table(fixed(0), 1), [1.0])
    with pytest.raises(ValueError, match="needs at least 1 day; it has 0"):
        day_table(fixed(1), 0)


def test_wait_days_by_hand() -> None:
    """The smallest day with the uniform below its cumulative chance; beyond the table never."""
    table = np.array([0.0, 0.25, 0.25, 0.5])
    waits = wait_days(table, [0.0, 0.2499, 0.25, 0.4999, 0.5, 0.9])
    np.testing.assert_array_equal(waits, [1, 1, 3, 3, -1, -1])
    assert waits.dtype == np.int64
    assert wait_days(table, np.full((2, 3), 0.3)).shape == (2, 3)
    assert wait_days(np.array([1.0]), np.nextafter(1.0, 0.0)) == 0


def walk(cumulative: Floats, guide: NDArray[np.int32], u: float) -> int:
    """Look-up as a compiled engine does it: start at the guide, then step by step."""
    day = int(guide[int(u * len(guide))])
    while day < len(cumulative) and u >= cumulative[day]:
        day += 1
    return day if day < len(cumulative) else -1


CHANCES = st.lists(
    st.one_of(st.integers(0, 4096).map(lambda k: k / 4096), st.floats(0, 1)),
    min_size=1,
    max_size=60,
).map(lambda chances: np.sort(np.array(chances)))
UNIFORM = st.one_of(
    st.integers(0, 2**53 - 1).map(lambda k: k * 2.0**-53),
    st.integers(0, 4095).map(lambda k: k / 4096),
)


@UNTIMED
@given(CHANCES, st.lists(UNIFORM, min_size=1, max_size=40), st.sampled_from([1, 2, 64, 1024, 4096]))
def test_guide_ends_where_the_search_ends(
    cumulative: Floats, uniforms: list[float], size: int
) -> None:
    """For any table, at any uniform, also one that equals an entry or a border of the guide."""
    guide = guide_table(cumulative, size)
    near = [float(np.nextafter(x, -1)) for x in cumulative if x > 0]
    exact = [float(x) for x in cumulative if x < 1]
    for u in uniforms + near + exact:
        assert walk(cumulative, guide, u) == int(wait_days(cumulative, u))


@UNTIMED
@given(CHANCES, st.sampled_from([1, 8, 1024]))
def test_guide_by_definition(cumulative: Floats, size: int) -> None:
    """For each k the smallest d with k / size below the cumulative chance, counted out."""
    guide = guide_table(cumulative, size)
    assert guide.dtype == np.int32
    assert guide.shape == (size,)
    expected = [sum(1 for chance in cumulative if k / size >= chance) for k in range(size)]
    assert guide.tolist() == expected


@pytest.mark.parametrize("size", [0, -2, 1000, 3])
def test_guide_size(size: int) -> None:
    """Only powers of two, for which u times size is exact."""
    with pytest.raises(ValueError, match=f"must be a power of two; it is {size}"):
        guide_table(np.array([0.5, 1.0]), size)


def test_starts_without_libraries() -> None:
    """Checking a scenario needs no numpy for any family, and scipy only for two searches."""
    code = (
        "import sys\nfrom sibsim.distributions import *\n"
        "made = [make('pert', [1, 2, 5]), make('beta', {'mean': 0.3, 'sd': 0.1}), fixed(1),"
        " make('discrete', [(1, 0.5), (2, 0.5)]), make('weibull', {'p10': 1, 'p90': 5}),"
        " from_percentiles({10: 0.2, 90: 0.5}, 0, 1), from_percentiles({10: 2, 90: 5}, 0, None)]\n"
        "assert all(d.mean and d.support for d in made)\n"
        "sys.exit(', '.join({'numpy', 'scipy', 'numba'} & set(sys.modules)) or 0)"
    )
    root = Path(__file__).resolve().parents[1]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
