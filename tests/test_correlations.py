"""Correlated inputs: each as it was alone, together as asked, and nobody else moved.

In: factors of small matrices, half a million draws, a tiny deal. Out: proof that a correlation
moves only what it names. Not here: words for what is wrong with correlations (`test_bad_input`).
"""

from __future__ import annotations

import json
import math
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from conftest import tiny_data
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from statistical import ALPHA, POWER, assert_distribution

import sibsim
from sibsim.cli import main
from sibsim.copula import Copula, factor, normal, shrinkage
from sibsim.scenario.deal import MONEY, PEOPLE, Scenario
from sibsim.scenario.variants import changes_people, value_at
from sibsim.streams import Luck

WORK, STAY, AMOUNT = "outcomes.work.chance", "outcomes.stay.chance", "savings.benefits.amount"
PRICE, ENGAGE = "contract.job.price", "people.young.engage"
ADDRESSES = (ENGAGE, WORK, STAY, PRICE, AMOUNT)
MANY = 400_000


def deal(**ranks: tuple[str, str, Any]) -> Scenario:
    """The tiny deal with five uncertain numbers, correlated by name."""
    data = tiny_data()
    data["people"]["young"]["engage"] = {"uniform": ["60%", "90%"]}
    data["outcomes"]["work"]["chance"] = {"beta": {"mean": "60%", "sd": "9%"}}
    data["outcomes"]["stay"]["chance"] = {"triangular": ["30%", "50%", "70%"]}
    data["contract"]["job"]["price"] = {"pert": ["£1,000", "£2,000", "£4,000"]}
    data["savings"]["benefits"]["amount"] = {"p10": "£5,000 a year", "p90": "£8,000 a year"}
    if ranks:
        data["correlations"] = {
            name: {"between": one, "and": other, "rank": rank}
            for name, (one, other, rank) in ranks.items()
        }
    return sibsim.load(data)


def values(scenario: Scenario, trials: int = 500, first: int = 0) -> dict[str, list[float]]:
    """Every uncertain number in every trial."""
    drawn = scenario.drawn(Luck(7, first, trials))
    return {address: value_at(drawn, address).values.tolist() for address in ADDRESSES}


# --- the factor -----------------------------------------------------------------------------------

RANKS = st.integers(2, 6).flatmap(
    lambda n: st.tuples(
        st.just(n),
        st.fixed_dictionaries(
            {(k, j): st.floats(-1, 1) for k in range(n) for j in range(k)}
        ),
    )
)


def matrix(count: int, ranks: dict[tuple[int, int], float]) -> Any:
    """The normal correlations as a whole matrix."""
    made = np.eye(count)
    for (k, j), rank in ranks.items():
        made[k, j] = made[j, k] = 2 * math.sin(math.pi * rank / 6)
    return made


@settings(deadline=None)
@given(RANKS)
def test_the_factor_is_numpys_wherever_there_is_one(given_: tuple[int, Any]) -> None:
    count, ranks = given_
    whole = matrix(count, ranks)
    lowest = float(np.linalg.eigvalsh(whole)[0])
    assume(abs(lowest) > 1e-6)
    rows = factor(count, ranks)
    assert (rows is not None) == (lowest > 0)
    if rows is not None:
        full = np.array([[*row, *[0.0] * (count - len(row))] for row in rows])
        assert np.allclose(full, np.linalg.cholesky(whole), atol=1e-6)
        assert shrinkage(count, ranks) == 1.0
    else:
        shrunk = shrinkage(count, ranks)
        smaller = {pair: rank * shrunk for pair, rank in ranks.items()}
        larger = {pair: rank * (shrunk + 0.01) for pair, rank in ranks.items()}
        assert np.linalg.eigvalsh(matrix(count, smaller))[0] > -1e-6
        assert np.linalg.eigvalsh(matrix(count, larger))[0] < 1e-6


def test_full_correlation_is_a_correlation() -> None:
    assert factor(2, {(1, 0): 1.0}) is not None
    assert factor(3, {(1, 0): -1.0, (2, 0): 1.0, (2, 1): -1.0}) is not None
    assert factor(3, {(1, 0): 1.0, (2, 0): 0.5}) is None, "the third with one of two that are one"
    assert factor(3, {(1, 0): 1.0, (2, 0): 1.0, (2, 1): 0.9}) is None


def test_rank_correlation_of_one_gives_the_same_ranks() -> None:
    one, other = (np.array(v) for v in (values(deal(a=(WORK, AMOUNT, 1)))[n]
                                        for n in (WORK, AMOUNT)))  # fmt: skip
    assert (np.argsort(one) == np.argsort(other)).all()
    against = values(deal(a=(WORK, AMOUNT, -1)))
    assert (np.argsort(against[WORK]) == np.argsort(against[AMOUNT])[::-1]).all()


