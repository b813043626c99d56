"""Journeys, events and waiting lists against theory: the formula and its source stand in each test.

Time is in whole days here and continuous in the formulas; scales are chosen so that the difference
is far below what each check could see.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats
from statistical import assert_distribution, assert_mean, assert_share
from test_lives import block, deal

from sibsim.people.events import NEVER
from sibsim.scenario.deal import Scenario

WARM_UP = 4_000
"""Days until a waiting list that starts empty has settled."""
DAYS = 18_000


def service(stay: Any, patience: Any = None, places: int = 10, mean: int = 2_000) -> Scenario:
    """About 2,000 people over fifty years, as a Poisson process, and one provider."""
    cohort = {
        "referrals": {"normal": {"mean": mean, "sd": float(np.sqrt(mean))}},
        "over": f"{DAYS} days", "stay": stay, "served_by": "team",
    }  # fmt: skip
    if patience is not None:
        cohort["patience"] = patience
    return deal(
        programme={"start": "2027-04", "months": 592}, people={"all": cohort},
        providers={"team": {"places": places}},
        outcomes={"o": {"chance": "0%", "without": "0%", "after": "1 day"}},
    )  # fmt: skip


def observed(subject: Scenario, trials: int) -> tuple[Any, Any, Any]:
    """Who came after the warm-up, who gave up, and how long the others waited; by trial."""
    table = block(subject, trials=trials, seed=3).people[0]
    assert table.arrived is not None and table.gave_up is not None
    came = (table.arrived >= WARM_UP) & (table.arrived < DAYS - 1_000)
    return came, table.gave_up < NEVER, np.where(came, table.start - table.arrived, 0)


def erlang_b(servers: int, load: float) -> float:
    """Chance of finding all servers busy in M/G/c/c (Erlang, 1917), by its recursion."""
    blocked = 1.0
    for n in range(1, servers + 1):
        blocked = load * blocked / (n + load * blocked)
    return blocked


@pytest.mark.parametrize("stay", [
    {"exponential": {"mean": "90 days"}}, {"lognormal": {"mean": "90 days", "sd": "120 days"}},
    "90 days",
])  # fmt: skip
def test_lost_people_follow_erlang_b_whatever_the_stay(stay: Any) -> None:
    # M/G/c/c is insensitive to the distribution of service (Sevastyanov, 1957); a is the rate of
    # arrivals times the mean stay, 2,000 / 18,000 x 90.
    came, gave_up, _ = observed(service(stay, "0 days"), 120)
    lost = (came & gave_up).sum(axis=1) / came.sum(axis=1)
    assert_mean(lost, erlang_b(10, 10.0), detect=0.02)


def test_waits_follow_erlang_c() -> None:
    # M/M/c: P(wait) = C(c, a) = B / (1 - (a / c) (1 - B)); mean wait C / (c / s - lambda)
    # (Gross et al., Fundamentals of Queueing Theory, 4th ed., 2008, section 2.3).
    came, _, wait = observed(service({"exponential": {"mean": "90 days"}}, places=14), 300)
    b = erlang_b(14, 10.0)
    waits = b / (1 - (10 / 14) * (1 - b))
    # A wait of under half a day is rounded to none: of those who wait, 1 - exp(-(c/s - lambda)/2).
    rate = 14 / 90 - 2_000 / DAYS
    assert_mean((wait > 0).sum(axis=1) / came.sum(axis=1), waits * np.exp(-rate / 2), detect=0.03)
    assert_mean(wait.sum(axis=1) / came.sum(axis=1), waits / rate, detect=1.0)


def test_those_who_give_up_follow_erlang_a() -> None:
    # M/M/c+M (Palm, 1957): p_n from the balance of births and deaths, abandonment at rate
    # (n - c) theta; the share of arrivals that give up is the sum over n of
    # (n - c) theta p_n / lambda.
    servers, stay, patience = 10, 90.0, 60.0
    arrivals = 2_000 / DAYS
    p = [1.0]
    for n in range(1, 200):
        p.append(p[-1] * arrivals / (min(n, servers) / stay + max(0, n - servers) / patience))
    chances = np.array(p) / np.sum(p)
    waiting = np.maximum(np.arange(200) - servers, 0)
    expected = float((waiting * chances).sum() / patience / arrivals)
    subject = service({"exponential": {"mean": "90 days"}}, {"exponential": {"mean": "60 days"}})
    came, gave_up, _ = observed(subject, 120)
    assert_mean((came & gave_up).sum(axis=1) / came.sum(axis=1), expected, detect=0.02)


def story(**sections: Any) -> Scenario:
    """Five hundred people who start on the first day of a contract of ten years."""
    return deal(
        programme={"start": "2027-04", "months": 120},
        people={"all": {"referrals": 500, "over": "1 day"}}, **sections,
    )  # fmt: skip


def test_absorption_through_three_phases_is_an_erlang_distribution() -> None:
    # Three exponential stays one after another, each of mean 200 days: Gamma(3, 200) (Neuts, 1981).
    states = {
        f"s{n}": {"exits": {f"s{n + 1}": {"without": "100%",
                                          "after": {"exponential": {"mean": "200 days"}}}}}
        for n in range(3)
    }  # fmt: skip
    subject = story(
        journeys={"j": {"begins": "s0", "states": {**states, "s3": {}}}},
        outcomes={"end": {"read": "reached", "journey": "j", "state": "s3"}},
    )
    found = block(subject, trials=80)
    theory = stats.gamma(3, scale=200)
    cdf = theory.cdf(np.arange(3_000) + 0.5)  # three roundings, of mean nil
    days = found.reached.day
    total = 80 * 500
    empirical = np.cumsum(np.bincount(days, minlength=3_653))[:3_000] / total
    bound = np.sqrt(np.log(2 / 1e-6) / (2 * total))
    assert bound < 0.015 and np.abs(empirical - cdf).max() <= bound


def test_competing_exits_have_their_own_incidence() -> None:
    # Aalen and Johansen (1978): of two exits with chances p, q and waits F, G, the shares gone to
    # each by day d are p F(d) and q G(d).
    subject = story(
        journeys={"j": {"begins": "a", "states": {
            "a": {"exits": {
                "b": {"without": "30%", "after": {"weibull": {"shape": 1.5, "scale": "300 days"}}},
                "c": {"without": "50%", "after": {"gamma": {"shape": 2, "scale": "200 days"}}}}},
            "b": {}, "c": {}}}},
        outcomes={name: {"read": "reached", "journey": "j", "state": name} for name in ("b", "c")},
    )  # fmt: skip
    rows = block(subject, trials=80).reached
    total = 80 * 500
    cases = ((0, 0.3, stats.weibull_min(1.5, scale=300)), (1, 0.5, stats.gamma(2, scale=200)))
    for place, chance, theory in cases:
        for day in (100, 300, 900):
            gone = int(((rows.outcome == place) & (rows.day <= day)).sum())
            assert_share(gone, total, chance * float(theory.cdf(day + 0.5)), detect=0.02)


def test_effects_on_an_exit() -> None:
    # A hazard ratio h turns the share gone F into 1 - (1 - F)^h at every moment; the rest as named.
    wait = {"exponential": {"mean": "300 days"}}
    cases: list[tuple[dict[str, Any], Any]] = [
        ({"hazard_ratio": 0.5}, lambda f: 1 - (1 - 0.6 * f) ** 0.5),
        ({"risk_ratio": 0.5}, lambda f: 0.3 * f),
        ({"risk_difference": "10%"}, lambda f: 0.7 * f),
        ({"odds_ratio": 2}, lambda f: 0.75 * f),
    ]
    for effect, theory in cases:
        subject = story(
            journeys={"j": {"begins": "a", "states": {
                "a": {"exits": {"b": {"without": "60%", "effect": effect, "after": wait}}},
                "b": {}}}},
            outcomes={"b": {"read": "reached", "journey": "j", "state": "b"}},
        )  # fmt: skip
        found = block(subject, trials=40)
        for rows, wanted in ((found.reached, theory), (found.otherwise, lambda f: 0.6 * f)):
            for day in (150, 600):
                f = float(stats.expon(scale=300).cdf(day + 0.5))
                gone = int((rows.day <= day).sum())
                assert_share(gone, 20_000, float(wanted(f)), detect=0.03)


def test_added_days_add_days() -> None:
    subject = story(
        journeys={"j": {"begins": "a", "states": {
            "a": {"exits": {"b": {"without": "100%", "effect": {"added_days": 30},
                                  "after": {"uniform": ["50 days", "90 days"]}}}},
            "b": {}}}},
        outcomes={"b": {"read": "reached", "journey": "j", "state": "b"}},
    )  # fmt: skip
    found = block(subject)
    assert np.array_equal(np.sort(found.reached.day), np.sort(found.otherwise.day) + 30)


def test_rules_change_in_the_middle_of_a_stay() -> None:
    # With the service the hazard is nil, without it 1 / 300 a day. The effect is over on day 100:
    # from then on the hazard is that without the service, for those still there, so by day d the
    # share gone is 1 - exp(-(d - 99) / 300), and nobody has gone before.
    subject = deal(
        programme={"start": "2027-04", "months": 120},
        people={"all": {"referrals": 500, "over": "1 day", "stay": "100 days", "lasts": "0 days"}},
        journeys={"j": {"begins": "a", "states": {
            "a": {"exits": {"b": {"without": "100%", "chance": "0%",
                                  "after": {"exponential": {"mean": "300 days"}}}}},
            "b": {}}}},
        outcomes={"b": {"read": "reached", "journey": "j", "state": "b"}},
    )  # fmt: skip
    rows = block(subject, trials=40).reached
    assert rows.day.min() >= 100
    for day in (200, 500):
        expected = float(stats.expon(scale=300).cdf(day - 99))
        assert_share(int((rows.day <= day).sum()), 20_000, expected, detect=0.03)


def test_days_in_a_state_follow_alternating_renewal() -> None:
    # On for 30 days on average, off for 70, exponential: from "off", the chance of being on at time
    # t is 0.3 (1 - exp(-t (1/30 + 1/70))) (Cox, Renewal Theory, 1962, ch. 7). A stay of under a day
    # counts as one, which adds about half a day in 100 to each.
    on, off = 300.0, 700.0
    wait = {name: {"exponential": {"mean": f"{mean:g} days"}}
            for name, mean in (("on", on), ("off", off))}  # fmt: skip
    subject = story(
        journeys={"j": {"begins": "off", "states": {
            "off": {"exits": {"on": {"without": "100%", "after": wait["off"]}}},
            "on": {"exits": {"off": {"without": "100%", "after": wait["on"]}}}}}},
        outcomes={"days": {"read": "days_in", "journey": "j", "state": "on"}},
    )  # fmt: skip
    rows = block(subject, trials=200).reached
    end = 3_653.0
    rate = 1 / on + 1 / off
    expected = on / (on + off) * (end - (1 - np.exp(-rate * end)) / rate)
    by_trial = np.bincount(rows.trial, weights=rows.amount, minlength=200) / 500
    assert_mean(by_trial, expected, detect=15)


@pytest.mark.parametrize("dispersion", [0, 0.5, 2])
def test_counts_are_negative_binomial(dispersion: float) -> None:
    # Poisson with a gamma rate of mean m and variance d m^2: size 1/d, p = 1 / (1 + d m)
    # (Greenwood and Yule, 1920). One year of 1.5 a year, with half of that with the service.
    subject = story(
        events={"e": {"without": "1.5 a year", "rate_ratio": 0.5, "dispersion": dispersion}},
        outcomes={"n": {"read": "number_of", "events": "e", "within": "365 days"}},
    )
    found = block(subject, trials=80)
    k = np.arange(40)
    for rows, mean in ((found.reached, 0.75), (found.otherwise, 1.5)):
        mean = mean * 365 / 365.25
        counts = np.bincount(rows.trial.astype(int) * 500 + rows.person, minlength=80 * 500)
        cdf = stats.poisson.cdf(k, mean)
        if dispersion:
            cdf = stats.nbinom.cdf(k, 1 / dispersion, 1 / (1 + dispersion * mean))
        assert_distribution(counts, cdf, detect=0.04)


def test_thinning_and_seasons() -> None:
    # A Poisson process at half the rate has half the events (Lewis and Shedler, 1979), and a season
    # puts two thirds of a year's events where two thirds of its weight is.
    season = [2] * 6 + [1] * 6
    subject = story(
        events={"e": {"without": "2 a year", "season": season}},
        outcomes={"n": {"read": "number_of", "events": "e", "within": "10 years"}},
    )
    rows = block(subject, trials=20).otherwise
    timeline = subject.timeline
    month = (timeline.start.month - 1 + timeline.month_of_day[rows.day]) % 12
    days = np.bincount((timeline.start.month - 1 + timeline.month_of_day[:3_652]) % 12)
    weight = np.array(season) * days
    share = weight[:6].sum() / weight.sum()
    assert_share(int((month < 6).sum()), len(rows), float(share), detect=0.01)


def test_a_state_changes_the_rate_of_events() -> None:
    # A year in state b (from the first day on, after a day in a) at a third of the rate.
    subject = story(
        journeys={"j": {"begins": "a", "states": {
            "a": {"exits": {"b": {"without": "100%", "after": "1 day"}}}, "b": {}}}},
        events={"e": {"without": "3 a year",
                      "during": {"journey": "j", "state": "b", "rate_ratio": 0.3333333333333333}}},
        outcomes={"n": {"read": "number_of", "events": "e", "within": "365 days"}},
    )  # fmt: skip
    rows = block(subject, trials=60).otherwise
    counts = np.bincount(rows.trial.astype(int) * 500 + rows.person, minlength=60 * 500)
    assert_mean(counts, 3 / 365.25 * (1 + 364 / 3), detect=0.05)


def test_a_shared_shock_widens_the_spread_between_trials() -> None:
    # Without a shock the variance of a share is p (1 - p) / n; a shock of sd 0.8 on the log-odds
    # adds about (p (1 - p) 0.8)^2. Two sites with shocks of their own are not correlated; with one,
    # they are.
    people = {f"c{n}": {"referrals": 200, "over": "1 day", "site": f"site {n}"} for n in range(2)}
    read = {"o": {"chance": "50%", "without": "50%", "after": "1 day"}}
    correlation = {}
    for shared in ("everyone", "site"):
        subject = deal(people=people, outcomes=read, shocks={"s": {"sd": 0.8, "shared_by": shared}})
        rows = block(subject, trials=2_000).reached
        shares = np.bincount(rows.trial.astype(int) * 2 + rows.cohort, minlength=4_000)
        correlation[shared] = np.corrcoef(shares.reshape(2_000, 2).T / 200)[0, 1]
        assert 0.15 < shares.std() / 200 < 0.20
    assert correlation["everyone"] > 0.9
    assert abs(correlation["site"]) < 0.12  # 5 standard errors: 5 / sqrt(2000) = 0.11
