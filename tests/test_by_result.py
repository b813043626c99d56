"""Payment for the result of a whole contract: by hand, against a second reckoning, and in a run."""

from __future__ import annotations

import copy
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sibsim
from sibsim.contract.agreement import Contract
from sibsim.contract.mechanisms import MECHANISMS, Seen
from sibsim.contract.pay import pay_counts
from sibsim.contract.results import RESULTS, Results
from sibsim.contract.terms import Band, ByResult, PerEffect
from sibsim.errors import ScenarioError
from sibsim.quantities import plain

DEAL: dict[str, Any] = {
    "sibsim": 1, "title": "Results", "programme": {"start": "2027-04", "months": 12},
    "people": {"all": {"referrals": 200, "over": "1 month"}},
    "outcomes": {"work": {"chance": "60%", "without": "40%", "after": "30 days"},
                 "home": {"chance": "20%", "without": "50%", "after": "30 days"}},
    "contract": {"result": {"pay": "by_result", "for": "work", "result": "increase", "lag": 2,
                            "bands": {"low": {"from": "10%", "pays": "£1,000"},
                                      "high": {"from": "40%", "pays": "£4,000"}}}},
}  # fmt: skip


def bands(*pairs: tuple[float, float], between: str = "step") -> ByResult:
    """A term of bands (result, pounds)."""
    made = {f"b{n}": Band(plain(at), plain(pays * 100)) for n, (at, pays) in enumerate(pairs)}
    return ByResult(for_="work", result="reduction", bands=made, between=between)


def amount(term: Any, result: float) -> float:
    """What a term pays, in pounds; all of it in the last month."""
    seen = Seen(1, 3, 3, np.zeros((1, 1)), find=lambda *_: np.array([result]))
    made = MECHANISMS[type(term)](term, seen)
    assert made[0, :2].tolist() == [0, 0]
    return float(made[0, 2]) / 100


@pytest.mark.parametrize(("result", "paid"), [
    (-0.5, 0), (0.0, 0), (0.1999, 0), (0.2, 3_200_000), (0.25, 4_000_000), (0.3, 4_800_000),
    (0.38, 5_104_000), (0.65, 6_130_000), (0.9, 6_130_000),
])  # fmt: skip
def test_denver_pays_on_two_slopes_above_a_threshold(result: float, paid: float) -> None:
    # $160,000 a point up to 30 points, $38,000 a point from there to 65; nothing below 20.
    term = bands((0.20, 3_200_000), (0.30, 4_800_000), (0.65, 6_130_000), between="line")
    assert amount(term, result) == paid


@pytest.mark.parametrize(("result", "paid"), [
    (0.0, 0), (0.084, 0), (0.085, 4_800_000), (0.0999, 4_800_000), (0.1, 9_600_000),
    (0.125, 10_272_000), (0.1599, 10_368_000), (0.25, 11_712_000),
])  # fmt: skip
def test_able_pays_in_steps(result: float, paid: float) -> None:
    term = sibsim.load("able").contract.terms["fewer_jail_days"]
    assert amount(term, result) == paid


def test_a_result_that_misses_a_band_by_rounding_alone_is_in_it() -> None:
    assert 0.1 + 0.2 > 0.3 > 1 - 0.7000000000000001
    assert amount(bands((0.3, 50)), 1 - 0.7000000000000001) == 50


def second(pairs: list[tuple[float, int]], between: str, result: float) -> int:
    """The same from its sentence, one number at a time, in pence."""
    if result + 1e-12 < pairs[0][0]:
        return 0
    for (low, a), (high, b) in pairwise(pairs):
        if result + 1e-12 < high:
            if between == "step":
                return a
            share = min(1.0, max(0.0, (result - low) / (high - low)))
            return int(np.floor(a + share * (b - a) + 0.5))
    return pairs[-1][1]


CARDS = st.lists(
    st.tuples(st.integers(-50, 200), st.integers(0, 9_000_00)), min_size=1, max_size=6,
    unique_by=lambda pair: pair[0],
).map(sorted)  # fmt: skip


@given(CARDS, st.sampled_from(["step", "line"]), st.floats(-1, 3))
def test_bands_against_a_second_reckoning(
    card: list[tuple[int, int]], between: str, result: float
) -> None:
    term = bands(*((at / 100, pays / 100) for at, pays in card), between=between)
    expected = second([(at / 100, pays) for at, pays in card], between, result)
    assert round(amount(term, result) * 100) == expected


@given(CARDS, st.sampled_from(["step", "line"]), st.floats(-1, 3), st.floats(0, 1))
def test_where_bands_rise_a_better_result_never_pays_less(
    card: list[tuple[int, int]], between: str, result: float, better: float
) -> None:
    rising = zip((at for at, _ in card), sorted(pays for _, pays in card), strict=True)
    term = bands(*((at / 100, pays / 100) for at, pays in rising), between=between)
    assert amount(term, result + better) >= amount(term, result)


def test_results_by_hand() -> None:
    # With, without, started: 30 of 50 against 40; and nothing to compare with.
    found = Results(np.array([[30], [5]]), np.array([[40.0], [0.0]]), np.array([[50], [0]]))
    expected = {"reduction": [0.25, 0], "increase": [-0.25, 0], "rate": [0.6, 0],
                "added": [-0.2, 0], "standardised": [0, 0], "fewer": [10, 0],
                "more": [0, 5]}  # fmt: skip
    assert {name: found.of(0, name).tolist() for name in RESULTS} == expected