def test_a_uniform_of_nil_and_one_next_to_1_have_a_normal(monkeypatch: pytest.MonkeyPatch) -> None:
    ends = np.array([0.0, 2.0**-53, 0.5, 1 - 2.0**-53])
    monkeypatch.setattr(Luck, "uniforms", lambda self, address: ends)
    rows = factor(3, {(1, 0): 0.5, (2, 1): 0.5, (2, 0): 0.5})
    assert rows is not None
    made = Copula(("a", "b", "c"), rows).uniforms("c", Luck(1, 0, 4))
    assert (made >= 0).all() and (made < 1).all() and (np.diff(made) >= 0).all()


# --- what is drawn --------------------------------------------------------------------------------


def test_a_correlation_moves_only_the_later_of_its_two() -> None:
    before = values(deal())
    after = values(deal(a=(STAY, WORK, 0.6)))
    for address in ADDRESSES:
        assert (after[address] == before[address]) == (address != STAY), address


def test_another_correlation_moves_nothing_that_it_does_not_name() -> None:
    before = values(deal(a=(WORK, PRICE, "60%")))
    after = values(deal(a=(WORK, PRICE, "60%"), b=(STAY, AMOUNT, -0.5)))
    for address in ADDRESSES:
        assert (after[address] == before[address]) == (address != AMOUNT), address


def test_the_order_of_correlations_and_of_their_ends_does_not_matter() -> None:
    one = deal(a=(WORK, PRICE, 0.6), b=(STAY, AMOUNT, -0.5))
    assert values(one) == values(deal(b=(AMOUNT, STAY, "-50%"), a=(PRICE, WORK, 0.6)))


def test_a_rank_of_nil_is_no_correlation() -> None:
    assert values(deal(a=(WORK, PRICE, 0))) == values(deal())


def test_money_hangs_on_people_and_never_moves_them() -> None:
    base, other = deal(), deal(a=(AMOUNT, WORK, 0.8), b=(PRICE, AMOUNT, 0.5), c=(WORK, PRICE, 0.5))
    assert not changes_people(base, other)
    outcomes = sibsim.simulate(base, trials=40, seed=3)
    again = sibsim.run(other, trials=40, seed=3)
    assert sibsim.settle(other, outcomes).frame().equals(again.frame())
    assert again.frame()["claims.job"].equals(sibsim.settle(base, outcomes).frame()["claims.job"])


def test_correlated_people_are_other_people() -> None:
    base, other = deal(), deal(a=(WORK, STAY, 0.8))
    assert changes_people(base, other) and changes_people(other, deal(a=(WORK, STAY, 0.7)))
    assert not changes_people(other, deal(b=(STAY, WORK, "80%")))
    assert not changes_people(base, deal(a=(WORK, STAY, 0)))
    with pytest.raises(sibsim.UsageError, match="not those that were simulated"):
        sibsim.settle(other, sibsim.simulate(base, trials=5, seed=1))


def test_sections_drawn_apart_are_as_drawn_together() -> None:
    scenario = deal(a=(WORK, PRICE, 0.6), b=(STAY, AMOUNT, -0.5))
    luck = Luck(7, 0, 500)
    apart = scenario.drawn(luck, PEOPLE).drawn(luck, MONEY)
    for address, expected in values(scenario).items():
        assert value_at(apart, address).values.tolist() == expected
        assert value_at(scenario.drawn(luck, MONEY), address).drawn is None or address in (
            PRICE, AMOUNT,
        )  # fmt: skip


def test_results_do_not_depend_on_blocks_workers_or_engine() -> None:
    scenario = deal(a=(WORK, STAY, 0.6), b=(STAY, PRICE, -0.5), c=(ENGAGE, AMOUNT, 0.3))
    whole = sibsim.run(scenario, trials=60, seed=2, workers=1).frame()
    for block_trials, workers in ((1, 2), (7, 1), (60, 2)):
        outcomes = sibsim.simulate(scenario, trials=60, seed=2, block_trials=block_trials)
        assert sibsim.settle(scenario, outcomes, workers=workers).frame().equals(whole)
    assert sibsim.run(scenario, trials=60, seed=2, engine="simpy").frame().equals(whole)
    drawn, later = values(scenario, 500), values(scenario, 100, first=333)
    assert {name: found[333:433] for name, found in drawn.items()} == later


