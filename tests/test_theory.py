"""The engine against theory: the formula and its source stand in each test.

Every statistical check has a stated error rate and says how small a fault it would see.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats
from statistical import assert_distribution, assert_mean, assert_share

import sibsim
from sibsim.people.events import Block
from sibsim.people.maker import referral_table
from sibsim.scenario.deal import Scenario
from sibsim.simulation import simulate

N = 40
TRIALS = 4_000


def deal(**changes: Any) -> Scenario:
    """Forty people referred on the first day, one outcome, and changes by address."""
    base = sibsim.load(
        {
            "sibsim": 1, "title": "Theory", "programme": {"start": "2027-04", "months": 60},
            "people": {"all": {"referrals": N, "over": "1 day"}},
            "outcomes": {"o": {"chance": "45%", "without": "20%", "after": "10 days"}},
            "contract": {"pay_o": {"pay": "per_outcome", "for": "o", "price": "£1,000"}},
        }
    )  # fmt: skip
    return base.replace({key.replace("__", "."): value for key, value in changes.items()})


def blocks(subject: Scenario, trials: int = TRIALS) -> list[Block]:
    """The people of a deal."""
    outcomes = simulate(subject, trials=trials, seed=20_270_401)
    return [outcomes.block(luck) for luck in outcomes.lucks()]


def days(subject: Scenario, trials: int = TRIALS) -> np.ndarray:
    """Days on which the outcome was reached, counted from the start."""
    found = []
    for block in blocks(subject, trials):
        rows = block.reached
        found.append(rows.day - block.people[0].start[rows.trial, rows.person])
    return np.concatenate(found)


def test_numbers_reached_are_binomial() -> None:
    # X ~ Binomial(n, p): the whole distribution, within the DKW bound.
    tables = sibsim.run(deal(), trials=20_000, seed=3).tables
    for column, p in ((tables.reached, 0.45), (tables.otherwise, 0.20)):
        cdf = stats.binom.cdf(np.arange(N + 1), N, p)
        assert_distribution(column[:, 0], cdf, detect=0.05)


def test_expected_payment_is_n_times_p_times_price() -> None:
    paid = sibsim.run(deal(), trials=TRIALS, seed=1).frame()["payments.total"]
    assert_mean(paid, N * 0.45 * 1_000, detect=500)


def test_the_chance_of_more_than_k_claims_is_a_binomial_tail() -> None:
    capped = deal().replace({"contract.caps.contract": "£20,000"})
    result = sibsim.run(capped, trials=20_000, seed=2)
    cut = int((result.tables.cut["contract"] > 0).sum())
    assert_share(cut, 20_000, float(stats.binom.sf(20, N, 0.45)), detect=0.025)
    # E[min(X, 20)] x price
    x = np.arange(N + 1)
    expected = float((np.minimum(x, 20) * stats.binom.pmf(x, N, 0.45)).sum()) * 1_000
    assert_mean(result.frame()["payments.total"], expected, detect=200)


def test_an_uncertain_chance_gives_a_beta_binomial() -> None:
    # p ~ Beta(a, b), one draw a trial: X is beta-binomial, wider than any binomial.
    a, b = 9.0, 11.0
    subject = deal(outcomes__o__chance={"beta": {"a": a, "b": b}})
    reached = sibsim.run(subject, trials=20_000, seed=5).tables.reached[:, 0]
    assert_distribution(reached, stats.betabinom.cdf(np.arange(N + 1), N, a, b), detect=0.05)


def test_waiting_times_follow_their_distribution() -> None:
    # Days are the continuous wait rounded to whole days.
    waits = {
        "exponential": ({"exponential": {"mean": "90 days"}}, stats.expon(scale=90)),
        "weibull": ({"weibull": {"shape": 1.5, "scale": "120 days"}},
                    stats.weibull_min(1.5, scale=120)),
        "gamma": ({"gamma": {"shape": 3, "scale": "30 days"}}, stats.gamma(3, scale=30)),
    }  # fmt: skip
    for written, theory in waits.values():
        subject = deal(outcomes__o__after=written, outcomes__o__chance="100%")
        found = days(subject, 1_000)
        cdf = theory.cdf(np.arange(400) + 0.5)
        assert_distribution(found, cdf, detect=0.03)


def test_a_ladder_multiplies_its_chances() -> None:
    data = {
        "sibsim": 1, "title": "Ladder", "programme": {"start": "2027-04", "months": 60},
        "people": {"all": {"referrals": N, "over": "1 day"}},
        "outcomes": {
            "a": {"chance": "80%", "without": "50%", "after": "10 days"},
            "b": {"chance": "50%", "without": "20%", "after": "10 days", "follows": "a"},
            "c": {"chance": "30%", "without": "10%", "sustained": "26 weeks", "follows": "b"},
        },
        "contract": {"c": {"pay": "per_outcome", "for": "c", "price": "£1"}},
    }  # fmt: skip
    tables = sibsim.run(sibsim.load(data), trials=20_000, seed=8).tables
    n = 20_000 * N
    assert_share(int(tables.reached[:, 2].sum()), n, 0.8 * 0.5 * 0.3, detect=0.005)
    assert_share(int(tables.otherwise[:, 2].sum()), n, 0.5 * 0.2 * 0.1, detect=0.005)


def test_leaving_is_geometric_and_competes_with_the_outcome() -> None:
    # Leaving on day d or before: 1 - (1 - r)^(d/30.4375); an outcome on day 61 is served if the
    # person is still there or leaves that very day: P(leave > 60).
    subject = deal(
        people__all__leave="10% a month", outcomes__o__after="61 days",
        outcomes__o__chance="100%", outcomes__o__without="0%",
    )  # fmt: skip
    reached = sibsim.run(subject, trials=TRIALS, seed=6).tables.reached[:, 0]
    still_there = 0.9 ** (60 / 30.4375)
    assert_share(int(reached.sum()), TRIALS * N, still_there, detect=0.02)


def test_repeats_are_a_truncated_geometric_series() -> None:
    # 1 + q + q^2 + q^3 claims a person with at most 4 in all.
    subject = deal(outcomes__o__chance="100%")
    data = {"outcomes.o.repeat": {"chance": "60%", "every": "30 days", "most": 4},
            "contract.pay_o.claims_per_person": "unlimited"}  # fmt: skip
    claims = sibsim.run(subject.replace(data), trials=TRIALS, seed=7).tables.claims[:, 0]
    assert_mean(claims / N, 1 + 0.6 + 0.36 + 0.216, detect=0.03)


def test_engagement_thins_referrals() -> None:
    subject = deal(people__all__engage="70%")
    started = sibsim.run(subject, trials=20_000, seed=9).tables.people["started"]
    assert_distribution(started, stats.binom.cdf(np.arange(N + 1), N, 0.7), detect=0.05)


def test_referrals_ramp_up_in_a_straight_line() -> None:
    # Half-way through a ramp a quarter of its area is done; the ramp's area is half its length.
    table = referral_table(100, 40)
    area = 100 - 20
    assert table[19] == pytest.approx(20**2 / (2 * 40 * area))
    assert table[39] == pytest.approx(20 / area)
    assert table[99] == 1.0
    assert np.diff(table)[60] == pytest.approx(1 / area)
    subject = deal(people__all__over="100 days", people__all__ramp_up="40 days")
    started = np.concatenate([b.people[0].start.ravel() for b in blocks(subject, 2_000)])
    assert_distribution(started, table, detect=0.03)


def test_everybody_or_nobody_reaches_it() -> None:
    for chance, expected in (("100%", N), ("0%", 0)):
        subject = deal(outcomes__o__chance=chance, outcomes__o__without="0%")
        assert (sibsim.run(subject, trials=20, seed=1).tables.reached == expected).all()


def test_monte_carlo_errors_are_honest() -> None:
    # 400 independent runs of 50 trials: their means spread by the error that each reports.
    result = sibsim.run(deal(), trials=400 * 50, seed=12)
    paid = result.frame()["payments.total"].to_numpy().reshape(400, 50)
    reported = (paid.std(axis=1, ddof=1) ** 2 / 50).mean()
    observed = paid.mean(axis=1).var(ddof=1)
    # (n - 1) s^2 / sigma^2 ~ chi-squared with 399 degrees of freedom
    low, high = (stats.chi2.ppf(q, 399) / 399 for q in (5e-7, 1 - 5e-7))
    assert low <= observed / reported <= high


@pytest.mark.slow
def test_mean_payment_with_four_million_people() -> None:
    paid = sibsim.run(deal(), trials=110_000, seed=21).frame()["payments.total"]
    assert_mean(paid, N * 0.45 * 1_000, detect=70)