def test_a_price_for_each_one_fewer() -> None:
    # Utah: 109 children who needed no special education.
    term = PerEffect(for_="work", result="fewer", price=plain(2_449_54))
    assert amount(term, 109) == 267_000 - 0.14
    assert amount(term, 0) == 0


def test_caps_hold_for_results_too() -> None:
    term = PerEffect(for_="work", result="fewer", price=plain(75_00), cap=plain(5_000_00))
    found = pay_counts(Contract({"days": term}), {}, {"days": np.array([100.0])}, {})
    assert found.owed.tolist() == [[7_500_00]] and found.total.sum() == 5_000_00
    assert found.cut["term"].tolist() == [2_500_00]


@pytest.mark.parametrize(("result", "low", "high"), [
    ("reduction", 0.5, 0.7), ("increase", 0.1, 0.7), ("rate", 0.5, 0.7), ("added", 0.1, 0.3),
])  # fmt: skip
def test_a_run_pays_for_the_result_of_each_trial(result: str, low: float, high: float) -> None:
    data = copy.deepcopy(DEAL)
    term = data["contract"]["result"] | {"result": result, "between": "line"}
    term["bands"] = {"low": {"from": low, "pays": "£1,000"},
                     "high": {"from": high, "pays": "£4,000"}}  # fmt: skip
    data["contract"] = {"result": term | {"for": "home" if result == "reduction" else "work"}}
    run = sibsim.run(sibsim.load(data), trials=60, seed=3)
    place = list(run.deal.outcomes).index(data["contract"]["result"]["for"])
    for trial in range(60):
        w, v = int(run.tables.reached[trial, place]), int(run.tables.otherwise[trial, place])
        r = {"reduction": (v - w) / v, "increase": (w - v) / v, "rate": w / 200,
             "added": (w - v) / 200}[result]  # fmt: skip
        expected = second([(low, 1_000_00), (high, 4_000_00)], "line", r)
        assert run.tables.paid[trial, 0] == expected
        payments = run.tables.ledger[0].amount[trial]
        assert payments[13] == expected == payments.sum(), "two months after the last"
    assert len(set(run.tables.paid[:, 0].tolist())) > 5


def test_what_only_the_comparison_changes_needs_no_new_people() -> None:
    deal = sibsim.load(DEAL)
    people = sibsim.simulate(deal, trials=50, seed=2)
    dearer = deal.replace({"contract.result.bands.high.pays": "£9,000"})
    more = sibsim.settle(dearer, people).tables.paid - sibsim.settle(deal, people).tables.paid
    assert set(more.ravel().tolist()) <= {0, 5_000_00} and more.any()


FAULTS = [
    ({"bands": {}}, "contract.result.bands"),
    ({"bands": {"a": {"from": "40%", "pays": "£1"}, "b": {"from": "40%", "pays": "£2"}}},
     "contract.result.bands.b.from: 0.4 after 0.4 of `a` / allowed: bands that rise"),
    ({"bands": {"a": {"from": "40%", "pays": "lots"}}}, "contract.result.bands.a.pays"),
    ({"result": "reduction", "bands": {"a": {"from": 20, "pays": "£1"}}},
     "contract.result.bands.a.from: a reduction by 20 times what there was / allowed: at most"),
    ({"bands": {"a": {"from": "lots", "pays": "£1"}}}, "contract.result.bands.a.from"),
    ({"between": "curve"}, "contract.result.between"),
    ({"result": "less"}, "contract.result.result"),
    ({"for": "nothing"}, "contract.result.for"),
    ({"price": "£5"}, "contract.result.price: `price` belongs to `pay: per_outcome`"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "said"), FAULTS, ids=[said for _, said in FAULTS])
def test_mistakes_are_named_by_their_address(changes: dict[str, Any], said: str) -> None:
    data = copy.deepcopy(DEAL)
    data["contract"]["result"] |= changes
    with pytest.raises(ScenarioError) as caught:
        sibsim.load(data)
    assert said in str(caught.value)


@pytest.mark.parametrize(("line", "said"), [
    ({"units": 5}, "backtest.lines.result: no `result` / allowed: the result that was found"),
    ({}, "backtest.lines.result"),
])  # fmt: skip
def test_a_back_test_of_a_result_needs_one(line: dict[str, Any], said: str) -> None:
    data = copy.deepcopy(DEAL) | {"backtest": {"published": "£4,000", "lines": {"result": line}}}
    with pytest.raises(ScenarioError) as caught:
        sibsim.load(data)
    assert said in str(caught.value)
    data["backtest"]["lines"]["result"] = {"result": "45%"}
    assert sibsim.backtest(sibsim.load(data)).passed


def test_show_reads_it_back_with_an_example() -> None:
    from sibsim.report.words import read_back

    text = " ".join(read_back(sibsim.load(DEAL)))
    assert "£1,000 from 10%, £4,000 from 40%, level between these, nothing below" in text
    assert "Example: a result of 40% comes to £4,000." in text