@pytest.mark.parametrize("rank", [0.6, -0.8, 0.2])
def test_marginals_are_kept_and_the_rank_correlation_is_what_was_asked(rank: float) -> None:
    scenario = deal(a=(WORK, STAY, rank), b=(STAY, AMOUNT, 0.3))
    luck, copula = Luck(11, 0, MANY), scenario.copula
    cells = np.arange(1, 1_001) / 1_000
    for address in (WORK, STAY, AMOUNT):
        uniforms = copula.uniforms(address, luck)
        assert_distribution((uniforms * 1_000).astype(int), cells, detect=0.01)
    drawn = scenario.drawn(luck)
    found = {
        address: np.argsort(np.argsort(value_at(drawn, address).values))
        for address in (WORK, STAY, AMOUNT)
    }
    for one, other, asked in ((WORK, STAY, rank), (STAY, AMOUNT, 0.3), (WORK, AMOUNT, 0.0)):
        # Fisher's z of Spearman's rank correlation has the variance (1 + rank^2 / 2) / (n - 3)
        # (Bonett and Wright, 2000, Psychometrika 65).
        error = math.sqrt((1 + asked**2 / 2) / (MANY - 3))
        limit = NormalDist().inv_cdf(1 - ALPHA / 2) * error
        achieved = float(np.corrcoef(found[one], found[other])[0, 1])
        assert abs(math.atanh(achieved) - math.atanh(asked)) <= limit
        # Power: taking the rank correlation for that of the normals would be found.
        wrong = 6 / math.pi * math.asin(asked / 2)
        gap = abs(math.atanh(wrong) - math.atanh(asked))
        seen = limit + NormalDist().inv_cdf(POWER) * error
        assert gap > seen or abs(asked) <= 0.5, "could not have failed"
    assert normal(rank) == pytest.approx(2 * math.sin(math.pi * rank / 6))


# --- what is told ---------------------------------------------------------------------------------


def test_what_is_achieved_is_that_of_the_inputs_of_the_run() -> None:
    scenario = deal(first=(WORK, AMOUNT, 0.6), second=(STAY, PRICE, "-40%"))
    result = sibsim.run(scenario, trials=300, seed=7)
    frame = result.correlations()
    assert frame["asked"].tolist() == [0.6, -0.4]
    assert frame.columns.tolist() == ["between", "and", "asked", "achieved"]
    own = values(scenario, 300)
    ranks = {name: np.argsort(np.argsort(v)) for name, v in own.items()}
    for name, (one, other) in {"first": (WORK, AMOUNT), "second": (STAY, PRICE)}.items():
        expected = np.corrcoef(ranks[one], ranks[other])[0, 1]
        assert frame.loc[name, "achieved"] == pytest.approx(expected)


def test_a_deal_without_correlations_has_none() -> None:
    assert sibsim.run(deal(), trials=3, seed=1).correlations().empty


def test_the_command_tells_what_is_achieved(tmp_path: Any) -> None:
    path = tmp_path / "deal.yaml"
    path.write_text(sibsim.dump(deal(together=(WORK, AMOUNT, 0.6))), encoding="utf-8")
    words = ["run", str(path), "--seed", "7", "--json", "-", "--trials"]
    done = CliRunner().invoke(main, [*words, "1000"])
    (told,) = json.loads(done.stdout)["correlations"].values()
    assert (told["between"], told["and"], told["asked"]) == (WORK, AMOUNT, 0.6)
    said = f"correlation together: asked 0.60, achieved {told['achieved']:.2f} over 1,000 trials"
    assert said in done.stderr.splitlines()
    done = CliRunner().invoke(main, [*words, "1"])
    assert json.loads(done.stdout)["correlations"]["together"]["achieved"] is None
    assert "correlation together: asked 0.60, none can be reckoned over 1 trial" in done.stderr
    shown = CliRunner().invoke(main, ["show", str(path)]).stdout
    assert f"together: {WORK} and {AMOUNT}, rank correlation 0.6." in shown


def test_a_fixed_end_is_an_error_by_address() -> None:
    with pytest.raises(sibsim.ScenarioError, match=r"correlations\.a\.and.*same value in every"):
        deal(a=(WORK, AMOUNT, 0.6)).replace({AMOUNT: "£6,000 a year"})


def test_a_stress_can_change_a_rank() -> None:
    other = deal(a=(WORK, AMOUNT, 0.6)).replace({"correlations.a.rank": "-30%"})
    assert values(other) == values(deal(a=(WORK, AMOUNT, -0.3)))


@pytest.mark.parametrize("full", [False, True])
def test_dump_reads_back_equal(full: bool, tmp_path: Any) -> None:
    scenario = deal(a=(WORK, PRICE, "-12.5%"), b=(AMOUNT, STAY, 0.123456789))
    path = tmp_path / "deal.yaml"
    path.write_text(sibsim.dump(scenario, full=full), encoding="utf-8")
    assert sibsim.load(path) == scenario
