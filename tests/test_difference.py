"""Difference in differences: by hand, against exact chances, and against its textbook variance."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
from conftest import with_values
from scipy import stats
from statistical import assert_mean, assert_share

import sibsim
from sibsim.contract.terms import Compared
from sibsim.errors import ScenarioError
from sibsim.measuring import Measured, split
from sibsim.people.engine import simulate_block
from sibsim.scenario.deal import MONEY, Scenario
from sibsim.streams import Luck

SERVED, GROUP, TRIALS = 20, 15, 6_000
BEFORE, BEFORE_GROUP = 0.3, 0.45

DEAL: dict[str, Any] = {
    "sibsim": 1, "title": "Change", "programme": {"start": "2027-04", "months": 12},
    "people": {"all": {"referrals": SERVED, "over": "1 day"}},
    "outcomes": {"work": {"chance": "65%", "without": "40%", "after": "1 day"}},
    "evidence": {"others": {"design": "difference_in_differences", "group": GROUP,
                            "before": BEFORE, "before_group": BEFORE_GROUP}},
    "contract": {"result": {
        "pay": "by_result", "for": "work", "result": "added", "evidence": "others",
        "bands": {"target": {"from": "10%", "pays": "£1,000"}},
    }},
}  # fmt: skip


def measured(deal: Scenario, trials: int, seed: int = 1) -> Measured:
    """What the evidence of a deal sees."""
    luck = Luck(seed, 0, trials)
    block = simulate_block(deal.drawn(luck).population, deal.timeline, luck)
    return Measured(deal, deal.drawn(luck, MONEY), *split(deal, block), luck)


def found(changes: dict[str, Any], result: str = "added", trials: int = TRIALS) -> np.ndarray:
    """What the evidence finds in each trial."""
    deal = sibsim.load(with_values(DEAL, changes))
    asked = Compared(for_=next(iter(deal.outcomes)), result=result, evidence="others")
    return measured(deal, trials).find(asked, 0, deal.timeline.months)


@pytest.mark.parametrize(("result", "expected"), [
    # All reach it with the service, nobody without; before, nobody had it here and all had it
    # there: 1 - 0 against (0 + 1 - 0 + 0.25) - 1, so 0.25 would have been.
    ("added", 0.75), ("more", 15.0), ("fewer", 0.0), ("increase", 3.0), ("reduction", -3.0),
])  # fmt: skip
def test_by_hand(result: str, expected: float) -> None:
    changes = {"outcomes.work.chance": "100%", "outcomes.work.without": "0%",
               "evidence.others.before": 0, "evidence.others.before_group": 1,
               "evidence.others.trend": 0.25}  # fmt: skip
    assert found(changes, result, 3).tolist() == [expected] * 3


def test_without_a_before_it_is_a_comparison() -> None:
    nothing = {"evidence.others.before": 0, "evidence.others.before_group": 0}
    plain = {"evidence.others": {"design": "comparison", "group": GROUP}}
    assert (found(nothing, trials=200) == found(plain, trials=200)).all()


def paid_chance(p: float, significance: float | None, trend: float) -> float:
    """Chance that the band is reached, over every four counts, by the definition."""
    w, b = np.arange(SERVED + 1), np.arange(SERVED + 1)
    c, g = np.arange(GROUP + 1), np.arange(GROUP + 1)
    chance = np.einsum(
        "i,j,k,l->ijkl",
        stats.binom.pmf(w, SERVED, p), stats.binom.pmf(b, SERVED, BEFORE),
        stats.binom.pmf(c, GROUP, 0.4), stats.binom.pmf(g, GROUP, BEFORE_GROUP),
    )  # fmt: skip
    w, b, c, g = np.ix_(w / SERVED, b / SERVED, c / GROUP, g / GROUP)
    gap = (w - b) - (c + BEFORE_GROUP - BEFORE + trend - g)
    if significance is not None:
        # The sample variance of a share x of n people, over n: x (1 - x) / (n - 1).
        error = (sum(x * (1 - x) / (SERVED - 1) for x in (w, b))
                 + sum(x * (1 - x) / (GROUP - 1) for x in (c, g))) ** 0.5  # fmt: skip
        gap = np.where(np.abs(gap) > stats.norm.ppf(1 - significance / 2) * error, gap, 0.0)
    # Rounding alone never decides: no gap is as near to the band as this.
    assert (np.abs(gap - 0.1) > 1e-9).all()
    return float(chance[gap + 1e-12 >= 0.1].sum())


@pytest.mark.parametrize(("significance", "trend"), [(None, 0.013), (0.05, 0.013), (0.3, -0.107)])
def test_paid_for_nothing_and_for_something_have_their_exact_chances(
    significance: float | None, trend: float
) -> None:
    design = DEAL["evidence"]["others"] | {"trend": trend}
    design |= {} if significance is None else {"significance": significance}
    deal = sibsim.load(with_values(DEAL, {"evidence.others": design}))
    row = sibsim.evidence(deal, trials=TRIALS, seed=1).rows[0]
    assert row.group == GROUP
    for share, p in ((row.pays, 0.65), (row.pays_for_nothing, 0.4)):
        assert_share(round(share * TRIALS), TRIALS, paid_chance(p, significance, trend),
                     detect=0.05)  # fmt: skip


def test_its_variance_is_that_of_the_textbook() -> None:
    # Four independent averages: the sum of p (1 - p) / n (Angrist and Pischke, 2009, section 5.2,
    # for repeated cross-sections).
    x = found({}, trials=20_000)
    expected = sum(p * (1 - p) / n for p, n in (
        (0.65, SERVED), (BEFORE, SERVED), (0.4, GROUP), (BEFORE_GROUP, GROUP)
    ))  # fmt: skip
    assert_mean(x, 0.65 - 0.4, detect=0.02)
    assert_mean((x - 0.25) ** 2, expected, detect=0.08 * expected)


def test_what_always_differed_cancels_and_another_trend_does_not() -> None:
    alike, unlike = (found({"evidence.others.before_group": level}) for level in (0.3, 0.6))
    assert_mean(alike, 0.25, detect=0.03)
    assert_mean(unlike, 0.25, detect=0.03)
    apart = found({"evidence.others.trend": 0.1}) - found({})
    assert apart == pytest.approx(np.full(TRIALS, -0.1)), "person by person the same luck"


def test_a_trend_that_nobody_knows_is_drawn_once_a_trial() -> None:
    x = found({"evidence.others.trend": {"normal": {"mean": 0, "sd": 0.2}}})
    extra = (x - found({})) ** 2
    assert_mean(extra, 0.2**2, detect=0.006)


def counted() -> dict[str, Any]:
    """A deal about events, which each person has any number of."""
    made = with_values(DEAL, {"outcomes": {"arrests": {"read": "number_of", "events": "arrests"}}})
    made["events"] = {"arrests": {"without": "2 a year", "rate": "1.2 a year"}}
    made["contract"]["result"] |= {"for": "arrests", "result": "fewer",
                                   "bands": {"target": {"from": 5, "pays": "£1,000"}}}  # fmt: skip
    made["evidence"]["others"] |= {"before": 3, "before_group": 2.5, "spread": 1.5}
    return made


def test_of_what_is_counted_the_averages_before_are_normal() -> None:
    deal = sibsim.load(counted())
    asked = Compared(for_="arrests", result="added", evidence="others")
    x = measured(deal, 20_000).find(asked, 0, 12)
    # Poisson numbers over the days of the contract but the first: their variance is their mean.
    years = 366 / 365.25
    expected = 1.2 * years / SERVED + 2 * years / GROUP + 1.5**2 * (1 / SERVED + 1 / GROUP)
    assert_mean(x, -0.8 * years, detect=0.04)
    assert_mean((x + 0.8 * years) ** 2, expected, detect=0.08 * expected)


def test_nobody_else_is_moved() -> None:
    with_, without = copy.deepcopy(DEAL), copy.deepcopy(DEAL)
    for data in (with_, without):
        data["contract"]["each"] = {"pay": "per_outcome", "for": "work", "price": "£10"}
    del without["evidence"], without["contract"]["result"]["evidence"]
    one, other = (sibsim.run(sibsim.load(d), trials=50, seed=4) for d in (with_, without))
    assert (one.tables.paid[:, 1] == other.tables.paid[:, 1]).all()
    assert (one.tables.reached == other.tables.reached).all()


def test_results_do_not_hang_on_blocks() -> None:
    deal = sibsim.load(DEAL)
    whole, parts = (
        sibsim.settle(deal, sibsim.simulate(deal, trials=60, seed=9, block_trials=size))
        for size in (60, 7)
    )
    assert (whole.tables.paid == parts.tables.paid).all() and whole.tables.paid.any()


def test_show_says_what_is_compared() -> None:
    from sibsim.report.words import read_back

    said = " ".join(read_back(sibsim.load(DEAL)))
    assert ("The change from 0.3 before the service is compared with the change from 0.45 of 15 "
            "other people who are not served.") in said  # fmt: skip


FAULTS = [
    ({"evidence.others": {"design": "difference_in_differences", "group": 9}},
     "evidence.others: `before` is missing"),
    ({"evidence.others.before": -1}, "evidence.others.before"),
    ({"evidence.others.before": 45},
     "evidence.others.before: 45, for `work`, which people reach or not / allowed: at most 1: the "
     "share who had it before / try: before: 0.45"),
    ({"evidence.others.before_group": 30}, "evidence.others.before_group: 30, for `work`"),
    ({"evidence.others.spread": 2}, "evidence.others.spread: a spread, for `work`"),
    ({"evidence.others.bias": 0.1}, "evidence.others.bias"),
    ({"contract.result.result": "standardised"},
     "contract.result.result: `standardised` of a difference in differences"),
    ({"contract.result.result": "rate"}, "contract.result.result: `rate` of a difference"),
    ({"contract.result": {"pay": "per_outcome", "for": "work", "price": "£5",
                          "evidence": "others"}},
     "contract.result.evidence: `others`, which compares"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "said"), FAULTS, ids=[said for _, said in FAULTS])
def test_mistakes_are_named_by_their_address(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        sibsim.load(with_values(DEAL, changes))
    assert said in str(caught.value)


def test_what_is_counted_needs_a_spread_and_one_design_is_of_one_outcome() -> None:
    data = counted()
    del data["evidence"]["others"]["spread"]
    data["outcomes"]["work"] = DEAL["outcomes"]["work"]
    data["contract"]["second"] = DEAL["contract"]["result"] | {"evidence": "others"}
    with pytest.raises(ScenarioError) as caught:
        sibsim.load(data)
    said = str(caught.value)
    assert "evidence.others.spread: is missing, for `arrests`, which counts events" in said
    assert "evidence.others: what there was before, for arrests and work" in said


def test_a_change_is_not_compared_as_a_change_of_changes() -> None:
    data = with_values(DEAL, {"outcomes": {"better": {"read": "change_in", "score": "star",
                                            "at": "6 months"}}})  # fmt: skip
    data["scores"] = {"star": {"start": 40, "without": "-2 a year", "change": "8 a year",
                               "assessed": ["0 days", "6 months"]}}  # fmt: skip
    data["contract"]["result"] |= {"for": "better"}
    with pytest.raises(ScenarioError) as caught:
        sibsim.load(data)
    assert "which is a change already" in str(caught.value)
    data["evidence"]["others"] = {"design": "comparison", "group": 20}
    sibsim.load(data)
